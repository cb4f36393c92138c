"""Recorder: the weights that a training went through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nn.module import Module
from nn.plots.inference import checked_module, put, weights_as_they_are, weights_of
from nn.progress import Row


class Recorder:
    """Keep the weights of a model before a training and after each of its epochs.

    Args:
        model: what is about to be trained.

    It is given to a Trainer as its `progress`. `weights` holds the weights at the start and after
    each epoch, in the order of the parameters, those of a Tensor one after the other; `rows` what
    each epoch measured.

    Raises:
        OperandError: the model is no Module.
        ShapeError: it has no parameters.

    >>> from nn import SGD, Neuron, Trainer
    >>> neuron = Neuron(1, activation=None, init="zeros")
    >>> recorder = Recorder(neuron)
    >>> trainer = Trainer(neuron, "mse", SGD(neuron.parameters(), lr=0.25), progress=recorder)
    >>> history = trainer.fit([[1.0]], [1.0], epochs=2)
    >>> recorder.weights
    [[0.0, 0.0], [0.5, 0.5], [0.5, 0.5]]
    """

    def __init__(self, model: Module) -> None:
        self.model = checked_module("Recorder", model)
        self.weights: list[list[float]] = [self._now()]
        self.rows: list[Row] = []

    def __call__(self, row: Row) -> None:
        """Keep the weights as they are now, and the row of the epoch."""
        self.weights.append(self._now())
        self.rows.append(row)

    def __len__(self) -> int:
        return len(self.weights)

    @contextmanager
    def at(self, place: int) -> Iterator[Module]:
        """Give the model the weights that it had after an epoch; afterwards it has its own again.

        Args:
            place: 0 for the start, 1 for the end of epoch 1, and so on; -1 for the end of the last.
        """
        parameters = self.model.parameters()
        with weights_as_they_are(parameters):
            put(parameters, self.weights[place])
            yield self.model

    def _now(self) -> list[float]:
        return weights_of(self.model.parameters())
