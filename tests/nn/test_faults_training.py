"""Known faults of training, by their numbers in the list of faults, and what peers get wrong.

Fault 79, of gradient clipping, is in test_clipping.py; T22, of AdamW, waits for it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

import pytest

from engine import Value
from engine.errors import NonFiniteError, NumberError, ShapeError
from nn import (
    MLP,
    SGD,
    CallbackError,
    Layer,
    Module,
    Neuron,
    Standardize,
    Trainer,
)
from nn.losses import mse

Fault = Callable[[], Any]


def trainer(**options: Any) -> Trainer:
    """Return a trainer of one neuron."""
    neuron = Neuron(1, activation=None, init="zeros")
    return Trainer(neuron, "mse", SGD(neuron.parameters(), lr=0.1), **{"progress": False} | options)


ERRORS: list[tuple[str, Fault, type[Exception], type[Exception], str]] = [
    (
        "78-nan-loss",
        lambda: trainer().fit([[1.0], [float("nan")]], [1.0, 1.0], epochs=1, batch_size=2),
        NonFiniteError,
        FloatingPointError,
        "epoch 1, step 1: the loss is nan; the weights are back to where it was last finite",
    ),
    (
        "80-batch-size-zero",
        lambda: trainer().fit([[1.0]], [1.0], epochs=1, batch_size=0),
        NumberError,
        ValueError,
        "batch_size must be a whole number from 1 on, got 0",
    ),
    (
        "80-batch-size-above-n",
        lambda: trainer().fit([[1.0]], [1.0], epochs=1, batch_size=2),
        NumberError,
        ValueError,
        "batch_size 2 is more than the 1 samples",
    ),
    (
        "80-no-samples",
        lambda: trainer().fit([], [], epochs=1),
        ShapeError,
        ValueError,
        "fit: there are no samples to learn from",
    ),
    (
        "81-negative-epochs",
        lambda: trainer().fit([[1.0]], [1.0], epochs=-1),
        NumberError,
        ValueError,
        "epochs must be a whole number from 0 on, got -1",
    ),
    (
        "81-float-epochs",
        lambda: trainer().fit([[1.0]], [1.0], epochs=1.5),  # type: ignore[arg-type]
        NumberError,
        ValueError,
        "epochs must be a whole number from 0 on, got 1.5",
    ),
]


@pytest.mark.parametrize(
    ("act", "kind", "built_in", "message"),
    [pytest.param(*fault[1:], id=fault[0]) for fault in ERRORS],
)
def test_error(act: Fault, kind: type[Exception], built_in: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=re.escape(message)) as caught:
        act()
    assert isinstance(caught.value, built_in)


def test_77_a_parameter_without_gradient_is_passed_over() -> None:
    with_gradient, without = Value(1.0), Value(1.0)
    with_gradient.grad = 1.0
    SGD([with_gradient, without], lr=0.5, momentum=0.5, weight_decay=0.1).step()
    assert (with_gradient.data, without.data) == (1.0 - 0.5 * 1.1, 1.0)


def test_78_after_a_loss_that_is_not_finite_the_weights_are_sound() -> None:
    diverging = trainer()
    diverging.optimizer.lr = 1e200
    with pytest.raises(NonFiniteError, match="epoch 2, step 1: the loss is inf"):
        diverging.fit([[1.0]], [1.0], epochs=3)
    assert diverging.model.state_dict() == {"w0": 0.0, "b": 0.0}


def test_81_no_epochs_give_an_empty_history() -> None:
    history = trainer().fit([[1.0]], [1.0], epochs=0)
    assert len(history) == 0
    assert not history.interrupted


def test_82_gradients_left_from_before_do_not_disturb_a_training() -> None:
    fresh, used = trainer(), trainer()
    for parameter in used.model.parameters():
        parameter.grad = 1e6
    fresh.fit([[1.0], [2.0]], [1.0, 2.0], epochs=3)
    used.fit([[1.0], [2.0]], [1.0, 2.0], epochs=3)
    assert used.model.state_dict() == fresh.model.state_dict()


def test_83_a_shared_layer_is_counted_once() -> None:
    class Twice(Module):
        def __init__(self) -> None:
            self.first = Layer(2, 2, seed=0)
            self.second = self.first

    twice = Twice()
    assert len(twice.parameters()) == 6
    assert len(twice.state_dict()) == 6
    assert [name.split(".")[0] for name, _ in twice.named_parameters()] == ["first"] * 6


def test_84_a_model_knows_whether_it_is_trained() -> None:
    mlp = MLP(1, [1], seed=0)
    assert mlp.training
    assert not mlp.eval().layers[0].neurons[0].training
    assert mlp.train().layers[0].neurons[0].training


def test_85_a_seed_fixes_every_weight_and_the_global_generator_is_left_alone() -> None:
    before = random.getstate()
    first, second = MLP(3, [4, 2], seed=5), MLP(3, [4, 2], seed=5)
    assert first.state_dict() == second.state_dict()
    assert first.state_dict() != MLP(3, [4, 2], seed=6).state_dict()
    assert random.getstate() == before


def test_85_the_weights_of_a_seed_are_those_of_every_platform() -> None:
    neuron = Neuron(2, init="uniform", seed=0)
    weights = list(neuron.state_dict().values())[:2]
    assert weights == [0.6888437030500962, 0.515908805880605]  # Random(0).uniform(-1, 1), twice


def test_86_ctrl_c_in_an_epoch_leaves_the_best_whole_model() -> None:
    calls = 0

    def interrupted(outputs: Any, targets: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 4:  # the second step of the second epoch
            raise KeyboardInterrupt
        return mse(outputs, targets)

    stopped, twin = trainer(), trainer()
    stopped.loss = interrupted
    history = stopped.fit([[1.0], [2.0]], [1.0, 2.0], epochs=5, batch_size=1)
    twin.fit([[1.0], [2.0]], [1.0, 2.0], epochs=1, batch_size=1)
    assert (history.interrupted, len(history)) == (True, 1)
    assert stopped.model.state_dict() == twin.model.state_dict()


def test_87_a_callback_that_raises_is_named() -> None:
    def plotter(row: dict[str, float]) -> None:
        raise OSError("no display")

    message = r"the progress function .*plotter raised OSError after epoch 1: no display"
    with pytest.raises(CallbackError, match=message) as caught:
        trainer(progress=plotter).fit([[1.0]], [1.0], epochs=2)
    assert isinstance(caught.value, RuntimeError)
    assert isinstance(caught.value.__cause__, OSError)


@pytest.mark.parametrize("constant", [0.0, 0.1, -1e300])
def test_88_a_constant_feature_is_centred_and_keeps_its_scale(constant: float) -> None:
    standardize = Standardize.fit([[constant]] * 7)
    assert standardize([[constant], [constant + 2.0]]) == [[0.0], [constant + 2.0 - constant]]


# ----- What peers get wrong ------------------------------------------------------------------


def test_t19_a_hidden_layer_of_one_neuron_works() -> None:
    assert len(MLP(2, [1, 3], seed=0)([1.0, 2.0])) == 3


@pytest.mark.parametrize("width", [2, 5])
def test_t20_inputs_are_never_cut_off_in_silence(width: int) -> None:
    with pytest.raises(ShapeError, match=f"MLP expects 3 inputs, got {width}"):
        MLP(3, [1], seed=0)([1.0] * width)


def test_t21_a_step_moves_a_tied_weight_once() -> None:
    class Tied(Module):
        def __init__(self) -> None:
            self.encoder = self.decoder = Value(1.0)

        def forward(self, x: float) -> Value:
            return self.encoder * x + self.decoder * (2 * x)

    tied = Tied()
    tied(1.0).backward()
    SGD(tied.parameters(), lr=0.1).step()
    assert tied.encoder.data == pytest.approx(0.7, abs=1e-16)  # 1 - 0.1·(1 + 2), never 0.4


def test_t23_a_misspelt_attribute_is_an_error_with_a_guess() -> None:
    with pytest.raises(AttributeError, match="MLP has no attribute 'layrs'; did you mean 'layers'"):
        _ = MLP(1, [1], seed=0).layrs
