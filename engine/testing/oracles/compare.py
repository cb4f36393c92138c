"""Errors of floats against exact values, in units in the last place (ulp) and relative."""

from __future__ import annotations

import math
import struct

from mpmath import mp, mpf

OVERFLOW = mpf(2) ** 1024  # what IEEE 754 rounds to inf from just below
SMALLEST = mpf(2) ** -1074


def bits(x: float) -> bytes:
    """Return the bits of a float, with which -0.0 differs from 0.0; every nan is the same."""
    return struct.pack("<d", math.nan if x != x else x)


def within_range(x: float | mpf) -> mpf:
    """Return a number with what is beyond the largest float taken for the overflow bound."""
    return max(-OVERFLOW, min(OVERFLOW, mpf(x)))


def distance(got: float, exact: mpf) -> mpf:
    """Return |got - exact|, 0 between two nans, inf taken for the overflow bound."""
    if mp.isnan(exact) or got != got:
        return mpf(0) if mp.isnan(exact) and got != got else mp.inf
    return abs(within_range(got) - within_range(exact))


def ulp(exact: mpf) -> mpf:
    """Return the spacing of the floats at an exact value."""
    if exact == 0:
        return SMALLEST
    exponent = mp.frexp(within_range(exact))[1]
    return max(SMALLEST, mpf(2) ** (min(exponent, 1024) - 53))


def ulp_error(got: float, exact: mpf, allowance: mpf) -> float:
    """Return how far a result is off, beyond an absolute allowance, in ulp of the exact value."""
    excess = distance(got, exact) - allowance if allowance < mp.inf else 0
    return float(excess / ulp(exact)) if excess > 0 else 0.0


def relative_error(got: float, exact: mpf, allowance: mpf) -> float:
    """Return how far a result is off, beyond an absolute allowance, relative to the exact value."""
    excess = distance(got, exact) - allowance if allowance < mp.inf else 0
    if excess <= 0:
        return 0.0
    return float(excess / abs(within_range(exact))) if exact != 0 else math.inf
