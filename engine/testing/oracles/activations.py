"""The references of activations, steps, special functions and choices."""

from __future__ import annotations

import math
import random

from mpmath import mp, mpf

from engine.testing.oracles import exact
from engine.testing.oracles.domains import (
    HUGE,
    TINY,
    WIDE,
    Points,
    Source,
    between,
    doubles,
    each,
    near,
    one,
    sized,
    whole,
    within,
)
from engine.testing.oracles.row import Exact, Reference, unit, zero

with mp.workdps(60):  # Klambauer et al. 2017, "Self-normalizing neural networks", equation 14
    TAIL, WIDE_TAIL = mp.erfc(mp.sqrt(0.5)) * mp.exp(0.5), mp.erfc(mp.sqrt(2)) * mp.exp(2)
    SELU_ALPHA = mp.sqrt(2 / mp.pi) / (1 - TAIL)
    SELU_SCALE = (1 - TAIL) * mp.sqrt(
        2 * mp.pi / (2 * WIDE_TAIL + mp.pi * TAIL**2 - 2 * (2 + mp.pi) * TAIL + mp.pi + 2)
    )


def inside(low: float, high: float) -> Exact:
    """Return the function that is 1 strictly between low and high and else 0."""
    return lambda x: mpf(low < x < high)


def wins(x: mpf, y: mpf) -> mpf:
    """Return x's part of a choice that x is for as far as it exceeds y: ties share."""
    return mpf(x > y) + mpf(x == y) / 2


def ramp(low: float, high: float) -> Reference:
    """Return the reference of x cut to low..high."""
    return Reference(
        lambda x: min(max(x, mpf(low)), mpf(high)),
        (inside(low, high),),
        one(*WIDE, near(low, high), between(low - 1, high + 1)),
    )


def staircase(value: Exact) -> Reference:
    """Return the reference of a function that is constant but for its jumps."""
    return Reference(value, (zero,), one(*WIDE, between(-3, 3), halves))


def halves(rng: random.Random) -> float:
    """Draw a multiple of one half."""
    return float(rng.randint(-9, 9)) / 2


def with_order(*sources: Source) -> tuple[Points, ...]:
    """Return the points of a family of functions: its order, 0 to 3, and an operand."""
    return tuple(each(whole(0, 3), source) for source in sources)


def off_poles(*sources: Source) -> tuple[Source, ...]:
    """Return the sources, a pole of Γ that they draw made positive."""

    def moved(source: Source) -> Source:
        def draw(rng: random.Random) -> float:
            x = source(rng)
            return abs(x) or 1.0 if x <= 0.0 and x.is_integer() else x

        return draw

    return tuple(map(moved, sources))


def square_and_4(x: mpf) -> mpf:
    """Return by how much second derivatives multiply the normal density, and a few roundings."""
    return 4 + x * x


def gelu_slope(x: mpf) -> mpf:
    """Return the derivative of gelu."""
    return exact.normal_cdf(x) + x * exact.normal_pdf(x)


def silu_slope(x: mpf) -> mpf:
    """Return the derivative of silu."""
    return exact.sigmoid(x) * (1 + x * exact.sigmoid(-x))


def polygamma_size(n: mpf, x: mpf) -> mpf:
    """Return 1 where the n-th polygamma crosses zero, and 0 where it never does."""
    return mpf(1) if n == 0 or (n % 2 == 0 and x < 0) else mpf(0)


def bessel_size(x: mpf) -> mpf:
    """Return what bounds the waves of a spherical Bessel function."""
    return 1 / max(mpf(1), abs(x))


# As far as πx is a float.
WAVES = within(-5e307, 5e307, *WIDE, between(-20, 20), near(1.0, -3.0))


def bessel_slope(n: mpf, x: mpf) -> mpf:
    """Return the derivative of jₙ(πx) (DLMF 10.51.2)."""
    below, above = exact.spherical_bessel_pi(n - 1, x), exact.spherical_bessel_pi(n + 1, x)
    return mp.pi * (n * below - (n + 1) * above) / (2 * n + 1)


