"""Pickling graphs of any depth, with the sharing of nodes kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

from engine.copying import parts, restore
from engine.graph import operands_of, topological_order
from engine.node import Node


def reduce(node: Node) -> tuple[Callable[..., Node], tuple[Any, ...]]:
    """Return what pickle stores: for an interior node its whole graph, operands first.

    Pickle remembers the nodes that it has stored, so they stay shared between all that is pickled
    together; and no node waits for its operands to be stored first, so no graph is too deep.
    """
    if node.op is None or node in pickling.announced:
        pickling.announced.discard(node)
        return restore, _arguments(node)
    return last, (Ancestry(node),)


class Pickling(threading.local):
    """The nodes whose operands pickle has stored already, in this thread."""

    def __init__(self) -> None:
        self.announced: set[Node] = set()


pickling = Pickling()


class Ancestry:
    """Pickles as a list of the nodes below a node, operands first, and then its own parts."""

    def __init__(self, root: Node) -> None:
        self.root = root

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (), None, self._nodes()

    def _nodes(self) -> Iterator[Any]:
        announced = set()
        try:
            for node in reversed(topological_order([self.root])[1:]):
                if node.op is not None:
                    announced.add(node)
                    pickling.announced.add(node)
                yield node
            yield _arguments(self.root)
        finally:
            pickling.announced -= announced


def last(nodes: list[Any]) -> Node:
    """Return the node of the parts at the end of a list, as unpickling does."""
    return restore(*nodes[-1])


def _arguments(node: Node) -> tuple[Any, ...]:
    make, arguments = node._maker()
    return make, arguments, operands_of(node), *parts(node)
