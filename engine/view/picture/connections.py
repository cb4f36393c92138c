"""From what is visible to the edges between."""

from __future__ import annotations

from collections import Counter

from engine.view.formatting import format_value
from engine.view.picture.diagram import DiagramEdge, DiagramNode
from engine.view.structure.groups import Box
from engine.view.structure.level import Item, Level, nodes
from engine.view.trace import HIDDEN, Trace


class Connections:
    """Writes the edges of a level.

    Args:
        level: what is visible.
        ids: of its items.
        precision: the significant digits of numbers.
    """

    def __init__(self, level: Level, ids: dict[Item, str], precision: int) -> None:
        self.level = level
        self.trace: Trace = level.outline.trace
        self.ids = ids
        self.precision = precision

    def edges(self) -> list[DiagramEdge]:
        """Return the edges, by what they lead to."""
        edges: list[DiagramEdge] = []
        order = {item: place for place, item in enumerate(self.level.items)}
        drawn = sorted(self.level.edges, key=lambda edge: (order[edge[1]], order[edge[0]]))
        seen: set[Item] = set()
        for source, target in drawn:
            if _alone(target):
                if target not in seen:
                    edges += self._operand_edges(target, len(edges))
                seen.add(target)
            else:
                edges.append(self._bundle(source, target, len(edges)))
        return edges

    def _operand_edges(self, target: Item, first: int) -> list[DiagramEdge]:
        """Return the edges of a single node in the order of its operands, each as often as read."""
        trace = self.trace
        (i,) = nodes(target)
        edges: list[DiagramEdge] = []
        bundled: Counter[Item] = Counter()
        for place, operand in enumerate(trace.operands[i]):
            source = self._item_of(operand)
            if source is None:
                continue
            if not _alone(source):
                bundled[source] += 1
                continue
            name, result = trace.name(operand), trace.name(i)
            tooltip = f"operand {place + 1} of {result}: {name}"
            local = trace.local_gradients[i]
            if local is not None:
                tooltip += f"\n∂{result}/∂{name} = {format_value(local[place], self.precision)}"
            edges.append(
                DiagramEdge(
                    id=f"e{first + len(edges)}",
                    source=self.ids[source],
                    target=self.ids[target],
                    operand=place + 1,
                    tooltip=tooltip,
                )
            )
        edges += [self._bundle(s, target, first + len(edges) + k) for k, s in enumerate(bundled)]
        return edges

    def _item_of(self, operand: int) -> Item | None:
        if operand == HIDDEN:
            return None
        item: Item | None = self.level.outline.box_of[operand]
        while item is not None and item not in self.ids:
            item = item.parent
        return item

    def _bundle(self, source: Item, target: Item, number: int) -> DiagramEdge:
        count = self.level.edges[source, target]
        carried = self.level.goes_back(source, target)
        return DiagramEdge(
            id=f"e{number}",
            source=self.ids[source],
            target=self.ids[target],
            count=count,
            carried=carried,
            tooltip=f"{count:,} operand{'s' * (count != 1)}"
            + (", read in the next turn" if carried else ""),
        )

    def stubs(self, first: int) -> tuple[list[DiagramNode], list[DiagramEdge]]:
        """Return what stands for the neighbours that are left out.

        Args:
            first: the number of the first edge.
        """
        stubs: list[DiagramNode] = []
        edges: list[DiagramEdge] = []
        sides = (
            (self.level.hidden_operands, "operand", True),
            (self.level.hidden_readers, "use", False),
        )
        for hidden, noun, inward in sides:
            for item in self.level.items:
                count = hidden[item]
                if not count:
                    continue
                stub = f"n{len(self.ids) + len(stubs)}"
                ends = (stub, self.ids[item]) if inward else (self.ids[item], stub)
                text = f"… {count:,} {noun}{'s' * (count != 1)}"
                stubs.append(
                    DiagramNode(stub, "hidden", text, tooltip=f"{text}, not drawn", count=0)
                )
                edges.append(DiagramEdge(f"e{first + len(edges)}", *ends, count=count))
        return stubs, edges


def _alone(item: Item) -> bool:
    return isinstance(item, Box) and len(item.nodes) == 1
