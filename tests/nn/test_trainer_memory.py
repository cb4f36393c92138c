"""What a Trainer of Tensors holds: the graph of one step, and two copies to go back to."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
import pytest

from engine import Tensor
from engine.errors import NonFiniteError
from nn import SGD, Trainer, losses
from nn.layers import Activation, Linear, Sequential

INPUTS = np.random.default_rng(0).normal(size=(12, 3))
TARGETS = np.arange(12) % 2


def trainer(loss: Any, kind: type[SGD] = SGD) -> Trainer:
    net = Sequential(Linear(3, 5, seed=0), Activation("tanh"), Linear(5, 2, seed=1))
    optimizer = kind(net.parameters(), lr=0.1, momentum=0.9)
    return Trainer(net, loss, optimizer, progress=False)


def test_the_graph_of_a_step_is_freed_before_the_next_begins() -> None:
    graphs: list[weakref.ref[Any]] = []

    def loss(outputs: Tensor, targets: Any) -> Any:
        assert [graph() for graph in graphs] == [None] * len(graphs)
        graphs.append(weakref.ref(outputs._data))
        return losses.cross_entropy(outputs, targets)

    trainer(loss).fit(INPUTS, TARGETS, epochs=2, batch_size=4)
    assert len(graphs) == 6


def test_the_copies_to_go_back_to_are_made_twice_and_then_written_over() -> None:
    copies: dict[int, Any] = {}

    def loss(outputs: Tensor, targets: Any) -> Any:
        sound = learner._sound
        if sound is not None:
            moving = [v for v in sound.optimizer["velocity"] if v is not None]
            copies.update((id(array), array) for array in (*sound.weights, *moving))
        return losses.cross_entropy(outputs, targets)

    learner = trainer(loss)
    learner.fit(INPUTS, TARGETS, epochs=5, batch_size=4)
    assert len(copies) == 2 * 8  # of each of 4 parameters and 4 velocities


class Counting(SGD):
    """An SGD that counts its steps, and has the count in its state."""

    count = 0

    def step(self) -> None:
        super().step()
        self.count += 1

    def state_dict(self) -> dict[str, Any]:
        return {**super().state_dict(), "count": self.count}

    def load_state_dict(self, state: Any) -> None:
        super().load_state_dict(state)
        self.count = state["count"]


@pytest.mark.parametrize("kind", [SGD, Counting])
@pytest.mark.parametrize("failure", [2, 3, 7])
def test_after_a_loss_of_nan_all_is_as_before_the_step_that_led_there(
    kind: type[SGD], failure: int
) -> None:
    states: list[Any] = []

    def loss(outputs: Tensor, targets: Any) -> Any:
        weights = [p.data.copy() for p in learner.optimizer.parameters]
        states.append((weights, learner.optimizer.state_dict()))
        right = losses.cross_entropy(outputs, targets)
        return right * np.nan if len(states) == failure else right

    learner = trainer(loss, kind)
    with pytest.raises(NonFiniteError):
        learner.fit(INPUTS, TARGETS, epochs=5, batch_size=4)
    weights, state = states[-2]
    for parameter, was in zip(learner.optimizer.parameters, weights, strict=True):
        np.testing.assert_array_equal(parameter.data, was)
    np.testing.assert_equal(learner.optimizer.state_dict(), state)


def test_finite_weights_whose_sum_overflows_are_finite() -> None:
    net = Linear(2, 1, init="zeros")
    net.weight.data = np.array([[1e308, 1e308]])
    learner = Trainer(net, "mse", SGD(net.parameters(), lr=1e-300), progress=False)
    learner.fit([[0.0, 0.0]], [[1.0]], epochs=1)
    assert np.isfinite(net.weight.data).all()
