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
        right = apply(*xs)
        local = list(right.local_gradients)
        local[operand] = local[operand] * factor + more
        right._take((right.data, None, local))
        return right

    return wrong
