"""Windows, convolution and pooling."""

import itertools

import numpy as np
import pytest
from hypothesis import given, strategies as st

import engine
from engine import OperandError, ShapeError, Tensor
from tests.oracles.affine import LAYOUTS, assert_affine

RNG = np.random.default_rng(0)
ARRAY = RNG.permutation(2 * 2 * 5 * 6).reshape(2, 2, 5, 6) / 8.0
STEP = 0.01  # no two elements are as near: the largest of a window stays so within the step


def uniform(*shape):
    return RNG.uniform(-1.0, 1.0, shape)


def each_window(x, size, stride):
    """Yield the place of each window over the last two axes, and the window."""
    down = range(0, x.shape[-2] - size[0] + 1, stride[0])
    across = range(0, x.shape[-1] - size[1] + 1, stride[1])
    for (i, top), (j, left) in itertools.product(enumerate(down), enumerate(across)):
        yield i, j, x[..., top : top + size[0], left : left + size[1]]


def by_window(x, size, stride, of, shape=None):
    """Return what a function gives for each window, in an array of places."""
    size, stride = np.broadcast_to(size, 2), np.broadcast_to(stride, 2)
    places = {(i, j): of(window) for i, j, window in each_window(x, size, stride)}
    down, across = max(places)
    return np.stack(
        [np.stack([places[i, j] for j in range(across + 1)], -1) for i in range(down + 1)], -2
    )


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("size", "stride"), [(2, 1), ((2, 3), (2, 1)), ((5, 6), 1), (1, 3), (2, 4)]
)
def test_windows(size, stride, layout):
    out = assert_affine(lambda x: engine.windows(x, size, stride), ARRAY, layout=layout)
    rows, columns = np.broadcast_to(size, 2)
    for i, j, window in each_window(ARRAY, (rows, columns), np.broadcast_to(stride, 2)):
        np.testing.assert_array_equal(np.asarray(out)[:, :, i, j], window)


@given(st.data())
def test_fold_is_the_adjoint_of_windows(data):
    """<windows x, y> = <x, fold y>, of whole numbers exactly."""
    shape = [data.draw(st.integers(1, 6)), data.draw(st.integers(1, 6))]
    size = [data.draw(st.integers(1, n)) for n in shape]
    stride = [data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3))]
    x = np.arange(3.0 * np.prod(shape)).reshape(3, *shape)
    views = engine.windows(x, size, stride)
    y = np.arange(1.0, 1.0 + views.size).reshape(views.shape)
    assert np.sum(views * y) == np.sum(x * engine.fold(y, shape, stride))
    assert_affine(lambda y: engine.fold(y, shape, stride), y)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("size", "stride", "padding"),
    [((3, 2), 1, 0), ((3, 3), (2, 1), (1, 2)), ((1, 1), 1, 0), ((5, 6), 1, 0), ((2, 2), 3, 1)],
)
def test_conv2d(size, stride, padding, bias, layout):
    weight, offset = uniform(4, 2, *size), uniform(4)
    x = uniform(*ARRAY.shape)
    operands = [x, weight, offset] if bias else [x, weight]
    out = assert_affine(
        lambda x, w, *b: engine.conv2d(x, w, *b, stride=stride, padding=padding),
        *operands,
        layout=layout,
    )
    down, across = np.broadcast_to(padding, 2)
    padded = np.pad(x, ((0, 0), (0, 0), (down, down), (across, across)))
    expected = by_window(
        padded, size, stride, lambda window: np.tensordot(window, weight, ((1, 2, 3), (1, 2, 3)))
    )
    expected += offset[:, None, None] if bias else 0.0
    np.testing.assert_allclose(np.asarray(out), expected, 0, 1e-13)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("size", "stride", "padding"), [(2, None, 0), (3, 2, 1), ((2, 3), (1, 2), (1, 0)), (1, 1, 0)]
)
@pytest.mark.parametrize(("pool", "of", "value"), [("max", np.max, -np.inf), ("avg", np.mean, 0.0)])
def test_pools(pool, of, value, size, stride, padding, layout):
    ours = getattr(engine, f"{pool}_pool2d")
    out = assert_affine(lambda x: ours(x, size, stride, padding), ARRAY, layout=layout, step=STEP)
    down, across = np.broadcast_to(padding, 2)
    padded = np.pad(ARRAY, ((0, 0), (0, 0), (down, down), (across, across)), constant_values=value)
    expected = by_window(
        padded, size, size if stride is None else stride, lambda window: of(window, (-2, -1))
    )
    np.testing.assert_allclose(np.asarray(out), expected, 1e-15)


