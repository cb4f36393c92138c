"""The first derivative of every row of the op table, against 50 digits."""

from __future__ import annotations

import pytest
from mpmath import mp, mpf

import engine
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


@pytest.mark.parametrize("repeats", [1, 20], ids=["few factors", "many factors"])
def test_prod_is_differentiated_where_it_leaves_the_floats_on_the_way(repeats: int) -> None:
    xs = [1e-200, 3e-200, 2e250, 1e150, 0.5] * repeats  # a product of 3 each
    variables = [Value(x) for x in xs]
    engine.prod(variables).backward()
    for i, x in enumerate(variables):
        exact = mp.fprod(map(mpf, xs[:i] + xs[i + 1 :]))
        assert x.grad == pytest.approx(float(exact), rel=1e-13, abs=0.0)
        assert x.grad != 0.0
    assert engine.grad(engine.prod)(xs) == [x.grad for x in variables]


@pytest.mark.parametrize("size", [1e-314, 1e-320, 1e-290, 1e300])
def test_the_direction_of_a_short_vector_has_all_digits(size: float) -> None:
    for function in (engine.hypot, lambda x, y: engine.norm([x, y])):
        x, y = Value(-size), Value(size)
        function(x, y).backward()
        assert (x.grad, y.grad) == pytest.approx((-(0.5**0.5), 0.5**0.5), rel=1e-15)
    rows = engine.Tensor([[-size, 3.0], [size, 4.0]], requires_grad=True)
    engine.norm(rows, axis=0).backward([1.0, 1.0])
    assert [*rows.grad.flat] == pytest.approx([-(0.5**0.5), 0.6, 0.5**0.5, 0.8], rel=1e-15)
