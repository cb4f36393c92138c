"""From the arguments of `draw` to the picture: how much of a graph is shown, and how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.errors import GraphError
from engine.graph import topological_order
from engine.node import Node
from engine.view.describe import Describer
from engine.view.diagram import Diagram
from engine.view.dot import digraph
from engine.view.groups import Group
from engine.view.level import Level
from engine.view.nearest import nearest_nodes
from engine.view.opening import opened_within, path_to
from engine.view.outline import Outline
from engine.view.picture import Picture
from engine.view.trace import Trace

READABLE = 20  # boxes that a collapsed picture opens its groups for
MOST_COLLAPSED = 300_000  # nodes; the structure of more would take too long to find
MOST_LEVELS = 40  # groups that a page can open: each is laid out beforehand
OVERVIEW = "/"  # the key of the page's level with every group closed


class Survey:
    """A graph and the wishes of who draws it.

    Args:
        roots: what the picture is of.
        variables: names of nodes, by creation index.
        max_nodes: the most boxes that are drawn.
        direction: of the flow.
        precision: the significant digits of numbers.
    """

    def __init__(
        self,
        roots: Sequence[Node],
        variables: Mapping[int, str],
        *,
        max_nodes: int,
        direction: str,
        precision: int,
    ) -> None:
        self.roots = roots
        self.variables = variables
        self.max_nodes = max_nodes
        self.direction = direction
        self.precision = precision
        self.order = topological_order(roots)
        self.size = len(self.order)

    def whole(self, collapse: bool | str, expand: Sequence[str]) -> Picture:
        """Return the picture of the whole graph, collapsed where it is large.

        Args:
            collapse: True, False or "auto".
            expand: the groups to open.

        Raises:
            GraphError: there is no group of that name.
        """
        large = self.size > self.max_nodes
        if self.size > MOST_COLLAPSED or (large and collapse is False):
            return self._nearest(self.roots, None, self._cut_notice("the result"))
        if collapse is True or large:
            return self._collapsed(expand)
        outline = Outline(self._trace(), folded=False)
        return self._picture(outline, opened_within(outline, self.size, _keys(expand)))

    def around(self, focus: Node | str, radius: int) -> Picture:
        """Return the picture of what is around one node.

        Raises:
            GraphError: the node is not in the graph.
        """
        node = self._find(focus)
        name = focus if isinstance(focus, str) else (node.label or "the node in focus")
        return self._nearest([node], radius, self._cut_notice(name))

    def _nearest(self, starts: Sequence[Node], radius: int | None, notice: str) -> Picture:
        both_ways = radius is not None
        kept = nearest_nodes(starts, self.order, self.max_nodes, radius, both_ways)
        trace = self._trace(kept)
        outline = Outline(trace, folded=False)
        focused = {trace.position[node.index] for node in starts} if both_ways else set()
        opened = opened_within(outline, self.size)
        return self._picture(
            outline, opened, notice if len(kept) < self.size else "", frozenset(focused)
        )

    def _collapsed(self, expand: Sequence[str]) -> Picture:
        trace = self._trace()
        outline = Outline(trace, folded=True, apart=expand)
        if outline.length > READABLE:
            loose = Outline(trace, folded=True, strict=False, apart=expand)
            if loose.length < outline.length / 2:
                outline = loose
        most = self.max_nodes if "all" in expand else min(READABLE, self.max_nodes)
        return self._picture(outline, opened_within(outline, most, _keys(expand)))

    def _picture(
        self,
        outline: Outline,
        opened: set[Group],
        notice: str = "",
        focused: frozenset[int] = frozenset(),
    ) -> Picture:
        def shown(opened: set[Group]) -> Diagram:
            level = Level(outline, opened)
            said = notice
            if len(level.items) > self.max_nodes:
                level.cut(self.max_nodes)
                said = self._cut_notice("the result")
            elif not said and any(isinstance(item, Group) or len(item.nodes) > 1 for item in level.items):
                said = self._collapsed_notice(level)
            return Describer(level, self.precision, self.direction, focused).diagram(said)

        def levels() -> dict[str, Diagram]:
            found = {"": diagram}
            if outline.groups:
                found[OVERVIEW] = shown(set())
                for key, group in list(outline.groups.items())[:MOST_LEVELS]:
                    found[key] = shown(path_to(group))
            return found

        diagram = shown(opened)
        return Picture(diagram, digraph, levels)

    def _trace(self, kept: Iterable[int] | None = None) -> Trace:
        indices = None if kept is None else frozenset(kept)
        return Trace(self.roots, self.order, indices, self.variables)

    def _find(self, focus: Node | str) -> Node:
        for node in self.order:
            if node is focus:
                return node
            if isinstance(focus, str) and focus in self._names(node):
                return node
        if isinstance(focus, str) and self.size <= MOST_COLLAPSED:
            trace = self._trace()
            for node in self.order:
                if trace.name(trace.position[node.index]) == focus:
                    return node
        raise GraphError(
            f"{focus!r} is not in this graph of {self.size:,} nodes: focus= takes one of its "
            "Values, or the name of one"
        )

    def _names(self, node: Node) -> tuple[str | None, ...]:
        return (node.label, self.variables.get(node.index), f"{node.scope}/{node.label}")

    def _cut_notice(self, centre: str) -> str:
        if self.size > MOST_COLLAPSED:
            why = f"{self.size:,} nodes are too many to find the structure of, so these are "
        else:
            why = f"Of {self.size:,} nodes, these are "
        return (
            f"{why}the ones nearest to {centre}. Look elsewhere with focus=value, radius=3; draw "
            f"more with max_nodes={self.max_nodes * 2}."
        )

    def _collapsed_notice(self, level: Level) -> str:
        closed = [item.key for item in level.items if isinstance(item, Group)]
        notice = f"{self.size:,} nodes drawn as {len(level.items)} boxes."
        if closed:
            notice += f" Open a box with expand={closed[0]!r}; look closer with focus=value."
        return notice


def _keys(expand: Sequence[str]) -> list[str]:
    return [key for key in expand if key != "all"]
