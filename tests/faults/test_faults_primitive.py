"""Faults 43 and 44: a user's primitive that breaks its contract."""

import math

import numpy as np
import pytest

import engine
from engine import Tensor, Value


def double(x):
    return 2 * x


def make(rule, forward=double):
    """Return a primitive of one operand."""
    return engine.primitive(rule, formula="2")(forward)


def raises_in_use(op, *operands, match):
    """Check that an op raises a PrimitiveError with a message, and touches no gradient."""
    values = [Value(x) for x in operands]
    for value in values:
        value.grad = 0.5
    before = Value(1.0)
    with pytest.raises(engine.PrimitiveError, match=match) as caught:
        (op(*values) * before).backward()
    assert isinstance(caught.value, RuntimeError)
    assert [value.grad for value in values] == [0.5] * len(values)
    assert before.grad is None
    return caught.value


def test_fault_43_a_primitive_that_keeps_its_contract():
    double_op = make(lambda out, x: 2.0)
    x = Value(3.0)
    double_op(x).backward()
    assert x.grad == 2.0
    assert double_op(3.0) == 6.0
    assert double_op.name == "double"


def test_fault_43_a_derivative_that_raises():
    def rule(out, x):
        raise KeyError("no slope")

    error = raises_in_use(make(rule), 3.0, match=r"double.*derivative.*KeyError.*no slope.*3\.0")
    assert isinstance(error.__cause__, KeyError)


def test_fault_43_a_forward_that_raises():
    def double(x):
        raise OSError("no table")

    op = make(lambda out, x: 2.0, double)
    error = raises_in_use(op, 3.0, match=r"double.*forward.*OSError.*no table.*3\.0")
    assert isinstance(error.__cause__, OSError)
    with pytest.raises(engine.PrimitiveError, match=r"double.*no table"):
        op(3.0)


def test_fault_43_an_interrupt_is_no_fault_of_the_primitive():
    def double(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(lambda out, x: 2.0, double)(Value(3.0))


WRONG = {"None": None, "text": "two", "list": [2.0], "complex": 2j, "nan": math.nan}


@pytest.mark.parametrize("result", WRONG.values(), ids=WRONG)
def test_fault_44_a_derivative_that_is_no_number(result):
    op = make(lambda out, x: result)
    raises_in_use(op, 3.0, match=r"double.*derivative.*" + str(result).replace("[", r"\["))


@pytest.mark.parametrize("result", WRONG.values(), ids=WRONG)
def test_fault_44_a_forward_that_gives_no_number(result):
    def double(x):
        return result

    op = make(lambda out, x: 2.0, double)
    raises_in_use(op, 3.0, match=r"double.*forward.*" + str(result).replace("[", r"\["))


def test_fault_44_nan_out_of_nan_is_no_fault():
    x = Value(math.nan)
    out = make(lambda out, x: x)(x)
    out.backward()
    assert math.isnan(out.data)
    assert math.isnan(x.grad)


def test_fault_44_the_error_names_the_operand_that_the_derivative_is_for():
    @engine.primitive(lambda out, mass, speed: speed, lambda out, mass, speed: None)
    def momentum(mass, speed):
        return mass * speed

    raises_in_use(momentum, 2.0, 3.0, match=r"momentum.*speed.*None.*mass=.*2\.0.*speed=.*3\.0")


@pytest.mark.parametrize("count", [0, 1, 3])
def test_fault_44_one_derivative_for_each_operand(count):
    rules = [lambda out, x, y: 1.0] * count
    with pytest.raises(engine.PrimitiveError, match=rf"add_up\(x, y\).*{count}"):

        @engine.primitive(*rules)
        def add_up(x, y):
            return x + y


def test_fault_44_a_primitive_without_its_derivatives():
    bare = engine.primitive(double)  # as @primitive without brackets makes it
    with pytest.raises(engine.PrimitiveError, match=r"got Value; its derivatives come first"):
        bare(Value(1.0))


@pytest.mark.parametrize("count", [0, 2])
def test_fault_44_a_call_with_too_few_or_many_operands(count):
    with pytest.raises(engine.OperandError, match=rf"double\(\) takes 1 operand, got {count}"):
        make(lambda out, x: 2.0)(*[Value(1.0)] * count)


def test_fault_44_none_in_place_of_a_derivative_is_an_operand_without_a_gradient():
    op = engine.primitive(lambda out, x, y: y, None)(lambda x, y: x * y)
    x, y = Value(2.0), Value(3.0)
    op(x, y).backward()
    assert x.grad == 3.0
    assert y.grad in (None, 0.0)


UNFIT = {
    "of text": np.array(["1", "2", "3"]),
    "complex": np.array([1j, 2.0, 3.0]),
    "too long": np.ones(4),
    "with an axis more": np.ones((2, 3)),
    "nan": np.array([1.0, math.nan, 3.0]),
}


@pytest.mark.parametrize("result", UNFIT.values(), ids=UNFIT)
def test_fault_44_an_array_that_does_not_fit_the_operands(result):
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    forward = make(lambda out, x: 2.0, lambda x: result)
    with pytest.raises(engine.PrimitiveError, match=r"(?s)its forward gave array.* where a number"):
        forward(x)
    rule = make(lambda out, x: result)
    with pytest.raises(
        engine.PrimitiveError, match=r"(?s)its derivative for x gave array.* where a"
    ):
        rule(x).sum().backward()
    assert x.grad is None
