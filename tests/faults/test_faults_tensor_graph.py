"""Faults 5 to 52 once more, where a Tensor could behave unlike a Value."""

from __future__ import annotations

import inspect
import math
import operator
import re
from typing import Any

import numpy as np
import pytest

import engine
from engine import (
    GraphError,
    NonFiniteError,
    OperandError,
    PrimitiveError,
    ShapeError,
    Tensor,
    Value,
    detect_anomaly,
)
from engine.errors import NotScalarError


def leaf(*shape: int) -> Tensor:
    return Tensor(np.arange(1.0, 1.0 + np.prod(shape)).reshape(shape), requires_grad=True)


# ----- Python's operators and functions ------------------------------------------------------


def test_fault_05_a_tensor_of_a_node() -> None:
    with pytest.raises(OperandError, match=r"Tensor\(\) takes numbers, got Value .*\.detach\(\)"):
        Tensor(Value(1.0))
    with pytest.raises(
        OperandError, match=r"Tensor\(\) takes arrays, got a Tensor: use its \.data"
    ):
        Tensor(Tensor(1.0))
    with pytest.raises(OperandError, match=r"Tensor\(\) takes numbers, got a Value at \[1\]"):
        Tensor([2.0, Value(1.0)])
    with pytest.raises(OperandError, match=r"Value\(\) takes numbers, got Tensor "):
        Value(Tensor(1.0))


def test_fault_10_nan_is_visible() -> None:
    assert repr(Tensor([math.nan, -math.inf])) == "Tensor([ nan, -inf])"


@pytest.mark.parametrize("symbol", ["add", "sub", "mul", "truediv", "pow", "floordiv", "mod"])
@pytest.mark.parametrize(("stranger", "remedy"), [("a", r"float\(text\)"), (None, "return")])
def test_faults_15_and_16_text_and_none(symbol: str, stranger: Any, remedy: str) -> None:
    operate, kind = getattr(operator, symbol), type(stranger).__name__
    with pytest.raises(OperandError, match=rf"\w+ takes numbers, got {kind} .*{remedy}"):
        operate(leaf(2), stranger)
    if (symbol, stranger) != ("mod", "a"):  # text on the left formats
        with pytest.raises(OperandError, match=rf"\w+ takes numbers, got {kind} .*{remedy}"):
            operate(stranger, leaf(2))


@pytest.mark.parametrize(
    ("compute", "expected"),
    [
        (lambda x: x**-1.0, math.inf),
        (lambda x: 1.0 / x, math.inf),
        (lambda x: x / 0.0, math.nan),
        (engine.log, -math.inf),
        (lambda x: engine.sqrt(x - 1.0), math.nan),
        (lambda x: engine.exp(x + 1000.0), math.inf),
        (lambda x: engine.sin(x + math.inf), math.nan),
        (lambda x: (x - 8.0) ** (1 / 3), math.nan),
    ],
)
@pytest.mark.parametrize("kind", [Tensor, Value])
@pytest.mark.filterwarnings("error")
def test_faults_19_and_20_values_and_tensors_follow_one_policy(
    kind: Any, compute: Any, expected: float
) -> None:
    data = compute(kind(0.0)).data
    assert np.asarray(data).dtype == np.float64
    assert repr(float(data)) == repr(expected)


def test_fault_21_zero_to_the_power_of_zero() -> None:
    x = Tensor([0.0, 2.0], requires_grad=True)
    out = x**0
    engine.sum(out).backward()
    np.testing.assert_array_equal(out.data, [1.0, 1.0])
    np.testing.assert_array_equal(x.grad, [0.0, 0.0])


def test_fault_24_equality_and_hash_are_identity() -> None:
    a, b = leaf(2), leaf(2)
    assert (a == a, a == b, a != b) == (True, False, True)
    assert a in [b, a]
    assert a not in [b]
    assert len({a, b, a}) == 2
    before = hash(a)
    a.data = [5.0, 6.0]
    assert hash(a) == before
    assert (b < 2).tolist() == [True, False]


