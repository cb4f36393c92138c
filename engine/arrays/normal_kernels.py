"""The error function, the normal distribution and gelu on arrays.

The C library has erf and erfc, and NumPy has not. They are taken from there one element after
another, so that they are those of Values to the last bit, and so is all here.
"""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from engine import slopes, special
from engine.arrays.dtypes import Array
from engine.arrays.precision import by_elements, in_blocks, library_exp, patched, two_sum, widened
from engine.numerics import two_product

erf = by_elements(special.erf)
erfc = by_elements(special.erfc)
gelu_far_left = by_elements(special.gelu)


def within_40(x: Any) -> Any:
    """Return x cut to -40..40, beyond which the distribution function is 0 or 1 to any float."""
    return np.minimum(np.maximum(x, -40.0), 40.0)


def cdf(x: Any) -> Any:
    """Return the distribution function of the standard normal distribution, within 40."""
    z, z_error = two_product(-x, special.SQRT_HALF)
    z_error = z_error - x * special.SQRT_HALF_LOW
    return 0.5 * erfc(z) - special.INV_SQRT_PI * library_exp(-z * z) * z_error


def pdf(x: Any) -> Any:
    """Return the density of the standard normal distribution, within 40."""
    square, square_error = two_product(x, x)
    exponent, error = two_sum(-0.5 * square, -special.HALF_LOG_2PI)
    density = library_exp(exponent)
    return density + density * (error - (0.5 * square_error + special.HALF_LOG_2PI_LOW))


@in_blocks
@widened
def normal_cdf(x: Any) -> Any:
    """Return the distribution function of the standard normal distribution, as for Values."""
    return cdf(within_40(x))


@in_blocks
@widened
def normal_pdf(x: Any) -> Any:
    """Return the density of the standard normal distribution, as for Values."""
    return pdf(within_40(x))


@in_blocks
@widened
def gelu(x: Array) -> Any:
    """Return x·Φ(x), with the limit -0.0 at -inf."""
    return patched(x * cdf(within_40(x)), x < -37.0, gelu_far_left, x)


gelu_slope_beside_zero = partial(slopes.series_beside, slopes.GELU_ZERO)


@in_blocks
@widened
def gelu_slope(x: Array) -> Any:
    """Return the derivative of gelu, as for Values."""
    t = np.minimum(np.abs(x), 40.0)
    left = cdf(-t) - t * pdf(t)
    left = patched(left, slopes.is_beside(slopes.GELU_ZERO, t), gelu_slope_beside_zero, t)
    return np.where(x < 0.0, left, 1.0 - left)
