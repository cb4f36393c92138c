"""Taking elements by an index, and putting them back."""

import pickle

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp

import engine
from engine import IndexingError, OperandError, ShapeError, Tensor
from tests.oracles.affine import LAYOUTS, assert_affine

ARRAY = np.random.default_rng(0).uniform(-1.0, 1.0, (2, 3, 4))
MASK = ARRAY > 0.0

KEYS = {
    "number": 1,
    "negative": -1,
    "slice": slice(1, None),
    "backwards": (slice(None), slice(None, None, -2)),
    "dots": (..., 0),
    "new axis": (0, None, slice(2)),
    "one element": (1, 2, 3),
    "nothing": (),
    "list": [0, 1, 1],
    "array": np.array([[0, -1], [1, 0]]),
    "repeated": (slice(None), [0, 2, 2]),
    "pairs": ([0, 1, 0], [1, 1, 1]),
    "apart": ([0, 1, 1], slice(None), [3, 3, 0]),
    "apart, with a new axis": ([0, 1], None, slice(None), [3, 3]),
    "mask": MASK,
    "mask of an axis": (slice(None), np.array([True, False, True])),
    "mask and number": (MASK[:, :, 0], 1),
    "number and list": (0, [1, 1], 2),
    "empty list": [],
    "True": True,
    "NumPy number": np.int64(1),
    "small type": np.array([1, 0], np.int8),
    "range": range(2),
}


def put(key, x, shape):
    out = np.zeros(shape)
    np.add.at(out, key, x)
    return out


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", KEYS)
def test_getitem_selects_as_numpy_does(name, layout):
    out = assert_affine(lambda x: engine.getitem(x, KEYS[name]), ARRAY, layout=layout)
    np.testing.assert_array_equal(np.asarray(out), ARRAY[KEYS[name]])


@pytest.mark.parametrize("name", KEYS)
def test_square_brackets_are_getitem_in_float32_too(name):
    t = Tensor(ARRAY, dtype="float32", requires_grad=True)
    out = t[KEYS[name]]
    np.testing.assert_array_equal(np.asarray(out), ARRAY.astype(np.float32)[KEYS[name]])
    out.backward(np.ones(out.shape))
    assert t.grad.dtype == np.float32
    np.testing.assert_array_equal(t.grad, put(KEYS[name], 1.0, ARRAY.shape))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", KEYS)
def test_scatter_adds_as_numpy_does(name, layout):
    x = np.random.default_rng(1).uniform(-1.0, 1.0, ARRAY[KEYS[name]].shape)
    out = assert_affine(lambda x: engine.scatter(x, KEYS[name], ARRAY.shape), x, layout=layout)
    # bincount and add.at add repeated elements in one order
    np.testing.assert_array_equal(np.asarray(out), put(KEYS[name], x, ARRAY.shape))


MANY = np.random.default_rng(2)
LARGE = {
    "rows": MANY.integers(-7, 7, 300),
    "rows in a table": MANY.integers(-7, 7, (30, 10)),
    "pairs": (MANY.integers(-7, 7, 600), MANY.integers(-5, 5, 600)),
    "pairs that broadcast": (MANY.integers(-7, 7, (30, 1)), MANY.integers(-5, 5, 20)),
    "columns": (slice(1, None), MANY.integers(-5, 5, 200)),
    "columns of some rows": (MANY.integers(-7, 7, (50, 1)), None, [0, 4, 4]),
    "mask and numbers": (np.arange(7) > 3, [1, 1, 2]),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", LARGE)
def test_scatter_of_many_elements(name, dtype):
    """Which are added in another way than a few."""
    key, shape = LARGE[name], (7, 5, 2)
    x = MANY.integers(-8, 8, np.empty(shape)[key].shape).astype(dtype)
    out = assert_affine(lambda x: engine.scatter(x, key, shape), x)
    np.testing.assert_array_equal(np.asarray(out), put(key, x, shape))  # of whole numbers


@given(st.data())
def test_basic_indices(data):
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
    key = data.draw(hnp.basic_indices(shape, allow_newaxis=True))
    array = np.arange(np.prod(shape, dtype=float)).reshape(shape)
    out = assert_affine(lambda x: engine.getitem(x, key), array)
    np.testing.assert_array_equal(np.asarray(out), array[key])


@given(st.data())
def test_whole_numbers_as_indices(data):
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4))
    key = data.draw(hnp.integer_array_indices(shape))
    array = np.arange(np.prod(shape, dtype=float)).reshape(shape)
    out = assert_affine(lambda x: engine.getitem(x, key), array)
    np.testing.assert_array_equal(np.asarray(out), array[key])


