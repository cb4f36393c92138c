"use strict";

/* The panel: the chain rule in symbols and in numbers. Text is set as text, never as markup. */

const WIDEST = 20;
const ROOM = 34;
const LONG = 60;
const CROWD = 6;

const make = (tag, className, ...children) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
};

const panelOf = (panel, symbol, nodes, reveal, point) => {
  const sign = (text) => make("span", "sign", text);
  const number = (text, kind) => make("span", "number " + (kind || "") + (isAlarming(text) ? " alarm" : ""), text);
  const factor = (text) => (text.startsWith("-") ? "(" + text + ")" : text);
  const bare = (name) => name.replace(/^⟨(.*)⟩$/s, "$1");

  const fraction = (above, below) => {
    const over = make("span", "above", "∂" + bare(above));
    const under = make("span", "below", "∂" + bare(below));
    over.title = above;
    under.title = below;
    return make("span", "fraction", over, make("span", "bar", "/"), under);
  };

  /* ----- Predicting ----- */

  const hole = (question) => {
    const button = make("button", "hole", "?");
    button.title = "Show the number (r)";
    button.setAttribute("aria-label", "Show the number");
    button.addEventListener("click", () => reveal(question));
    return button;
  };

  const isRight = (said, wanted) => {
    const text = said.trim().replace("−", "-").replace(",", ".");
    return text !== "" && (text === wanted || Math.abs(Number(text) - Number(wanted)) <= 0.005 * Math.abs(Number(wanted)));
  };

  const guess = (name, question, wanted) => {
    const input = make("input");
    input.type = "text";
    input.inputMode = "text";
    input.placeholder = "?";
    input.setAttribute("aria-label", "What will " + name + " be?");
    const form = make("form", "guess", input, make("button", "", "Check"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      reveal(question, isRight(input.value, wanted));
    });
    return form;
  };

  /* ----- One contribution ----- */

  const chainRule = (step, part, place, hidden) => {
    const out = nodes[step.node].name;
    const letters = [symbol, part.name, symbol, out, out, part.name].reduce((sum, name) => sum + Math.min(name.length, WIDEST), 0);
    return make("p", letters > ROOM ? "rule long" : "rule",
      make("span", "whole", fraction(symbol, part.name), make("span", "pair", sign("+="), fraction(symbol, out)), make("span", "pair", sign("·"), fraction(out, part.name))),
      make("span", "whole", sign("="), number(step.upstream), sign("×"), number(factor(part.local)), sign("="),
        hidden(place) ? hole(place) : number(part.amount, "result")));
  };

  /* ----- Arrays: the rule as a formula, and heat maps of what goes in and what comes out ----- */

  const arrayRule = (part) => {
    const line = make("p", part.pull.length + part.name.length > ROOM ? "rule long" : "rule", fraction(symbol, part.name), sign("+="), make("span", "formula", part.pull));
    return part.summed ? [line, make("p", "summed", part.summed)] : [line];
  };

  const arrayMaps = (part, place, hidden) => {
    const shown = [];
    const add = (operator, caption, map) => {
      if (map) shown.push(make("div", "term", sign(operator), heatOf(caption, map)));
    };
    if (part.maps.local) add("×", make("span", "formula", part.rule), part.maps.local);
    if (hidden(place)) return shown;
    add("=", make("span", "result", "contribution"), part.maps.amount);
    if (part.before !== NONE && part.maps.after) add("→", make("span", "name", part.name + ".grad"), part.maps.after);
    return shown.length ? [make("div", "terms", ...shown)] : [];
  };

  const arrayCard = (part, place, hidden) => {
    const name = make("span", "name", part.name + ".grad");
    const change = make("p", "sum", name, part.before === NONE ? make("span", "nothing", NONE) : number(part.before), sign("→"), hidden(place) ? hole(place) : number(part.after, "result"));
    if (part.use) change.append(make("span", "uses", (dots(part.use, part.uses) + "  use " + part.use + " of " + part.uses).trim()));
    const tone = hidden(place) ? "" : part.tone;
    return make("article", "part " + tone, ...arrayRule(part), change, ...arrayMaps(part, place, hidden));
  };

  const localRule = (out, part) => {
    if (part.local === undefined) return make("p", "local", fraction(out, part.name), sign("takes g to"), make("span", "formula", part.rule));
    const line = make("p", "local", fraction(out, part.name), sign("="));
    if (part.rule && part.rule !== part.local) line.append(make("span", "formula", part.rule), sign("="));
    line.append(number(part.local));
    return line;
  };

  const accumulation = (part, place, hidden) => {
    const line = make("p", "sum", make("span", "name", part.name + ".grad"));
    const nothing = make("span", "nothing", NONE);
    nothing.title = "not computed yet";
    if (hidden(place)) line.append(sign("→"), guess(part.name + ".grad", place, part.after));
    else if (part.before === NONE) line.append(nothing, sign("→"), number(part.after, "result"));
    else line.append(sign("="), number(part.before), sign("+"), number(factor(part.amount)), sign("="), number(part.after, "result"));
    if (part.use) line.append(make("span", "uses", (dots(part.use, part.uses) + "  use " + part.use + " of " + part.uses).trim()));
    return line;
  };

  const card = (step, part, place, hidden) => {
    const out = step.node === null ? null : nodes[step.node].name;
    const tone = part.received && !hidden(place) ? part.tone : "";
    if (!part.received) return make("article", "part", localRule(out, part), ...(part.maps.local ? [heatOf("", part.maps.local)] : []));
    if (part.pull) return arrayCard(part, place, hidden);
    if (out === null) return make("article", "part " + tone, accumulation(part, place, hidden));
    return make("article", "part " + tone, chainRule(step, part, place, hidden), localRule(out, part), accumulation(part, place, hidden));
  };

  /* Of many operands the picture shows some; a card leads to its own. */
  const leading = (article, part) => {
    article.tabIndex = 0;
    article.title = "Show " + part.name + " in the picture";
    article.classList.add("leads");
    article.addEventListener("focus", () => point(part.to));
  };

  const constantsOf = (names) => {
    if (names.length === 1) return names[0] + " is a constant: nothing flows to it";
    const rest = names.length - CROWD;
    const listed = rest > 0 ? names.slice(0, CROWD).join(", ") + " and " + rest + " more" : names.slice(0, -1).join(", ") + " and " + names.at(-1);
    return listed + " are constants: nothing flows to them";
  };

  const heading = (step, hidden) => {
    const line = make("h2", step.expr.length > LONG ? "expression long" : "expression", step.given);
    if (hidden(VALUE)) line.append(...(step.maps.value ? [] : [guess(nodes[step.node].name, VALUE, step.result)]), hole(VALUE));
    else if (step.result) line.append(number(step.result, "result"));
    return line;
  };

  return {
    expression: (step, hidden) => step.given + (hidden(VALUE) ? "?" : step.result),
    draw: (step, hidden) => {
      panel.replaceChildren(heading(step, hidden));
      if (step.phase === "backward" && step.node !== null) {
        panel.append(make("p", "upstream", make("span", "", "upstream"), fraction(symbol, nodes[step.node].name), sign("="), number(step.upstream)));
        if (step.maps.upstream) panel.append(heatOf("", step.maps.upstream, "upstream"));
      }
      if (step.maps.value && step.phase !== "backward" && !hidden(VALUE)) panel.append(heatOf(make("span", "name", nodes[step.node].name), step.maps.value));
      if (step.source) panel.append(make("p", "source", make("span", "note", step.source), step.line ? make("code", "", step.line) : ""));
      if (step.phase === "forward" && step.parts.length) panel.append(make("p", "note", "kept for the way back:"));
      const cards = step.parts.map((part, place) => card(step, part, place, hidden));
      if (cards.length > CROWD) cards.forEach((each, place) => leading(each, step.parts[place]));
      panel.append(...cards);
      if (step.constants.length) panel.append(make("p", "note", constantsOf(step.constants)));
      if (!step.questions.some(hidden)) panel.append(...step.remarks.map((remark) => make("p", "remark", remark)));
      if (step.left && !step.questions.some(hidden)) panel.append(make("p", "left", step.left));
    },
    judge: (step, question, right) => {
      const said = right ? "✓ right" : "✗ not quite";
      const verdict = make("p", right ? "verdict right" : "verdict wrong", said);
      const place = question === VALUE ? panel.querySelector(".expression") : panel.querySelectorAll(".part")[question];
      place.append(verdict);
      return said + ": " + (question === VALUE ? step.result : step.parts[question].after);
    },
    focus: (guessing) => ((guessing && panel.querySelector(".guess input")) || panel).focus(),
  };
};
