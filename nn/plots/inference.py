"""What a model answers, measured without training it and without leaving a trace in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import engine
from engine import Value, no_grad
from engine.errors import OperandError, ShapeError
from nn.backends import number_of, plain
from nn.errors import unknown
from nn.losses import LOSSES, Loss
from nn.metrics import SINGLE
from nn.module import Module

Model = Callable[[Any], Any]


@contextmanager
def inference(model: Model) -> Iterator[None]:
    """Record no graph, and have a Module in its `eval` mode; afterwards it is as it was."""
    modules = model.modules() if isinstance(model, Module) else []
    modes = [(part, part.training) for part in modules]
    for part, _ in modes:
        part.training = False
    try:
        with no_grad():
            yield
    finally:
        for part, training in modes:
            part.training = training


def outputs_of(model: Model, inputs: Sequence[Any]) -> list[Any]:
    """Return the output for each sample as numbers alone."""
    with inference(model):
        return [plain(model(row)) for row in inputs]


def probabilities(output: Any) -> list[float]:
    """Return the probability of each class that an output means.

    A row of scores goes through softmax; a single score s means sigmoid(-s) and sigmoid(s).

    >>> probabilities(0.0), probabilities([1.0, 1.0])
    ([0.5, 0.5], [0.5, 0.5])
    """
    if isinstance(output, SINGLE):
        return [engine.sigmoid(-float(output)), engine.sigmoid(float(output))]
    return list(engine.softmax([float(score) for score in output]))


def loss_function(loss: str | Loss) -> Loss:
    """Return a loss by its name, or as it is."""
    if isinstance(loss, str):
        if loss not in LOSSES:
            raise unknown("loss", loss, LOSSES)
        return LOSSES[loss]
    return loss


def mean_loss(model: Module, loss: Loss, inputs: Sequence[Any], targets: Sequence[Any]) -> float:
    """Return the loss of a model over samples as a number."""
    with inference(model):
        return number_of(loss([model(row) for row in inputs], targets))


@contextmanager
def weights_as_they_are(parameters: Sequence[Value]) -> Iterator[None]:
    """Put every parameter back to its number afterwards, whatever happens between."""
    weights = [parameter.data for parameter in parameters]
    try:
        yield
    finally:
        put(parameters, weights)


def put(parameters: Sequence[Value], weights: Sequence[float]) -> None:
    """Set each parameter to its weight."""
    for parameter, weight in zip(parameters, weights, strict=True):
        parameter.data = weight


def checked_module(name: str, model: Any) -> Module:
    """Return the model, if it is a Module with parameters."""
    if not isinstance(model, Module):
        raise OperandError(f"{name} takes an nn.Module, got {type(model).__name__}")
    if not model.parameters():
        raise ShapeError(f"{name}: {model.path} has no parameters")
    return model
