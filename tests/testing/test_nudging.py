"""The check of a gradient by nudging: it finds the slope, and tells a wrong gradient."""

from __future__ import annotations

import math

import pytest

import engine
from engine.testing.nudging import nudge
from engine.testing.oracles.differences import slope

SMOOTH = [
    (math.exp, math.exp, 1.0),
    (math.sin, math.cos, 0.0),
    (lambda x: math.sin(1e4 * x), lambda x: 1e4 * math.cos(1e4 * x), 1.0),
    (lambda x: x**3, lambda x: 3 * x * x, 1e6),
    (lambda x: x**3, lambda x: 3 * x * x, 1e-6),
    (lambda x: x**3, lambda x: 3 * x * x, 0.0),
    (engine.log, lambda x: 1 / x, 1e-3),
    (engine.sqrt, lambda x: 0.5 / math.sqrt(x), 1e-8),
    (math.tanh, lambda x: 1 / math.cosh(x) ** 2, 12.0),
    (lambda x: 1e10 + x, lambda x: 1.0, 0.5),
    (lambda x: 3.0, lambda x: 0.0, 2.0),
    (math.floor, lambda x: 0.0, 2.5),
]


@pytest.mark.parametrize(("function", "derivative", "x"), SMOOTH)
def test_the_slope_is_within_its_error(function, derivative, x):
    found = slope(function, x)
    assert abs(found.value - derivative(x)) <= found.allowance()
    assert nudge(derivative(x), function, x).verdict == "ok"


@pytest.mark.parametrize(("function", "derivative", "x"), SMOOTH[:6])
@pytest.mark.parametrize("mistake", [1.0 + 1e-3, -1.0, 2.0])
def test_a_wrong_gradient_is_told(function, derivative, x, mistake):
    if derivative(x):
        assert nudge(derivative(x) * mistake, function, x).verdict == "WRONG"


def test_kinks():
    assert nudge(0.0, engine.relu, 0.0).verdict == "ok: a kink, with slope 0 below and 1 above"
    assert nudge(1.0, engine.relu, 0.0).verdict.startswith("ok: a kink")
    assert nudge(2.0, engine.relu, 0.0).verdict == "WRONG"
    assert nudge(0.3, math.fabs, 0.0).verdict == "ok: a kink, with slope -1 below and 1 above"


@pytest.mark.parametrize(
    ("analytic", "function", "x"),
    [
        (0.0, math.floor, 2.0),
        (math.inf, engine.sqrt, 0.0),
        (math.inf, engine.cbrt, 0.0),
        (-math.inf, engine.reciprocal, 0.0),
        (math.nan, engine.log, -1.0),
        (math.nan, lambda x: math.nan, 0.0),
    ],
)
def test_where_there_is_no_slope_nothing_is_said(analytic, function, x):
    assert nudge(analytic, function, x).verdict.startswith("not comparable")
