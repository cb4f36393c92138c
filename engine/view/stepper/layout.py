"""Laying out the pictures that a stepper moves on, and making them small."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from xml.etree import ElementTree as ET

from engine.view.graphviz_engine import lay_out_several
from engine.view.picture.diagram import Diagram
from engine.view.picture.dot import digraph
from engine.view.stepper.geometry import bounds
from engine.view.stepper.sequence import StepSequence
from engine.view.stepper.words import signed
from engine.view.svg import cleaned, colours_in, dark_style
from engine.view.theme import FONT, PALETTE

POINTS = 72  # of an inch
LETTER, BESIDE = 8, 40  # points that an amount takes on an edge, and what is left beside it
ROOM = "room"  # the class of an empty text where a heat map goes
CORNER = 12  # the radius that Graphviz gives a rounded corner
INK, LINE = PALETTE["ink"], PALETTE["line"]
# What `picture_style` says once for all texts and all edges.
TEXT = {"text-anchor": "start", "font-family": FONT, "font-size": "12.00", "fill": INK.light}
PATH = {"fill": "none", "stroke": LINE.light, "stroke-width": "1.1"}
HEAD = {**PATH, "fill": LINE.light}


class StepPicture(NamedTuple):
    """A picture of a graph, or of the part around some steps, whose numbers can be exchanged.

    Args:
        root: the `<svg>` element. In the group of a node, the texts with the classes data, grad
            and uses are for the numbers; each holds a placeholder.
        node_ids: the id of the group of each node.
        edge_ids: the id of the group of the edge from an operand, by node and place of the operand.
    """

    root: ET.Element
    node_ids: dict[int, str]
    edge_ids: dict[tuple[int, int], str]


def laid_out(
    s: StepSequence, diagrams: Sequence[Diagram], positions: dict[str, int]
) -> list[StepPicture]:
    """Lay out diagrams, and find their nodes and edges in the pictures again.

    Args:
        s: the steps, whose amounts the edges have to hold.
        diagrams: what is drawn.
        positions: the node that each id of the diagrams stands for.

    Raises:
        MissingGraphviz: there is nothing to lay them out with.
    """
    amounts = (c.amount for passed in s.record.contributions for c in passed)
    longest = max((len(signed(amount)) for amount in amounts), default=1)
    apart = (LETTER * longest + BESIDE) / POINTS
    sources = []
    for diagram in diagrams:
        graph = digraph(diagram)
        graph.graph_attr["ranksep"] = f"{apart:.2f}"
        sources.append(graph.source)
    pictures = []
    for number, (diagram, drawn) in enumerate(zip(diagrams, lay_out_several(sources), strict=True)):
        prefix = f"p{number}"
        root = cleaned(drawn, prefix)
        _mark_texts(root, prefix, diagram)
        _slim(root)
        node_ids = {positions[node.id]: f"{prefix}-{node.id}" for node in diagram.nodes}
        edge_ids = {
            (positions[edge.target], (edge.operand or 1) - 1): f"{prefix}-{edge.id}"
            for edge in diagram.edges
        }
        pictures.append(StepPicture(root, node_ids, edge_ids))
    return pictures


def _mark_texts(root: ET.Element, prefix: str, diagram: Diagram) -> None:
    """Give each text that is for a number the class of what it shows, as "grad"."""
    groups = {element.get("id"): element for element in root.iter("g")}
    for node in diagram.nodes:
        if node.rows:  # each is a caption and a number, after the name and formula
            numbers = groups[f"{prefix}-{node.id}"].findall("text")[-2 * len(node.rows) :][1::2]
            for row, text in zip(node.rows, numbers, strict=True):
                text.set("class", row.caption or ROOM)


def _slim(root: ET.Element) -> None:
    """Take out what `picture_style` says once for all, and decimals that nobody sees."""
    root.set("font-family", FONT)
    root.set("font-size", "12")
    for element in root.iter():
        for text in element.findall("text"):
            # As the space between a name and a formula, and that before what is left free.
            if not (text.text or "").strip() and text.get("class") != ROOM:
                element.remove(text)
        element.tail = None
        if not (element.text or "").strip("\n"):
            element.text = None
    for group in root.iter("g"):
        on_edge = "edge" in group.get("class", "").split()
        stated = {"text": TEXT, "path": PATH, "polygon": HEAD} if on_edge else {"text": TEXT}
        for element in group:
            if element.tag == "path" and not on_edge:
                _as_rectangle(element)
            for name, value in stated.get(element.tag, {}).items():
                if element.get(name) == value:
                    del element.attrib[name]
            for name in ("d", "points", "x", "y", "cx", "cy", "rx", "ry"):
                if name in element.attrib:
                    element.set(name, re.sub(r"(\.\d)\d+", r"\1", element.attrib[name]))


def _as_rectangle(path: ET.Element) -> None:
    """Make a rectangle of the path that Graphviz draws for one with round corners."""
    box = bounds([path])
    path.tag = "rect"
    del path.attrib["d"]
    width, height = box.right - box.left, box.bottom - box.top
    corner = min(CORNER, width / 3, height / 3)
    lengths = {"x": box.left, "y": box.top, "width": width, "height": height, "rx": corner}
    for name, length in lengths.items():
        path.set(name, f"{length:.1f}")


def picture_style(selector: str, pictures: Sequence[ET.Element]) -> str:
    """Return the CSS that pictures below a selector need, for light pages and dark ones."""

    def plain(ink: str, line: str) -> str:
        return (
            f"{selector} text:not([fill]){{fill:{ink}}}"
            f"{selector} .edge path{{fill:none;stroke:{line};stroke-width:1.1}}"
            f"{selector} .edge polygon{{fill:{line};stroke:{line}}}"
        )

    dark = f"@media (prefers-color-scheme:dark){{{plain(INK.dark, LINE.dark)}}}"
    return plain(INK.light, LINE.light) + dark_style(selector, colours_in(pictures)) + dark
