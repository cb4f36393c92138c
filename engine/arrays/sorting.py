"""Elements in order of size."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.arrays.array_op import data_array
from engine.arrays.dtypes import Array, axis_of
from engine.arrays.taking import gather


def sort(x: Any, axis: int = -1, descending: bool = False) -> Any:
    """Return the elements sorted along an axis; each takes its gradient with it.

    Args:
        x: an array or a Tensor.
        axis: along which to sort.
        descending: whether the largest come first.

    Equal elements keep their order, in both directions; nan counts as larger than any number.

    Raises:
        ShapeError: there is no such axis.

    >>> sort(np.array([3.0, 1.0, 2.0]))
    array([1., 2., 3.])
    """
    return gather(x, _order(x, axis, descending, "sort"), axis)


def argsort(x: Any, axis: int = -1, descending: bool = False) -> Array:
    """Return the places of the elements in the order that `sort` brings them to.

    Args:
        x: an array or a Tensor.
        axis: along which to sort.
        descending: whether the largest come first.

    The result is an array of whole numbers, which has no gradient.

    Raises:
        ShapeError: there is no such axis.

    >>> argsort(np.array([3.0, 1.0, 2.0]))
    array([1, 2, 0])
    """
    return _order(x, axis, descending, "argsort")


def _order(x: Any, axis: int, descending: bool, name: str) -> Array:
    data = data_array(x, name)
    along = axis_of(axis, data.ndim, name)
    if not descending:
        return np.argsort(data, along, stable=True)
    order = np.argsort(np.flip(data, along), along, stable=True)
    places: Array = data.shape[along] - 1 - np.flip(order, along)
    return places