def test_float32_stays():
    x, weight, bias = [
        uniform(*shape).astype(np.float32) for shape in [(2, 2, 5, 6), (4, 2, 3, 3), (4,)]
    ]
    assert_affine(lambda *xs: engine.conv2d(*xs, padding=1), x, weight, bias)
    assert_affine(lambda x: engine.avg_pool2d(x, 2), x)
    assert_affine(lambda x: engine.max_pool2d(x, 2), ARRAY.astype(np.float32), step=STEP)


def test_no_images():
    out = assert_affine(
        lambda x, w: engine.conv2d(x, w), np.zeros((0, 2, 5, 6)), uniform(4, 2, 3, 3)
    )
    assert out.shape == (0, 4, 3, 4)
    assert assert_affine(lambda x: engine.max_pool2d(x, 2), np.zeros((0, 4, 4))).shape == (0, 2, 2)


def test_the_largest_share_the_gradient():
    t = Tensor([[1.0, 1.0, 0.0, 2.0], [0.0, 1.0, 0.0, 2.0]], requires_grad=True)
    engine.max_pool2d(t, 2).backward(np.array([[3.0, 4.0]]))
    np.testing.assert_array_equal(t.grad, [[1.0, 1.0, 0.0, 2.0], [0.0, 1.0, 0.0, 2.0]])


def test_a_nan_in_a_window_shows():
    out = engine.max_pool2d(np.array([[1.0, np.nan], [2.0, 3.0]]), 2)
    assert np.isnan(out).all()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda t: engine.windows(t, 6), ShapeError, r"\(2, 2, 5, 6\) has no window of 6 by 6"),
        (lambda t: engine.windows(t[0, 0, 0], 1), ShapeError, r"\(6,\) has no window"),
        (lambda t: engine.windows(t, 0), ShapeError, "the size is one whole number or two, of 1"),
        (lambda t: engine.windows(t, (1, 2, 3)), ShapeError, "one whole number or two"),
        (lambda t: engine.windows(t, 1.5), OperandError, "the size is one whole number or two"),
        (lambda t: engine.windows(t, 1, 0), ShapeError, "the stride is one whole number or two"),
        (lambda t: engine.fold(t, (4, 4)), ShapeError, r"are not the windows of an array of 4 by"),
        (
            lambda t: engine.conv2d(t, uniform(4, 3, 2, 2)),
            ShapeError,
            r"conv2d: filters of shape \(4, 3, 2, 2\) cannot be laid over images of shape "
            r"\(2, 2, 5, 6\)",
        ),
        (lambda t: engine.conv2d(t[0], uniform(4, 2, 2, 2)), ShapeError, "conv2d: filters of"),
        (
            lambda t: engine.conv2d(t, uniform(4, 2, 2, 2), uniform(3)),
            ShapeError,
            r"take a bias of shape \(4,\), got \(3,\)",
        ),
        (
            lambda t: engine.conv2d(t, uniform(4, 2, 7, 2)),
            ShapeError,
            r"conv2d: a window of 7 by 2 does not fit images of shape \(2, 2, 5, 6\) with a padd",
        ),
        (lambda t: engine.conv2d(t, uniform(4, 2, 2, 2), padding=-1), ShapeError, "the padding"),
        (lambda t: engine.max_pool2d(t, 6), ShapeError, "max_pool2d: a window of 6 by 6 does not"),
        (lambda t: engine.max_pool2d(t, 2, padding=2), ShapeError, "more than half of a window"),
        (lambda t: engine.avg_pool2d(t, 2, 0), ShapeError, "avg_pool2d: the stride is one whole"),
    ],
)
def test_windows_that_do_not_fit(call, error, message):
    with pytest.raises(error, match=message):
        call(Tensor(ARRAY))
