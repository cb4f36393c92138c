"""Whether a gradient is right: against the slope that nudging a leaf shows."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import NamedTuple

Function = Callable[[float], float]

SCALES = (1e-1, 1e-3, 1e-5)  # first steps, in units of the number that is nudged
SHRINK, ROUNDS = 1.4, 10
SAFETY = 10.0  # how many times its estimated error a slope may be off
SETTLED = 5e-2  # the largest relative error of a slope that says anything


class Slope(NamedTuple):
    """A slope found by nudging, and about how far it is off."""

    value: float
    error: float

    @property
    def settled(self) -> bool:
        """Whether the estimate is precise enough to judge by."""
        return SAFETY * self.error <= SETTLED * abs(self.value) or self.error <= sys.float_info.min


class Check(NamedTuple):
    """The gradient of one leaf by two ways.

    Args:
        analytic: what `backward` left.
        numeric: what nudging gives.
        verdict: what follows; it begins with "ok", "WRONG" or "not comparable".
    """

    analytic: float
    numeric: Slope
    verdict: str


def check(analytic: float, function: Function, x: float) -> Check:
    """Compare a gradient with the slope of a function.

    Args:
        analytic: the gradient that is to be checked.
        function: the result as a function of the leaf's number.
        x: the leaf's number.

    >>> check(6.0, lambda x: x * x, 3.0).verdict, check(5.0, lambda x: x * x, 3.0).verdict
    ('ok', 'WRONG')
    >>> check(0.0, lambda x: max(x, 0.0), 0.0).verdict
    'ok: a kink, with slope 0 below and 1 above'
    """
    numeric = slope(function, x)
    return Check(analytic, numeric, _verdict(analytic, numeric, function, x))


def _verdict(analytic: float, numeric: Slope, function: Function, x: float) -> str:
    agrees = abs(analytic - numeric.value) <= SAFETY * numeric.error
    if agrees and (numeric.settled or abs(analytic) <= SAFETY * numeric.error < 1e-6):
        return "ok"
    if not math.isfinite(function(x)):
        return "not comparable: the result is not finite"
    below, above = slope(function, x, -1.0), slope(function, x, 1.0)
    margin = SAFETY * (below.error + above.error)
    low, high = sorted((below.value, above.value))
    if margin < SETTLED * (high - low) and low - margin <= analytic <= high + margin:
        return f"ok: a kink, with slope {below.value:.4g} below and {above.value:.4g} above"
    if math.isfinite(analytic) and numeric.settled:
        return "WRONG"
    return "not comparable: no slope settles around here"


def slope(function: Function, x: float, side: float = 0.0) -> Slope:
    """Return the slope of a function, from differences over shrinking steps.

    Args:
        function: from a number to a number.
        x: where.
        side: 0 for differences around x, -1 for those below it only, 1 for those above.

    Source: C. J. F. Ridders, "Accurate computation of F'(x) and F'(x) F''(x)", Advances in
    Engineering Software 4 (1982); the error holds the rounding of the differences too.

    >>> found = slope(math.exp, 1.0)
    >>> abs(found.value - math.e) <= SAFETY * found.error < 1e-9
    True
    """
    best = Slope(math.nan, math.inf)
    for scale in SCALES:
        row: list[float] = []
        for k in range(ROUNDS):
            step = scale * (abs(x) or 1.0) / SHRINK**k
            high = x + step if side >= 0.0 else x
            low = x - step if side <= 0.0 else x
            ends = function(high), function(low)
            difference = (ends[0] - ends[1]) / (high - low) if high > low else math.nan
            if not math.isfinite(difference):
                row = []
                continue
            rounding = sys.float_info.epsilon * max(map(abs, ends)) / (high - low)
            row, found = _extrapolated(row, difference, SHRINK if side else SHRINK**2, rounding)
            best = min(best, found, key=lambda estimate: estimate.error)
    return best


def _extrapolated(
    row: list[float], difference: float, ratio: float, rounding: float
) -> tuple[list[float], Slope]:
    """Return the next row of Neville's scheme towards a step of 0, and the best of its entries.

    Args:
        row: the row of the step before.
        difference: the first entry of the next one.
        ratio: how much of its leading error a difference loses from one step to the next.
        rounding: how far the difference is off for rounding alone.
    """
    entries, best = [difference], Slope(difference, math.inf)
    factor = ratio
    for before in row:
        entry = (entries[-1] * factor - before) / (factor - 1.0)
        error = max(abs(entry - entries[-1]), abs(entry - before)) + rounding
        if error < best.error:
            best = Slope(entry, error)
        entries.append(entry)
        factor *= ratio
    return entries, best
