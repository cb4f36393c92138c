"""Faults 56 to 69, and those before them that are about Tensors: shapes, dtypes and memory."""

from __future__ import annotations

import copy
import pickle
import re
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine import GraphError, NumberError, OperandError, ShapeError, Tensor, Value
from engine.errors import NotScalarError
from nn import losses


def leaf(*shape: int) -> Tensor:
    return Tensor(np.arange(1.0, 1.0 + np.prod(shape)).reshape(shape), requires_grad=True)


def raises(error: type[Exception], built_in: type[Exception], message: str, call: Any) -> None:
    with pytest.raises(error, match=message) as caught:
        call()
    assert isinstance(caught.value, built_in)


# ----- Construction --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1.0, 2.0], [3.0]], "[0] is a list of 2, [1] is a list of 1"),
        ([np.array(1.0), [2.0]], "[0] is a number, [1] is a list of 1"),
        ([[1.0], 2.0], "[0] is a list of 1, [1] is a number"),
        ([[[1.0]], [2.0]], "[0][0] is a list of 1, [1][0] is a number"),
        ([[[1.0]] * 2, [[1.0], [1.0, 2.0]]], "[0][0] is a list of 1, [1][1] is a list of 2"),
    ],
)
def test_fault_11_rows_of_different_lengths(rows: Any, message: str) -> None:
    message = f"rows of a nested list have different lengths.*: {re.escape(message)}$"
    raises(ShapeError, ValueError, message, lambda: Tensor(rows))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (np.array(["a"]), "takes real numbers, got an array of <U1"),
        (np.array([1j]), "takes real numbers, got an array of complex128"),
        (np.array([None]), r"at \[0\] takes numbers, got NoneType"),
        ("3", "takes numbers, got str '3'"),
        (None, "takes numbers, got NoneType"),
    ],
)
def test_fault_12_what_is_no_number(data: Any, message: str) -> None:
    raises(OperandError, TypeError, message, lambda: Tensor(data))


@pytest.mark.parametrize("data", [[1, 2], np.array([1, 2]), [True, True], np.float16([1, 2])])
def test_fault_13_all_but_float32_becomes_float64(data: Any) -> None:
    assert Tensor(data, requires_grad=True).dtype == np.float64


@pytest.mark.parametrize("dtype", [np.int64, bool, complex, np.float16, "text"])
def test_fault_13_no_other_dtype(dtype: Any) -> None:
    raises(OperandError, TypeError, "float64 or float32, got", lambda: Tensor([1.0], dtype=dtype))


def test_fault_14_the_array_of_the_caller_is_copied() -> None:
    given = np.ones(3)
    t = Tensor(given)
    given[0] = 5.0
    np.testing.assert_array_equal(t.data, [1.0, 1.0, 1.0])
    t.data = given
    given[1] = 7.0
    np.testing.assert_array_equal(t.data, [5.0, 1.0, 1.0])


def test_fault_14_a_constant_operand_is_copied() -> None:
    given, t = np.full(3, 2.0), leaf(3)
    out = engine.sum(t * given)
    given[:] = 100.0
    out.backward()
    np.testing.assert_array_equal(t.grad, [2.0, 2.0, 2.0])


def test_fault_23_an_array_times_a_tensor_is_a_tensor() -> None:
    t, array = leaf(3), np.array([1.0, 2.0, 3.0])
    for out in (array * t, t * array, array + t, array - t, array / t, array**t, array @ t):
        assert type(out) is Tensor
    for scalar in (np.float64(2.0), np.float32(2.0), np.int64(2)):
        assert type(scalar * t) is Tensor
    for function in (np.add, np.multiply, np.maximum):
        assert type(function(array, t)) is Tensor
    with pytest.raises(TypeError, match=r"numpy.heaviside would drop the gradient of a Tensor"):
        np.heaviside(array, t)
    assert np.asarray(t).dtype == np.float64
    np.testing.assert_array_equal(np.asarray(t), [1.0, 2.0, 3.0])
    np.asarray(t)[0] = 9.0
    assert t.data[0] == 1.0


# ----- Backward ------------------------------------------------------------------------------