@pytest.mark.parametrize("shape", [(2,), (1, 2), (0,)], ids=str)
def test_fault_25_the_truth_of_many_elements_is_ambiguous(shape: Any) -> None:
    message = (
        rf"bool\(\) of a Tensor of shape {re.escape(str(shape))} is ambiguous: use .*\.any\(\)"
    )
    with pytest.raises(NotScalarError, match=message) as caught:
        bool(leaf(*shape))
    assert isinstance(caught.value, RuntimeError)
    assert isinstance(caught.value, ValueError)  # as NumPy's


def test_fault_25_one_element_has_a_truth() -> None:
    assert [bool(Tensor(0.0)), bool(Tensor([[2.0]]))] == [False, True]


@pytest.mark.parametrize("function", [int, float, complex, math.sin, math.exp, math.isnan])
def test_faults_25_and_28_a_number_would_drop_the_gradient(function: Any) -> None:
    with pytest.raises(OperandError, match=r"drop the gradient.*t\.item\(\).*engine\.sin"):
        function(Tensor(1.0, requires_grad=True))


def test_fault_27_augmented_assignment_makes_a_new_tensor() -> None:
    t = alias = leaf(2)
    t += 1.0
    t *= 4.0
    np.testing.assert_array_equal(alias.data, [1.0, 2.0])
    np.testing.assert_array_equal(t.data, [8.0, 12.0])
    engine.sum(t).backward()
    np.testing.assert_array_equal(alias.grad, [4.0, 4.0])


@pytest.mark.parametrize(
    ("flatten", "data"),
    [
        (round, [2.0, -2.0]),
        (math.floor, [1.0, -3.0]),
        (math.ceil, [2.0, -2.0]),
        (engine.round, [2.0, -2.0]),
        (lambda t: t // 1, [1.0, -3.0]),
    ],
)
def test_fault_29_rounding_has_a_gradient_of_0(flatten: Any, data: list[float]) -> None:
    t = Tensor([1.5, -2.5], requires_grad=True)
    out = flatten(t)
    np.testing.assert_array_equal(out.data, data)
    engine.sum(out).backward()
    np.testing.assert_array_equal(t.grad, [0.0, 0.0])


def test_fault_29_decimals_are_for_values() -> None:
    with pytest.raises(OperandError, match=r"round\(t, digits\) is for Values"):
        round(leaf(2), 1)


# ----- Graph and backward --------------------------------------------------------------------


@pytest.mark.parametrize("seed", ["a", np.array([1j, 1j]), np.array(["a", "b"])], ids=str)
def test_fault_31_seed_of_another_type(seed: Any) -> None:
    with pytest.raises(OperandError, match=r"backward\(\) takes (real )?numbers, got"):
        (leaf(2) * 2.0).backward(seed)


def test_fault_32_backward_on_a_constant() -> None:
    with pytest.raises(GraphError, match=r"Tensor\(3\.\) is a constant: it does not require grad"):
        engine.sum(Tensor([1.0, 2.0])).backward()


def test_fault_33_backward_twice_doubles() -> None:
    x = leaf(2)
    loss = engine.sum(x**3)
    loss.backward()
    loss.backward()
    np.testing.assert_array_equal(x.grad, [6.0, 24.0])


@pytest.mark.parametrize(
    "combine", [lambda x: x * x, lambda x: engine.einsum("i,i->i", x, x), lambda x: (x + x) * x / 2]
)
def test_fault_35_one_node_in_several_operands(combine: Any) -> None:
    x = leaf(3)
    engine.sum(combine(x)).backward()
    np.testing.assert_array_equal(x.grad, [2.0, 4.0, 6.0])


def test_fault_36_the_gradient_of_an_unused_leaf_is_not_computed() -> None:
    used, unused = leaf(2), leaf(2)
    engine.sum(used * 0.0).backward()
    np.testing.assert_array_equal(used.grad, [0.0, 0.0])
    assert unused.grad is None


def test_fault_42_operands_cannot_be_edited() -> None:
    y = leaf(2) * 2.0
    for name in ("operands", "op", "index"):
        with pytest.raises(AttributeError, match=name):
            setattr(y, name, ())


def failing(out: Any, x: Any) -> Any:
    raise KeyError("no slope")


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (failing, "raised KeyError"),
        (lambda out, x: None, "gave None where a number is needed"),
        (lambda out, x: np.ones(3), r"gave array\(\[1\., 1\., 1\.\]\) where a number is needed"),
        (lambda out, x: np.array([1.0, math.nan]), r"gave array\(\[ 1\., nan\]\)"),
    ],
    ids=["raises", "None", "shape", "nan"],
)
def test_faults_43_and_44_a_rule_that_breaks_its_contract(rule: Any, message: str) -> None:
    def double(x: Any) -> Any:
        return 2.0 * x

    x, before = leaf(2), leaf(2)
    loss = engine.sum(engine.primitive(rule)(double)(x) * before)
    with pytest.raises(PrimitiveError, match=f"primitive double: its derivative for x {message}"):
        loss.backward()
    assert x.grad is None


