"""Tensor's methods do what the functions of their names do."""

import inspect

import numpy as np
import pytest

import engine
from engine import Tensor
from engine.array_methods import ArrayMethods

ARRAY = np.random.default_rng(0).uniform(0.5, 1.0, (2, 3, 4))

REDUCTIONS = ["sum", "mean", "prod", "max", "min", "norm", "logsumexp"]
CALLS = {
    "argmax": [(), (1,)],
    "cumsum": [(), (1,)],
    "cumprod": [(), (1,)],
    "softmax": [(), (0,)],
    "log_softmax": [(), (0,)],
    "broadcast_to": [((5, 2, 3, 4),)],
    "reshape": [((6, 4),), (-1,)],
    "expand_dims": [(1,)],
    "squeeze": [()],
    "permute_dims": [((2, 0, 1),)],
    "transpose": [(), ((2, 0, 1),)],
    "swapaxes": [(0, 1)],
    "moveaxis": [(0, -1)],
    "take": [([1, 0],), ([1, 0], 1)],
    "gather": [(np.zeros((2, 3, 1), int),), (np.zeros((1, 3, 4), int), 0)],
    "repeat": [(2,), (2, 0)],
    "tile": [((2, 1),)],
    "flip": [(), (1,)],
    "roll": [(1,), (1, 0)],
    "sort": [(), (0,), (0, True)],
    "argsort": [(), (0,), (0, True)],
    "matmul": [(ARRAY[0].T,)],
    "outer": [(ARRAY[0, 0],)],
}
OTHERS = {"var", "std", "flatten", "dot"}
"""Methods whose arguments stand otherwise than their function's, or that have no function."""


def test_every_method_is_tried_here():
    own = {name for name in vars(ArrayMethods) if not name.startswith("_")}
    assert own == {*REDUCTIONS, *CALLS, *OTHERS}


@pytest.mark.parametrize(
    ("name", "arguments"), [(name, call) for name, calls in CALLS.items() for call in calls]
)
def test_a_method_is_its_function(name, arguments):
    t = Tensor(ARRAY, requires_grad=True)
    by_method, by_function = getattr(t, name)(*arguments), getattr(engine, name)(t, *arguments)
    np.testing.assert_array_equal(np.asarray(by_method), np.asarray(by_function))
    assert type(by_method) is type(by_function)
    if isinstance(by_method, Tensor):
        assert by_method.op is by_function.op or by_method.op.name == by_function.op.name


@pytest.mark.parametrize("keywords", [{}, {"axis": 0}, {"axis": (0, -1), "keepdims": True}])
@pytest.mark.parametrize("name", REDUCTIONS)
def test_a_reduction_is_its_function(name, keywords):
    t = Tensor(ARRAY, requires_grad=True)
    by_function = getattr(engine, name)(t, **keywords)
    for by_method in (getattr(t, name)(**keywords), getattr(t, name)(*keywords.values())):
        np.testing.assert_array_equal(np.asarray(by_method), np.asarray(by_function))
        assert by_method.op is by_function.op


@pytest.mark.parametrize("name", ["var", "std"])
def test_var_and_std_take_the_axis_first(name):
    t = Tensor(ARRAY)
    for axis, correction, keepdims in [(None, 0.0, False), (1, 1.0, False), ((0, -1), 0.0, True)]:
        out = getattr(t, name)(axis, correction, keepdims)
        expected = getattr(np, name)(ARRAY, axis, ddof=correction, keepdims=keepdims)
        np.testing.assert_allclose(np.asarray(out), expected, 1e-14)


def test_sizes_and_axes_may_be_given_one_by_one():
    t = Tensor(ARRAY)
    assert t.reshape(6, 4).shape == t.reshape((6, 4)).shape == t.reshape([6, 4]).shape == (6, 4)
    assert t.broadcast_to(5, 2, 3, 4).shape == (5, 2, 3, 4)
    assert t.permute_dims(2, 0, 1).shape == t.transpose(2, 0, 1).shape == (4, 2, 3)
    assert t.transpose().shape == t.T.shape == (4, 3, 2)
    assert t.tile(2, 1, 1).shape == (4, 3, 4)
    assert t.flatten().shape == (24,)
    assert Tensor(2.0).flatten().shape == (1,)
    assert Tensor([5.0]).reshape(()).shape == Tensor([5.0]).reshape().shape == ()


@pytest.mark.parametrize(
    "shapes",
    [
        ((3,), (3,)),
        ((2, 3), (3,)),
        ((2, 3), (3, 2)),
        ((2, 3), (4, 3, 2)),
        ((2, 2, 3), (3, 2)),
        ((), (3,)),
    ],
)
def test_dot_is_that_of_numpy(shapes):
    x, y = [np.random.default_rng(0).uniform(-1.0, 1.0, shape) for shape in shapes]
    out = Tensor(x).dot(Tensor(y))
    np.testing.assert_allclose(np.asarray(out), np.dot(x, y), 0, 1e-14)


def test_every_method_is_documented():
    for name, member in inspect.getmembers(Tensor):
        if not name.startswith("_"):
            assert inspect.getdoc(member), name
