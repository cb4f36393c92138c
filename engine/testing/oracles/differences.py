"""The oracle of differences: slopes from values alone, with their own error.

It applies to everything. Where its error is too large to judge by, as beside a kink or in noise,
it says so rather than guess.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from engine.testing.oracles.local import NotApplicable, Slope, applied, has_derivatives

Function = Callable[[float], float]

EPSILON = sys.float_info.epsilon
FIRST, SHRINK, STEPS = 0.0719, 4.0, 16  # steps, in units of the scale: no power of two, so that a
# wave whose period divides one step is no constant
SAFETY = 10.0  # how many times its estimated error a slope may be off
SETTLED = 1e-5  # the largest relative error of a slope to judge by


class Estimate(NamedTuple):
    """A slope found by differences, and about how far it is off."""

    value: float
    error: float
    below: float  # the slopes of the two sides, which differ at a kink
    above: float

    def allowance(self) -> float:
        """Return how far off it may be at most."""
        return SAFETY * self.error

    def settled(self, size: float = 0.0) -> bool:
        """Return whether the error is small enough to judge by.

        Args:
            size: what the error is compared to, where the slope itself may be 0.
        """
        allowed = SETTLED * max(abs(self.value), 1e-4 * size)
        return self.allowance() <= max(allowed, sys.float_info.min)


NOTHING = Estimate(math.nan, math.inf, math.nan, math.nan)


def slope(function: Function, x: float) -> Estimate:
    """Return the slope of a function of one number.

    Args:
        function: from a number to a number; nan where it must not be asked.
        x: where.

    Central differences over six points, whose truncation error falls with the sixth power of the
    step; the step is the one with the least estimated error. The estimate is what the two sides
    of the stencil disagree by, each taken for itself: it falls with the third power of the step,
    and does not fall at a kink. Added to it is the rounding of the values and of the step.

    >>> found = slope(math.exp, 1.0)
    >>> abs(found.value - math.e) <= found.allowance() < 1e-9
    True
    """
    best = NOTHING
    here = function(x)
    for scale in dict.fromkeys((abs(x) or 1.0, max(abs(x), 1.0))):
        worse = 0
        for k in range(STEPS):
            found = _at_step(function, x, here, FIRST * scale / SHRINK**k)
            if found.error < best.error:
                best, worse = found, 0
            elif math.isfinite(best.error):
                worse += 1
            if worse == 4:  # from here on rounding only grows
                break
        if best.settled() and best.error <= 1e-9 * abs(best.value):
            break
    return best


def _at_step(function: Function, x: float, here: float, step: float) -> Estimate:
    step = (x + step) - x  # what floats make of it
    if step == 0.0:
        return NOTHING
    up = [function(x + k * step) for k in (1, 2, 3)]
    down = [function(x - k * step) for k in (1, 2, 3)]
    if not all(map(math.isfinite, (here, *up, *down))):
        return NOTHING
    value = sum(w * (a - b) for w, a, b in zip((0.75, -0.15, 1 / 60), up, down, strict=True)) / step
    one_sided = (-11 / 6, 3.0, -1.5, 1 / 3)
    above = sum(w * y for w, y in zip(one_sided, (here, *up), strict=True)) / step
    below = -sum(w * y for w, y in zip(one_sided, (here, *down), strict=True)) / step
    largest = max(map(abs, (here, *up, *down)))
    rounding = (EPSILON * (4 * largest + abs(x * value)) + 4 * math.ulp(0.0)) / step
    if not math.isfinite(value) or not math.isfinite(rounding):
        return NOTHING
    return Estimate(value, abs(above - below) + rounding, below, above)


class Differences:
    """Adaptive differences."""

    name = "differences"
    title = "6-point differences"
    error = 1e-11  # at best; each slope brings its own

    def slopes(self, op: Any, operands: Sequence[float], out: float) -> list[Slope | None]:
        """Return the derivative for each operand, from differences of the op's forward."""
        return [
            self._slope(op, operands, i, out) if wanted else None
            for i, wanted in enumerate(has_derivatives(op, len(operands)))
        ]

    def _slope(self, op: Any, operands: Sequence[float], i: int, out: float) -> Slope:
        x = operands[i]

        def function(t: float) -> float:
            return applied(op, [t if j == i else y for j, y in enumerate(operands)])

        found = slope(function, x)
        if not found.settled(abs(out / x) if x else abs(out)):
            if math.isfinite(found.error) and abs(found.above - found.below) > 0.1 * abs(
                found.value
            ):
                raise NotApplicable(
                    f"{op.name} has a kink or a jump here: by differences its slope is "
                    f"{found.below:.4g} below and {found.above:.4g} above"
                )
            raise NotApplicable(f"differences of {op.name} do not settle here")
        return Slope(found.value, abs(found.value), found.allowance())
