"""Faults 47 and 50: modes of recording. What else they promise is in tests/engine."""

import inspect
import math

import pytest

import engine
from engine import (
    NonFiniteError,
    Value,
    detect_anomaly,
    enable_grad,
    no_grad,
)


def records() -> bool:
    """Return whether an op is recorded here."""
    return (Value(1.0) * 2).requires_grad


def test_fault_47_no_grad_nested_and_entered_again_after_an_exception():
    with no_grad():
        with pytest.raises(KeyError), no_grad(), enable_grad():
            raise KeyError
        assert not records()
        with pytest.raises(KeyError), enable_grad():
            raise KeyError
        assert not records()
    assert records()
    for _ in range(2):
        with pytest.raises(KeyError), no_grad():
            raise KeyError
        assert records()


def test_fault_47_no_grad_as_a_decorator():
    @no_grad()
    def inside(fail: bool) -> bool:
        """Return whether ops are recorded."""
        if fail:
            raise KeyError
        return records()

    assert inside(False) is False
    with pytest.raises(KeyError):
        inside(True)
    assert records()
    assert inside.__name__ == "inside"
    assert inside.__doc__ == "Return whether ops are recorded."


def test_fault_47_no_grad_around_a_generator_does_not_leak_between_steps():
    @no_grad()
    def steps():
        yield records()
        yield records()

    seen = []
    for inside in steps():
        seen.append((inside, records()))
    assert seen == [(False, True), (False, True)]
    assert records()


def test_fault_47_no_grad_without_its_parentheses_says_so():
    with pytest.raises(TypeError, match=r"no_grad\(\)"):
        no_grad(records)


def test_fault_50_the_first_op_that_makes_nan_is_named_with_its_line():
    x = Value(-1.0, label="x")
    with detect_anomaly():
        y = x * 2
        line = inspect.currentframe().f_lineno + 2
        with pytest.raises(NonFiniteError) as caught:
            y.log()
    assert str(caught.value) == f"log(-2.0) gave nan ({__file__}:{line})"
    assert isinstance(caught.value, FloatingPointError)


def test_fault_50_the_backward_pass_names_the_op_and_the_line_of_its_forward():
    x = Value(0.0, label="x")
    with detect_anomaly():
        line = inspect.currentframe().f_lineno + 1
        root = x.sqrt()
        y = root * 2
        with pytest.raises(NonFiniteError) as caught:
            y.backward()
    message = str(caught.value)
    assert "sqrt(x=0.0)" in message
    assert "inf" in message
    assert f"({__file__}:{line})" in message
    assert (x.grad, root.grad, y.grad) == (None, None, None)


def test_fault_50_without_the_mode_ieee_754_holds():
    x = Value(0.0)
    x.sqrt().backward()
    assert x.grad == math.inf
    assert engine.log(Value(0.0)).data == -math.inf
