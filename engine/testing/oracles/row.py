"""What a reference says of a row of the op table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from mpmath import mpf

from engine.testing.oracles.domains import Points

Exact = Callable[..., Any]  # from numbers of 50 digits to one, or to a list of them


class Reference(NamedTuple):
    """What a row has to compute.

    Args:
        value: the function, nan where it has no real value.
        partials: its derivative for each operand, None for an operand without one; for an op over
            a sequence, one function from the elements to the list of derivatives.
        points: the ways to draw operands.
        ulps: how far off the value may be: 2 for a function of the C library or its repair, 8 for
            one composed of several.
        size: from the operands to the size of the terms that cancel in the value beside a zero of
            it; 1e-15 of that is allowed. None: nothing cancels.
        slope_size: the same for the first derivatives.
        curvature_size: the same for the second derivatives.
        underflow: by how much a derivative multiplies a factor that may underflow where it does
            not; that many of the smallest float are allowed. None: 4, a few roundings.
        curvatures: from the operands to the matrix of second derivatives; None: they are taken
            numerically from `partials`, which is slow for many operands and wrong beside jumps.
    """

    value: Exact
    partials: tuple[Exact | None, ...] | Exact
    points: tuple[Points, ...]
    ulps: float = 2.0
    size: Exact | None = None
    slope_size: Exact | None = None
    curvature_size: Exact | None = None
    underflow: Exact | None = None
    curvatures: Exact | None = None


def zero(*operands: mpf) -> mpf:
    """Return 0, the derivative of a constant."""
    return mpf(0)


def unit(*operands: mpf) -> mpf:
    """Return 1."""
    return mpf(1)


def flat(*operands: mpf) -> list[list[mpf]]:
    """Return second derivatives that are all 0."""
    return [[mpf(0)] * len(operands)] * len(operands)
