"""The reductions of the op table along axes of an array.

A row's rule takes the elements as a list, or as an array with the elements along its first axis;
what stands here brings the axes to the front and back.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from engine.arrays.array_op import ArrayOp
from engine.arrays.dtypes import axes_of
from engine.arrays.reduction_kernels import reduction_kernel
from engine.arrays.shaping import broadcast_to, permute_dims, reshape, shape_of
from engine.errors import ShapeError
from engine.op import Reduction

NEEDS_ELEMENTS = ("max", "min")
ALL = [tuple(range(ndim)) for ndim in range(65)]  # the axes of an array of so many


def reduced(row: Reduction, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the reduction of an array or Tensor along some axes.

    Args:
        row: a reduction of the op table.
        x: an array or a Tensor.
        axis: an axis or a tuple of them, negative ones from the end; None is all.
        keepdims: whether the axes stay, with size 1.

    Raises:
        ShapeError: there is no such axis, or no element along it for a row that needs one.

    >>> import numpy as np
    >>> from engine import reductions
    >>> reduced(reductions.max, np.array([[1.0, 5.0], [7.0, 3.0]]), axis=1)
    array([5., 7.])
    """
    shape = shape_of(x)
    axes = ALL[len(shape)] if axis is None else axes_of(axis, len(shape), row.name)
    if row.name in NEEDS_ELEMENTS and 0 in [shape[i] for i in axes]:
        raise ShapeError(
            f"{row.name}() along axis {axis} of an array of shape {shape}: there are no elements, "
            "and it has no identity"
        )
    return along(row, axes, bool(keepdims))(x)


@lru_cache(maxsize=512)
def along(row: Reduction, axes: tuple[int, ...], keepdims: bool) -> ArrayOp:
    """Return the row of a reduction along some axes."""
    forward = reduction_kernel(row)

    def pull(gradient: Any, out: Any, x: Any) -> Any:
        shape = shape_of(x)
        rest = tuple([n for i, n in enumerate(shape) if i not in axes])
        count = math.prod([shape[i] for i in axes])
        if row.slope is not None:
            kept = tuple([1 if i in axes else n for i, n in enumerate(shape)])
            slope = row.slope(count)
            scaled = gradient if slope == 1.0 else gradient * slope
            return broadcast_to(reshape(scaled, kept), shape)
        order = (*axes, *[i for i in range(len(shape)) if i not in axes])
        front = reshape(permute_dims(x, order), (count, *rest))
        partials = row.partials(reshape(out, rest), front)
        part = broadcast_to(reshape(gradient, rest) * partials, (count, *rest))
        moved = reshape(part, tuple([shape[i] for i in order]))
        return permute_dims(moved, tuple([order.index(i) for i in range(len(shape))]))

    def spread(gradient: Any, out: Any, x: Any) -> Any:
        shape = x.shape
        part = np.empty(shape, x.dtype)  # filled, it is four times as quick as a broadcast view
        if len(axes) == len(shape):
            part.fill(gradient.item() * slope_of(x.size))
        else:
            slope = slope_of(math.prod([shape[i] for i in axes]))
            kept = [1 if i in axes else n for i, n in enumerate(shape)]
            np.multiply(gradient.reshape(kept), slope, part)
        return part

    slope_of: Any = row.slope
    return ArrayOp(
        row.name,
        lambda x: forward(x, axes, keepdims),
        pull,
        array_pulls=None if slope_of is None else (spread,),
        symbol=row.symbol,
        formula=row.formula,
        doc=row.__doc__,
        origin=(along, (row, axes, keepdims)),
    )
