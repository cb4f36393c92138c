"""The vectorised twin of an MLP of Values: the same network with its weights as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

import engine
from engine import Tensor
from engine.errors import ShapeError
from nn.activations import function_of
from nn.layers import Linear
from nn.module import Module
from nn.neuron import MLP, Layer


class TensorMLP(Module):
    """Compute what an MLP of Values does, for a whole batch at once.

    Args:
        mlp: whose weights are copied.
        dtype: float64, which gives the same outputs and gradients but for the order of a sum, or
            float32.

    A last layer of width 1 gives one number a sample, (n,), a wider one rows, (n, width).

    >>> mlp = MLP(2, [3, 1], seed=0)
    >>> twin = TensorMLP(mlp)
    >>> bool(np.isclose(twin([[1.0, -1.0]]).item(), mlp([1.0, -1.0]).data))
    True
    """

    def __init__(self, mlp: MLP, dtype: Any = None) -> None:
        self.inputs = mlp.inputs
        self.layers = [
            Linear(layer.inputs, len(layer.neurons), init="zeros", dtype=dtype)
            for layer in mlp.layers
        ]
        self.activations = [layer.neurons[0].activation for layer in mlp.layers]
        self._functions = [function_of(activation) for activation in self.activations]
        self.take(mlp)

    def forward(self, x: Any) -> Any:
        """Return the outputs of a batch; ShapeError if its samples have another width."""
        if not isinstance(x, Tensor):
            x = Tensor(x, dtype=self.layers[0].weight.dtype)
        if x.ndim != 2 or x.shape[1] != self.inputs:
            raise ShapeError(f"the twin expects a batch of (n, {self.inputs}), got {x.shape}")
        for layer, function in zip(self.layers, self._functions, strict=True):
            x = layer(x)
            if function is not None:
                x = function(x)
        return engine.reshape(x, (x.shape[0],)) if x.shape[1] == 1 else x

    @property
    def output_width(self) -> int:
        """The number of outputs of a sample."""
        return self.layers[-1].outputs

    def take(self, mlp: MLP) -> None:
        """Copy the weights of an MLP of these widths."""
        for linear, layer in zip(self.layers, mlp.layers, strict=True):
            linear.weight.data = np.array([[w.data for w in n.w] for n in layer.neurons])
            bias: Any = linear.bias
            bias.data = np.array([n.b.data for n in layer.neurons])

    def give(self, mlp: MLP) -> None:
        """Copy the weights back to an MLP of these widths."""
        for linear, layer in zip(self.layers, mlp.layers, strict=True):
            bias: Any = linear.bias
            write(layer, linear.weight.tolist(), bias.tolist())


def write(layer: Layer, weights: list[list[float]], biases: list[float]) -> None:
    """Set the weights of the neurons of a layer."""
    if len(weights) != len(layer.neurons) or len(weights[0]) != layer.inputs:
        raise ShapeError(
            f"the twin has a layer of {len(weights[0])} → {len(weights)}, the MLP one of "
            f"{layer.inputs} → {len(layer.neurons)}"
        )
    for neuron, row, bias in zip(layer.neurons, weights, biases, strict=True):
        for weight, number in zip(neuron.w, row, strict=True):
            weight.data = number
        neuron.b.data = bias
