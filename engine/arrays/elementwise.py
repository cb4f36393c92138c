"""The ops of the table on plain arrays, as the rules and users call them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine import ops
from engine.arrays.dtypes import FLOAT32, FLOAT64, Array, new_array
from engine.arrays.kernels import kernel
from engine.coercion import number
from engine.errors import ShapeError
from engine.op import Op
from engine.quiet import quietly


def apply(op: Op, operands: Sequence[Any]) -> Any:
    """Return what an op gives for arrays and numbers, element by element with broadcasting.

    Raises:
        ShapeError: the shapes do not broadcast.

    >>> from engine import ops
    >>> apply(ops.maximum, (np.array([1.0, 5.0]), 3.0))
    array([3., 5.])
    """
    arrays = [
        _array(operand, op.name, keeps_bools=place == 0 and op is ops.where)
        for place, operand in enumerate(operands)
    ]
    try:
        return quietly(kernel(op), *arrays)
    except ValueError:
        raise misfit(op, arrays) from None


def _array(x: Any, name: str, keeps_bools: bool) -> Any:
    """Return an operand as an array of floats; a number stays one, for it takes any dtype."""
    if not isinstance(x, np.ndarray):
        return number(x, name)
    if x.dtype is FLOAT64 or x.dtype is FLOAT32 or (keeps_bools and x.dtype.kind == "b"):
        return x
    return new_array(x, name=name)


def misfit(op: Op, arrays: Sequence[Array]) -> ShapeError:
    """Return the error for operands whose shapes an op cannot take together."""
    shapes = [np.shape(array) for array in arrays]
    explain = getattr(op, "misfit", None)
    if explain is not None:
        return ShapeError(f"{op.name}: {explain(*shapes)}")
    return ShapeError(
        f"{op.name}: cannot broadcast {' with '.join(map(str, shapes))}: sizes are compared from "
        "the last axis on, and must be equal or 1"
    )
