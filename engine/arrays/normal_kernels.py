"""The error function, the normal distribution and gelu on arrays.

All are made of one tail: (1 + 2u)·exp(u²)·erfc(u)·⅞ - 1 as a polynomial on 0..28, in the
variable of Shepherd and Laframboise 1981 (Mathematics of Computation 36, 249), with the
coefficients of a Chebyshev interpolant computed to 60 digits. The exponential's argument is split
so that u² is exact (Cody 1969, Mathematics of Computation 23, 631).
"""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine import special
from engine.arrays.dtypes import Array
from engine.arrays.precision import patched, two_sum, widened

TOP = 28.0  # erfc underflows at 27.3
FOLD = 3.75  # s = SLOPE·u/(u + FOLD) - 1 takes 0..TOP to -1..1
SLOPE = 4.0 / (1.0 + (TOP - FOLD) / (TOP + FOLD))
TAIL = (
    0.0972215372872141,
    -0.1055843565652261,
    -0.02475795390825229,
    0.0892386092536126,
    -0.09387360379074433,
    0.0668131671376256,
    -0.03547209933172504,
    0.013930461795731453,
    -0.003631942269821058,
    0.0003305925867810435,
    0.00017566662240116123,
    -7.302142832941837e-05,
    7.932539565280762e-07,
    6.538651335584053e-06,
    -1.035836102606122e-06,
    -5.367313497516033e-07,
    1.5378464399124674e-07,
    4.905154972434115e-08,
    -1.8752377775175343e-08,
    -5.323150863064657e-09,
    2.1179437532298688e-09,
    5.997181666611209e-10,
    -2.075356396598798e-10,
    -4.5704496407527465e-11,
    1.2992732997468242e-11,
)
TWO_OVER_SQRT_PI = 2.0 / math.sqrt(math.pi)
# erf(x)/x - 1 in powers of x² (DLMF 7.6.1)
ERF_SERIES = (
    0.1283791670955126,
    *[
        (-1) ** k * 2.0 / (math.sqrt(math.pi) * math.factorial(k) * (2 * k + 1))
        for k in range(1, 13)
    ],
)
SQRT_HALF_HIGH = float(np.float32(special.SQRT_HALF))
SQRT_HALF_REST = (special.SQRT_HALF - SQRT_HALF_HIGH) + special.SQRT_HALF_LOW


def polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    """Return c₀ + c₁·x + c₂·x² + … by Horner's rule."""
    out: Array = np.full_like(x, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        out *= x
        out += coefficient
    return out


def single(x: Array) -> Any:
    """Return x cut to 24 bits, whose square is exact."""
    return x.astype(np.float32).astype(np.float64)


def tail(x: Array, half: float, u: Array, u_low: Any, lift: float = 0.0) -> Any:
    """Return erfc(u)·exp(lift) for u = x·√half ≥ 0, known as u + u_low."""
    high = single(x)
    rest = x - high
    factor = polynomial(TAIL, SLOPE * u / (u + FOLD) - 1.0)
    product = 1.75 * u
    scale, scale_low = two_sum(0.875, product)
    scale_low += ((2.0 * u - product) - 0.25 * u) + 1.75 * u_low
    correction = np.expm1(-half * rest * (x + high)) - scale_low / scale
    factor += correction + correction * factor
    out = np.exp(lift - half * high * high)
    out += out * factor
    return out / scale


def upper_tail(x: Array, lift: float = 0.0) -> Any:
    """Return 2·(1 - Φ(x))·exp(lift) for x ≥ 0."""
    u = x * special.SQRT_HALF
    high = single(x)
    u_low = (high * SQRT_HALF_HIGH - u) + (x - high) * SQRT_HALF_HIGH + x * SQRT_HALF_REST
    return tail(x, 0.5, u, u_low, lift)


def erf_near_0(x: Array) -> Any:
    """Return erf(x) for |x| < 0.5."""
    return x + x * polynomial(ERF_SERIES, x * x)


@widened
def erfc(x: Array) -> Array:
    """Return 1 - erf(x)."""
    size = np.minimum(np.abs(x), TOP)
    out = tail(size, 1.0, size, 0.0)
    out = np.where(x < 0.0, 2.0 - out, out)
    return patched(out, size < 0.5, lambda x: 1.0 - erf_near_0(x), x)


@widened
def erf(x: Array) -> Array:
    """Return the error function."""
    size = np.minimum(np.abs(x), TOP)
    out = np.copysign(1.0 - tail(size, 1.0, size, 0.0), x)
    return patched(out, size < 0.5, erf_near_0, x)


def normal_cdf_near_0(x: Array) -> Array:
    """Return Φ(x) for |x| < 0.7."""
    return 0.5 + 0.5 * erf_near_0(x * special.SQRT_HALF)


@widened
def normal_cdf(x: Array) -> Array:
    """Return the distribution function of the standard normal distribution."""
    size = np.minimum(np.abs(x), 39.5)
    lower = 0.5 * upper_tail(size)
    out = np.where(x < 0.0, lower, 1.0 - lower)
    return patched(out, size < 0.7, normal_cdf_near_0, x)


@widened
def normal_pdf(x: Array) -> Any:
    """Return the density of the standard normal distribution, with x² rounded only once."""
    size = np.minimum(np.abs(x), 40.0)
    high = single(size)
    density = special.INV_SQRT_2PI * np.exp(-0.5 * high * high)
    correction = np.expm1(-0.5 * (size - high) * (size + high)) + special.INV_SQRT_2PI_LOW
    return density + density * correction


def gelu_far_left(x: Array) -> Any:
    """Return gelu(x) for x < -37, where Φ underflows before x·Φ does."""
    x = np.maximum(x, -40.0)
    return x * (0.5 * upper_tail(np.minimum(-x, 39.5), 64.0)) * math.exp(-64.0)


@widened
def gelu(x: Array) -> Array:
    """Return x·Φ(x), with the limit -0.0 at -inf."""
    return patched(x * normal_cdf(x), x < -37.0, gelu_far_left, x)
