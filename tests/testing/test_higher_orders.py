"""Second and third derivatives: right ones pass, at the ends of the floats too; wrong ones fail."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import engine
from engine import Value, ops, primitive
from engine.testing import check_gradients
from engine.testing.oracles.reference import CASES, Case
from tests.testing.planting import function_of


def program(x: Value, y: Value, z: Value) -> Value:
    h = engine.tanh(x * y + engine.sin(z))
    return h * h / (1 + engine.exp(-x)) + engine.hypot(y, z) * engine.log(2 + z * z)


@pytest.mark.parametrize("order", [2, 3])
def test_a_right_program(order: int) -> None:
    report = check_gradients(program, 0.5, -1.25, 0.75, order=order)
    assert report.passed, report
    assert (report.order, report.checked) == (order, 3**order)
    assert "mpmath" in report.oracle


def test_paths_name_every_input_of_a_derivative() -> None:
    report = check_gradients(lambda p, q: p["a"] * q[0] ** 3, {"a": 2.0}, [3.0], order=2)
    assert report.worst is not None
    assert report.worst.path in {"p['a'], p['a']", "p['a'], q[0]", "q[0], p['a']", "q[0], q[0]"}


@pytest.mark.parametrize("x", [1e-300, 1e-8, -3.0, 700.0, 1e300])
@pytest.mark.parametrize("order", [2, 3])
def test_no_false_alarm_at_the_ends_of_the_floats(x: float, order: int) -> None:
    for f in (engine.tanh, engine.sigmoid, engine.atan, engine.softplus, engine.log_sigmoid):
        report = check_gradients(f, x, order=order)
        assert report.verdict != "fail", report


WRONG: dict[str, Any] = {
    "detached": lambda out, x: 1.0 - ops.data_of(out) ** 2 + 0.0 * x,
    "0.01 % off": lambda out, x: ops.sech_squared(x) + (x - ops.data_of(x)) * 1e-4,
    "sign": lambda out, x: ops.sech_squared(ops.data_of(x)) * 2 - ops.sech_squared(x),
}


@pytest.mark.parametrize("rule", WRONG)
def test_a_rule_that_is_right_and_has_a_wrong_derivative(
    rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ops.tanh, "derivatives", (WRONG[rule],))
    f = lambda x: engine.tanh(x) * x  # noqa: E731
    assert check_gradients(f, 0.5).passed
    report = check_gradients(f, 0.5, order=2)
    assert (report.verdict, report.order) == ("fail", 2)
    assert report.blame is not None
    assert report.blame.expression == "tanh(0.5)"


def test_a_wrong_third_derivative(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        ops.sech_squared, "derivatives", (lambda out, x: -2.0 * ops.data_of(out) * ops.tanh(x),)
    )
    assert check_gradients(engine.tanh, 0.5, order=2).passed
    report = check_gradients(engine.tanh, 0.5, order=3)
    assert (report.verdict, report.order) == ("fail", 3)


def test_a_wrong_first_derivative_ends_the_check_at_order_1(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ops.tanh, "derivatives", (lambda out, x: 1.0001 * ops.sech_squared(x),))
    report = check_gradients(engine.tanh, 0.5, order=3)
    assert (report.verdict, report.order) == ("fail", 1)


@primitive(lambda out, x: 3 * x * x)
def cube(x: float) -> float:
    return x * x * x


@primitive(lambda out, x: engine.exp(x))
def real_exp(x: float) -> float:
    return math.exp(x)


@pytest.mark.parametrize("order", [2, 3])
def test_primitives_are_judged_by_differences_of_the_order_below(order: int) -> None:
    report = check_gradients(lambda x, y: cube(x) * real_exp(y), 0.5, 1.5, order=order)
    assert report.passed, report
    assert report.oracle == "6-point differences of the order below"


AT_A_HALF: dict[str, Callable[[Any], Any]] = {
    "relu": lambda x: engine.relu(x - 0.5),
    "floor": lambda x: x * engine.floor(x + 0.5),
    "ceil": lambda x: x * engine.ceil(x + 0.5),
    "round": lambda x: x * engine.round(x),
    "sign": lambda x: x * engine.sign(x - 0.5),
    "remainder": lambda x: x % 0.5,
    "floor_divide": lambda x: x * (x // 0.5),
    "maximum": lambda x: engine.maximum(x, 0.5),
    "minimum": lambda x: engine.minimum(x, 0.5),
    "max": lambda x: engine.max([x, 0.5]),
    "min": lambda x: engine.min([x, 0.5]),
    "clip": lambda x: engine.clip(x, 0.5, 2.0),
}


@pytest.mark.parametrize("x", [0.5 - 1e-6, 0.5 + 1e-6])
@pytest.mark.parametrize("name", AT_A_HALF)
def test_differences_of_the_order_below_stay_on_one_side_of_a_kink(name: str, x: float) -> None:
    assert check_gradients(lambda x: cube(x) * AT_A_HALF[name](x), x, order=2).passed


def test_a_rule_that_is_wrong_in_a_program_alone_blames_no_node() -> None:
    @primitive(
        lambda out, x: 2 * x if getattr(x, "op", None) is None else ops.data_of(2 * x) + 0.0 * x
    )
    def square(x: float) -> float:
        return x * x

    assert check_gradients(square, 0.5, order=2).passed
    report = check_gradients(lambda x: square(engine.sin(x)), 0.5, order=2)
    assert (report.verdict, report.order, report.blame) == ("fail", 2, None)
    assert report.worst is not None
    assert report.worst.numeric == pytest.approx(2 * math.cos(1.0), rel=1e-8)


def test_an_order_has_no_derivative_and_is_left_out() -> None:
    report = check_gradients(engine.polygamma, 1.0, 2.5, order=2)
    assert report.passed, report


@pytest.mark.parametrize(
    ("f", "point", "reason"),
    [
        (engine.reciprocal, (0.0,), "there is no derivative of order 2 here"),
        (engine.sqrt, (0.0,), "there is no derivative of order 2 here"),
        (engine.power, (0.0, 0.0), "there is no derivative for operand 0, operand 1 here"),
    ],
)
def test_where_an_order_has_no_derivative_no_verdict_is_given(
    f: Any, point: tuple[float, ...], reason: str
) -> None:
    report = check_gradients(f, *point, order=2)
    assert (report.verdict, report.reason) == ("inconclusive", reason)


@pytest.mark.parametrize("case", [c for c in CASES if c.op.kinks], ids=lambda case: case.name)
def test_singular_points_are_never_accused(case: Case) -> None:
    for kink in case.op.kinks:
        report = check_gradients(function_of(case.op), *kink.at, order=2)
        assert report.verdict != "fail", f"{kink}: {report}"
