"""Products of arrays: matmul, linear and outer."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from engine import reductions
from engine.arrays.array_op import ArrayOp, as_floats
from engine.arrays.axes import reduced
from engine.arrays.broadcasting import unbroadcast
from engine.arrays.dtypes import Array
from engine.arrays.shaping import permute_dims, reshape, shape_of
from engine.node import Node

Shape = tuple[int, ...]


# ----- The pieces ------------------------------------------------------------------------------


def product(x: Array, y: Array) -> Any:
    """Return x @ y, of operands that BLAS can read: NumPy's own loops take five times as long."""
    if y.ndim == 2:
        if x.ndim == 2:
            return x.dot(y)  # which is quicker to start than matmul
        if x.ndim > 2:
            return product(flat(x), y).reshape((*x.shape[:-1], y.shape[1]))
    return np.matmul(x if x.flags.forc else readable(x), y if y.flags.forc else readable(y))


def readable(x: Array) -> Array:
    """Return an array whose matrices BLAS can read: a copy of one that was flipped or stretched."""
    if x.ndim < 2:
        return x.copy()
    rows, columns, size = x.strides[-2], x.strides[-1], x.itemsize
    by_rows = columns == size and rows >= size * x.shape[-1]
    by_columns = rows == size and columns >= size * x.shape[-2]
    return x if by_rows or by_columns else x.copy()


def swapped(x: Any) -> Any:
    """Return x with its last two axes swapped."""
    ndim = len(shape_of(x))
    if ndim == 2:
        return permute_dims(x, (1, 0))
    return permute_dims(x, (*range(ndim - 2), ndim - 1, ndim - 2))


def flat(x: Any) -> Any:
    """Return x with all axes but the last as one."""
    shape = shape_of(x)
    return x if len(shape) == 2 else reshape(x, (math.prod(shape[:-1]), shape[-1]))


# ----- matmul ----------------------------------------------------------------------------------


def as_matrices(g: Any, x: Any, y: Any) -> tuple[Any, Any, Any]:
    """Return the operands of a product as matrices, a vector as row or column, and g to fit."""
    a, b, shape = shape_of(x), shape_of(y), shape_of(g)
    if len(b) == 1:
        y = reshape(y, (*b, 1))
        shape = (*shape, 1)
    if len(a) == 1:
        x = reshape(x, (1, *a))
        shape = (*shape[:-1], 1, shape[-1])
    return reshape(g, shape), x, y


def pull_left(g: Any, out: Any, x: Any, y: Any) -> Any:
    """Return g @ yᵀ in the shape of x."""
    g, rows, y = as_matrices(g, x, y)
    return reshape(unbroadcast(matmul(g, swapped(y)), shape_of(rows)), shape_of(x))


def pull_right(g: Any, out: Any, x: Any, y: Any) -> Any:
    """Return xᵀ @ g in the shape of y."""
    g, x, columns = as_matrices(g, x, y)
    if len(shape_of(columns)) == 2:  # sum over the other axes in the product, not after it
        return reshape(matmul(swapped(flat(x)), flat(g)), shape_of(y))
    return unbroadcast(matmul(swapped(x), g), shape_of(y))


def plain(x: Array, y: Array) -> bool:
    """Return whether two arrays are matrices."""
    return x.ndim == y.ndim == 2


def misfit(x: Shape, y: Shape) -> str:
    """Return what is wrong with the shapes of a product."""
    if not x or not y:
        return f"cannot multiply {x} @ {y}: use * for a single number"
    inner = y[0] if len(y) == 1 else y[-2]
    if x[-1] != inner:
        return (
            f"cannot multiply {x} @ {y}: the inner sizes {x[-1]} and {inner} differ; the last axis "
            "of the first meets the second to last of the second, so transpose one of them"
        )
    return f"cannot multiply {x} @ {y}: the axes before the last two do not broadcast"


matmul: ArrayOp = ArrayOp(
    "matmul",
    product,
    pull_left,
    pull_right,
    symbol="@",
    formula="g @ yᵀ, xᵀ @ g",
    array_pulls=(
        lambda g, out, x, y: product(g, y.T) if plain(x, y) else pull_left(g, out, x, y),
        lambda g, out, x, y: product(x.T, g) if plain(x, y) else pull_right(g, out, x, y),
    ),
    misfit=misfit,
    doc=(
        "Return the matrix product x @ y over the last two axes; those before broadcast, and a "
        "one-dimensional operand is a row on the left and a column on the right."
    ),
)


def outer(x: Any, y: Any) -> Any:
    """Return the array of all products x[i]·y[j], of the elements in order.

    >>> outer(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    array([[3., 4.],
           [6., 8.]])
    """
    x, y = [z if isinstance(z, Node) else as_floats(z, "outer") for z in (x, y)]
    return reshape(x, (-1, 1)) * reshape(y, (1, -1))


# ----- linear ----------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def ones(count: int, dtype: Any) -> Array:
    """Return a vector of ones, to be read only."""
    return np.ones(count, dtype)


def column_sums(x: Array) -> Any:
    """Return the sum over the first axis, as a product: BLAS is quicker at it than reduce."""
    return ones(len(x), x.dtype).dot(x)


def affine(x: Array, weight: Array, bias: Array) -> Any:
    """Return x @ weightᵀ + bias in one new array."""
    if weight.ndim != 2 or bias.shape != weight.shape[:1]:
        raise ValueError(weight.shape, bias.shape)  # which `misfit` puts into words
    out = product(x, weight.T)
    out += bias
    return out


linear: ArrayOp = ArrayOp(
    "linear",
    affine,
    lambda g, out, x, weight, bias: matmul(g, weight),
    lambda g, out, x, weight, bias: matmul(swapped(flat(g)), flat(x)),
    lambda g, out, x, weight, bias: reduced(reductions.sum, flat(g), 0),
    formula="g @ weight, gᵀ @ x, Σ g",
    array_pulls=(
        lambda g, out, x, weight, bias: product(g, weight),
        lambda g, out, x, weight, bias: product(flat(g).T, flat(x)),
        lambda g, out, x, weight, bias: column_sums(flat(g)),
    ),
    misfit=lambda x, weight, bias: (
        f"cannot apply a weight of shape {weight} and a bias of shape {bias} to {x}: the input "
        "is (..., inputs), the weight (outputs, inputs) and the bias (outputs,)"
    ),
    doc=(
        "Return x @ weightᵀ + bias, of x (..., inputs), weight (outputs, inputs) and bias "
        "(outputs,), in one step."
    ),
)
