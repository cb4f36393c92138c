"use strict";

/* Heat maps: an array as a grid of shades, with the range said, and numbers where there is room. */

const CELL = { plain: [13, 13], written: [48, 22] };
const WIDEST_MAP = 312;
const LETTER_WIDTH = 7.5;
const ZERO = "g".charCodeAt(0);
const STRANGE = { x: "nan", p: "inf", q: "-inf" };

const shadeOf = (letter) => {
  if (letter in STRANGE) return "shade strange";
  const level = letter.charCodeAt(0) - ZERO;
  return "shade " + (level ? (level > 0 ? "positive-" : "negative-") + Math.abs(level) : "nought");
};

const gridOf = (map, cell) => {
  const columns = map.rows.length ? map.rows[0].length : 0;
  const longest = Math.max(0, ...map.numbers.flat().map((text) => text.length));
  const [least, high] = cell || (map.numbers.length ? CELL.written : CELL.plain);
  const wide = cell ? least : Math.max(least, longest * LETTER_WIDTH);
  const width = Math.min(wide, Math.max(WIDEST_MAP / Math.max(columns, 1), 4));
  const grid = shape("g", "grid", {});
  map.rows.forEach((row, i) => [...row].forEach((letter, k) => {
    const x = k * width;
    const y = i * high;
    grid.append(shape("rect", shadeOf(letter), { x, y, width, height: high }));
    if (cell && letter in STRANGE) return;
    const written = !cell && map.numbers.length ? map.numbers[i][k] : "";
    if (!written && !(letter in STRANGE)) return;
    const text = shape("text", letter in STRANGE ? "cell strange" : "cell", { x: x + width / 2, y: y + high / 2 + 4 });
    text.textContent = written || { x: "×", p: "+", q: "−" }[letter];
    grid.append(text);
  }));
  return { grid, width: columns * width, height: map.rows.length * high };
};

const scaleOf = (map) => {
  const bar = make("span", "scale", make("span", "", map.scale === "0" ? "" : "-" + map.scale));
  for (let level = -6; level <= 6; level += 1) {
    bar.append(make("i", "swatch " + shadeOf(String.fromCharCode(ZERO + level))));
  }
  bar.append(make("span", "", map.scale === "0" ? "all 0" : "+" + map.scale));
  return bar;
};

/* A small one for a node of the picture, in a space that was left for it. */
const smallHeat = (caption, map, place) => {
  const rows = Math.max(map.rows.length, 1);
  const cell = Math.min((place.height - 11) / rows, place.width / Math.max(map.rows.length ? map.rows[0].length : 1, 1), 14);
  const { grid } = gridOf(map, [cell, cell]);
  grid.setAttribute("transform", "translate(" + place.x + " " + (place.y + 11) + ")");
  const label = shape("text", "caption", { x: place.x, y: place.y + 8 });
  label.textContent = caption;
  const group = shape("g", "heated", {});
  group.append(label, grid);
  return group;
};

const heatOf = (caption, map, name = caption.textContent) => {
  const { grid, width, height } = gridOf(map);
  const drawing = shape("svg", "", { viewBox: [0, 0, width, height].join(" "), width, height, role: "img" });
  drawing.setAttribute("aria-label", "Heat map of " + (name ? name + ", " : "") + map.shape + ": " + map.summary);
  drawing.append(grid);
  const figure = make("figure", "heat", make("figcaption", "", ...(caption ? [caption] : []), make("span", "note", map.shape)), drawing, make("p", "note", map.summary));
  if (!map.rows.length) drawing.remove();
  else if (!map.numbers.length) figure.append(scaleOf(map));
  if (map.notice) figure.append(make("p", "note", map.notice));
  return figure;
};
