"""The forward of each row of the op table on arrays.

A row that is not listed runs its forward on floats element by element: right, and slow.
"""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from engine import numerics, ops, slopes, special
from engine.arrays.dtypes import Array
from engine.arrays.normal_kernels import erf, erfc, gelu, gelu_slope, normal_cdf, normal_pdf
from engine.arrays.precision import (
    SMALLEST_NORMAL,
    Kernel,
    by_elements,
    in_blocks,
    library_exp,
    patched,
    two_sum,
    widened,
)
from engine.numerics import two_product
from engine.op import Op


@in_blocks
@widened
def cbrt(x: Array) -> Array:
    """Return the real cube root: NumPy's, after a Newton step with an exact residual."""
    mantissa, exponent = np.frexp(x)
    rest = exponent % 3
    radicand = np.ldexp(mantissa, rest)
    root = np.cbrt(radicand)
    square, square_error = two_product(root, root)
    cube, cube_error = two_product(square, root)
    residual = (cube - radicand) + (cube_error + square_error * root)
    root = np.ldexp(root - residual / (3.0 * square), (exponent - rest) // 3)
    return np.where((x == 0.0) | np.isinf(x), x, root)


def logistic(x: Array, exp: Kernel) -> Array:
    """Return 1/(1 + exp(-x)), by exp(-|x|) so that nothing overflows."""
    e = exp(-np.abs(x))
    y = e / (1.0 + e)
    tail = np.where(y > 0.25, y, e - e * y)  # the second form rounds once less in the tail
    return np.where(x < 0.0, tail, 1.0 / (1.0 + e))


@in_blocks
@widened
def sigmoid(x: Array) -> Array:
    """Return 1/(1 + exp(-x))."""
    return logistic(x, np.exp)


@in_blocks
@widened
def softplus(x: Array) -> Any:
    """Return log(1 + exp(x))."""
    return np.maximum(x, 0.0) + np.log1p(library_exp(-np.abs(x)))


def log_sigmoid(x: Array) -> Array:
    """Return log(sigmoid(x))."""
    return -softplus(-x)


def silu_far_left(x: Array) -> Array:
    """Return silu(x) for x < -700, where σ(x) = exp(x) underflows before x·σ does."""
    x = np.maximum(x, -1000.0)
    return x * library_exp(x + 64.0) * math.exp(-64.0)


@in_blocks
@widened
def silu(x: Array) -> Array:
    """Return x·σ(x), with the limit -0.0 at -inf."""
    return patched(x * logistic(x, library_exp), x < -700.0, silu_far_left, x)


silu_slope_far_left = partial(slopes.silu_slope_far_left, exp=library_exp)
silu_slope_beside_zero = partial(slopes.series_beside, slopes.SILU_ZERO)


@in_blocks
@widened
def silu_slope(x: Array) -> Array:
    """Return the derivative of silu, as for Values to the last bit."""
    t = np.minimum(np.abs(x), 1000.0)
    left = slopes.silu_slope_left(t, library_exp(-t))
    left = patched(left, t > 700.0, silu_slope_far_left, t)
    left = patched(left, slopes.is_beside(slopes.SILU_ZERO, t), silu_slope_beside_zero, t)
    return np.where(x < 0.0, left, 1.0 - left)


def elu(x: Array, alpha: Array) -> Array:
    """Return x where x > 0, else alpha·expm1(x)."""
    return np.where(x > 0.0, x, alpha * np.expm1(np.where(x > 0.0, 0.0, x)))


@in_blocks
@widened
def selu(x: Array) -> Array:
    """Return the self-normalising elu."""
    return np.where(
        x > 0.0, special.SELU_SCALE * x, special.SELU_SLOPE * np.expm1(np.where(x > 0.0, 0.0, x))
    )


@in_blocks
@widened
def sech_squared(x: Array) -> Any:
    """Return 1/cosh²(x)."""
    exponent = -2.0 * np.abs(x)
    e = np.exp(exponent)
    few_digits = e < SMALLEST_NORMAL  # which are multiplied by 4
    return special.sech_squared_of(patched(e, few_digits, library_exp, exponent))


@widened
def hypot(x: Any, y: Any) -> Any:
    """Return sqrt(x² + y²) in twice the digits, and so rounded as math.hypot rounds it."""
    largest = np.maximum(np.abs(x), np.abs(y))
    infinite = np.isinf(x) | np.isinf(y)
    exponent = np.frexp(largest)[1]
    x, y = np.ldexp(x, -exponent), np.ldexp(y, -exponent)
    x_square, x_error = two_product(x, x)
    y_square, y_error = two_product(y, y)
    total, error = two_sum(x_square, y_square)
    root = np.sqrt(total)
    square, square_error = two_product(root, root)
    residual = ((total - square) - square_error) + (error + (x_error + y_error))
    root = np.ldexp(root + residual / (2.0 * root), exponent)
    return np.where(infinite, np.inf, np.where(largest == 0.0, 0.0, root))


@widened
def logaddexp(x: Array, y: Array) -> Array:
    """Return log(exp(x) + exp(y)), as for Values: NumPy's logaddexp asks the C library too."""
    top, other = np.maximum(x, y), np.minimum(x, y)
    difference, error = two_sum(other, -top)
    weight = np.exp(difference)
    put_back = np.where(weight > 0.0, error * weight / (1.0 + weight), 0.0)
    out = np.where(np.isinf(top), top, top + (np.logaddexp(difference, 0.0) + put_back))
    return patched(out, numerics.all_but_cancels(out, top), each_beside_zero, out, top, other)


each_beside_zero = by_elements(numerics.logaddexp_beside_zero)


@widened
def xlogy(x: Array, y: Array) -> Array:
    """Return x·log(y), 0 where x is 0 and y is not nan."""
    return np.where((x == 0.0) & ~np.isnan(y), 0.0, x * np.log(y))


@in_blocks
@widened
def sinc(x: Array) -> Array:
    """Return sin(πx)/(πx), 1 at 0 and exactly 0 at the other whole numbers."""
    rest = x - 2.0 * np.rint(0.5 * x)  # exact, in -1..1
    rest = np.where(np.abs(rest) > 0.5, np.copysign(1.0, rest) - rest, rest)
    return np.where(x == 0.0, 1.0, np.sin(np.pi * rest) / (np.pi * x))


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
    ops.cbrt: cbrt,
    ops.hypot: hypot,
    ops.logaddexp: logaddexp,
    ops.xlogy: xlogy,
    ops.sin: np.sin,
    ops.cos: np.cos,
    ops.tan: by_elements(numerics.tan),  # its derivative would double what NumPy's is off
    ops.asin: widened(np.arcsin),
    ops.acos: np.arccos,
    ops.atan: np.arctan,
    ops.atan2: widened(np.arctan2),
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
    ops.gelu: gelu,
    ops.gelu_slope: gelu_slope,
    ops.silu: silu,
    ops.silu_slope: silu_slope,
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
    ops.erf: erf,
    ops.erfc: erfc,
    ops.normal_cdf: normal_cdf,
    ops.normal_pdf: normal_pdf,
    ops.sinc: sinc,
    ops.maximum: np.maximum,
    ops.minimum: np.minimum,
    ops.clip: np.clip,
    ops.where: lambda condition, x, y: np.where(condition != 0.0, x, y),
}


def kernel(op: Op) -> Kernel:
    """Return the forward of a row of the table on arrays.

    >>> kernel(ops.relu)(np.array([-1.0, 2.0]))
    array([0., 2.])
    """
    return KERNELS.get(op) or by_elements(op.forward)
