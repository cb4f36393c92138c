"""The elements in other places, more often, or with more around them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from engine.arrays.array_op import ArrayOp
from engine.arrays.dtypes import axes_of, axis_of
from engine.arrays.indexing import getitem, scattering
from engine.arrays.shaping import Shape, broadcast_to, reshape, shape_of, sizes, whole
from engine.arrays.taking import take, whole_numbers
from engine.coercion import number
from engine.errors import ShapeError

ALL = slice(None)


def flip(x: Any, axis: Any = None) -> Any:
    """Return the elements in reverse order along an axis, several, or all.

    Raises:
        ShapeError: there is no such axis, or one is named twice.

    >>> flip(np.array([1.0, 2.0, 3.0]))
    array([3., 2., 1.])
    """
    ndim = len(shape_of(x))
    places = axes_of(axis, ndim, "flip")
    backwards = slice(None, None, -1)
    return getitem(x, tuple([backwards if i in places else ALL for i in range(ndim)]))


def roll(x: Any, shift: Any, axis: Any = None) -> Any:
    """Return the elements moved along an axis; those pushed out come in at the other end.

    Args:
        x: an array or a Tensor.
        shift: by how many places, or a tuple of one shift for each axis.
        axis: an axis or a tuple of them; None moves through all elements in order.

    Raises:
        ShapeError: there is no such axis, or there are not as many shifts as axes.

    >>> roll(np.array([1.0, 2.0, 3.0]), 1)
    array([3., 1., 2.])
    """
    shifts = whole(shift, "roll", "a shift is a whole number")
    if axis is None:
        if len(shifts) != 1:
            raise ShapeError(f"roll: {len(shifts)} shifts need as many axes")
        return reshape(rolling(shifts, (0,))(reshape(x, (-1,))), shape_of(x))
    axes = axes_of(axis, len(shape_of(x)), "roll")
    if len(shifts) == 1:
        shifts *= len(axes)
    if len(shifts) != len(axes):
        raise ShapeError(f"roll: {len(shifts)} shifts do not go with {len(axes)} axes")
    return rolling(shifts, axes)(x)


@lru_cache(maxsize=512)
def rolling(shifts: Shape, axes: Shape) -> ArrayOp:
    """Return the row of `roll` by some shifts along some axes."""
    return ArrayOp(
        "roll",
        lambda x: np.roll(x, shifts, axes),
        lambda g, out, x: rolling(tuple([-shift for shift in shifts]), axes)(g),
        formula="g moved back",
        origin=(rolling, (shifts, axes)),
        moves=True,
    )


def tile(x: Any, repetitions: Any) -> Any:
    """Return an array made of copies of x side by side.

    Args:
        x: an array or a Tensor.
        repetitions: how often along the last axes, or along new ones before them.

    >>> tile(np.array([1.0, 2.0]), (2, 2))
    array([[1., 2., 1., 2.],
           [1., 2., 1., 2.]])
    """
    counts = sizes(repetitions, "tile")
    shape = shape_of(x)
    ndim = max(len(counts), len(shape))
    counts = (1,) * (ndim - len(counts)) + counts
    shape = (1,) * (ndim - len(shape)) + shape
    pairs = list(zip(counts, shape, strict=True))
    apart = reshape(x, tuple([size for _, n in pairs for size in (1, n)]))
    copies = broadcast_to(apart, tuple([size for pair in pairs for size in pair]))
    return reshape(copies, tuple([count * n for count, n in pairs]))


def repeat(x: Any, repeats: Any, axis: Any = None) -> Any:
    """Return an array in which each element along an axis stands several times in a row.

    Args:
        x: an array or a Tensor.
        repeats: how often each, or a sequence of one count for each element.
        axis: None repeats all elements in order.

    Raises:
        ShapeError: there is no such axis, or there are not as many counts as elements.

    >>> repeat(np.array([1.0, 2.0]), 2)
    array([1., 1., 2., 2.])
    """
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    shape = shape_of(x)
    place = axis_of(axis, len(shape), "repeat")
    counts = whole_numbers(repeats, "repeat")
    if counts.ndim > 1 or counts.size not in (1, shape[place]) or np.any(counts < 0):
        raise ShapeError(
            f"repeat: axis {place} of an array of shape {shape} takes one count, or "
            f"{shape[place]}, of 0 or more, got {counts.tolist()}"
        )
    if counts.size != 1:
        return take(x, np.repeat(np.arange(shape[place]), counts), place)
    before, after, count = shape[: place + 1], shape[place + 1 :], int(counts.item())
    copies = broadcast_to(reshape(x, (*before, 1, *after)), (*before, count, *after))
    return reshape(copies, (*shape[:place], shape[place] * count, *after))


def pad(x: Any, widths: Any, value: float = 0.0) -> Any:
    """Return an array with more elements before and after along each axis, all of one value.

    Args:
        x: an array or a Tensor.
        widths: how many: one number, a pair (before, after) for every axis, or a sequence of one
            pair for each axis.
        value: what to pad with, a constant.

    Raises:
        ShapeError: there are not as many pairs as axes, or a width is negative.

    >>> pad(np.array([1.0, 2.0]), (1, 2))
    array([0., 1., 2., 0., 0.])
    """
    shape = shape_of(x)
    given = whole_numbers(widths, "pad")
    if given.shape not in [(), (1,), (2,), (1, 2), (len(shape), 2)] or np.any(given < 0):
        raise ShapeError(
            f"pad: an array of shape {shape} takes one width, a pair or {len(shape)} pairs, of 0 "
            f"or more, got {given.tolist()}"
        )
    pairs = np.broadcast_to(given, (len(shape), 2)).tolist()
    key = tuple([slice(before, before + n) for (before, _), n in zip(pairs, shape, strict=True)])
    whole = tuple([n + before + after for (before, after), n in zip(pairs, shape, strict=True)])
    return scattering(key, whole, number(value, "pad"), "pad")(x)
