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
from engine.arrays.precision import SMALLEST_NORMAL, Kernel, by_elements, patched
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


each_log = by_elements(numerics.log)
each_exponent_slope = each_slope(ops.power, 1)


def lifting(op: Op) -> Pull:
    """Return the rule of an op of x and a factor for x, which multiplies by the factor.

    Where what is multiplied has few digits, they are those of Values.
    """
    rule: Any = op.derivatives[0]
    each = each_slope(op, 0)

    def pull(gradient: Array, out: Array, x: Array, factor: Array) -> Any:
        slope = np.asarray(rule(out, x, factor))
        few_digits = (np.abs(slope) < SMALLEST_NORMAL * np.abs(factor)) & (x != 0.0)
        return gradient * patched(slope, few_digits, each, x, factor)

    return pull


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
    ops.power: (lifting(ops.power), through_exponent),
    ops.elu: (lifting(ops.elu), by_rule(ops.elu, 1)),
    ops.sech_squared: (by_floats(ops.sech_squared, 0),),
    ops.silu_slope: (by_floats(ops.silu_slope, 0),),
}


def pulls_of(op: Op) -> tuple[Pull | None, ...]:
    """Return one function ``(gradient, out, *operands)`` for each operand of an op."""
    listed = PULLS.get(op)
    if listed is not None:
        return listed
    return tuple([by_rule(op, place) for place in range(len(op.derivatives))])
