"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const stage = byId("stage"), details = byId("details"), query = byId("query"), found = byId("found");
  const pictures = [...document.querySelectorAll(".level")];
  const camera = makeCamera(stage);
  const MOST_FOUND = 30, STEP = 60;
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
    camera.show(pictures[level]);
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
      if (camera.dragged()) return;
      const node = event.target.closest(".node"), frame = event.target.closest(".frame");
      if (node && idOf(node) in facts().nodes) open(idOf(node));
      else if (frame && event.target.tagName === "text") close(facts().frames[idOf(frame)]);
      else choose(null);
    });
  }

  byId("closer").addEventListener("click", () => camera.zoom(0.8));
  byId("farther").addEventListener("click", () => camera.zoom(1.25));
  byId("fit").addEventListener("click", () => camera.fit());

  function reveal(id) {
    choose(id);
    camera.reveal(element(id));
  }

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
    camera.centre(element(id));
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
  const actions = {
    "/": () => query.focus(),
    "+": () => camera.zoom(0.8),
    "=": () => camera.zoom(0.8),
    "-": () => camera.zoom(1.25),
    "0": () => camera.fit(),
    ArrowLeft: () => (chosen === null ? camera.move(STEP, 0) : neighbour(false)),
    ArrowRight: () => (chosen === null ? camera.move(-STEP, 0) : neighbour(true)),
    ArrowUp: () => camera.move(0, STEP),
    ArrowDown: () => camera.move(0, -STEP),
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
