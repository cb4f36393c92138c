"""Transforms of functions of arrays, against closed forms and against functions of Values."""

import numpy as np
import pytest

import engine
from engine import Tensor, Value, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from engine.errors import GraphError, ShapeError
from nn import losses

X = np.array([0.5, -1.25, 3.0])
A = np.array([[1.0, 2.0, -1.0], [0.5, -3.0, 2.0]])
ULP = 1e-15  # of order-one numbers: a few roundings


def test_a_gradient_has_the_shape_of_its_argument():
    assert np.array_equal(grad(lambda x: engine.sum(x**3))(X), 3 * X**2)


def test_value_and_grad_gives_plain_arrays():
    value, gradient = value_and_grad(lambda x: engine.sum(x * x))(X)
    assert value == X @ X
    assert type(gradient) is np.ndarray
    assert np.array_equal(gradient, 2 * X)


def test_a_jacobian_has_the_axes_of_the_result_and_then_of_the_argument():
    assert np.array_equal(jacobian(lambda x: A @ x)(X), A)
    outer = jacobian(lambda w: w @ X)(A)  # d (w x)_i / d w_jk = x_k where i = j
    assert np.array_equal(outer, np.einsum("ij,k->ijk", np.eye(2), X))


def test_a_hessian_of_logsumexp_is_diag_s_less_s_s():
    s = np.exp(X) / np.exp(X).sum()
    assert hessian(engine.logsumexp)(X) == pytest.approx(np.diag(s) - np.outer(s, s), abs=ULP)


def test_third_derivatives_of_a_sine():
    def slope(x):
        return engine.sum(grad(lambda y: engine.sum(engine.sin(y)))(x))

    def curvature(x):
        return engine.sum(grad(slope)(x))

    assert grad(curvature)(X) == pytest.approx(-np.cos(X), abs=ULP)


def test_forward_mode_is_the_jacobian_times_the_direction():
    direction = np.array([1.0, -2.0, 0.5])
    value, slope = jvp(lambda x: engine.tanh(A @ x), (X,), (direction,))
    assert value == pytest.approx(np.tanh(A @ X), abs=ULP)
    assert slope == pytest.approx((1 - np.tanh(A @ X) ** 2) * (A @ direction), abs=ULP)


def test_forward_mode_of_what_does_not_depend_on_the_argument_is_zero():
    value, slope = jvp(lambda x: Tensor(A), (X,), (X,))
    assert np.array_equal(value, A)
    assert np.array_equal(slope, np.zeros((2, 3)))


def test_a_pullback_takes_a_cotangent_of_the_result():
    value, pullback = vjp(lambda a, x: a @ x, A, X)
    by_a, by_x = pullback(np.array([1.0, 10.0]))
    assert np.array_equal(value, A @ X)
    assert np.array_equal(by_a, np.outer([1.0, 10.0], X))
    assert np.array_equal(by_x, A.T @ [1.0, 10.0])


def test_a_hessian_times_a_vector_needs_no_hessian():
    (product,) = hvp(lambda x: engine.sum(x**3), (X,), (np.array([1.0, 0.0, 2.0]),))
    assert product == pytest.approx(6 * X * [1.0, 0.0, 2.0], rel=1e-15)


def test_trees_mix_numbers_and_arrays():
    def loss(p):
        return engine.sum(p["w"] @ X) + 2.0 * engine.sum(p["b"])

    gradient = grad(loss)({"w": A, "b": np.zeros((1, 1))})
    assert np.array_equal(gradient["w"], [X, X])
    assert np.array_equal(gradient["b"], [[2.0]])


def affine(a, x):
    return a @ x


def squares(p):
    return engine.sum((p["w"] @ X + p["b"]) ** 2)


