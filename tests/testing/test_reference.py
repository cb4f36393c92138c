"""The references are right themselves: their closed forms against numerical derivatives."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from mpmath import mp, mpf

from engine.testing.oracles import exact
from engine.testing.oracles.activations import bessel_size, polygamma_size
from engine.testing.oracles.compare import SMALLEST
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


# At whose kinks the closed form is 0/0, or has no value.
SINGULAR = ("power", "hypot", "logaddexp", "xlogy", "atan2")
KINKED = [case for case in CASES if case.op.kinks and case.name not in SINGULAR]


@pytest.mark.parametrize("case", KINKED, ids=lambda case: case.name)
def test_at_a_kink_a_reference_has_what_the_row_promises(case: Case) -> None:
    for kink in case.op.kinks:
        if all(x is None or math.isfinite(x) for x in (*kink.at, kink.value, *kink.gradient)):
            with mp.workdps(DIGITS):
                assert case.value(kink.at) == kink.value
                for slope, promised in zip(case.slopes(kink.at), kink.gradient, strict=True):
                    assert (slope is None) == (promised is None)
                    if slope is not None:
                        assert float(slope) == pytest.approx(promised, rel=4e-16, abs=0.0), kink


@pytest.mark.parametrize("name", ["elu", "leaky_relu"])
def test_at_0_a_ramp_has_the_slope_of_its_lower_side(name: str) -> None:
    (case,) = [case for case in CASES if case.name == name]
    assert case.slopes((0.0, 0.25)) == [0.25, 0.0]


CHOICES = [c for c in CASES if c.name in ("maximum", "minimum", "clip", "where")]


@pytest.mark.parametrize("case", CHOICES, ids=lambda case: case.name)
def test_every_source_of_points_lets_each_operand_be_chosen(case: Case) -> None:
    for source in case.reference.points:
        rng = random.Random(0)
        slopes = [case.slopes(source(rng)) for _ in range(200)]
        for of_operand in zip(*slopes, strict=True):
            assert of_operand[0] is None or {0, 1} <= {*of_operand}


def test_how_far_off_a_value_may_be() -> None:
    assert {case.reference.ulps for case in CASES} == {2, 8, 96}
    assert [case.name for case in CASES if case.reference.ulps == 96] == ["logaddexp"]


@pytest.mark.parametrize(
    ("name", "point", "factor"),
    [
        ("tanh", (3.0,), 4.0),
        ("sech_squared", (3.0,), 16.0),
        ("power", (2.0, 3.0), 4 + (3 + math.log(2)) ** 2 + 0.5),
        ("power", (0.25, -3.0), 4 + (3 + math.log(4)) ** 2 + 4.0),
        ("gelu", (-3.0,), 13.0),
        ("erf", (3.0,), 13.0),
        ("erfc", (3.0,), 13.0),
        ("normal_cdf", (3.0,), 13.0),
        ("normal_pdf", (3.0,), 13.0),
        ("silu", (-3.0,), 7.0),
        ("silu_slope", (-3.0,), 7.0),
        ("polygamma", (2.0, 3.0), 96.0),
    ],
)
def test_how_many_of_the_smallest_float_underflow_may_cost(
    name: str, point: tuple[float, ...], factor: float
) -> None:
    (case,) = [case for case in CASES if case.name == name]
    assert float(case.underflow(point) / SMALLEST) == pytest.approx(factor, rel=1e-14)


# ----- What an error is measured by, where a value crosses zero --------------------------------


@pytest.mark.parametrize("n", range(5))
def test_the_bound_of_a_bessel_function_is_one_and_not_far_off(n: int) -> None:
    waves = [exact.spherical_bessel_pi(mpf(n), mpf(i) / 16) for i in range(-128, 129)]
    sizes = [bessel_size(mpf(i) / 16) for i in range(-128, 129)]
    ratios = [abs(wave) / size for wave, size in zip(waves, sizes, strict=True)]
    assert max(ratios) <= 1
    assert max(ratios[:32]) > 0.25  # so far out all is 1/(pi x) at most
    assert bessel_size(mpf(0)) == exact.spherical_bessel_pi(mpf(0), mpf(0)) == 1


BELLS = ["gelu", "gelu_slope", "silu", "silu_slope", "sigmoid", "normal_pdf"]


@pytest.mark.parametrize("name", BELLS)
def test_the_size_of_what_cancels_in_a_derivative_is_its_bound_and_not_far_off(name: str) -> None:
    (case,) = [case for case in CASES if case.name == name]
    sizes: list[tuple[Any, Callable[[float], Any]]] = [
        (case.reference.slope_size, lambda x: case.slopes((x,))[0]),
        (case.reference.curvature_size, lambda x: case.curvatures((x,))[0][0]),
    ]
    with mp.workdps(DIGITS):
        for size, derivative in sizes:
            if size is not None:
                for sign in (-1, 1):
                    for start in (1.0, 2.0, 4.0, 8.0, 16.0):
                        points = [sign * start * (1 + i / 8) for i in range(9)]
                        ratios = [abs(derivative(x)) / size(mpf(x)) for x in points]
                        assert min(ratios) > 0
                        assert 0.1 < max(ratios) <= 1


SEVERAL = ["hypot", "atan2", "norm", "dot", "var[0]", "var[1]", "std[0]", "std[1]", "softmax[0]"]


@pytest.mark.parametrize("name", [*SEVERAL, "softmax[1]", "log_softmax[0]", "log_softmax[1]"])
def test_the_size_of_what_cancels_for_several_operands(name: str) -> None:
    (case,) = [case for case in CASES if case.name == name]
    reference = case.reference
    ratios: dict[Any, list[mpf]] = {}
    with mp.workdps(DIGITS):
        for point in [p for p in ordinary_points(case) if 2 <= len(p) <= 4][:8]:
            found = {
                reference.size: [case.value(point)],
                reference.slope_size: case.slopes(point),
                reference.curvature_size: [x for row in case.curvatures(point) for x in row],
            }
            for size, derivatives in found.items():
                if size is not None:
                    largest = max(abs(x) for x in derivatives if x is not None)
                    ratio = largest / case.allowance(size, point) / mpf(10) ** 15
                    ratios.setdefault(size, []).append(ratio)
    for some in ratios.values():
        assert min(some) >= 0
        assert 0.1 < max(some) <= 2.0001


def crosses(n: int, points: Sequence[float]) -> bool:
    """Return whether a polygamma has both signs at some points."""
    return len({mp.sign(mp.polygamma(n, x)) for x in points}) == 2


@pytest.mark.parametrize("n", range(5))
def test_an_absolute_error_is_allowed_just_where_a_polygamma_crosses_zero(n: int) -> None:
    between_poles = [-2 + k / 16 for k in range(1, 16)]
    assert polygamma_size(mpf(n), mpf(-1.5)) == crosses(n, between_poles)
    assert polygamma_size(mpf(n), mpf(1.5)) == crosses(n, [k / 4 for k in range(1, 40)])
