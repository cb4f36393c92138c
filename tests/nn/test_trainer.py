"""Trainer: what it computes, and in which order."""

from __future__ import annotations

import random
import weakref
from typing import Any

import pytest
from training import INPUTS, TARGETS, line_trainer

from engine import Value
from nn import MLP, SGD, Module, Neuron, Trainer
from nn.losses import mse


class Label(str):
    """A label that can be watched: a str takes no weak reference, its subclass does."""


def test_a_full_batch_is_gradient_descent() -> None:
    trainer = line_trainer()
    history = trainer.fit(INPUTS, TARGETS, epochs=2, batch_size=4)
    w = b = 0.0
    losses = []
    for _ in range(2):
        errors = [w * x + b - t for (x,), t in zip(INPUTS, TARGETS, strict=True)]
        losses.append(sum(e * e for e in errors) / 4)
        w, b = (
            w - 0.0625 * sum(2 * e * x for e, (x,) in zip(errors, INPUTS, strict=True)) / 4,
            b - 0.0625 * sum(2 * e for e in errors) / 4,
        )
    # All numbers are short dyadic ones, so no order of the sum rounds.
    assert trainer.model.state_dict() == {"w0": w, "b": b}
    assert history["loss"] == losses


def test_every_sample_is_met_once_an_epoch_in_an_order_of_its_own() -> None:
    met: list[float] = []

    class Recorder(Neuron):
        def forward(self, x: Any) -> Value:
            met.append(x[0])
            return super().forward(x)

    recorder = Recorder(1, seed=0)
    trainer = Trainer(recorder, "mse", SGD(recorder.parameters(), lr=1e-9), progress=False)
    inputs = [[float(i)] for i in range(10)]
    trainer.fit(inputs, [0.0] * 10, epochs=2, batch_size=3)
    first, second = met[:10], met[10:]
    assert sorted(first) == sorted(second) == [float(i) for i in range(10)]
    assert first != second


def test_the_last_batch_takes_what_is_left() -> None:
    sizes: list[int] = []

    def counting(outputs: Any, targets: Any) -> Any:
        sizes.append(len(targets))
        return mse(outputs, targets)

    trainer = line_trainer()
    trainer.loss = counting
    trainer.fit([[1.0]] * 7, [1.0] * 7, epochs=1, batch_size=3)
    assert sizes == [3, 3, 1]


def test_the_loss_of_an_epoch_weighs_samples_and_not_batches() -> None:
    neuron = Neuron(1, activation=None, init="zeros")
    trainer = Trainer(neuron, "mse", SGD(neuron.parameters(), lr=1e-300), progress=False)
    history = trainer.fit([[0.0]] * 3, [0.0, 3.0, 3.0], epochs=1, batch_size=2)
    assert history["loss"] == [6.0]  # (0 + 9 + 9)/3, however the batches fall


def test_the_order_repeats_with_its_seed() -> None:
    def run(seed: int) -> list[float]:
        trainer = line_trainer(seed=seed)
        return trainer.fit(INPUTS, TARGETS, epochs=3, batch_size=1)["loss"]

    assert run(1) == run(1) != run(2)


def test_the_global_generator_is_left_alone() -> None:
    before = random.getstate()
    line_trainer().fit(INPUTS, TARGETS, epochs=1)
    assert random.getstate() == before


def test_validation_is_measured_without_training_on_it() -> None:
    plain, validated = line_trainer(), line_trainer()
    plain.fit(INPUTS, TARGETS, epochs=2)
    history = validated.fit(INPUTS, TARGETS, epochs=2, validation=([[10.0]], [0.0]))
    assert validated.model.state_dict() == plain.model.state_dict()
    state = plain.model.state_dict()
    assert history["val_loss"][-1] == (state["w0"] * 10.0 + state["b"]) ** 2


