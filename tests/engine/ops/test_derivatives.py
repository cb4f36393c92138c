"""The first derivative of every row of the op table, against 50 digits."""

from __future__ import annotations

import pytest
from mpmath import mp

from engine import Value
from engine.testing.oracles.compare import relative_error
from engine.testing.oracles.reference import CASES, DIGITS, Case

POINTS = 300
BAR = 1e-12


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_derivative(case: Case) -> None:
    with mp.workdps(DIGITS):
        for point in case.points(POINTS):
            operands = [Value(x) for x in point]
            case.apply(operands).backward()
            allowance = case.allowance(case.reference.slope_size, point) + case.underflow(point)
            for i, (operand, exact) in enumerate(zip(operands, case.slopes(point), strict=True)):
                got = operand.grad
                if exact is None:
                    assert got == 0.0, f"operand {i} of {case.name} has no gradient"
                    continue
                error = relative_error(got, exact, allowance)
                assert error <= BAR, (
                    f"the derivative of {case.name}{point} for operand {i} is {got!r}, "
                    f"{error:.3g} off {mp.nstr(exact, 20)}"
                )
