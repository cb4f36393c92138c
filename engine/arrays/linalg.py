"""Products of arrays: matmul and linear."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import reductions
from engine.arrays.array_op import ArrayOp
from engine.arrays.axes import reduced
from engine.arrays.broadcasting import unbroadcast
from engine.arrays.dtypes import Array
from engine.arrays.shaping import permute_dims, reshape, shape_of
from engine.errors import ShapeError


def swapped(x: Any) -> Any:
    """Return x with its last two axes swapped."""
    n = len(shape_of(x))
    return permute_dims(x, (*range(n - 2), n - 1, n - 2))


matrix_product: ArrayOp = ArrayOp(
    "matmul",
    np.matmul,
    lambda g, out, x, y: unbroadcast(matrix_product(g, swapped(y)), shape_of(x)),
    lambda g, out, x, y: unbroadcast(matrix_product(swapped(x), g), shape_of(y)),
    symbol="@",
    formula="g @ yᵀ, xᵀ @ g",
    misfit=lambda x, y: (
        f"cannot multiply {x} @ {y}: the last size of the first, {x[-1]}, must be the second to "
        f"last of the second, {y[-2]}, and the axes before must broadcast"
    ),
    doc="The row of `matmul`, of two axes or more.",
)


def matmul(x: Any, y: Any) -> Any:
    """Return the matrix product; a one-dimensional operand is a row on the left, a column right.

    Raises:
        ShapeError: the inner sizes differ, or an operand is a single number.

    >>> matmul(np.array([[1.0, 2.0]]), np.array([3.0, 4.0]))
    array([11.])
    """
    a, b = shape_of(x), shape_of(y)
    if not a or not b:
        raise ShapeError(f"matmul: cannot multiply {a} @ {b}: use * for a single number")
    if len(a) == 1:
        x = reshape(x, (1, *a))
    if len(b) == 1:
        y = reshape(y, (*b, 1))
    if a[-1] != b[0 if len(b) == 1 else -2]:
        raise ShapeError(
            f"matmul: cannot multiply {a} @ {b}: the inner sizes {a[-1]} and "
            f"{b[0 if len(b) == 1 else -2]} differ"
        )
    out = matrix_product(x, y)
    shape = shape_of(out)
    if len(a) == 1:
        shape = (*shape[:-2], shape[-1])
    if len(b) == 1:
        shape = shape[:-1]
    return reshape(out, shape)


def _linear(x: Array, weight: Array, bias: Array) -> Array:
    out = x @ weight.T
    out += bias
    return out


def flat(x: Any) -> Any:
    """Return x with all axes but the last as one."""
    return reshape(x, (-1, shape_of(x)[-1])) if len(shape_of(x)) != 2 else x


linear: ArrayOp = ArrayOp(
    "linear",
    _linear,
    lambda g, out, x, weight, bias: matmul(g, weight),
    lambda g, out, x, weight, bias: matmul(swapped(flat(g)), flat(x)),
    lambda g, out, x, weight, bias: reduced(reductions.sum, flat(g), 0),
    formula="g @ weight, gᵀ @ x, Σ g",
    misfit=lambda x, weight, bias: (
        f"cannot apply a weight of shape {weight} and a bias of shape {bias} to {x}: the last "
        f"size of the input must be {weight[-1]}, the size of the bias {weight[0]}"
    ),
    doc=(
        "Return x @ weightᵀ + bias, of x (..., inputs), weight (outputs, inputs) and bias "
        "(outputs,), in one step."
    ),
)
