"""Faults 1 to 10: what a Value may be made of.

Faults 11 to 14 are about tensors and are tested with them.
"""

import math
from decimal import Decimal
from fractions import Fraction
from functools import partial

import numpy as np
import pytest

import engine
from engine import NumberError, OperandError, Value

TEXT = r"float\(text\)"  # the remedy: turn text into a number first


def refuses(data: object, message: str) -> None:
    """Check that neither the constructor nor an assignment takes something for a number."""
    value = Value(2.0)
    for use in (Value, partial(setattr, value, "data")):
        with pytest.raises(OperandError, match=message) as caught:
            use(data)
        assert isinstance(caught.value, TypeError)
    assert value.data == 2.0


@pytest.mark.parametrize("text", ["3", "", b"3"])
def test_fault_01_text(text):
    kind = type(text).__name__
    refuses(text, rf"Value\(\) takes numbers, got {kind} {text!r}: .*{TEXT}")


def test_fault_02_none():
    refuses(None, r"Value\(\) takes numbers, got NoneType None: .*return")


@pytest.mark.parametrize("elements", [[1, 2], (1, 2), np.array([1.0, 2.0])])
def test_fault_03_sequence(elements):
    kind = type(elements).__name__
    refuses(elements, rf"Value\(\) takes numbers, got {kind} .*one for each element.* use a Tensor")


@pytest.mark.parametrize("number", [1 + 2j, np.complex64(1 + 2j)], ids=["complex", "complex64"])
def test_fault_04_complex(number):
    refuses(number, rf"Value\(\) takes numbers, got {type(number).__name__} .*real numbers")


def test_fault_05_value_in_a_value():
    refuses(Value(1.0, label="inner"), r"got Value Value\(data=1\.0.*: use \.detach\(\) or \.data")


def test_fault_06_bool_is_0_or_1():
    for truth in (True, np.True_):
        assert Value(truth).data == 1.0
        assert type(Value(truth).data) is float


@pytest.mark.parametrize("number", [10**400, -(10**400), Fraction(10**400), Decimal("1e400")])
def test_fault_07_too_large_int(number):
    value = Value(2.0)
    uses = [
        Value,
        partial(setattr, value, "data"),
        partial(setattr, value, "grad"),
        value.__add__,
        value.__rpow__,
        value.backward,
        value.maximum,
        engine.exp,
    ]
    for use in uses:
        with pytest.raises(NumberError, match=r"does not fit a float.*1\.8e308") as caught:
            use(number)
        assert isinstance(caught.value, ValueError)
        assert len(str(caught.value)) < 200  # not four hundred digits
        if not isinstance(number, Decimal):  # which Python turns into inf without an error
            assert isinstance(caught.value.__cause__, OverflowError)
    assert (value.data, value.grad) == (2.0, None)


@pytest.mark.parametrize(
    ("number", "stored"),
    [
        (np.float32(0.1), 0.10000000149011612),  # what a float32 of 0.1 is
        (np.float16(1.5), 1.5),
        (np.float64(1.5), 1.5),
        (np.int64(-3), -3.0),
        (np.uint8(255), 255.0),
        (np.array(2.5), 2.5),
        (np.array(3), 3.0),
        (np.array(True), 1.0),
    ],
    ids=lambda x: f"{type(x).__name__}-{x}",
)
def test_fault_08_numpy_scalars(number, stored):
    value = Value(number)
    assert value.data == stored
    assert type(value.data) is float
    value.data = 0.0
    value.data = number
    assert value.data == stored
    assert type(value.data) is float


@pytest.mark.parametrize(
    ("number", "stored"), [(Decimal("0.1"), 0.1), (Fraction(1, 3), 1 / 3), (7, 7.0), (-0.0, -0.0)]
)
def test_fault_09_decimal_fraction_and_int(number, stored):
    value = Value(number)
    assert math.copysign(1.0, value.data) * abs(value.data) == stored
    assert math.copysign(1.0, value.data) == math.copysign(1.0, stored)
    assert type(value.data) is float
    assert (Value(1.0) + number).data == 1.0 + stored
    assert type((number * Value(2.0)).data) is float


def test_fault_09_a_signaling_nan_is_refused_in_our_words():
    with pytest.raises(NumberError, match="sNaN"):
        Value(Decimal("sNaN"))


@pytest.mark.parametrize("data", [math.nan, math.inf, -math.inf])
def test_fault_10_non_finite_numbers_are_taken_and_seen(data):
    value = Value(data)
    assert repr(value.data) == repr(data)
    assert f"data={data!r}" in repr(value)
    value.grad = data
    assert f"grad={data!r}" in repr(value)


def test_a_value_cannot_be_subclassed():
    with pytest.raises(OperandError, match=r"Value cannot be subclassed, as Mine does.*attribute"):
        type("Mine", (Value,), {})
