"""The references of arithmetic, exponentials, logarithms, circular and hyperbolic functions."""

from __future__ import annotations

import math
import random
from fractions import Fraction

from mpmath import mp, mpf

from engine.testing.oracles import exact
from engine.testing.oracles.compare import OVERFLOW
from engine.testing.oracles.domains import (
    HUGE,
    PAIRS,
    TINY,
    WIDE,
    between,
    doubles,
    each,
    near,
    one,
    sized,
    whole,
    within,
)
from engine.testing.oracles.row import Reference, flat, unit, zero

POSITIVE = within(TINY, HUGE, *WIDE, near(1.0))
BELOW_1 = math.nextafter(1.0, 0.0)
UNIT_INTERVAL = within(-BELOW_1, BELOW_1, *WIDE, near(1.0, -1.0), between(-1.0, 1.0))


def power_over_all_results(rng: random.Random) -> tuple[float, float]:
    """Draw a base and an exponent whose power is anywhere from below to above the floats."""
    x = within(TINY, HUGE, doubles)[0](rng)
    return x, rng.uniform(-760, 720) / (math.log(x) or 1.0)


def exponentials_of_sum_1(rng: random.Random) -> tuple[float, float]:
    """Draw two numbers whose logaddexp is beside 0."""
    x = -abs(sized(-10, 8)(rng))
    return x, math.log(-math.expm1(x))


def power_beyond_floats(x: mpf, y: mpf) -> mpf:
    """Return inf where a term of the second derivatives, x^y/x or x^(y-1)·log x, is inf halfway."""
    terms = exact.power(x, y), exact.power(x, y - 1) * exact.log(abs(x))
    return mp.inf if max(map(abs, terms)) >= OVERFLOW else mpf(0)


