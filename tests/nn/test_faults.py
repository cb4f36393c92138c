"""Known faults of such libraries, by their numbers in the project's list, and what happens here.

Of the list's part on networks and training, 79 (clipping) waits for what it is about.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

import pytest

from engine import Value
from engine.errors import NonFiniteError, NumberError, OperandError, ShapeError
from nn import (
    MLP,
    SGD,
    CallbackError,
    ChoiceError,
    LabelError,
    Layer,
    Module,
    Neuron,
    Standardize,
    Trainer,
)
from nn.losses import binary_cross_entropy_with_logits, cross_entropy, hinge, mse

Fault = Callable[[], Any]


def weight(number: float = 1.0) -> Value:
    """Return a parameter."""
    return Value(number, label="w")


def trainer(**options: Any) -> Trainer:
    """Return a trainer of one neuron."""
    neuron = Neuron(1, activation=None, init="zeros")
    return Trainer(neuron, "mse", SGD(neuron.parameters(), lr=0.1), **{"progress": False} | options)


ERRORS: list[tuple[str, Fault, type[Exception], type[Exception], str]] = [
    (
        "70-zero-neurons",
        lambda: Layer(2, 0),
        NumberError,
        ValueError,
        "Layer neurons must be a whole number above 0, got 0",
    ),
    (
        "70-negative-width",
        lambda: MLP(2, [4, -1]),
        NumberError,
        ValueError,
        "MLP widths must be a whole number above 0, got -1",
    ),
    (
        "70-float-width",
        lambda: MLP(2, [4.0, 1]),  # type: ignore[list-item]
        NumberError,
        ValueError,
        "MLP widths must be a whole number above 0, got 4.0",
    ),
    (
        "70-zero-inputs",
        lambda: Neuron(0),
        NumberError,
        ValueError,
        "Neuron inputs must be a whole number above 0, got 0",
    ),
    (
        "70-no-layer",
        lambda: MLP(2, []),
        NumberError,
        ValueError,
        "MLP widths is empty: give the width of at least one layer",
    ),
    (
        "70-widths-no-list",
        lambda: MLP(2, 3),  # type: ignore[arg-type]
        OperandError,
        TypeError,
        "MLP widths is a list with one width a layer, got 3",
    ),
    (
        "71-neuron",
        lambda: Neuron(3)([1.0, 2.0]),
        ShapeError,
        ValueError,
        "Neuron expects 3 inputs, got 2",
    ),
    (
        "70-bool-width",
        lambda: MLP(2, [True]),
        NumberError,
        ValueError,
        "MLP widths must be a whole number above 0, got True",
    ),
    (
        "71-neuron-too-many",
        lambda: Neuron(3)([1.0] * 4),
        ShapeError,
        ValueError,
        "Neuron expects 3 inputs, got 4",
    ),
    (
        "71-layer",
        lambda: Layer(3, 2)([1.0, 2.0]),
        ShapeError,
        ValueError,
        "Layer expects 3 inputs, got 2",
    ),
    (
        "71-mlp-too-many",
        lambda: MLP(3, [1])([1.0] * 5),
        ShapeError,
        ValueError,
        "MLP expects 3 inputs, got 5",
    ),
    (
        "71-no-list",
        lambda: MLP(1, [1])(0.5),
        ShapeError,
        ValueError,
        "MLP expects 1 input, got 0.5, which is no list of numbers",
    ),
    (
        "72-activation",
        lambda: MLP(2, [1, 1], activation="rely"),
        ChoiceError,
        ValueError,
        "unknown activation 'rely'; did you mean 'relu'? choose from relu, leaky_relu, relu6, elu, "
        "selu, gelu, silu, softplus, tanh, hardtanh, sigmoid, sin",
    ),
    (
        "72-output-activation",
        lambda: MLP(2, [1], output_activation="softmax"),
        ChoiceError,
        ValueError,
        "unknown activation 'softmax'",
    ),
    (
        "73-rows-against-numbers",
        lambda: mse([[1.0], [2.0]], [1.0, 2.0]),
        ShapeError,
        ValueError,
        "mse: the predictions have shape (2, 1), the targets (2,); make them the same",
    ),
    (
        "73-numbers-against-rows",
        lambda: binary_cross_entropy_with_logits([1.0, 2.0], [[1], [0]]),
        ShapeError,
        ValueError,
        "the predictions have shape (2,), the targets (2, 1)",
    ),
    (
        "73-hinge",
        lambda: hinge([[1.0], [2.0]], [1, -1]),
        ShapeError,
        ValueError,
        "hinge: the predictions have shape (2, 1), the targets (2,)",
    ),
    (
        "74-above",
        lambda: cross_entropy([[0.0, 0.0], [0.0, 0.0]], [0, 2]),
        LabelError,
        IndexError,
        "cross_entropy: row 1 has label 2, but there are 2 classes (0 to 1)",
    ),
    (
        "74-below",
        lambda: cross_entropy([[0.0, 0.0]], [-1]),
        LabelError,
        ValueError,
        "cross_entropy: row 0 has label -1, but there are 2 classes (0 to 1)",
    ),
    (
        "74-float",
        lambda: cross_entropy([[0.0, 0.0]], [1.0]),  # type: ignore[list-item]
        LabelError,
        ValueError,
        "cross_entropy: row 0 has label 1.0, which is no integer; write 1",
    ),
    (
        "75-lr-zero",
        lambda: SGD([weight()], lr=0),
        NumberError,
        ValueError,
        "lr must be above 0 and finite, got 0",
    ),
    (
        "75-lr-negative",
        lambda: SGD([weight()], lr=-0.1),
        NumberError,
        ValueError,
        "lr must be above 0 and finite, got -0.1",
    ),
    (
        "75-lr-nan",
        lambda: SGD([weight()], lr=float("nan")),
        NumberError,
        ValueError,
        "lr must be above 0 and finite, got nan",
    ),
    (
        "75-lr-text",
        lambda: SGD([weight()], lr="0.1"),  # type: ignore[arg-type]
        NumberError,
        ValueError,
        "lr must be a number, got '0.1'",
    ),
    (
        "75-momentum-one",
        lambda: SGD([weight()], lr=0.1, momentum=1.0),
        NumberError,
        ValueError,
        "momentum must be from 0 to below 1, got 1.0",
    ),
    (
        "75-momentum-negative",
        lambda: SGD([weight()], lr=0.1, momentum=-0.5),
        NumberError,
        ValueError,
        "momentum must be from 0 to below 1, got -0.5",
    ),
    (
        "76-empty",
        lambda: SGD([], lr=0.1),
        NumberError,
        ValueError,
        "the optimizer has no parameters; pass model.parameters()",
    ),
    (
        "76-duplicate",
        lambda: SGD([w := weight(), weight(), w], lr=0.1),
        NumberError,
        ValueError,
        "parameters 0 and 2 are the same Value (w); pass each once",
    ),
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
    with_gradient, without = weight(), weight()
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
