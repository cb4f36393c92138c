"""The pictures of one graph with these or those groups open."""

from __future__ import annotations

from collections.abc import Set
from typing import NamedTuple

from engine.view.picture.describe import Describer
from engine.view.picture.diagram import Diagram
from engine.view.picture.page import OVERVIEW
from engine.view.structure.groups import Group
from engine.view.structure.level import Level
from engine.view.structure.opening import path_to
from engine.view.structure.outline import Outline

MOST_LEVELS = 60  # groups that a page can open: each is laid out beforehand
MOST_EDGES = 4_000_000  # that are gone through for all of them


class Style(NamedTuple):
    """How a graph is drawn: see `engine.draw`."""

    max_nodes: int
    direction: str
    precision: int


class Levels:
    """Every picture of a graph that its page can show; it holds no node of the graph.

    Args:
        outline: the whole graph.
        opened: the groups that are open in the first picture.
        style: how it is drawn.
        focused: nodes that the picture was asked to show what is around.
        centre: the name of what is drawn if not all is.
    """

    def __init__(
        self,
        outline: Outline,
        opened: Set[Group],
        style: Style,
        focused: frozenset[int],
        centre: str,
    ) -> None:
        self._outline = outline
        self._opened = frozenset(opened)
        self._style = style
        self._focused = focused
        self._centre = centre
        self.first = self._diagram(opened)

    def all(self) -> dict[str, Diagram]:
        """Return the pictures by the key of the group that is open; "" is the first."""
        groups = [g for g in self._outline.groups.values() if not g.opens_with_outer]
        groups.sort(key=lambda group: len(path_to(group)))
        most = min(MOST_LEVELS, MOST_EDGES // (len(self._outline.edges) + 1))
        paths = {group.key: frozenset(path_to(group)) for group in groups[:most]}
        if groups:
            paths[OVERVIEW] = frozenset()
        by_path = {self._opened: self.first}
        for path in paths.values():
            if path not in by_path:
                by_path[path] = self._diagram(path)
        return {"": self.first} | {key: by_path[path] for key, path in paths.items()}

    def _diagram(self, opened: Set[Group]) -> Diagram:
        level = Level(self._outline, opened)
        if len(level.items) > self._style.max_nodes:
            level.cut(self._style.max_nodes)
        _, direction, precision = self._style
        return Describer(level, precision, direction, self._focused).diagram(*self._notice(level))

    def _notice(self, level: Level) -> tuple[str, str]:
        """Return what a picture leaves out, and how to see it."""
        trace = self._outline.trace
        drawn, boxes = len(trace) - level.left_out, len(level.items)
        if boxes == trace.size:
            return "", ""
        counted = f"{drawn:,} of {trace.size:,}" if drawn < trace.size else f"{drawn:,}"
        counted += " nodes"
        if boxes < drawn:
            counted += f" in {boxes:,} box{'es' * (boxes > 1)}"
        if drawn < trace.size:
            counted += f", those nearest to {self._centre}"
        closed = [item.key for item in level.items if isinstance(item, Group)]
        advice = [f"open one with expand={closed[0]!r}"] if closed else []
        if boxes < trace.size <= self._style.max_nodes:
            advice.append("draw each node with collapse=False")
        if boxes == drawn:
            advice.append(f"draw more with max_nodes={2 * self._style.max_nodes}")
        advice.append("look closer with focus=value, radius=3")
        text = "; ".join(advice)
        return f"{counted}.", f"{text[0].upper()}{text[1:]}."
