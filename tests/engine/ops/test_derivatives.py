"""The first derivative of every row of the op table, against 50 digits."""

from __future__ import annotations

import pytest
from mpmath import mp

from engine import Tensor, Value
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


@pytest.mark.parametrize(
    ("x", "y"),
    [(5e-324, 1e-310), (1e-321, 0.04), (-5e-324, 0.0), (2e-312, -1e-300), (1e-309, 1e-20)],
)
@pytest.mark.parametrize("kind", [Value, Tensor])
def test_slope_of_a_power_where_a_factor_of_it_overflows(kind: type, x: float, y: float) -> None:
    node = kind(x, requires_grad=True)
    (node**y).backward()
    with mp.workdps(DIGITS):
        exact = mp.mpf(y) * mp.mpf(x) ** (mp.mpf(y) - 1)
        assert relative_error(float(node.grad), exact, 0.0) <= BAR
