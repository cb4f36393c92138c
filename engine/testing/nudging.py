"""Whether one gradient is right, by the slope that nudging its leaf shows: of any function."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from engine.testing.oracles.differences import SAFETY, Estimate, sides, slope

APART = 5e-2  # the error of two one-sided slopes, of what they are apart, that tells a kink


class Nudge(NamedTuple):
    """The gradient of one leaf by two ways.

    Args:
        analytic: what `backward` left.
        numeric: what nudging gives.
        verdict: what follows; it begins with "ok", "WRONG" or "not comparable".
    """

    analytic: float
    numeric: Estimate
    verdict: str


def nudge(analytic: float, function: Callable[[float], float], x: float) -> Nudge:
    """Compare a gradient with the slope of a function.

    Args:
        analytic: the gradient that is to be checked.
        function: the result as a function of the leaf's number.
        x: the leaf's number.

    >>> nudge(6.0, lambda x: x * x, 3.0).verdict, nudge(5.0, lambda x: x * x, 3.0).verdict
    ('ok', 'WRONG')
    >>> nudge(0.0, lambda x: max(x, 0.0), 0.0).verdict
    'ok: a kink, with slope 0 below and 1 above'
    """
    numeric = slope(function, x)
    return Nudge(analytic, numeric, _verdict(analytic, numeric, function, x))


def _verdict(
    analytic: float, numeric: Estimate, function: Callable[[float], float], x: float
) -> str:
    if numeric.settled():
        if abs(analytic - numeric.value) <= numeric.allowance():
            return "ok"
        return "WRONG" if math.isfinite(analytic) else "not comparable: the gradient is not finite"
    if not math.isfinite(function(x)):
        return "not comparable: the result is not finite"
    below, above = sides(function, x)
    margin = SAFETY * (below.error + above.error)
    low, high = sorted((below.value, above.value))
    if margin < APART * (high - low):
        if low - margin <= analytic <= high + margin:
            return f"ok: a kink, with slope {below.value:.4g} below and {above.value:.4g} above"
        if math.isfinite(analytic):
            return "WRONG"
    return "not comparable: no slope settles around here"
