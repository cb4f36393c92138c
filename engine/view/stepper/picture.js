"use strict";

/* The picture: numbers in the nodes, the current node ringed, edges lit by what flows on them. */

const LARGEST = 1.9;
const CLOSEST = 1.25;
const SMALLEST = 0.85;
const CROWDED = 0.62;
const EDGE = 6;
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const dots = (use, uses) => (uses <= 6 ? "●".repeat(use) + "○".repeat(uses - use) : "");

/* What an id ends with: the position of a node; for an edge, that of its node and the operand. */
const byId = (elements) => new Map([...elements].map((element) => [element.id.replace(/^p\d+-/, ""), element]));

/* The head of an edge, at the end of its line, whose curves are each written from its beginning. */
const HEAD = { length: 6, half: 2.1 };
const headOf = (line) => {
  const [left, top, ...curves] = line.getAttribute("d").match(/-?[\d.]+/g).map(Number);
  const [fromX, fromY, toX, toY] = curves.slice(-4);
  const reach = Math.hypot(toX - fromX, toY - fromY) || 1;
  const [across, down] = [(toX - fromX) / reach, (toY - fromY) / reach];
  const end = (start, place) => curves.reduce((sum, number, k) => (k % 6 === place ? sum + number : sum), start);
  const [x, y] = [end(left, 4), end(top, 5)];
  const corner = (along, side) => [x + along * across - side * down, y + along * down + side * across].join(" ");
  return shape("polygon", "", { points: [corner(0, HEAD.half), corner(HEAD.length, 0), corner(0, -HEAD.half)].join(" ") });
};

