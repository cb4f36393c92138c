"""W1 moons: one full-batch step of gradient descent for a small classifier of two half moons.

100 points, labels of -1 and 1, an MLP 2-16-16-1 with ReLU, the loss mean max(0, 1 - y·score)
+ 1e-4·Σp². One step is forward, backward and update, and gives the loss as a Python float.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, Protocol

from . import values, w1_arrays, w1_nn, w1_tensor
from .clock import mean_seconds, seconds
from .contender import Contender, Program, Workload


@dataclass(frozen=True)
class Task:
    """The data, the initial weights (a layer is its rows and its biases), weight decay, rate."""

    points: list[list[float]]
    labels: list[float]
    layers: list[tuple[list[list[float]], list[float]]]
    decay: float = 1e-4
    rate: float = 0.1

    @property
    def parameters(self) -> list[float]:
        """The weights in micrograd's order: layer by layer, neuron by neuron, bias last."""
        return [
            number
            for rows, biases in self.layers
            for row, bias in zip(rows, biases, strict=True)
            for number in (*row, bias)
        ]


class Trainee(Protocol):
    """A classifier under training."""

    def gradients(self) -> tuple[float, list[float]]:
        """Give the loss and its gradients in the order of ``Task.parameters``, changing nothing."""

    def step(self) -> float:
        """Take one step of gradient descent and give the loss before it."""


def moons(count: int, noise: float, seed: int) -> tuple[list[list[float]], list[float]]:
    """Draw what ``sklearn.datasets.make_moons`` draws, without the import of scikit-learn."""
    import numpy as np

    rng = np.random.RandomState(seed)
    outer = np.linspace(0, np.pi, count // 2)
    inner = np.linspace(0, np.pi, count - count // 2)
    x = np.append(np.cos(outer), 1 - np.cos(inner))
    y = np.append(np.sin(outer), 1 - np.sin(inner) - 0.5)
    order = np.arange(count)
    rng.shuffle(order)
    points = np.column_stack([x, y])[order] + rng.normal(scale=noise, size=(count, 2))
    labels = np.where(order < count // 2, -1.0, 1.0)
    return points.tolist(), labels.tolist()


def task(smoke: bool) -> Task:
    """Make the data and the weights that all contenders start from."""
    points, labels = moons(10 if smoke else 100, noise=0.1, seed=0)
    rng = random.Random(0)
    layers = [
        ([[rng.uniform(-1, 1) for _ in range(inputs)] for _ in range(outputs)], [0.0] * outputs)
        for inputs, outputs in pairwise([2, 4, 4, 1] if smoke else [2, 16, 16, 1])
    ]
    return Task(points, labels, layers)


class Neuron:
    """A weighted sum with its bias first, and a ReLU unless it is the last.

    (A strict ``zip`` would take a tenth of the time of a quick engine.)
    """

    def __init__(self, weights: list[Any], bias: Any, last: bool) -> None:
        self.weights = weights
        self.bias = bias
        self.last = last

    def __call__(self, inputs: list[Any]) -> Any:
        total = sum((w * x for w, x in zip(self.weights, inputs)), self.bias)  # noqa: B905
        return total if self.last else total.relu()


class ScalarProgram:
    """micrograd's demonstration as a program on scalars of any Value class."""

    def __init__(self, value_class: Any, task: Task) -> None:
        self.value_class = value_class
        self.task = task
        self.parameters = [value_class(p) for p in task.parameters]
        unread = iter(self.parameters)
        self.layers = [
            [
                Neuron([next(unread) for _ in row], next(unread), rows is task.layers[-1][0])
                for row in rows
            ]
            for rows, _ in task.layers
        ]

    def score(self, point: list[float]) -> Any:
        signals = [self.value_class(x) for x in point]
        for layer in self.layers:
            signals = [neuron(signals) for neuron in layer]
        return signals[0]

    def loss(self) -> Any:
        scores = [self.score(point) for point in self.task.points]
        hinges = [
            (1 + -label * score).relu()
            for label, score in zip(self.task.labels, scores, strict=True)
        ]
        penalty = sum(p * p for p in self.parameters)
        return sum(hinges) * (1.0 / len(hinges)) + self.task.decay * penalty

    def gradients(self) -> tuple[float, list[float]]:
        loss = self.loss()
        for p in self.parameters:
            p.grad = 0.0
        loss.backward()
        return loss.data, [p.grad for p in self.parameters]

    def step(self) -> float:
        loss = self.loss()
        for p in self.parameters:
            p.grad = 0.0
        loss.backward()
        for p in self.parameters:
            p.data -= self.task.rate * p.grad
        number: float = loss.data
        return number


def scalars(load: Callable[[], Any], task: Task) -> Trainee:
    return ScalarProgram(load(), task)


def build(make: Callable[[Task], Trainee], smoke: bool) -> Program:
    """Make a contender's program: its answers are the first loss, gradients and three steps."""
    trainee = make(task(smoke))

    def answers() -> list[float]:
        loss, gradients = trainee.gradients()
        return [loss, *gradients, *(trainee.step() for _ in range(3))]

    return Program(
        answers,
        {"one step": lambda: {"time": mean_seconds(partial(seconds, trainee.step), smoke)}},
    )


def reference(smoke: bool) -> list[float]:
    return build(w1_arrays.NumpyProgram, smoke).answers()


def scalar_contender(
    name: str, load: Callable[[], Any], *needs: str, plain: bool = False
) -> Contender:
    return Contender(name, partial(build, partial(scalars, load)), needs, plain)


WORKLOAD = Workload(
    name="W1",
    title="moons: 100 points, MLP 2-16-16-1, one full-batch step",
    contenders=(
        scalar_contender("stepgrad, micrograd's program", values.stepgrad),
        scalar_contender("stepgrad, plain Python", values.stepgrad, plain=True),
        Contender("stepgrad, nn.MLP", partial(build, w1_nn.MLPProgram), ("nn.neuron",)),
        Contender(
            "stepgrad, nn.MLP, plain Python",
            partial(build, w1_nn.MLPProgram),
            ("nn.neuron",),
            plain=True,
        ),
        Contender("stepgrad, Tensor", partial(build, w1_tensor.TensorProgram), ("nn.layers",)),
        scalar_contender("micrograd", values.micrograd, "micrograd"),
        scalar_contender("stored local gradients", values.baseline),
        Contender("hand-written NumPy", partial(build, w1_arrays.NumpyProgram), ("numpy",)),
        Contender("torch eager, arrays", partial(build, w1_arrays.TorchProgram), ("torch",)),
        Contender("jax.jit, arrays", partial(build, w1_arrays.JaxProgram), ("jax",)),
    ),
    reference=reference,
    units={"time": "s"},
)
