"""Elements in other places, more often, with more around them, in order, or left out."""

import numpy as np
import pytest
from hypothesis import example, given, strategies as st
from hypothesis.extra import numpy as hnp

import engine
from engine import NumberError, OperandError, ShapeError, Tensor
from tests.oracles.affine import LAYOUTS, assert_affine

ARRAY = np.random.default_rng(0).uniform(-1.0, 1.0, (2, 3, 4))

CASES = {
    "flip": (engine.flip, np.flip),
    "flip[axis]": (lambda x: engine.flip(x, -1), lambda x: np.flip(x, -1)),
    "flip[axes]": (lambda x: engine.flip(x, (0, 2)), lambda x: np.flip(x, (0, 2))),
    "roll": (lambda x: engine.roll(x, 5), lambda x: np.roll(x, 5)),
    "roll[axis]": (lambda x: engine.roll(x, -1, 1), lambda x: np.roll(x, -1, 1)),
    "roll[axes]": (lambda x: engine.roll(x, (1, 6), (0, 2)), lambda x: np.roll(x, (1, 6), (0, 2))),
    "roll[one for all]": (lambda x: engine.roll(x, 1, (0, 2)), lambda x: np.roll(x, 1, (0, 2))),
    "tile": (lambda x: engine.tile(x, 2), lambda x: np.tile(x, 2)),
    "tile[fewer]": (lambda x: engine.tile(x, (2, 3)), lambda x: np.tile(x, (2, 3))),
    "tile[more]": (lambda x: engine.tile(x, (2, 1, 1, 3)), lambda x: np.tile(x, (2, 1, 1, 3))),
    "tile[0]": (lambda x: engine.tile(x, (0, 1)), lambda x: np.tile(x, (0, 1))),
    "repeat": (lambda x: engine.repeat(x, 3), lambda x: np.repeat(x, 3)),
    "repeat[axis]": (lambda x: engine.repeat(x, 2, -1), lambda x: np.repeat(x, 2, -1)),
    "repeat[counts]": (
        lambda x: engine.repeat(x, [1, 0, 2], 1),
        lambda x: np.repeat(x, [1, 0, 2], 1),
    ),
    "pad": (lambda x: engine.pad(x, 1), lambda x: np.pad(x, 1)),
    "pad[pair]": (
        lambda x: engine.pad(x, (1, 2), 3.0),
        lambda x: np.pad(x, (1, 2), constant_values=3.0),
    ),
    "pad[one]": (lambda x: engine.pad(x, [2]), lambda x: np.pad(x, [2])),
    "pad[one pair]": (lambda x: engine.pad(x, [(1, 2)]), lambda x: np.pad(x, [(1, 2)])),
    "pad[pairs]": (
        lambda x: engine.pad(x, ((1, 0), (0, 2), (0, 0))),
        lambda x: np.pad(x, ((1, 0), (0, 2), (0, 0))),
    ),
    "sort": (engine.sort, np.sort),
    "sort[axis]": (lambda x: engine.sort(x, 0), lambda x: np.sort(x, 0)),
    "sort[descending]": (
        lambda x: engine.sort(x, 1, descending=True),
        lambda x: np.flip(np.sort(x, 1), 1),
    ),
}
STEP = 1e-3  # no two elements of ARRAY are as near, so that sorting keeps its order within it


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("case", CASES)
def test_values_are_those_of_numpy_and_gradients_go_back(case, layout):
    ours, numpys = CASES[case]
    step = STEP if "sort" in case else 1.0
    out = assert_affine(ours, ARRAY, layout=layout, step=step)
    np.testing.assert_array_equal(np.asarray(out), numpys(ARRAY))


@pytest.mark.parametrize("case", CASES)
def test_float32_stays(case):
    ours, numpys = CASES[case]
    array = ARRAY.astype(np.float32)
    out = assert_affine(ours, array, step=STEP if "sort" in case else 1.0)
    np.testing.assert_array_equal(np.asarray(out), numpys(array))


shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)


def filled(shape):
    return np.arange(1.0, 1.0 + np.prod(shape, dtype=int)).reshape(shape)


@given(shapes, st.lists(st.integers(0, 3), max_size=4).map(tuple))
def test_tile_of_any_shape(shape, counts):
    out = assert_affine(lambda x: engine.tile(x, counts), filled(shape))
    np.testing.assert_array_equal(np.asarray(out), np.tile(filled(shape), counts))


@given(shapes, st.data())
def test_pad_of_any_shape(shape, data):
    pairs = [(data.draw(st.integers(0, 2)), data.draw(st.integers(0, 2))) for _ in shape]
    out = assert_affine(lambda x: engine.pad(x, pairs or 0, -1.0), filled(shape))
    expected = np.pad(filled(shape), pairs, constant_values=-1.0) if shape else filled(shape)
    np.testing.assert_array_equal(np.asarray(out), expected)


@given(shapes, st.integers(-5, 5))
def test_roll_of_any_shape(shape, shift):
    out = assert_affine(lambda x: engine.roll(x, shift), filled(shape))
    np.testing.assert_array_equal(np.asarray(out), np.roll(filled(shape), shift))


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_padding_with_what_is_not_finite(value):
    t = Tensor([1.0, -0.0], requires_grad=True)
    out = engine.pad(t, 1, value)
    np.testing.assert_array_equal(np.asarray(out), [value, 1.0, -0.0, value])
    assert np.signbit(np.asarray(out)[2])
    out.backward(np.array([np.nan, 2.0, 3.0, np.inf]))
    np.testing.assert_array_equal(t.grad, [2.0, 3.0])


# ----- Order -------------------------------------------------------------------------------------

tied = hnp.arrays(
    float,
    hnp.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=6),
    elements=st.sampled_from([0.0, -0.0, 1.0, 2.0, np.inf, -np.inf, np.nan]),
)


