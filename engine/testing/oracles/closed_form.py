"""The oracle of closed forms: the derivative of each row of the op table to 50 digits, in mpmath.

It applies to every row of the table at finite operands inside the domain of its derivative.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from mpmath import mp, mpf

from engine.testing.oracles.local import NotApplicable, Slope, gap
from engine.testing.oracles.reference import DIGITS, Case, case_of

VALUE_ROUNDING = 1e-11  # of an op's value: 8 ulp, and what a long reduction from left to right adds
TERMS = mpf(10) ** 15  # a reference allows 1e-15 of the terms that cancel beside a zero
SMALLEST = math.ulp(0.0)
TINY = 1e-300  # what underflows is less, and more is allowed by a reference where nothing does
JUMPS = frozenset(("step", "sign", "floor", "ceil", "round", "floor_divide"))


class ClosedForm:
    """Closed forms in mpmath."""

    name = "mpmath"
    title = f"mpmath, {DIGITS} digits"
    error = 10.0**-DIGITS

    def slopes(self, op: Any, operands: Sequence[float], out: float) -> list[Slope | None]:
        """Return the exact derivative for each operand."""
        case = case_of(op)
        if case is None:
            raise NotApplicable(f"mpmath has no closed form of {op.name}")
        if not all(map(math.isfinite, operands)):
            raise NotApplicable(f"{op.name} has an operand that is not finite")
        point = tuple(operands)
        with mp.workdps(DIGITS):
            try:
                numbers = [mpf(x) for x in point]
                self._check_value(case, point, case.exactly(numbers), out)
                exact = case.slopes_at(numbers)
            except (ArithmeticError, ValueError, TypeError) as error:  # a pole, or complex
                raise NoDerivative(op) from error
            if any(x is not None and (not isinstance(x, mpf) or x != x) for x in exact):
                raise NoDerivative(op)
            return [None if x is None else self._slope(case, point, x) for x in exact]

    def _slope(self, case: Case, point: tuple[float, ...], exact: mpf) -> Slope:
        size = abs(float(exact))
        if case.reference.slope_size is not None:
            terms = case.allowance(case.reference.slope_size, point) * TERMS
            size = max(size, float(terms))
        slack = 4 * SMALLEST
        if case.reference.underflow is not None:
            slack = min(float(case.underflow(point)), TINY)
        return Slope(exact, size, slack)

    def _check_value(self, case: Case, point: tuple[float, ...], exact: mpf, out: float) -> None:
        """Raise unless the op has the value that its derivatives belong to."""
        if case.op.name in JUMPS or not math.isfinite(out):
            return  # round() to some digits is recorded as `round`
        if case.op.name == "atan2" and point[0] == 0.0:
            exact, out = abs(exact), abs(out)  # the zeros of mpmath have no sign to choose a side
        size = abs(float(exact))  # a TypeError where it is complex
        off = gap(out, exact)
        if off > VALUE_ROUNDING * size:
            terms = float(case.allowance(case.reference.size, point) * TERMS)
            if off > VALUE_ROUNDING * max(size, terms) + 8 * SMALLEST:
                raise WrongValue(case.op, point, out, exact)


class NoDerivative(NotApplicable):
    """There is no finite derivative at a point, and no kink of the row promises one."""

    final = True

    def __init__(self, op: Any) -> None:
        super().__init__(
            f"{op.name} has no finite derivative here: a pole, or outside of its domain"
        )


class WrongValue(NotApplicable):
    """An op's forward does not give what its name says."""

    final = True
    is_error = True

    def __init__(self, op: Any, point: tuple[float, ...], out: float, exact: Any) -> None:
        super().__init__(f"the value of {{}} is {mp.nstr(exact, 17)}, and its forward gave {out!r}")
