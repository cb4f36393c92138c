"use strict";

/* The panel: the chain rule in symbols and in numbers; and the strip: the order of the pass.
   Text is set as text, never as markup. */

const make = (tag, className, ...children) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
};

const panelOf = (panel, symbol, nodes, reveal) => {
  const sign = (text) => make("span", "sign", text);
  const number = (text, kind) => make("span", "number " + (kind || "") + (isAlarming(text) ? " alarm" : ""), text);
  const factor = (text) => (text.startsWith("-") ? "(" + text + ")" : text);
  const fraction = (above, below) =>
    make("span", "fraction", make("span", "above", "∂" + above), make("span", "bar", "/"), make("span", "below", "∂" + below));

  const hole = (place) => {
    const button = make("button", "hole", "?");
    button.title = "Show the number (r)";
    button.setAttribute("aria-label", "Show the number");
    button.addEventListener("click", () => reveal(place));
    return button;
  };

  const chainRule = (step, part, place, hidden) => {
    const out = nodes[step.node].name;
    return make("p", "rule",
      make("span", "whole", fraction(symbol, part.name), sign("+="), fraction(symbol, out), sign("·"), fraction(out, part.name)),
      make("span", "whole", sign("="), number(step.upstream), sign("×"), number(factor(part.local)), sign("="),
        hidden(place) ? hole(place) : number(part.amount, "result")));
  };

  const localRule = (out, part) => {
    const line = make("p", "local", fraction(out, part.name), sign("="));
    if (part.rule && part.rule !== part.local) line.append(make("span", "formula", part.rule), sign("="));
    line.append(number(part.local));
    return line;
  };

  const isRight = (said, wanted) => {
    const text = said.trim().replace("−", "-").replace(",", ".");
    return text !== "" && (text === wanted || Math.abs(Number(text) - Number(wanted)) <= 0.005 * Math.abs(Number(wanted)));
  };

  const guess = (part, place) => {
    const input = make("input");
    input.type = "text";
    input.inputMode = "decimal";
    input.placeholder = "?";
    input.setAttribute("aria-label", "What will " + part.name + ".grad be?");
    const form = make("form", "guess", sign("→"), input, make("button", "", "Check"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      reveal(place, isRight(input.value, part.after));
    });
    return form;
  };

  const accumulation = (part, place, hidden) => {
    const line = make("p", "sum", make("span", "name", part.name + ".grad"));
    if (hidden(place)) line.append(guess(part, place));
    else if (part.before === null) line.append(number("·"), sign("→"), number(part.after, "result"));
    else line.append(sign("="), number(part.before), sign("+"), number(factor(part.amount)), sign("="), number(part.after, "result"));
    if (part.use) line.append(make("span", "uses", dots(part.use, part.uses) + "  use " + part.use + " of " + part.uses));
    return line;
  };

  const card = (step, part, place, hidden) => {
    const out = step.node === null ? null : nodes[step.node].name;
    const tone = part.received && !hidden(place) ? part.tone : "";
    if (!part.received) return make("article", "part", localRule(out, part));
    if (out === null) return make("article", "part " + tone, accumulation(part, place, hidden));
    return make("article", "part " + tone, chainRule(step, part, place, hidden), localRule(out, part), accumulation(part, place, hidden));
  };

  return {
    draw: (step, hidden) => {
      panel.replaceChildren(make("p", "expression", step.expr));
      if (step.phase === "backward" && step.node !== null) {
        panel.append(make("p", "upstream", make("span", "", "upstream"), fraction(symbol, nodes[step.node].name), sign("="), number(step.upstream)));
      }
      if (step.phase === "forward" && step.parts.length) panel.append(make("p", "note", "kept for the way back:"));
      panel.append(...step.parts.map((part, place) => card(step, part, place, hidden)));
      panel.append(...step.constants.map((name) => make("p", "note", name + " is a constant: nothing flows to it")));
      if (step.stale) panel.append(make("p", "note stale", step.stale));
      const facts = make("dl", "", make("dt", "", "why now"), make("dd", "", step.why));
      if (step.source) facts.append(make("dt", "", "made at"), make("dd", "source", step.source));
      panel.append(facts);
    },
    judge: (place, right) => {
      const verdict = make("p", right ? "verdict right" : "verdict wrong", right ? "✓ right" : "✗ not quite");
      panel.querySelectorAll(".part")[place].append(verdict);
    },
  };
};

const TITLES = { forward: "Order of the program", backward: "Topological order", update: "Leaves" };

const stripOf = (title, list, nodes, steps, go) => {
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
    item.firstChild.title = waits ? use + " of its " + uses + " uses have arrived" : member.index > index ? "ready" : member.why;
    if (member.index === index) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  };

  return {
    draw: (step, index, state) => {
      if (phase !== step.phase) fill(step);
      members.forEach((member, place) => mark(list.children[place], member, index, state[member.node].use, nodes[member.node].uses));
      const current = list.querySelector(".now") || list.firstElementChild;
      if (current) list.scrollLeft = current.offsetLeft - list.offsetLeft - list.clientWidth / 2 + current.clientWidth / 2;
    },
  };
};
