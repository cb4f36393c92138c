"""Products of arrays of every rank."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

import engine
from engine import OperandError, ShapeError, Tensor, Value
from engine.arrays.linalg import product
from tests.oracles.affine import LAYOUTS, assert_affine

RNG = np.random.default_rng(0)
SHAPES = [
    ((2, 3), (3, 4)),
    ((3,), (3,)),
    ((3,), (3, 4)),
    ((2, 3), (3,)),
    ((5, 2, 3), (3, 4)),
    ((5, 2, 3), (5, 3, 4)),
    ((2, 3), (5, 3, 4)),
    ((5, 1, 2, 3), (4, 3, 2)),
    ((3,), (5, 3, 4)),
    ((5, 2, 3), (3,)),
    ((1, 2, 3), (5, 3, 1)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 3)),
    ((0,), (0,)),
    ((4, 0, 3), (3, 2)),
    ((0, 2, 3), (0, 3, 2)),
    ((2, 0, 0), (0, 3)),
]


def uniform(shape, dtype=np.float64):
    return RNG.uniform(-1.0, 1.0, shape).astype(dtype)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_matmul(shapes, layout):
    x, y = map(uniform, shapes)
    out = assert_affine(engine.matmul, x, y, layout=layout)
    # NumPy may add the products in another order for another layout
    np.testing.assert_allclose(np.asarray(out), x @ y, 0, 1e-14)


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_matmul_of_float32(shapes):
    x, y = [uniform(shape, np.float32) for shape in shapes]
    out = assert_affine(engine.matmul, x, y)
    np.testing.assert_allclose(np.asarray(out), x @ y, 0, 1e-6)


@given(hnp.mutually_broadcastable_shapes(signature="(m,k),(k,n)->(m,n)", min_side=0, max_side=3))
def test_matmul_of_any_shapes(broadcast):
    x, y = [np.arange(np.prod(s, dtype=float)).reshape(s) - 3.0 for s in broadcast.input_shapes]
    out = assert_affine(engine.matmul, x, y)
    np.testing.assert_array_equal(np.asarray(out), x @ y)  # of whole numbers, exactly
    assert out.shape == broadcast.result_shape


def test_an_array_on_either_side():
    x, y = uniform((2, 3)), uniform((3, 4))
    t = Tensor(y, requires_grad=True)
    out = x @ t
    assert isinstance(out, Tensor)
    out.backward(np.ones((2, 4)))
    np.testing.assert_allclose(t.grad, x.T @ np.ones((2, 4)), 1e-14)
    assert isinstance(Tensor(x) @ y, Tensor)
    assert isinstance(engine.matmul(x, y), np.ndarray)
    np.testing.assert_array_equal(engine.matmul([[1, 2]], [[3], [4]]), [[11.0]])


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x[::-1],
        lambda x: x[:, ::-1],
        lambda x: x[:, ::2],
        lambda x: x[::2],
        lambda x: np.broadcast_to(x[0], x.shape),
        lambda x: np.broadcast_to(x[:, :1], x.shape),
        lambda x: x.T,
        lambda x: np.stack([x, x])[:, ::-1],
        lambda x: np.stack([x, x]).transpose(0, 2, 1),
        lambda x: x[1:3, 1:4],
    ],
)
def test_the_product_of_any_layout_is_that_of_a_copy(change):
    x = change(uniform((4, 4)))
    y = change(uniform((4, 4))).swapaxes(-1, -2)
    np.testing.assert_allclose(product(x, y), np.matmul(x.copy(), y.copy()), 0, 1e-14)


def test_infinities_and_nan_go_through_without_a_warning():
    x = Tensor([[np.inf, 1.0], [np.nan, 1.0]], requires_grad=True)
    out = x @ np.zeros((2, 1))
    assert np.isnan(np.asarray(out)).all()


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (((2, 3), (4, 5)), r"matmul: cannot multiply \(2, 3\) @ \(4, 5\): the inner sizes 3 and 4"),
        (((3,), (4,)), r"cannot multiply \(3,\) @ \(4,\): the inner sizes 3 and 4 differ"),
        (((2, 3), (2,)), r"cannot multiply \(2, 3\) @ \(2,\): the inner sizes 3 and 2 differ"),
        (((5, 2, 3), (2, 2)), "the inner sizes 3 and 2 differ; .* transpose one of them"),
        (((), (3,)), r"cannot multiply \(\) @ \(3,\): use \* for a single number"),
        (((3,), ()), r"cannot multiply \(3,\) @ \(\): use \*"),
        (((5, 2, 3), (4, 3, 2)), r"\(5, 2, 3\) @ \(4, 3, 2\): the axes before .* do not broadcast"),
    ],
)
def test_shapes_that_cannot_be_multiplied(shapes, message):
    x, y = map(uniform, shapes)
    for call in (lambda: Tensor(x) @ Tensor(y), lambda: x @ Tensor(y), lambda: engine.matmul(x, y)):
        with pytest.raises(ShapeError, match=message):
            call()


@pytest.mark.parametrize("other", ["a", None, [1.0], Value(1.0)])
def test_what_is_no_operand_of_a_product(other):
    with pytest.raises(TypeError):
        Tensor(np.zeros((1, 1))) @ other
    with pytest.raises(OperandError):
        engine.matmul(Value(1.0), np.zeros((1, 1)))


# ----- linear ------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(5, 3), (3,), (2, 5, 3), (0, 3), (2, 0, 3)], ids=str)
def test_linear(shape, layout):
    x, weight, bias = uniform(shape), uniform((4, 3)), uniform((4,))
    out = assert_affine(engine.linear, x, weight, bias, layout=layout)
    np.testing.assert_allclose(np.asarray(out), x @ weight.T + bias, 0, 1e-14)


def test_linear_of_float32():
    arrays = [uniform(shape, np.float32) for shape in [(5, 3), (4, 3), (4,)]]
    assert_affine(engine.linear, *arrays)


def test_the_gradient_of_a_sum_over_linear_is_stretched():
    """It has one number for all elements, which BLAS cannot read."""
    x, weight = uniform((5, 3)), Tensor(uniform((4, 3)), requires_grad=True)
    engine.sum(engine.linear(x, weight, np.zeros(4))).backward()
    np.testing.assert_allclose(weight.grad, np.tile(x.sum(0), (4, 1)), 0, 1e-14)


@pytest.mark.parametrize(
    "shapes",
    [((5, 2), (4, 3), (4,)), ((5, 3), (4, 3), (3,)), ((5, 3), (3,), (4,)), ((), (4, 3), 4)],
)
def test_shapes_that_linear_does_not_take(shapes):
    with pytest.raises(ShapeError, match="linear: cannot apply a weight of shape"):
        engine.linear(*[Tensor(uniform(shape)) for shape in shapes])


# ----- outer -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shapes", [((3,), (4,)), ((2, 2), (3,)), ((), (3,)), ((0,), (3,))], ids=str
)
def test_outer(shapes):
    x, y = map(uniform, shapes)
    out = assert_affine(engine.outer, x, y)
    np.testing.assert_array_equal(np.asarray(out), np.outer(x, y))
