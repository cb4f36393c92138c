"""The transforms, against closed forms."""

from __future__ import annotations

import math
from collections import namedtuple

import numpy as np
import pytest

import engine
from engine import (
    GraphError,
    NumberError,
    OperandError,
    ShapeError,
    Value,
    cos,
    exp,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    log,
    no_grad,
    sin,
    softmax,
    tanh,
    vjp,
)

X = 0.7
TANH = math.tanh(X)


def sigmoid_third(x: float) -> float:
    s = 1.0 / (1.0 + math.exp(-x))
    return s * (1.0 - s) * (1.0 - 6.0 * s + 6.0 * s * s)


THIRD_DERIVATIVES = {
    "x**5": (lambda x: x**5, 60.0 * X**2),
    "exp": (exp, math.exp(X)),
    "log": (log, 2.0 / X**3),
    "sin": (sin, -math.cos(X)),
    "cos": (cos, math.sin(X)),
    "tanh": (tanh, -2.0 * (1.0 - TANH**2) * (1.0 - 3.0 * TANH**2)),
    "sigmoid": (engine.sigmoid, sigmoid_third(X)),
    "1/x": (lambda x: 1.0 / x, -6.0 / X**4),
    "sqrt": (engine.sqrt, 0.375 * X**-2.5),
    "2**x": (lambda x: 2.0**x, 2.0**X * math.log(2.0) ** 3),
    "x*sin": (lambda x: x * sin(x), -3.0 * math.sin(X) - X * math.cos(X)),
    "x exp(x^2)": (lambda x: exp(x * x), math.exp(X * X) * (8.0 * X**3 + 12.0 * X)),
}


@pytest.mark.parametrize("name", THIRD_DERIVATIVES)
def test_third_derivative(name: str) -> None:
    function, expected = THIRD_DERIVATIVES[name]
    assert grad(grad(grad(function)))(X) == pytest.approx(expected, rel=1e-13)


def test_fifth_derivative_of_sin() -> None:
    fifth = sin
    for _ in range(5):
        fifth = grad(fifth)
    assert fifth(X) == pytest.approx(math.cos(X), rel=1e-14)


def test_power_at_zero_to_third_order() -> None:
    square = lambda x: x**2  # noqa: E731
    assert [grad(square)(0.0), grad(grad(square))(0.0), grad(grad(grad(square)))(0.0)] == [0, 2, 0]


class TestGrad:
    def test_equals_backward_bit_for_bit(self) -> None:
        def function(x: object, y: object) -> object:
            h = x * y + sin(x)  # type: ignore[operator]
            return tanh(h) * h + exp(-h) * y  # type: ignore[operator]

        x, y = Value(0.3), Value(-1.7)
        function(x, y).backward()  # type: ignore[attr-defined]
        assert grad(function, (0, 1))(0.3, -1.7) == (x.grad, y.grad)

    def test_of_nested_containers(self) -> None:
        Point = namedtuple("Point", "x y")
        tree = {"p": Point(2.0, 3.0), "w": [4.0, (5.0,)]}
        gradient = grad(lambda t: t["p"].x * t["p"].y + t["w"][0] * t["w"][1][0])(tree)
        assert gradient == {"p": Point(3.0, 2.0), "w": [5.0, (4.0,)]}

    def test_argnums(self) -> None:
        function = lambda x, y, z: x * y * z  # noqa: E731
        assert grad(function, 1)(2.0, 3.0, 5.0) == 10.0
        assert grad(function, -1)(2.0, 3.0, 5.0) == 6.0
        assert grad(function, (0, 2))(2.0, 3.0, 5.0) == (15.0, 6.0)

    def test_keywords_are_passed_on(self) -> None:
        assert grad(lambda x, power: x**power)(3.0, power=2) == 6.0

    def test_of_what_does_not_depend_on_the_argument_is_zero(self) -> None:
        w = Value(3.0)
        assert grad(lambda x: 5.0)(1.0) == 0.0
        assert grad(lambda x: w * 2)(1.0) == 0.0
        assert grad(lambda x, y: y * 2)(1.0, 2.0) == 0.0

    def test_leaves_the_gradients_of_closed_over_values_alone(self) -> None:
        w = Value(3.0)
        doubled = w * 2
        assert grad(lambda x: doubled * x * x)(5.0) == 60.0
        assert w.grad is None
        assert doubled.grad is None

    def test_works_inside_no_grad(self) -> None:
        with no_grad():
            assert grad(lambda x: x * x)(3.0) == 6.0

    def test_restores_its_depth_after_an_exception(self) -> None:
        def fails(x: object) -> object:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            grad(fails)(1.0)
        assert isinstance(grad(lambda x: x * x)(1.0), float)