def test_fault_30_backward_of_many_elements_needs_a_gradient() -> None:
    many = leaf(2, 3) * 2.0
    message = (
        r"backward\(\) of a Tensor of shape \(2, 3\) needs a gradient of that shape: "
        r"call \.sum\(\) or \.mean\(\) first"
    )
    for run in (many.backward, lambda: engine.backward([many]), lambda: many.backward(1.0)):
        raises(NotScalarError, RuntimeError, message, run)


@pytest.mark.parametrize("seed", [np.ones(2), np.ones((3, 2)), np.ones((1, 2, 3))])
def test_fault_31_seed_of_another_shape(seed: Any) -> None:
    message = re.escape(f"of shape (2, 3) got a gradient of shape {seed.shape}")
    raises(ShapeError, ValueError, message, lambda: (leaf(2, 3) * 2.0).backward(seed))


def test_fault_37_data_changed_between_forward_and_backward() -> None:
    x = leaf(2)
    loss = engine.sum(x * x)
    x.data = [5.0, 5.0]
    raises(
        GraphError, RuntimeError, r"operand of multiply were changed.*shape \(2,\)", loss.backward
    )


@pytest.mark.parametrize("function", [engine.exp, engine.sqrt, engine.sigmoid, engine.softmax])
def test_fault_37_data_of_a_result_changed_before_backward(function: Any) -> None:
    x = leaf(2)
    y = function(x)
    y.data = [5.0, 5.0]
    message = r"data of the result of \w+, of shape \(2,\), were changed.*or detach\(\) it"
    raises(GraphError, RuntimeError, message, lambda: y.backward([1.0, 1.0]))


WRITES: dict[str, Callable[[Any], Any]] = {
    "setitem": lambda d: d.__setitem__(0, 9.0),
    "setitem of a row": lambda d: d[0].__setitem__(0, 9.0),
    "slice": lambda d: d.__setitem__(slice(None), 9.0),
    "fill": lambda d: d.fill(9.0),
    "sort": lambda d: d.sort(),
    "put": lambda d: d.put([0], 9.0),
    "out": lambda d: np.add(d, 1.0, out=d),
    "unlock": lambda d: d.setflags(write=True),
    "flags": lambda d: setattr(d.flags, "writeable", True),
}


