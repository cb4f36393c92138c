"""clip_grad_norm, on Values, Tensors and both, and in the Trainer."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine import Tensor, Value
from engine.errors import NonFiniteError, NumberError, OperandError
from nn import MLP, SGD, Trainer, clip_grad_norm


def with_grads(*grads: object) -> list[Value | Tensor]:
    parameters: list[Value | Tensor] = []
    for grad in grads:
        if isinstance(grad, np.ndarray):
            parameters.append(Tensor(np.zeros(grad.shape), requires_grad=True))
        else:
            parameters.append(Value(0.0))
        parameters[-1].grad = grad
    return parameters


def test_values_and_tensors_are_scaled_as_one_vector() -> None:
    parameters = with_grads(2.0, np.array([[4.0, 5.0]]), None, -6.0)
    assert clip_grad_norm(parameters, 4.5) == pytest.approx(9.0, rel=1e-15)
    value, tensor, untouched, other = parameters
    assert (value.grad, other.grad, untouched.grad) == (1.0, -3.0, None)
    assert tensor.grad.tolist() == [[2.0, 2.5]]


@pytest.mark.parametrize("max_norm", [5.0, 6, math.inf])
def test_a_norm_within_the_bound_changes_nothing(max_norm: float) -> None:
    parameters = with_grads(3.0, np.array([4.0]))
    assert clip_grad_norm(parameters, max_norm) == 5.0
    assert [p.grad for p in parameters] == [3.0, 4.0]


def test_no_square_overflows_or_vanishes() -> None:
    for size in (1e200, 1e-200):
        parameters = with_grads(3 * size, np.array([4 * size, 0.0]))
        assert clip_grad_norm(parameters, size) == pytest.approx(5 * size, rel=1e-15)
        assert parameters[0].grad == pytest.approx(0.6 * size, rel=1e-15)


def test_gradients_that_are_not_there_have_norm_0() -> None:
    assert clip_grad_norm(with_grads(None, None), 1.0) == 0.0


@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("array", [False, True], ids=["Value", "Tensor"])
def test_fault_79_a_norm_that_is_not_finite(bad: float, array: bool) -> None:
    parameters = with_grads(2.0, np.array([1.0, bad]) if array else bad)
    with pytest.raises(NonFiniteError, match=r"norm of the gradients is (inf|nan).*not finite"):
        clip_grad_norm(parameters, 1.0)
    assert parameters[0].grad == 2.0


def test_fault_79_finite_gradients_whose_norm_overflows() -> None:
    with pytest.raises(NonFiniteError, match="is inf"):
        clip_grad_norm(with_grads(1.7e308, 1.7e308), 1.0)


@pytest.mark.parametrize("max_norm", [0, -1.0, math.nan, "1", True])
def test_bad_bounds(max_norm: object) -> None:
    with pytest.raises(NumberError, match="max_norm must be"):
        clip_grad_norm(with_grads(1.0), max_norm)
    mlp = MLP(1, [1], seed=0)
    with pytest.raises(NumberError, match="max_norm must be"):
        Trainer(mlp, "mse", SGD(mlp.parameters(), lr=0.1), clip_norm=max_norm)


def test_bad_parameters() -> None:
    with pytest.raises(OperandError, match="parameter 0"):
        clip_grad_norm([3.0], 1.0)


@pytest.mark.parametrize("backend", ["value", "tensor"])
def test_a_clipped_step_goes_no_farther(backend: str) -> None:
    mlp = MLP(1, [1], activation="tanh", seed=0)
    before = [p.data for p in mlp.parameters()]
    optimizer = SGD(mlp.parameters(), lr=0.5)
    trainer = Trainer(mlp, "mse", optimizer, progress=False, backend=backend, clip_norm=0.25)
    trainer.fit([[100.0]], [1e6], epochs=1)
    moved = math.dist(before, [p.data for p in mlp.parameters()])
    assert moved == pytest.approx(0.125, rel=1e-9)  # 0.5 * 0.25
