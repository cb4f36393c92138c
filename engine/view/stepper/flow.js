"use strict";

/* The edges that a step lights, with the amounts that flow on them. What is measured comes before
   anything is drawn, since a browser lays out anew at each question after a change. */

const PLACES = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8];
const AMOUNT = { font: "700 13px system-ui, Helvetica, Arial, sans-serif", height: 16, beside: 19 };
const SLENDER = 60;
const LIT = ["lit", "back", "on", "plus", "minus", "zero", "alarm", "ahead"];
const overlap = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const shape = (tag, className, attributes) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  element.setAttribute("class", className);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};

const letters = document.createElement("canvas").getContext("2d");
const widthOf = (text) => {
  letters.font = AMOUNT.font;
  return letters.measureText(text).width;
};

const flowsOf = (edges, overlay) => {
  let lit = [];

  const measured = (edge, part, hidden, crowd) => {
    const path = edge.querySelector("path");
    const length = path.getTotalLength();
    const width = Math.min(part.received && !hidden ? part.width : 2.5, Math.max(SLENDER / crowd, 1.5));
    const tip = Math.min(7 + 1.6 * width, length);
    const at = (share) => path.getPointAtLength(share * length);
    const direction = part.received ? "back" : "on";
    const tone = !part.received ? "ahead" : hidden ? "zero" : part.tone;
    const text = hidden ? "?" : part.signed;
    return { edge, path, length, width, tip, direction, tone, text, start: at(0), behind: path.getPointAtLength(tip), places: PLACES.map(at) };
  };

  const light = (flow) => {
    const { edge, path, length, width, tip, direction, tone } = flow;
    edge.classList.add("lit", tone, direction);
    edge.style.setProperty("--width", width + "px");
    overlay.append(shape("path", "pulse " + direction, { d: path.getAttribute("d"), "stroke-width": Math.max(width - 1, 1.5) }));
    if (direction === "back") path.style.strokeDasharray = "0 " + Math.min(tip - 1, length / 2) + " " + length;
  };

  const drawTip = ({ start, behind, width, tone }) => {
    const reach = Math.hypot(behind.x - start.x, behind.y - start.y) || 1;
    const half = 3 + width;
    const across = { x: (half * (start.y - behind.y)) / reach, y: (half * (behind.x - start.x)) / reach };
    const corner = (side) => behind.x + side * across.x + "," + (behind.y + side * across.y);
    overlay.append(shape("polygon", "tip " + tone, { points: [start.x + "," + start.y, corner(1), corner(-1)].join(" ") }));
  };

  /* An amount stands on its line where it covers nothing, or else beside it. */
  const drawAmount = ({ text, tone, places }, taken) => {
    const width = widthOf(text) + 10;
    const around = ({ x, y }) => ({ x: x - width / 2, y: y - AMOUNT.height / 2 - 1, width, height: AMOUNT.height + 2 });
    const beside = [1, -1].flatMap((side) => places.map(({ x, y }) => ({ x, y: y + side * AMOUNT.beside })));
    const middle = [...places, ...beside].find((place) => !taken.some((box) => overlap(box, around(place)))) || places[0];
    const plate = around(middle);
    taken.push(plate);
    const label = shape("text", "amount " + tone, { x: middle.x, y: middle.y + 4.5 });
    label.textContent = text;
    overlay.append(shape("rect", "plate " + tone, { ...plate, rx: 8 }), label);
  };

  return {
    measure: (step, hidden) => step.parts.flatMap((part, place) => {
      const edge = edges.get(step.node + "-" + part.operand);
      return edge ? [measured(edge, part, hidden(place), step.parts.length)] : [];
    }),
    draw: (flows, boxes) => {
      for (const { edge, path } of lit) {
        edge.classList.remove(...LIT);
        path.style.strokeDasharray = "";
      }
      overlay.replaceChildren();
      const taken = [...boxes];
      flows.forEach(light);
      const received = flows.filter((flow) => flow.direction === "back");
      received.forEach(drawTip);
      for (const flow of received) drawAmount(flow, taken);
      lit = flows;
    },
  };
};
