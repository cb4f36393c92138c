"use strict";

/* A small map of the whole picture, while the large one shows a part of it. */

const MAPPED = { width: 360, height: 110 };
const FEWEST = 8;
const SLIMMEST = 40;
const holds = (a, b) => a.x <= b.x && a.y <= b.y && a.x + a.width >= b.x + b.width && a.y + a.height >= b.y + b.height;

const overviewOf = (corner, boxOf, positions, whole) => {
  const map = shape("svg", "overview", { "aria-hidden": "true" });
  const spots = new Map();
  const view = shape("rect", "view", {});
  let paint = () => {};

  const place = (rectangle, box) => {
    for (const name of ["x", "y", "width", "height"]) rectangle.setAttribute(name, box[name]);
  };

  const scale = Math.min(MAPPED.width / whole.width, MAPPED.height / whole.height);
  const isUseful = positions.length >= FEWEST && whole.width * scale >= SLIMMEST;

  const build = () => {
    map.setAttribute("viewBox", [whole.x, whole.y, whole.width, whole.height].join(" "));
    map.style.width = whole.width * scale + "px";
    map.style.height = Math.max(whole.height * scale, 8) + "px";
    for (const position of positions) {
      const spot = shape("rect", "", { rx: 8 });
      place(spot, boxOf(position));
      spots.set(position, spot);
    }
    map.append(...spots.values(), view);
    corner.append(map);
    paint();
  };

  return {
    show: (on) => {
      if (on && !spots.size && isUseful) build();
      map.toggleAttribute("hidden", !on);
    },
    look: (area) => {
      place(view, area);
      view.toggleAttribute("hidden", holds(area, whole));
    },
    draw: (step, isTodo) => {
      const receiving = new Set(step.parts.map((part) => part.to));
      const look = (position) => (position === step.node ? "now" : receiving.has(position) ? "receives" : isTodo(position) ? "todo" : "");
      paint = () => spots.forEach((spot, position) => spot.setAttribute("class", look(position)));
      paint();
    },
  };
};
