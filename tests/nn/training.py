"""A small training that others build on."""

from __future__ import annotations

from typing import Any

from nn import SGD, Neuron, Trainer

INPUTS = [[0.0], [1.0], [2.0], [3.0]]
TARGETS = [1.0, 3.0, 5.0, 7.0]


def line_trainer(lr: float = 0.0625, **options: Any) -> Trainer:
    """Return a trainer of w·x + b from w = b = 0, in silence."""
    neuron = Neuron(1, activation=None, init="zeros")
    options = {"progress": False} | options
    return Trainer(neuron, "mse", SGD(neuron.parameters(), lr=lr), **options)
