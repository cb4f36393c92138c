"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const stage = byId("stage"), details = byId("details"), query = byId("query"), found = byId("found");
  const pictures = [...document.querySelectorAll(".level")];
  const whole = pictures.map((svg) => svg.getAttribute("viewBox").split(" ").map(Number));
  const views = whole.map((box) => [...box]);
  const fitted = new Set();
  const LARGEST = 1.8, NEAREST = 0.02, FARTHEST = 4, FEWEST_PIXELS = 4, MOST_FOUND = 30;
  let level = 0, group = "", chosen = null;

  /* ----- What is where ----- */
  const element = (id, at = level) => byId(`l${at}-${id}`);
  const facts = () => data.levels[level];
  const idOf = (node) => node.id.slice(node.id.indexOf("-") + 1);
  const frameOf = (key) => Object.values(facts().frames).find((frame) => key && frame.group === key);

  /* ----- Moving between levels ----- */
  function show(key, node = null) {
    if (!(key in data.groups)) return;
    group = key;
    go(data.groups[key], node);
    try {
      history.replaceState(null, "", key ? "#group=" + encodeURIComponent(key) : "#");
    } catch (error) { /* a page inside another page may have no address */ }
  }

  function go(to, node = null) {
    pictures[level].toggleAttribute("hidden", true);
    level = to;
    pictures[level].toggleAttribute("hidden", false);
    if (!fitted.has(level)) { fitted.add(level); fit(); }
    choose(node);
    byId("notice").textContent = facts().notice;
    writePath();
  }

  function writePath() {
    const steps = [];
    for (let frame = frameOf(group); frame; frame = facts().frames[frame.parent]) steps.unshift(frame);
    const path = byId("path");
    path.replaceChildren();
    if (!(data.overview in data.groups)) return;
    const first = { title: "whole graph", group: "" };
    const all = { title: "all closed", group: data.overview };
    for (const [place, step] of [first, all, ...steps].entries()) {
      if (place) path.append(place === 1 ? " · " : " › ");
      const button = document.createElement("button");
      button.textContent = step.title;
      if (step.group === group) button.setAttribute("aria-current", "true");
      button.addEventListener("click", () => show(step.group));
      path.append(button);
    }
  }

  function close(frame) {
    const outer = facts().frames[frame.parent];
    show(outer ? outer.group : data.overview);
    stage.focus();
  }

  /* ----- Choosing a node ----- */
  function choose(id) {
    const svg = pictures[level];
    svg.querySelectorAll(".chosen, .lit").forEach((old) => old.classList.remove("chosen", "lit"));
    chosen = id;
    svg.classList.toggle("narrowed", id !== null);
    details.replaceChildren();
    if (id === null) return;
    element(id).classList.add("chosen", "lit");
    for (const [edge, source, target] of facts().edges) {
      if (source === id || target === id) {
        for (const lit of [edge, source, target]) element(lit)?.classList.add("lit");
      }
    }
    for (const [place, line] of facts().nodes[id].text.split("\n").entries()) {
      const part = document.createElement(place ? "div" : "strong");
      part.textContent = line;
      part.classList.toggle("alarm", /^(data|grad) -?(nan|inf)/.test(line));
      details.append(part);
    }
  }

  function open(id) {
    const key = facts().nodes[id]?.group;
    if (key && key in data.groups) show(key);
    else choose(id === chosen ? null : id);
  }

  function neighbour(forward) {
    const edges = facts().edges.filter((edge) => edge[forward ? 1 : 2] === chosen);
    const next = edges.map((edge) => edge[forward ? 2 : 1]).find((id) => id in facts().nodes);
    if (next !== undefined) element(next).focus();
  }

  for (const [number, svg] of pictures.entries()) {
    const { nodes, frames } = data.levels[number];
    for (const [id, fact] of Object.entries(nodes)) {
      const node = element(id, number);
      node.setAttribute("tabindex", "0");
      node.setAttribute("role", "button");
      node.setAttribute("aria-label", fact.text.replaceAll("\n", ", "));
      node.addEventListener("focus", () => { if (node.matches(":focus-visible")) reveal(id); });
    }
    for (const [id, frame] of Object.entries(frames)) {
      const outline = element(id, number);
      if (!outline) continue;
      outline.setAttribute("tabindex", "0");
      outline.setAttribute("role", "button");
      outline.setAttribute("aria-label", `Close ${frame.title}`);
    }
    svg.addEventListener("click", (event) => {
      if (travelled >= FEWEST_PIXELS) return;
      const node = event.target.closest(".node"), frame = event.target.closest(".frame");
      if (node && idOf(node) in facts().nodes) open(idOf(node));
      else if (frame && event.target.tagName === "text") close(facts().frames[idOf(frame)]);
      else choose(null);
    });
  }

  /* ----- Zooming and moving ----- */
  function look(box) {
    views[level] = box;
    pictures[level].setAttribute("viewBox", box.map((side) => side.toFixed(2)).join(" "));
  }

  function fit() {
    const box = whole[level], unit = Math.max(...[2, 3].map((side) => box[side] / sides()[side - 2]));
    const grown = Math.max(1 / (unit * LARGEST), 1);
    const [x, y, width, height] = box;
    look([
      x - (width * (grown - 1)) / 2, y - (height * (grown - 1)) / 2, width * grown, height * grown,
    ]);
  }

  function sides() {
    const { width, height } = stage.getBoundingClientRect();
    return [Math.max(width, 1), Math.max(height, 1)];
  }

  function scale() {
    const [width, height] = sides();
    return Math.max(views[level][2] / width, views[level][3] / height);
  }

  function point(x, y) {
    const { left, top, width, height } = stage.getBoundingClientRect();
    const [boxX, boxY, boxWidth, boxHeight] = views[level], unit = scale();
    return [
      boxX + boxWidth / 2 + (x - left - width / 2) * unit,
      boxY + boxHeight / 2 + (y - top - height / 2) * unit,
    ];
  }

  function zoom(factor, x, y) {
    const { left, top, width, height } = stage.getBoundingClientRect();
    const [px, py] = point(x ?? left + width / 2, y ?? top + height / 2);
    const [boxX, boxY, boxWidth, boxHeight] = views[level], full = whole[level][2];
    const wanted = Math.min(Math.max(boxWidth * factor, full * NEAREST), full * FARTHEST);
    const real = wanted / boxWidth;
    look([px + (boxX - px) * real, py + (boxY - py) * real, wanted, boxHeight * real]);
  }

  function move(dx, dy) {
    const [x, y, width, height] = views[level], unit = scale();
    look([x - dx * unit, y - dy * unit, width, height]);
  }

  function centre(id) {
    const box = element(id).getBoundingClientRect(), frame = stage.getBoundingClientRect();
    move(
      frame.left + frame.width / 2 - box.left - box.width / 2,
      frame.top + frame.height / 2 - box.top - box.height / 2,
    );
  }

  function reveal(id) {
    choose(id);
    const box = element(id).getBoundingClientRect(), frame = stage.getBoundingClientRect();
    const outside = box.left < frame.left || box.right > frame.right
      || box.top < frame.top || box.bottom > frame.bottom;
    if (outside) centre(id);
  }

  const pointers = new Map();
  let travelled = 0;
  const spread = () => {
    const [a, b] = [...pointers.values()];
    return Math.hypot(a.x - b.x, a.y - b.y);
  };
  stage.addEventListener("pointerdown", (event) => {
    if (!pointers.size) travelled = 0;
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  });
  addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const wide = pointers.size === 2 ? spread() : 0;
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const dx = event.clientX - before.x, dy = event.clientY - before.y;
    travelled += Math.abs(dx) + Math.abs(dy);
    stage.classList.toggle("dragged", travelled >= FEWEST_PIXELS);
    if (wide) zoom(wide / Math.max(spread(), 1), event.clientX, event.clientY);
    else if (travelled >= FEWEST_PIXELS) move(dx, dy);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    addEventListener(end, (event) => {
      pointers.delete(event.pointerId);
      stage.classList.remove("dragged");
    });
  }
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), event.clientX, event.clientY);
  }, { passive: false });
  byId("closer").addEventListener("click", () => zoom(0.8));
  byId("farther").addEventListener("click", () => zoom(1.25));
  byId("fit").addEventListener("click", fit);

  /* ----- Searching ----- */
  function search() {
    const wanted = query.value.trim().toLowerCase();
    const hits = wanted ? data.names.filter(([name]) => name.toLowerCase().includes(wanted)) : [];
    hits.sort((a, b) => a[0].length - b[0].length);
    found.replaceChildren();
    for (const [name, at, id] of hits.slice(0, MOST_FOUND)) {
      const item = document.createElement("li"), button = document.createElement("button");
      button.textContent = name;
      button.addEventListener("click", () => visit(at, id));
      item.append(button);
      found.append(item);
    }
    if (hits.length > MOST_FOUND || (wanted && !hits.length)) {
      const more = document.createElement("li");
      more.textContent = hits.length ? `and ${hits.length - MOST_FOUND} more` : "no such name";
      found.append(more);
    }
    found.hidden = !wanted;
  }

  function visit(at, id) {
    group = Object.keys(data.groups).find((key) => data.groups[key] === at) ?? "";
    show(group);
    choose(id);
    centre(id);
    found.hidden = true;
    element(id).focus({ preventScroll: true });
  }

  query.addEventListener("input", search);
  query.addEventListener("keydown", (event) => {
    const first = found.querySelector("button");
    if (event.key === "Enter" && first) first.click();
    if (event.key === "ArrowDown" && first) { event.preventDefault(); first.focus(); }
    if (event.key === "Escape") { query.value = ""; search(); stage.focus(); }
    event.stopPropagation();
  });
  found.addEventListener("keydown", (event) => {
    const rows = [...found.querySelectorAll("button")], at = rows.indexOf(document.activeElement);
    if (event.key === "ArrowDown") rows[at + 1]?.focus();
    else if (event.key === "ArrowUp") (rows[at - 1] ?? query).focus();
    else if (event.key === "Escape") { found.hidden = true; query.focus(); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  /* ----- Keys ----- */
  const STEP = 60;
  const actions = {
    "/": () => query.focus(),
    "+": () => zoom(0.8),
    "=": () => zoom(0.8),
    "-": () => zoom(1.25),
    "0": fit,
    ArrowLeft: () => (chosen === null ? move(STEP, 0) : neighbour(false)),
    ArrowRight: () => (chosen === null ? move(-STEP, 0) : neighbour(true)),
    ArrowUp: () => move(0, STEP),
    ArrowDown: () => move(0, -STEP),
    Escape: () => {
      if (chosen !== null) { choose(null); stage.focus(); return; }
      const frame = frameOf(group);
      if (frame) close(frame);
    },
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = event.target.closest?.(".node, .frame");
    if (at && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      if (at.matches(".frame")) close(facts().frames[idOf(at)]);
      else {
        open(idOf(at));
        stage.focus();
      }
    } else if (event.key in actions && !event.target.closest?.("input")) {
      event.preventDefault();
      actions[event.key]();
    }
  });

  const wanted = new URLSearchParams(location.hash.slice(1)).get("group") ?? "";
  show(wanted in data.groups ? wanted : "");
})();