const drawingOf = (room, corner, drawing, nodes, steps) => {
  const graph = drawing.querySelector(".graph");
  const groups = new Map([...byId(drawing.querySelectorAll(".node"))].map(([position, group]) => [Number(position), group]));
  const edges = byId(drawing.querySelectorAll(".edge"));
  for (const edge of edges.values()) edge.append(headOf(edge.querySelector("path")));
  const ring = shape("rect", "ring", { rx: 10 });
  const flowing = shape("g", "flowing", {});
  const flows = flowsOf(edges, flowing);
  graph.append(flowing, ring);
  const boxOf = (position) => {
    const group = groups.get(position);
    const { e: x, f: y } = group.transform.baseVal.consolidate().matrix;
    const [width, height] = group.dataset.size.split(" ").map(Number);
    return { x, y, width, height };
  };

  /* ----- Numbers ----- */

  const write = (group, kind, text) => {
    const element = group.querySelector("text." + kind);
    if (!element) return;
    const written = "\u00a0\u00a0" + text;
    if (element.textContent !== written) element.textContent = written;
    element.classList.toggle("alarm", isAlarming(text));
  };

  /* Small heat maps of the data and the gradient, where the picture has left room for them. */
  const drawMaps = (group, maps, isAsked) => {
    const room = group.querySelectorAll("text.room");
    if (!room.length) return;
    for (const old of group.querySelectorAll(".heated")) old.remove();
    const [first, last] = [room[0], room[room.length - 1]];
    const left = Number([...group.querySelectorAll("text")].find((text) => text.textContent === "data").getAttribute("x"));
    const y = Number(first.getAttribute("y")) - 12;
    const across = Number(first.getAttribute("x")) + 3 - left;
    const height = Number(last.getAttribute("y")) + 2 - y;
    ["data", "grad"].forEach((kind, place) => {
      if (!maps[kind] || isAsked(kind)) return;
      group.append(smallHeat(kind, maps[kind], { x: left + (place * across) / 2, y, width: across / 2 - 4, height }));
    });
  };

  const drawNumbers = (step, state, hidden) => {
    const asked = new Set(step.parts.filter((part, place) => hidden(place)).map((part) => part.to));
    const asksValue = hidden(VALUE);
    groups.forEach((group, position) => {
      const { data, grad, use, maps } = state[position];
      drawMaps(group, maps, (kind) => (kind === "data" ? asksValue && position === step.node : asked.has(position)));
      write(group, "data", asksValue && position === step.node ? "?" : data);
      write(group, "grad", asked.has(position) ? "?" : grad);
      write(group, "uses", dots(use, nodes[position].uses) || use + " of " + nodes[position].uses);
    });
  };

  /* ----- What happens ----- */

  const drawRing = (step) => {
    for (const element of drawing.querySelectorAll(".receives, .now")) element.classList.remove("receives", "now");
    const here = groups.get(step.node);
    ring.setAttribute("visibility", here ? "visible" : "hidden");
    for (const part of step.parts) if (part.received && groups.has(part.to)) groups.get(part.to).classList.add("receives");
    if (!here) return;
    const box = boxOf(step.node);
    const around = { x: box.x - 5, y: box.y - 5, width: box.width + 10, height: box.height + 10 };
    for (const [name, value] of Object.entries(around)) ring.setAttribute(name, value);
    here.classList.add("now");
    requestAnimationFrame(() => ring.classList.add("moving"));
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
  const full = { x: view.x - EDGE, y: view.y - EDGE, width: view.width + 2 * EDGE, height: view.height + 2 * EDGE };
  const origin = graph.transform.baseVal.consolidate().matrix;
  const overview = overviewOf(corner, boxOf, [...groups.keys()], { ...full, x: full.x - origin.e, y: full.y - origin.f });
  let flight = 0;
  let settled = false;

  const fitted = (area, most) => {
    const width = Math.max(area.width, room.width / (most * room.unit));
    const height = Math.max(area.height, room.height / (most * room.unit));
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

  /* What is around some nodes; where that is too much, what is around the first of them. */
  const areaOf = (positions) => {
    const around = positions.filter((position) => groups.has(position)).map(boxOf);
    if (!around.length) return full;
    const left = Math.min(...around.map((box) => box.x)) - 90;
    const top = Math.min(...around.map((box) => box.y)) - 50;
    const width = Math.max(...around.map((box) => box.x + box.width)) + 90 - left;
    const height = Math.max(...around.map((box) => box.y + box.height)) + 50 - top;
    const area = { x: left + origin.e, y: top + origin.f, width, height };
    const smallest = SMALLEST * room.unit;
    const most = { width: room.width / smallest, height: room.height / smallest };
    const middle = { x: around[0].x + around[0].width / 2 + origin.e, y: around[0].y + around[0].height / 2 + origin.f };
    for (const [start, size] of [["x", "width"], ["y", "height"]]) {
      if (area[size] <= most[size]) continue;
      area[start] = Math.min(Math.max(middle[start] - most[size] / 2, area[start]), area[start] + area[size] - most[size]);
      area[size] = most[size];
    }
    return area;
  };

  return {
    isLarge: () => Math.min(room.width / full.width, room.height / full.height) < CROWDED * room.unit,
    open: () => {
      settled = false;
      ring.classList.remove("moving");
      drawing.removeAttribute("hidden");
    },
    close: () => {
      drawing.setAttribute("hidden", "");
      overview.show(false);
    },
    aim: (step, following) => {
      overview.show(following);
      flyTo(following ? fitted(areaOf([step.node, ...step.parts.map((part) => part.to)]), CLOSEST) : fitted(full, LARGEST));
    },
    point: (step, position) => flyTo(fitted(areaOf([position, step.node]), CLOSEST)),
    draw: (step, index, state, hidden) => {
      const near = [...new Set([step.node, ...step.parts.map((part) => part.to)])].filter((position) => groups.has(position)).map(boxOf);
      const measured = flows.measure(step, hidden);
      drawNumbers(step, state, hidden);
      drawRing(step);
      flows.draw(measured, near);
      dim(step, index);
      overview.draw(step, (position) => groups.get(position).classList.contains("todo"));
    },
  };
};

/* A small graph has one picture; of a larger one, each shows the surroundings of some steps. */

const pictureOf = (frame, corner, drawn, nodes, steps, resized) => {
  const drawings = [...frame.querySelectorAll("svg")];
  const isDrawn = Math.max(drawings.length, drawn.length) > 0;
  const opened = new Map();
  const room = {};
  let current = null;

  const measure = ({ width, height }) => Object.assign(room, { width, height, unit: parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 });
  measure({ width: frame.clientWidth, height: frame.clientHeight });
  new ResizeObserver(([entry]) => {
    measure(entry.contentRect);
    resized();
  }).observe(frame);

  const insert = (place) => {
    frame.insertAdjacentHTML("beforeend", drawn[place]);
    return frame.lastElementChild;
  };

  const open = (place) => {
    if (!drawings[place]) drawings[place] = insert(place);
    if (!opened.has(place)) opened.set(place, drawingOf(room, corner, drawings[place], nodes, steps));
    const picture = opened.get(place);
    if (picture === current) return;
    if (current) current.close();
    current = picture;
    current.open();
  };

  return {
    isDrawn,
    isLarge: () => Boolean(current) && current.isLarge(),
    aim: (step, following) => { if (current) current.aim(step, following); },
    point: (step, position) => { if (current) current.point(step, position); },
    draw: (step, index, state, hidden) => {
      if (!isDrawn) return;
      open(step.picture);
      current.draw(step, index, state, hidden);
    },
  };
};
