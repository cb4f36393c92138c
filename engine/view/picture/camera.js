"use strict";
/* What part of a picture is seen: the wheel zooms, a drag moves, two fingers do both. */
const makeCamera = (stage) => {
  const LARGEST = 1.8, SMALLEST = 0.62, NARROW = 600;
  const NEAREST = 0.02, FARTHEST = 4, FEWEST_PIXELS = 4;
  const wholes = new Map(), views = new Map(), pointers = new Map();
  let picture = null, travelled = 0;

  function show(svg) {
    picture = svg;
    if (wholes.has(svg)) return;
    wholes.set(svg, svg.getAttribute("viewBox").split(" ").map(Number));
    fit();
    if (sides()[0] < NARROW) approach();
  }

  /* On a phone, show what is legible of a wide picture: its end, where the result is. */
  function approach() {
    const [x, y, width, height] = views.get(picture);
    const shrunk = Math.min(1 / (SMALLEST * scale(views.get(picture))), 1);
    const rest = width * (1 - shrunk);
    look([x + rest, y + (height * (1 - shrunk)) / 2, width * shrunk, height * shrunk]);
  }

  function look(box) {
    views.set(picture, box);
    picture.setAttribute("viewBox", box.map((side) => side.toFixed(2)).join(" "));
  }

  function sides() {
    const { width, height } = stage.getBoundingClientRect();
    return [Math.max(width, 1), Math.max(height, 1)];
  }

  /* Units of the picture in a pixel. */
  function scale([, , width, height]) {
    const [wide, high] = sides();
    return Math.max(width / wide, height / high);
  }

  function fit() {
    const [x, y, width, height] = wholes.get(picture);
    const grown = Math.max(1 / (scale([x, y, width, height]) * LARGEST), 1);
    look([
      x - (width * (grown - 1)) / 2, y - (height * (grown - 1)) / 2, width * grown, height * grown,
    ]);
  }

  function point(x, y) {
    const { left, top, width, height } = stage.getBoundingClientRect();
    const [boxX, boxY, boxWidth, boxHeight] = views.get(picture), unit = scale(views.get(picture));
    return [
      boxX + boxWidth / 2 + (x - left - width / 2) * unit,
      boxY + boxHeight / 2 + (y - top - height / 2) * unit,
    ];
  }

  function zoom(factor, x, y) {
    const { left, top, width, height } = stage.getBoundingClientRect();
    const [px, py] = point(x ?? left + width / 2, y ?? top + height / 2);
    const [boxX, boxY, boxWidth, boxHeight] = views.get(picture), full = wholes.get(picture)[2];
    const wanted = Math.min(Math.max(boxWidth * factor, full * NEAREST), full * FARTHEST);
    const real = wanted / boxWidth;
    look([px + (boxX - px) * real, py + (boxY - py) * real, wanted, boxHeight * real]);
  }

  function move(dx, dy) {
    const [x, y, width, height] = views.get(picture), unit = scale(views.get(picture));
    look([x - dx * unit, y - dy * unit, width, height]);
  }

  function centre(element) {
    const box = element.getBoundingClientRect(), frame = stage.getBoundingClientRect();
    move(
      frame.left + frame.width / 2 - box.left - box.width / 2,
      frame.top + frame.height / 2 - box.top - box.height / 2,
    );
  }

  function reveal(element) {
    const box = element.getBoundingClientRect(), frame = stage.getBoundingClientRect();
    const outside = box.left < frame.left || box.right > frame.right
      || box.top < frame.top || box.bottom > frame.bottom;
    if (outside) centre(element);
  }

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
  const dragged = () => travelled >= FEWEST_PIXELS;
  return { show, fit, zoom, move, centre, reveal, dragged };
};
