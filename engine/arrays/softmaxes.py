"""softmax and log_softmax along an axis of an array."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from engine import reductions
from engine.arrays import reduction_kernels
from engine.arrays.array_op import ArrayOp
from engine.arrays.axes import reduced
from engine.arrays.dtypes import axis_of
from engine.arrays.shaping import shape_of


def softmax(x: Any, axis: int = -1) -> Any:
    """Return exp(x) / Σ exp along an axis of an array or Tensor.

    >>> import numpy as np
    >>> softmax(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """
    return softmax_along(axis_of(axis, len(shape_of(x)), "softmax"))(x)


def log_softmax(x: Any, axis: int = -1) -> Any:
    """Return x - logsumexp along an axis of an array or Tensor.

    >>> import numpy as np
    >>> log_softmax(np.array([1000.0, 0.0]))
    array([    0., -1000.])
    """
    return log_softmax_along(axis_of(axis, len(shape_of(x)), "log_softmax"))(x)


@lru_cache(maxsize=64)
def softmax_along(axis: int) -> ArrayOp:
    """Return the row of `softmax` along an axis."""

    return ArrayOp(
        "softmax",
        lambda x: reduction_kernels.softmax(x, axis),
        lambda g, out, x: out * (g - reduced(reductions.sum, g * out, axis, True)),
        formula="out·(g - Σ g·out)",
        origin=(softmax_along, (axis,)),
    )


@lru_cache(maxsize=64)
def log_softmax_along(axis: int) -> ArrayOp:
    """Return the row of `log_softmax` along an axis."""

    return ArrayOp(
        "log_softmax",
        lambda x: reduction_kernels.log_softmax(x, axis),
        lambda g, out, x: g - softmax(x, axis) * reduced(reductions.sum, g, axis, True),
        formula="g - softmax x·Σ g",
        origin=(log_softmax_along, (axis,)),
    )
