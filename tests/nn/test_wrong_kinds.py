"""What is given in the place of a model, a data set, a loss or a twin is refused by its kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from engine import OperandError, Value
from nn import MLP, SGD, ChoiceError

MODEL = MLP(2, [2, 1], seed=0)
OPTIMIZER = SGD(MODEL.parameters(), lr=0.1)
POINTS = nn.load("xor")

CALLS: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "a function to train": (
        lambda: nn.Trainer(lambda x: x, "mse", OPTIMIZER),
        OperandError,
        r"Trainer takes an nn\.Module first, got a function: .* nn\.Activation\(function\)",
    ),
    "no optimizer": (
        lambda: nn.Trainer(MODEL, "mse", 0.1),
        OperandError,
        r"Trainer takes an optimizer third, as nn\.SGD\(.*, got a float",
    ),
    "an unknown loss": (
        lambda: nn.Trainer(MODEL, "mean", OPTIMIZER),
        ChoiceError,
        "unknown loss 'mean'",
    ),
    "a list for a loss": (
        lambda: nn.Trainer(MODEL, ["mse"], OPTIMIZER),
        ChoiceError,
        r"unknown loss \['mse'\]: choose from",
    ),
    "a list for a data set": (lambda: nn.load(["xor"]), ChoiceError, r"unknown data set \['xor'\]"),
    "an array to split": (
        lambda: nn.split(np.ones((3, 2))),
        OperandError,
        r"split takes a Dataset, got a ndarray: engine\.split cuts arrays",
    ),
    "a share in words": (
        lambda: nn.split(POINTS, "half"),
        OperandError,
        "test_fraction takes numbers, got str 'half'",
    ),
    "an array for an activation": (
        lambda: nn.Neuron(2, np.ones(2)),
        ChoiceError,
        "unknown activation array",
    ),
    "a path for a twin": (
        lambda: MODEL.load("model.json"),
        OperandError,
        r"load takes a twin, as mlp\.tensor\(\) makes it, got a str: nn\.load_model\(path\) reads",
    ),
    "a Value for a twin": (lambda: MODEL.load(Value(1.0)), OperandError, "load takes a twin"),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_error_says_what_is_wanted(name: str) -> None:
    call, kind, message = CALLS[name]
    with pytest.raises(kind, match=message):
        call()


def test_a_model_in_the_place_of_its_path_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(
        OperandError, match=r"save_model takes a path and then an nn\.Module, got a"
    ):
        nn.save_model(MODEL, tmp_path / "model.json")  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())
