"use strict";

/* The picture: numbers in the nodes, the current node ringed, edges lit by what flows on them. */

const SVG = "http://www.w3.org/2000/svg";
const LARGEST = 1.9;
const CLOSEST = 1.25;
const SMALLEST = 0.85;
const CROWDED = 0.62;
const PLACES = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8];
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const dots = (use, uses) => (uses <= 6 ? "●".repeat(use) + "○".repeat(uses - use) : "");
const overlap = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const shape = (tag, className, attributes) => {
  const element = document.createElementNS(SVG, tag);
  element.setAttribute("class", className);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};

const drawingOf = (frame, corner, drawing, ids, nodes, steps) => {
  const graph = drawing.querySelector(".graph");
  const groups = new Map(Object.entries(ids.nodes).map(([position, id]) => [Number(position), document.getElementById(id)]));
  const overlay = graph.appendChild(shape("g", "overlay", {}));
  const ring = shape("rect", "ring", { rx: 10 });
  let taken = [];
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
    const asksValue = hidden(VALUE);
    groups.forEach((group, position) => {
      const { data, grad, use } = state[position];
      write(group, "data", asksValue && position === step.node ? "?" : data);
      write(group, "grad", asked.has(position) ? "?" : grad);
      write(group, "uses", dots(use, nodes[position].uses) || use + " of " + nodes[position].uses);
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
    drawAmount(path, hidden ? "?" : part.signed, tone);
  };

  const drawTip = (path, length, half, tone) => {
    const tip = path.getPointAtLength(0);
    const behind = path.getPointAtLength(length);
    const reach = Math.hypot(behind.x - tip.x, behind.y - tip.y) || 1;
    const across = { x: (tip.y - behind.y) / reach, y: (behind.x - tip.x) / reach };
    const corner = (side) => (behind.x + side * half * across.x) + "," + (behind.y + side * half * across.y);
    overlay.append(shape("polygon", "tip " + tone, { points: [tip.x + "," + tip.y, corner(1), corner(-1)].join(" ") }));
  };

  const drawAmount = (path, text, tone) => {
    const label = shape("text", "amount " + tone, {});
    label.textContent = text;
    overlay.append(label);
    const { width, height } = label.getBBox();
    const length = path.getTotalLength();
    const around = (middle) => ({ x: middle.x - width / 2 - 5, y: middle.y - height / 2 - 1, width: width + 10, height: height + 2 });
    const onLine = PLACES.map((share) => path.getPointAtLength(share * length));
    const beside = [1, -1].flatMap((side) => onLine.map(({ x, y }) => ({ x, y: y + side * (height + 3) })));
    const middle = [...onLine, ...beside].find((place) => !taken.some((box) => overlap(box, around(place)))) || onLine[0];
    const plate = around(middle);
    taken.push(plate);
    label.setAttribute("x", middle.x);
    label.setAttribute("y", middle.y + 4.5);
    overlay.insertBefore(shape("rect", "plate " + tone, { ...plate, rx: 8 }), label);
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
    taken = [...new Set([step.node, ...step.parts.map((part) => part.to)])].filter((position) => groups.has(position)).map(boxOf);
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

  const overview = overviewOf(corner, boxOf, [...groups.keys()]);
  const view = drawing.viewBox.baseVal;
  const full = { x: view.x, y: view.y, width: view.width, height: view.height };
  const origin = graph.transform.baseVal.consolidate().matrix;
  let flight = 0;
  let settled = false;

  const unit = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;

  const fitted = (area, most) => {
    const width = Math.max(area.width, frame.clientWidth / (most * unit()));
    const height = Math.max(area.height, frame.clientHeight / (most * unit()));
    const start = (at, size, from, whole) => (size > whole ? from + (whole - size) / 2 : Math.min(Math.max(at, from), from + whole - size));
    const x = start(area.x + (area.width - width) / 2, width, full.x, full.width);
    const y = start(area.y + (area.height - height) / 2, height, full.y, full.height);
    return { x, y, width, height };
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
      const [x, y, width, height] = ["x", "y", "width", "height"].map(between);
      drawing.setAttribute("viewBox", [x, y, width, height].join(" "));
      overview.look({ x: x - origin.e, y: y - origin.f, width, height });
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
    const smallest = SMALLEST * unit();
    const most = { width: frame.clientWidth / smallest, height: frame.clientHeight / smallest };
    const middle = { x: around[0].x + around[0].width / 2 + origin.e, y: around[0].y + around[0].height / 2 + origin.f };
    for (const [start, size] of [["x", "width"], ["y", "height"]]) {
      if (area[size] <= most[size]) continue;
      area[start] = Math.min(Math.max(middle[start] - most[size] / 2, area[start]), area[start] + area[size] - most[size]);
      area[size] = most[size];
    }
    return area;
  };

  return {
    isLarge: () => Math.min(frame.clientWidth / full.width, frame.clientHeight / full.height) < CROWDED * unit(),
    open: () => {
      settled = false;
      drawing.removeAttribute("hidden");
    },
    close: () => {
      drawing.setAttribute("hidden", "");
      overview.show(false);
    },
    aim: (step, following) => {
      overview.show(following);
      flyTo(following ? fitted(areaOf(step), CLOSEST) : fitted(full, LARGEST));
    },
    draw: (step, index, state, hidden) => {
      drawNumbers(step, state, hidden);
      drawFlow(step, hidden);
      dim(step, index);
      overview.draw(step, (position) => groups.get(position).classList.contains("todo"));
    },
  };
};

/* A small graph has one picture; of a larger one, each shows the surroundings of some steps. */

const pictureOf = (frame, corner, pictures, nodes, steps) => {
  const drawings = [...frame.querySelectorAll("svg")];
  const opened = new Map();
  let current = null;
  const open = (place) => {
    if (!opened.has(place)) opened.set(place, drawingOf(frame, corner, drawings[place], pictures[place], nodes, steps));
    const picture = opened.get(place);
    if (picture === current) return;
    if (current) current.close();
    current = picture;
    current.open();
  };
  return {
    isLarge: () => Boolean(current) && current.isLarge(),
    aim: (step, following) => { if (current) current.aim(step, following); },
    draw: (step, index, state, hidden) => {
      if (!drawings.length) return;
      open(step.picture);
      current.draw(step, index, state, hidden);
    },
  };
};
