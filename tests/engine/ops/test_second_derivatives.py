"""The second derivatives of every row of the op table, by `grad` of `grad`, against 50 digits."""

from __future__ import annotations

import pytest
from mpmath import mp

from engine import grad
from engine.op import Reduction
from engine.testing.oracles.compare import relative_error
from engine.testing.oracles.reference import CASES, DIGITS, Case

POINTS = 60
BAR = 1e-10


def curvatures(case: Case, point: tuple[float, ...]) -> dict[tuple[int, int], float]:
    """Return the engine's second derivatives, by the positions of the two operands."""
    if isinstance(case.op, Reduction):
        gradient = grad(case.op.reduce)
        rows = {i: grad(lambda xs, i=i: gradient(xs)[i])(list(point)) for i, _ in enumerate(point)}
        return {(i, j): x for i, row in rows.items() for j, x in enumerate(row)}
    smooth = [i for i, rule in enumerate(case.op.derivatives) if rule is not None]
    return {
        (i, j): x
        for i in smooth
        for j, x in zip(smooth, grad(grad(case.op, i), smooth)(*point), strict=True)
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_second_derivatives(case: Case) -> None:
    with mp.workdps(DIGITS):
        for point in case.points(POINTS):
            exact = case.curvatures(point)
            allowance = case.allowance(case.reference.curvature_size, point)
            allowance += case.underflow(point)
            for (i, j), got in curvatures(case, point).items():
                if mp.isnan(exact[i][j]):
                    continue  # where the first derivative is none, as of (-2)**y for y
                error = relative_error(got, exact[i][j], allowance)
                assert error <= BAR, (
                    f"the second derivative of {case.name}{point} for operands {i} and {j} is "
                    f"{got!r}, {error:.3g} off {mp.nstr(exact[i][j], 20)}"
                )
