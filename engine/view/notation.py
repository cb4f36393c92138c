"""How an op is written with the names of its operands, or with their numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

INFIX = frozenset(
    ("add", "subtract", "multiply", "divide", "floor_divide", "remainder", "power", "matmul")
)
PREFIX = frozenset(("negative", "reciprocal"))
PLACE = "·"  # in a symbol as "|·|": where the operand goes
ATOM = re.compile(r"[\d.]+e[-+]?\d+|[\w.∞\[\]'\"]+|⟨.*⟩|\(.*\)|\|.*\|")
SPELLED_OUT = 3  # operands that are named; more are counted


def applied(op: Any, names: Sequence[str]) -> str:
    """Return an op applied to operands of these names, as a reader would write it.

    Args:
        op: a row of the op table.
        names: the operands, in order.

    >>> from engine import ops
    >>> applied(ops.multiply, ["a", "b"]), applied(ops.abs, ["a"]), applied(ops.tanh, ["a"])
    ('a × b', '|a|', 'tanh(a)')
    """
    if op.name in INFIX:
        return f"{names[0]} {op.symbol} {names[1]}"
    if op.name in PREFIX:
        return f"{op.symbol}{names[0]}"
    if op.name == "identity":
        return names[0]
    if op.name == "square":
        return f"{names[0]}²"
    if op.name == "dot":
        return _inner_product(names)
    if len(names) > SPELLED_OUT:
        return f"{op.symbol} of {len(names)}"
    arguments = ", ".join(names)
    if PLACE in op.symbol:
        return str(op.symbol.replace(PLACE, arguments))
    return f"{op.symbol}({arguments})"


def atom(text: str) -> str:
    """Return an operand so that a sign in front of it cannot be misread."""
    return text if ATOM.fullmatch(text) else f"({text})"


def with_numbers(op: Any, numbers: Sequence[str]) -> str:
    """Return an op applied to numbers.

    >>> from engine import ops
    >>> with_numbers(ops.multiply, ["-2", "-3"]), with_numbers(ops.tanh, ["-2"])
    ('-2 × (-3)', 'tanh(-2)')
    """
    if op.name in INFIX and op.name != "power":
        return applied(op, [numbers[0], *map(atom, numbers[1:])])
    closed = "(" in op.symbol or op.symbol.isalnum() or op.name == "abs"
    return applied(op, numbers if closed else list(map(atom, numbers)))


def heading(op: Any) -> str:
    """Return how an op is called where its operands are not named.

    >>> from engine import ops, reductions
    >>> heading(ops.multiply), heading(ops.abs), heading(reductions.dot)
    ('×', 'abs', 'dot')
    """
    return str(op.name if PLACE in op.symbol else op.symbol)


def _inner_product(names: Sequence[str]) -> str:
    pairs = len(names) // 2
    if pairs > SPELLED_OUT - 1:
        return f"dot of {pairs} pairs"
    products = zip(names[:pairs], names[pairs:], strict=True)
    return " + ".join(f"{x}·{y}" for x, y in products) or "dot of nothing"
