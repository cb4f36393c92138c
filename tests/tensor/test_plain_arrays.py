"""Ops on plain arrays of any type: what computes takes them as float64, what moves keeps them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine import OperandError, Tensor, Value

WHOLE = np.array([[200, 3, 100], [1, 0, 250], [7, 150, 2]], np.uint8)  # sums of it overflow
COMPUTING: dict[str, Callable[[Any], Any]] = {
    **{
        name: getattr(engine, name)
        for name in (
            *("sum", "mean", "prod", "max", "min", "norm", "var", "std", "logsumexp"),
            *("softmax", "log_softmax", "cumsum", "cumprod", "tanh"),
        )
    },
    "sum along an axis": lambda x: engine.sum(x, axis=0),
    "max along an axis": lambda x: engine.max(x, axis=1, keepdims=True),
    "matmul": lambda x: engine.matmul(x, x),
    "outer": lambda x: engine.outer(x[0], x[1]),
    "dot": lambda x: engine.dot(x[0], x[1]),
    "einsum": lambda x: engine.einsum("ij,jk,kl->il", x, x, x),
    "tensordot": lambda x: engine.tensordot(x, x),
    "linear": lambda x: engine.linear(x, x, x[0]),
    "conv2d": lambda x: engine.conv2d(x[None, None], x[None, None, :2, :2]),
    "avg_pool2d": lambda x: engine.avg_pool2d(x[None, None], 2, 1),
    "max_pool2d": lambda x: engine.max_pool2d(x[None, None], 2, 1),
    "pad": lambda x: engine.pad(x, 1, 0.5),
    "scatter": lambda x: engine.scatter(x[0], [1, 1, 0], (2,)),
    "dropout": lambda x: engine.dropout(x, 0.3, rng=0),
}
MOVING: dict[str, Callable[[Any], Any]] = {
    **{name: getattr(engine, name) for name in ("transpose", "squeeze", "flip", "sort")},
    "reshape": lambda x: engine.reshape(x, (-1,)),
    "permute_dims": lambda x: engine.permute_dims(x, (1, 0)),
    "broadcast_to": lambda x: engine.broadcast_to(x, (2, 3, 3)),
    "concat": lambda x: engine.concat([x, x]),
    "stack": lambda x: engine.stack([x, x]),
    "split": lambda x: engine.split(x, 3)[1],
    "getitem": lambda x: engine.getitem(x, (slice(None), 1)),
    "take": lambda x: engine.take(x, [2, 0]),
    "gather": lambda x: engine.gather(x, [[0, 1, 2]], 0),
    "embedding": lambda x: engine.embedding(x, [1]),
    "repeat": lambda x: engine.repeat(x, 2),
    "tile": lambda x: engine.tile(x, 2),
    "roll": lambda x: engine.roll(x, 1),
    "windows": lambda x: engine.windows(x, 2),
}
ARRAYS = {
    "uint8": WHOLE,
    "int64": WHOLE.astype(np.int64) - 100,
    "bool": WHOLE > 50,
    "float16": WHOLE.astype(np.float16) / 300,
}


@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS)
@pytest.mark.parametrize("name", COMPUTING)
def test_what_computes_takes_an_array_as_float64(name: str, array: Any) -> None:
    function = COMPUTING[name]
    with np.errstate(all="ignore"):
        got, expected = function(array), function(array.astype(np.float64))
        np.testing.assert_array_equal(got, expected)
        assert got.dtype == np.float64
        by_tensor = function(Tensor(array))
        np.testing.assert_array_equal(getattr(by_tensor, "data", by_tensor), expected)


@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS)
@pytest.mark.parametrize("name", MOVING)
def test_what_moves_elements_keeps_their_type(name: str, array: Any) -> None:
    got = MOVING[name](array)
    assert got.dtype == array.dtype
    np.testing.assert_array_equal(got, MOVING[name](array.astype(np.float64)))


@pytest.mark.parametrize("array", [WHOLE.astype(str), WHOLE * 1j], ids=["text", "complex"])
@pytest.mark.parametrize("name", COMPUTING)
def test_what_is_no_real_number_is_refused(name: str, array: Any) -> None:
    with pytest.raises(OperandError, match="takes real numbers, got an array of"):
        COMPUTING[name](array)


ONE_AXIS: dict[str, Callable[[Any], Any]] = {
    **{
        name: lambda axis, name=name: getattr(engine, name)(np.ones((2, 2)), axis=axis)
        for name in ("softmax", "log_softmax", "cumsum", "cumprod", "argmax", "sort", "argsort")
    },
    "split": lambda axis: engine.split(np.ones((2, 2)), 2, axis),
    "stack": lambda axis: engine.stack([np.ones(2)], axis),
    "concat": lambda axis: engine.concat([np.ones(2)], axis),
    "repeat": lambda axis: engine.repeat(np.ones(2), 2, axis),
    "take": lambda axis: engine.take(np.ones(2), [0], axis),
    "gather": lambda axis: engine.gather(np.ones(2), [0], axis),
    "swapaxes": lambda axis: engine.swapaxes(np.ones((2, 2)), 0, axis),
}


@pytest.mark.parametrize("axis", [(), (0, 1), "0"], ids=repr)
@pytest.mark.parametrize("name", ONE_AXIS)
def test_one_axis_is_one_whole_number(name: str, axis: Any) -> None:
    with pytest.raises(OperandError, match=f"{name}: an axis is a whole number, got"):
        ONE_AXIS[name](axis)


@pytest.mark.parametrize("function", [engine.argmax, engine.sort, engine.argsort])
def test_a_value_is_no_array(function: Any) -> None:
    with pytest.raises(OperandError, match=r"takes numbers, got Value .*: use \.detach"):
        function(Value(1.0))


@pytest.mark.parametrize("call", [lambda i: engine.one_hot(i, 3), lambda i: engine.take(WHOLE, i)])
def test_rows_of_indices_that_do_not_match_are_named(call: Any) -> None:
    with pytest.raises(engine.ShapeError, match=r"\[0\] is a list of 1, \[1\] is a list of 2"):
        call([[1], [0, 2]])


@pytest.mark.parametrize("function", [engine.tanh, engine.sum, engine.transpose, engine.hypot])
def test_the_class_of_a_number_is_no_number(function: Any) -> None:
    with pytest.raises(OperandError, match=r"takes (numbers|a sequence|arrays).*got (a )?type"):
        function(*[np.float64] * max(1, len(getattr(function, "derivatives", [1]))))


@pytest.mark.parametrize("function", [engine.var, engine.std])
def test_the_correction_of_a_variance_is_a_number(function: Any) -> None:
    with pytest.raises(OperandError, match=f"{function.__name__} takes numbers, got str 'a'"):
        function([1.0, 2.0], "a")
    with pytest.raises(OperandError, match=f"{function.__name__} takes numbers, got str 'a'"):
        getattr(Tensor([1.0, 2.0]), function.__name__)(correction="a")
    one = getattr(Tensor([1.0, 2.0]), function.__name__)(correction=np.int64(1))
    assert one.item() == function([1.0, 2.0], np.int64(1))