def test_validation_runs_in_eval_mode_and_training_in_train_mode() -> None:
    modes: list[bool] = []

    class Moody(Neuron):
        def forward(self, x: Any) -> Value:
            modes.append(self.training)
            return super().forward(x)

    moody = Moody(1, seed=0).eval()
    trainer = Trainer(moody, "mse", SGD(moody.parameters(), lr=0.1), progress=False)
    trainer.fit([[1.0]], [1.0], epochs=1, batch_size=1, validation=([[1.0]], [1.0]))
    assert modes == [True, False]
    assert not moody.training


def test_accuracy_is_a_column_of_a_classification_alone() -> None:
    mlp = MLP(1, [2], seed=0)
    optimizer = SGD(mlp.parameters(), lr=0.1)
    trainer = Trainer(mlp, "cross_entropy", optimizer, progress=False)
    history = trainer.fit(INPUTS, [0, 0, 1, 1], epochs=1, validation=(INPUTS, [0, 0, 1, 1]))
    expected = ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds"]
    assert history.columns == expected
    assert line_trainer().fit(INPUTS, TARGETS, 1).columns == ["epoch", "loss", "seconds"]


def test_accuracy_pairs_each_output_with_its_own_target() -> None:
    mlp = MLP(1, [1], seed=0)
    mlp.load_state_dict({"layer0.neuron0.w0": 10.0, "layer0.neuron0.b": 0.0})
    optimizer = SGD(mlp.parameters(), lr=1e-300)
    trainer = Trainer(mlp, "hinge", optimizer, progress=False)
    inputs = [[float(i)] for i in (-3, -2, -1, 1, 2, 3)]
    assert trainer.fit(inputs, [-1, -1, -1, 1, 1, 1], epochs=1)["accuracy"] == [1.0]


def test_evaluation_records_no_graph() -> None:
    recorded: list[bool] = []

    def watching(outputs: Any, targets: Any) -> Any:
        recorded.append(outputs[0].requires_grad)
        return mse(outputs, targets)

    trainer = line_trainer()
    trainer.loss = watching
    assert trainer.evaluate([[2.0]], [3.0]) == {"loss": 9.0}
    assert recorded == [False]


def test_metrics_of_your_own_get_plain_numbers() -> None:
    def largest(outputs: list[float], targets: list[float]) -> float:
        return max(outputs) - max(targets)

    trainer = line_trainer(lr=1e-300, metrics={"gap": largest})
    assert trainer.fit(INPUTS, TARGETS, 1)["gap"] == [-7.0]


def test_a_model_of_your_own_can_be_trained() -> None:
    class Parabola(Module):
        def __init__(self) -> None:
            self.a = Value(0.0)

        def forward(self, x: float) -> Value:
            return self.a * x**2

    parabola = Parabola()
    trainer = Trainer(parabola, mse, SGD(parabola.parameters(), lr=0.1), progress=False)
    trainer.fit([1.0, -1.0], [3.0, 3.0], epochs=100, batch_size=2)
    # The error shrinks by 1 - 2·0.1 a step: 0.8¹⁰⁰·3 is 6e-10.
    assert parabola.a.data == pytest.approx(3.0, abs=7e-10)


def test_a_graph_is_freed_before_the_next_step_begins() -> None:
    losses: list[weakref.ref[Label]] = []

    def watched(outputs: Any, targets: Any) -> Any:
        loss = mse(outputs, targets)
        label = Label("loss")
        loss.label = label
        losses.append(weakref.ref(label))
        return loss

    class Suspicious(Neuron):
        def forward(self, x: Any) -> Value:
            assert [seen() for seen in losses] == [None] * len(losses)
            return super().forward(x)

    model = Suspicious(1, seed=0)
    trainer = Trainer(model, watched, SGD(model.parameters(), lr=0.1), progress=False)
    trainer.fit(INPUTS, TARGETS, epochs=3, batch_size=2, validation=(INPUTS, TARGETS))
    assert len(losses) == 9
