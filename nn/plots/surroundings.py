"""Losses around the weights of a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nn.losses import Loss
from nn.module import Module
from nn.plots.inference import mean_loss, put, weights_as_they_are, weights_of


class Around:
    """Measures losses around the weights that a model has now, and leaves it with those."""

    def __init__(
        self, model: Module, loss: Loss, inputs: Sequence[Any], targets: Sequence[Any]
    ) -> None:
        self.model, self.loss_of = model, loss
        self.inputs, self.targets = inputs, targets
        self.parameters = model.parameters()
        self.centre = weights_of(self.parameters)

    def loss(self, moves: Sequence[tuple[float, Sequence[float]]]) -> float:
        """Return the loss after some steps, each along a direction."""
        weights = list(self.centre)
        for step, direction in moves:
            weights = [w + step * d for w, d in zip(weights, direction, strict=True)]
        with weights_as_they_are(self.parameters):
            put(self.parameters, weights)
            return mean_loss(self.model, self.loss_of, self.inputs, self.targets)

    def grid(
        self,
        first: Sequence[float],
        along: Sequence[float],
        second: Sequence[float],
        across: Sequence[float],
    ) -> list[list[float]]:
        """Return the losses of a map, a row for each second step."""
        return [[self.loss([(a, along), (b, across)]) for a in first] for b in second]


def evenly(low: float, high: float, count: int) -> list[float]:
    """Return evenly spaced numbers; the middle one of an odd count is exactly in the middle."""
    last = count - 1
    return [(low * (last - step) + high * step) / last for step in range(count)]
