"use strict";

/* The strip: the order of the pass, what is done, now and still to come, and why now. */

const TITLES = { forward: "Order of the program", backward: "Topological order", update: "Leaves" };
const MOST_CHIPS = 120;

const stripOf = (title, list, reason, nodes, steps, go) => {
  const passes = new Map();
  steps.forEach((step, index) => {
    if (!passes.has(step.phase)) passes.set(step.phase, []);
    if (step.node !== null) passes.get(step.phase).push({ node: step.node, index, why: step.why });
  });
  let shown = [];

  const chip = (member) => {
    const button = make("button", "", nodes[member.node].name);
    button.addEventListener("click", () => go(member.index));
    return make("li", "", button);
  };

  /* Of a long order, what is around now is shown, and the rest is counted. */
  const fill = (members, middle) => {
    const first = Math.max(Math.min(middle - MOST_CHIPS / 2, members.length - MOST_CHIPS), 0);
    const window = members.slice(first, first + MOST_CHIPS);
    const after = members.length - first - window.length;
    const fresh = window[0] !== shown[0] || window.length !== shown.length;
    if (!fresh) return;
    shown = window;
    list.replaceChildren(...window.map(chip));
    if (first) list.prepend(make("li", "rest", "… " + first + " done"));
    if (after) list.append(make("li", "rest", after + " to come …"));
  };

  const mark = (item, member, phase, index, use, uses) => {
    const waits = phase === "backward" && member.index > index && use < uses;
    const button = item.firstChild;
    item.className = member.index < index ? "done" : member.index === index ? "now" : waits ? "waiting" : "ready";
    button.dataset.arrived = waits && uses > 1 ? use + "/" + uses : "";
    button.tabIndex = member.index === Math.max(index, shown[0].index) ? 0 : -1;
    button.title = waits ? "waits: " + use + " of its " + uses + " uses have arrived" : member.index > index ? "ready" : member.why;
    if (member.index === index) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  };

  const explain = (step) => {
    reason.replaceChildren(make("span", "note", step.node === null ? "now: " : "why " + nodes[step.node].name + " now: "), step.why);
  };

  return {
    draw: (step, index, state) => {
      const members = passes.get(step.phase);
      title.textContent = TITLES[step.phase];
      fill(members, index - (members[0] || { index }).index);
      const items = [...list.children].filter((item) => item.className !== "rest");
      items.forEach((item, place) => {
        const member = shown[place];
        mark(item, member, step.phase, index, state[member.node].use, nodes[member.node].uses);
      });
      explain(step);
      const current = list.querySelector(".now") || list.firstElementChild;
      if (current) list.scrollLeft = current.offsetLeft - list.offsetLeft - list.clientWidth / 2 + current.clientWidth / 2;
    },
  };
};
