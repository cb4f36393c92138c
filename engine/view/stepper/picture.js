"use strict";

/* The picture: numbers in the nodes, the current node ringed, edges lit by what flows on them. */

const SVG = "http://www.w3.org/2000/svg";
const LARGEST = 1.9;
const SMALLEST = 0.7;
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const isAlarming = (text) => /nan|inf/.test(text);
const dots = (use, uses) => (uses <= 6 ? "●".repeat(use) + "○".repeat(uses - use) : use + " of " + uses);

const shape = (tag, className, attributes) => {
  const element = document.createElementNS(SVG, tag);
  element.setAttribute("class", className);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};

const drawingOf = (frame, drawing, ids, nodes, steps) => {
  const graph = drawing.querySelector(".graph");
  const groups = new Map(Object.entries(ids.nodes).map(([position, id]) => [Number(position), document.getElementById(id)]));
  const overlay = graph.appendChild(shape("g", "overlay", {}));
  const ring = shape("rect", "ring", { rx: 10 });
  const boxes = new Map();
  const boxOf = (position) => {
    if (!boxes.has(position)) boxes.set(position, groups.get(position).getBBox());
    return boxes.get(position);
  };

  /* ----- Numbers ----- */

  const write = (group, kind, text) => {
    const element = group.querySelector("text." + kind);
    if (!element) return;
    const written = "\u00a0\u00a0" + text;
    if (element.textContent !== written) element.textContent = written;
    element.classList.toggle("alarm", isAlarming(text));
  };

  const drawNumbers = (step, state, hidden) => {
    const asked = new Set(step.parts.filter((part, place) => hidden(place)).map((part) => part.to));
    groups.forEach((group, position) => {
      const { data, grad, use } = state[position];
      write(group, "data", data);
      write(group, "grad", asked.has(position) ? "?" : grad);
      write(group, "uses", dots(use, nodes[position].uses));
    });
  };

  /* ----- What flows ----- */

  const flow = (edge, part, hidden) => {
    const path = edge.querySelector("path");
    const tone = part.received ? (hidden ? "zero" : part.tone) : "ahead";
    const width = part.received && !hidden ? part.width : 2.5;
    const length = path.getTotalLength();
    edge.classList.add("lit", tone, part.received ? "back" : "on");
    edge.style.setProperty("--width", width + "px");
    overlay.append(shape("path", "pulse " + (part.received ? "back" : "on"), { d: path.getAttribute("d"), "stroke-width": Math.max(width - 1, 1.5) }));
    if (!part.received) return;
    const tip = 7 + 1.6 * width;
    path.style.strokeDasharray = "0 " + Math.min(tip - 1, length / 2) + " " + length;
    drawTip(path, tip, 3 + width, tone);
    drawAmount(path.getPointAtLength(length / 2), hidden ? "?" : part.signed, tone);
  };

  const drawTip = (path, length, half, tone) => {
    const tip = path.getPointAtLength(0);
    const behind = path.getPointAtLength(length);
    const reach = Math.hypot(behind.x - tip.x, behind.y - tip.y) || 1;
    const across = { x: (tip.y - behind.y) / reach, y: (behind.x - tip.x) / reach };
    const corner = (side) => (behind.x + side * half * across.x) + "," + (behind.y + side * half * across.y);
    overlay.append(shape("polygon", "tip " + tone, { points: [tip.x + "," + tip.y, corner(1), corner(-1)].join(" ") }));
  };

  const drawAmount = (middle, text, tone) => {
    const label = shape("text", "amount " + tone, { x: middle.x, y: middle.y + 4.5 });
    label.textContent = text;
    overlay.append(label);
    const box = label.getBBox();
    const plate = { x: box.x - 5, y: box.y - 1, width: box.width + 10, height: box.height + 2, rx: 8 };
    overlay.insertBefore(shape("rect", "plate " + tone, plate), label);
  };

  const unlight = () => {
    for (const element of drawing.querySelectorAll(".lit, .receives, .now")) {
      element.classList.remove("lit", "back", "on", "receives", "now", "plus", "minus", "zero", "alarm", "ahead");
      if (element.matches(".edge")) element.querySelector("path").style.strokeDasharray = "";
    }
  };

  const drawFlow = (step, hidden) => {
    unlight();
    overlay.replaceChildren(ring);
    graph.append(overlay);
    const here = groups.has(step.node);
    ring.setAttribute("visibility", here ? "visible" : "hidden");
    if (here) {
      const box = boxOf(step.node);
      const around = { x: box.x - 5, y: box.y - 5, width: box.width + 10, height: box.height + 10 };
      for (const [name, value] of Object.entries(around)) ring.setAttribute(name, value);
      groups.get(step.node).classList.add("now");
    }
    step.parts.forEach((part, place) => {
      const id = ids.edges[step.node + ":" + part.operand];
      const edge = id && document.getElementById(id);
      if (part.received && groups.has(part.to)) groups.get(part.to).classList.add("receives");
      if (edge) flow(edge, part, hidden(place));
    });
  };

  const dim = (step, index) => {
    const reached = new Set();
    for (const earlier of steps.slice(0, index + 1)) {
      if (earlier.phase !== step.phase) continue;
      if (earlier.node !== null) reached.add(earlier.node);
      for (const part of earlier.parts) if (part.received) reached.add(part.to);
    }
    groups.forEach((group, position) => {
      group.classList.toggle("todo", step.phase !== "update" && nodes[position].interior && !reached.has(position));
    });
  };

  /* ----- The camera: the whole picture, or what the step is about ----- */

  const view = drawing.viewBox.baseVal;
  const full = { x: view.x, y: view.y, width: view.width, height: view.height };
  const origin = graph.transform.baseVal.consolidate().matrix;
  let flight = 0;
  let settled = false;

  const fitted = (area) => {
    const width = Math.max(area.width, frame.clientWidth / LARGEST);
    const height = Math.max(area.height, frame.clientHeight / LARGEST);
    return { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
  };

  const flyTo = (target) => {
    cancelAnimationFrame(flight);
    const from = { x: view.x, y: view.y, width: view.width, height: view.height };
    const start = performance.now();
    const jump = STILL.matches || !settled;
    const move = (time) => {
      const done = jump ? 1 : Math.min(Math.max((time - start) / 350, 0), 1);
      const eased = done * done * (3 - 2 * done);
      const between = (name) => from[name] + (target[name] - from[name]) * eased;
      drawing.setAttribute("viewBox", ["x", "y", "width", "height"].map(between).join(" "));
      if (done < 1) flight = requestAnimationFrame(move);
    };
    move(start);
    settled = true;
  };

  const areaOf = (step) => {
    const around = [step.node, ...step.parts.map((part) => part.to)].filter((position) => groups.has(position)).map(boxOf);
    if (!around.length) return full;
    const left = Math.min(...around.map((box) => box.x)) - 90;
    const top = Math.min(...around.map((box) => box.y)) - 50;
    const width = Math.max(...around.map((box) => box.x + box.width)) + 90 - left;
    const height = Math.max(...around.map((box) => box.y + box.height)) + 50 - top;
    const area = { x: left + origin.e, y: top + origin.f, width, height };
    const most = { width: frame.clientWidth / SMALLEST, height: frame.clientHeight / SMALLEST };
    const middle = { x: around[0].x + around[0].width / 2 + origin.e, y: around[0].y + around[0].height / 2 + origin.f };
    for (const [start, size] of [["x", "width"], ["y", "height"]]) {
      if (area[size] <= most[size]) continue;
      area[start] = Math.min(Math.max(middle[start] - most[size] / 2, area[start]), area[start] + area[size] - most[size]);
      area[size] = most[size];
    }
    return area;
  };

  return {
    drawing,
    isLarge: () => Math.min(frame.clientWidth / full.width, frame.clientHeight / full.height) < 0.55,
    land: () => { settled = false; },
    aim: (step, following) => flyTo(fitted(following ? areaOf(step) : full)),
    draw: (step, index, state, hidden) => {
      drawNumbers(step, state, hidden);
      drawFlow(step, hidden);
      dim(step, index);
    },
  };
};

/* A small graph has one picture; of a larger one, each shows the surroundings of some steps. */

const pictureOf = (frame, pictures, nodes, steps) => {
  const drawings = [...frame.querySelectorAll("svg")];
  const opened = new Map();
  let current = null;
  const open = (place) => {
    if (!opened.has(place)) opened.set(place, drawingOf(frame, drawings[place], pictures[place], nodes, steps));
    const picture = opened.get(place);
    if (picture === current) return;
    if (current) current.drawing.setAttribute("hidden", "");
    current = picture;
    current.land();
  };
  return {
    isLarge: () => Boolean(current) && current.isLarge(),
    aim: (step, following) => { if (current) current.aim(step, following); },
    draw: (step, index, state, hidden) => {
      if (!drawings.length) return;
      drawings[step.picture].removeAttribute("hidden");
      open(step.picture);
      current.draw(step, index, state, hidden);
    },
  };
};