def test_fault_48_detach_stops_exactly_there() -> None:
    x = leaf(2)
    engine.sum((x * x).detach() * x).backward()
    np.testing.assert_array_equal(x.grad, [1.0, 4.0])


def test_fault_49_requires_grad_of_a_computed_tensor_cannot_be_switched_off() -> None:
    y = leaf(2) * 2.0
    with pytest.raises(GraphError, match=r"requires_grad of a computed Tensor.*\.detach\(\)"):
        y.requires_grad = False


def test_fault_50_the_first_op_that_makes_nan_is_named_with_its_line() -> None:
    x = Tensor([[0.0], [1.0]], label="x", requires_grad=True)
    frame = inspect.currentframe()
    assert frame is not None
    with detect_anomaly():
        line = frame.f_lineno + 2
        with pytest.raises(NonFiniteError) as caught:
            x.log()
    message = "log(x=array([[0.], [1.]])) gave array([[-inf], [ 0.]])"
    assert str(caught.value) == f"{message} ({__file__}:{line})"


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (
            np.ones(3),
            ShapeError,
            r"grad of a Tensor of shape \(2,\) got a gradient of shape \(3,\)",
        ),
        (np.ones((1, 2)), ShapeError, r"got a gradient of shape \(1, 2\)"),
        (1.0, ShapeError, r"got a gradient of shape \(\)"),
        ("a", OperandError, "grad takes numbers, got str 'a'"),
        (Tensor([1.0, 2.0]), OperandError, r"grad takes arrays, got a Tensor: use its \.data"),
        (np.array([1j, 2j]), OperandError, "grad takes real numbers, got an array of complex128"),
    ],
    ids=str,
)
def test_fault_52_a_wrong_gradient_is_refused_at_the_assignment(
    wrong: Any, error: type[Exception], message: str
) -> None:
    x = leaf(2)
    x.grad = [0.5, 0.5]
    with pytest.raises(error, match=message):
        x.grad = wrong
    np.testing.assert_array_equal(x.grad, [0.5, 0.5])


@pytest.mark.parametrize("wrong", [np.ones(3), np.ones((1, 2)), 1.0], ids=repr)
def test_fault_52_data_of_another_shape_are_refused_at_the_assignment(wrong: Any) -> None:
    x = leaf(2)
    message = rf"of shape \(2,\) cannot be set to .* shape {re.escape(str(np.shape(wrong)))}"
    with pytest.raises(ShapeError, match=message):
        x.data = wrong
    np.testing.assert_array_equal(x.data, [1.0, 2.0])


def test_fault_53_interior_gradients_are_those_of_the_latest_sweep() -> None:
    x = leaf(2)
    h = x * 2.0
    for times in (1.0, 10.0):
        engine.sum(h * times).backward()
        np.testing.assert_array_equal(h.grad, [times, times])
    np.testing.assert_array_equal(x.grad, [22.0, 22.0])
