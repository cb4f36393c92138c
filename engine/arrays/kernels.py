"""The forward of each row of the op table on arrays.

A row that is not listed runs its forward on floats element by element: right, and slow.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from engine import ops, special
from engine.arrays.array_op import ArrayOp
from engine.arrays.dtypes import Array
from engine.op import Op

Kernel = Callable[..., Any]


def sigmoid(x: Array) -> Array:
    """Return 1/(1 + exp(-x)), by exp(-|x|) so that nothing overflows."""
    e = np.exp(-np.abs(x))
    y = e / (1.0 + e)
    tail = np.where(y > 0.25, y, e - e * y)  # the second form rounds once less in the tail
    return np.where(x < 0.0, tail, 1.0 / (1.0 + e))


def softplus(x: Array) -> Array:
    """Return log(1 + exp(x))."""
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


def log_sigmoid(x: Array) -> Array:
    """Return log(sigmoid(x))."""
    return -softplus(-x)


def elu(x: Array, alpha: Array) -> Array:
    """Return x where x > 0, else alpha·expm1(x)."""
    return np.where(x > 0.0, x, alpha * np.expm1(np.minimum(x, 0.0)))


def selu(x: Array) -> Array:
    """Return SELU_SCALE·elu(x, SELU_ALPHA)."""
    return special.SELU_SCALE * elu(x, np.asarray(special.SELU_ALPHA, x.dtype))


def sech_squared(x: Array) -> Array:
    """Return 1/cosh²(x) as 4 e / (1 + e)² with e = exp(-2|x|)."""
    e = np.exp(-2.0 * np.abs(x))
    return 4.0 * e / ((1.0 + e) * (1.0 + e))


KERNELS: dict[Op, Kernel] = {
    ops.add: np.add,
    ops.subtract: np.subtract,
    ops.multiply: np.multiply,
    ops.divide: np.divide,
    ops.floor_divide: np.floor_divide,
    ops.remainder: np.remainder,
    ops.power: np.power,
    ops.negative: np.negative,
    ops.identity: np.positive,  # a copy
    ops.abs: np.abs,
    ops.reciprocal: lambda x: np.divide(1.0, x),
    ops.square: np.square,
    ops.exp: np.exp,
    ops.exp2: np.exp2,
    ops.expm1: np.expm1,
    ops.log: np.log,
    ops.log2: np.log2,
    ops.log10: np.log10,
    ops.log1p: np.log1p,
    ops.sqrt: np.sqrt,
    ops.cbrt: np.cbrt,
    ops.hypot: np.hypot,
    ops.sin: np.sin,
    ops.cos: np.cos,
    ops.tan: np.tan,
    ops.asin: np.arcsin,
    ops.acos: np.arccos,
    ops.atan: np.arctan,
    ops.atan2: np.arctan2,
    ops.sinh: np.sinh,
    ops.cosh: np.cosh,
    ops.tanh: np.tanh,
    ops.sech_squared: sech_squared,
    ops.asinh: np.arcsinh,
    ops.acosh: np.arccosh,
    ops.atanh: np.arctanh,
    ops.relu: lambda x: np.maximum(x, 0.0),
    ops.leaky_relu: lambda x, slope: np.where(x <= 0.0, slope * x, x),
    ops.elu: elu,
    ops.selu: selu,
    ops.softplus: softplus,
    ops.sigmoid: sigmoid,
    ops.log_sigmoid: log_sigmoid,
    ops.relu6: lambda x: np.clip(x, 0.0, 6.0),
    ops.hardtanh: lambda x: np.clip(x, -1.0, 1.0),
    ops.step: lambda x: np.heaviside(x, 0.0),
    ops.sign: np.sign,
    ops.floor: np.floor,
    ops.ceil: np.ceil,
    ops.round: np.rint,
    ops.maximum: np.maximum,
    ops.minimum: np.minimum,
    ops.clip: np.clip,
    ops.where: lambda condition, x, y: np.where(condition != 0.0, x, y),
}


def kernel(op: Op) -> Kernel:
    """Return the forward of an op on arrays.

    >>> kernel(ops.relu)(np.array([-1.0, 2.0]))
    array([0., 2.])
    """
    if isinstance(op, ArrayOp):
        return op.forward
    return KERNELS.get(op) or by_elements(op)


@lru_cache(maxsize=256)
def by_elements(op: Op) -> Kernel:
    """Return the forward of an op on floats as one on arrays, with broadcasting."""
    each = np.frompyfunc(op.forward, len(op.derivatives), 1)

    def forward(*arrays: Array) -> Any:
        return np.asarray(each(*arrays)).astype(np.result_type(*arrays))

    return forward
