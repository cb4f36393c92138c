"""What of an outline is visible while some of its groups are open and the others closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from engine.view.structure.groups import STAGE, Box, Group
from engine.view.structure.nearest import nearest
from engine.view.structure.outline import FEW, Outline, ancestors

Item = Box | Group  # a group is an item while it is closed


class Level:
    """The items, frames and edges of a picture.

    Args:
        outline: the whole graph.
        opened: the groups whose contents are visible, if those around them are open.

    It has `items` in the order of creation, `frames` from the outside in, `edges` with the number
    of operands that each stands for, and `hidden_operands` and `hidden_readers`, the number of
    edges of an item that are not drawn.
    """

    def __init__(self, outline: Outline, opened: Collection[Group]) -> None:
        self.outline = outline
        self.frames: list[Group] = []
        self.items: list[Item] = []
        self._open(opened)
        shown: dict[Item, Item] = {}
        for item in self.items:
            shown[item] = item
            if isinstance(item, Group):
                shown |= dict.fromkeys(item.contents(), item)
                shown |= dict.fromkeys(item.leaves, item)
        self._merge_leaves(shown)
        held = {item: list(nodes(item)) for item in self.items}
        self.items.sort(key=lambda item: min(held[item]))
        self.edges: Counter[tuple[Item, Item]] = Counter()
        for (source, target), count in outline.edges.items():
            ends = shown[source], shown[target]
            if ends[0] is not ends[1] or isinstance(ends[0], Box):
                self.edges[ends] += count
        trace = outline.trace
        self.hidden_operands = Counter(
            {item: sum([trace.hidden_operands[i] for i in held[item]]) for item in self.items}
        )
        self.hidden_readers = Counter(
            {item: sum([trace.hidden_readers[i] for i in held[item]]) for item in self.items}
        )
        self.left_out = 0  # nodes

    def _open(self, opened: Collection[Group]) -> None:
        groups = [self.outline.top]
        for group in groups:  # the list grows while it is walked
            self.items += group.leaves
            for part in group.parts:
                if part in opened:
                    *_, inner = part.chain()  # one frame does for all of them
                    self.frames.append(inner)
                    groups.append(inner)
                else:
                    self.items.append(part)

    def _merge_leaves(self, shown: dict[Item, Item]) -> None:
        """Draw leaves as one that only closed groups read, and that the same of them read."""
        trace = self.outline.trace
        readers: dict[Item, dict[Item, None]] = {}
        for source, target in self.outline.edges:
            readers.setdefault(shown[source], {})[shown[target]] = None
        alike: dict[tuple[object, ...], list[Item]] = {}
        for item in self.items:
            first = item.nodes[0] if isinstance(item, Box) else None
            if first is None or trace.ops[first] is not None or first in trace.roots:
                continue
            read_by = sorted(readers.get(item, ()), key=lambda reader: reader.place)
            if read_by and all(isinstance(reader, Group) for reader in read_by):
                # Stages are cut anywhere: which of them read a leaf tells little.
                told = [] if all(_is_stage(reader) for reader in read_by) else read_by
                role = (trace.kinds[first], item.parent, *told)
                alike.setdefault(role, []).append(item)
        for boxes in alike.values():
            if len(boxes) > FEW:
                merged = Box([node for box in boxes for node in nodes(box)])
                merged.parent = boxes[0].parent
                gone = set(boxes)
                self.items = [item for item in self.items if item not in gone]
                self.items.append(merged)
                shown[merged] = merged
                shown |= dict.fromkeys(boxes, merged)

    def cut(self, most: int) -> None:
        """Leave only the items that are nearest to the roots.

        Args:
            most: the number of items that may stay.
        """
        operands: dict[Item, list[Item]] = {}
        for source, target in self.edges:
            operands.setdefault(target, []).append(source)
        results = [self.outline.box_of[i] for i in self.outline.trace.roots]
        holders = {item for box in results if box for item in (box, *ancestors(box))}
        roots = [item for item in self.items if item in holders]
        kept = nearest(roots, lambda item: operands.get(item, ()), most)
        for (source, target), count in self.edges.items():
            if source not in kept:
                self.hidden_operands[target] += count
            if target not in kept:
                self.hidden_readers[source] += count
        self.left_out = sum(1 for item in self.items if item not in kept for _ in nodes(item))
        self.items = [item for item in self.items if item in kept]
        around = {group for item in self.items for group in ancestors(item)}
        self.frames = [frame for frame in self.frames if frame in around]
        self.edges = Counter(
            {
                (source, target): count
                for (source, target), count in self.edges.items()
                if source in kept and target in kept
            }
        )

    def goes_back(self, source: Item, target: Item) -> bool:
        """Return whether an edge leads to an earlier part of a loop, for its next turn."""
        return 0 < target.place <= source.place


def nodes(item: Item) -> Iterable[int]:
    """Yield the nodes that an item stands for."""
    if isinstance(item, Box):
        yield from item.nodes
        return
    for box in (*item.leaves, *item.contents()):
        if isinstance(box, Box):
            yield from box.nodes


def _is_stage(item: Item) -> bool:
    return isinstance(item, Group) and item.kind == STAGE
