"""The pictures that a stepper moves on: laid out once, with room for every number to come."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple
from xml.etree import ElementTree as ET

from engine.view.formatting import format_value
from engine.view.graphviz_engine import lay_out_several
from engine.view.picture.describe import Describer
from engine.view.picture.diagram import Diagram, DiagramNode, Row
from engine.view.picture.dot import digraph
from engine.view.stepper.sequence import StepSequence
from engine.view.stepper.words import signed
from engine.view.structure.groups import Box
from engine.view.structure.level import Level
from engine.view.structure.opening import opened_within
from engine.view.structure.outline import Outline
from engine.view.svg import cleaned, dark_style
from engine.view.theme import FONT, PALETTE
from engine.view.trace import Trace

PRECISION = 4
POINTS = 72  # of an inch
LETTER, BESIDE = 8, 40  # points that an amount takes on an edge, and what is left beside it
MOST_WHOLE = 120  # nodes of a graph that is drawn in one picture
MOST_SPANNED = 2_000  # columns that its edges may cross; the time of a layout grows with them
WINDOW = 20  # steps that share a picture of a larger graph, at least
MOST_WINDOWS = 40
MOST_CONSUMERS = 2  # of a node that are drawn where they are not in the window themselves
THINNEST, THICKEST = 1.8, 7.0  # lit edges, in pixels
MOST_DOTS = 6  # uses of a node that are shown one by one
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


def dots(use: int, uses: int) -> str:
    """Return how many of a node's uses have passed a gradient to it: ``"●○"``."""
    return "●" * use + "○" * (uses - use) if uses <= MOST_DOTS else f"{use} of {uses}"


def tone_of(amount: float) -> str:
    """Return what a contribution looks like: plus, minus, zero, or alarm for nan and inf."""
    if not math.isfinite(amount):
        return "alarm"
    return "plus" if amount > 0.0 else "minus" if amount < 0.0 else "zero"


def largest_amount(s: StepSequence) -> float:
    """Return the largest contribution of all steps, by which the others are measured."""
    amounts = [abs(c.amount) for passed in s.record.contributions for c in passed]
    return max(filter(math.isfinite, amounts), default=0.0)


def thickness(amount: float, largest: float) -> float:
    """Return how thick an edge is while a contribution flows on it; as its square root."""
    share = abs(amount) / largest if largest and math.isfinite(amount) else float(amount != 0.0)
    return round(THINNEST + (THICKEST - THINNEST) * math.sqrt(share), 2)


def pictures_of(s: StepSequence, count: int) -> tuple[list[StepPicture], list[int]]:
    """Return the pictures of the first steps, and for each step which of them shows it.

    Args:
        s: the steps.
        count: how many steps.

    A small graph is drawn in one picture. Of a larger one each picture shows the nodes of some
    steps in a row, what they pass gradients to, and where theirs come from.

    Raises:
        MissingGraphviz: there is nothing to lay them out with.
    """
    diagram, positions = _diagram(s)
    trace = s.record.trace
    if len(trace) <= MOST_WHOLE and _spanned(trace) <= MOST_SPANNED:
        return _laid_out(s, [diagram], positions), [0] * count
    windows = list(_windows(s, count))
    shown_in = [window for window, (steps, _) in enumerate(windows) for _ in steps]
    parts = [_part(diagram, positions, shown) for _, shown in windows]
    return _laid_out(s, parts, positions), shown_in


def whole_picture(s: StepSequence) -> StepPicture:
    """Lay out the whole graph of steps.

    Raises:
        MissingGraphviz: there is nothing to lay it out with.
    """
    diagram, positions = _diagram(s)
    return _laid_out(s, [diagram], positions)[0]


# ----- What is drawn --------------------------------------------------------------------------


def _diagram(s: StepSequence) -> tuple[Diagram, dict[str, int]]:
    """Return the whole graph as it is drawn, and the node that each id stands for."""
    trace = s.record.trace
    outline = Outline(trace, folded=False)
    level = Level(outline, opened_within(outline, len(trace)))
    describer = Describer(level, PRECISION, "LR")
    described = describer.diagram()
    positions = {
        describer.ids[item]: item.nodes[0] for item in level.items if isinstance(item, Box)
    }
    widths = _widths(s)
    nodes = [_roomy(node, positions[node.id], s, widths) for node in described.nodes]
    # What an edge says of its derivative would give away what is to be predicted.
    edges = [replace(edge, tooltip=edge.tooltip.partition("\n")[0]) for edge in described.edges]
    return replace(described, nodes=tuple(nodes), edges=tuple(edges), notice=""), positions


def _spanned(trace: Trace) -> int:
    """Return about how many columns the edges of a graph cross when it is laid out."""
    depth = [0] * len(trace)
    for i, operands in enumerate(trace.operands):
        depth[i] = 1 + max((depth[operand] for operand in operands), default=0)
    return sum(
        depth[i] - depth[operand]
        for i, operands in enumerate(trace.operands)
        for operand in operands
    )


