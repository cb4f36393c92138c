"""From what is visible to what is written in each box and around each frame."""

from __future__ import annotations

import math
from typing import Any

from engine.view.formatting import (
    all_finite,
    extremes,
    format_exactly,
    format_range,
    format_shape,
    printable,
    shorten,
)
from engine.view.notation import applied, heading
from engine.view.picture.connections import Connections
from engine.view.picture.diagram import Diagram, DiagramFrame, DiagramNode, Row
from engine.view.structure.groups import Box, Group, first_to_last
from engine.view.structure.level import Item, Level, nodes
from engine.view.trace import CONSTANT, OP, PARAMETER, Trace

SEVERAL = 3  # names or ops of a box that are listed; more are counted
PLURALS = {"leaf": "leaves", PARAMETER: "parameters", "input": "inputs", CONSTANT: "constants"}
LONGEST_CAPTION = 16  # characters of a name
MOST_NAMES = 400  # of one box that can be searched for


class Describer:
    """Writes the picture of a level.

    Args:
        level: what is visible.
        precision: the significant digits of numbers.
        direction: of the flow.
        focused: nodes that the picture was asked to show what is around.
    """

    def __init__(
        self, level: Level, precision: int, direction: str, focused: frozenset[int] = frozenset()
    ) -> None:
        self.level = level
        self.trace: Trace = level.outline.trace
        self.precision = precision
        self.direction = direction
        self.focused = focused
        self.frame_ids = {frame: f"g{i}" for i, frame in enumerate(level.frames)}
        self.ids = {item: f"n{i}" for i, item in enumerate(level.items)}

    def diagram(self, notice: str = "", advice: str = "") -> Diagram:
        """Return the picture, with a notice and advice beneath."""
        items = self.level.items
        described = [self._box(i) if isinstance(i, Box) else self._group(i) for i in items]
        connections = Connections(self.level, self.ids, self.precision)
        edges = connections.edges()
        stubs, stub_edges = connections.stubs(len(edges))
        roots = [self.trace.name(i) for i in self.trace.roots]
        return Diagram(
            title=", ".join(roots[:SEVERAL]) + (", …" if len(roots) > SEVERAL else ""),
            nodes=(*described, *stubs),
            edges=(*edges, *stub_edges),
            frames=tuple(self._frame(frame) for frame in self.level.frames),
            direction=self.direction,
            size=self.trace.size,
            notice=notice,
            advice=advice,
        )

    # ----- Boxes ------------------------------------------------------------------------------

    def _box(self, box: Box) -> DiagramNode:
        return self._single(box, box.nodes[0]) if len(box.nodes) == 1 else self._several(box)

    def _single(self, box: Box, i: int) -> DiagramNode:
        trace, kind = self.trace, self.trace.kinds[i]
        scope = trace.scopes[i]
        if box.parent is None or scope not in box.parent.scopes:
            scope = None  # what frames it does not say where it is from
        title = trace.name(i, scope)
        formula = self._formula(i, scope)
        data, grad = trace.data[i], trace.grads[i]
        rows: tuple[Row, ...] = ()
        if format_shape(data):
            rows += (Row("shape", format_shape(data)),)
        if kind != CONSTANT or trace.labels[i] is not None:
            rows += (self._row("data", [data]),)
        if trace.requires_grad[i]:
            rows += (self._row("grad", [grad]),)
        lines = [f"{trace.full_name(i)}{' = ' if formula else ''}{formula}"]
        lines += [*([] if kind == OP else [kind]), f"data {format_exactly(data)}"]
        if trace.requires_grad[i]:
            lines += [f"grad {format_exactly(grad)}"]
        lines += [f"made in {place}" for place in (trace.scopes[i], trace.sources[i]) if place]
        return DiagramNode(
            id=self.ids[box],
            kind=kind,
            title=title,
            formula=f"= {formula}" if formula else "",
            rows=rows,
            tooltip="\n".join(lines),
            frame=self._frame_of(box),
            data=_plain(data),
            grad=_plain(grad),
            names=(trace.full_name(i),),
            focused=i in self.focused,
        )

    def _several(self, box: Box) -> DiagramNode:
        trace, first, count = self.trace, box.nodes[0], len(box.nodes)
        data = [trace.data[i] for i in box.nodes]
        grads = [trace.grads[i] for i in box.nodes]
        op, kind = trace.ops[first], trace.kinds[first]
        title = self._common_name(box.nodes) if op is None else printable(op.name)
        rows = [] if title == format_range(data, self.precision) else [self._row("data", data)]
        if trace.requires_grad[first]:
            rows.append(self._row("grad", grads))
        what = PLURALS[kind] if op is None else f"nodes of {op.name}"
        lines = [f"{count:,} {what}"]
        lines += [f"{row.caption} {row.text}" for row in rows]
        return DiagramNode(
            id=self.ids[box],
            kind=kind,
            title=title,
            formula=f"× {count:,}",
            rows=tuple(rows),
            tooltip="\n".join(lines),
            frame=self._frame_of(box),
            count=count,
            data=_ends(data),
            grad=_ends(grads),
            names=self._names(box),
            focused=any(i in self.focused for i in box.nodes),
        )

    def _group(self, group: Group) -> DiagramNode:
        trace = self.trace
        inside = list(nodes(group))
        interior = [i for i in inside if trace.ops[i] is not None]
        parameters = sum(trace.kinds[i] == PARAMETER for i in inside)
        symbols = list(dict.fromkeys(heading(trace.ops[i]) for i in interior))
        listed = ", ".join(symbols[:SEVERAL]) + (", …" if len(symbols) > SEVERAL else "")
        rows = [Row("ops", f"{len(interior):,}  ({listed})")]
        if parameters:
            rows.append(Row("parameters", f"{parameters:,}"))
        for i in sorted(set(inside).intersection(trace.roots))[:SEVERAL]:
            caption = shorten(trace.name(i), LONGEST_CAPTION)
            rows.append(self._row(caption, [trace.data[i]]))
        bad = sum(not all_finite([trace.data[i], trace.grads[i]]) for i in inside)
        if bad:
            rows.append(Row("nan or inf", f"{bad:,}", True))
        title, repeated = group.title, " ".join(g.repeated for g in group.chain()).strip()
        return DiagramNode(
            id=self.ids[group],
            kind="group",
            title=title,
            formula=repeated,
            rows=tuple(rows),
            tooltip="\n".join(
                [
                    f"{title} {repeated}",
                    *(f"{row.caption} {row.text}" for row in rows),
                    f"to open it: expand={group.key!r}",
                ]
            ),
            frame=self._frame_of(group),
            group=group.key,
            count=len(inside),
            names=self._names(group),
        )

    def _row(self, caption: str, values: list[Any]) -> Row:
        text = format_range(values, self.precision)
        return Row(caption, text, not all_finite(values))

    def _formula(self, i: int, scope: str | None) -> str:
        op = self.trace.ops[i]
        if op is None:
            return ""
        return applied(op, [self.trace.name(operand, scope) for operand in self.trace.operands[i]])

    def _common_name(self, several: list[int]) -> str:
        """Return one name for several leaves: their own, the first and last, or what they are."""
        trace = self.trace
        kind = trace.kinds[several[0]]
        labels = list(dict.fromkeys(trace.labels[i] for i in several))
        if labels == [None] and kind == CONSTANT:
            return format_range([trace.data[i] for i in several], self.precision)
        if None in labels:
            return PLURALS[kind]
        return first_to_last([str(label) for label in labels])

    def _names(self, item: Item) -> tuple[str, ...]:
        trace = self.trace
        named = [i for i in nodes(item) if trace.labels[i] is not None]
        return tuple(dict.fromkeys(trace.full_name(i) for i in named[:MOST_NAMES]))

    # ----- Frames -----------------------------------------------------------------------------

    def _frame(self, group: Group) -> DiagramFrame:
        outer = group
        while outer.opens_with_outer and outer.parent is not None:
            outer = outer.parent
        named = [part for part in outer.chain() if part.parent is not None]  # not the whole graph
        title = " › ".join(f"{part.title} {part.repeated}".strip() for part in named)
        return DiagramFrame(self.frame_ids[group], title, outer.key, self._frame_of(group))

    def _frame_of(self, item: Item) -> str:
        frame = item.parent
        while frame is not None and frame not in self.frame_ids:
            frame = frame.parent
        return "" if frame is None else self.frame_ids[frame]


def _plain(x: Any) -> Any:
    """Return data or a gradient as plain data: of an array, its shape and its ends."""
    if not format_shape(x):
        return x
    return {"shape": list(x.shape), "ends": extremes([x])[1]}


def _ends(values: list[Any]) -> Any:
    """Return the least and the largest of several numbers; None if they are not computed yet."""
    if any(x is None for x in values):
        return None
    return extremes(values)[1] or (math.nan, math.nan)
