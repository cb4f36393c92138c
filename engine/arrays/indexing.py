"""Taking elements by an index, and putting them back: each is the other's gradient."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.arrays.array_op import ArrayOp
from engine.arrays.dtypes import Array
from engine.arrays.shaping import Shape, broadcast_to, shape_of, sizes
from engine.errors import IndexingError, OperandError
from engine.node import Node

Key = tuple[Any, ...]

FEW = 500  # elements: fewer are added by np.add.at sooner than counted by np.bincount

BASIC: dict[tuple[Any, ...], ArrayOp] = {}
"""The rows of basic indices that were used, by what tells one from another."""


def getitem(x: Any, key: Any) -> Any:
    """Return the elements of x that a NumPy index selects: basic, boolean or of whole numbers.

    Raises:
        IndexingError: the index does not fit the shape.
        OperandError: there is something in it that is no index, as a float.

    >>> getitem(np.array([1.0, 2.0, 3.0]), slice(None, None, -1))
    array([3., 2., 1.])
    """
    names: list[Any] = []
    for part in key if type(key) is tuple else (key,):
        if type(part) is int or part is None or part is ...:
            names.append(part)
        elif type(part) is slice:
            names.append(repr(part))  # which tells 1 from 1.0
        else:
            return indexing(key_of(key))(x)
    row = BASIC.get(tuple(names))
    if row is None:
        if len(BASIC) >= 1000:
            BASIC.clear()
        row = BASIC[tuple(names)] = indexing(key_of(key))
    return row(x)


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
        array_pulls=(lambda g, out, x: placed(g, key, x.shape),),
        misfit=lambda have: f"cannot index an array of shape {have} with {key}",
        origin=(indexing, (key,)),
        moves=True,
    )


def scattering(key: Key, shape: Shape, fill: float = 0.0, name: str = "scatter") -> ArrayOp:
    """Return the row that puts x where an index selects, in an array of a shape.

    Args:
        key: the index; what it selects has the shape of x.
        shape: that of the result.
        fill: what stands where the index selects nothing.
        name: that of the row.
    """
    return ArrayOp(
        name,
        lambda x: placed(x, key, shape, fill),
        lambda g, out, x: indexing(key)(g),
        formula="g taken where x was put",
        array_pulls=(lambda g, out, x: g[key],),
        origin=(scattering, (key, shape, fill, name)),
    )


def placed(x: Array, key: Key, shape: Shape, fill: float = 0.0) -> Any:
    """Return an array of one number with x put where an index selects."""
    for part in key:
        if isinstance(part, np.ndarray) and part.dtype.kind == "i":  # it may name a place twice
            return added_up(x, key, shape)
    out = np.zeros(shape, x.dtype)
    if fill:
        out.fill(fill)
    out[key] = x
    return out


def added_up(x: Array, key: Key, shape: Shape) -> Any:
    """Return zeros with x added where an index selects, what meets in one place in order."""
    if x.size <= FEW:
        out = np.zeros(shape, x.dtype)
        np.add.at(out, key, x)
        return out
    total = np.bincount(positions(key, shape).ravel(), x.ravel(), math.prod(shape))
    return total.reshape(shape).astype(x.dtype, copy=False)


def positions(key: Key, shape: Shape) -> Any:
    """Return where an index selects, counted through an array of a shape element by element."""
    if all(isinstance(part, np.ndarray) and part.dtype.kind == "i" for part in key):
        picked, rest = shape[: len(key)], math.prod(shape[len(key) :])
        rows = np.ravel_multi_index(np.broadcast_arrays(*key), picked, mode="wrap")
        return rows if rest == 1 else rows[..., None] * rest + np.arange(rest)
    return np.arange(math.prod(shape)).reshape(shape)[key]


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
