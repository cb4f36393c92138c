"""What every oracle for the local derivatives of a single op has in common."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from engine.errors import EngineError
from engine.op import Reduction, named

ROUNDING = 1e-12  # what a rule and an oracle may lose between them, of the size of their terms


LARGEST = sys.float_info.max


class NotApplicable(EngineError):  # noqa: N818 (it is an answer)
    """An oracle cannot speak of an op, or of it at this point; the message says why.

    Attributes:
        final: whether no weaker oracle should be asked: this one knows that there is no answer.
        is_error: whether that is because the op itself is wrong.
    """

    final = False
    is_error = False


class Slope(NamedTuple):
    """The derivative of an op for one operand.

    Args:
        value: the derivative, a float or a number of many digits.
        size: the size of the terms that cancel in it, to which rounding is relative.
        slack: the absolute error allowed beside that: the oracle's own, and underflow.
    """

    value: Any
    size: float
    slack: float = 0.0


class LocalOracle(Protocol):
    """Knows the derivatives of single ops.

    Attributes:
        name: what `oracle=` calls it.
        title: what reports call it.
        error: its own relative error.
    """

    name: str
    title: str
    error: float

    def slopes(self, op: Any, operands: Sequence[float], out: float) -> list[Slope | None]:
        """Return the derivative for each operand; None for an operand that has none.

        Args:
            op: the row.
            operands: what it was applied to.
            out: what it gave.

        Raises:
            NotApplicable: it does not apply here.
        """


def is_row(op: Any) -> bool:
    """Return whether an op with the name of a row is that row, and not a user's op."""
    return named(op.name) is op


def has_derivatives(op: Any, count: int) -> list[bool]:
    """Return for each of so many operands whether the op has a derivative for it."""
    if isinstance(op, Reduction):
        return [True] * count
    return [rule is not None for rule in op.derivatives]


def applied(op: Any, operands: Sequence[float]) -> float:
    """Return the value of an op's forward."""
    value: float = (
        op.forward(list(operands)) if isinstance(op, Reduction) else op.forward(*operands)
    )
    return value


def gap(got: float, exact: Any) -> float:
    """Return how far a float is from an exact number; inf stands for all beyond the floats.

    >>> gap(1.5, 1.0), gap(math.inf, math.inf), gap(math.nan, 1.0)
    (0.5, 0.0, inf)
    """
    rounded = float(exact)  # inf where a number of mpmath is beyond the floats
    if got == rounded or (got != got and rounded != rounded):
        return 0.0
    if got != got or rounded != rounded:
        return math.inf
    return abs(max(-LARGEST, min(LARGEST, got)) - max(-LARGEST, min(LARGEST, rounded)))
