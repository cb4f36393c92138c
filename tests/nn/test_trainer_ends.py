"""Trainer: how it ends, by Ctrl-C, by numbers that are not finite, or before it begins."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Any

import pytest
from training import INPUTS, TARGETS, line_trainer

from engine import Value
from engine.errors import GraphError, NonFiniteError, OperandError, ShapeError
from nn import SGD, ChoiceError, Module, Neuron, Trainer
from nn.losses import mse
from nn.trainer import merit

# ----- Interruption --------------------------------------------------------------------------


class Interrupted:
    """A loss that Ctrl-C hits at its n-th call."""

    def __init__(self, call: int) -> None:
        self.calls = 0
        self.call = call

    def __call__(self, outputs: Any, targets: Any) -> Any:
        """Return the mean squared error, or be interrupted."""
        self.calls += 1
        if self.calls == self.call:
            raise KeyboardInterrupt
        return mse(outputs, targets)


def test_ctrl_c_restores_the_epoch_of_the_best_validation() -> None:
    states: list[dict[str, float]] = []
    # lr = 1/2 on x = 1 is w + b <- 2·target - (w + b): the output swings, and the validation
    # target 0 is met exactly after every other step.
    trainer = line_trainer(lr=0.5)
    trainer.progress = lambda row: states.append(trainer.model.state_dict())
    trainer.loss = Interrupted(call=8)  # 2 calls an epoch, so in the fourth one's validation
    history = trainer.fit([[1.0]], [1.0], epochs=9, batch_size=1, validation=([[1.0]], [0.0]))
    assert history.interrupted
    assert history["val_loss"] == [4.0, 0.0, 4.0]
    assert trainer.model.state_dict() == states[1]


def test_of_two_epochs_the_more_accurate_is_better_and_of_equals_that_of_less_loss() -> None:
    ranked = [
        {"loss": 0.1, "val_loss": math.nan, "val_accuracy": math.nan},
        {"loss": 0.1, "val_loss": 0.2, "val_accuracy": 0.8},
        {"loss": 0.3, "val_loss": 0.4, "val_accuracy": 0.9},
        {"loss": 0.3, "val_loss": 0.3, "val_accuracy": 0.9},
    ]
    assert sorted([ranked[i] for i in (2, 0, 3, 1)], key=merit) == ranked
    assert merit({"loss": 0.1, "val_loss": 0.5}) < merit({"loss": 0.9, "val_loss": 0.4})


def test_ctrl_c_without_validation_restores_the_epoch_of_the_least_training_loss() -> None:
    states: list[dict[str, float]] = []
    trainer = line_trainer(lr=0.6)  # it diverges: each error is 1.4 times the last
    trainer.progress = lambda row: states.append(trainer.model.state_dict())
    trainer.loss = Interrupted(call=4)
    history = trainer.fit([[1.0]], [1.0], epochs=9, batch_size=1)
    assert len(history) == 3
    assert trainer.model.state_dict() == states[0]


def test_ctrl_c_in_the_first_epoch_leaves_a_whole_step() -> None:
    class HalfwaySGD(SGD):
        def step(self) -> None:
            self.parameters[0].data = 99.0
            raise KeyboardInterrupt

    neuron = Neuron(1, seed=0)
    before = neuron.state_dict()
    trainer = Trainer(neuron, "mse", HalfwaySGD(neuron.parameters(), lr=0.1), progress=False)
    history = trainer.fit(INPUTS, TARGETS, epochs=1)
    assert (history.interrupted, len(history)) == (True, 0)
    assert neuron.state_dict() == before


def test_training_goes_on_after_an_interruption() -> None:
    trainer = line_trainer()
    trainer.loss = Interrupted(call=2)
    trainer.fit(INPUTS, TARGETS, epochs=5)
    history = trainer.fit(INPUTS, TARGETS, epochs=5)
    assert len(history) == 5
    assert not history.interrupted


# ----- What is not finite -----------------------------------------------------------------------


class Exploding:
    """A loss that is not finite from its n-th call on."""

    def __init__(self, call: int, number: float) -> None:
        self.calls = 0
        self.call = call
        self.number = number

    def __call__(self, outputs: Any, targets: Any) -> Any:
        """Return the mean squared error, or times what is not finite."""
        self.calls += 1
        loss = mse(outputs, targets)
        return loss * self.number if self.calls >= self.call else loss


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_stops_with_the_weights_of_the_last_finite_one(
    number: float,
) -> None:
    trainer, twin = line_trainer(), line_trainer()
    trainer.loss = Exploding(call=4, number=number)
    with pytest.raises(NonFiniteError, match=rf"epoch 2, step 2: the loss is {number}"):
        trainer.fit(INPUTS, TARGETS, epochs=3, batch_size=2)
    # The third step was the last whose loss was finite: the weights are those it was met with.
    order = list(range(4))
    random.Random(0).shuffle(order)
    rows = [[INPUTS[i] for i in order[k : k + 2]] for k in (0, 2)]
    targets = [[TARGETS[i] for i in order[k : k + 2]] for k in (0, 2)]
    for batch, wanted in zip(rows, targets, strict=True):
        twin.optimizer.zero_grad()
        twin.loss([twin.model(x) for x in batch], wanted).backward()
        twin.optimizer.step()
    assert trainer.model.state_dict() == twin.model.state_dict()


class Root(Module):
    """The square root of w·x, whose slope at 0 is inf."""

    def __init__(self) -> None:
        self.w = Value(0.0)

    def forward(self, x: float) -> Value:
        """Return it."""
        return (self.w * x).sqrt()


def test_a_gradient_that_is_not_finite_stops_before_it_does_harm() -> None:
    root = Root()
    trainer = Trainer(root, "mse", SGD(root.parameters(), lr=0.1), progress=False)
    message = "epoch 1, step 1: w became inf, its gradient is -inf; the weights are back to those"
    with pytest.raises(NonFiniteError, match=message):
        trainer.fit([1.0], [1.0], epochs=1, batch_size=1)
    assert root.w.data == 0.0


def test_the_velocity_is_put_back_too() -> None:
    root = Root()
    optimizer = SGD(root.parameters(), lr=0.1, momentum=0.5)
    with pytest.raises(NonFiniteError):
        Trainer(root, "mse", optimizer, progress=False).fit([1.0], [1.0], epochs=1)
    assert optimizer.velocity == [None]


# ----- Bad input -----------------------------------------------------------------------------


@pytest.fixture
def trainer() -> Iterator[Trainer]:
    """Return a trainer that must not change a weight."""
    trainer = line_trainer()
    yield trainer
    assert trainer.model.state_dict() == {"w0": 0.0, "b": 0.0}


def test_unpaired_samples_are_an_error(trainer: Trainer) -> None:
    with pytest.raises(ShapeError, match="fit: 4 inputs but 3 targets"):
        trainer.fit(INPUTS, TARGETS[:3], epochs=1)
    with pytest.raises(ShapeError, match="fit, validation: 1 inputs but 0 targets"):
        trainer.fit(INPUTS, TARGETS, epochs=1, validation=([[1.0]], []))


def test_a_loss_that_is_no_value_is_an_error(trainer: Trainer) -> None:
    trainer.loss = lambda outputs, targets: 1.0
    with pytest.raises(OperandError, match="the loss function returned a float; it has to return"):
        trainer.fit(INPUTS, TARGETS, epochs=1)


def test_an_unknown_loss_lists_the_valid_ones() -> None:
    neuron = Neuron(1, seed=0)
    with pytest.raises(ChoiceError, match="unknown loss 'msee'; did you mean 'mse'"):
        Trainer(neuron, "msee", SGD(neuron.parameters(), lr=0.1))


def test_the_optimizer_of_another_model_is_an_error() -> None:
    with pytest.raises(GraphError, match="the optimizer moves no parameter of the model"):
        Trainer(Neuron(1, seed=0), "mse", SGD(Neuron(1, seed=0).parameters(), lr=0.1))