def test_argnums_choose_arguments():
    assert np.array_equal(grad(lambda a, x: engine.sum(a @ x), argnums=-1)(A, X), A.sum(0))
    by_a, by_x = jacobian(affine, argnums=(0, 1))(A, X)
    assert np.array_equal(by_a, np.einsum("ij,k->ijk", np.eye(2), X))
    assert np.array_equal(by_x, A)
    blocks = hessian(lambda a, x: engine.sum((a @ x) ** 2), argnums=(0, 1))(A, X)
    assert [[block.shape for block in row] for row in blocks] == [
        [(2, 3, 2, 3), (2, 3, 3)],
        [(3, 2, 3), (3, 3)],
    ]
    assert np.array_equal(blocks[0][0], 2 * np.einsum("ij,k,l->ikjl", np.eye(2), X, X))
    # d² Σ (a x)² / da_ik dx_l = 2 (a_il x_k + (a x)_i δ_kl)
    mixed = np.einsum("il,k->ikl", A, X) + np.einsum("i,kl->ikl", A @ X, np.eye(3))
    assert blocks[0][1] == pytest.approx(2 * mixed, abs=1e-14)
    assert blocks[1][0] == pytest.approx(2 * np.moveaxis(mixed, -1, 0), abs=1e-14)
    assert blocks[1][1] == pytest.approx(2 * A.T @ A, abs=1e-14)
    value, (by_a, by_x) = value_and_grad(lambda a, x: engine.sum(a @ x), argnums=(0, 1))(A, X)
    assert value == pytest.approx(np.sum(A @ X))
    assert np.array_equal(by_a, [X, X])
    assert np.array_equal(by_x, A.sum(0))


def test_trees_of_arrays_in_every_transform():
    p = {"w": A, "b": np.array([0.5, -1.0])}
    residual = A @ X + p["b"]
    slopes = jacobian(lambda p: p["w"] @ X + p["b"])(p)
    assert np.array_equal(slopes["b"], np.eye(2))
    assert np.array_equal(slopes["w"], np.einsum("ij,k->ijk", np.eye(2), X))
    gradient = grad(squares)(p)
    assert gradient["b"] == pytest.approx(2 * residual, abs=1e-14)
    assert gradient["w"] == pytest.approx(2 * np.outer(residual, X), abs=1e-14)
    curvature = hessian(squares)(p)
    assert np.array_equal(curvature["b"]["b"], 2 * np.eye(2))
    assert np.array_equal(curvature["w"]["b"], 2 * np.einsum("ij,k->ikj", np.eye(2), X))
    (product,) = hvp(squares, (p,), (p,))
    change = A @ X + p["b"]
    assert product["b"] == pytest.approx(2 * change, abs=1e-14)
    assert product["w"] == pytest.approx(2 * np.outer(change, X), abs=1e-13)
    value, slope = jvp(lambda p: p["w"] @ X + p["b"], (p,), (p,))
    assert np.array_equal(value, slope)
    _, pullback = vjp(lambda p: p["w"] @ X + p["b"], p)
    (back,) = pullback(np.array([1.0, -2.0]))
    assert np.array_equal(back["b"], [1.0, -2.0])
    assert np.array_equal(back["w"], np.outer([1.0, -2.0], X))


def test_trees_of_results():
    slopes = jacobian(lambda x: {"twice": 2.0 * x, "total": [engine.sum(x)]})(X)
    assert np.array_equal(slopes["twice"], 2.0 * np.eye(3))
    assert np.array_equal(slopes["total"][0], np.ones(3))


def test_third_derivatives_are_arrays_of_three_axes():
    third = jacobian(hessian(lambda x: engine.sum(x**4) + engine.prod(x)))(X)
    expected = np.zeros((3, 3, 3))
    for i, j, k in np.ndindex(3, 3, 3):
        expected[i, j, k] = 24.0 * X[i] if i == j == k else float(len({i, j, k}) == 3)
    assert third == pytest.approx(expected, abs=1e-13)


def test_forward_mode_over_forward_mode():
    def slope(x):
        return jvp(engine.sin, (x,), (np.ones(3),))[1]

    assert jvp(slope, (X,), (np.ones(3),))[1] == pytest.approx(-np.sin(X), abs=ULP)


def test_arrays_without_axes_and_without_elements():
    assert hessian(lambda x: x**3)(np.array(2.0)) == 12.0
    assert jacobian(lambda x: x**3)(np.array(2.0)).shape == ()
    assert jacobian(lambda x: x * 2)(np.zeros(0)).shape == (0, 0)
    assert grad(engine.sum)(np.zeros((0, 3))).shape == (0, 3)


