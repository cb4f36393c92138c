"""The moving picture to the last length, on a graph whose boxes and lines stand at round places."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest
from graphs import chain

import engine
from engine import GraphError, Tensor, Value
from engine.view.stepper import svg
from engine.view.stepper.geometry import Bounds
from engine.view.stepper.layout import ROOM, StepPicture
from engine.view.stepper.svg import Film, moving_picture
from engine.view.theme import light

KEPT_SPACE = "\N{NO-BREAK SPACE}"


def text_of(parent, name, x, y, shown="0"):
    text = ET.SubElement(parent, "text", {"class": name, "x": f"{x}", "y": f"{y}"})
    text.text = shown


def picture_of(boxes, lines, view="0 0 300 200"):
    """Return a picture as Graphviz could have drawn it.

    Args:
        boxes: left, top, width and height of each node.
        lines: of each operand, by node and place.
        view: the viewBox.
    """
    root = ET.Element("svg", {"viewBox": view, "class": "p0"})
    graph = ET.SubElement(root, "g", {"id": "p0-graph0", "class": "graph"})
    for number, (x, y, width, height) in enumerate(boxes):
        node = ET.SubElement(graph, "g", {"id": f"p0-n{number}", "class": "node"})
        box = {"x": x, "y": y, "width": width, "height": height}
        ET.SubElement(node, "rect", {name: f"{length}" for name, length in box.items()})
        for row, name in enumerate(("data", "grad", "uses")):
            text_of(node, name, x + 5, y + 5 * row)
    for number, line in enumerate(lines.values()):
        edge = ET.SubElement(graph, "g", {"id": f"p0-e{number}", "class": "edge"})
        ET.SubElement(edge, "path", {"d": line})
    node_ids = {number: f"p0-n{number}" for number in range(len(boxes))}
    return StepPicture(root, node_ids, {ends: f"p0-e{i}" for i, ends in enumerate(lines)})


BOXES = [(0, 0, 40, 20), (0, 100, 40, 20), (200, 50, 40, 20)]
ACROSS = "M40,10C90,10 140,10 190,10"  # 150 long
UPWARDS = "M20,100C20,90 20,80 20,70"  # 30 long
SHORT = "M20,100C20,98 20,92 20,90"  # 10 long


def product():
    return Value(-2.0, "a") * Value(3.0, "b")


def film(phase="backward", first=ACROSS, second=UPWARDS, view="0 0 300 200"):
    picture = picture_of(BOXES, {(2, 0): first, (2, 1): second}, view)
    return ET.fromstring(Film(engine.steps(product(), phase), picture).svg())


def tag(element):
    return element.tag.rpartition("}")[2]


def children(element, name):
    return [child for child in element if tag(child) == name]


def scenes(root):
    """Return what is drawn over the graph for one step, by step."""
    (graph,) = (g for g in root.iter() if g.get("class") == "graph")
    return {g.get("class"): g for g in graph if (g.get("class") or "").startswith("k")}


def is_at(element, **lengths):
    written = {name: float(element.get(name.replace("_", "-"))) for name in lengths}
    assert written == pytest.approx(lengths, abs=0.051)  # of one decimal


def corners_of(polygon):
    return [tuple(map(float, corner.split(","))) for corner in polygon.get("points").split()]


def test_a_step_rings_its_node_and_lights_its_edges():
    root = film()
    (scene,) = scenes(root).values()
    assert [tag(child) for child in scene] == [
        "rect",
        *["path", "polygon", "rect", "text"],
        *["path", "polygon", "rect", "text"],
    ]
    ring, line, head, plate, amount, *other = scene
    is_at(ring, x=195, y=45, width=50, height=30, rx=10, stroke_width=2.5)
    assert (ring.get("fill"), ring.get("stroke")) == ("none", light("ink"))
    # 3 is the larger contribution: as thick as an edge becomes. Its head is 18.2 long, 20 wide.
    assert line.get("stroke-dasharray") == "0 17.2 150.0"
    assert (line.get("d"), line.get("fill")) == (ACROSS, "none")
    is_at(line, stroke_width=7.0)
    assert corners_of(head) == [(40.0, 10.0), (58.2, 20.0), (58.2, 0.0)]
    is_at(plate, x=102.7, y=1, width=24.6, height=18, rx=8)
    assert (plate.get("fill"), plate.get("stroke")) == (light("paper"), light("leaf"))
    is_at(amount, x=115, y=14.5)
    assert (amount.text, amount.get("text-anchor"), amount.get("font-weight")) == (
        "+3",
        "middle",
        "bold",
    )
    assert {line.get("stroke"), head.get("fill"), amount.get("fill")} == {light("leaf")}

    line, head, plate, amount = other
    width = 1.8 + 5.2 * (2 / 3) ** 0.5  # 6.05
    assert float(line.get("stroke-width")) == pytest.approx(width, abs=0.051)
    assert line.get("stroke-dasharray") == "0 15.7 30.0"
    tip, right, left = corners_of(head)
    assert tip == (20.0, 100.0)
    assert right == pytest.approx((20 + 3 + width, 100 - 7 - 1.6 * width), abs=0.06)
    assert left == pytest.approx((20 - 3 - width, 100 - 7 - 1.6 * width), abs=0.06)
    is_at(plate, x=7.7, y=76, width=24.6, height=18)
    assert amount.text == "-2"
    assert {line.get("stroke"), head.get("fill"), amount.get("fill")} == {light("minus")}


def test_on_an_edge_that_is_all_head_the_amount_stands_beside():
    (scene,) = scenes(film(second=SHORT)).values()
    line, head, plate, _ = scene[5:]
    assert line.get("stroke-dasharray") == "0 9.0 10.0"
    tip, *behind = corners_of(head)
    assert tip == (20.0, 100.0)
    assert [corner[1] for corner in behind] == [90.0, 90.0]
    is_at(plate, x=7.7, y=95 - 19 - 9)  # where it covers neither the node nor its edge's end


def test_two_amounts_do_not_cover_each_other():
    (scene,) = scenes(film(second=ACROSS)).values()
    first, second = (scene[place] for place in (3, 7))
    is_at(first, x=102.7, y=1)  # at 5/10 of the line
    is_at(second, x=40 + 150 * 0.3 - 12.3, y=1)  # at 3/10: from 4/10 on they would meet


def test_a_forward_step_lights_its_edges_alone():
    (scene,) = scenes(film("forward")).values()
    assert [tag(child) for child in scene] == ["rect", "path", "path"]
    for line, path in zip(scene[1:], (ACROSS, UPWARDS), strict=True):
        is_at(line, stroke_width=2.5)
        assert (line.get("d"), line.get("stroke"), line.get("fill")) == (
            path,
            light("leaf"),
            "none",
        )


def captions(root):
    """Return what is said beneath the picture, by step."""
    return [g for g in root if tag(g) == "g" and g.get("class") != "graph"]


FIRST = ["step 0/1  ∂v1/∂v1 = 1", "  v1.grad: · → 1"]
SECOND = [
    "step 1/1  v1 = a × b = -6",
    "  ∂v1/∂a += ∂v1/∂v1 · ∂v1/∂a = 1 × 3 = 3       a.grad: · → 3",
    "  ∂v1/∂b += ∂v1/∂v1 · ∂v1/∂b = 1 × (-2) = -2   b.grad: · → -2",
    "backward() leaves a.grad = 3 and b.grad = -2",
]


@pytest.mark.parametrize("width", [300, 900])
def test_captions_stand_beneath_and_have_their_room(width):
    root = film(view=f"-4 8 {width} 200")
    said = captions(root)
    lines = [
        [text.text.replace(KEPT_SPACE, " ") for text in children(scene, "text")] for scene in said
    ]
    assert lines == [FIRST, SECOND]
    longest = max(len(line) for line in [*lines[0], *lines[1]])
    wide, high = max(width, 7.3 * longest) + 28, 200 + 4 * 19 + 35
    left, top = -4 + width / 2 - wide / 2, 8 - 7
    view = [float(number) for number in root.get("viewBox").split()]
    assert view == pytest.approx([left, top, wide, high], abs=0.051)
    assert root.get("width") == f"{1.4 * wide:.0f}"
    assert root.get("height") == f"{1.4 * high:.0f}"
    paper = next(child for child in root if tag(child) == "rect")
    is_at(paper, x=left, y=top, width=wide, height=high, rx=10)
    assert paper.get("fill") == light("paper")
    assert [tag(child) for child in root] == ["title", "style", "rect", "g", "g", "g"]
    for index, scene in enumerate(said):
        for number, text in enumerate(children(scene, "text")):
            is_at(text, x=left + 14, y=8 + 200 + 14 + 19 * number)
            assert text.get("font-weight") == ("bold" if number == 0 else None)
        (bar,) = children(scene, "rect")
        share = (wide - 28) * (index + 1) / 2
        is_at(bar, x=left + 14, y=top + high - 14, width=share, height=3)
        assert bar.get("fill") == light("leaf")


def test_what_is_not_the_end_is_hidden_without_motion():
    root = film()
    hidden = {g.get("class"): g.get("visibility") for g in root.iter() if g.get("class")}
    assert hidden["k0-1"] == "hidden"
    assert hidden["k1-2"] is None
    name = root.get("class")
    assert name.startswith("s")
    assert len(name) == 9
    style = next(child for child in root if tag(child) == "style").text
    timing = "".join(
        f"@keyframes {name}{span}{{{frames}}}"
        f".{name} .{span}{{animation:{name}{span} 4.8s step-end infinite}}"
        for span, frames in (
            ("k0-1", "0%{visibility:visible}50%{visibility:hidden}"),
            ("k1-2", "0%{visibility:hidden}50%{visibility:visible}"),
        )
    )
    still = f"@media (prefers-reduced-motion:reduce){{.{name} *{{animation:none!important}}}}"
    assert style.endswith(timing + still)


def numbers_of(root, position):
    """Return the numbers of a node, each with the steps in which it is seen."""
    (node,) = (g for g in root.iter() if g.get("id") == f"p0-n{position}")
    return [
        (text.text.replace(KEPT_SPACE, ""), text.get("class"), float(text.get("y")))
        for text in children(node, "text")
    ]


def test_each_number_is_seen_in_its_steps():
    a = Value(2.0, "a")
    b = a * a
    root = b + a
    lines = {(1, 0): ACROSS, (1, 1): ACROSS, (2, 0): ACROSS, (2, 1): ACROSS}
    s = engine.steps(root)
    seen = ET.fromstring(Film(s, picture_of(BOXES, lines)).svg())
    assert numbers_of(seen, 0) == [
        *[("2", None, 0.0)],
        *[("·", "k0-1", 5.0), ("1", "k1-2", 5.0), ("5", "k2-3", 5.0)],
        *[("○○○", "k0-1", 10.0), ("●○○", "k1-2", 10.0), ("●●●", "k2-3", 10.0)],
    ]
    assert numbers_of(seen, 2) == [("6", None, 50.0), ("1", None, 55.0), ("", None, 60.0)]


def test_nan_stands_out_and_its_edge_too():
    s = engine.steps(Value(0.0, "a").log() * 0.0)
    boxes = [*BOXES, (300, 50, 40, 20)]
    seen = ET.fromstring(Film(s, picture_of(boxes, {(1, 0): ACROSS, (3, 0): ACROSS})).svg())
    alarming = [text.text.strip() for text in seen.iter() if text.get("font-weight") == "bold"]
    assert {"nan", "-inf"} <= set(alarming)
    last = scenes(seen)["k2-3"]
    assert last[1].get("stroke") == last[2].get("fill") == light("alarm")


@pytest.mark.parametrize(
    ("wide", "high", "size"), [(33, 28, 12.5 / 3), (133, 15, 9), (133, 70, 14)]
)
def test_heat_maps_stand_side_by_side_in_the_room_that_was_left(wide, high, size):
    """The room has two maps of 3 columns and 2 rows: its texts end 3 before the box does."""
    numbers = np.array([[-1.0, -1.0, 2.0], [2.0, 2.0, 2.0]])
    x = Tensor(numbers, "x", requires_grad=True)
    s = engine.steps(x.sum())
    picture = picture_of(BOXES[:2], {(1, 0): ACROSS})
    node = next(g for g in picture.root.iter("g") if g.get("id") == "p0-n0")
    text_of(node, "", 9, 30, "data")
    for y in (40, 40 + high / 2, 40 + high):
        text_of(node, ROOM, 9 + wide - 3, y, "")
    seen = ET.fromstring(Film(s, picture).svg())
    (box,) = (g for g in seen.iter() if g.get("id") == "p0-n0")
    data, grad = children(box, "g")
    assert (data.get("class"), grad.get("class")) == (None, "k1-2")
    tall = high + 14 - 11  # beneath what each map is called
    assert size == pytest.approx(min(tall / 2, (wide / 2 - 4) / 3, 14))
    for scene, name, left in ((data, "data", 9), (grad, "grad", 9 + wide / 2)):
        called, *cells = scene
        assert called.text == name
        is_at(called, x=left, y=36, font_size=8)
        assert called.get("fill") == light("muted")
        runs = [(0, 0, 2), (2, 0, 1), (0, 1, 3)] if name == "data" else [(0, 0, 3), (0, 1, 3)]
        for cell, (column, row, count) in zip(cells, runs, strict=True):
            is_at(
                cell,
                x=left + column * size,
                y=39 + row * size,
                width=count * size,
                height=size,
            )
    fills = [cell.get("fill") for cell in data[1:]]
    assert fills == [light(shade) for shade in ("negative 3", "positive 6", "positive 6")]
    kept = [text.text.strip() for text in children(box, "text")]
    assert "" not in kept[4:]  # the room is given up


@pytest.mark.parametrize(
    ("shape", "cells"), [((3,), (1, 3)), ((6, 12), (6, 12)), ((7, 13), (6, 12))]
)
def test_small_heat_maps_have_up_to_six_rows_of_twelve(shape, cells):
    scene = ET.Element("g")
    svg._draw_map(scene, np.cumsum(np.ones(shape), axis=-1), Bounds(0.0, 0.0, 12.0, 12.0))
    rows = {cell.get("y") for cell in scene}
    size = min(12 / cells[0], 12 / cells[1])
    assert len(rows) == cells[0]
    wide = sum(float(cell.get("width")) for cell in scene) / len(rows)
    assert wide == pytest.approx(size * cells[1], abs=0.6)


@pytest.mark.parametrize("uses", [6, 7])
def test_a_caption_has_up_to_six_parts(uses):
    s = engine.steps(engine.sum([Value(float(i), f"x{i}") for i in range(uses)]))
    lines = svg._caption(s, s[1])
    assert len(lines) == 8  # the expression, the parts, and what backward() leaves
    assert [line.strip() for line in lines if line.startswith("  …")] == ["… and 2 more"] * (
        uses == 7
    )


def test_a_caption_says_what_a_forward_step_keeps():
    s = engine.steps(product(), "forward")
    assert svg._caption(s, s[1])[1:] == ["  keeps ∂v1/∂a = b = 3", "  keeps ∂v1/∂b = a = -2"]


@pytest.mark.parametrize(
    ("most", "more"),
    [
        (lambda: chain(99), lambda: chain(100)),  # steps: one for each op, and the first
        *[
            tuple(lambda n=n: engine.sum([Value(1.0) for _ in range(n)]) for n in (149, 150)),
            tuple(lambda n=n: engine.sum([Value(1.0)] * n) for n in (500, 501)),
        ],
    ],
    ids=["steps", "nodes", "edges"],
)
def test_how_much_a_moving_picture_holds(monkeypatch, most, more):
    monkeypatch.setattr(svg, "whole_picture", lambda s: None)
    monkeypatch.setattr(Film, "__init__", lambda self, s, picture: None)
    monkeypatch.setattr(Film, "svg", lambda self: "a film")
    assert moving_picture(engine.steps(most())) == "a film"
    with pytest.raises(GraphError, match="up to 150 nodes, 500 edges and 100 steps"):
        moving_picture(engine.steps(more()))
