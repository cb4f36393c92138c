"""The references are right themselves: their closed forms against numerical derivatives."""

from __future__ import annotations

import pytest
from mpmath import mp, mpf

from engine.testing.oracles.reference import CASES, DIGITS, Case

POINTS = 60


def ordinary_points(case: Case) -> list[tuple[float, ...]]:
    """Return points off every kink, which are whole numbers, halves and ties, and not extreme."""

    def ordinary(point: tuple[float, ...]) -> bool:
        moving = [
            x for x, slope in zip(point, case.slopes(point), strict=True) if slope is not None
        ]
        # mpmath's step is absolute
        sizes = all(1e-3 < abs(x) < 1e3 and not (2 * x).is_integer() for x in moving)
        return sizes and len(set(moving)) == len(moving)

    points = [point for point in case.points(POINTS) if ordinary(point)]
    assert len(points) >= 5
    return points


def exactly_where(case: Case, point: tuple[float, ...], i: int, x: mpf) -> mpf:
    """Return the value with the i-th operand changed."""
    return case.exactly([x if j == i else mpf(operand) for j, operand in enumerate(point)])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_closed_form_of_the_derivative(case: Case) -> None:
    with mp.workdps(DIGITS):
        for point in ordinary_points(case):
            for i, closed in enumerate(case.slopes(point)):
                if closed is None or mp.isnan(closed):
                    continue
                numeric = mp.diff(lambda x, i=i, p=point: exactly_where(case, p, i, x), point[i])
                assert abs(closed - numeric) <= mpf("1e-20") * max(1, abs(numeric)), (i, point)


SECOND = [case for case in CASES if case.reference.curvatures is not None]


@pytest.mark.parametrize("case", SECOND, ids=lambda case: case.name)
def test_closed_form_of_the_second_derivatives(case: Case) -> None:
    with mp.workdps(DIGITS):
        for point in ordinary_points(case)[:10]:
            closed, numeric = case.curvatures(point), case.differences(point)
            for row, numeric_row in zip(closed, numeric, strict=True):
                for x, y in zip(row, numeric_row, strict=True):
                    assert abs(x - y) <= mpf("1e-20") * max(1, abs(y)), point