SIGMOID_RANGE = one(*WIDE, between(-760, 760), between(-40, 40))
NORMAL_RANGE = one(*WIDE, between(-40, 40), between(-9, 9))
GELU_RANGE = (*NORMAL_RANGE, *one(near(-0.7517915246935645), between(-1.2, -0.3)))  # its slope's 0
SILU_RANGE = (*SIGMOID_RANGE, *one(near(-1.2784645427610737), between(-1.6, -0.9)))
# Poles at 0, -1, -2, ...; lgamma is 0 at 1, at 2 and twice between the poles.
GAMMA_RANGE = off_poles(
    *WIDE, between(-30, 30), near(1.0, 2.0, -1.0, -7.0), near(-2.4570247382208006)
)
POLYGAMMA_RANGE = off_poles(
    sized(-6, 6),
    between(-30, 30),
    near(1.0, -1.0, -7.0),
    near(1.4616321449683622),
    *within(TINY, HUGE, doubles),
)
CHOICES = (each(doubles, doubles), each(sized(-6, 6), sized(-6, 6)))
SLOPES = (each(doubles, sized(-8, 2)), each(sized(-6, 6), sized(-8, 2)))

ACTIVATIONS: dict[str, Reference] = {
    "relu": Reference(lambda x: max(x, mpf(0)), (inside(0, math.inf),), one(*WIDE)),
    "leaky_relu": Reference(
        lambda x, slope: x if x > 0 else slope * x,
        (lambda x, slope: 1 if x > 0 else slope, lambda x, slope: min(x, mpf(0))),
        SLOPES,
    ),
    "elu": Reference(
        lambda x, alpha: x if x > 0 else alpha * mp.expm1(x),
        (
            lambda x, alpha: mpf(1) if x > 0 else alpha * mp.exp(x),
            lambda x, alpha: mpf(0) if x > 0 else mp.expm1(x),
        ),
        (*SLOPES, each(between(-760, 0), sized(-8, 2))),
        8,
    ),
    "selu": Reference(
        lambda x: SELU_SCALE * (x if x > 0 else SELU_ALPHA * mp.expm1(x)),
        (lambda x: SELU_SCALE * (1 if x > 0 else SELU_ALPHA * mp.exp(x)),),
        one(*WIDE, between(-760, 0)),
        8,
    ),
    "gelu": Reference(
        lambda x: x * exact.normal_cdf(x),
        (gelu_slope,),
        GELU_RANGE,
        8,
        curvature_size=lambda x: (2 + x * x) * exact.normal_pdf(x),  # 0 at ±√2
        underflow=square_and_4,
    ),
    "gelu_slope": Reference(
        gelu_slope,
        (lambda x: (2 - x * x) * exact.normal_pdf(x),),
        GELU_RANGE,
        8,
        slope_size=lambda x: (2 + x * x) * exact.normal_pdf(x),  # 0 at ±√2
        curvature_size=lambda x: abs(x) * (4 + x * x) * exact.normal_pdf(x),  # 0 at 0 and ±2
        underflow=lambda x: 4 + abs(x) ** 3,  # (x³ - 4x)·φ(x)
    ),
    "silu": Reference(
        lambda x: x * exact.sigmoid(x),
        (silu_slope,),
        SILU_RANGE,
        8,
        curvature_size=lambda x: exact.sigmoid(x) * exact.sigmoid(-x) * (2 + abs(x)),  # 0 at ±2.4
        underflow=lambda x: 4 + abs(x),  # x·σ(x)·σ(-x)
    ),
    "silu_slope": Reference(
        silu_slope,
        (lambda x: exact.sigmoid(x) * exact.sigmoid(-x) * (2 - x * mp.tanh(x / 2)),),
        SILU_RANGE,
        8,
        slope_size=lambda x: exact.sigmoid(x) * exact.sigmoid(-x) * (2 + abs(x)),  # 0 at ±2.4
        curvature_size=lambda x: exact.sigmoid(x) * exact.sigmoid(-x) * (3 + 2 * abs(x)),  # 0 at 0
        underflow=lambda x: 4 + abs(x),
    ),
    "softplus": Reference(exact.softplus, (exact.sigmoid,), SIGMOID_RANGE, 8),
    "sigmoid": Reference(
        exact.sigmoid,
        (lambda x: exact.sigmoid(x) * exact.sigmoid(-x),),
        SIGMOID_RANGE,
        8,
        curvature_size=lambda x: exact.sigmoid(x) * exact.sigmoid(-x),  # 0 at 0
    ),
    "log_sigmoid": Reference(
        lambda x: -exact.softplus(-x), (lambda x: exact.sigmoid(-x),), SIGMOID_RANGE, 8
    ),
    "relu6": ramp(0.0, 6.0),
    "hardtanh": ramp(-1.0, 1.0),
    # ----- Steps
    "step": staircase(lambda x: mpf(x > 0)),
    "sign": staircase(mp.sign),
    "floor": staircase(mp.floor),
    "ceil": staircase(mp.ceil),
    "round": staircase(mp.nint),  # halves to even
    # ----- Special functions
    "erf": Reference(
        mp.erf,
        (lambda x: 2 / mp.sqrt(mp.pi) * mp.exp(-x * x),),
        NORMAL_RANGE,
        8,
        underflow=square_and_4,
    ),
    "erfc": Reference(
        exact.erfc,
        (lambda x: -2 / mp.sqrt(mp.pi) * mp.exp(-x * x),),
        NORMAL_RANGE,
        8,
        underflow=square_and_4,
    ),
    "normal_cdf": Reference(
        exact.normal_cdf, (exact.normal_pdf,), NORMAL_RANGE, 8, underflow=square_and_4
    ),
    "normal_pdf": Reference(
        exact.normal_pdf,
        (lambda x: -x * exact.normal_pdf(x),),
        NORMAL_RANGE,
        8,
        curvature_size=lambda x: (1 + x * x) * exact.normal_pdf(x),  # 0 at ±1
        underflow=square_and_4,
    ),
    "lgamma": Reference(
        exact.lgamma,
        (lambda x: exact.polygamma(mpf(0), x),),
        one(*GAMMA_RANGE),
        8,
        size=unit,
        slope_size=lambda x: polygamma_size(0, x),
    ),
    "polygamma": Reference(
        exact.polygamma,
        (None, lambda n, x: exact.polygamma(n + 1, x)),
        with_order(*POLYGAMMA_RANGE),
        8,
        size=polygamma_size,
        slope_size=lambda n, x: polygamma_size(n + 1, x),
        curvature_size=lambda n, x: polygamma_size(n + 2, x),
        underflow=lambda n, x: 4 * mp.factorial(n + 2),  # times a power of x
    ),
    "sinc": Reference(
        exact.sinc,
        (lambda x: -mp.pi * exact.spherical_bessel_pi(mpf(1), x),),
        one(*WAVES),
        8,
        slope_size=bessel_size,
        curvature_size=bessel_size,
    ),
    "spherical_bessel_pi": Reference(
        exact.spherical_bessel_pi,
        (None, bessel_slope),
        with_order(*WAVES),
        8,
        size=lambda n, x: bessel_size(x),
        slope_size=lambda n, x: bessel_size(x),
        curvature_size=lambda n, x: bessel_size(x),
    ),
    # ----- Choices
    "maximum": Reference(max, (wins, lambda x, y: wins(y, x)), CHOICES),
    "minimum": Reference(min, (lambda x, y: wins(y, x), wins), CHOICES),
    "clip": Reference(
        lambda x, low, high: min(max(x, low), high),
        (
            lambda x, low, high: mpf(low <= x <= high),
            lambda x, low, high: mpf(x < low <= high),
            lambda x, low, high: mpf(x > high or low > high),
        ),
        (each(sized(-6, 6), between(-4, 0), between(0, 4)), each(*[sized(-6, 6)] * 3)),
    ),
    "where": Reference(
        lambda condition, x, y: x if condition else y,
        (
            None,
            lambda condition, x, y: mpf(bool(condition)),
            lambda condition, x, y: mpf(not condition),
        ),
        (each(whole(0, 1), doubles, doubles), each(whole(0, 1), sized(-6, 6), sized(-6, 6))),
    ),
}
