"""Ops with one local derivative wrong, as a bug in a rule makes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.op import Reduction
from engine.value import Value


def function_of(op: Any) -> Callable[..., Any]:
    """Return an op as a function of its operands."""
    if isinstance(op, Reduction):
        return lambda *xs: op.reduce(list(xs))
    return lambda *xs: op(*xs)


def planted(op: Any, operand: int, factor: float, more: float = 0.0) -> Callable[..., Value]:
    """Return an op whose derivative for one operand is multiplied by a factor, and more added."""
    apply = function_of(op)

    def wrong(*xs: Any) -> Value:
        return tampered(apply(*xs), operand, factor, more)

    return wrong


def tampered(node: Value, operand: int, factor: float, more: float = 0.0) -> Value:
    """Return a node after its derivative for one operand was multiplied, and more added."""
    local = list(node.local_gradients)
    local[operand] = local[operand] * factor + more
    node._take((node.data, None, local))
    return node
