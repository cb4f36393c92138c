"""What runs along an axis: argmax, cumsum and cumprod."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from engine.arrays.array_op import ArrayOp, as_array, data_array
from engine.arrays.dtypes import Array, axis_of
from engine.arrays.indexing import getitem
from engine.arrays.joining import concat, stack
from engine.arrays.shaping import reshape, shape_of
from engine.errors import ShapeError
from engine.node import Node
from engine.ops import data_of


def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """Return where the largest element lies: the first of several, or the first nan.

    Args:
        x: an array or a Tensor.
        axis: the axis to search along; None searches the flattened array.
        keepdims: whether the axis stays, with size 1.

    The result is whole numbers, a plain array without a gradient: a place does not change with x,
    but for its jumps.

    Raises:
        ShapeError: there is no such axis, or no element along it.

    >>> argmax(np.array([[1.0, 5.0], [7.0, 3.0]]), axis=1)
    array([1, 0])
    """
    array = data_array(x, "argmax")
    place = None if axis is None else axis_of(axis, array.ndim, "argmax")
    if (array.size if place is None else array.shape[place]) == 0:
        raise ShapeError(f"argmax() of an array of shape {array.shape}: there are no elements")
    return np.argmax(array, place, keepdims=bool(keepdims))


def cumsum(x: Any, axis: int | None = None) -> Any:
    """Return the running sums along an axis, in the shape of x.

    Args:
        x: an array or a Tensor.
        axis: the axis to add along; None adds along the flattened array.

    Raises:
        ShapeError: there is no such axis.

    >>> cumsum(np.array([1.0, 2.0, 3.0]))
    array([1., 3., 6.])
    """
    x, place = along(x, axis, "cumsum")
    return adding(place, False)(x)


def cumprod(x: Any, axis: int | None = None) -> Any:
    """Return the running products along an axis, in the shape of x.

    Args:
        x: an array or a Tensor.
        axis: the axis to multiply along; None multiplies along the flattened array.

    Its gradient is right where factors are 0: no product is divided by a factor.

    Raises:
        ShapeError: there is no such axis.

    >>> cumprod(np.array([1.0, 2.0, 3.0]))
    array([1., 2., 6.])
    """
    x, place = along(x, axis, "cumprod")
    return multiplying(place)(x)


def along(x: Any, axis: int | None, name: str) -> tuple[Any, int]:
    """Return an operand and an axis of it; the operand flattened for None."""
    if not isinstance(x, Node):
        x = as_array(x, name)
    if axis is None:
        return reshape(x, (-1,)), 0
    return x, axis_of(axis, len(shape_of(x)), name)


@lru_cache(maxsize=64)
def adding(axis: int, backwards: bool) -> ArrayOp:
    """Return the row of `cumsum` along an axis, from its start or from its end."""

    def forward(x: Array) -> Array:
        if not backwards:
            return np.add.accumulate(x, axis)
        return np.flip(np.add.accumulate(np.flip(x, axis), axis), axis)

    return ArrayOp(
        "cumsum",
        forward,
        lambda g, out, x: adding(axis, not backwards)(g),
        formula="Σ g from here on",
        origin=(adding, (axis, backwards)),
    )


@lru_cache(maxsize=64)
def multiplying(axis: int) -> ArrayOp:
    """Return the row of `cumprod` along an axis."""

    def pull(g: Any, out: Any, x: Any) -> Any:
        before: tuple[Any, ...] = (slice(None),) * axis
        size = shape_of(x)[axis]
        if size == 0:
            return g * out
        # What reaches factor i is Σ g_j·(the product of the factors up to j but for i); it is the
        # product of those before i, times a sum that runs from the end.
        running = getitem(g, (*before, size - 1))
        sums = [running]
        for i in range(size - 1, 0, -1):
            running = getitem(g, (*before, i - 1)) + getitem(x, (*before, i)) * running
            sums.append(running)
        first = np.ones_like(data_of(getitem(data_of(x), (*before, slice(0, 1)))))
        products = concat([first, getitem(out, (*before, slice(0, size - 1)))], axis)
        return stack(sums[::-1], axis) * products

    return ArrayOp(
        "cumprod",
        lambda x: np.multiply.accumulate(x, axis),
        pull,
        formula="Σ g·(product of the others)",
        origin=(multiplying, (axis,)),
    )