@given(st.data())
def test_masks(data):
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    mask = data.draw(hnp.arrays(bool, shape))
    array = np.arange(np.prod(shape, dtype=float)).reshape(shape)
    out = assert_affine(lambda x: engine.getitem(x, mask), array)
    np.testing.assert_array_equal(np.asarray(out), array[mask])


def test_a_basic_index_gives_a_view():
    t = Tensor(ARRAY)
    assert np.shares_memory(t[1]._data, t._data)


def test_more_indices_than_are_kept():
    array = np.arange(1200.0)
    t = Tensor(array, requires_grad=True)
    parts = [t[i:] for i in range(1200)] + [t[i:] for i in range(0, 1200, 100)]
    for part, start in zip(parts, [*range(1200), *range(0, 1200, 100)], strict=True):
        np.testing.assert_array_equal(part.data, array[start:])
    engine.sum(parts[1150]).backward()
    np.testing.assert_array_equal(t.grad, array >= 1150)


def test_an_index_array_may_change_afterwards():
    t, places = Tensor([1.0, 2.0, 3.0], requires_grad=True), np.array([0, 0, 2])
    out = t[places]
    places[:] = 1
    out.sum().backward()
    np.testing.assert_array_equal(t.grad, [2.0, 0.0, 1.0])


def test_a_mask_is_made_by_comparing():
    t = Tensor([-1.0, 2.0, 3.0], requires_grad=True)
    (t[t > 0.0] * 10.0).sum().backward()
    np.testing.assert_array_equal(t.grad, [0.0, 10.0, 10.0])


def test_iteration_goes_over_the_first_axis():
    t = Tensor(ARRAY, requires_grad=True)
    rows = [row * (i + 1.0) for i, row in enumerate(t)]
    (rows[0] + rows[1]).sum().backward()
    np.testing.assert_array_equal(t.grad[:, 0, 0], [1.0, 2.0])


def test_scatter_broadcasts_to_what_the_index_selects():
    out = assert_affine(lambda x: engine.scatter(x, [0, 2, 2], (3, 2)), np.array([1.0, 2.0]))
    np.testing.assert_array_equal(np.asarray(out), [[1.0, 2.0], [0.0, 0.0], [2.0, 4.0]])


def test_rows_are_pickled():
    again = pickle.loads(pickle.dumps(Tensor([1.0, 2.0], requires_grad=True)[[0, 0]].op))
    np.testing.assert_array_equal(again(np.array([3.0, 4.0])), [3.0, 3.0])


def test_an_index_that_equals_another_is_none():
    """1.0 and True equal 1, and select otherwise."""
    t = Tensor(ARRAY)
    assert t[1].shape == t[1:2][0].shape == (3, 4)
    assert t[True].shape == (1, 2, 3, 4)
    for key in (1.0, slice(1.0, 2), (1, 2.0)):
        with pytest.raises(OperandError):
            t[key]


# ----- By whole numbers along one axis -----------------------------------------------------------


@pytest.mark.parametrize("axis", [0, 1, -1, None])
@pytest.mark.parametrize("indices", [1, [0, 1, 1], [[-1, 0]], []])
def test_take(indices, axis):
    out = assert_affine(lambda x: engine.take(x, indices, axis), ARRAY)
    expected = np.take(ARRAY, np.array(indices, int), axis)
    np.testing.assert_array_equal(np.asarray(out), expected)


@given(st.data())
def test_gather_is_take_along_axis(data):
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    count = data.draw(st.integers(0, 4))
    wanted = list(shape)
    wanted[axis] = count
    n = shape[axis]
    indices = data.draw(hnp.arrays(int, tuple(wanted), elements=st.integers(-n, n - 1)))
    array = np.arange(np.prod(shape, dtype=float)).reshape(shape)
    out = assert_affine(lambda x: engine.gather(x, indices, axis), array)
    np.testing.assert_array_equal(np.asarray(out), np.take_along_axis(array, indices, axis))


def test_gather_broadcasts_beside_the_axis():
    indices = np.array([[[1, 1]]])
    out = assert_affine(lambda x: engine.gather(x, indices, -1), ARRAY)
    np.testing.assert_array_equal(np.asarray(out), ARRAY[..., [1, 1]])
    assert engine.take_along_axis is engine.gather


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_embedding_adds_up_the_gradients_of_an_id(dtype):
    table = np.arange(8.0, dtype=dtype).reshape(4, 2)
    ids = [[3, 0, 3], [3, 1, 0]]
    out = assert_affine(lambda weight: engine.embedding(weight, ids), table)
    np.testing.assert_array_equal(np.asarray(out), table[ids])
    weight = Tensor(table, requires_grad=True)
    engine.embedding(weight, ids).sum().backward()
    np.testing.assert_array_equal(weight.grad, [[2.0, 2.0], [1.0, 1.0], [0.0, 0.0], [3.0, 3.0]])


