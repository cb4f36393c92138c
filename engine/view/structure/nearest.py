"""Which nodes are nearest to one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from engine.graph import operands_of
from engine.node import Node

Item = TypeVar("Item")


def nearest(
    starts: Iterable[Item],
    neighbours: Callable[[Item], Iterable[Item]],
    most: int,
    radius: int | None = None,
) -> dict[Item, int]:
    """Return what is nearest to the starts, with the number of steps to it, the nearest first.

    Args:
        starts: where to begin; they are the first of what is returned.
        neighbours: what is one step from an item.
        most: no more than so many.
        radius: no farther than so many steps.
    """
    distance: dict[Item, int] = {}
    for start in starts:
        if len(distance) < most:
            distance.setdefault(start, 0)
    ring = list(distance)
    while ring and (radius is None or distance[ring[0]] < radius):
        outer = []
        for item in ring:
            for neighbour in neighbours(item):
                if neighbour not in distance and len(distance) < most:
                    distance[neighbour] = distance[item] + 1
                    outer.append(neighbour)
        ring = outer
    return distance


def nearest_nodes(
    starts: Sequence[Node], order: Sequence[Node], most: int, radius: int | None, both_ways: bool
) -> list[int]:
    """Return the creation indices of the nodes of a graph that are nearest to some of them.

    Args:
        starts: where to begin.
        order: all nodes of the graph.
        most: no more than so many.
        radius: no farther than so many operands or results; None for any distance.
        both_ways: whether to go to results too, and not to operands only.
    """
    readers: dict[int, list[Node]] = {}
    if both_ways:
        for node in order:
            for operand in operands_of(node):
                readers.setdefault(operand.index, []).append(node)

    def neighbours(node: Node) -> Iterable[Node]:
        return [*operands_of(node), *readers.get(node.index, ())]

    return [node.index for node in nearest(starts, neighbours, most, radius)]
