"""The references are right themselves: their closed forms against numerical derivatives."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from mpmath import mp, mpf

from engine.testing.oracles import exact
from engine.testing.oracles.activations import bessel_size, polygamma_size
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


CHOICES = [c for c in CASES if c.name in ("maximum", "minimum", "clip", "where")]


@pytest.mark.parametrize("case", CHOICES, ids=lambda case: case.name)
def test_every_source_of_points_lets_each_operand_be_chosen(case: Case) -> None:
    for source in case.reference.points:
        rng = random.Random(0)
        slopes = [case.slopes(source(rng)) for _ in range(200)]
        for of_operand in zip(*slopes, strict=True):
            assert of_operand[0] is None or {0, 1} <= {*of_operand}


# ----- What an error is measured by, where a value crosses zero --------------------------------


@pytest.mark.parametrize("n", range(5))
def test_the_bound_of_a_bessel_function_is_one_and_not_far_off(n: int) -> None:
    waves = [exact.spherical_bessel_pi(mpf(n), mpf(i) / 16) for i in range(-128, 129)]
    sizes = [bessel_size(mpf(i) / 16) for i in range(-128, 129)]
    ratios = [abs(wave) / size for wave, size in zip(waves, sizes, strict=True)]
    assert max(ratios) <= 1
    assert max(ratios[:32]) > 0.25  # so far out all is 1/(pi x) at most
    assert bessel_size(mpf(0)) == exact.spherical_bessel_pi(mpf(0), mpf(0)) == 1


def crosses(n: int, points: Sequence[float]) -> bool:
    """Return whether a polygamma has both signs at some points."""
    return len({mp.sign(mp.polygamma(n, x)) for x in points}) == 2


@pytest.mark.parametrize("n", range(5))
def test_an_absolute_error_is_allowed_just_where_a_polygamma_crosses_zero(n: int) -> None:
    between_poles = [-2 + k / 16 for k in range(1, 16)]
    assert polygamma_size(mpf(n), mpf(-1.5)) == crosses(n, between_poles)
    assert polygamma_size(mpf(n), mpf(1.5)) == crosses(n, [k / 4 for k in range(1, 40)])
