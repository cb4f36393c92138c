"""Faults 24 to 29: a Value under Python's own functions and statements."""

import builtins
import cmath
import math

import numpy as np
import pytest

import engine
from engine import OperandError, Value


def test_fault_24_equality_and_hash_are_identity():
    a, b = Value(2.0), Value(2.0)
    assert a == a
    assert a != b
    assert (a == 2.0) is False
    assert a in [b, a]
    assert a not in [b, Value(2.0)]
    assert 2.0 not in [a]
    assert [b, a].index(a) == 1
    assert len({a, b, a}) == 2
    assert {a: "a", b: "b"}[a] == "a"
    before = hash(a)
    a.data = 3.0
    assert hash(a) == before


def test_fault_24_order_compares_data():
    a, b = Value(2.0), Value(2.0)
    small, large = Value(1.0), Value(3.0)
    assert a <= b
    assert a >= b
    assert not a < b
    assert not a > b
    assert 1 < a < 3
    assert small < a < large
    assert [x.data for x in sorted([large, small, a])] == [1.0, 2.0, 3.0]
    assert builtins.max(small, large) is large
    for comparison in (a < math.nan, a <= math.nan, a > math.nan, a >= math.nan):
        assert comparison is False


@pytest.mark.parametrize(
    ("data", "truth"), [(0.0, False), (-0.0, False), (2.0, True), (-5e-324, True), (math.nan, True)]
)
def test_fault_25_bool_is_whether_data_is_not_0(data, truth):
    assert bool(Value(data)) is truth


@pytest.mark.parametrize("convert", [int, float, complex], ids=lambda f: f.__name__)
def test_fault_25_conversion_would_drop_the_gradient(convert):
    with pytest.raises(OperandError, match=r"drop the gradient.*v\.data") as caught:
        convert(Value(2.0))
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize("use", [range, [1, 2].__getitem__, math.trunc, len, list])
def test_fault_25_a_value_is_no_index_and_no_sequence(use):
    with pytest.raises(TypeError, match="Value"):
        use(Value(1.0))


def test_fault_26_sum_of_nothing():
    assert builtins.sum([]) == 0
    assert same_float(engine.sum([]), 0.0)
    assert builtins.sum([Value(1.0), Value(2.0)]).data == 3.0


def same_float(x: object, y: float) -> bool:
    """Return whether x is the float y and not only equal to it."""
    return type(x) is float and repr(x) == repr(y)


@pytest.mark.parametrize("largest", [engine.max, engine.maximum], ids=["max", "maximum"])
def test_fault_26_largest_of_a_number_and_nan_is_nan(largest):
    for flip in (False, True):
        value, undefined = Value(2.0), Value(math.nan)
        out = largest(undefined, value) if flip else largest(value, undefined)
        out.backward()
        assert math.isnan(out.data)
        assert value.grad == 0.0
        assert math.isnan(undefined.grad)


@pytest.mark.parametrize("reduce", [engine.max, engine.min, engine.mean], ids=repr)
def test_fault_26_reductions_without_a_value_for_nothing(reduce):
    with pytest.raises(engine.ShapeError, match=rf"{reduce.name}\(\) of an empty sequence"):
        reduce([])


def test_fault_27_augmented_assignment_makes_a_new_value():
    value = alias = Value(2.0)
    value += 1
    value *= 4
    value **= 2
    value -= 4
    value /= 7
    assert alias.data == 2.0
    assert value is not alias
    assert value.data == 20.0  # ((2 + 1)·4)² = 144, less 4, by 7
    value.backward()
    assert alias.grad == pytest.approx(2 * 12 * 4 / 7, rel=4e-16)


@pytest.mark.parametrize("function", [math.sin, math.exp, math.sqrt, cmath.exp, math.isnan])
def test_fault_28_functions_of_math_are_refused(function):
    with pytest.raises(OperandError, match=r"drop the gradient.*v\.data.*engine\.sin"):
        function(Value(1.0))


@pytest.mark.parametrize(
    ("flatten", "data"),
    [
        (round, 3.0),
        (math.floor, 2.0),
        (math.ceil, 3.0),
        (engine.round, 3.0),
        (engine.floor, 2.0),
        (engine.ceil, 3.0),
        (engine.sign, 1.0),
        (engine.step, 1.0),
        (lambda v: v // 1, 2.0),
        (lambda v: round(v, 1), 2.8),
    ],
)
def test_fault_29_rounding_has_a_gradient_of_0(flatten, data):
    value = Value(2.75)
    out = flatten(value)
    assert out.data == data
    out.backward()
    assert value.grad == 0.0


@pytest.mark.parametrize(
    ("data", "digits"),
    [
        (1.115, 2),
        (2.675, 2),
        (0.5, 0),
        (2.5, 0),
        (1e300, 10),
        (1.5, 400),
        (1.5, -400),
        (12345.678, -2),
        (-1250.0, -2),
        (math.inf, 2),
        (1.7e308, 3),
        (5e-324, 320),
    ],
)
def test_fault_29_rounding_to_decimals_gives_what_python_gives(data, digits):
    assert round(Value(data), digits).data == round(data, digits)


@pytest.mark.parametrize("digits", ["2", 1.5, np.array([1, 2])], ids=["text", "float", "array"])
def test_fault_29_digits_are_an_integer(digits):
    with pytest.raises(OperandError, match="digits"):
        round(Value(2.75), digits)
