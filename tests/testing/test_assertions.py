"""assert_matches, assert_raises_same, assert_no_side_effects pass and fail as they should."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine import Value, no_grad
from engine.errors import MismatchError, NumberError, OperandError
from engine.testing import assert_matches, assert_no_side_effects, assert_raises_same

LARGEST = sys.float_info.max


def test_matches() -> None:
    assert_matches(engine.tanh, math.tanh)
    assert_matches(engine.hypot, math.hypot)
    assert_matches(engine.log, math.log)  # which raises where it is undefined
    assert_matches(
        lambda p: [p["a"] + p["b"][0], p["a"] * 2], lambda p: (3.0, 2.0), {"a": 1.0, "b": [2.0]}
    )
    assert_matches(engine.softmax, lambda xs: np.exp(xs) / np.exp(xs).sum(), [0.5, 1.0, -2.0])
    assert_matches(engine.log, lambda x: math.nan, -1.0)
    assert_matches(engine.exp, lambda x: math.inf, 1000.0)


MISMATCHES: dict[str, Callable[[], None]] = {
    "a little": lambda: assert_matches(engine.tanh, lambda x: math.tanh(x) * (1 + 1e-11), 0.5),
    "a sign": lambda: assert_matches(engine.sin, lambda x: -math.sin(x)),
    "nan": lambda: assert_matches(engine.log, lambda x: 0.0, -1.0),
    "number": lambda: assert_matches(engine.tanh, lambda x: math.nan, 0.5),
    "inf": lambda: assert_matches(engine.exp, lambda x: -math.inf, 1000.0),
    "count": lambda: assert_matches(lambda x: [x, x], lambda x: [x], 0.5),
    "second": lambda: assert_matches(lambda x: [x, x], lambda x: [x, -x], 0.5),
}


@pytest.mark.parametrize("name", MISMATCHES)
def test_mismatches(name: str) -> None:
    with pytest.raises(MismatchError, match=r"gives .* at "):
        MISMATCHES[name]()


@pytest.mark.parametrize(
    ("got", "expected", "rtol", "atol"),
    [
        (1.5, 1.0, 0.5, 0.0),
        (1.0, -2.0, 1.5, 0.0),
        (1.5, 1.0, 0.0, 0.5),
        (3.0, 2.0, 0.25, 0.5),
        (math.inf, LARGEST, 0.0, 0.0),
        (LARGEST / 2, math.inf, 0.5, 0.0),
    ],
)
def test_the_error_that_is_allowed(got: float, expected: float, rtol: float, atol: float) -> None:
    assert_matches(lambda x: got, lambda x: expected, 1.0, rtol=rtol, atol=atol)
    if got != math.inf:
        for less in ({"rtol": rtol * 0.999, "atol": atol}, {"rtol": rtol, "atol": atol * 0.999}):
            if less != {"rtol": rtol, "atol": atol}:
                with pytest.raises(MismatchError, match=r"gives .* at 1\.0, and the reference"):
                    assert_matches(lambda x: got, lambda x: expected, 1.0, **less)


def test_the_message_of_a_mismatch() -> None:
    with pytest.raises(MismatchError) as caught:
        assert_matches(lambda p: [p, p], lambda p: {"a": [1.0], "b": 2.5}, 1.0)
    assert str(caught.value) == ("<lambda> gives 1.0 at 1.0 in number 1, and the reference 2.5")
    with pytest.raises(MismatchError) as caught:
        assert_matches(lambda x, y: x, lambda x, y: 2.5, 1.0, [2.0])
    assert str(caught.value) == "<lambda> gives 1.0 at 1.0, [2.0], and the reference 2.5"
    with pytest.raises(MismatchError, match=r"^<lambda> gives 2 numbers at 0\.5 and the ref.* 1$"):
        assert_matches(lambda x: [x, x], lambda x: [x], 0.5)


def test_points_are_drawn_for_each_input() -> None:
    drawn: list[tuple[float, ...]] = []

    def noted(x: float, y: float, z: float) -> float:
        drawn.append((x, y, z))
        return x + y + z

    assert_matches(lambda x, y, z: x + y + z, noted, examples=7)
    assert_matches(lambda x, y, z: x + y + z, noted, examples=7, seed=0)
    assert len(drawn) == 14
    assert drawn[:7] == drawn[7:]
    assert_matches(lambda x, y, z: x + y + z, noted, examples=7, seed=1)
    assert not {*drawn[:7]} & {*drawn[14:]}
    sizes = [abs(x) for point in drawn for x in point]
    assert min(sizes) < 1e-30
    assert max(sizes) > 1e30
    with pytest.raises(MismatchError):  # every way for one beside every way for the other
        assert_matches(lambda x, y: 0.0, lambda x, y: float(abs(x) < 64 < 1e9 < abs(y)))
    with pytest.raises(MismatchError):
        assert_matches(lambda x, y: 0.0, lambda x, y: float(abs(y) < 64 < 1e9 < abs(x)))


def test_matching_needs_points() -> None:
    def never(x: float) -> float:
        raise ValueError

    with pytest.raises(NumberError, match="raised an error at every point"):
        assert_matches(engine.tanh, never)
    with pytest.raises(NumberError, match="how many inputs"):
        assert_matches(lambda *xs: xs[0], lambda *xs: xs[0])


def test_raises_same() -> None:
    assert_raises_same(engine.tanh, math.tanh, 0.5)
    assert_raises_same(lambda x: Value(x), lambda x: math.sin(x), "a")  # both are TypeErrors
    with pytest.raises(MismatchError, match="raises nothing, where sqrt raises ValueError"):
        assert_raises_same(engine.sqrt, math.sqrt, -1.0)
    with pytest.raises(MismatchError, match=r"raises OperandError .*, where .* raises nothing"):
        assert_raises_same(engine.tanh, str, "a")
    with pytest.raises(MismatchError, match=r"raises OperandError .*, where float raises Value"):
        assert_raises_same(Value, float, "a")


LEFT_OPEN: list[no_grad] = []


def leaves_a_mode_open(x: Any) -> Any:
    LEFT_OPEN.append(no_grad().__enter__())
    return x


def adds_one(x: Any) -> Any:
    x += 1.0
    return x


def sets_label(x: Value) -> Value:
    x.label = "a"
    return x


def sets_grad(x: Value) -> Value:
    y = x * 2
    y.backward()
    return y


def seeds(x: Any) -> Any:
    random.seed(1)
    return x


def draws(x: Any) -> Any:
    np.random.rand()
    return x


FIRST = r"changes an input: input 0$"
SIDE_EFFECTS: dict[str, tuple[Callable[..., Any], Any, str]] = {
    "data": (lambda x: setattr(x, "data", 5.0), Value(1.0), FIRST),
    "grad": (sets_grad, Value(1.0), FIRST),
    "label": (sets_label, Value(1.0), FIRST),
    "flag": (
        lambda x: setattr(x, "requires_grad", False),
        Value(1.0),
        FIRST,
    ),
    "array": (adds_one, np.ones(2), FIRST),
    "list": (lambda xs: xs.append(1.0), [1.0], FIRST),
    "order of a list": (lambda xs: xs.reverse(), [1.0, 2.0], FIRST),
    "dict": (lambda d: d.update(b=1.0), {"a": 1.0}, FIRST),
    "random numbers of Python": (seeds, 1.0, "random numbers of Python"),
    "random numbers of NumPy": (draws, 1.0, "random numbers of NumPy"),
    "mode": (leaves_a_mode_open, 1.0, "a mode was left open"),
    "random": (lambda x, r=random.Random(0): x * r.random(), 1.0, "gives another result"),  # noqa: B008
}


@pytest.mark.parametrize("name", SIDE_EFFECTS)
def test_side_effects_are_found(name: str) -> None:
    function, given, message = SIDE_EFFECTS[name]
    try:
        with pytest.raises(MismatchError, match=message):
            assert_no_side_effects(function, given)
    finally:
        while LEFT_OPEN:
            LEFT_OPEN.pop().__exit__(None, None, None)


def test_the_input_that_is_changed_is_named() -> None:
    with pytest.raises(MismatchError, match=r"changes an input: input 1$"):
        assert_no_side_effects(lambda x, y: x + adds_one(y), np.ones(2), np.ones(2))


@pytest.mark.parametrize(
    "call",
    [
        lambda: assert_matches(3.0, math.tanh),
        lambda: assert_raises_same("tanh", math.tanh, 0.5),
        lambda: assert_no_side_effects(Value(1.0), 0.5),
    ],
)
def test_what_is_no_function_is_refused(call: Any) -> None:
    with pytest.raises(OperandError, match="f has to be a function, got"):
        call()


def test_a_reference_that_is_no_function_is_refused() -> None:
    with pytest.raises(OperandError, match=r"reference has to be a function, got 3\.0"):
        assert_matches(math.tanh, 3.0)
    with pytest.raises(OperandError, match=r"reference has to be a function, got 3\.0"):
        assert_raises_same(math.tanh, 3.0)


def test_an_input_may_be_a_class() -> None:
    assert assert_no_side_effects(lambda kind, x: kind(x), np.float64, 0.5) == 0.5


def test_no_side_effects() -> None:
    xs = [Value(1.0), Value(math.nan)]
    assert len(assert_no_side_effects(engine.softmax, xs)) == 2
    assert assert_no_side_effects(lambda x: x.sum(), np.ones(3)) == 3.0
