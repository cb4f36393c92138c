"""SGD on Tensors: the steps of Values, in place, without a warning and without a shared array."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from engine import Tensor, Value, no_grad
from engine.errors import GraphError
from nn import SGD

SETTINGS: list[dict[str, Any]] = [
    {},
    {"momentum": 0.9},
    {"weight_decay": 0.01},
    {"momentum": 0.9, "weight_decay": 0.01},
    {"momentum": 0.9, "weight_decay": 0.01, "nesterov": True},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_a_tensor_and_a_value_beside_it_move_alike(settings: dict[str, Any]) -> None:
    array, number = Tensor([1.0, -2.0], requires_grad=True), Value(1.0)
    optimizer = SGD([array, number], lr=0.1, **settings)
    for _ in range(3):
        optimizer.zero_grad()
        (array**3).sum().backward()
        (number**3).backward()
        optimizer.step()
    # Cubes are rounded by NumPy here and by the C library there.
    assert number.data == pytest.approx(array.data[0], rel=1e-15)


def test_float32_stays_float32() -> None:
    w = Tensor(np.ones(3, np.float32), requires_grad=True)
    optimizer = SGD([w], lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True)
    for _ in range(2):
        (w * w).sum().backward()
        optimizer.step()
    assert w.dtype == optimizer.velocity[0].dtype == np.float32


def test_a_step_moves_the_array_in_place_and_takes_nothing_from_the_gradient() -> None:
    w = Tensor(np.ones(3), requires_grad=True)
    optimizer = SGD([w], lr=0.1, momentum=0.9)
    before = w.data
    (w * w).sum().backward()
    gradient = w.grad
    optimizer.step()
    assert np.shares_memory(before, w.data)
    assert not np.shares_memory(gradient, optimizer.velocity[0])
    np.testing.assert_array_equal(gradient, [2.0, 2.0, 2.0])


def test_an_overflow_gives_inf_and_no_warning() -> None:
    w = Tensor([1e308], requires_grad=True)
    w.grad = [-1e308]
    SGD([w], lr=10.0, momentum=0.9).step()
    assert w.data == np.inf


def test_a_view_taken_without_recording_stays_what_it_was() -> None:
    w, p = Tensor([[1.0, 2.0]], requires_grad=True), Tensor([[1.0], [1.0]], requires_grad=True)
    with no_grad():
        turned = w.T
    loss = (turned * p).sum()
    w.grad = [[1.0, 1.0]]
    SGD([w], lr=1.0).step()
    loss.backward()
    np.testing.assert_array_equal(p.grad, [[1.0], [2.0]])


@pytest.mark.parametrize("tensor", [Tensor([1.0]), Tensor([1.0], requires_grad=True) * 2.0])
def test_only_a_leaf_that_is_trained_is_changed_in_place(tensor: Tensor) -> None:
    with pytest.raises(GraphError, match=r"only a leaf that requires a gradient .*assign to .data"):
        tensor.subtract_(1.0)


def test_a_state_survives_pickling() -> None:
    w = Tensor([1.0], requires_grad=True)
    w.grad = [1.0]
    optimizer = SGD([w], lr=0.5, momentum=0.5)
    optimizer.step()
    state = pickle.loads(pickle.dumps(optimizer.state_dict()))
    again = SGD([Tensor(w.data, requires_grad=True)], lr=0.1, momentum=0.5)
    again.load_state_dict(state)
    again.parameters[0].grad = w.grad = [2.0]
    optimizer.step()
    again.step()
    assert w.data == again.parameters[0].data == 0.5 - 0.5 * 2.5
