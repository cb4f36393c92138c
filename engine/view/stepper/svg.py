"""The steps as a moving picture: one SVG, for a README, in which no script has to run."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from itertools import groupby
from typing import Any
from xml.etree import ElementTree as ET

from engine.errors import GraphError
from engine.view.formatting import format_value
from engine.view.stepper.amounts import dots, largest_amount, thickness, tone_of
from engine.view.stepper.data import Part, Partial, Step
from engine.view.stepper.geometry import Bounds, Curve, bounds, place_on
from engine.view.stepper.heat import colour_of, heat_map
from engine.view.stepper.layout import ROOM, StepPicture, picture_style
from engine.view.stepper.picture import whole_picture
from engine.view.stepper.sequence import StepSequence
from engine.view.stepper.state import State
from engine.view.stepper.text import chain_rule, change, closing, local_rule
from engine.view.stepper.words import aligned, signed
from engine.view.theme import light

SECONDS = 2.4  # that a step stands
MOST_STEPS, MOST_NODES, MOST_EDGES = 100, 150, 500
MOST_PARTS = 6  # of a caption
ENLARGED = 1.4  # pixels a unit, where nothing else sets the size
MOST_CELLS, WIDEST_CELL = (6, 12), 14.0  # of a heat map: rows and columns, and its units
PLATE = 18.0  # the height of what an amount stands on
MARGIN, LINE, LETTER = 14.0, 19.0, 7.3  # around everything, and of the caption's letters
COLOURS = {"plus": "leaf", "minus": "minus", "zero": "line", "alarm": "alarm", "mixed": "carried"}
CAPTION = "ui-monospace,SFMono-Regular,Menlo,'DejaVu Sans Mono',monospace"
NOT_FINITE = ("nan", "inf", "-inf")
NO_BREAK = "\N{NO-BREAK SPACE}"


def moving_picture(s: StepSequence) -> str:
    """Return an SVG in which the steps follow each other.

    Raises:
        GraphError: there are too many nodes or steps to watch.
        MissingGraphviz: there is nothing to lay it out with.
    """
    nodes, edges = s.record.size
    if nodes > MOST_NODES or edges > MOST_EDGES or len(s) > MOST_STEPS:
        raise GraphError(
            f"a moving picture holds up to {MOST_NODES} nodes, {MOST_EDGES} edges and {MOST_STEPS} "
            f"steps, and here are {nodes:,}, {edges:,} and {len(s):,}: save a page instead, as "
            "s.save('steps.html')"
        )
    return Film(s, whole_picture(s)).svg()


class Film:
    """A picture, and what is seen in it from one step to another.

    Args:
        s: the steps.
        picture: the graph, with placeholders for numbers.
    """

    def __init__(self, s: StepSequence, picture: StepPicture) -> None:
        self.steps = s
        self.picture = picture
        self.root = picture.root
        self.groups = {group.get("id"): group for group in self.root.iter("g")}
        self.graph = next(g for g in self.root.iter("g") if "graph" in g.get("class", "").split())
        self.widest = largest_amount(s)
        self.spans: set[tuple[int, int]] = set()

    def svg(self) -> str:
        """Return the whole film."""
        self._write_numbers()
        for step in self.steps:
            if step.node is not None:
                self._light(step, step.node)
        self._write_captions()
        name = "s" + hashlib.sha256(ET.tostring(self.root)).hexdigest()[:8]
        self.root.set("class", name)
        title, style = ET.Element("title"), ET.Element("style")
        title.text = f"The steps of {self.steps.title}"
        style.text = picture_style(f".{name}", [self.root]) + self._timing(name)
        self.root[:0] = [title, style]
        return ET.tostring(self.root, encoding="unicode")

    def _write_numbers(self) -> None:
        """Put the numbers of each node in the place of their placeholders, each for its steps."""
        states = [State(self.steps, index) for index in range(len(self.steps))]
        for position, name in self.picture.node_ids.items():
            uses = len(self.steps.record.consumers.get(position, ()))
            written = {
                "data": [format_value(state.data(position)) for state in states],
                "grad": [format_value(state.gradient(position)) for state in states],
                "uses": [dots(uses - state.waiting(position), uses) for state in states],
            }
            group = self.groups[name]
            room = [text for text in group.findall("text") if text.get("class") == ROOM]
            if room:
                heated = {"data": State.data, "grad": State.gradient}
                arrays = [[held(state, position) for state in states] for held in heated.values()]
                self._write_maps(group, room, dict(zip(heated, arrays, strict=True)))
            for place in group.findall("text"):
                kind = place.attrib.pop("class", "")
                if kind in written:
                    group.remove(place)
                    self._write_runs(group, place, written[kind])

    def _write_maps(
        self, group: ET.Element, room: list[ET.Element], arrays: dict[str, list[Any]]
    ) -> None:
        """Draw small heat maps in the room that was left for them, each for its steps."""
        first, last = (float(text.get("y", "0")) for text in (room[0], room[-1]))
        caption = next(text for text in group.findall("text") if text.text == "data")
        left = float(caption.get("x", "0"))
        width = (float(room[0].get("x", "0")) + 3 - left) / 2
        top, height = first - 12, last - first + 14
        for text in room:
            group.remove(text)
        for place, (kind, held) in enumerate(arrays.items()):
            x, start = left + place * width, 0
            for _, run in groupby(held, key=id):
                array, *more = run
                stop = start + 1 + len(more)
                if hasattr(array, "shape") and array.size:
                    scene = self._show(_add(group, "g"), start, stop)
                    look = {"x": x, "y": top + 8, "font-size": "8", "fill": light("muted")}
                    _add(scene, "text", look, kind)
                    _draw_map(scene, array, Bounds(x, top + 11, x + width - 4, top + height))
                start = stop

    def _write_runs(self, group: ET.Element, place: ET.Element, written: list[str]) -> None:
        start = 0
        for text, run in groupby(written):
            stop = start + len(list(run))
            alarm = {"fill": light("alarm"), "font-weight": "bold"} if text in NOT_FINITE else {}
            copy = _add(group, "text", {**place.attrib, **alarm}, 2 * NO_BREAK + text)
            self._show(copy, start, stop)
            start = stop

    def _light(self, step: Step, node: int) -> None:
        """Ring the node of a step and light its edges."""
        scene = self._show(_add(self.graph, "g"), step.index, step.index + 1)
        box = self._bounds(node)
        taken = [self._bounds(i) for i in dict.fromkeys([node, *(p.target for p in step.parts)])]
        place = {"x": box.left - 5, "y": box.top - 5}
        size = {"width": box.right - box.left + 10, "height": box.bottom - box.top + 10, "rx": 10}
        look = {"fill": "none", "stroke": light("ink"), "stroke-width": 2.5}
        _add(scene, "rect", {**place, **size, **look})
        for part in (*step.parts, *step.partials):
            path = self.groups[self.picture.edge_ids[node, part.operand]].find("path")
            if path is not None:
                self._light_edge(scene, path.get("d", ""), part, taken)

    def _bounds(self, node: int) -> Bounds:
        return bounds(self.groups[self.picture.node_ids[node]])

    def _light_edge(self, scene: ET.Element, path: str, part: Partial, taken: list[Bounds]) -> None:
        line = {"d": path, "fill": "none"}
        if not isinstance(part, Part):
            _add(scene, "path", {**line, "stroke": light("leaf"), "stroke-width": 2.5})
            return
        colour = light(COLOURS[tone_of(part.contribution)])
        width = thickness(part.contribution, self.widest)
        curve = Curve(path)
        length, half = min(7 + 1.6 * width, curve.length), 3 + width
        gap = f"0 {length - 1:.1f} {curve.length:.1f}"
        look = {"stroke": colour, "stroke-width": width, "stroke-dasharray": gap}
        _add(scene, "path", {**line, **look})
        tip, behind = curve.at(0.0), curve.at(length / curve.length)
        reach = math.dist(tip, behind) or 1.0
        x, y = half * (tip.y - behind.y) / reach, half * (behind.x - tip.x) / reach
        corners = (tip, (behind.x + x, behind.y + y), (behind.x - x, behind.y - y))
        points = " ".join(f"{corner[0]:.1f},{corner[1]:.1f}" for corner in corners)
        _add(scene, "polygon", {"points": points, "fill": colour})
        amount = signed(part.contribution)
        room = LETTER * len(amount) + 10
        plate = place_on(curve, room, PLATE, taken)
        taken.append(plate)
        place = {"x": plate.left, "y": plate.top, "width": room, "height": PLATE, "rx": 8}
        _add(scene, "rect", {**place, "fill": light("paper"), "stroke": colour})
        place = {"x": plate.left + room / 2, "y": plate.top + PLATE / 2 + 4.5}
        look = {"fill": colour, "font-weight": "bold", "text-anchor": "middle"}
        _add(scene, "text", {**place, **look}, amount)

    def _write_captions(self) -> None:
        """Make room beneath the picture, and write there what happens in each step."""
        captions = [_caption(self.steps, step) for step in self.steps]
        longest = max(len(line) for lines in captions for line in lines)
        x, y, width, height = map(float, self.root.get("viewBox", "").split())
        wide = max(width, longest * LETTER) + 2 * MARGIN
        high = height + max(map(len, captions)) * LINE + 2.5 * MARGIN
        left, top = x + (width - wide) / 2, y - MARGIN / 2
        self.root.attrib |= {
            "viewBox": f"{left:.1f} {top:.1f} {wide:.1f} {high:.1f}",
            "width": f"{wide * ENLARGED:.0f}",
            "height": f"{high * ENLARGED:.0f}",
        }
        paper = {"x": left, "y": top, "width": wide, "height": high, "rx": 10}
        self.root.insert(0, _add(self.root, "rect", {**paper, "fill": light("paper")}))
        del self.root[-1]
        for index, lines in enumerate(captions):
            scene = _add(self.root, "g", {"font-family": CAPTION})
            for number, line in enumerate(lines):
                place = {"x": left + MARGIN, "y": y + height + MARGIN + number * LINE}
                weight = {} if number else {"font-weight": "bold"}
                _add(scene, "text", {**place, **weight}, line.replace("  ", 2 * NO_BREAK))
            share = (wide - 2 * MARGIN) * (index + 1) / len(captions)
            bar = {"x": left + MARGIN, "y": top + high - MARGIN, "width": share, "height": 3}
            _add(scene, "rect", {**bar, "fill": light("leaf")})
            self._show(scene, index, index + 1)

    def _show(self, element: ET.Element, start: int, stop: int) -> ET.Element:
        """Have an element seen from one step to before another; without motion, at the last."""
        if (start, stop) != (0, len(self.steps)):
            self.spans.add((start, stop))
            element.set("class", f"k{start}-{stop}")
            if stop < len(self.steps):
                element.set("visibility", "hidden")
        return element

    def _timing(self, name: str) -> str:
        """Return the CSS by which everything is seen in its steps."""
        count = len(self.steps)
        rules = []
        for start, stop in sorted(self.spans):
            moments = {0: "hidden", start: "visible"} | ({stop: "hidden"} if stop < count else {})
            frames = "".join(
                f"{100 * moment / count:.5g}%{{visibility:{seen}}}"
                for moment, seen in moments.items()
            )
            timing = f"{name}k{start}-{stop} {count * SECONDS:g}s step-end infinite"
            rules.append(f"@keyframes {name}k{start}-{stop}{{{frames}}}")
            rules.append(f".{name} .k{start}-{stop}{{animation:{timing}}}")
        still = f"@media (prefers-reduced-motion:reduce){{.{name} *{{animation:none!important}}}}"
        return "".join(rules) + still


def _draw_map(scene: ET.Element, array: Any, room: Bounds) -> None:
    """Draw a heat map: a rectangle for each run of one shade in a row."""
    rows = heat_map(array, *MOST_CELLS).rows
    high = (room.bottom - room.top) / len(rows)
    size = min(high, (room.right - room.left) / len(rows[0]), WIDEST_CELL)
    for i, row in enumerate(rows):
        start = 0
        for letter, run in groupby(row):
            count = len(list(run))
            place = {"x": room.left + start * size, "y": room.top + i * size}
            lengths = {"width": count * size, "height": size}
            _add(scene, "rect", {**place, **lengths, "fill": light(colour_of(letter))})
            start += count


def _caption(s: StepSequence, step: Step) -> list[str]:
    """Return what happens in a step as lines of text."""
    out = step.name
    rows: list[tuple[str, ...]] = [
        (chain_rule(part, out, s.builder.symbol, step.upstream), change(part))
        if out
        else (change(part),)
        for part in step.parts
    ]
    rows += [(f"keeps {local_rule(partial, out)}",) for partial in step.partials]
    if len(rows) > MOST_PARTS:
        left_out = len(rows) - MOST_PARTS + 1
        rows[MOST_PARTS - 1 :] = [(f"… and {left_out} more", *("" for _ in rows[0][1:]))]
    said = [f"  {remark}" for remark in step.remarks]
    if step.index == s.end("backward"):
        said.append(closing(s))
    return [f"step {step.index}/{len(s) - 1}  {step.expr}", *aligned(rows, indent="  "), *said]


def _add(
    parent: ET.Element,
    tag: str,
    attributes: Mapping[str, object] | None = None,
    text: str | None = None,
) -> ET.Element:
    """Return a new last child of an element, its lengths rounded to what can be seen."""
    shown = {
        name: f"{value:.1f}" if isinstance(value, float) else str(value)
        for name, value in (attributes or {}).items()
    }
    element = ET.SubElement(parent, tag, shown)
    element.text = text
    return element