def test_one_hot():
    np.testing.assert_array_equal(engine.one_hot([[2, 0]], 3), [[[0, 0, 1], [1, 0, 0]]])
    np.testing.assert_array_equal(engine.one_hot(1, 2), [0.0, 1.0])
    assert engine.one_hot([], 3).shape == (0, 3)
    assert engine.one_hot([1], 2).dtype == np.float64
    assert engine.one_hot([1], 2, "float32").dtype == np.float32


# ----- Bad indices -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: t[2], r"shape \(2, 3, 4\): index 2 is out of bounds for axis 0 with size 2"),
        (lambda t: t[:, [0, 3]], r"shape \(2, 3, 4\): index 3 is out of bounds for axis 1"),
        (lambda t: t[0, 0, 0, 0], r"shape \(2, 3, 4\): too many indices"),
        (lambda t: t[np.ones(3, bool)], r"shape \(2, 3, 4\): boolean index did not match"),
        (lambda t: t[[0, 1], [0, 1, 2]], r"shape \(2, 3, 4\): shape mismatch"),
        (lambda t: engine.take(t, 5, 0), "index 5 is out of bounds for axis 0 with size 2"),
        (lambda t: engine.embedding(t[0], [[0, 3]]), r"id 3 at \[0, 1\] is out of range: .* 3 row"),
        (lambda t: engine.embedding(t[0], -1), "id -1 is out of range"),
        (lambda t: engine.one_hot([0, 2], 2), r"id 2 at \[1\] is out of range: there are 2 classe"),
        (lambda t: engine.scatter(t, 4, (3,)), r"shape \(3,\): index 4 is out of bounds"),
    ],
)
def test_indices_out_of_range(call, message):
    for x in (Tensor(ARRAY), Tensor(ARRAY, requires_grad=True)):
        with pytest.raises(IndexingError, match=message):
            call(x)
    assert issubclass(IndexingError, IndexError)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: t[1.0], "an index is made of whole numbers, slices and masks, got 1.0"),
        (lambda t: t[1.5:2], "slice indices must be integers"),
        (lambda t: t[[0.5]], "got an array of float64: use .astype"),
        (lambda t: t[t], r"got a Tensor: compare it for a mask, as x\[t > 0\]"),
        (lambda t: t["a"], "got 'a'"),
        (lambda t: t[[[1], [1, 2]]], "got an array of object"),
        (lambda t: engine.take(t, [0.0]), "take: indices are whole numbers, got float64"),
        (lambda t: engine.take(t, t), "take: indices are whole numbers without a gradient"),
        (lambda t: engine.embedding(t[0], [True]), "embedding: indices are whole numbers, got boo"),
        (lambda t: engine.one_hot([0], 2.0), "one_hot: the number of classes is a whole number"),
        (lambda t: engine.one_hot([0], 2, int), "the dtype of a Tensor is float64 or float32"),
    ],
)
def test_what_is_no_index(call, message):
    with pytest.raises(OperandError, match=message):
        call(Tensor(ARRAY))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: engine.take(t, 0, 3), "take: there is no axis 3; the array has -3 to 2"),
        (lambda t: engine.gather(t, [0]), "they must have as many axes"),
        (
            lambda t: engine.gather(t, np.zeros((2, 5, 1), int)),
            r"gather along axis 2: indices of shape \(2, 5, 1\) do not fit an array of shape "
            r"\(2, 3, 4\): axis 1 has the sizes 5 and 3",
        ),
        (lambda t: engine.embedding(t, [0]), r"of shape \(rows, features\), got \(2, 3, 4\)"),
        (lambda t: engine.scatter(t, 0, (3,)), r"cannot broadcast \(2, 3, 4\) to \(\)"),
        (lambda t: t[::0], r"cannot index an array of shape \(2, 3, 4\) with \(slice"),
    ],
)
def test_shapes_that_an_index_does_not_fit(call, message):
    with pytest.raises(ShapeError, match=message):
        call(Tensor(ARRAY))


def test_elements_cannot_be_set():
    t = Tensor(ARRAY)
    with pytest.raises(engine.GraphError, match="scatter"):
        t[0] = 1.0
