"use strict";

/* The data as they are written hold nothing twice; here is added what the rest of the script reads. */

/* A long page is deflated: what a small one holds as data and markup comes in one text in base 64. */
const inflated = (element, begin) => {
  if (element.type === "application/json") {
    begin(JSON.parse(element.textContent), []);
    return;
  }
  if (!window.DecompressionStream) {
    document.getElementById("old").hidden = false;
    return;
  }
  const bytes = Uint8Array.from(atob(element.textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  new Response(stream).text().then((text) => {
    const { data, pictures } = JSON.parse(text);
    begin(JSON.parse(data), pictures);
  });
};

const NONE = "·";
const VALUE = "value";
const isAlarming = (text) => /nan|inf/.test(text);
const toneOf = (text) => (isAlarming(text) ? "alarm" : text === "0" ? "zero" : text.startsWith("-") ? "minus" : "plus");

const unpacked = (document) => {
  const held = document.nodes.map((node) => node.grad);
  const maps = document.maps.map((map) => ({ rows: [], numbers: [], notice: "", ...map }));
  const mapped = (item) => {
    item.maps = Object.fromEntries(Object.entries(item.maps || {}).map(([name, place]) => [name, maps[place]]));
  };
  document.nodes.forEach(mapped);
  for (const written of document.steps) {
    const step = Object.assign(written, { remarks: [], constants: [], data: [], parts: [], ...written });
    mapped(step);
    step.data = step.data.map(([position, text, place]) => [position, text, maps[place]]);
    const result = step.node !== null && step.phase !== "backward" ? step.data[0][1] : "";
    step.given = result ? step.expr.slice(0, step.expr.length - result.length) : step.expr;
    step.result = result;
    step.questions = result ? [VALUE] : step.node === null ? [] : [...step.parts.keys()];
    for (const part of step.parts) {
      const { name, uses } = document.nodes[part.to];
      Object.assign(part, { name, uses, received: part.amount !== undefined });
      mapped(part);
      if (!part.received) continue;
      part.before = held[part.to];
      held[part.to] = part.after;
      part.tone = part.tone || toneOf(part.amount);
      part.signed = (part.tone === "plus" && !part.maps.amount) || part.amount === "inf" ? "+" + part.amount : part.amount;
    }
  }
  return document;
};
