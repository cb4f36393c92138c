"""The derivatives of gelu and silu on floats, right to a few ulp beside their zeros too.

Each has one zero, left of 0, where the terms of its formula cancel: there it is its Taylor series
about the zero. Both satisfy f(x) = 1 - f(-x), so that each is computed left of 0 and reflected.
What is a function of t = |x| takes a float or an array.

>>> gelu_slope(0.0), silu_slope(-1.2784645427610737)
(0.5, 2.3843834755243115e-17)
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from engine.special import normal_cdf, normal_pdf


class Zero(NamedTuple):
    """A zero of f(-t) in two parts, how far from it its Taylor series holds, and the series."""

    at: float
    low: float
    reach: float
    series: tuple[float, ...]  # from the first power on


GELU_ZERO = Zero(
    0.7517915246935645, -1.4956759177009883e-17, 0.25,
    (
        -0.4314939923140469, 0.388284982990552, 0.018199676398671087, -0.1140082332972217,
        0.014771522148244337, 0.019421679838189067, -0.004539228379125415, -0.002239538068073497,
        0.0007448268386746817, 0.00018633974623233514, -8.615947861116571e-05,
        -1.121438018842664e-05, 7.74846130700372e-06, 4.3284506257392273e-07,
        -5.702764979242107e-07,
    ),
)  # fmt: skip
SILU_ZERO = Zero(
    1.2784645427610737, 1.0946994183093437e-16, 0.15,
    (
        -0.2178117057198001, 0.1466487969969469, -0.018874814223782312, -0.015222655223188032,
        0.006606589138356696, 0.000126627410081122, -0.0007985218818397998, 0.00018570724361186496,
        4.090534237428612e-05, -2.9733542213263917e-05, 2.942631888842464e-06,
        2.346029682463866e-06, -8.599695028268575e-07,
    ),
)  # fmt: skip


def is_beside(zero: Zero, t: Any) -> Any:
    """Return whether the series about a zero holds at t."""
    return abs(t - zero.at) < zero.reach


def series_beside(zero: Zero, t: Any) -> Any:
    """Return the Taylor series about a zero at t, by Horner's rule."""
    step = (t - zero.at) - zero.low  # the first difference is exact
    total = zero.series[-1]
    for coefficient in zero.series[-2::-1]:
        total = total * step + coefficient
    return total * step


def gelu_slope(x: float) -> float:
    """Return the derivative of gelu, Φ(x) + x φ(x)."""
    t = abs(x)
    left: float
    if is_beside(GELU_ZERO, t):
        left = series_beside(GELU_ZERO, t)
    else:
        left = normal_cdf(-t) - min(t, 40.0) * normal_pdf(t)
    return left if x < 0.0 else 1.0 - left


def silu_slope(x: float) -> float:
    """Return the derivative of silu, σ(x) (1 + x σ(-x))."""
    t = abs(x)
    left: float
    if is_beside(SILU_ZERO, t):
        left = series_beside(SILU_ZERO, t)
    elif t > 700.0:
        left = silu_slope_far_left(min(t, 1000.0), math.exp)
    else:
        left = silu_slope_left(t, math.exp(-t))
    return left if x < 0.0 else 1.0 - left


def silu_slope_left(t: Any, e: Any) -> Any:
    """Return e (1 - t + e) / (1 + e)², the derivative of silu at -t for e = exp(-t)."""
    return e * ((1.0 - t) + e) / ((1.0 + e) * (1.0 + e))


def silu_slope_far_left(t: Any, exp: Any) -> Any:
    """Return the derivative of silu at -t, (1 - t) exp(-t), where exp(-t) may underflow before."""
    return (1.0 - t) * exp(64.0 - t) * math.exp(-64.0)
