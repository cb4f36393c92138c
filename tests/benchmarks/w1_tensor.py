"""W1 on stepgrad's Tensor, as a user writes it: eager, in float64."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .w1_arrays import flatten

if TYPE_CHECKING:
    from .w1_moons import Task


class TensorProgram:
    """The network as a loop over Tensors, moved by plain SGD."""

    def __init__(self, task: Task) -> None:
        import numpy as np

        from engine import Tensor
        from nn import SGD

        self.decay = task.decay
        self.points = Tensor(task.points)
        self.labels = Tensor(np.array(task.labels)[:, None])
        self.layers = [
            (Tensor(rows, requires_grad=True), Tensor(biases, requires_grad=True))
            for rows, biases in task.layers
        ]
        self.parameters = [p for layer in self.layers for p in layer]
        self.optimizer = SGD(self.parameters, lr=task.rate)

    def backward(self) -> Any:
        from engine import linear

        signals = self.points
        for weights, biases in self.layers[:-1]:
            signals = linear(signals, weights, biases).relu()
        scores = linear(signals, *self.layers[-1])
        penalty = sum((p * p).sum() for p in self.parameters)
        loss = (1.0 - self.labels * scores).relu().mean() + self.decay * penalty
        self.optimizer.zero_grad()
        loss.backward()
        return loss

    def gradients(self) -> tuple[float, list[float]]:
        return self.backward().item(), flatten([(w.grad, b.grad) for w, b in self.layers])

    def step(self) -> float:
        loss: float = self.backward().item()
        self.optimizer.step()
        return loss
