"""Known faults of networks, losses and optimizers, by their numbers in the list of faults."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from engine import Value
from engine.errors import NumberError, OperandError, ShapeError
from nn import (
    MLP,
    SGD,
    ChoiceError,
    LabelError,
    Layer,
    Neuron,
)
from nn.losses import binary_cross_entropy_with_logits, cross_entropy, hinge, mse

Fault = Callable[[], Any]


def weight(number: float = 1.0) -> Value:
    """Return a parameter."""
    return Value(number, label="w")


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
]


@pytest.mark.parametrize(
    ("act", "kind", "built_in", "message"),
    [pytest.param(*fault[1:], id=fault[0]) for fault in ERRORS],
)
def test_error(act: Fault, kind: type[Exception], built_in: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=re.escape(message)) as caught:
        act()
    assert isinstance(caught.value, built_in)
