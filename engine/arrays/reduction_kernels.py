"""The forward of each reduction of the op table along axes of an array."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from engine.arrays.dtypes import Array
from engine.op import Reduction

Axes = tuple[int, ...]

SUM: Any = np.add.reduce
PRODUCT: Any = np.multiply.reduce
MAXIMUM: Any = np.maximum.reduce
MINIMUM: Any = np.minimum.reduce


def count(x: Array, axes: Axes) -> int:
    """Return how many elements each result is made of."""
    return int(np.prod([x.shape[i] for i in axes], dtype=np.int64))


def total(x: Array, axes: Axes, keepdims: bool) -> Any:
    """Return the sum."""
    return SUM(x, axis=axes, keepdims=keepdims)


def mean(x: Array, axes: Axes, keepdims: bool) -> Any:
    """Return the mean; nan of no elements."""
    return total(x, axes, keepdims) / x.dtype.type(count(x, axes))


def prod(x: Array, axes: Axes, keepdims: bool) -> Any:
    """Return the product."""
    return PRODUCT(x, axis=axes, keepdims=keepdims)


def largest(x: Array, axes: Axes, keepdims: bool) -> Any:
    """Return the largest element, nan if there is one."""
    return MAXIMUM(x, axis=axes, keepdims=keepdims)


def smallest(x: Array, axes: Axes, keepdims: bool) -> Any:
    """Return the smallest element, nan if there is one."""
    return MINIMUM(x, axis=axes, keepdims=keepdims)


def norm(x: Array, axes: Axes, keepdims: bool) -> Any:
    """Return the Euclidean norm; the largest element is taken out, so that no square overflows."""
    if x.size == 0:
        return total(x, axes, keepdims)
    top = MAXIMUM(np.abs(x), axis=axes, keepdims=True)
    scale = np.where((top > 0.0) & (top < np.inf), top, x.dtype.type(1.0))
    root = np.sqrt(total(np.square(x / scale), axes, True)) * scale
    root = np.where(top == np.inf, top, root)
    return root if keepdims else np.squeeze(root, axes)


def var(x: Array, axes: Axes, keepdims: bool, correction: float) -> Any:
    """Return the variance with divisor max(n - correction, 0), in two passes."""
    deviations = x - mean(x, axes, True)
    deviations -= mean(deviations, axes, True)  # what rounding took from the mean
    divisor = max(count(x, axes) - correction, 0.0)
    return total(np.square(deviations), axes, keepdims) / x.dtype.type(divisor)


def std(x: Array, axes: Axes, keepdims: bool, correction: float) -> Any:
    """Return the standard deviation."""
    return np.sqrt(var(x, axes, keepdims, correction))


def logsumexp(x: Array, axes: Axes, keepdims: bool) -> Any:
    """Return log Σ exp, -inf of no elements, with the largest taken out."""
    top = MAXIMUM(x, axis=axes, keepdims=True, initial=-np.inf)
    shift = np.where(np.isinf(top), x.dtype.type(0.0), top)
    out = shift + np.log(total(np.exp(x - shift), axes, True))
    out = np.where(np.isinf(top), top, out)
    return out if keepdims else np.squeeze(out, axes)


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