@given(tied, st.booleans())
@example(np.array([0.0, np.nan, 1.0, -0.0, np.nan, 1.0]), True)
@example(np.arange(60.0) % 3.0, True)  # more than NumPy's other sorts leave in order by chance
@example(np.arange(60.0) % 3.0, False)
def test_ties_keep_their_order(array, descending):
    places = engine.argsort(array, descending=descending)
    lines = array.reshape(int(np.prod(array.shape[:-1])), array.shape[-1])
    for line, order in zip(lines, places.reshape(lines.shape), strict=True):
        largest_last = [(2.0, 0.0) if x != x else (1.0, x) for x in line.tolist()]
        expected = sorted(range(len(line)), key=largest_last.__getitem__)  # Python's is stable
        if descending:
            expected = sorted(range(len(line)), key=largest_last.__getitem__, reverse=True)
        assert order.tolist() == expected
    np.testing.assert_array_equal(
        engine.sort(array, descending=descending), np.take_along_axis(array, places, -1)
    )


def test_each_element_takes_its_gradient_with_it():
    t = Tensor([2.0, 1.0, 2.0], requires_grad=True)
    engine.sort(t).backward(np.array([1.0, 10.0, 100.0]))
    np.testing.assert_array_equal(t.grad, [10.0, 1.0, 100.0])


def test_argsort_gives_whole_numbers():
    places = engine.argsort(Tensor([3.0, 1.0, 2.0], requires_grad=True))
    assert places.dtype.kind == "i"
    np.testing.assert_array_equal(places, [1, 2, 0])


# ----- Chance ------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_dropout_divides_what_it_keeps(dtype):
    x = np.linspace(1.0, 2.0, 1000, dtype=dtype)
    out = np.asarray(assert_affine(lambda x: engine.dropout(x, 0.25, rng=3), x))
    kept = out != 0.0
    np.testing.assert_array_equal(out[kept], x[kept] * dtype(1.0 / 0.75))
    assert abs(np.mean(kept) - 0.75) < 5.0 * np.sqrt(0.75 * 0.25 / 1000)  # five deviations


def test_dropout_passes_the_gradient_where_it_kept():
    t = Tensor(np.ones(100), requires_grad=True)
    out = engine.dropout(t, 0.5, rng=0)
    out.sum().backward()
    np.testing.assert_array_equal(t.grad, np.asarray(out))


def test_dropout_of_nothing_and_of_everything():
    t = Tensor([1.0, np.inf, np.nan], requires_grad=True)
    assert engine.dropout(t, 0.0, rng=0) is t
    out = engine.dropout(t, 1.0, rng=0)
    out.sum().backward()
    np.testing.assert_array_equal(np.asarray(out), np.zeros(3))
    np.testing.assert_array_equal(t.grad, np.zeros(3))


def test_a_seed_repeats_and_a_generator_moves_on():
    x = np.ones(100)
    np.testing.assert_array_equal(engine.dropout(x, 0.5, 7), engine.dropout(x, 0.5, 7))
    rng = np.random.default_rng(7)
    first, second = engine.dropout(x, 0.5, rng), engine.dropout(x, 0.5, rng)
    np.testing.assert_array_equal(first, engine.dropout(x, 0.5, 7))
    assert not np.array_equal(first, second)


def test_dropout_leaves_the_global_state_alone():
    before = np.random.get_state()[1].copy()
    engine.dropout(np.ones(10), 0.5, 7)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda t: engine.flip(t, (0, 0)), ShapeError, r"an axis is named twice in \(0, 0\)"),
        (lambda t: engine.flip(t, 3), ShapeError, "flip: there is no axis 3"),
        (lambda t: engine.roll(t, (1, 2)), ShapeError, "roll: 2 shifts need as many axes"),
        (lambda t: engine.roll(t, (1, 2, 3), (0, 1)), ShapeError, "3 shifts do not go with 2 axes"),
        (lambda t: engine.roll(t, 1.5), OperandError, "roll: a shift is a whole number, got 1.5"),
        (lambda t: engine.tile(t, -1), ShapeError, "tile: a size is 0 or more"),
        (lambda t: engine.tile(t, 1.5), OperandError, "tile: a shape is made of whole numbers"),
        (lambda t: engine.repeat(t, [1, 2]), ShapeError, r"\(24,\) takes one count, or 24"),
        (lambda t: engine.repeat(t, -1, 0), ShapeError, "of 0 or more, got -1"),
        (lambda t: engine.repeat(t, 0.5), OperandError, "repeat: indices are whole numbers"),
        (lambda t: engine.pad(t, -1), ShapeError, "of 0 or more, got -1"),
        (lambda t: engine.pad(t, (1, 2, 3)), ShapeError, r"\(2, 3, 4\) takes one width, a pair"),
        (lambda t: engine.pad(t, 1, "a"), OperandError, "pad takes numbers"),
        (lambda t: engine.sort(t, 3), ShapeError, "^sort: there is no axis 3"),
        (lambda t: engine.sort(2.0), ShapeError, "none, for it is a single number"),
        (lambda t: engine.dropout(t, 1.5, 0), NumberError, "dropout: .* from 0 to 1, got 1.5"),
        (lambda t: engine.dropout(t, np.nan, 0), NumberError, "from 0 to 1, got nan"),
        (lambda t: engine.dropout(t, 0.5, None), OperandError, "dropout: rng is a numpy.random"),
        (lambda t: engine.dropout(t, 0.5, -1), OperandError, "a seed of 0 or more, got -1"),
    ],
)
def test_arguments_that_do_not_fit(call, error, message):
    with pytest.raises(error, match=message):
        call(Tensor(ARRAY))
