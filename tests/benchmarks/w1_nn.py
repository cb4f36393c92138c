"""W1 as a user of stepgrad writes it: nn.MLP and the functions over sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .w1_moons import Task


class MLPProgram:
    """The network as an nn.MLP that starts from the task's weights."""

    def __init__(self, task: Task) -> None:
        from nn import MLP

        self.task = task
        first_rows = task.layers[0][0]
        outputs = [len(rows) for rows, _ in task.layers]
        self.mlp = MLP(len(first_rows[0]), outputs, activation="relu", seed=0)
        self.parameters = list(self.mlp.parameters())
        for p, number in zip(self.parameters, task.parameters, strict=True):
            p.data = number

    def backward(self) -> Any:
        from engine import dot, mean, relu

        task = self.task
        hinges = [
            relu(1.0 - label * self.mlp(point))
            for point, label in zip(task.points, task.labels, strict=True)
        ]
        loss = mean(hinges) + task.decay * dot(self.parameters, self.parameters)
        self.mlp.zero_grad()
        loss.backward()
        return loss

    def gradients(self) -> tuple[float, list[float]]:
        return self.backward().data, [p.grad for p in self.parameters]

    def step(self) -> float:
        loss: float = self.backward().data
        for p in self.parameters:
            p.data -= self.task.rate * p.grad
        return loss
