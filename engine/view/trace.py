"""A snapshot of a graph as plain data, in creation order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from operator import attrgetter
from typing import Any

from engine.graph import operands_of, topological_order
from engine.node import Node
from engine.view.formatting import format_value, printable

OUTPUT, OP = "output", "op"
LEAF, PARAMETER, INPUT, CONSTANT = "leaf", "parameter", "input", "constant"
HIDDEN = -1  # in place of a node that is not kept
DEEPEST = 32  # parts of a module path that a name may show


class Trace:
    """What a picture needs to know of every node: columns, indexed by creation order.

    Args:
        roots: the nodes to start from.
        variables: names of nodes in the caller's program, by creation index.
        order: the whole graph, as `topological_order(roots)` gives it.
        kept: the creation indices of the nodes to take; None for all.

    It holds numbers and text, and no node, so a picture neither changes when the graph does nor
    keeps it alive.
    """

    def __init__(
        self,
        roots: Sequence[Node],
        variables: Mapping[int, str],
        order: Sequence[Node] | None = None,
        kept: Collection[int] | None = None,
    ) -> None:
        order = topological_order(roots) if order is None else order
        self.size = len(order)
        everything: list[Any] = sorted(order, key=attrgetter("index"))
        nodes = everything if kept is None else [n for n in everything if n.index in kept]
        self.position = position = {node.index: i for i, node in enumerate(nodes)}
        self.operands = [
            tuple([position.get(operand.index, HIDDEN) for operand in operands_of(node)])
            for node in nodes
        ]
        self.hidden_operands = [operands.count(HIDDEN) for operands in self.operands]
        self.hidden_readers = [0] * len(nodes)
        if kept is not None:
            self._count_hidden_readers(order)
        self.roots = [position[i] for i in dict.fromkeys(r.index for r in roots) if i in position]
        self.ops = [node.op for node in nodes]
        # A Tensor has none: what it takes to the gradient is no array that could be shown.
        self.local_gradients: list[Any] = [getattr(node, "local_gradients", None) for node in nodes]
        self.data = [_snapshot(node.data) for node in nodes]
        self.grads = [_snapshot(node.grad) for node in nodes]
        self.requires_grad = [node.requires_grad for node in nodes]
        self.scopes = [_text(node.scope) for node in nodes]
        self.sources = [_text(node.source) for node in nodes]
        self.labels = [_text(node.label or variables.get(node.index)) for node in nodes]
        self.kinds = self._kinds()
        self._numbers = self._creation_numbers(everything, variables)
        self._paths = self._paths_of_shared_labels()

    def __len__(self) -> int:
        return len(self.ops)

    def name(self, i: int, scope: str | None = None) -> str:
        """Return what a node is called.

        Args:
            i: the node.
            scope: where the name is read; what lies in the same module needs no path.

        That is "…" for a hidden one, its label, else its variable in the caller's program, with as
        much of its module path as tells it from others; else its number for a constant; else v1,
        v2, ... in creation order, and in1, in2, ... for inputs.
        """
        if i == HIDDEN:
            return "…"
        label = self.labels[i]
        if label is None:
            if self.kinds[i] == CONSTANT:
                return format_value(self.data[i])
            return f"{'in' if self.kinds[i] == INPUT else 'v'}{self._numbers[i]}"
        if scope is not None and scope == self.scopes[i]:
            return label
        return self._paths.get(i, label)

    def full_name(self, i: int) -> str:
        """Return the name of a node with the whole path of its module."""
        scope, label = self.scopes[i], self.labels[i]
        return f"{scope}/{label}" if scope is not None and label is not None else self.name(i)

    def _count_hidden_readers(self, order: Sequence[Node]) -> None:
        position = self.position
        for node in order:
            if node.index not in position:
                for operand in operands_of(node):
                    if operand.index in position:
                        self.hidden_readers[position[operand.index]] += 1

    def _kinds(self) -> list[str]:
        kinds = [self._leaf_kind(i) if self.ops[i] is None else OP for i in range(len(self.ops))]
        for root in self.roots:
            if kinds[root] == OP:
                kinds[root] = OUTPUT
        reader: dict[int, int] = {}  # of an unnamed constant: the one node that reads it
        for i, operands in enumerate(self.operands):
            for operand in operands:
                if operand == HIDDEN or kinds[operand] != CONSTANT or self.labels[operand]:
                    continue
                if self._is_handed_in(operand, i, reader.setdefault(operand, i) != i):
                    kinds[operand] = INPUT
        return kinds

    def _is_handed_in(self, constant: int, reader: int, shared: bool) -> bool:
        """Return whether an unnamed constant is data, and not a number in the program's text."""
        scope = self.scopes[constant]
        if scope is None:
            return shared or self.ops[reader].name == "dot"
        return scope != self.scopes[reader] or self.ops[reader].name == "dot"

    def _leaf_kind(self, i: int) -> str:
        if self.requires_grad[i]:
            return LEAF if self.scopes[i] is None else PARAMETER
        if self.labels[i] is None and not isinstance(self.data[i], float):
            return INPUT  # an array is no number in the program's text
        return CONSTANT if self.labels[i] is None or self.scopes[i] is not None else INPUT

    def _creation_numbers(
        self, everything: Sequence[Any], variables: Mapping[int, str]
    ) -> list[int]:
        """Return k for the k-th node without a name; inputs and constants are counted apart.

        Nodes that are not kept count too, so that a node has one name in every picture.
        """
        numbers = [0] * len(self.ops)
        counts = [0, 0]
        position = self.position
        for node in everything:
            index = node.index
            if not node.label and index not in variables:
                given = node.op is None and not node.requires_grad
                counts[given] += 1
                if index in position:
                    numbers[position[index]] = counts[given]
        return numbers

    def _paths_of_shared_labels(self) -> dict[int, str]:
        """Return the ends of module paths that tell apart nodes of one label."""
        bearers: dict[str, list[int]] = {}
        for i, label in enumerate(self.labels):
            if label is not None:
                bearers.setdefault(label, []).append(i)
        names: dict[int, str] = {}
        for label, nodes in bearers.items():
            if len(nodes) > 1:
                names |= self._shortest_paths(label, nodes)
        return names

    def _shortest_paths(self, label: str, nodes: list[int]) -> dict[int, str]:
        paths = [[*(self.scopes[i] or "").split("/"), label] for i in nodes]
        names = {}
        for depth in range(2, min(max(map(len, paths)), DEEPEST) + 1):
            ends = ["/".join(path[-depth:]) for path in paths]
            names = dict(zip(nodes, ends, strict=True))
            if len(set(ends)) == len(ends):
                break
        return {i: end for i, end in names.items() if self.scopes[i] is not None}


def _snapshot(x: Any) -> Any:
    """Return data or a gradient as it is now: a float, an array with a shape, or None."""
    if x is None or isinstance(x, float):
        return x
    if not x.shape:
        return float(x)
    copy = x.copy()
    copy.flags.writeable = False
    return copy


def _text(text: str | None) -> str | None:
    return printable(text) if text else None
