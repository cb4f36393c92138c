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
    return indexing(key_of(key))(x)


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
    selected = indexing(place)(np.broadcast_to(False, whole))
    return scattering(place, whole)(broadcast_to(x, np.shape(selected)))


def indexing(key: Key) -> ArrayOp:
    """Return the row of an index."""

    def forward(x: Array) -> Any:
        try:
            return x[key]
        except IndexError as error:
            raise IndexingError(f"cannot index an array of shape {x.shape}: {error}") from None
        except TypeError as error:
            raise OperandError(f"cannot index an array of shape {x.shape}: {error}") from None

    return ArrayOp(
        "getitem",
        forward,
        lambda g, out, x: scattering(key, shape_of(x))(g),
        symbol="[ ]",
        formula="g put where x was taken",
        misfit=lambda have: f"cannot index an array of shape {have} with {key}",
        origin=(indexing, (key,)),
    )


def scattering(key: Key, shape: Shape, fill: float = 0.0, name: str = "scatter") -> ArrayOp:
    """Return the row that puts x where an index selects, in an array of a shape.

    Args:
        key: the index; what it selects has the shape of x.
        shape: that of the result.
        fill: what stands where the index selects nothing.
        name: that of the row.
    """

    def forward(x: Array) -> Any:
        if any(isinstance(part, np.ndarray) and part.dtype.kind == "i" for part in key):
            return added_up(x, key, shape)  # an index of whole numbers may name a place twice
        out = np.zeros(shape, x.dtype)
        if fill:
            out.fill(fill)
        out[key] = x
        return out

    return ArrayOp(
        name,
        forward,
        lambda g, out, x: indexing(key)(g),
        formula="g taken where x was put",
        origin=(scattering, (key, shape, fill, name)),
    )


def added_up(x: Array, key: Key, shape: Shape) -> Any:
    """Return zeros with x added where an index selects: `np.add.at`, in a tenth of its time."""
    count = int(np.prod(shape, dtype=np.int64))
    total = np.bincount(positions(key, shape).ravel(), x.ravel(), count)
    return total.reshape(shape).astype(x.dtype, copy=False)


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
