"""The design that stepgrad is measured against: stored local gradients in plain Python.

Each node keeps its operands and the derivative of its result by each of them; the backward sweep
walks the nodes in reverse topological order and applies the chain rule. It is the design of the
scalar GPTs of the literature, kept as small and as quick as plain Python allows.
"""

from __future__ import annotations

import math


class Value:
    """A number that remembers what it was computed from."""

    __slots__ = ("data", "grad", "local_gradients", "operands")

    def __init__(
        self,
        data: float,
        operands: tuple[Value, ...] = (),
        local_gradients: tuple[float, ...] = (),
    ) -> None:
        self.data = data
        self.grad = 0.0
        self.operands = operands
        self.local_gradients = local_gradients

    def __add__(self, other: Value | float) -> Value:
        if not isinstance(other, Value):
            other = Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Value | float) -> Value:
        if not isinstance(other, Value):
            other = Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, power: float) -> Value:
        return Value(self.data**power, (self,), (power * self.data ** (power - 1),))

    def exp(self) -> Value:
        result = math.exp(self.data)
        return Value(result, (self,), (result,))

    def log(self) -> Value:
        return Value(math.log(self.data), (self,), (1.0 / self.data,))

    def relu(self) -> Value:
        return Value(max(0.0, self.data), (self,), (float(self.data > 0),))

    def __neg__(self) -> Value:
        return self * -1.0

    def __radd__(self, other: float) -> Value:
        return self + other

    def __rmul__(self, other: float) -> Value:
        return self * other

    def __sub__(self, other: Value | float) -> Value:
        return self + -other

    def __rsub__(self, other: float) -> Value:
        return -self + other

    def __truediv__(self, other: Value | float) -> Value:
        return self * other**-1

    def __rtruediv__(self, other: float) -> Value:
        return self**-1 * other

    def backward(self) -> None:
        """Add the derivative of this node by each node below it to that node's ``grad``."""
        order: list[Value] = []
        seen = {self}
        path = [self]
        unvisited = [iter(self.operands)]
        while path:
            for operand in unvisited[-1]:
                if operand not in seen:
                    seen.add(operand)
                    if operand.operands:
                        path.append(operand)
                        unvisited.append(iter(operand.operands))
                        break
            else:
                unvisited.pop()
                order.append(path.pop())
        self.grad = 1.0
        for node in reversed(order):
            upstream = node.grad
            for operand, local in zip(node.operands, node.local_gradients):  # noqa: B905
                operand.grad += local * upstream
