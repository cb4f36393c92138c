"""W4 dense nets: one training step in float32, softmax cross-entropy, SGD with momentum 0.9.

ReLU between the layers; the batch is drawn once and stays. A step gives the loss as a float. Peak
memory is that of Python and NumPy, the parameters and the batch with it.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

from .clock import mean_seconds, seconds
from .contender import Contender, Measurement, Program, Workload

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

NETS = [
    ((64, 32, 10), 32),
    ((784, 30, 10), 10),
    ((784, 100, 10), 32),
    ((784, 100, 10), 128),
    ((784, 512, 512, 10), 128),
]
SMALL = [((8, 6, 3), 5), ((9, 5, 4, 3), 7)]
RATE, MOMENTUM = 0.01, 0.9


@dataclass(frozen=True)
class Task:
    """A batch with its labels, and the initial layers, weights as (outputs, inputs)."""

    inputs: Array
    labels: Array
    layers: list[tuple[Array, Array]]


class Trainee(Protocol):
    """A network under training."""

    def step(self) -> float:
        """Take one step and give the loss before it."""


def task(widths: tuple[int, ...], batch: int) -> Task:
    """Draw a batch, and weights by He's rule."""
    import numpy as np

    rng = np.random.default_rng(0)
    layers = [
        (
            (rng.standard_normal((outputs, inputs)) * np.sqrt(2 / inputs)).astype(np.float32),
            np.zeros(outputs, np.float32),
        )
        for inputs, outputs in pairwise(widths)
    ]
    inputs = rng.standard_normal((batch, widths[0])).astype(np.float32)
    return Task(inputs, rng.integers(0, widths[-1], batch), layers)


class NumpyNet:
    """The step with its derivatives written by hand."""

    def __init__(self, task: Task) -> None:
        import numpy as np

        self.np = np
        self.inputs, self.labels = task.inputs, task.labels
        self.rows = np.arange(len(task.labels))
        self.weights = [weights.T.copy() for weights, _ in task.layers]
        self.biases = [biases.copy() for _, biases in task.layers]
        self.speeds = [np.zeros_like(p) for p in (*self.weights, *self.biases)]
        self.rate, self.momentum = np.float32(RATE), np.float32(MOMENTUM)

    def step(self) -> float:
        np, last = self.np, len(self.weights) - 1
        signals = [self.inputs]
        for i, (weights, biases) in enumerate(zip(self.weights, self.biases, strict=True)):
            scores = signals[-1] @ weights
            scores += biases
            signals.append(scores if i == last else np.maximum(scores, 0.0, out=scores))
        scores = signals[-1]
        scores -= scores.max(1, keepdims=True)
        wanted = scores[self.rows, self.labels]
        np.exp(scores, out=scores)
        totals = scores.sum(1, keepdims=True)
        loss = (np.log(totals).sum() - wanted.sum()) / len(self.rows)
        scores /= totals
        scores[self.rows, self.labels] -= 1.0
        scores /= np.float32(len(self.rows))
        upstream, by_weights, by_biases = scores, [], []
        for i in range(last, -1, -1):
            by_weights.append(signals[i].T @ upstream)
            by_biases.append(upstream.sum(0))
            if i:
                upstream = (upstream @ self.weights[i].T) * (signals[i] > 0.0)
        gradients = (*by_weights[::-1], *by_biases[::-1])
        parameters = (*self.weights, *self.biases)
        for speed, gradient, parameter in zip(self.speeds, gradients, parameters, strict=True):
            speed *= self.momentum
            speed += gradient
            parameter -= self.rate * speed
        return float(loss)


class TensorNet:
    """The step as a user of stepgrad writes it."""

    def __init__(self, task: Task) -> None:
        from engine import Tensor
        from nn import SGD, losses
        from nn.layers import Activation, Linear, Sequential

        modules: list[Any] = []
        for weights, biases in task.layers:
            outputs, inputs = weights.shape
            linear: Any = Linear(inputs, outputs, init="zeros", dtype=weights.dtype)
            linear.weight.data, linear.bias.data = weights, biases
            modules += [linear, Activation("relu")]
        self.net = Sequential(*modules[:-1])
        self.optimizer = SGD(self.net.parameters(), lr=RATE, momentum=MOMENTUM)
        self.loss = losses.cross_entropy
        self.inputs, self.labels = Tensor(task.inputs), task.labels

    def step(self) -> float:
        loss = self.loss(self.net(self.inputs), self.labels)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return float(loss.item())