def _windows(s: StepSequence, count: int) -> Iterable[tuple[list[int], set[int]]]:
    """Yield runs of steps of one pass, and the nodes that are shown for each."""
    size = max(WINDOW, count // MOST_WINDOWS)
    steps: list[int] = []
    shown: set[int] = set()
    for index in range(count):
        node = s.node(index)
        opens = node is None and any(s.node(i) is not None for i in steps)
        if opens or len(steps) > size:
            yield steps, shown
            steps, shown = [], set()
        steps.append(index)
        shown |= _around(s, node)
    yield steps, shown or _around(s, s.record.trace.roots[0])


def _around(s: StepSequence, node: int | None) -> set[int]:
    """Return a node with its operands and its first consumers."""
    if node is None:
        return set()
    consumers = list(dict.fromkeys(s.record.consumers.get(node, ())))
    return {node, *s.record.trace.operands[node], *consumers[:MOST_CONSUMERS]}


def _part(diagram: Diagram, positions: dict[str, int], shown: set[int]) -> Diagram:
    """Return the part of a diagram that shows some nodes."""
    nodes = tuple(node for node in diagram.nodes if positions[node.id] in shown)
    ids = {node.id for node in nodes}
    outer = {frame.id: frame.parent for frame in diagram.frames}
    framed: set[str] = set()
    for node in nodes:
        frame = node.frame
        while frame and frame not in framed:
            framed.add(frame)
            frame = outer[frame]
    return replace(
        diagram,
        nodes=nodes,
        edges=tuple(e for e in diagram.edges if e.source in ids and e.target in ids),
        frames=tuple(frame for frame in diagram.frames if frame.id in framed),
    )


# ----- Room for numbers ---------------------------------------------------------------------------


def _widths(s: StepSequence) -> list[int]:
    """Return for each node the number of characters of its longest number."""
    record, builder = s.record, s.builder
    widths = [len(format_value(x)) for x in record.trace.data]

    def make_room(position: int, number: float | None) -> None:
        widths[position] = max(widths[position], len(format_value(number)))

    for position, number in enumerate(record.starting_gradients):
        make_room(position, number)
    for passed in [record.seeds, *record.contributions]:
        for contribution in passed:
            make_room(contribution.target, contribution.after)
    if "update" in s.passes:
        for position, number in [*builder.updated.items(), *enumerate(builder.rerun)]:
            make_room(position, number)
    return widths


def _roomy(node: DiagramNode, position: int, s: StepSequence, widths: list[int]) -> DiagramNode:
    """Return a node with placeholders in its rows, and with nothing that a step could change."""
    trace = s.record.trace
    equation = s.builder.equation(position) if trace.ops[position] else s.builder.name(position)
    places = {"made in": trace.scopes[position], "made at": trace.sources[position]}
    lines = [equation, *(f"{how} {place}" for how, place in places.items() if place)]
    if not node.rows:
        return replace(node, tooltip="\n".join(lines))
    room = "0" * widths[position]
    rows = [Row("data", room)]
    if trace.requires_grad[position] and "backward" in s.passes:
        rows.append(Row("grad", room))
        uses = len(s.record.consumers.get(position, ()))
        if uses > 1:
            rows.append(Row("uses", "●" * len(dots(0, uses))))
    return replace(node, rows=tuple(rows), tooltip="\n".join(lines))


# ----- Laying out ---------------------------------------------------------------------------------


def _laid_out(
    s: StepSequence, diagrams: Sequence[Diagram], positions: dict[str, int]
) -> list[StepPicture]:
    """Lay out diagrams, and find their nodes and edges in the pictures again."""
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
                text.set("class", row.caption)


def _slim(root: ET.Element) -> None:
    """Take out what `picture_style` says once for all, and decimals that nobody sees."""
    root.set("font-family", FONT)
    root.set("font-size", "12")
    for group in root.iter("g"):
        on_edge = "edge" in group.get("class", "").split()
        stated = {"text": TEXT, "path": PATH, "polygon": HEAD} if on_edge else {"text": TEXT}
        for element in group:
            for name, value in stated.get(element.tag, {}).items():
                if element.get(name) == value:
                    del element.attrib[name]
            for name in ("d", "points", "x", "y"):
                if name in element.attrib:
                    element.set(name, re.sub(r"(\.\d)\d+", r"\1", element.attrib[name]))


def picture_style(selector: str) -> str:
    """Return the CSS that the pictures below a selector need, for light pages and dark ones."""

    def plain(ink: str, line: str) -> str:
        return (
            f"{selector} text:not([fill]){{fill:{ink}}}"
            f"{selector} .edge path{{fill:none;stroke:{line};stroke-width:1.1}}"
            f"{selector} .edge polygon{{fill:{line};stroke:{line}}}"
        )

    dark = f"@media (prefers-color-scheme:dark){{{plain(INK.dark, LINE.dark)}}}"
    return plain(INK.light, LINE.light) + dark_style(selector) + dark
