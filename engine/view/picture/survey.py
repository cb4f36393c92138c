"""From the arguments of `draw` to the picture: how much of a graph is shown, and how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.errors import GraphError
from engine.graph import topological_order
from engine.node import Node
from engine.view.picture.dot import digraph
from engine.view.picture.levels import Levels, Style
from engine.view.picture.picture import Picture
from engine.view.picture.text import tree
from engine.view.structure.groups import Group
from engine.view.structure.nearest import nearest_nodes
from engine.view.structure.opening import opened_within
from engine.view.structure.outline import Outline
from engine.view.trace import Trace

PLAIN = 50  # nodes of a graph that is always drawn whole: a screen holds as many
READABLE = 15  # boxes that a collapsed picture opens its groups for: a page is as wide
MOST_COLLAPSED = 200_000  # nodes; the structure of more would take too long to find
LOOKED_AT = 20_000  # nodes of a larger graph that are collapsed: those nearest to the result


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

    def whole(self, collapse: bool | str, expand: Sequence[str], shorten: bool) -> Picture:
        """Return the picture of the whole graph, collapsed where it is large.

        Args:
            collapse: True, False or "auto".
            expand: the groups to open.
            shorten: whether "auto" also collapses what is smaller and consists of few parts.

        Raises:
            GraphError: there is no group of that name.
        """
        large = self.size > self.max_nodes
        if large and collapse is False:
            return self._nearest(self.roots, None)
        if self.size > MOST_COLLAPSED:
            near = nearest_nodes(self.roots, self.order, LOOKED_AT, None, both_ways=False)
            return self._collapsed(self._folded(self._trace(near), expand), expand)
        trace = self._trace()
        if collapse is True or large:
            return self._collapsed(self._folded(trace, expand), expand)
        if collapse == "auto" and shorten and self.size > PLAIN and "all" not in expand:
            outline = self._folded(trace, expand)
            if outline.length <= READABLE:
                return self._collapsed(outline, expand)
        outline = Outline(trace, folded=False)
        return self._picture(outline, opened_within(outline, self.size, _keys(expand)))

    def around(self, focus: Node | str, radius: int) -> Picture:
        """Return the picture of what is around one node.

        Raises:
            GraphError: the node is not in the graph.
        """
        return self._nearest([self._find(focus)], radius)

    def _nearest(self, starts: Sequence[Node], radius: int | None) -> Picture:
        """Return the picture of the nodes nearest to some.

        Args:
            starts: where to begin.
            radius: how far to go to operands and results; None goes to operands only.
        """
        both_ways = radius is not None
        kept = nearest_nodes(starts, self.order, self.max_nodes, radius, both_ways)
        trace = self._trace(kept)
        outline = Outline(trace, folded=False)
        starting = frozenset(trace.position[node.index] for node in starts)
        centre = trace.name(min(starting))
        opened = opened_within(outline, self.size)
        return self._picture(outline, opened, starting if both_ways else frozenset(), centre)

    def _folded(self, trace: Trace, expand: Sequence[str]) -> Outline:
        """Return the outline of a graph in which what is repeated is one, still to `complete`."""
        outline = Outline(trace, folded=True, apart=expand, complete=False)
        if outline.length > READABLE:
            loose = Outline(trace, folded=True, strict=False, apart=expand, complete=False)
            if loose.length < outline.length / 2:
                outline = loose
        return outline

    def _collapsed(self, outline: Outline, expand: Sequence[str]) -> Picture:
        outline.complete()
        most = self.max_nodes if "all" in expand else min(READABLE, self.max_nodes)
        return self._picture(outline, opened_within(outline, most, _keys(expand)))

    def _picture(
        self,
        outline: Outline,
        opened: set[Group],
        focused: frozenset[int] = frozenset(),
        centre: str = "",
    ) -> Picture:
        centre = centre or outline.trace.name(outline.trace.roots[0])
        style = Style(self.max_nodes, self.direction, self.precision)
        levels = Levels(outline, opened, style, focused, centre)
        return Picture(levels.first, digraph, tree, levels.all)

    def _trace(self, kept: Iterable[int] | None = None) -> Trace:
        indices = None if kept is None else frozenset(kept)
        return Trace(self.roots, self.variables, self.order, indices)

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


def _keys(expand: Sequence[str]) -> list[str]:
    return [key for key in expand if key != "all"]
