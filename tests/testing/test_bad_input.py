"""What cannot be checked is said to be so, with the reason; it never passes."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine import Tensor, Value, no_grad, primitive
from engine.errors import GraphError, NumberError, OperandError, ShapeError
from engine.testing import (
    GradientError,
    Report,
    assert_gradients,
    check_gradients,
    check_primitive,
)
from engine.testing.paths import name_of

inf, nan = math.inf, math.nan


def clears_its_list(xs: list[Any]) -> Any:
    return xs.pop() * xs[0]


def sets_data(x: Value) -> Value:
    x.data = 5.0
    return x * x


def calls_backward(x: Value) -> Value:
    y = x * x
    y.backward()
    return y


WAYS = itertools.cycle((engine.tanh, engine.sin))


def counter() -> Callable[[Value], Value]:
    calls = itertools.count(1)
    return lambda x: x * next(calls)


def raises_on_one_side(x: Value) -> Value:
    if x.data > 1.0:
        raise ValueError("too large")
    return x * x


@primitive(lambda out, x: 0.5 / out)
def root(x: float) -> float:
    return math.sqrt(x)  # which raises below 0


def sets_array(x: Tensor) -> Tensor:
    x.data = 2.0 * x.data
    return x * x


def calls_backward_of_a_sum(x: Tensor) -> Tensor:
    y = engine.sum(x * x)
    y.backward()
    return y


def raises_beside(x: Tensor) -> Tensor:
    if x.data[0] > 1.0:
        raise ValueError("too large")
    return x * x


INCONCLUSIVE: dict[str, tuple[Callable[..., Any], tuple[Any, ...], str]] = {
    "random": (lambda x: x * random.random(), (2.0,), "random, or it keeps a state"),
    "random graph": (
        lambda x: next(WAYS)(x) * 0.0,
        (2.0,),
        "another graph the second time",
    ),
    "state": (counter(), (2.0,), "random, or it keeps a state"),
    "changes a list": (clears_its_list, ([2.0, 3.0],), "changes its inputs"),
    "sets data": (sets_data, (2.0,), "changes its inputs"),
    "calls backward": (calls_backward, (2.0,), "changes its inputs: their data, their grad"),
    "nan from an op": (lambda x: engine.log(x) * 2, (-1.0,), "first op that is not finite is log"),
    "nan as input": (engine.tanh, (nan,), "nan"),
    "inf on the way": (lambda x: 1 / (1 + engine.exp(x)), (1000.0,), "exp(1000.0) is inf"),
    "inf as input": (engine.atan, (inf,), "atan(inf)"),
    "branch at a kink": (lambda x: x if x > 0 else -2 * x, (0.0,), "another branch within"),
    "branch at 1": (lambda x: x * x if x >= 1 else x, (1.0,), "another branch within"),
    "max of Python at a tie": (lambda x, y: max(x, y) * 2, (3.0, 3.0), "another branch within"),
    "raises beside": (raises_on_one_side, (1.0,), "raises ValueError beside these inputs"),
    "border of the domain": (lambda x: engine.polygamma(1.0, x), (0.0,), "nan"),
    "overflow of the chain": (
        lambda x: engine.exp(x * 1e-200) * 1e250 * x * 1e-250,
        (3e202,),
        "is inf",
    ),
}


@pytest.mark.parametrize("name", INCONCLUSIVE)
def test_inconclusive_with_the_reason(name: str) -> None:
    function, inputs, reason = INCONCLUSIVE[name]
    report = check_gradients(function, *inputs)
    assert report.verdict == "inconclusive", report
    assert reason in report.reason
    assert reason in str(report)
    assert not report


@pytest.mark.parametrize("f", [engine.sqrt, engine.log, lambda x: 2.0 * engine.sqrt(x) + x])
def test_where_the_gradient_is_infinite_nothing_but_that_is_allowed(f: Any) -> None:
    report = check_gradients(f, 0.0)
    assert report.passed
    assert report.worst is not None
    assert (report.worst.analytic, report.worst.allowance) == (inf, 0.0)


def test_floats_too_far_apart_for_differences_are_the_reason() -> None:
    report = check_gradients(engine.relu, 2.0**50 + 1.0, oracle="differences")
    assert report.verdict == "inconclusive"
    assert "floats are too far apart for differences" in report.reason


@pytest.mark.parametrize("x", [5e-324, 1.6e-290, 1e-100, 1e-20])
def test_a_step_out_of_the_domain_is_no_error_of_the_function(x: float) -> None:
    for order in (1, 2, 3):
        for oracle in ("auto", "differences"):
            report = check_gradients(root, x, order=order, oracle=oracle)
            # At the least float no step is short enough; above, higher derivatives overflow.
            possible = x > 1e-200 or (order == 1 and x > 5e-324)
            assert report.verdict == ("pass" if possible else "inconclusive"), report
    assert not check_primitive(root, points=[x]).complaints


@primitive(lambda out, x: 3.0 * getattr(x, "data", x) ** 2)
def cube_of_one_order(x: float) -> float:
    return x**3


@pytest.mark.parametrize("oracle", ["auto", "complex_step", "differences"])
def test_no_oracle_passes_an_order_that_it_did_not_check(oracle: str) -> None:
    assert check_gradients(cube_of_one_order, 2.0, oracle=oracle).passed
    report = check_gradients(cube_of_one_order, 2.0, order=2, oracle=oracle)
    assert (report.verdict, report.order) == ("fail", 2)
    right = check_gradients(engine.tanh, 0.5, order=3, oracle=oracle)
    assert (right.verdict, right.order) == ("pass", 3)


def test_an_order_is_not_passed_where_a_part_of_the_graph_is_lost() -> None:
    def harmless(x: Value) -> Value:
        return x * x + 0.0 * (x.data * x)

    assert check_gradients(harmless, 2.0).passed
    report = check_gradients(harmless, 2.0, order=2)
    assert report.verdict == "inconclusive"
    assert "order 2 is not checked here: a part of the graph was lost" in report.reason


def test_one_element_of_many_may_be_close_to_the_border_of_the_domain() -> None:
    x = np.linspace(0.1, 3.0, 150)
    x[3] = 1.6e-290
    assert check_gradients(engine.sqrt, Tensor(x)).passed
    assert check_gradients(engine.log, Tensor(x)).passed


def test_an_inconclusive_check_fails_an_assertion_unless_it_is_allowed() -> None:
    with pytest.raises(GradientError, match="another branch") as caught:
        assert_gradients(lambda x: x if x > 0 else -x, 0.0)
    assert caught.value.report.verdict == "inconclusive"
    report = assert_gradients(lambda x: x if x > 0 else -x, 0.0, allow_inconclusive=True)
    assert report.verdict == "inconclusive"


LOST: dict[str, tuple[Callable[..., Any], str]] = {
    "math": (lambda x: math.sin(x.data), "plain number 0.9092974268256817"),
    "data": (lambda x: x.data * 2, r"\.data, float\(\) or a function of math"),
    "numpy": (lambda x: np.tanh(x.data), "use stepgrad's own"),
    "a constant": (lambda x: Value(x.data, requires_grad=False), "returned the constant 2.0"),
    "detach": (lambda x: (x * x).detach(), r"no_grad\(\), \.detach\(\)"),
    "no_grad": (no_grad()(lambda x: x * x), r"no_grad\(\), \.detach\(\)"),
}


@pytest.mark.parametrize("name", LOST)
def test_a_lost_graph_is_an_error_that_says_so(name: str) -> None:
    function, message = LOST[name]
    with pytest.raises(GraphError, match=f"graph was lost.*{message}|{message}.*"):
        check_gradients(function, 2.0)


def test_a_result_that_no_input_is_in_is_an_error() -> None:
    outside = Value(2.0)
    with pytest.raises(GraphError, match="none of its inputs is in"):
        check_gradients(lambda x: outside * outside, outside)
    with pytest.raises(GraphError, match="none of its inputs is in"):
        check_gradients(lambda x: outside * x.data, 2.0)


LEAKS: dict[str, Callable[..., Any]] = {
    "data": lambda x: x * x.data,
    "math": lambda x: x + math.sin(x.data),
    "detach": lambda x: x * engine.tanh(x.detach()),
    "no_grad": lambda x: x * no_grad()(engine.tanh)(x),
    "a new leaf": lambda x: x * Value(x.data),
    "deep": lambda x: engine.sin(engine.exp(x) + engine.sum([x, x.data, 1.0])),
}


@pytest.mark.parametrize("name", LEAKS)
def test_a_part_of_the_graph_that_was_lost_is_a_failure(name: str) -> None:
    report = check_gradients(LEAKS[name], 0.7)
    assert report.verdict == "fail", report
    assert "moves with the inputs, and no gradient flows" in report.reason
    assert "(test_bad_input.py:" in report.reason  # without the path on this machine


def test_a_constant_that_moves_and_cancels_is_no_failure() -> None:
    report = check_gradients(lambda x: engine.tanh(x) + x.data - x.detach(), 0.7)
    assert report.verdict == "pass"


def test_a_constant_that_does_not_move_is_none() -> None:
    assert check_gradients(lambda x: x * round(x.data) + math.floor(x.data), 0.7).passed


MISUSE: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "nothing returned": (lambda: check_gradients(lambda x: None, 1.0), OperandError, "`return`"),
    "a list": (lambda: check_gradients(lambda x: [x, x], 1.0), ShapeError, "a list.*of one number"),
    "a dict": (lambda: check_gradients(lambda x: {"a": x}, 1.0), ShapeError, "a dict"),
    "an array": (
        lambda: check_gradients(lambda x: np.array([x.data, 1.0]), 1.0),
        ShapeError,
        "a ndarray",
    ),
    "text": (lambda: check_gradients(lambda x: "3", 1.0), OperandError, "result of the function"),
    "no inputs": (lambda: check_gradients(lambda: 1.0), ShapeError, "nothing to differentiate"),
    "an empty list": (lambda: check_gradients(sum, []), ShapeError, "nothing to differentiate"),
    "text as input": (lambda: check_gradients(engine.tanh, "1"), OperandError, "input 0.*str"),
    "None deep inside": (
        lambda: check_gradients(sum, [1.0, [None]]),
        OperandError,
        r"input 0\[1\]\[0\]",
    ),
    "too large an int": (lambda: check_gradients(engine.tanh, 10**400), NumberError, "1.8e308"),
    "an array as input": (
        lambda: check_gradients(engine.tanh, np.ones(2)),
        OperandError,
        "give the gradient to check as vjp=",
    ),
    "order 4": (lambda: check_gradients(engine.tanh, 1.0, order=4), NumberError, "order=4"),
    "order True": (lambda: check_gradients(engine.tanh, 1.0, order=True), NumberError, "order=Tr"),
    "order 2.0": (lambda: check_gradients(engine.tanh, 1.0, order=2.0), NumberError, "order=2.0"),  # type: ignore[arg-type]
    "seed": (lambda: check_gradients(engine.tanh, 1.0, seed=-1), NumberError, "seed=-1"),
    "rtol": (lambda: check_gradients(engine.tanh, 1.0, rtol=-1e-9), NumberError, "rtol=-1e-09"),
    "atol": (lambda: check_gradients(engine.tanh, 1.0, atol=inf), NumberError, "atol=inf"),
    "rtol text": (
        lambda: check_gradients(engine.tanh, 1.0, rtol="1e-9"),  # type: ignore[arg-type]
        OperandError,
        "rtol takes numbers, got str",
    ),
    "no function": (lambda: check_gradients(3, 1.0), OperandError, "f has to be a function"),  # type: ignore[arg-type]
    "no vjp": (
        lambda: check_gradients(np.sin, np.ones(2), vjp=3),  # type: ignore[arg-type]
        OperandError,
        "vjp has to be a function, got 3",
    ),
    "a Tensor of Values": (
        lambda: check_gradients(lambda x: Tensor.from_values([x]), 1.0),
        OperandError,
        "the function of Values returned a Tensor",
    ),
    "a Value of Tensors": (
        lambda: check_gradients(lambda x: x.to_values()[0], Tensor([1.0])),
        OperandError,
        "the function of Tensors returned a Value",
    ),
    "a mask": (
        lambda: check_gradients(lambda x: x > 0, np.ones(2), vjp=lambda x, g: g),
        OperandError,
        "an array of bool, which is no array of numbers",
    ),
    "oracle": (
        lambda: check_gradients(engine.tanh, 1.0, oracle="magic"),
        NumberError,
        "'magic' is none of auto, mpmath",
    ),
}


@pytest.mark.parametrize("name", MISUSE)
def test_misuse_is_an_error_that_says_what_to_do(name: str) -> None:
    call, kind, message = MISUSE[name]
    with pytest.raises(kind, match=message):
        call()


def test_an_error_of_the_function_itself_comes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        check_gradients(lambda x: x * (1 / 0), 1.0)


def test_inputs_may_be_any_kind_of_number_and_are_left_alone() -> None:
    given = Value(3)
    given.grad = 7.0
    values = {"a": [given, 2], "b": (True, np.float64(0.5))}
    report = check_gradients(lambda p: p["a"][0] * p["a"][1] + p["b"][1] ** 3 * p["b"][0], values)
    assert report.passed
    assert report.checked == 4
    assert given.grad == 7.0
    assert given.data == 3.0


def test_what_the_function_closes_over_keeps_its_gradient() -> None:
    weight = Value(2.0)
    weight.grad = 7.0
    assert check_gradients(lambda x: engine.tanh(weight * x), 0.5, order=2).passed
    assert weight.grad == 7.0


def test_the_function_may_be_the_identity_or_leave_inputs_out() -> None:
    assert check_gradients(lambda x, y: x, 1.0, 2.0).passed
    assert check_gradients(lambda x, y: y * 2, 1.0, 2.0, order=3).passed


def through_tensors(x: Value, y: Value) -> Any:
    product = engine.tanh(Tensor.from_values([[x, y], [y, x]]) @ Tensor.from_values([x, y]))
    return product.to_values()[1] * x


def test_a_function_of_values_may_compute_with_tensors() -> None:
    report = check_gradients(through_tensors, 0.5, 0.7)
    assert report.passed, report
    assert report.oracle == "6-point differences"
    second = check_gradients(through_tensors, 0.5, 0.7, order=2)
    assert second.verdict == "inconclusive"
    assert "order 2 is not checked" in second.reason
    lost = check_gradients(lambda x: through_tensors(x, Value(x.data)), 0.5)
    assert lost.verdict == "fail"


TENSORS: dict[str, tuple[Callable[..., Any], str]] = {
    "random": (lambda x: x * random.random(), "random or keeps a state"),
    "sets data": (sets_array, "changes its inputs: their data or their grad"),
    "calls backward": (calls_backward_of_a_sum, "changes its inputs: their data or their grad"),
    "raises beside": (raises_beside, "raises ValueError beside these inputs: too large"),
    "nan": (lambda x: engine.log(-1.0 - x), "nan or inf here"),
    "border of the domain": (lambda x: engine.asin(x / 2.0), "not finite around x[1]"),
    "branch": (lambda x: x if x.data[0] >= 1.0 else 2.0 * x, "at a kink or too near one"),
}


@pytest.mark.parametrize("name", TENSORS)
def test_functions_of_tensors_that_cannot_be_checked(name: str) -> None:
    function, reason = TENSORS[name]
    report = check_gradients(function, Tensor([1.0, 2.0]))
    assert report.verdict == "inconclusive", report
    assert reason in report.reason


def sets_grad_beside_tensors(x: Value) -> Value:
    x.grad = 1.0
    return Tensor.from_values([x]).to_values()[0]


BESIDE_TENSORS: dict[str, tuple[Callable[..., Any], str]] = {
    "changes": (
        sets_grad_beside_tensors,
        "the function changes its inputs: their data, their grad or the list that holds them",
    ),
    "random": (
        lambda x: (Tensor.from_values([x]) * random.random()).to_values()[0],
        "the function is nan, random, or keeps a state",
    ),
}


@pytest.mark.parametrize("name", BESIDE_TENSORS)
def test_functions_of_values_through_tensors_that_cannot_be_checked(name: str) -> None:
    function, reason = BESIDE_TENSORS[name]
    found = check_gradients(function, 0.5)
    assert found == Report("inconclusive", name_of(function), 1, "auto", 0.0, 0, None, reason, None)


def test_a_vjp_that_is_random_cannot_be_checked() -> None:
    report = check_gradients(
        lambda x: x * x, np.ones(2), vjp=lambda x, g: 2 * x * g * random.random()
    )
    assert report.verdict == "inconclusive"
    assert "the gradient differs from one call to the next" in report.reason
