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
from engine.arrays.precision import by_elements
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


each_log = by_elements(numerics.log)


def through_exponent(gradient: Array, out: Array, x: Array, y: Array) -> Any:
    """Return g·out·log x, with the log of Values: by it and by out NumPy would be off by 3 ulp."""
    at_zero = np.where(y >= 0.0, 0.0, np.nan)
    return gradient * np.where(x == 0.0, at_zero, out * each_log(x))


def by_floats(op: Op, place: int) -> Pull:
    """Return the rule of an op for an operand on floats, one after another, as Values have it."""
    rule: Any = op.derivatives[place]
    slope = by_elements(lambda *operands: rule(op.forward(*operands), *operands))
    return lambda gradient, out, *operands: gradient * slope(*operands)


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
    ops.power: (by_rule(ops.power, 0), through_exponent),
    ops.sech_squared: (by_floats(ops.sech_squared, 0),),
}


def pulls_of(op: Op) -> tuple[Pull | None, ...]:
    """Return one function ``(gradient, out, *operands)`` for each operand of an op."""
    listed = PULLS.get(op)
    if listed is not None:
        return listed
    return tuple([by_rule(op, place) for place in range(len(op.derivatives))])