class TestNesting:
    def test_inner_variable_at_the_outer_one(self) -> None:
        # d/dx [d/dy (x·y) at y = x] = d/dx [x] = 1; taking the two variables for one gives 2
        assert grad(lambda x: grad(lambda y: x * y)(x))(3.0) == 1.0

    def test_inner_derivative_as_a_factor(self) -> None:
        # x · d/dy (x + y) = x · 1, whose derivative is 1: the classic perturbation confusion
        assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0

    def test_closed_over_outer_variable(self) -> None:
        # d/dy (x·y²) at 2 = 4x
        assert grad(lambda x: grad(lambda y: x * y * y)(2.0))(3.0) == 4.0

    def test_value_in_gives_a_value_with_a_graph(self) -> None:
        x = Value(3.0)
        slope = grad(lambda v: v**3)(x)
        slope.backward()
        assert (slope.data, x.grad) == (27.0, 18.0)

    def test_gradient_penalty_reaches_closed_over_weights(self) -> None:
        w, x = Value(2.0), Value(3.0)
        penalty = grad(lambda v: w * v * v)(x) ** 2  # (2wx)²
        penalty.backward()
        assert (w.grad, x.grad) == (8 * 2.0 * 9.0, 8 * 4.0 * 3.0)


class TestMatrices:
    def test_jacobian_of_polar_coordinates(self) -> None:
        r, t = 2.0, 0.5
        rows = jacobian(lambda p: {"x": p[0] * cos(p[1]), "y": p[0] * sin(p[1])})([r, t])
        assert rows["x"] == pytest.approx([math.cos(t), -r * math.sin(t)], rel=1e-15)
        assert rows["y"] == pytest.approx([math.sin(t), r * math.cos(t)], rel=1e-15)

    def test_jacobian_beside_an_infinite_derivative(self) -> None:
        assert jacobian(lambda v: [log(v[0]), v[0]])([0.0]) == [[math.inf], [1.0]]

    def test_jacobian_with_several_argnums(self) -> None:
        assert jacobian(lambda x, y: [x * y, x], (0, 1))(2.0, 3.0) == [(3.0, 2.0), (1.0, 0.0)]

    def test_jacobian_of_softmax(self) -> None:
        xs = [0.1, -0.4, 1.2]
        total = math.fsum(map(math.exp, xs))
        s = [math.exp(x) / total for x in xs]
        for i, row in enumerate(jacobian(softmax)(xs)):
            expected = [s[i] * ((i == j) - s[j]) for j in range(3)]
            assert row == pytest.approx(expected, rel=1e-14)

    def test_hessian_of_a_cubic(self) -> None:
        x, y = 1.5, -2.0
        assert hessian(lambda v: v[0] ** 2 * v[1] + v[1] ** 3)([x, y]) == [
            [2 * y, 2 * x],
            [2 * x, 6 * y],
        ]

    def test_hessian_of_logsumexp(self) -> None:
        xs = [0.1, -0.4]
        p = 1.0 / (1.0 + math.exp(xs[1] - xs[0]))
        q = p * (1.0 - p)
        rows = hessian(engine.logsumexp)(xs)
        assert rows[0] == pytest.approx([q, -q], rel=1e-13)
        assert rows[1] == pytest.approx([-q, q], rel=1e-13)

    def test_hessian_for_two_arguments(self) -> None:
        blocks = hessian(lambda x, y: x * x * y, (0, 1))(2.0, 3.0)
        assert blocks == ((6.0, 4.0), (4.0, 0.0))


