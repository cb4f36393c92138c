"use strict";

/* The strip: the order of the pass, what is done, now and still to come, and why now. */

const TITLES = { forward: "Order of the program", backward: "Topological order", update: "Leaves" };

const stripOf = (title, list, reason, nodes, steps, go) => {
  let phase = "";
  let members = [];

  const fill = (step) => {
    phase = step.phase;
    title.textContent = TITLES[phase];
    members = steps.map((member, index) => ({ node: member.node, index, phase: member.phase, why: member.why })).filter((member) => member.phase === phase && member.node !== null);
    list.replaceChildren(...members.map((member) => {
      const chip = make("button", "", nodes[member.node].name);
      chip.addEventListener("click", () => go(member.index));
      return make("li", "", chip);
    }));
  };

  const mark = (item, member, index, use, uses) => {
    const waits = phase === "backward" && member.index > index && use < uses;
    item.className = member.index < index ? "done" : member.index === index ? "now" : waits ? "waiting" : "ready";
    item.dataset.arrived = waits && uses > 1 ? use + "/" + uses : "";
    item.firstChild.tabIndex = member.index === Math.max(index, members[0].index) ? 0 : -1;
    item.firstChild.title = waits ? "waits: " + use + " of its " + uses + " uses have arrived" : member.index > index ? "ready" : member.why;
    if (member.index === index) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  };

  const explain = (step) => {
    reason.replaceChildren(make("span", "note", step.node === null ? "now: " : "why " + nodes[step.node].name + " now: "), step.why);
  };

  return {
    draw: (step, index, state) => {
      if (phase !== step.phase) fill(step);
      members.forEach((member, place) => mark(list.children[place], member, index, state[member.node].use, nodes[member.node].uses));
      explain(step);
      const current = list.querySelector(".now") || list.firstElementChild;
      if (current) list.scrollLeft = current.offsetLeft - list.offsetLeft - list.clientWidth / 2 + current.clientWidth / 2;
    },
  };
};
