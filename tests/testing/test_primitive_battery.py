"""One line gives a user's primitive the whole battery."""

from __future__ import annotations

import itertools
import math
import re
from typing import Any

import numpy as np
import pytest

import engine
from engine import ops, primitive
from engine.errors import OperandError
from engine.testing import GradientError, assert_primitive, check_primitive
from engine.testing.primitives import value_complaints


@primitive(lambda out, x, y: 2 * x * y, lambda out, x, y: x * x)
def x_squared_y(x: float, y: float) -> float:
    return x * x * y


@primitive(lambda out, x: out)
def natural_exp(x: float) -> float:
    return math.exp(x)


@primitive(lambda out, x: engine.where(x > 0, 1.0, 0.5), analytic=False)
def half_leaky(x: float) -> float:
    return x if x > 0 else 0.5 * x


@pytest.mark.parametrize("op", [x_squared_y, natural_exp, ops.tanh, ops.hypot, engine.norm])
def test_right_ops_pass(op: Any) -> None:
    battery = assert_primitive(op)
    assert battery
    assert len(battery.reports) >= 15
    assert "pass" in str(battery)


def test_points_can_be_given_and_kinks_are_inconclusive() -> None:
    assert check_primitive(half_leaky, points=[1.0, -2.0, 3.5], order=1)
    assert check_primitive(half_leaky, points=[0.0], order=1).verdict == "inconclusive"
    assert (
        check_primitive(x_squared_y, points=[(1.0, 2.0)]).reports[0][0] == "x_squared_y[1.0, 2.0]"
    )


def wrong_first() -> Any:
    return primitive(lambda out, x: 3.0003 * x * x)(lambda x: x * x * x)


def wrong_second() -> Any:
    return primitive(lambda out, x: 3 * ops.data_of(x) * x)(lambda x: x * x * x)


def one_operand_wrong() -> Any:
    return primitive(lambda out, x, y: y, lambda out, x, y: y)(lambda x, y: x * y)


def of_integers() -> Any:
    def half(x: float) -> float:
        return x * 0.5 if isinstance(x, float) else 7.0

    return primitive(lambda out, x: 0.5)(half)


def random_value() -> Any:
    counter = itertools.count()
    return primitive(lambda out, x: 1.0)(lambda x: x + next(counter))


def raising_rule() -> Any:
    return primitive(lambda out, x: 1 / math.sqrt(x))(lambda x: 2 * math.sqrt(x))


FAILING = {
    "first derivative": (wrong_first, 1, "is wrong|ARE WRONG"),
    "second derivative": (wrong_second, 2, "of order 2"),
    "one operand": (one_operand_wrong, 1, "for operand 1"),
    "random": (random_value, 1, "is it random"),
    "a rule that raises": (raising_rule, 1, "ZeroDivisionError|math domain|PrimitiveError"),
    "a rule that cannot be differentiated": (raising_rule, 2, "would drop the gradient"),
}


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (1, "gives another value when it is called again"),
        (2, "other of Values at 1.5 gives Value"),
        (3, "other of Fraction at 1.5 gives"),
    ],
)
def test_a_value_that_is_another_in_one_call_is_a_complaint(call: int, complaint: str) -> None:
    calls = itertools.count()

    @primitive(lambda out, x: 1.0)
    def other(x: float) -> float:
        return x + (next(calls) == call)

    (found,) = value_complaints(other, (1.5,))
    assert re.search(complaint, found), found


@pytest.mark.parametrize("name", FAILING)
def test_wrong_ops_fail(name: str) -> None:
    make, order, message = FAILING[name]
    battery = check_primitive(make(), order=order)
    assert battery.verdict == "fail", battery
    with pytest.raises(GradientError, match=message) as caught:
        assert_primitive(make(), order=order)
    assert caught.value.report.verdict == "fail"


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (0.5, r"points is a list of operands, as \[0\.5, 2\.0\] or .*, got 0\.5"),
        ("0.5", "points is a list of operands"),
        (["a"], "a point takes numbers, got str 'a'"),
        ([(0.5, None)], "a point takes numbers, got NoneType"),
        ([[np.eye(2)]], "a point takes numbers, got ndarray"),
    ],
)
def test_points_that_are_no_operands(points: Any, message: str) -> None:
    with pytest.raises(OperandError, match=message):
        check_primitive(engine.tanh, points)


@pytest.mark.parametrize("points", [np.linspace(0.1, 0.9, 3), range(1, 4), [(0.5,), 2]])
def test_points_may_be_any_sequence(points: Any) -> None:
    assert check_primitive(engine.tanh, points)


def test_an_op_that_is_nowhere_finite_is_inconclusive() -> None:
    nowhere = primitive(lambda out, x: math.nan)(lambda x: math.inf)
    battery = check_primitive(nowhere)
    assert battery.verdict == "inconclusive"
    assert "give points=" in str(battery)


def test_a_rule_that_raises_everywhere_is_told_without_advice_on_points() -> None:
    floats_only = primitive(lambda out, x: math.cos(x))(lambda x: engine.sin(x))
    battery = check_primitive(floats_only, points=[0.5])
    assert battery.verdict == "fail"
    assert "its derivative for x raised OperandError" in str(battery)
    assert "give points=" not in str(battery)


def test_what_is_no_op_is_an_error() -> None:
    with pytest.raises(OperandError, match="takes an op, as @primitive makes one, got function"):
        check_primitive(lambda x: x)  # type: ignore[arg-type]


def test_a_battery_prints_as_text_and_shows_in_a_notebook() -> None:
    battery = check_primitive(wrong_first(), points=[2.0], order=1)
    assert repr(battery) == str(battery)
    shown = battery._repr_html_()
    assert "<lambda>" not in shown
    assert "&lt;lambda&gt;: fail (1 fail)" in shown
    assert "the derivative of" in shown
