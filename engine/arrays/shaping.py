"""Ops that move elements about: reshape, permute_dims, broadcast_to and what is made of them.

Each is linear, and pulled back by another of them.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from engine.arrays.array_op import ArrayOp, no_array
from engine.arrays.dtypes import axes_of
from engine.errors import OperandError, ShapeError
from engine.node import Node

Shape = tuple[int, ...]


def shape_of(x: Any) -> Shape:
    """Return the shape of an array or Tensor; () of a number.

    Raises:
        OperandError: it is none of them, as a list.
    """
    node: Any = x
    data: Any = node._data if isinstance(x, Node) else x
    shape = getattr(data, "shape", None)
    if isinstance(shape, tuple):
        return shape
    if isinstance(data, int | float):
        return ()
    raise no_array(x, "this op")


def reshape(x: Any, shape: Any) -> Any:
    """Return the elements in another shape, in the same order.

    Args:
        x: an array or a Tensor.
        shape: a whole number or a tuple of them; one may be -1, which stands for what is left.

    Raises:
        ShapeError: the shape does not hold as many elements.

    >>> reshape(np.arange(6.0), (2, -1))
    array([[0., 1., 2.],
           [3., 4., 5.]])
    """
    wanted = sizes(shape, "reshape", -1)
    return x if wanted == shape_of(x) else reshaping(wanted)(x)


@lru_cache(maxsize=512)
def reshaping(shape: Shape) -> ArrayOp:
    """Return the row of `reshape` to one shape."""
    return ArrayOp(
        "reshape",
        lambda x: x.reshape(shape),
        lambda g, out, x: reshape(g, shape_of(x)),
        formula="g in the shape of x",
        array_pulls=(lambda g, out, x: g.reshape(x.shape),),
        misfit=lambda have: (
            f"cannot reshape {have}, {math.prod(have)} elements, to {shape}: "
            + (
                "only one size may be -1"
                if shape.count(-1) > 1
                else "it holds another number; -1 for one size fits it to the rest"
            )
        ),
        origin=(reshaping, (shape,)),
        moves=True,
    )


def permute_dims(x: Any, axes: Any) -> Any:
    """Return an array whose axis i is axis axes[i] of x.

    Raises:
        ShapeError: the axes are not all axes of x, each once.

    >>> permute_dims(np.zeros((2, 3, 4)), (2, 0, 1)).shape
    (4, 2, 3)
    """
    return permuting(whole(axes, "permute_dims", "an axis is a whole number"))(x)


@lru_cache(maxsize=512)
def permuting(axes: Shape) -> ArrayOp:
    """Return the row of `permute_dims` for one order of the axes."""
    positive = [axis % len(axes) for axis in axes]
    inverse = tuple([positive.index(i) if i in positive else 0 for i in range(len(axes))])
    return ArrayOp(
        "permute_dims",
        lambda x: x.transpose(axes),
        lambda g, out, x: permute_dims(g, inverse),
        formula="g with the axes moved back",
        array_pulls=(lambda g, out, x: g.transpose(inverse),),
        misfit=lambda have: (
            f"{axes} does not name each of the {len(have)} axes of an array of shape {have} once; "
            "swapaxes(x, i, j) exchanges two"
        ),
        origin=(permuting, (axes,)),
        moves=True,
    )


def broadcast_to(x: Any, shape: Any) -> Any:
    """Return x repeated to a shape, by NumPy's broadcasting rules.

    Raises:
        ShapeError: x does not broadcast to the shape.

    >>> broadcast_to(np.array([1.0, 2.0]), (2, 2))
    array([[1., 2.],
           [1., 2.]])
    """
    wanted = sizes(shape, "broadcast_to")
    return x if wanted == shape_of(x) else broadcasting_to(wanted)(x)


@lru_cache(maxsize=512)
def broadcasting_to(shape: Shape) -> ArrayOp:
    """Return the row of `broadcast_to` a shape."""
    from engine.arrays.broadcasting import unbroadcast  # which is made of rows of this module

    return ArrayOp(
        "broadcast_to",
        lambda x: np.broadcast_to(x, shape),
        lambda g, out, x: unbroadcast(g, shape_of(x)),
        formula="g summed over the repetitions",
        misfit=lambda have: (
            f"cannot broadcast {have} to {shape}: sizes are compared from the last axis on, and "
            "those of the first must be equal or 1"
        ),
        origin=(broadcasting_to, (shape,)),
        moves=True,
    )


def expand_dims(x: Any, axis: Any) -> Any:
    """Return an array with a new axis of size 1 at a place, or several at several places.

    Args:
        x: an array or a Tensor.
        axis: the place in the result, or a tuple of places.

    Raises:
        ShapeError: the result has no such axis, or a place is named twice.

    >>> expand_dims(np.zeros((2, 3)), (0, -1)).shape
    (1, 2, 3, 1)
    """
    given = axis if isinstance(axis, tuple | list) else (axis,)
    ndim = len(shape_of(x)) + len(given)
    places = axes_of(given, ndim, "expand_dims")
    rest = iter(shape_of(x))
    return reshape(x, tuple([1 if i in places else next(rest) for i in range(ndim)]))


def squeeze(x: Any, axis: Any = None) -> Any:
    """Return an array without some axes of size 1.

    Args:
        x: an array or a Tensor.
        axis: the axis, or a tuple of them; None is every axis of size 1.

    Raises:
        ShapeError: there is no such axis, or its size is not 1.

    >>> squeeze(np.zeros((1, 2, 1)), 0).shape
    (2, 1)
    """
    shape = shape_of(x)
    places = axes_of(axis, len(shape), "squeeze")
    for i in places:
        if shape[i] != 1 and axis is not None:
            raise ShapeError(
                f"squeeze: axis {i} of an array of shape {shape} has the size {shape[i]}, not 1"
            )
    return reshape(x, tuple([n for i, n in enumerate(shape) if n != 1 or i not in places]))


def sizes(shape: Any, name: str, least: int = 0) -> Shape:
    """Return a shape argument as a tuple of whole numbers.

    Raises:
        OperandError: a size is no whole number.
        ShapeError: a size is below the least.
    """
    given = whole(shape, name, "a shape is made of whole numbers")
    if min(given, default=0) < least:
        raise ShapeError(f"{name}: a size is 0 or more, got {given}")
    return given


def whole(numbers: Any, name: str, rule: str) -> Shape:
    """Return a whole number or a sequence of them as a tuple of ints.

    Args:
        numbers: what a user gave.
        name: the op, for the error.
        rule: what was expected, for the error.

    Raises:
        OperandError: something in it is no whole number.
    """
    given = numbers if isinstance(numbers, tuple) else _listed(numbers)
    for item in given:
        if type(item) is not int:
            break
    else:
        return given
    for item in given:
        if isinstance(item, bool) or not isinstance(item, int | np.integer):
            raise OperandError(f"{name}: {rule}, got {numbers!r}")
    return tuple([int(item) for item in given])


def _listed(numbers: Any) -> tuple[Any, ...]:
    return tuple(numbers) if isinstance(numbers, list | range) else (numbers,)
