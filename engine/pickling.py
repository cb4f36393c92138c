"""Pickling graphs of any depth, with the sharing of nodes kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

from engine.graph import topological_order
from engine.value import Value, restore


def reduce(value: Value) -> tuple[Callable[..., Value], tuple[Any, ...]]:
    """Return what pickle stores: for an interior node its whole graph, operands first.

    Pickle remembers the nodes that it has stored, so they stay shared between all that is pickled
    together; and no node waits for its operands to be stored first, so no graph is too deep.
    """
    if value.op is None or value in pickling.announced:
        pickling.announced.discard(value)
        return restore, _parts(value, value.operands)
    return last, (Ancestry(value),)


class Pickling(threading.local):
    """The nodes whose operands pickle has stored already, in this thread."""

    def __init__(self) -> None:
        self.announced: set[Value] = set()


pickling = Pickling()


class Ancestry:
    """Pickles as a list of the nodes below a node, operands first, and then its own parts."""

    def __init__(self, value: Value) -> None:
        self.value = value

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (), None, self._nodes()

    def _nodes(self) -> Iterator[Any]:
        announced = set()
        try:
            for node in reversed(topological_order([self.value])[1:]):
                if node.op is not None:
                    announced.add(node)
                    pickling.announced.add(node)
                yield node
            yield _parts(self.value, self.value.operands)
        finally:
            pickling.announced -= announced


def last(nodes: list[Any]) -> Value:
    """Return the node of the parts at the end of a list, as unpickling does."""
    return restore(*nodes[-1])


def _parts(value: Value, operands: tuple[Any, ...]) -> tuple[Any, ...]:
    note = (value.label, value.scope, value.source)
    return (
        value.data,
        value.grad,
        value.requires_grad,
        value.op,
        operands,
        value.local_gradients,
        note,
    )
