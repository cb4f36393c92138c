"""Taking elements by whole numbers: take, gather, embedding and one_hot."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.arrays.dtypes import FLOAT64, Array, axis_of, float_type, nested_array
from engine.arrays.indexing import getitem, indexing
from engine.arrays.shaping import reshape, shape_of
from engine.errors import IndexingError, OperandError, ShapeError
from engine.node import Node


def take(x: Any, indices: Any, axis: Any = None) -> Any:
    """Return the elements at some places along an axis.

    Args:
        x: an array or a Tensor.
        indices: whole numbers of any shape, which takes the place of the axis; negative ones
            count from the end, and a place may be named twice.
        axis: None takes from all elements in order.

    Raises:
        IndexingError: there is no such place.
        ShapeError: there is no such axis.

    >>> take(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), [2, 0], axis=1)
    array([[3., 1.],
           [6., 4.]])
    """
    places = whole_numbers(indices, "take")
    if axis is None:
        return getitem(reshape(x, (-1,)), places)
    before = axis_of(axis, len(shape_of(x)), "take")
    return getitem(x, (*[slice(None)] * before, places))


def gather(x: Any, indices: Any, axis: int = -1) -> Any:
    """Return along each line in an axis the elements at the places that stand in that line.

    Args:
        x: an array or a Tensor.
        indices: whole numbers, with as many axes as x; beside the axis the sizes broadcast.
        axis: along which the places are counted.

    NumPy calls it `take_along_axis`.

    Raises:
        IndexingError: there is no such place.
        ShapeError: there is no such axis, or the shapes do not fit.

    >>> gather(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1], [0]]))
    array([[2.],
           [3.]])
    """
    shape, places = shape_of(x), whole_numbers(indices, "gather")
    along = axis_of(axis, len(shape), "gather")
    if places.ndim != len(shape):
        raise ShapeError(
            f"gather: indices of shape {places.shape} for an array of shape {shape}: they must "
            "have as many axes; expand_dims(indices, axis) adds one"
        )
    for i, (n, m) in enumerate(zip(shape, places.shape, strict=True)):
        if i != along and n != m and 1 not in (n, m):
            raise ShapeError(
                f"gather along axis {along}: indices of shape {places.shape} do not fit an array "
                f"of shape {shape}: axis {i} has the sizes {m} and {n}"
            )
    lines = np.ogrid[tuple([slice(n) for n in shape])]
    return getitem(x, (*lines[:along], places, *lines[along + 1 :]))


take_along_axis = gather


def embedding(weight: Any, ids: Any) -> Any:
    """Return the row of a table for each id, as `weight[ids]` with ids checked from 0 on.

    Args:
        weight: the table, an array or a Tensor of shape (rows, features).
        ids: whole numbers of any shape.

    Raises:
        IndexingError: an id is negative or beyond the last row; the message names it.
        ShapeError: the table has not two axes.

    >>> embedding(np.array([[1.0, 2.0], [3.0, 4.0]]), [1, 1]).tolist()
    [[3.0, 4.0], [3.0, 4.0]]
    """
    shape = shape_of(weight)
    if len(shape) != 2:
        raise ShapeError(f"embedding: the table is of shape (rows, features), got {shape}")
    places = whole_numbers(ids, "embedding")
    check_classes(places, shape[0], "embedding", "id", "rows")
    return indexing((places,))(weight)


def one_hot(ids: Any, classes: int, dtype: Any = FLOAT64) -> Array:
    """Return an array with 1 at the place of each id along a new last axis, and 0 elsewhere.

    Args:
        ids: whole numbers of any shape.
        classes: the size of the new axis.
        dtype: float64 or float32.

    Raises:
        IndexingError: an id is negative or not below the number of classes.

    >>> one_hot([2, 0], 3)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    places = whole_numbers(ids, "one_hot")
    if isinstance(classes, bool) or not isinstance(classes, int | np.integer) or classes < 0:
        raise OperandError(f"one_hot: the number of classes is a whole number, got {classes!r}")
    check_classes(places, int(classes), "one_hot", "id", "classes")
    out: Array = np.zeros((*places.shape, int(classes)), float_type(dtype))
    np.put_along_axis(out, places[..., None], 1.0, -1)
    return out


def check_classes(ids: Array, count: int, name: str, what: str, of: str) -> None:
    """Raise an IndexingError that names the first of some ids that is not in 0..count-1."""
    outside = np.argwhere((ids < 0) | (ids >= count))
    if len(outside):
        place = tuple(outside[0].tolist())
        where = f" at {list(place)}" if place else ""
        raise IndexingError(
            f"{name}: {what} {ids[place]}{where} is out of range: there are {count} {of}, "
            f"counted from 0"
        )


def whole_numbers(indices: Any, name: str) -> Array:
    """Return a new array of whole numbers.

    Raises:
        OperandError: something in it is none.
    """
    if isinstance(indices, Node):
        raise OperandError(
            f"{name}: indices are whole numbers without a gradient, got a "
            f"{type(indices).__name__}: use .data.astype(int)"
        )
    listed = isinstance(indices, list | tuple)
    array = nested_array(indices, name) if listed else np.asarray(indices)
    if array.size == 0 and not isinstance(indices, np.ndarray):
        return np.zeros(array.shape, np.intp)
    if array.dtype.kind not in "iu":
        raise OperandError(f"{name}: indices are whole numbers, got {array.dtype}: .astype(int)")
    return np.array(array, np.intp)
