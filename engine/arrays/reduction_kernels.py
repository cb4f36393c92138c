"""The forward of each reduction of the op table along axes of an array."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from engine.arrays.dtypes import FLOAT32, FLOAT64, Array
from engine.arrays.precision import two_sum
from engine.op import Reduction

Axes = tuple[int, ...]

SUM: Any = np.add.reduce
PRODUCT: Any = np.multiply.reduce
MAXIMUM: Any = np.maximum.reduce
MINIMUM: Any = np.minimum.reduce


def count(x: Array, axes: Axes) -> int:
    """Return how many elements each result is made of."""
    return math.prod([x.shape[i] for i in axes])


def total(x: Array, axes: Axes, keepdims: bool) -> Any:
    """Return the sum.

    NumPy adds in pairs along the last axis and one by one along others, which many float32 do not
    bear: they are added in float64.
    """
    if x.dtype is FLOAT32 and x.ndim - 1 not in axes and count(x, axes) > 1024:
        return SUM(x, axis=axes, dtype=FLOAT64, keepdims=keepdims).astype(FLOAT32)
    return SUM(x, axis=axes, keepdims=keepdims)


def mean(x: Array, axes: Axes, keepdims: bool) -> Any:
    """Return the mean; nan of no elements."""
    divisor = x.dtype.type(count(x, axes))
    out = total(x, axes, keepdims) / divisor
    finite = math.isfinite(out) if out.ndim == 0 else np.isfinite(out).all()
    if not finite and divisor > 0.0:  # perhaps only the sum is too large
        return np.where(np.isinf(out), total(x / divisor, axes, keepdims), out)
    return out


def prod(x: Array, axes: Axes, keepdims: bool) -> Any:
    """Return the product."""
    return PRODUCT(x, axis=axes, keepdims=keepdims)


def largest(x: Array, axes: Axes, keepdims: bool) -> Any:
    """Return the largest element, nan if there is one."""
    return MAXIMUM(x, axis=axes, keepdims=keepdims)


def smallest(x: Array, axes: Axes, keepdims: bool) -> Any:
    """Return the smallest element, nan if there is one."""
    return MINIMUM(x, axis=axes, keepdims=keepdims)


# ----- Squares, which overflow and underflow before their root does ----------------------------


def is_safe(squares: Any) -> bool:
    """Return whether sums of squares are so far from both ends that no square was cut."""
    limits = np.finfo(squares.dtype)
    low, high = limits.tiny / limits.eps**2, limits.max / 8.0
    return bool(np.all((squares > low) & (squares < high)))


def powers_of_two(x: Array, axes: Axes) -> Any:
    """Return the power of two, along the axes, that brings the largest magnitude to 1..2."""
    top = MAXIMUM(np.abs(x), axis=axes, keepdims=True, initial=0.0)
    exponents = np.where(np.isfinite(top), np.frexp(top)[1] - 1, 0)
    return np.where(top == 0.0, 0, exponents)


def norm(x: Array, axes: Axes, keepdims: bool) -> Any:
    """Return the Euclidean norm, free of overflow and underflow inside."""
    squares = total(np.square(x), axes, keepdims)
    if is_safe(squares):
        return np.sqrt(squares)
    exponents = powers_of_two(x, axes)
    root = np.ldexp(np.sqrt(total(np.square(np.ldexp(x, -exponents)), axes, True)), exponents)
    infinite = MAXIMUM(np.isinf(x), axis=axes, keepdims=True, initial=False)
    root = np.where(infinite, x.dtype.type(np.inf), root)  # as hypot, even beside a nan
    return root if keepdims else np.squeeze(root, axes)


def moment(x: Array, axes: Axes, keepdims: bool, correction: float) -> Any:
    """Return the variance of what is neither too large nor too small to be squared."""
    deviations = x - mean(x, axes, True)
    deviations -= mean(deviations, axes, True)  # what rounding took from the mean
    divisor = max(count(x, axes) - correction, 0.0)
    return total(np.square(deviations), axes, keepdims) / x.dtype.type(divisor)


def var(x: Array, axes: Axes, keepdims: bool, correction: float) -> Any:
    """Return the variance with divisor max(n - correction, 0), in two passes."""
    out = moment(x, axes, keepdims, correction)
    if is_safe(out):
        return out
    exponents = powers_of_two(x, axes)
    scaled = moment(np.ldexp(x, -exponents), axes, True, correction)
    out = np.ldexp(np.ldexp(scaled, exponents), exponents)
    return out if keepdims else np.squeeze(out, axes)


def std(x: Array, axes: Axes, keepdims: bool, correction: float) -> Any:
    """Return the standard deviation."""
    out = moment(x, axes, keepdims, correction)
    if is_safe(out):
        return np.sqrt(out)
    exponents = powers_of_two(x, axes)
    scaled = np.sqrt(moment(np.ldexp(x, -exponents), axes, True, correction))
    out = np.ldexp(scaled, exponents)
    return out if keepdims else np.squeeze(out, axes)


# ----- Sums of exponentials ------------------------------------------------------------------


def exp_differences(x: Array, axes: Axes) -> tuple[Array, Array, Array]:
    """Return the largest element along axes, x less it, and exp of that, in float64.

    exp is correct to first order in the rounding of the difference, which float32 does not have.
    """
    wide = x.astype(FLOAT64) if x.dtype is FLOAT32 else x
    top = MAXIMUM(wide, axis=axes, keepdims=True, initial=-np.inf)
    differences, errors = two_sum(wide, -top)
    weights = np.exp(differences)
    if wide is x:
        weights += np.where(weights > 0.0, weights * errors, 0.0)
    return top, differences, weights


def log_total(differences: Array, weights: Array, axes: Axes) -> Any:
    """Return the log of a sum of weights of which the largest is 1, exact where the rest is small.

    The largest weights, 1 each, are counted and all others added.
    """
    largest = differences == 0.0
    rest = total(np.where(largest, 0.0, weights), axes, True)
    return np.log1p(rest + (total(largest, axes, True) - 1.0))


def logsumexp(x: Array, axes: Axes, keepdims: bool) -> Any:
    """Return log Σ exp, -inf of no elements, with the largest taken out."""
    top, differences, weights = exp_differences(x, axes)
    out = np.where(np.isinf(top), top, top + log_total(differences, weights, axes))
    out = out.astype(x.dtype, copy=False)
    return out if keepdims else np.squeeze(out, axes)


def softmax(x: Array, axis: int) -> Array:
    """Return exp(x) / Σ exp along an axis; nan throughout where the largest is infinite."""
    _, _, weights = exp_differences(x, (axis,))
    weights /= total(weights, (axis,), True)
    return weights.astype(x.dtype, copy=False)


def log_softmax(x: Array, axis: int) -> Array:
    """Return x - logsumexp along an axis; nan throughout where the largest is infinite."""
    _, differences, weights = exp_differences(x, (axis,))
    out: Array = differences - log_total(differences, weights, (axis,))
    return out.astype(x.dtype, copy=False)


FORWARDS: dict[str, Callable[..., Any]] = {
    "sum": total,
    "mean": mean,
    "prod": prod,
    "max": largest,
    "min": smallest,
    "norm": norm,
    "var": var,
    "std": std,
    "logsumexp": logsumexp,
}


def reduction_kernel(row: Reduction) -> Callable[[Array, Axes, bool], Any]:
    """Return the forward of a reduction, as a function of an array, axes and keepdims."""
    forward = FORWARDS[row.name]
    return partial(forward, **row.options) if row.options else forward
