"""Ops that give an array another shape, or another order of axes."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp

import engine
from engine import OperandError, ShapeError, Tensor
from tests.oracles.affine import LAYOUTS, assert_affine

CASES = {
    "reshape": (lambda x: engine.reshape(x, (4, 6)), lambda x: x.reshape(4, 6)),
    "reshape[-1]": (lambda x: engine.reshape(x, (3, -1, 2)), lambda x: x.reshape(3, -1, 2)),
    "reshape[number]": (lambda x: engine.reshape(x, -1), lambda x: x.reshape(-1)),
    "permute_dims": (
        lambda x: engine.permute_dims(x, (2, 0, 1)),
        lambda x: np.transpose(x, (2, 0, 1)),
    ),
    "permute_dims[negative]": (
        lambda x: engine.permute_dims(x, (-1, 0, -2)),
        lambda x: np.transpose(x, (-1, 0, -2)),
    ),
    "transpose": (engine.transpose, np.transpose),
    "transpose[axes]": (
        lambda x: engine.transpose(x, [1, 0, 2]),
        lambda x: np.transpose(x, [1, 0, 2]),
    ),
    "swapaxes": (lambda x: engine.swapaxes(x, 0, -1), lambda x: np.swapaxes(x, 0, -1)),
    "moveaxis": (lambda x: engine.moveaxis(x, 0, -1), lambda x: np.moveaxis(x, 0, -1)),
    "moveaxis[several]": (
        lambda x: engine.moveaxis(x, (0, 1), (-1, 0)),
        lambda x: np.moveaxis(x, (0, 1), (-1, 0)),
    ),
    "broadcast_to": (
        lambda x: engine.broadcast_to(x, (5, 2, 3, 4)),
        lambda x: np.broadcast_to(x, (5, 2, 3, 4)),
    ),
    "expand_dims": (lambda x: engine.expand_dims(x, 1), lambda x: np.expand_dims(x, 1)),
    "expand_dims[several]": (
        lambda x: engine.expand_dims(x, (0, -1)),
        lambda x: np.expand_dims(x, (0, -1)),
    ),
    "squeeze": (
        lambda x: engine.squeeze(engine.expand_dims(x, (0, 2))),
        lambda x: x,
    ),
}
ARRAY = np.random.default_rng(0).uniform(-1.0, 1.0, (2, 3, 4))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("case", CASES)
def test_values_are_those_of_numpy_and_gradients_go_back(case, layout):
    ours, numpys = CASES[case]
    out = assert_affine(ours, ARRAY, layout=layout)
    np.testing.assert_array_equal(np.asarray(out), numpys(ARRAY))


@pytest.mark.parametrize("case", CASES)
def test_float32_stays(case):
    ours, numpys = CASES[case]
    out = assert_affine(ours, ARRAY.astype(np.float32))
    np.testing.assert_array_equal(np.asarray(out), numpys(ARRAY.astype(np.float32)))


shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)


def filled(shape):
    return np.arange(1.0, 1.0 + np.prod(shape, dtype=int)).reshape(shape)


@given(shapes, st.data())
def test_permute_dims_of_any_shape(shape, data):
    axes = data.draw(st.permutations(range(len(shape))))
    out = assert_affine(lambda x: engine.permute_dims(x, axes), filled(shape))
    np.testing.assert_array_equal(np.asarray(out), np.transpose(filled(shape), axes))


@given(shapes, st.data())
def test_moveaxis_of_any_shape(shape, data):
    count = data.draw(st.integers(0, len(shape)))
    source = data.draw(st.permutations(range(len(shape))))[:count]
    places = data.draw(st.permutations(range(len(shape))))[:count]
    out = engine.moveaxis(Tensor(filled(shape)), source, places)
    np.testing.assert_array_equal(np.asarray(out), np.moveaxis(filled(shape), source, places))


@given(hnp.mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_side=3))
def test_broadcast_to_any_shape(broadcast):
    shape, wanted = broadcast.input_shapes[0], broadcast.result_shape
    out = assert_affine(lambda x: engine.broadcast_to(x, wanted), filled(shape))
    np.testing.assert_array_equal(np.asarray(out), np.broadcast_to(filled(shape), wanted))


@given(shapes, st.data())
def test_expand_dims_and_squeeze_undo_each_other(shape, data):
    ndim = len(shape) + data.draw(st.integers(1, 2))
    places = data.draw(st.permutations(range(-ndim, 0)))[: ndim - len(shape)]
    wide = engine.expand_dims(Tensor(filled(shape)), tuple(places))
    assert wide.shape == np.expand_dims(filled(shape), tuple(places)).shape
    assert engine.squeeze(wide, tuple(places)).shape == shape


def test_a_new_shape_is_a_view_of_the_data():
    t = Tensor(np.zeros((2, 3)))
    for out in (t.reshape(3, 2), t.T, t.broadcast_to(4, 2, 3), t.expand_dims(0)):
        assert np.shares_memory(out._data, t._data)


def test_the_same_shape_is_the_same_tensor():
    t = Tensor(np.zeros((2, 3)))
    assert t.reshape(2, 3) is t
    assert t.broadcast_to((2, 3)) is t


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: t.reshape(4, 2), r"reshape: cannot reshape \(2, 3\), 6 elements, to \(4, 2\)"),
        (lambda t: t.reshape(4, -1), r"reshape: cannot reshape \(2, 3\), 6 elements, to \(4, -1\)"),
        (lambda t: t.reshape(-1, -1), "only one size may be -1"),
        (lambda t: t.reshape(-2, 3), r"reshape: a size is 0 or more, got \(-2, 3\)"),
        (lambda t: t.permute_dims(0), r"permute_dims: \(0,\) does not name each of the 2 axes"),
        (lambda t: t.permute_dims(0, 0), r"\(0, 0\) does not name each of the 2 axes"),
        (lambda t: t.permute_dims(0, 2), r"\(0, 2\) does not name each .* swapaxes\(x, i, j\)"),
        (lambda t: t.swapaxes(0, 2), "swapaxes: there is no axis 2; the array has -2 to 1"),
        (lambda t: engine.moveaxis(t, (0, 1), 0), "moveaxis: 2 axes cannot go to 1 places"),
        (lambda t: t.broadcast_to(3, 2), r"cannot broadcast \(2, 3\) to \(3, 2\)"),
        (lambda t: t.broadcast_to(3), r"cannot broadcast \(2, 3\) to \(3,\)"),
        (lambda t: t.broadcast_to(-1, 3), "broadcast_to: a size is 0 or more"),
        (lambda t: t.expand_dims(3), "expand_dims: there is no axis 3; the array has -3 to 2"),
        (lambda t: t.expand_dims((0, 0)), r"expand_dims: an axis is named twice in \(0, 0\)"),
        (lambda t: t.squeeze(0), r"squeeze: axis 0 of an array of shape \(2, 3\) has the size 2"),
        (lambda t: t.squeeze(2), "squeeze: there is no axis 2"),
    ],
)
def test_shapes_that_do_not_fit(call, message):
    for x in (Tensor(np.zeros((2, 3))), Tensor(np.zeros((2, 3)), requires_grad=True)):
        with pytest.raises(ShapeError, match=message):
            call(x)


def test_whole_numbers_of_numpy_are_whole():
    t = Tensor(np.arange(6.0))
    two = np.int64(2)
    assert t.reshape(two, 3).shape == t.reshape((two, 3)).shape == t.reshape([two, 3]).shape
    assert t.reshape((two, 3)).shape == (2, 3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: t.reshape(2.0, 3), r"reshape: a shape is made of whole numbers, got \(2.0, 3\)"),
        (lambda t: t.reshape("6"), "reshape: a shape is made of whole numbers"),
        (lambda t: t.reshape(True, 6), "reshape: a shape is made of whole numbers"),
        (lambda t: t.permute_dims(1.0, 0), r"permute_dims: an axis is a whole number, got \(1.0"),
        (lambda t: t.expand_dims(0.5), "expand_dims: an axis is a whole number, got 0.5"),
        (lambda t: t.squeeze("a"), "squeeze: an axis is a whole number"),
        (lambda t: engine.reshape([[1.0]], 1), "takes arrays and Tensors, got a list"),
        (lambda t: engine.reshape(engine.Value(1.0), (1,)), r"Tensor.from_values\(...\)"),
    ],
)
def test_arguments_that_are_no_shape(call, message):
    t = Tensor(np.zeros((2, 3)))
    assert t.reshape(2, 3).shape == t.permute_dims(0, 1).shape == (2, 3)  # what 2.0 equals
    with pytest.raises(OperandError, match=message):
        call(t)
