"""Other orders of the axes, each a `permute_dims`."""

from __future__ import annotations

from typing import Any

from engine.arrays.dtypes import axes_of, axis_of
from engine.arrays.shaping import permute_dims, shape_of
from engine.errors import ShapeError


def transpose(x: Any, axes: Any = None) -> Any:
    """Return an array with its axes in reverse order, or in the order given.

    Args:
        x: an array or a Tensor.
        axes: all axes of x, each once; None reverses them. To swap two of more, use `swapaxes`.

    Raises:
        ShapeError: the axes are not all axes of x, each once.

    >>> import numpy as np
    >>> transpose(np.zeros((2, 3, 4))).shape
    (4, 3, 2)
    """
    if axes is None:
        axes = range(len(shape_of(x)) - 1, -1, -1)
    return permute_dims(x, axes)


def swapaxes(x: Any, first: int, second: int) -> Any:
    """Return an array with two of its axes exchanged.

    Raises:
        ShapeError: there is no such axis.

    >>> import numpy as np
    >>> swapaxes(np.zeros((2, 3, 4)), 0, -1).shape
    (4, 3, 2)
    """
    ndim = len(shape_of(x))
    a, b = axis_of(first, ndim, "swapaxes"), axis_of(second, ndim, "swapaxes")
    order = list(range(ndim))
    order[a], order[b] = b, a
    return permute_dims(x, order)


def moveaxis(x: Any, source: Any, destination: Any) -> Any:
    """Return an array with some axes at other places, and the rest in order around them.

    Args:
        x: an array or a Tensor.
        source: an axis or a tuple of them.
        destination: where each of them goes.

    Raises:
        ShapeError: there is no such axis, one is named twice, or there are more of one than of
            the other.

    >>> import numpy as np
    >>> moveaxis(np.zeros((2, 3, 4)), 0, -1).shape
    (3, 4, 2)
    """
    ndim = len(shape_of(x))
    moved = axes_of(_listed(source), ndim, "moveaxis")
    places = axes_of(_listed(destination), ndim, "moveaxis")
    if len(moved) != len(places):
        raise ShapeError(f"moveaxis: {len(moved)} axes cannot go to {len(places)} places")
    order = [i for i in range(ndim) if i not in moved]
    for place, axis in sorted(zip(places, moved, strict=True)):
        order.insert(place, axis)
    return permute_dims(x, order)


def _listed(axis: Any) -> Any:
    """Return an axis argument as a sequence, for which None does not mean all axes."""
    return axis if isinstance(axis, tuple | list) else (axis,)
