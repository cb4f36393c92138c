"""The error function, the normal distribution and gelu on arrays.

The C library has erf and erfc, and NumPy has not. They are taken from there one element after
another, so that they are those of Values to the last bit.
"""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from typing import Any

import numpy as np

from engine import special
from engine.arrays.dtypes import Array
from engine.arrays.precision import by_elements, patched, two_sum, widened
from engine.numerics import two_product

erf = by_elements(special.erf)
erfc = by_elements(special.erfc)
gelu_far_left = by_elements(special.gelu)


@widened
def normal_cdf(x: Any) -> Any:
    """Return the distribution function of the standard normal distribution, as for Values."""
    x = np.clip(x, -40.0, 40.0)
    z, z_error = two_product(-x, special.SQRT_HALF)
    z_error = z_error - x * special.SQRT_HALF_LOW
    return 0.5 * erfc(z) - special.INV_SQRT_PI * np.exp(-z * z) * z_error


@widened
def normal_pdf(x: Any) -> Any:
    """Return the density of the standard normal distribution, as for Values."""
    x = np.clip(x, -40.0, 40.0)
    square, square_error = two_product(x, x)
    exponent, error = two_sum(-0.5 * square, -special.HALF_LOG_2PI)
    density = np.exp(exponent)
    return density + density * (error - (0.5 * square_error + special.HALF_LOG_2PI_LOW))


@widened
def gelu(x: Array) -> Any:
    """Return x·Φ(x), with the limit -0.0 at -inf."""
    return patched(x * normal_cdf(x), x < -37.0, gelu_far_left, x)
