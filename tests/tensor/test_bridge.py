"""The bridge between Values and Tensors: gradients cross it both ways, to any order."""

import numpy as np
import pytest

import engine
from engine import Tensor, Value, detect_anomaly, grad, hessian, jacobian, jvp
from engine.errors import OperandError, ShapeError


def test_a_tensor_of_values_passes_gradients_to_them():
    a, b = Value(2.0), Value(3.0)
    tensor = Tensor.from_values([[a, b], [a, 1.0]])
    assert tensor.tolist() == [[2.0, 3.0], [2.0, 1.0]]
    (tensor * tensor).sum().backward()
    assert (a.grad, b.grad) == (8.0, 6.0)


def test_values_of_a_tensor_pass_gradients_back():
    t = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    (a, b), (c, d) = (t * 2).to_values()
    (a * b + c * a).backward()  # d is not used
    assert d.data == 8.0
    assert np.array_equal(t.grad, [[2 * (4 + 6), 4.0], [4.0, 0.0]])


def test_there_and_back_gives_the_same_gradient():
    t = Tensor(np.arange(24.0).reshape(2, 3, 4), requires_grad=True)
    back = Tensor.from_values(t.to_values())
    assert np.array_equal(back.data, t.data)
    engine.sum(back**3).backward()
    assert np.array_equal(t.grad, 3 * t.data**2)


def test_gradients_over_the_bridge_accumulate_at_leaves():
    t = Tensor([1.0, 2.0], requires_grad=True)
    for _ in range(2):
        x, y = t.to_values()
        (x * y).backward()
    assert np.array_equal(t.grad, [4.0, 2.0])


def test_constants_stay_constants():
    (x,) = Tensor([1.0]).to_values()
    assert not x.requires_grad
    assert not Tensor.from_values([1.0, Value(2.0, requires_grad=False)]).requires_grad


def test_shapes_of_none_and_of_single_numbers():
    assert Tensor.from_values(Value(2.0)).shape == ()
    assert Tensor(5.0, requires_grad=True).to_values().data == 5.0
    assert Tensor.from_values([]).shape == (0,)
    assert Tensor(np.zeros((2, 0))).to_values() == [[], []]


def test_second_derivatives_cross_the_bridge():
    assert hessian(lambda p: (Tensor.from_values(p) ** 3).sum())([1.0, 2.0]) == [
        [6.0, 0.0],
        [0.0, 12.0],
    ]
    product = hessian(lambda p: engine.prod(p.to_values()))(np.array([1.0, 2.0, 3.0]))
    assert np.array_equal(product, [[0, 3, 2], [3, 0, 1], [2, 1, 0]])


def test_a_curve_crosses_the_bridge_in_every_transform():
    curve = lambda s: Tensor.from_values([s * s, s**3])  # noqa: E731
    length = lambda s: engine.sum(curve(s) ** 2)  # noqa: E731  (s⁴ + s⁶)
    assert np.array_equal(jacobian(curve)(2.0), [4.0, 12.0])
    assert [part.data for part in jacobian(curve)(Value(2.0))] == [4.0, 12.0]
    assert grad(lambda s: engine.sum(jacobian(curve)(s)))(2.0) == 2 + 12
    assert grad(lambda s: engine.sum(curve(s)))(Value(2.0)).data == 16.0
    assert grad(lambda s: engine.sum(curve(s)))(2.0) == 16.0
    assert grad(grad(lambda s: engine.sum(curve(s))))(2.0) == 14.0
    assert hessian(length)(2.0) == grad(grad(length))(2.0) == 12 * 4 + 30 * 16
    value, slope = jvp(curve, (2.0,), (3.0,))
    assert np.array_equal([value, slope], [[4.0, 8.0], [12.0, 36.0]])


def test_forward_mode_crosses_the_bridge():
    point, direction = np.array([1.0, 2.0, 3.0]), np.ones(3)
    value, slope = jvp(lambda p: engine.prod(p.to_values()), (point,), (direction,))
    assert (value, slope) == (6.0, 11.0)


def test_float32_crosses_as_float32():
    t = Tensor.from_values([Value(0.1)], dtype=np.float32)
    assert t.dtype == np.float32
    x = Value(0.1)
    Tensor.from_values([x], dtype=np.float32).sum().backward()
    assert x.grad == 1.0


def test_a_transform_over_the_bridge_touches_no_grad():
    t = Tensor([1.0, 2.0], requires_grad=True)
    gradient = grad(lambda p: engine.sum(Tensor.from_values(p.to_values()) ** 2))(t)
    assert np.array_equal(gradient.data, [2.0, 4.0])
    assert t.grad is None


@pytest.mark.parametrize(
    "mix",
    [
        lambda v, t: v * t,
        lambda v, t: t * v,
        lambda v, t: engine.maximum(v, t),
        lambda v, t: engine.maximum(t, v),
        lambda v, t: t @ v,
    ],
    ids=["v*t", "t*v", "max(v,t)", "max(t,v)", "t@v"],
)
def test_mixing_by_accident_names_the_bridge(mix):
    with pytest.raises((OperandError, ShapeError), match=r"from_values|cannot multiply"):
        mix(Value(2.0), Tensor([1.0, 2.0]))


@pytest.mark.parametrize("dtype", [int, "float16", "i,j->k", -1, object()])
def test_a_tensor_of_values_is_of_floats(dtype):
    with pytest.raises(OperandError, match="the dtype of a Tensor is float64 or float32, got"):
        Tensor.from_values([Value(1.5)], dtype)


def test_rows_of_different_lengths_are_refused():
    with pytest.raises(ShapeError, match=r"\(1,\) and \(2,\)"):
        Tensor.from_values([[Value(1.0)], [Value(1.0), Value(2.0)]])


def test_what_is_no_number_is_refused():
    with pytest.raises(OperandError, match=r"from_values\(\) takes numbers, got str 'x'"):
        Tensor.from_values([1.0, "x"])


def test_anomalies_are_found_on_both_sides():
    t = Tensor([0.0, 1.0], requires_grad=True)
    with detect_anomaly(), pytest.raises(FloatingPointError, match=r"log.* gave"):
        engine.log(t)
    with detect_anomaly(), pytest.raises(FloatingPointError, match=r"gradient of sqrt"):
        engine.sum(engine.sqrt(t)).backward()


def test_anomaly_mode_passes_gradients_over_both_bridges():
    a, b = Value(2.0), Value(3.0)
    with detect_anomaly():
        x, y = (Tensor.from_values([a, b]) ** 2.0).to_values()
        (x * y).backward()
    assert (a.grad, b.grad) == (2.0 * 2.0 * 9.0, 2.0 * 3.0 * 4.0)
    with detect_anomaly(), pytest.raises(FloatingPointError, match=r"gradient of sqrt"):
        engine.sqrt(Tensor.from_values([a * 0.0, b]).to_values()[0] * 1.0).backward()