class TestProducts:
    def test_jvp_of_a_chain(self) -> None:
        value, slope = jvp(lambda x: sin(x) * x, (X,), (2.0,))
        assert value == math.sin(X) * X
        assert slope == pytest.approx(2.0 * (math.cos(X) * X + math.sin(X)), rel=1e-15)

    def test_jvp_and_vjp_are_transposes(self) -> None:
        function = lambda v: [v[0] * v[1], sin(v[0]), v[1] ** 3]  # noqa: E731
        point, direction, cotangent = [0.3, 1.1], [2.0, -1.0], [0.5, -3.0, 0.25]
        _, slopes = jvp(function, (point,), (direction,))
        _, pullback = vjp(function, point)
        (gradient,) = pullback(cotangent)
        forward = math.fsum(c * s for c, s in zip(cotangent, slopes, strict=True))
        reverse = math.fsum(g * d for g, d in zip(gradient, direction, strict=True))
        assert forward == pytest.approx(reverse, rel=1e-14)

    def test_jvp_of_jvp_is_a_second_derivative(self) -> None:
        first = lambda x: jvp(exp, (2 * x,), (1.0,))[1]  # noqa: E731
        assert jvp(first, (X,), (1.0,))[1] == pytest.approx(2 * math.exp(2 * X), rel=1e-15)

    def test_pullback_can_be_called_again(self) -> None:
        _, pullback = vjp(lambda x: x * x, 3.0)
        assert (pullback(1.0), pullback(10.0)) == ((6.0,), (60.0,))

    def test_hvp_is_the_hessian_times_the_vector(self) -> None:
        function = lambda v: v[0] ** 2 * v[1] + exp(v[0] * v[1])  # noqa: E731
        point, vector = [0.4, -0.9], [1.5, 2.0]
        rows = hessian(function)(point)
        expected = [math.fsum(h * v for h, v in zip(row, vector, strict=True)) for row in rows]
        (product,) = hvp(function, (point,), (vector,))
        assert product == pytest.approx(expected, rel=1e-13)

    def test_identity_results_and_constant_results(self) -> None:
        assert jvp(lambda x, y: [x, 7.0], (1.0, 2.0), (3, 4)) == ([1.0, 7.0], [3.0, 0.0])


class TestErrors:
    def test_grad_of_several_results(self) -> None:
        with pytest.raises(ShapeError, match=r"returned a list of 2: use jacobian\(\)"):
            grad(lambda x: [x, x])(1.0)

    def test_argnums_out_of_range(self) -> None:
        with pytest.raises(NumberError, match="names argument 2, and the call has 1"):
            grad(lambda x: x, 2)(1.0)

    @pytest.mark.parametrize("argnums", [1.5, "x", None, (0, 1.0)], ids=repr)
    def test_argnums_that_are_no_positions(self, argnums) -> None:
        with pytest.raises(OperandError, match=r"grad: argnums is the position .* got "):
            grad(lambda x, y: x, argnums)(1.0, 2.0)

    def test_argnums_twice(self) -> None:
        with pytest.raises(NumberError, match="twice"):
            grad(lambda x, y: x, (0, -2))(1.0, 2.0)

    def test_argument_that_is_no_number_is_named_by_its_path(self) -> None:
        with pytest.raises(OperandError, match=r"argument 0\['w'\]\[1\] takes numbers, got str"):
            grad(lambda t: t["w"][0])({"w": [1.0, "two"]})

    def test_what_is_no_function(self) -> None:
        with pytest.raises(OperandError, match=r"grad\(\) takes a function, got a Value: for"):
            grad(Value(2.0) * 3.0)(1.0)
        with pytest.raises(OperandError, match=r"jvp\(\) takes a function, got a float"):
            jvp(2.0, (1.0,), (1.0,))

    def test_function_that_returns_nothing(self) -> None:
        with pytest.raises(OperandError, match=r"the function.s result .* got NoneType"):
            grad(lambda x: None)(1.0)

    def test_tangents_of_another_shape(self) -> None:
        with pytest.raises(ShapeError, match="got 1 numbers for 2"):
            jvp(lambda v: v[0], ([1.0, 2.0],), ([1.0],))
        with pytest.raises(ShapeError, match=r"hvp: tangents must be .* got 2 numbers for 1"):
            hvp(lambda x: x, (1.0,), (1.0, 2.0))

    @pytest.mark.parametrize("transform", [jvp, hvp])
    def test_arguments_that_are_no_tuple(self, transform) -> None:
        takes = rf"{transform.__name__}\(\) takes its"
        with pytest.raises(
            OperandError, match=rf"{takes} primals as a tuple.* got float: .*\(x,\)"
        ):
            transform(lambda x: x * x, 2.0, 1.0)
        with pytest.raises(OperandError, match=f"{takes} tangents as a tuple.* got ndarray"):
            transform(lambda x: engine.sum(x * x), (np.ones(2),), np.ones(2))

    def test_data_changed_while_differentiating(self) -> None:
        def changes(x: Value) -> Value:
            y = x * x
            x.data = 10.0
            return y

        assert grad(changes)(2.0) == 4.0  # captured when it was recorded
        with pytest.raises(GraphError, match="changed after it was recorded"):
            grad(grad(changes))(2.0)


def test_what_was_computed_before_stays_as_it_is_under_an_op_of_many():
    x = Value(2.0)
    before = x * 3.0
    before.backward()
    slope = grad(lambda t: engine.sum([t, before, t * before]))(5.0)
    assert slope == 7.0
    assert (before.grad, x.grad) == (1.0, 3.0)
