"""Ops that move elements about: reshape, permute_dims, broadcast_to and what is made of them.

Each is linear, and pulled back by another of them.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from engine.arrays.array_op import ArrayOp
from engine.arrays.dtypes import axes_of
from engine.errors import OperandError, ShapeError
from engine.ops import data_of


def shape_of(x: Any) -> tuple[int, ...]:
    """Return the shape of an array or Tensor; () of a number."""
    return getattr(data_of(x), "shape", ())


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
    have = shape_of(x)
    wanted = completed(sizes(shape, "reshape"), have)
    return x if wanted == have else reshaping(wanted)(x)


@lru_cache(maxsize=512)
def reshaping(shape: tuple[int, ...]) -> ArrayOp:
    """Return the row of `reshape` to one shape."""
    return ArrayOp(
        "reshape",
        lambda x: x.reshape(shape),
        lambda g, out, x: reshape(g, shape_of(x)),
        formula="g in the shape of x",
        origin=(reshaping, (shape,)),
    )


def permute_dims(x: Any, axes: Any) -> Any:
    """Return an array whose axis i is axis axes[i] of x.

    Raises:
        ShapeError: the axes are not all axes of x, each once.

    >>> permute_dims(np.zeros((2, 3, 4)), (2, 0, 1)).shape
    (4, 2, 3)
    """
    ndim = len(shape_of(x))
    order = axes_of(tuple(axes), ndim, "permute_dims")
    if len(order) != ndim:
        raise ShapeError(f"permute_dims of {ndim} axes takes each of them once, got {axes!r}")
    return permuting(order)(x)


@lru_cache(maxsize=512)
def permuting(axes: tuple[int, ...]) -> ArrayOp:
    """Return the row of `permute_dims` for one order of the axes."""
    inverse = tuple([axes.index(i) for i in range(len(axes))])
    return ArrayOp(
        "permute_dims",
        lambda x: x.transpose(axes),
        lambda g, out, x: permute_dims(g, inverse),
        formula="g with the axes moved back",
        origin=(permuting, (axes,)),
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
def broadcasting_to(shape: tuple[int, ...]) -> ArrayOp:
    """Return the row of `broadcast_to` a shape."""
    from engine.arrays.broadcasting import unbroadcast  # which is made of rows of this module

    return ArrayOp(
        "broadcast_to",
        lambda x: np.broadcast_to(x, shape),
        lambda g, out, x: unbroadcast(g, shape_of(x)),
        formula="g summed over the repetitions",
        misfit=lambda x: f"cannot broadcast {x} to {shape}",
        origin=(broadcasting_to, (shape,)),
    )


def sizes(shape: Any, name: str) -> tuple[int, ...]:
    """Return a shape argument as a tuple of whole numbers."""
    given = shape if isinstance(shape, tuple | list) else (shape,)
    for size in given:
        if isinstance(size, bool) or not isinstance(size, int | np.integer):
            raise OperandError(f"{name}: a shape is made of whole numbers, got {shape!r}")
    return tuple([int(size) for size in given])


def completed(wanted: tuple[int, ...], have: tuple[int, ...]) -> tuple[int, ...]:
    """Return a shape with its -1 worked out.

    Raises:
        ShapeError: there are two of them, or it does not hold as many elements.
    """
    count, known = math.prod(have), math.prod([n for n in wanted if n != -1])
    if wanted.count(-1) == 1 and known > 0 and count % known == 0:
        return tuple([count // known if n == -1 else n for n in wanted])
    if wanted.count(-1) > 1:
        raise ShapeError(f"reshape: only one size may be -1, got {wanted}")
    if known != count or min(wanted, default=0) < 0:
        raise ShapeError(f"cannot reshape {have}, {count} elements, to {wanted}")
    return wanted