ELEMENTARY: dict[str, Reference] = {
    # ----- Arithmetic
    "add": Reference(lambda x, y: x + y, (unit, unit), PAIRS),
    "subtract": Reference(lambda x, y: x - y, (unit, lambda x, y: mpf(-1)), PAIRS),
    "multiply": Reference(lambda x, y: x * y, (lambda x, y: y, lambda x, y: x), PAIRS),
    "divide": Reference(lambda x, y: x / y, (lambda x, y: 1 / y, lambda x, y: -x / y**2), PAIRS),
    "floor_divide": Reference(
        exact.exactly(lambda x, y: Fraction(math.floor(x / y))), (zero, zero), PAIRS
    ),
    "remainder": Reference(
        exact.exactly(lambda x, y: x % y),
        (unit, exact.exactly(lambda x, y: Fraction(-math.floor(x / y)))),
        PAIRS,
        curvatures=flat,
    ),
    "power": Reference(
        exact.power,
        (
            lambda x, y: y * exact.power(x, y - 1) if y else mpf(0),
            lambda x, y: exact.power(x, y) * exact.log(x),
        ),
        (
            each(within(TINY, HUGE, doubles)[0], sized(-10, 10)),
            power_over_all_results,
            each(near(1.0), sized(0, 45)),
            each(sized(-90, 90), whole(-12, 12)),
        ),
        # y·x^(y-1) and x^y·log x; in the second derivatives twice such a factor, and x^y/x.
        underflow=lambda x, y: 4 + (abs(y) + abs(exact.log(abs(x)))) ** 2 + 1 / abs(x),
        curvature_size=power_beyond_floats,
    ),
    "negative": Reference(lambda x: -x, (lambda x: mpf(-1),), one(*WIDE)),
    "identity": Reference(lambda x: x, (unit,), one(*WIDE)),
    "abs": Reference(abs, (lambda x: mp.sign(x),), one(*WIDE)),
    "reciprocal": Reference(lambda x: 1 / x, (lambda x: -1 / x**2,), one(*WIDE)),
    "square": Reference(lambda x: x * x, (lambda x: 2 * x,), one(*WIDE)),
    # ----- Exponentials and logarithms
    "exp": Reference(mp.exp, (mp.exp,), one(*WIDE, between(-750, 720))),
    "exp2": Reference(
        lambda x: mp.power(2, x),
        (lambda x: mp.power(2, x) * mp.log(2),),
        one(*WIDE, between(-1080, 1030)),
    ),
    "expm1": Reference(mp.expm1, (mp.exp,), one(*WIDE, between(-750, 720))),
    "log": Reference(mp.log, (lambda x: 1 / x,), one(*POSITIVE)),
    "log2": Reference(lambda x: mp.log(x, 2), (lambda x: 1 / (x * mp.log(2)),), one(*POSITIVE)),
    "log10": Reference(mp.log10, (lambda x: 1 / (x * mp.log(10)),), one(*POSITIVE)),
    "log1p": Reference(
        mp.log1p,
        (lambda x: 1 / (1 + x),),
        one(*within(-BELOW_1, HUGE, *WIDE, near(-1.0), between(-1, 1))),
    ),
    "sqrt": Reference(mp.sqrt, (lambda x: 1 / (2 * mp.sqrt(x)),), one(*POSITIVE)),
    "cbrt": Reference(exact.cbrt, (lambda x: 1 / (3 * exact.cbrt(x) ** 2),), one(*WIDE)),
    "hypot": Reference(
        exact.hypot,
        (lambda x, y: x / exact.hypot(x, y), lambda x, y: y / exact.hypot(x, y)),
        PAIRS,
        # y²/out³ comes as 1/out - x²/out³.
        curvature_size=lambda x, y: 1 / exact.hypot(x, y),
    ),
    "logaddexp": Reference(
        exact.logaddexp,
        (lambda x, y: exact.sigmoid(x - y), lambda x, y: exact.sigmoid(y - x)),
        (*PAIRS, exponentials_of_sum_1),
        96,  # where its two terms cancel to a 32nd
        curvature_size=unit,
    ),
    "xlogy": Reference(
        lambda x, y: x * mp.log(y),
        (lambda x, y: mp.log(y), lambda x, y: x / y),
        (
            each(doubles, POSITIVE[0]),
            each(sized(-6, 6), POSITIVE[1]),
            each(sized(-6, 6), near(1.0)),
        ),
        8,
    ),
    # ----- Trigonometry
    "sin": Reference(mp.sin, (mp.cos,), one(*WIDE, near(0, math.pi, 22.0))),
    "cos": Reference(mp.cos, (lambda x: -mp.sin(x),), one(*WIDE, near(math.pi / 2, 11.0))),
    "tan": Reference(
        mp.tan, (lambda x: 1 / mp.cos(x) ** 2,), one(*WIDE, near(math.pi / 2, math.pi))
    ),
    "asin": Reference(
        mp.asin,
        (lambda x: 1 / mp.sqrt((1 - x) * (1 + x)),),
        one(*UNIT_INTERVAL),
        curvature_size=unit,
    ),
    "acos": Reference(
        mp.acos,
        (lambda x: -1 / mp.sqrt((1 - x) * (1 + x)),),
        one(*UNIT_INTERVAL),
        curvature_size=unit,
    ),
    "atan": Reference(mp.atan, (lambda x: 1 / (1 + x * x),), one(*WIDE)),
    "atan2": Reference(
        mp.atan2,
        (lambda y, x: x / (x * x + y * y), lambda y, x: -y / (x * x + y * y)),
        PAIRS,
        curvature_size=lambda y, x: 1 / (x * x + y * y),
    ),
    "sinh": Reference(mp.sinh, (mp.cosh,), one(*WIDE, between(-715, 715))),
    "cosh": Reference(mp.cosh, (mp.sinh,), one(*WIDE, between(-715, 715))),
    "tanh": Reference(mp.tanh, (exact.sech_squared,), one(*WIDE, between(-400, 400))),
    "sech_squared": Reference(
        exact.sech_squared,
        (lambda x: -2 * mp.tanh(x) * exact.sech_squared(x),),
        one(*WIDE, between(-400, 400)),
        8,
        underflow=lambda x: mpf(16),  # 4·exp(-2|x|), and 4 times that in the second derivative
    ),
    "asinh": Reference(mp.asinh, (lambda x: 1 / mp.sqrt(1 + x * x),), one(*WIDE)),
    "acosh": Reference(
        mp.acosh,
        (lambda x: 1 / mp.sqrt((x - 1) * (x + 1)),),
        one(*within(math.nextafter(1, 2), HUGE, *WIDE, near(1.0), between(1, 2))),
    ),
    "atanh": Reference(
        mp.atanh, (lambda x: 1 / ((1 - x) * (1 + x)),), one(*UNIT_INTERVAL), curvature_size=unit
    ),
}
