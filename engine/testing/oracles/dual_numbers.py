"""The oracle of dual numbers: forward mode on floats, with the rules of `dual`.

It applies to the ops that have a rule there, where that rule meets no overflow.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from engine.op import Reduction
from engine.testing.oracles.dual import FUNCTIONS, Dual, power
from engine.testing.oracles.local import NotApplicable, Slope, has_derivatives, is_row

LARGEST = 1e100  # of an operand: the rules square and divide as they come
RULES: dict[str, Callable[..., Dual]] = {
    **FUNCTIONS,
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "power": power,
    "negative": operator.neg,
    "identity": operator.pos,
    "reciprocal": lambda x: 1.0 / x,
    "square": lambda x: x * x,
    "leaky_relu": lambda x, slope: x if x.data > 0 else slope * x,
}


class DualNumbers:
    """Dual numbers."""

    name = "dual"
    title = "dual numbers"
    error = 1e-14

    def slopes(self, op: Any, operands: Sequence[float], out: float) -> list[Slope | None]:
        """Return the derivative for each operand, from one forward pass each."""
        rule = RULES.get(op.name)
        if rule is None or not is_row(op):
            raise NotApplicable(f"dual numbers have no rule of {op.name}")
        if not all(x == 0.0 or 1 / LARGEST < abs(x) < LARGEST for x in operands):
            raise NotApplicable("the rules of dual numbers overflow for operands of this size")
        slopes: list[Slope | None] = []
        for i, wanted in enumerate(has_derivatives(op, len(operands))):
            duals = [Dual(x, *((1.0, 1.0) if i == j else ())) for j, x in enumerate(operands)]
            try:
                result = called(op, rule, duals)
            except (ArithmeticError, ValueError, TypeError) as error:
                raise NotApplicable(f"the dual rule of {op.name} fails here: {error}") from error
            if not math.isfinite(result.size):
                raise NotApplicable("the rules of dual numbers overflow here")
            slopes.append(Slope(result.slope, result.size) if wanted else None)
        return slopes


def called(op: Any, rule: Callable[..., Dual], duals: list[Dual]) -> Dual:
    """Return a rule's result, called as the op is."""
    if op.name == "dot":
        half = len(duals) // 2
        return rule(duals[:half], duals[half:])
    return rule(duals) if isinstance(op, Reduction) else rule(*duals)
