"""What a model answers, measured without training it and without leaving a trace in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import engine
from engine import no_grad
from engine.errors import OperandError, ShapeError
from engine.op import is_array
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
    """Return the output for each sample as numbers alone; a row of one score is that score."""
    with inference(model):
        outputs = [plain(output) for output in answers(model, inputs)]
    return [row[0] if isinstance(row, list) and len(row) == 1 else row for row in outputs]


def answers(model: Model, inputs: Sequence[Any]) -> Any:
    """Return the outputs of samples: a model of Tensors takes them as one batch, others singly."""
    parameters = model.parameters() if isinstance(model, Module) else []
    if parameters and all(map(is_array, parameters)):
        import numpy as np  # which is loaded for Tensors only

        return model(engine.Tensor(np.asarray(inputs, dtype=parameters[0].dtype)))
    return [model(row) for row in inputs]


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
        return number_of(loss(answers(model, inputs), targets))


@contextmanager
def weights_as_they_are(parameters: Sequence[Any]) -> Iterator[None]:
    """Put every parameter back to its numbers afterwards, whatever happens between."""
    weights = weights_of(parameters)
    try:
        yield
    finally:
        put(parameters, weights)


def weights_of(parameters: Iterable[Any]) -> list[float]:
    """Return the numbers of parameters, those of a Tensor one after the other."""
    return [number for p in parameters for number in numbers_of(p.data)]


def numbers_of(data: Any) -> list[float]:
    """Return what a parameter holds, or its gradient, as a list of numbers."""
    numbers: list[float] = data.ravel().tolist() if is_array(data) else [data]
    return numbers


def put(parameters: Sequence[Any], weights: Sequence[float]) -> None:
    """Set parameters to numbers, in the order of `weights_of`."""
    numbers = iter(weights)
    for parameter in parameters:
        if is_array(parameter):
            new = parameter.data.copy()
            new.flat = list(islice(numbers, new.size))
            parameter.data = new
        else:
            parameter.data = next(numbers)


def checked_module(name: str, model: Any) -> Module:
    """Return the model, if it is a Module with parameters."""
    if not isinstance(model, Module):
        raise OperandError(f"{name} takes an nn.Module, got {type(model).__name__}")
    if not model.parameters():
        raise ShapeError(f"{name}: {model.path} has no parameters")
    return model
