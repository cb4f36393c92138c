"""W1 on arrays: NumPy with hand-written gradients, torch eager and jax.jit, in float64."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .w1_moons import Task

    Array = NDArray[np.float64]
    Layers = list[tuple[Array, Array]]


def flatten(layers: Layers) -> list[float]:
    """List weights (or their gradients) neuron by neuron, bias last."""
    flat: list[float] = []
    for weights, biases in layers:
        flat += np.column_stack([weights, biases]).ravel().tolist()
    return flat


class NumpyProgram:
    """The network with its derivatives written by hand, its arrays views of one vector.

    A bias is the last column of its weights, and meets a last column of ones in the signals.
    """

    def __init__(self, task: Task) -> None:
        self.decay, self.rate = task.decay, task.rate
        self.labels = np.array(task.labels)[:, None]
        self.parameters = np.array(task.parameters)
        self.by_parameters = np.empty_like(self.parameters)
        self.layers = self.views(task, self.parameters)
        self.by_layers = self.views(task, self.by_parameters)
        self.signals = [np.ones((len(task.points), layer.shape[1])) for layer in self.layers]
        self.signals[0][:, :-1] = task.points

    def views(self, task: Task, vector: Array) -> list[Array]:
        shapes = [(len(rows), len(rows[0]) + 1) for rows, _ in task.layers]
        ends = np.cumsum([outputs * inputs for outputs, inputs in shapes])
        parts = np.split(vector, ends[:-1])
        return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]

    def sweep(self) -> float:
        """Fill the gradients and give the loss."""
        signals = self.signals
        for i, layer in enumerate(self.layers[:-1]):
            np.maximum(signals[i] @ layer.T, 0.0, out=signals[i + 1][:, :-1])
        margins = 1.0 - self.labels * (signals[-1] @ self.layers[-1].T)
        missed = margins > 0.0
        loss = (margins * missed).sum() / len(margins)
        upstream = missed * self.labels * (-1.0 / len(margins))
        for i in range(len(signals) - 1, -1, -1):
            np.matmul(upstream.T, signals[i], out=self.by_layers[i])
            if i:
                upstream = upstream @ self.layers[i][:, :-1] * (signals[i][:, :-1] > 0.0)
        self.by_parameters += 2.0 * self.decay * self.parameters
        return float(loss + self.decay * (self.parameters @ self.parameters))

    def gradients(self) -> tuple[float, list[float]]:
        return self.sweep(), self.by_parameters.tolist()

    def step(self) -> float:
        loss = self.sweep()
        self.parameters -= self.rate * self.by_parameters
        return loss


class TorchProgram:
    """The network as a loop over tensors, differentiated by torch."""

    def __init__(self, task: Task) -> None:
        import torch

        torch.set_num_threads(1)
        self.torch = torch
        self.decay, self.rate = task.decay, task.rate

        def tensor(numbers: Any, trained: bool = False) -> Any:
            return torch.tensor(numbers, dtype=torch.float64, requires_grad=trained)

        self.points = tensor(task.points)
        self.labels = tensor(task.labels)[:, None]
        self.layers = [(tensor(rows, True), tensor(biases, True)) for rows, biases in task.layers]
        self.parameters = [p for layer in self.layers for p in layer]

    def backward(self) -> Any:
        signal = self.points
        for weights, biases in self.layers[:-1]:
            signal = self.torch.nn.functional.linear(signal, weights, biases).relu()
        scores = self.torch.nn.functional.linear(signal, *self.layers[-1])
        penalty = sum((p * p).sum() for p in self.parameters)
        loss = (1.0 - self.labels * scores).relu().mean() + self.decay * penalty
        for p in self.parameters:
            p.grad = None
        loss.backward()
        return loss

    def gradients(self) -> tuple[float, list[float]]:
        loss = self.backward().item()
        return loss, flatten([(w.grad.numpy(), b.grad.numpy()) for w, b in self.layers])

    def step(self) -> float:
        loss = self.backward()
        with self.torch.no_grad():
            for p in self.parameters:
                p -= self.rate * p.grad
        return float(loss.item())


class JaxProgram:
    """The network as one function, compiled with its gradient and its update."""

    def __init__(self, task: Task) -> None:
        import jax
        import jax.numpy as jnp

        jax.config.update("jax_enable_x64", True)
        self.points = jnp.array(task.points)
        self.labels = jnp.array(task.labels)[:, None]
        self.layers = [(jnp.array(rows), jnp.array(biases)) for rows, biases in task.layers]

        def loss(layers: Any, points: Any, labels: Any) -> Any:
            signal = points
            for weights, biases in layers[:-1]:
                signal = jax.nn.relu(signal @ weights.T + biases)
            weights, biases = layers[-1]
            hinges = jax.nn.relu(1.0 - labels * (signal @ weights.T + biases))
            penalty = sum((p * p).sum() for layer in layers for p in layer)
            return hinges.mean() + task.decay * penalty

        def update(layers: Any, points: Any, labels: Any) -> Any:
            number, gradients = jax.value_and_grad(loss)(layers, points, labels)
            return number, jax.tree.map(lambda p, g: p - task.rate * g, layers, gradients)

        self.value_and_grad = jax.jit(jax.value_and_grad(loss))
        self.update = jax.jit(update)

    def gradients(self) -> tuple[float, list[float]]:
        loss, gradients = self.value_and_grad(self.layers, self.points, self.labels)
        return float(loss), flatten(gradients)

    def step(self) -> float:
        loss, self.layers = self.update(self.layers, self.points, self.labels)
        return float(loss)
