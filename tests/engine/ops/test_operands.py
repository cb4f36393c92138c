"""Operands of every numeric type, in both orders, and operators that have to agree."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import engine
from engine import NumberError, OperandError, Tensor, Value, ops
from engine.testing.oracles.compare import bits

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}
COMPARISONS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
NUMBERS = [
    3,
    0,
    -2,
    10**20,
    True,
    False,
    0.75,
    np.float64(0.75),
    np.float32(0.1),
    np.int64(3),
    np.uint8(3),
    np.bool_(True),
    np.array(2.5),
    np.array(4),
    Fraction(1, 3),
    Decimal("0.1"),
]
any_number = pytest.mark.parametrize("number", NUMBERS, ids=lambda n: f"{type(n).__name__}({n})")
any_operator = pytest.mark.parametrize("symbol", OPERATORS)
floats = st.floats(allow_nan=True, allow_infinity=True)


def assert_same(got: Any, expected: Any, *leaves: tuple[Value, Value]) -> None:
    """Assert that two Values and the gradients they give to pairs of leaves are bit-identical."""
    assert type(got) is Value
    assert bits(got.data) == bits(expected.data)
    got.backward()
    expected.backward()
    for ours, theirs in leaves:
        assert bits(ours.grad) == bits(theirs.grad)


@any_number
@any_operator
def test_number_on_the_right(symbol: str, number: Any) -> None:
    apply, x, y = OPERATORS[symbol], Value(1.5), Value(1.5)
    assert_same(apply(x, number), apply(y, Value(float(number))), (x, y))


@any_number
@any_operator
def test_number_on_the_left(symbol: str, number: Any) -> None:
    apply, x, y = OPERATORS[symbol], Value(1.5), Value(1.5)
    assert_same(apply(number, x), apply(Value(float(number)), y), (x, y))


@any_number
@pytest.mark.parametrize("symbol", COMPARISONS)
def test_comparison_with_a_number(symbol: str, number: Any) -> None:
    compare = COMPARISONS[symbol]
    for x in (float(number), 1.5, -5.0):
        assert compare(Value(x), number) is compare(x, float(number))
        assert compare(number, Value(x)) is compare(float(number), x)


@any_number
def test_leaf_of_any_number(number: Any) -> None:
    leaf = Value(number)
    assert type(leaf.data) is float
    assert leaf.data == float(number)


@any_number
@pytest.mark.parametrize(
    "function",
    [engine.maximum, engine.minimum, engine.hypot, engine.atan2, engine.logaddexp, engine.power],
    ids=lambda op: op.name,
)
def test_function_with_a_number(function: Any, number: Any) -> None:
    x, y, u, w = Value(1.5), Value(1.5), Value(1.5), Value(1.5)
    assert_same(function(x, number), function(y, Value(float(number))), (x, y))
    assert_same(function(number, u), function(Value(float(number)), w), (u, w))


@any_number
def test_sequence_with_a_number(number: Any) -> None:
    for function in (engine.sum, engine.mean, engine.prod, engine.logsumexp, engine.norm):
        x, y = Value(1.5), Value(1.5)
        assert_same(function([x, number]), function([y, Value(float(number))]), (x, y))


@any_operator
@given(x=floats, y=floats)
def test_reflected_operator_equals_the_operator_on_wrapped(symbol: str, x: float, y: float) -> None:
    apply, leaf, other = OPERATORS[symbol], Value(y), Value(y)
    assert_same(apply(x, leaf), apply(Value(x), other), (leaf, other))


@any_operator
@given(x=floats, y=floats)
def test_augmented_assignment_rebinds(symbol: str, x: float, y: float) -> None:
    augmented = getattr(operator, "i" + OPERATORS[symbol].__name__)
    first, other = Value(x), Value(x)
    alias = first
    first = augmented(first, y)
    assert alias is not first
    assert bits(alias.data) == bits(x)
    assert_same(first, OPERATORS[symbol](other, y), (alias, other))


def test_unary_operators() -> None:
    x = Value(-2.5)
    assert (-x).data == 2.5
    assert +x is x
    assert abs(x).data == 2.5
    assert [round(x).data, round(Value(2.25), 1).data] == [-2.0, 2.2]


@pytest.mark.parametrize("order", [0.5, -1, float("nan"), float("inf")])
@pytest.mark.parametrize("function", [engine.polygamma, ops.spherical_bessel_pi])
def test_order_that_is_no_whole_number(function: Any, order: float) -> None:
    with pytest.raises(NumberError, match="whole number of 0 or more, got"):
        function(order, Value(1.0))


PARAMETRIC = pytest.mark.parametrize(
    ("function", "name"), [(engine.elu, "alpha"), (engine.leaky_relu, "negative_slope")]
)


@PARAMETRIC
def test_a_parameter_is_taken_by_its_name(function: Any, name: str) -> None:
    for x in (-1.5, Value(-1.5), Tensor([-1.5, 2.0])):
        for parameter in (0.3, Value(0.3)) if not isinstance(x, Tensor) else (0.3,):
            by_name, by_place = function(x, **{name: parameter}), function(x, parameter)
            assert repr(by_name) == repr(by_place) != repr(function(x))
    method = getattr(Value(-1.5), function.name)
    assert method(**{name: 0.3}).data == function(-1.5, **{name: 0.3})


@PARAMETRIC
def test_a_parameter_that_does_not_fit(function: Any, name: str) -> None:
    with pytest.raises(OperandError, match=rf"{function.name}\(\) got {name} twice"):
        function(1.0, 2.0, **{name: 2.0})
    with pytest.raises(OperandError, match=rf"has no parameter slope: it takes {name}$"):
        function(1.0, slope=2.0)
    with pytest.raises(OperandError, match="takes 1 operand to 2, got 0"):
        function(**{name: 2.0})