IMAGE, SQUARE, LABELS = (1, 1, 3, 4), (3, 4), [0, 3, 1]
SMOOTH = {
    "conv2d": lambda x: engine.conv2d(x.reshape(IMAGE), x.reshape(IMAGE)[..., :2, :2]),
    "max_pool2d": lambda x: engine.max_pool2d(x.reshape(IMAGE), 2, 1),
    "softmax": lambda x: engine.softmax(x.reshape(SQUARE)),
    "cross_entropy": lambda x: losses.cross_entropy(x.reshape(SQUARE), LABELS),
    "sort": lambda x: engine.sort(x) * np.arange(12.0),
    "cumprod": lambda x: engine.cumprod(x.reshape(SQUARE), 1),
    "getitem": lambda x: x[[0, 0, 1]],
    "einsum": lambda x: engine.einsum("ij,kj->ik", x.reshape(SQUARE), x.reshape(SQUARE)),
    "linear": lambda x: engine.linear(x.reshape(SQUARE), x.reshape(SQUARE), x[:3]),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_second_derivatives_are_differences_of_first(name):
    def function(x):
        return engine.sum(SMOOTH[name](x) ** 3)

    x, step = np.linspace(-0.9, 1.1, 12), 1e-5
    slope = grad(function)
    rows = [(slope(x + d) - slope(x - d)) / (2.0 * step) for d in step * np.eye(12)]
    curvature = hessian(function)(x)
    # The fourth derivative times step², and the rounding of the first over the step.
    assert curvature == pytest.approx(np.array(rows), rel=1e-8, abs=1e-8 * np.abs(rows).max())
    assert curvature == pytest.approx(curvature.T, abs=1e-13 * np.abs(rows).max())


@pytest.mark.parametrize(
    "function",
    [
        engine.prod,
        engine.var,
        engine.std,
        engine.norm,
        engine.logsumexp,
        engine.max,
        lambda x: engine.softmax(x)[0],
    ],
    ids=["prod", "var", "std", "norm", "logsumexp", "max", "softmax"],
)
def test_second_derivatives_are_those_of_values(function):
    expected = np.array(hessian(function)(X.tolist()))
    assert hessian(function)(X) == pytest.approx(expected, rel=1e-13, abs=1e-14)  # sums of ten


def test_a_value_and_a_tensor_do_not_mix_inside_a_transform():
    with pytest.raises(TypeError, match="Tensor"):
        grad(lambda s: s * Tensor(X))(2.0)


def test_float32_stays_float32():
    gradient = grad(lambda x: engine.sum(engine.tanh(x) * 2.0))(X.astype(np.float32))
    assert gradient.dtype == np.float32


def test_nothing_is_left_on_grad():
    w = Tensor(A, requires_grad=True)
    gradient = grad(lambda x: engine.sum(w @ x))(X)
    assert np.array_equal(gradient, A.sum(0))
    assert w.grad is None


def test_a_gradient_of_a_tensor_is_a_tensor_with_a_graph():
    x = Tensor(X, requires_grad=True)
    slope = grad(lambda y: engine.sum(y**3))(x)
    engine.sum(slope).backward()
    assert np.array_equal(x.grad, 6 * X)


def test_grad_of_an_array_says_to_reduce_it():
    with pytest.raises(ShapeError, match=r"array of shape \(3,\).*sum\(\).*jacobian"):
        grad(lambda x: x * 2)(X)


def test_a_direction_of_another_shape_is_refused():
    with pytest.raises(ShapeError, match=r"\(2,\).*\(3,\)"):
        jvp(lambda x: x * 2, (X,), (np.ones(2),))


def test_data_changed_while_a_transform_runs_are_found():
    w = Tensor(A, requires_grad=True)

    def function(x):
        out = engine.sum(engine.tanh(w @ x))
        w.data = A + 1.0
        return out

    with pytest.raises(GraphError, match="changed"):
        grad(function)(X)


def test_values_beside_arrays_are_told_apart():
    by_s, by_x = grad(lambda s, x: s * 3.0, argnums=(0, 1))(Value(2.0), X)
    assert by_s.data == 3.0
    assert np.array_equal(by_x, np.zeros(3))
