"""The pictures that a stepper moves on: laid out once, with room for every number to come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.view.formatting import format_shape, format_value
from engine.view.picture.describe import Describer
from engine.view.picture.diagram import Diagram, DiagramNode, Row
from engine.view.stepper.amounts import dots
from engine.view.stepper.layout import StepPicture, laid_out
from engine.view.stepper.numbers import brief
from engine.view.stepper.sequence import StepSequence
from engine.view.structure.groups import Box
from engine.view.structure.level import Level
from engine.view.structure.opening import opened_within
from engine.view.structure.outline import Outline
from engine.view.trace import Trace

PRECISION = 4
HEATED = 3  # lines of a node that are left free for heat maps
MOST_WHOLE = 120  # nodes of a graph that is drawn in one picture
MOST_SPANNED = 2_000  # columns that its edges may cross; the time of a layout grows with them
WINDOW = 20  # steps that share a picture of a larger graph, at least
MOST_WINDOWS = 40
MOST_CONSUMERS = 2  # of a node that are drawn where they are not in the window themselves


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
        return laid_out(s, [diagram], positions), [0] * count
    windows = list(_windows(s, count))
    shown_in = [window for window, (steps, _) in enumerate(windows) for _ in steps]
    parts = [_part(diagram, positions, shown) for _, shown in windows]
    return laid_out(s, parts, positions), shown_in


def whole_picture(s: StepSequence) -> StepPicture:
    """Lay out the whole graph of steps.

    Raises:
        MissingGraphviz: there is nothing to lay it out with.
    """
    diagram, positions = _diagram(s)
    return laid_out(s, [diagram], positions)[0]


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
        widths[position] = max(widths[position], len(brief(number)))

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
    shape = format_shape(trace.data[position])
    rows = [Row("data", room)]
    if shape:  # a space is half as wide as a digit
        filled = 2 * widths[position] - len(shape) + shape.count(" ")
        rows.insert(0, Row("shape", shape.ljust(filled)))
    if trace.requires_grad[position] and "backward" in s.passes:
        rows.append(Row("grad", room))
        uses = len(s.record.consumers.get(position, ()))
        if uses > 1:
            rows.append(Row("uses", "●" * len(dots(0, uses))))
    if shape:
        rows += [Row("", "")] * HEATED
    return replace(node, rows=tuple(rows), tooltip="\n".join(lines))
