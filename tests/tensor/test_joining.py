"""Several arrays as one, and one as several."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp

import engine
from engine import OperandError, ShapeError, Tensor
from engine.arrays.joining import joining
from tests.oracles.affine import LAYOUTS, assert_affine

RNG = np.random.default_rng(0)
FIRST, SECOND = RNG.uniform(-1.0, 1.0, (2, 3)), RNG.uniform(-1.0, 1.0, (2, 5))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_concat(layout, dtype):
    first, second = FIRST.astype(dtype), SECOND.astype(dtype)
    out = assert_affine(lambda x, y: engine.concat([x, y, x], -1), first, second, layout=layout)
    np.testing.assert_array_equal(np.asarray(out), np.concatenate([first, second, first], -1))


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -3])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_stack(layout, axis):
    out = assert_affine(lambda x: engine.stack([x, x * 2.0, x], axis), FIRST, layout=layout)
    expected = np.stack([FIRST, FIRST * 2.0, FIRST], axis)
    np.testing.assert_array_equal(np.asarray(out), expected)


@given(st.data())
def test_concat_of_any_shapes(data):
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=3))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    arrays = []
    for size in data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=4)):
        sizes = list(shape)
        sizes[axis] = size
        arrays.append(np.arange(np.prod(sizes, dtype=float)).reshape(sizes))
    out = assert_affine(lambda *parts: engine.concat(parts, axis), *arrays)
    np.testing.assert_array_equal(np.asarray(out), np.concatenate(arrays, axis))


def test_an_array_and_a_number_may_stand_beside_a_tensor():
    t = Tensor([1.0], dtype="float32", requires_grad=True)
    assert engine.concat([t, np.array([2.0])]).dtype == np.float32
    np.testing.assert_array_equal(np.asarray(engine.stack([t[0], 2.0])), [1.0, 2.0])


def test_two_dtypes_join_to_float64():
    out = engine.concat([Tensor([1.0]), Tensor([1.0], dtype="float32")])
    assert out.dtype == np.float64


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("parts", [1, 2, [1], [1, 1, 3], (0, 2), []])
def test_split(parts, axis):
    array = RNG.uniform(-1.0, 1.0, (4, 6))
    pieces = engine.split(Tensor(array), parts, axis)
    expected = np.split(array, parts, axis)
    for piece, part in zip(pieces, expected, strict=True):
        np.testing.assert_array_equal(np.asarray(piece), part)
    assert_affine(
        lambda x: engine.concat(
            [piece * (i + 1.0) for i, piece in enumerate(engine.split(x, parts, axis))], axis
        ),
        array,
    )


def test_split_of_nothing():
    assert [piece.shape for piece in engine.split(Tensor(np.zeros((0, 2))), 3)] == [(0, 2)] * 3


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda t: engine.concat([]), ShapeError, "concat: there are no arrays to join"),
        (lambda t: engine.stack([]), ShapeError, "stack: there are no arrays to join"),
        (lambda t: engine.concat(t), OperandError, r"as \[a, b\], got a Tensor"),
        (lambda t: engine.concat([t, "a"]), OperandError, "concat"),
        (lambda t: engine.concat([t, t], 2), ShapeError, "concat: there is no axis 2"),
        (lambda t: engine.concat([t, t], 1.0), OperandError, "an axis is a whole number, got 1.0"),
        (lambda t: engine.concat([2.0, 3.0]), ShapeError, "none, for it is a single number"),
        (
            lambda t: engine.concat([t, SECOND]),
            ShapeError,
            r"cannot join \(2, 3\), \(2, 5\) along axis 0, beside which they must be equal",
        ),
        (lambda t: engine.concat([t, t[0]], 1), ShapeError, r"cannot join \(2, 3\), \(3,\) along"),
        (lambda t: engine.stack([t, SECOND]), ShapeError, r"stack: cannot join \(2, 3\), \(2, 5\)"),
        (lambda t: engine.stack([t] * 9 + [SECOND]), ShapeError, r"9 is \(2, 5\)"),
        (lambda t: engine.split(t, 3), ShapeError, r"shape \(2, 3\) has no 3 equal parts"),
        (lambda t: engine.split(t, 0), ShapeError, "has no 0 equal parts"),
        (lambda t: engine.split(t, 1.5), OperandError, "split: the parts are a whole number"),
        (lambda t: engine.split(t, 1, 2), ShapeError, "split: there is no axis 2"),
    ],
)
def test_what_cannot_be_joined_or_split(call, error, message):
    with pytest.raises(error, match=message):
        call(Tensor(FIRST))


def test_a_row_of_concat_is_for_the_sizes_it_was_made_for():
    row = joining(0, (2, 1))
    assert row(np.ones((2, 3)), np.ones((1, 3))).shape == (3, 3)
    with pytest.raises(ShapeError, match="concat: cannot join"):
        row(np.ones((1, 3)), np.ones((2, 3)))
