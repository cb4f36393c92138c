"""How gradients are pulled back through ops on plain arrays.

A row's rule holds for arrays too. What stands here says the same of the ops that training spends
its time in, in fewer steps; a test holds each to its row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engine import numerics, ops
from engine.arrays.dtypes import Array
from engine.arrays.precision import Kernel, by_elements, patched
from engine.op import Op

Pull = Callable[..., Any]


def through_relu(gradient: Array, out: Array, x: Array) -> Array:
    """Return the gradient where x > 0, else 0; nan where x is.

    out is never below 0, so its sign is that factor, and quicker to multiply than a mask.
    """
    part: Array = np.sign(out)
    part *= gradient
    return part


def same(gradient: Array, out: Array, *operands: Array) -> Array:
    """Return the gradient as it is."""
    return gradient


def each_slope(op: Op, place: int) -> Kernel:
    """Return the rule of an op for an operand on floats, one after another, as Values have it."""
    rule: Any = op.derivatives[place]
    return by_elements(lambda *operands: rule(op.forward(*operands), *operands))


def by_floats(op: Op, place: int) -> Pull:
    """Return the rule of an op for an operand as a pull of floats."""
    slope = each_slope(op, place)
    return lambda gradient, out, *operands: gradient * slope(*operands)


SMALLEST_NORMAL = 2.0**-1022  # a power below it has few digits, and a factor lifts its last one
each_log = by_elements(numerics.log)
each_base_slope = each_slope(ops.power, 0)
each_exponent_slope = each_slope(ops.power, 1)


def through_base(gradient: Array, out: Array, x: Array, y: Array) -> Any:
    """Return g·y·x^(y-1), where the power has few digits with those of Values."""
    rule: Any = ops.power.derivatives[0]
    slope = rule(out, x, y)
    few_digits = (np.abs(slope) < SMALLEST_NORMAL * np.abs(y)) & (x != 0.0)
    return gradient * patched(slope, few_digits, each_base_slope, x, y)


def through_exponent(gradient: Array, out: Array, x: Array, y: Array) -> Any:
    """Return g·out·log x, with the log of Values: by it and by out NumPy would be off by 3 ulp.

    Where out has few digits, they are those of Values too.
    """
    at_zero = np.where(y >= 0.0, 0.0, np.nan)
    few_digits = (np.abs(out) < SMALLEST_NORMAL) & (x != 0.0)
    slope = patched(out * each_log(x), few_digits, each_exponent_slope, x, y)
    return gradient * np.where(x == 0.0, at_zero, slope)


def by_rule(op: Op, place: int) -> Pull | None:
    """Return the rule of an op for an operand on arrays."""
    if op.derivatives[place] is None:
        return None
    return lambda gradient, out, *operands: op.pull(place, gradient, out, operands)


PULLS: dict[Op, tuple[Pull | None, ...]] = {
    ops.add: (same, same),
    ops.subtract: (same, lambda g, out, x, y: np.negative(g)),
    ops.multiply: (lambda g, out, x, y: np.multiply(g, y), lambda g, out, x, y: np.multiply(g, x)),
    ops.negative: (lambda g, out, x: np.negative(g),),
    ops.identity: (same,),
    ops.square: (lambda g, out, x: g * (x + x),),
    ops.relu: (through_relu,),
    ops.power: (through_base, through_exponent),
    ops.sech_squared: (by_floats(ops.sech_squared, 0),),
    ops.silu_slope: (by_floats(ops.silu_slope, 0),),
}


def pulls_of(op: Op) -> tuple[Pull | None, ...]:
    """Return one function ``(gradient, out, *operands)`` for each operand of an op."""
    listed = PULLS.get(op)
    if listed is not None:
        return listed
    return tuple([by_rule(op, place) for place in range(len(op.derivatives))])
