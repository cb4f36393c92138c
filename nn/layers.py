"""Layers of Tensors: each takes a batch at once, with the samples along the first axis."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

import engine
from engine import Tensor
from engine.errors import OperandError, ShapeError
from nn.activations import Activation as Function, by_name, function_of, spelling
from nn.init import Initializer, draw_seed, generator, initializer
from nn.module import Module
from nn.neuron import check_width


class Linear(Module):
    """Compute x @ weightᵀ + bias.

    Args:
        inputs: the size of the last axis of x.
        outputs: that of the result.
        bias: False leaves the bias out.
        init: where the weights start, as for a Neuron; the bias starts at 0.
        seed: the same seed gives the same weights to the last bit; None draws one.
        rng: the generator of the model that this is a part of, in place of a seed.
        dtype: of the weights, float64 or float32.

    Raises:
        NumberError: a width is no whole number above 0.

    >>> layer = Linear(3, 2, init="zeros")
    >>> layer(np.ones((4, 3))).shape
    (4, 2)
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        bias: bool = True,
        init: str | Initializer = "he_uniform",
        seed: int | None = None,
        *,
        rng: random.Random | None = None,
        dtype: Any = None,
    ) -> None:
        self.inputs = check_width("Linear inputs", inputs)
        self.outputs = check_width("Linear outputs", outputs)
        weights = drawn((self.outputs, self.inputs), init, self.inputs, self.outputs, seed, rng)
        self.weight = Tensor(weights, requires_grad=True, dtype=dtype)
        self.bias = (
            Tensor(np.zeros(self.outputs), requires_grad=True, dtype=dtype) if bias else None
        )

    def forward(self, x: Any) -> Any:
        """Return the outputs of a batch; ShapeError if the last axis of x has another size."""
        check_last("Linear", x, self.inputs)
        if self.bias is None:
            return engine.matmul(x, self.weight.T)
        return engine.linear(x, self.weight, self.bias)

    @property
    def output_width(self) -> int:
        """The number of outputs of a sample."""
        return self.outputs

    def extra_repr(self) -> str:
        """Show the widths."""
        return f"{self.inputs} → {self.outputs}{'' if self.bias is not None else ', no bias'}"


class Activation(Module):
    """Apply an activation to every element.

    Args:
        activation: a name of `nn.activations.ACTIVATIONS`, or a function of a Tensor.

    >>> Activation("relu")(Tensor([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    def __init__(self, activation: Function) -> None:
        self.activation = by_name(activation)
        function = function_of(self.activation)
        if function is None:
            raise OperandError("an Activation needs a name or a function, got None")
        self._function = function

    def forward(self, x: Any) -> Any:
        """Return the activation of every element."""
        return self._function(x)

    def extra_repr(self) -> str:
        """Show the name of the activation."""
        return spelling(self.activation)


class Dropout(Module):
    """In training, set elements to 0 with probability p and divide the others by 1 - p.

    Args:
        p: from 0 to 1.
        seed: of the masks; None draws one.

    Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting, JMLR 2014.

    >>> Dropout(0.5, seed=0).eval()(Tensor([1.0, 2.0])).tolist()
    [1.0, 2.0]
    """

    def __init__(self, p: float = 0.5, seed: int | None = None) -> None:
        self.p = p
        self._rng = np.random.default_rng(draw_seed() if seed is None else seed)
        engine.dropout(np.zeros(0), p, self._rng)  # refuses a p that is no probability

    def forward(self, x: Any) -> Any:
        """Return x with elements left out, or x itself in evaluation."""
        return engine.dropout(x, self.p, self._rng) if self.training else x

    def extra_repr(self) -> str:
        """Show the probability."""
        return f"p={self.p}"


class Embedding(Module):
    """Look up a row of weights for each whole number.

    Args:
        count: how many rows there are.
        width: of a row.
        seed: of the weights, drawn from the standard normal distribution; None draws one.
        dtype: of the weights, float64 or float32.

    Raises:
        NumberError: a width is no whole number above 0.

    >>> Embedding(10, 4, seed=0)([[1, 2, 1]]).shape
    (1, 3, 4)
    """

    def __init__(
        self, count: int, width: int, seed: int | None = None, *, dtype: Any = None
    ) -> None:
        self.count = check_width("Embedding count", count)
        self.width = check_width("Embedding width", width)
        rng = np.random.default_rng(draw_seed() if seed is None else seed)
        weights = rng.standard_normal((count, width))
        self.weight = Tensor(weights, requires_grad=True, dtype=dtype)

    def forward(self, ids: Any) -> Any:
        """Return the rows of the ids; an error if one is not in 0..count-1."""
        return engine.embedding(self.weight, ids)

    def extra_repr(self) -> str:
        """Show the number of rows and their width."""
        return f"{self.count} × {self.width}"


class Flatten(Module):
    """Make one axis of all axes but the first.

    >>> Flatten()(Tensor(np.zeros((5, 2, 3)))).shape
    (5, 6)
    """

    def forward(self, x: Any) -> Any:
        """Return x as (samples, the rest)."""
        if np.ndim(x) == 0:
            raise ShapeError("Flatten needs a batch, got a single number")
        return engine.reshape(x, (len(x), -1))


class Sequential(Module):
    """Run modules one after the other.

    >>> net = Sequential(Linear(2, 8, seed=0), Activation("tanh"), Linear(8, 1, seed=1))
    >>> net(np.zeros((5, 2))).shape
    (5, 1)
    """

    def __init__(self, *layers: Module) -> None:
        for layer in layers:
            if not isinstance(layer, Module):
                raise OperandError(f"Sequential takes modules, got {type(layer).__name__}")
        self.layers = list(layers)

    def forward(self, x: Any) -> Any:
        """Return what the last module gives."""
        for layer in self.layers:
            x = layer(x)
        return x

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, place: int) -> Module:
        return self.layers[place]


def check_last(name: str, x: Any, width: int) -> None:
    """Raise a ShapeError unless the last axis of a batch has a size."""
    shape = np.shape(x) if not isinstance(x, Tensor) else x.shape
    if not shape or shape[-1] != width:
        raise ShapeError(f"{name} expects {width} features along the last axis, got {shape}")


def drawn(
    shape: tuple[int, ...],
    init: str | Initializer,
    fan_in: int,
    fan_out: int,
    seed: int | None,
    rng: random.Random | None,
) -> Any:
    """Return an array of weights, drawn one by one as those of neurons are."""
    start = initializer(init)
    rng = generator(seed, rng)
    count = int(np.prod(shape))
    return np.array([start(rng, fan_in, fan_out) for _ in range(count)]).reshape(shape)
