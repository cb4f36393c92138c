"""The oracle of differences: slopes from values alone, with their own error.

It applies to everything. Where its error is too large to judge by, as beside a kink, in noise, and
where floats are farther apart than a function may vary, it says so rather than guess.
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
NEGLIGIBLE = 1e-4  # a slope this small beside what is usual is judged as one of this size
TELLING = 0.01  # the part of a slope that rounding hides at the finest step that tells anything
COARSE = 2.0**50  # beyond, floats are too far apart to see waves of a period of 1


class Estimate(NamedTuple):
    """A slope found by differences, and about how far it is off.

    Args:
        value: the slope.
        error: the estimate of its error.
        below: the slope of the one side, which differs at a kink from that of the other.
        above: that of the other.
        size: the slopes that a function of such values has around there.
        trouble: what stood in the way, where it is known; a sentence without its end.
    """

    value: float
    error: float
    below: float
    above: float
    size: float = 0.0
    trouble: str = ""

    def allowance(self) -> float:
        """Return how far off it may be at most."""
        return SAFETY * self.error

    def settled(self) -> bool:
        """Return whether the error is small enough to judge by, also where the slope is 0."""
        allowed = max(abs(self.value), NEGLIGIBLE * self.size)
        return self.allowance() <= max(SETTLED * allowed, sys.float_info.min)


NOTHING = Estimate(math.nan, math.inf, math.nan, math.nan)
TOO_COARSE = NOTHING._replace(
    trouble="floats are too far apart for differences at numbers so large"
)


def slope(function: Function, x: float) -> Estimate:
    """Return the slope of a function of one number.

    Args:
        function: from a number to a number; nan where it must not be asked. What it raises counts
            as nan: a step may leave its domain.
        x: where.

    Central differences over six points, whose truncation error falls with the sixth power of the
    step; the step is the one with the least estimated error. The estimate is what the two sides of
    the stencil disagree by, each taken for itself, which does not fall at a kink, and what six
    points and four disagree by, for a function that is the same on both sides. Added to it is the
    rounding of the values and of the step.

    Steps are tried in units of x, and, if none of them settles, in units of 1: what these give is
    taken if the others do not contradict it, for a feature of the size of x is invisible to them.

    >>> found = slope(math.exp, 1.0)
    >>> abs(found.value - math.e) <= found.allowance() < 1e-9
    True
    """
    raised = ""

    def guarded(t: float) -> float:
        nonlocal raised
        try:
            return function(t)
        except Exception as error:  # whatever a user's function may raise
            raised = f"the function raises {type(error).__name__} beside these inputs: {error}"
            return math.nan

    found = _in_units(guarded, x, abs(x) or 1.0)
    if not found.settled() and 0.0 < abs(x) < 1.0:
        wide = _in_units(guarded, x, 1.0)
        if wide.error < found.error and not abs(wide.value - found.value) > found.allowance():
            found = wide
    return found._replace(trouble=found.trouble or raised)


def _in_units(function: Function, x: float, unit: float) -> Estimate:
    """Return the slope with the step, of those in some unit, that has the least error."""
    if abs(x) > COARSE:
        return TOO_COARSE
    here = function(x)
    best, size, worse, finer = NOTHING, 0.0, 0, NOTHING
    for k in range(STEPS):
        found = _at_step(function, x, here, FIRST * unit / SHRINK**k)
        size = max(size, found.size) if math.isfinite(found.size) else size
        worse = 0 if found.error < best.error else worse + math.isfinite(best.error)
        if found.error < best.error:
            best, finer = found, NOTHING
        elif found.error < finer.error:
            finer = found
        if worse == 4:  # from here on rounding only grows
            break
    if best.settled():
        step = EPSILON * best.size * abs(x) / (TELLING * abs(best.value)) if best.value else 0.0
        least = _at_step(function, x, here, step)
        finer = min(finer, least, key=lambda estimate: estimate.error)
        for other in (finer, least):
            off = abs(other.value - best.value)
            if off > best.allowance() + other.allowance():
                # The steps fell in with the jumps of a rounding or the period of a wave.
                return best._replace(error=off, size=size)
    return best._replace(size=size)


def _at_step(function: Function, x: float, here: float, step: float) -> Estimate:
    step = (x + step) - x  # what floats make of it
    if step == 0.0:
        return NOTHING
    up = [function(x + k * step) for k in (1, 2, 3)]
    down = [function(x - k * step) for k in (1, 2, 3)]
    values = [here, *up, *down]
    if not all(map(math.isfinite, values)):
        return NOTHING
    value = _central((0.75, -0.15, 1 / 60), up, down) / step
    with_four = _central((2 / 3, -1 / 12), up, down) / step
    one_sided = (-11 / 6, 3.0, -1.5, 1 / 3)
    above = sum(w * y for w, y in zip(one_sided, (here, *up), strict=True)) / step
    below = -sum(w * y for w, y in zip(one_sided, (here, *down), strict=True)) / step
    largest = max(map(abs, values))
    rounding = (EPSILON * (4 * largest + abs(x * value)) + 4 * math.ulp(0.0)) / step
    error = abs(above - below) + abs(value - with_four) + rounding
    if not math.isfinite(error):
        return NOTHING
    return Estimate(value, error, below, above, largest / max(abs(x), 3 * step))


def _central(weights: Sequence[float], up: Sequence[float], down: Sequence[float]) -> float:
    return sum(w * (a - b) for w, a, b in zip(weights, up, down, strict=False))


def sides(function: Function, x: float) -> tuple[Estimate, Estimate]:
    """Return the slopes below and above a point, each from values on its own side alone.

    >>> [round(side.value, 6) for side in sides(lambda x: max(x, 2 * x) + x * x, 0.0)]
    [1.0, 2.0]
    """
    found = []
    for sign in (-1.0, 1.0):
        best = NOTHING
        for k in range(STEPS):
            step = sign * FIRST * (abs(x) or 1.0) / SHRINK**k
            best = min(best, _one_sided(function, x, step), key=lambda estimate: estimate.error)
        found.append(best)
    return found[0], found[1]


def _one_sided(function: Function, x: float, step: float) -> Estimate:
    values = [function(x + k * step) for k in range(5)]
    if not all(map(math.isfinite, values)) or x + step == x:
        return NOTHING
    fine = sum(w * y for w, y in zip((-25 / 12, 4, -3, 4 / 3, -1 / 4), values, strict=True)) / step
    coarse = sum(w * y for w, y in zip((-11 / 6, 3, -3 / 2, 1 / 3), values, strict=False)) / step
    rounding = EPSILON * (8 * max(map(abs, values)) + abs(x * fine)) / abs(step)
    return Estimate(fine + 0.0, abs(fine - coarse) + rounding, fine, fine)


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
        if not found.settled():
            if math.isfinite(found.error) and abs(found.above - found.below) > 0.1 * abs(
                found.value
            ):
                raise NotApplicable(
                    f"{op.name} has a kink or a jump here: by differences its slope is "
                    f"{found.below:.4g} below and {found.above:.4g} above"
                )
            raise NotApplicable(f"differences of {op.name} do not settle here")
        return Slope(found.value, abs(found.value), found.allowance())
