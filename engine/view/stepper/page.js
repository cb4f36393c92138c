"use strict";

/* Moving among the steps: keys, buttons, slider, links; what every node holds after each. */

const begin = (read, drawn) => {
  const { symbol, nodes, steps } = unpacked(read);
  const last = steps.length - 1;
  const find = (id) => document.getElementById(id);
  const stepper = find("stepper");
  stepper.hidden = false;
  let now = -1;
  let timer = 0;
  let predicting = false;
  let following = null;
  let revealed = new Set();

  const rows = document.querySelectorAll("#steps tbody tr");
  rows.forEach((row, index) => {
    const link = make("a", "", row.cells[0].textContent);
    link.href = "#step=" + index;
    row.cells[0].replaceChildren(link);
  });

  /* ----- What is shown, and what is still to be predicted ----- */

  const hidden = (question) => predicting && steps[now].questions.includes(question) && !revealed.has(question);

  const stateAfter = (index) => {
    const state = nodes.map((node) => ({ data: node.data, grad: node.grad, use: 0, maps: { ...node.maps } }));
    for (const step of steps.slice(0, index + 1)) {
      for (const [position, text, map] of step.data) {
        state[position].data = text;
        state[position].maps.data = map;
      }
      for (const part of step.parts) {
        if (!part.received) continue;
        Object.assign(state[part.to], { grad: part.after, use: part.use });
        state[part.to].maps.grad = part.maps.after;
      }
    }
    return state;
  };

  const spoken = (step) => {
    const told = step.parts.filter((part, place) => part.received && !hidden(place));
    const sums = told.map((part) => part.name + ".grad " + (part.before === NONE ? "becomes " : "goes from " + part.before + " to ") + part.after);
    return ["Step " + now + " of " + last, panel.expression(step, hidden), ...sums, step.why].join(". ");
  };

  const draw = () => {
    const step = steps[now];
    const state = stateAfter(now);
    picture.draw(step, now, state, hidden);
    panel.draw(step, hidden);
    strip.draw(step, now, state);
    find("say").textContent = spoken(step);
    find("slider").setAttribute("aria-valuetext", "step " + now + " of " + last + ": " + panel.expression(step, hidden));
  };

  const follows = () => (following === null ? picture.isLarge() : following);
  const aim = () => {
    picture.aim(steps[now], follows());
    find("follow").setAttribute("aria-pressed", String(follows()));
  };

  const mark = (step) => {
    find("place").textContent = "step " + now + " / " + last;
    find("slider").value = now;
    find("first").disabled = find("previous").disabled = now === 0;
    find("next").disabled = find("last").disabled = now === last;
    for (const button of find("passes").children) button.setAttribute("aria-current", String(button.dataset.phase === step.phase));
    const before = document.querySelector("#steps tr[aria-current]");
    if (before) before.removeAttribute("aria-current");
    const row = rows[now];
    if (row) row.setAttribute("aria-current", "step");
  };

  /* ----- Moving ----- */

  const go = (index) => {
    const target = Math.min(Math.max(Math.trunc(Number(index)) || 0, 0), last);
    if (target === now) return;
    const opening = now < 0;
    now = target;
    revealed = new Set();
    draw();
    mark(steps[now]);
    aim();
    if (opening) return;
    try { history.replaceState(null, "", "#step=" + now); } catch (refused) { void refused; }
  };

  const leave = (index) => { setPlaying(false); go(index); };

  const reveal = (question, right) => {
    const asked = question === undefined ? steps[now].questions : [question];
    const inside = find("panel").contains(document.activeElement);
    for (const each of asked) revealed.add(each);
    draw();
    if (right !== undefined) find("say").textContent = panel.judge(steps[now], question, right);
    if (inside) panel.focus(right !== undefined);
  };

  const setPlaying = (playing) => {
    clearInterval(timer);
    timer = 0;
    document.body.classList.toggle("playing", playing);
    find("play").setAttribute("aria-label", playing ? "Pause" : "Play");
    if (!playing) return;
    if (now === last) go(0);
    const pause = Math.min(Math.max(60000 / steps.length, 400), 1800);
    timer = setInterval(() => { if (now < last) go(now + 1); if (now === last) setPlaying(false); }, pause);
  };

  const setPredicting = (on) => {
    predicting = on;
    revealed = new Set();
    document.body.classList.toggle("predicting", on);
    find("predict").setAttribute("aria-pressed", String(on));
    draw();
  };

  const setFollowing = (on) => {
    following = on;
    aim();
  };

  const picture = pictureOf(find("picture"), find("map"), drawn, nodes, steps, () => aim());
  const panel = panelOf(find("panel"), symbol, nodes, reveal, (position) => { if (follows()) picture.point(steps[now], position); });
  const strip = stripOf(find("strip-title"), find("order"), find("why"), nodes, steps, leave);

  /* ----- Hands ----- */

  const actions = {
    first: () => leave(0),
    previous: () => leave(now - 1),
    play: () => setPlaying(!timer),
    next: () => leave(now + 1),
    last: () => leave(last),
    predict: () => setPredicting(!predicting),
    follow: () => setFollowing(!follows()),
  };
  const keys = {
    ArrowLeft: actions.previous, ArrowRight: actions.next, Home: actions.first, End: actions.last,
    " ": actions.play, p: actions.predict, f: actions.follow, r: () => reveal(),
  };
  for (const [id, action] of Object.entries(actions)) find(id).addEventListener("click", action);
  document.addEventListener("keydown", (event) => {
    const action = keys[event.key];
    const typing = event.target.closest("input[type=text]");
    const pressed = event.key === " " && event.target.closest("button, summary, a");
    if (!action || typing || pressed || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  });
  find("slider").max = last;
  find("slider").addEventListener("input", (event) => leave(event.target.value));
  const linked = () => (location.hash.match(/^#step=(\d+)$/) || [])[1];
  addEventListener("hashchange", () => { if (linked()) leave(linked()); });

  const phases = [...new Set(steps.map((step) => step.phase))];
  if (phases.length > 1) {
    find("passes").append(...phases.map((phase) => {
      const button = make("button", "", phase);
      button.dataset.phase = phase;
      button.addEventListener("click", () => leave(steps.findIndex((step) => step.phase === phase)));
      return button;
    }));
  }
  find("follow").hidden = !picture.isDrawn;
  go(linked() || 0);
};

inflated(document.getElementById("data"), begin);