@pytest.mark.parametrize("name", WRITES)
def test_fault_38_data_cannot_be_written_into(name: str) -> None:
    x = leaf(2, 2)
    message = r"cannot be written into.*assign a whole array.*t\.data\.copy\(\)"
    raises(GraphError, RuntimeError, message, lambda: WRITES[name](x.data))
    np.testing.assert_array_equal(x.data, [[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize("write", [lambda d: np.copyto(d, 9.0), lambda d: np.asarray(d).fill(9.0)])
def test_fault_38_nor_behind_its_back(write: Any) -> None:
    x = leaf(2, 2)
    with pytest.raises(ValueError, match="read-only"):
        write(x.data)


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda d: pickle.loads(pickle.dumps(d)), np.array]
)
def test_fault_38_a_copy_of_the_data_is_a_plain_array(duplicate: Any) -> None:
    x = leaf(2)
    twin = duplicate(x.data)
    assert type(twin) is np.ndarray
    assert x.data.base is None
    twin[0] = 9.0
    np.testing.assert_array_equal(x.data, [1.0, 2.0])


INDICES: dict[str, Callable[[Any, Any], Any]] = {
    "getitem": lambda x, i: x[i],
    "take": lambda x, i: engine.take(x, i, 0),
    "embedding": engine.embedding,
    "gather": lambda x, i: engine.gather(x, i[:, None], 1),
    "mask": lambda x, i: x[:, i.view(bool)[:2]],
    "where": lambda x, i: engine.where(i.view(bool)[:2], x, 0.0),
    "scatter": lambda x, i: engine.scatter(x, i, (3, 2)),
    "cross_entropy": losses.cross_entropy,
    "constant operand": lambda x, i: x * i,
}


@pytest.mark.parametrize("name", INDICES)
def test_fault_38_what_an_op_was_given_may_change_later(name: str) -> None:
    gradients = []
    for change in (False, True):
        x, indices = leaf(2, 2), np.array([1, 0])
        out = INDICES[name](x, indices).sum()
        if change:
            indices[:] = 0
        out.backward()
        gradients.append(x.grad)
    np.testing.assert_array_equal(*gradients)


def test_fault_38_operators_in_place_assign_a_new_array() -> None:
    x = leaf(2)
    before = x.data
    x.data -= 0.5
    x.data *= 2.0
    np.testing.assert_array_equal(x.data, [1.0, 3.0])
    np.testing.assert_array_equal(before, [1.0, 2.0])
    y = x.data
    y += 1.0
    np.testing.assert_array_equal(x.data, [1.0, 3.0])


def test_fault_45_a_value_beside_a_tensor() -> None:
    for mix in (
        lambda: leaf(2) + Value(1.0),
        lambda: Value(1.0) * leaf(2),
        lambda: engine.maximum(leaf(2), Value(1.0)),
        lambda: engine.hypot(Value(1.0), leaf(2)),
    ):
        raises(
            OperandError, TypeError, r"(add|multiply|maximum|hypot) .*Tensor\.from_values\(", mix
        )
        raises(OperandError, TypeError, r"tensor\.to_values\(\)", mix)


# ----- Shapes --------------------------------------------------------------------------------


@pytest.mark.parametrize("op", [engine.add, engine.maximum, engine.hypot, engine.logaddexp])
def test_fault_56_shapes_that_do_not_broadcast(op: Any) -> None:
    message = re.escape(f"{op.name}: cannot broadcast (2, 3) with (4,)")
    for x, y in ((leaf(2, 3), leaf(4)), (leaf(2, 3), np.ones(4)), (np.ones((2, 3)), np.ones(4))):
        raises(ShapeError, ValueError, message, lambda x=x, y=y: op(x, y))


def test_fault_57_matmul_names_the_inner_sizes() -> None:
    message = r"matmul: cannot multiply \(2, 3\) @ \(4, 5\): the inner sizes 3 and 4"
    raises(ShapeError, ValueError, message, lambda: leaf(2, 3) @ leaf(4, 5))


@pytest.mark.parametrize("other", [2.0, np.array(2.0), Tensor(2.0)])
def test_fault_58_matmul_of_a_single_number(other: Any) -> None:
    raises(ShapeError, ValueError, r"use \* for a single number", lambda: leaf(2, 3) @ other)


@pytest.mark.parametrize("shape", [(4,), (-1, 4), (-1, -1), (7,)])
def test_fault_59_reshape_to_what_does_not_fit(shape: Any) -> None:
    message = re.escape(f"reshape: cannot reshape (2, 3), 6 elements, to {shape}")
    raises(ShapeError, ValueError, message, lambda: engine.reshape(leaf(2, 3), shape))


@pytest.mark.parametrize("function", [engine.sum, engine.max, engine.logsumexp, engine.norm])
def test_fault_60_axes_that_are_none(function: Any) -> None:
    x = leaf(2, 3)
    raises(ShapeError, ValueError, "there is no axis 2", lambda: function(x, axis=2))
    raises(ShapeError, ValueError, "there is no axis -3", lambda: function(x, axis=-3))
    raises(ShapeError, ValueError, "named twice", lambda: function(x, axis=(1, -1)))
    raises(
        OperandError, TypeError, "an axis is a whole number, got 1.0", lambda: function(x, axis=1.0)
    )
    raises(
        OperandError,
        TypeError,
        "an axis is a whole number, got True",
        lambda: function(x, axis=True),
    )


def test_fault_61_no_elements() -> None:
    empty = Tensor(np.zeros((0, 3)), requires_grad=True)
    assert engine.sum(empty).item() == 0.0
    assert engine.prod(empty).item() == 1.0
    assert np.isnan(engine.mean(empty).item())
    for function in (engine.max, engine.min):
        raises(
            ShapeError,
            ValueError,
            "no elements, and it has no identity",
            lambda function=function: function(empty),
        )


def test_fault_62_broadcasting_with_no_elements() -> None:
    x, y = Tensor(np.zeros((0, 3)), requires_grad=True), leaf(1, 3)
    engine.sum(x + y).backward()
    assert x.grad.shape == (0, 3)
    np.testing.assert_array_equal(y.grad, np.zeros((1, 3)))


@pytest.mark.parametrize("shape", [(), (1,), (4,), (3, 1), (1, 1), (1, 3, 1), (2, 1, 1)], ids=str)
def test_fault_63_gradients_have_the_shape_of_their_operand(shape: Any) -> None:
    x, full = leaf(*shape), np.ones((2, 3, 4))
    engine.sum(x * full).backward()
    np.testing.assert_array_equal(x.grad, np.full(shape, 24.0 / max(1, x.size)))


def test_fault_64_an_element_taken_twice_gets_both_gradients() -> None:
    x = leaf(3)
    engine.sum(x[[0, 0, -1]] * np.array([1.0, 10.0, 100.0])).backward()
    np.testing.assert_array_equal(x.grad, [11.0, 0.0, 100.0])
    x.zero_grad()
    engine.sum(x[np.array([True, False, True])]).backward()
    np.testing.assert_array_equal(x.grad, [1.0, 0.0, 1.0])


def test_fault_65_elements_cannot_be_set() -> None:
    def write() -> None:
        leaf(3)[0] = 1.0

    raises(GraphError, RuntimeError, r"cannot be set.*where\(mask, a, b\) or scatter\(\)", write)


# ----- Dtypes and memory ---------------------------------------------------------------------


def test_fault_66_which_dtype_comes_of_which() -> None:
    small, large = Tensor(np.float32([1.5])), Tensor([1.5])
    assert (small + small).dtype == np.float32
    assert (small + large).dtype == (large + small).dtype == np.float64
    for other in (2, 2.0, np.float64(2.0), np.ones(1), np.ones(1, int), [True]):
        if not isinstance(other, list):
            assert (small * other).dtype == (other * small).dtype == np.float32
    assert Tensor([1.5], dtype="float32").dtype == np.float32
    assert Tensor(np.float32([1.5]), dtype=np.float64).dtype == np.float64


def test_fault_66_a_gradient_has_the_dtype_of_its_leaf() -> None:
    small = Tensor(np.float32([1.5]), requires_grad=True)
    large = Tensor([1.5], requires_grad=True)
    engine.sum(small * large).backward()
    assert small.grad.dtype == np.float32
    assert large.grad.dtype == np.float64


@pytest.mark.parametrize(
    "lay", [np.asfortranarray, lambda x: x[::-1, ::-1], lambda x: np.broadcast_to(x[0], x.shape)]
)
def test_fault_67_layouts(lay: Any) -> None:
    x = lay(np.arange(6.0).reshape(2, 3))
    t = Tensor(x, requires_grad=True)
    engine.sum(t * t).backward()
    np.testing.assert_array_equal(t.grad, 2.0 * x)
    assert t.grad.flags.writeable


@pytest.mark.parametrize("name", ["var", "std"])
def test_fault_68_of_one_element_the_unbiased_estimate_is_nan(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(getattr(Tensor([3.0]), name)(correction=1).item())
        assert getattr(Tensor([3.0]), name)().item() == 0.0
    assert "is nan" in (engine.var.__doc__ or "")


def test_fault_69_small_ints_are_floats_before_they_overflow() -> None:
    assert (Tensor(np.array([200], np.uint8)) * 2).item() == 400.0
    assert (Tensor([1.0]) * np.array([200], np.uint8) * np.array([200], np.uint8)).item() == 40000.0
    assert engine.square(np.array([200], np.uint8))[0] == 40000.0
    assert engine.sum(Tensor(np.full(10, 127, np.int8))).item() == 1270.0
    raises(NumberError, ValueError, "does not fit a float", lambda: Tensor([10**400]))


@pytest.mark.parametrize("other", [[1.0, 2.0], (1.0, 2.0)])
def test_fault_12_a_list_beside_a_tensor(other: Any) -> None:
    message = f"takes Tensors, arrays and numbers, got a {type(other).__name__}: use np.array"
    for mix in (lambda: leaf(2) * other, lambda: engine.maximum(leaf(2), other)):
        raises(OperandError, TypeError, message, mix)
