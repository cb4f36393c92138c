"""A second engine for arrays, as plain as can be: what the first has to agree with, step by step.

Nodes are NumPy arrays in a list. An op is its value and, for each operand, what a change of that
operand makes of the value: forward derivatives, of no op table. Going backward is the transposed
Jacobian, a matrix filled column by column from the changes of single elements, so that nothing here
has to know how broadcasting is undone. Nodes are visited in the order they were made, last first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Rule(NamedTuple):
    """The value of an op; and for each operand, from its change and all operands, the change."""

    value: Callable[..., Any]
    changes: tuple[Callable[..., Any], ...]


def linear(function: Callable[[Any], Any]) -> Rule:
    """Return the rule of a linear function of one array."""
    return Rule(function, (lambda d, x: function(d),))


def slope_of_tanh(x: Array) -> Any:
    """Return 1/cosh² x, which no x makes overflow on the way."""
    small = np.exp(-2.0 * np.abs(x))
    return 4.0 * small / (1.0 + small) ** 2


RULES: dict[str, Rule] = {
    "add": Rule(lambda x, y: x + y, (lambda d, x, y: d + 0 * y, lambda d, x, y: d + 0 * x)),
    "subtract": Rule(lambda x, y: x - y, (lambda d, x, y: d - 0 * y, lambda d, x, y: 0 * x - d)),
    "multiply": Rule(lambda x, y: x * y, (lambda d, x, y: d * y, lambda d, x, y: x * d)),
    "matmul": Rule(lambda x, y: x @ y, (lambda d, x, y: d @ y, lambda d, x, y: x @ d)),
    "stack": Rule(
        lambda x, y: np.stack([x, y]),
        (lambda d, x, y: np.stack([d, 0 * y]), lambda d, x, y: np.stack([0 * x, d])),
    ),
    "negative": linear(lambda x: -x),
    "tanh": Rule(np.tanh, (lambda d, x: d * slope_of_tanh(x),)),
    "sin": Rule(np.sin, (lambda d, x: d * np.cos(x),)),
    "relu": Rule(lambda x: np.maximum(x, 0.0), (lambda d, x: d * (x > 0.0),)),
    "sum": linear(lambda x: x.sum()),
    "sum of rows": linear(lambda x: np.einsum("...i->...", x)[..., None]),
    "sum of columns": linear(lambda x: np.einsum("i...->...", x)),
    "transpose": linear(lambda x: x.T),
    "flat": linear(lambda x: x.reshape(-1)),
    "stretch": linear(lambda x: np.broadcast_to(x, (2, 2, 3))),
    "reverse": linear(lambda x: x[::-1]),
    "twice": linear(lambda x: x[[0, 0]]),
}


@dataclass
class NaiveArray:
    """An array, what it was computed from, and the Jacobians as they were then."""

    data: Array
    requires_grad: bool = True
    operands: tuple[int, ...] = ()
    jacobians: tuple[Array, ...] = ()
    seen: tuple[int, ...] = ()  # how often each operand had been changed
    changed: int = 0
    grad: Array | None = None


@dataclass
class NaiveArrays:
    """All nodes ever made, in order; a node is named by its position."""

    nodes: list[NaiveArray] = field(default_factory=list)
    recording: bool = True

    def leaf(self, data: Any, requires_grad: bool = True) -> int:
        """Make a leaf."""
        self.nodes.append(NaiveArray(np.array(data, float), requires_grad))
        return len(self.nodes) - 1

    def apply(self, op: str, operands: tuple[int, ...]) -> int:
        """Make the node of an op that takes these operands."""
        rule = RULES[op]
        arrays = [self.nodes[i].data for i in operands]
        value = np.array(rule.value(*arrays))
        if not self.recording or not any(self.nodes[i].requires_grad for i in operands):
            return self.leaf(value, requires_grad=False)
        jacobians = tuple(
            np.reshape([change(d, *arrays) for d in directions(x)], (x.size, value.size)).T
            for change, x in zip(rule.changes, arrays, strict=True)
        )
        seen = tuple(self.nodes[i].changed for i in operands)
        self.nodes.append(NaiveArray(value, True, operands, jacobians, seen))
        return len(self.nodes) - 1

    def takes(self, op: str, operands: tuple[int, ...]) -> bool:
        """Return whether NumPy finds the shapes of operands to fit."""
        try:
            RULES[op].value(*[self.nodes[i].data for i in operands])
        except (ValueError, IndexError):
            return False
        return True

    def below(self, roots: list[int]) -> list[int]:
        """Return the nodes that roots were computed from, and these, last made first."""
        found = set(roots)
        for i in range(max(roots), -1, -1):
            found |= set(self.nodes[i].operands) if i in found else set()
        return sorted(found, reverse=True)

    def is_stale(self, roots: list[int]) -> bool:
        """Return whether data below the roots were changed after something came of them."""
        interior = [node for i in self.below(roots) if (node := self.nodes[i]).operands]
        return any(
            node.changed or node.seen != tuple(self.nodes[i].changed for i in node.operands)
            for node in interior
        )

    def backward(self, roots: list[int], seeds: list[Array], absolute: bool = False) -> Any:
        """Return the gradient of each node below the roots, or the sizes of all paths to it."""
        gradients: dict[int, Array] = {}
        for root, seed in zip(roots, seeds, strict=True):
            gradients[root] = gradients.get(root, 0.0) + (abs(seed) if absolute else seed)
        for i in self.below(roots):
            node = self.nodes[i]
            for operand, jacobian in zip(node.operands, node.jacobians, strict=True):
                target = self.nodes[operand]
                if target.requires_grad:
                    matrix = abs(jacobian) if absolute else jacobian
                    part = (matrix.T @ gradients[i].ravel()).reshape(target.data.shape)
                    gradients[operand] = gradients.get(operand, 0.0) + part
        return gradients


def directions(x: Array) -> Array:
    """Return, for each element of an array, an array with a 1 in its place and 0 in all others."""
    return np.eye(x.size).reshape(x.size, *x.shape)
