"""Faults 15 to 23: what a Value meets in an expression.

The half of fault 23 that asks for a Tensor is tested with tensors.
"""

import math
import operator
import re

import numpy as np
import pytest

import engine
from engine import OperandError, Value

NAN = math.nan
INF = math.inf

OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
NAMES = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "divide",
    "//": "floor_divide",
    "%": "remainder",
    "**": "power",
    "<": "compar",
    "<=": "compar",
    ">": "compar",
    ">=": "compar",
}
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def same(x: float, y: float) -> bool:
    """Return whether two floats are one, nan being itself and 0.0 not -0.0."""
    return repr(x) == repr(y)


def refuses_in_both_orders(symbol: str, stranger: object, remedy: str) -> None:
    """Check the error of an operator with something that is no number on either side."""
    value = Value(2.0)
    kind = type(stranger).__name__
    for left, right, shown in (
        (value, stranger, symbol),
        (stranger, value, MIRRORED.get(symbol, symbol)),
    ):
        with pytest.raises(OperandError) as caught:
            OPERATORS[symbol](left, right)
        message = str(caught.value)
        assert kind in message
        assert remedy in message
        head = message.partition(":")[0]  # before the remedy, which may hold an expression
        assert re.search(rf"{NAMES[symbol]}|(?<![*/<>]){re.escape(shown)}(?![*/=])", head)
        assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize("symbol", [s for s in OPERATORS if s != "%"])
def test_fault_15_text(symbol):
    refuses_in_both_orders(symbol, "a", "float(text)")


def test_fault_15_text_with_remainder():
    with pytest.raises(OperandError, match=r"got str 'a'.*float\(text\)"):
        Value(2.0) % "a"
    with pytest.raises(TypeError, match="format"):  # text on the left formats
        operator.mod("a", Value(2.0))


class Stranger:
    """Something of another library, which knows how to work with anything."""

    def __radd__(self, other):
        return ("radd", other)

    def __lt__(self, other):
        return ("lt", other)

    def __gt__(self, other):
        return ("gt", other)


def test_fault_15_the_other_side_may_try():
    value = Value(2.0)
    tag, operand = value + Stranger()
    assert tag == "radd"
    assert operand is value
    assert (value < Stranger())[0] == "gt"


@pytest.mark.parametrize("symbol", OPERATORS)
@pytest.mark.parametrize("stranger", [{}, object()], ids=["dict", "object"])
def test_fault_15_what_nobody_can_compute_is_a_type_error(symbol, stranger):
    with pytest.raises(TypeError, match=r"'Value' and '(dict|object)'"):
        OPERATORS[symbol](Value(2.0), stranger)
    with pytest.raises(TypeError, match=r"'(dict|object)' and 'Value'"):
        OPERATORS[symbol](stranger, Value(2.0))


@pytest.mark.parametrize("symbol", OPERATORS)
def test_fault_16_none(symbol):
    refuses_in_both_orders(symbol, None, "return")


def test_fault_17_number_to_the_power_of_a_value():
    exponent = Value(3.0)
    out = 2**exponent
    out.backward()
    assert out.data == 8.0
    assert exponent.grad == pytest.approx(8 * math.log(2), rel=4e-16)  # one rounding of each factor


def test_fault_18_value_to_the_power_of_a_value():
    base, exponent = Value(2.0), Value(3.0)
    (base**exponent).backward()
    assert base.grad == 12.0
    assert exponent.grad == pytest.approx(8 * math.log(2), rel=4e-16)


@pytest.mark.parametrize(
    "root",
    [
        lambda x: Value(x) ** (1 / 3),
        lambda x: x ** Value(1 / 3),
        lambda x: Value(x) ** Value(1 / 3),
        lambda x: Value(x).pow(1 / 3),
    ],
    ids=["constant exponent", "constant base", "both variable", "method"],
)
def test_fault_19_root_of_a_negative_number_is_nan_and_never_complex(root):
    out = root(-8.0)
    assert type(out.data) is float
    assert math.isnan(out.data)
    out.backward()
    for operand in out.operands:
        if operand.requires_grad:
            assert type(operand.grad) is float


@pytest.mark.parametrize(
    ("name", "operands", "expected"),
    [
        ("power", (0.0, -1.0), INF),
        ("power", (-0.0, -1.0), -INF),
        ("power", (10.0, 400.0), INF),
        ("divide", (1.0, 0.0), INF),
        ("divide", (-1.0, 0.0), -INF),
        ("divide", (1.0, -0.0), -INF),
        ("divide", (0.0, 0.0), NAN),
        ("remainder", (1.0, 0.0), NAN),
        ("log", (0.0,), -INF),
        ("log", (-1.0,), NAN),
        ("log1p", (-1.0,), -INF),
        ("sqrt", (-1.0,), NAN),
        ("exp", (1000.0,), INF),
        ("exp", (-1000.0,), 0.0),
        ("sin", (INF,), NAN),
        ("cosh", (1000.0,), INF),
        ("acos", (2.0,), NAN),
        ("multiply", (INF, 0.0), NAN),
    ],
    ids=str,
)
def test_fault_20_singular_points_follow_ieee_754_on_numbers_and_values(name, operands, expected):
    function = getattr(engine, name)
    assert same(function(*operands), expected)
    assert same(function(*map(Value, operands)).data, expected)


@pytest.mark.parametrize("zero", [0, 0.0, Value(0.0), Value(0.0, requires_grad=False)], ids=repr)
def test_fault_21_zero_to_the_power_of_zero(zero):
    x = Value(0.0)
    out = x**zero
    out.backward()
    assert (out.data, x.grad) == (1.0, 0.0)
    if isinstance(zero, Value) and zero.requires_grad:
        assert zero.grad == 0.0


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int64, np.array])
@pytest.mark.parametrize("symbol", ["+", "-", "*", "/", "**"])
def test_fault_22_numpy_scalar_on_the_left(kind, symbol):
    value = Value(3.0)
    out = OPERATORS[symbol](kind(2), value)
    assert type(out) is Value
    assert out.data == OPERATORS[symbol](2.0, 3.0)
    out.backward()
    derivative = {"+": 1.0, "-": -1.0, "*": 2.0, "/": -2 / 9, "**": 8 * math.log(2)}[symbol]
    assert value.grad == pytest.approx(derivative, rel=4e-16)
    assert (kind(2) < value) is True


@pytest.mark.parametrize("symbol", OPERATORS)
def test_fault_23_numpy_array(symbol):
    refuses_in_both_orders(symbol, np.array([1.0, 2.0]), "one for each element")


def test_fault_23_numpy_array_in_place_and_numpy_functions():
    array = np.array([1.0, 2.0])
    with pytest.raises(TypeError, match="Value"):
        array += Value(3.0)
    with pytest.raises(TypeError, match="Value"):
        np.sin(Value(3.0))
    assert array.tolist() == [1.0, 2.0]
    assert array.dtype == np.float64