class TorchNet:
    """The step as a user of torch writes it, eager."""

    def __init__(self, task: Task) -> None:
        import torch

        torch.set_num_threads(1)
        modules: list[Any] = []
        for weights, biases in task.layers:
            linear = torch.nn.Linear(weights.shape[1], weights.shape[0])
            with torch.no_grad():
                linear.weight.copy_(torch.tensor(weights))
                linear.bias.copy_(torch.tensor(biases))
            modules += [linear, torch.nn.ReLU()]
        self.net = torch.nn.Sequential(*modules[:-1])
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=RATE, momentum=MOMENTUM)
        self.loss = torch.nn.functional.cross_entropy
        self.inputs, self.labels = torch.tensor(task.inputs), torch.tensor(task.labels)

    def step(self) -> float:
        loss = self.loss(self.net(self.inputs), self.labels)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return float(loss.item())


class JaxNet:
    """The step as one compiled function of jax."""

    def __init__(self, task: Task) -> None:
        import jax
        import jax.numpy as jnp

        def loss(layers: Any, inputs: Any, labels: Any) -> Any:
            for i, (weights, biases) in enumerate(layers):
                inputs = inputs @ weights.T + biases
                if i < len(layers) - 1:
                    inputs = jnp.maximum(inputs, 0.0)
            scores = jax.nn.log_softmax(inputs)
            return -jnp.take_along_axis(scores, labels[:, None], 1).mean()

        def step(layers: Any, speeds: Any, inputs: Any, labels: Any) -> Any:
            value, gradients = jax.value_and_grad(loss)(layers, inputs, labels)
            speeds = jax.tree.map(lambda v, g: MOMENTUM * v + g, speeds, gradients)
            layers = jax.tree.map(lambda p, v: p - RATE * v, layers, speeds)
            return value, layers, speeds

        self.layers = [(jnp.array(w), jnp.array(b)) for w, b in task.layers]
        self.speeds = jax.tree.map(jnp.zeros_like, self.layers)
        self.inputs, self.labels = jnp.array(task.inputs), jnp.array(task.labels)
        self.compiled = jax.jit(step, donate_argnums=(0, 1))

    def step(self) -> float:
        loss, self.layers, self.speeds = self.compiled(
            self.layers, self.speeds, self.inputs, self.labels
        )
        return float(loss)


def peak_memory(train: Callable[[], Trainee]) -> int:
    """Give the most bytes that a network, its batch and its third step held at one time."""
    tracemalloc.start()
    try:
        net = train()
        net.step()
        net.step()
        tracemalloc.reset_peak()
        net.step()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def build(make: Callable[[Task], Trainee], smoke: bool, traced: bool = True) -> Program:
    """Make a contender's networks: its answers are the losses of each one's first three steps.

    With ``traced`` unset, its memory is not Python's and is not measured.
    """
    sizes = SMALL if smoke else NETS
    names = [f"{'-'.join(map(str, widths))}, batch {batch}" for widths, batch in sizes]
    nets = [make(task(*size)) for size in sizes]

    def answers() -> list[float]:
        return [net.step() for net in nets for _ in range(3)]

    def measured(net: Trainee, size: tuple[tuple[int, ...], int]) -> Measurement:
        measurement: Measurement = {"time": mean_seconds(partial(seconds, net.step), smoke)}
        if traced:
            measurement["peak memory"] = peak_memory(lambda: make(task(*size)))
        return measurement

    cases = {
        name: partial(measured, net, size)
        for name, net, size in zip(names, nets, sizes, strict=True)
    }
    return Program(answers, cases)


def reference(smoke: bool) -> list[float]:
    return build(NumpyNet, smoke).answers()


WORKLOAD = Workload(
    name="W4",
    title="dense nets: one training step, float32, cross-entropy, momentum",
    contenders=(
        Contender("stepgrad", partial(build, TensorNet), ("nn.layers",)),
        Contender("stepgrad, plain Python", partial(build, TensorNet), ("nn.layers",), plain=True),
        Contender("hand-written NumPy", partial(build, NumpyNet), ("numpy",)),
        Contender("torch eager", partial(build, TorchNet, traced=False), ("torch",)),
        Contender("jax.jit", partial(build, JaxNet, traced=False), ("jax",)),
    ),
    reference=reference,
    units={"time": "s", "peak memory": "B"},
    tolerance=1e-5,  # float32: sums of 784 in another order
)
