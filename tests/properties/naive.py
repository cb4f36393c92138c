"""A second engine, as plain as can be: what the first has to agree with, step by step.

Nodes are numbers in a list, their derivatives come from differences of no op table but from the
few rules below, and backward takes all nodes in the order they were made, last first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

Rule = tuple[Callable[..., float], Callable[..., tuple[float, ...]]]

# The value of each op, and its derivatives.
RULES: dict[str, Rule] = {
    "add": (lambda x, y: x + y, lambda x, y: (1.0, 1.0)),
    "subtract": (lambda x, y: x - y, lambda x, y: (1.0, -1.0)),
    "multiply": (lambda x, y: x * y, lambda x, y: (y, x)),
    "negative": (lambda x: -x, lambda x: (-1.0,)),
    "tanh": (math.tanh, lambda x: (1.0 / math.cosh(x) ** 2,)),
    "sin": (math.sin, lambda x: (math.cos(x),)),
    "relu": (lambda x: max(x, 0.0), lambda x: (float(x > 0.0),)),
    "dot": (lambda a, b, x, y: a * x + b * y, lambda a, b, x, y: (x, y, a, b)),
    "sum": (lambda x, y, z: math.fsum((x, y, z)), lambda x, y, z: (1.0, 1.0, 1.0)),
}


@dataclass
class NaiveNode:
    """A number, what it was computed from, and its derivatives as they were then."""

    data: float
    requires_grad: bool = True
    operands: tuple[int, ...] = ()
    slopes: tuple[float, ...] = ()
    grad: float | None = None

    @property
    def is_leaf(self) -> bool:
        """Whether nothing flows through this."""
        return not self.operands


@dataclass
class NaiveEngine:
    """All nodes ever made, in order; a node is named by its position."""

    nodes: list[NaiveNode] = field(default_factory=list)
    recording: bool = True

    def leaf(self, data: float, requires_grad: bool = True) -> int:
        """Make a leaf."""
        self.nodes.append(NaiveNode(data, requires_grad))
        return len(self.nodes) - 1

    def apply(self, op: str, operands: tuple[int, ...]) -> int:
        """Make the node of an op: a constant while nothing is recorded or flows."""
        value, derivatives = RULES[op]
        numbers = [self.nodes[i].data for i in operands]
        flows = self.recording and any(self.nodes[i].requires_grad for i in operands)
        if not flows:
            return self.leaf(value(*numbers), requires_grad=False)
        self.nodes.append(NaiveNode(value(*numbers), True, operands, derivatives(*numbers)))
        return len(self.nodes) - 1

    def backward(self, root: int, seed: float) -> None:
        """Add to the leaves' gradients, and compute those of all other nodes below anew."""
        gradients = {root: seed}
        for i in range(root, -1, -1):
            node = self.nodes[i]
            if i not in gradients:
                continue
            for operand, slope in zip(node.operands, node.slopes, strict=True):
                if self.nodes[operand].requires_grad:
                    gradients[operand] = gradients.get(operand, 0.0) + gradients[i] * slope
        for i, gradient in gradients.items():
            node = self.nodes[i]
            node.grad = gradient + (node.grad or 0.0 if node.is_leaf else 0.0)

    def sizes(self, root: int, seed: float) -> dict[int, float]:
        """Return for each node the sum of the sizes of all paths to it, which rounding goes by."""
        sizes = {root: abs(seed)}
        for i in range(root, -1, -1):
            for operand, slope in zip(self.nodes[i].operands, self.nodes[i].slopes, strict=True):
                if i in sizes:
                    sizes[operand] = sizes.get(operand, 0.0) + sizes[i] * abs(slope)
        return sizes
