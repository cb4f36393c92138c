"""Taking elements by an index, and putting them back: each is the other's gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.arrays.array_op import ArrayOp
from engine.arrays.dtypes import Array
from engine.arrays.shaping import broadcast_to, shape_of, sizes
from engine.errors import IndexingError, OperandError
from engine.node import Node

Key = tuple[Any, ...]
Shape = tuple[int, ...]


def getitem(x: Any, key: Any) -> Any:
    """Return the elements of x that a NumPy index selects: basic, boolean or of whole numbers.

    Raises:
        IndexingError: the index does not fit the shape.
        OperandError: there is something in it that is no index, as a float.

    >>> getitem(np.array([1.0, 2.0, 3.0]), slice(None, None, -1))
    array([3., 2., 1.])
    """
    return Getitem(key_of(key))(x)


def scatter(x: Any, key: Any, shape: Any) -> Any:
    """Return zeros of a shape with x added where an index selects; repeated places add up.

    Args:
        x: an array or a Tensor that broadcasts to what the index selects.
        key: a NumPy index: basic, boolean or of whole numbers.
        shape: that of the result.

    Raises:
        IndexingError: the index does not fit the shape.
        ShapeError: x does not broadcast to what the index selects.

    >>> scatter(np.array([1.0, 2.0, 3.0]), np.array([0, 0, 2]), (3,))
    array([3., 0., 3.])
    """
    place, whole = key_of(key), sizes(shape, "scatter")
    selected = Getitem(place).forward(np.broadcast_to(False, whole))
    return Scatter(place, whole)(broadcast_to(x, np.shape(selected)))


class Getitem(ArrayOp):
    """The row of an index; made for each anew, so it has nothing of its own but the key."""

    name = "getitem"
    symbol = "[ ]"
    formula = "g put where x was taken"
    derivatives = (None,)

    def __init__(self, key: Key) -> None:
        self.key = key

    def forward(self, x: Array) -> Any:
        """Return the elements, as a view if the index is basic."""
        try:
            return x[self.key]
        except IndexError as error:
            raise IndexingError(f"cannot index an array of shape {x.shape}: {error}") from None
        except TypeError as error:
            raise OperandError(f"cannot index an array of shape {x.shape}: {error}") from None

    def pull(self, place: int, gradient: Any, out: Any, operands: Any) -> Any:
        """Return zeros but for the gradient where the elements were taken."""
        return Scatter(self.key, shape_of(operands[0]))(gradient)

    def misfit(self, shape: Shape) -> str:
        """Return what is wrong with an index that NumPy finds no shape for."""
        return f"cannot index an array of shape {shape} with {self.key}"

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return Getitem, (self.key,)


class Scatter(ArrayOp):
    """The row of `scatter` for an index and a shape.

    Args:
        key: the index.
        shape: that of the result.
        fill: what stands where the index selects nothing.
    """

    name = "scatter"
    symbol = "scatter"
    formula = "g taken where x was put"
    derivatives = (None,)

    def __init__(self, key: Key, shape: Shape, fill: float = 0.0) -> None:
        self.key = key
        self.shape = shape
        self.fill = fill

    def forward(self, x: Array) -> Any:
        """Return the whole; an index of whole numbers may name a place twice."""
        if any(isinstance(part, np.ndarray) and part.dtype.kind == "i" for part in self.key):
            places = positions(self.key, self.shape).ravel()
            count = int(np.prod(self.shape, dtype=np.int64))
            total = np.bincount(places, x.ravel(), count)  # ten times as fast as np.add.at
            return total.reshape(self.shape).astype(x.dtype, copy=False)
        out = np.zeros(self.shape, x.dtype)
        if self.fill:
            out.fill(self.fill)
        out[self.key] = x
        return out

    def pull(self, place: int, gradient: Any, out: Any, operands: Any) -> Any:
        """Return the gradient where the elements were put."""
        return Getitem(self.key)(gradient)

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return Scatter, (self.key, self.shape, self.fill)


def positions(key: Key, shape: Shape) -> Any:
    """Return where an index selects, counted through an array of a shape element by element."""
    if len(key) == 1:  # of rows: as an embedding has many, and few are used
        row = int(np.prod(shape[1:], dtype=np.int64))
        rows = np.where(key[0] < 0, key[0] + shape[0], key[0])
        return rows[..., None] * row + np.arange(row)
    return np.arange(np.prod(shape, dtype=np.int64)).reshape(shape)[key]


def key_of(key: Any) -> Key:
    """Return an index as a tuple that nobody else can change: index arrays are copied.

    Raises:
        OperandError: there is something in it that is no index.
    """
    parts = key if type(key) is tuple else (key,)
    for part in parts:
        kind = type(part)
        if kind is not int and kind is not slice and part is not None and part is not ...:
            return tuple([_part(part) for part in parts])
    return parts


def _part(part: Any) -> Any:
    if part is None or part is ... or isinstance(part, slice):
        return part
    if isinstance(part, int | np.integer) and not isinstance(part, bool):
        return int(part)
    if isinstance(part, Node):
        raise OperandError(
            f"an index is made of whole numbers, slices and masks, got a {type(part).__name__}: "
            "compare it for a mask, as x[t > 0], or use t.data.astype(int)"
        )
    try:
        array = np.array(part)
    except ValueError:  # rows of different lengths
        array = np.array(part, object)
    if array.size == 0 and array.dtype.kind == "f" and not isinstance(part, np.ndarray):
        array = array.astype(np.intp)  # an empty list
    if array.dtype.kind not in "biu":
        raise OperandError(
            "an index is made of whole numbers, slices and masks, got "
            f"{repr(part) if array.ndim == 0 else f'an array of {array.dtype}'}: use .astype(int)"
        )
    return array if array.dtype.kind == "b" else array.astype(np.intp)
