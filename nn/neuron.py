"""Neuron, Layer and MLP, built from Values: small enough to look at every number."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence, Sized
from numbers import Integral
from typing import Any

import engine
from engine import Value
from engine.errors import NumberError, OperandError, ShapeError
from nn.activations import RECTIFIERS, Activation, by_name, function_of, spelling
from nn.init import Initializer, draw_seed, generator, initializer
from nn.module import Module


class Neuron(Module):
    """Compute activation(w · x + b): one Value from `inputs` numbers or Values.

    Args:
        inputs: the width of x.
        activation: a name of `nn.activations.ACTIVATIONS`, a function of one Value, or
            None for none.
        init: where the weights start: a name of `nn.init.INITIALIZERS` or a function of (rng,
            fan_in, fan_out); None takes he_uniform for a rectifier and xavier_uniform for any
            other activation. The bias starts at 0.
        seed: the same seed gives the same weights to the last bit; None draws one.
        rng: the generator of the model that this is a part of, in place of a seed.
        fan_out: what `init` is told; the number of neurons in the layer.

    Raises:
        NumberError: a width is no whole number above 0, or the seed is negative.
        OperandError: the seed is not an integer.
        ChoiceError: there is no activation or initialiser of that name.

    >>> neuron = Neuron(2, activation="relu", seed=0)
    >>> neuron.load_state_dict({"w0": 3.0, "w1": -1.0, "b": 0.5})
    >>> neuron([1.0, 2.0]).data
    1.5
    """

    def __init__(
        self,
        inputs: int,
        activation: Activation = "relu",
        init: str | Initializer | None = None,
        seed: int | None = None,
        *,
        rng: random.Random | None = None,
        fan_out: int = 1,
    ) -> None:
        self.inputs = check_width("Neuron inputs", inputs)
        self.activation = by_name(activation)
        function = function_of(self.activation)
        if isinstance(self.activation, str):  # the method takes a fraction of the function's time
            function = getattr(Value, self.activation)
        self._function = function
        if init is None:
            init = "he_uniform" if self.activation in RECTIFIERS else "xavier_uniform"
        start = initializer(init)
        rng = generator(seed, rng)
        self.w = [Value(start(rng, self.inputs, fan_out)) for _ in range(self.inputs)]
        self.b = Value(0.0)

    def forward(self, x: Sequence[Value | float]) -> Value:
        """Return the output for x; ShapeError if x has another width."""
        try:
            width = len(x)
        except TypeError:
            raise wrong_inputs("Neuron", self.inputs, x) from None
        if width != self.inputs:
            raise wrong_inputs("Neuron", self.inputs, x)
        out: Value = engine.dot(self.w, x) + self.b
        return out if self._function is None else self._function(out)

    @property
    def output_width(self) -> int:
        """The number of outputs, which is one."""
        return 1

    def extra_repr(self) -> str:
        """Show the width and the activation."""
        return f"{self.inputs} → 1, {spelling(self.activation)}"


class Layer(Module):
    """Hold neurons side by side: `inputs` numbers or Values in, a list of `neurons` Values out.

    The other arguments, and the errors, are those of a Neuron.

    >>> layer = Layer(3, 2, activation=None, init="zeros")
    >>> [out.data for out in layer([1.0, 2.0, 3.0])]
    [0.0, 0.0]
    """

    def __init__(
        self,
        inputs: int,
        neurons: int,
        activation: Activation = "relu",
        init: str | Initializer | None = None,
        seed: int | None = None,
        *,
        rng: random.Random | None = None,
    ) -> None:
        self.inputs = check_width("Layer inputs", inputs)
        width = check_width("Layer neurons", neurons)
        rng = generator(seed, rng)
        self.neurons = [
            Neuron(self.inputs, activation, init, rng=rng, fan_out=width) for _ in range(width)
        ]

    def forward(self, x: Iterable[Value | float]) -> list[Value]:
        """Return the outputs of the neurons; ShapeError if x has another width."""
        values = as_values("Layer", self.inputs, x)
        return [neuron(values) for neuron in self.neurons]

    @property
    def output_width(self) -> int:
        """The number of outputs, one for each neuron."""
        return len(self.neurons)

    def extra_repr(self) -> str:
        """Show the widths and the activation."""
        activation = spelling(self.neurons[0].activation)
        return f"{self.inputs} → {len(self.neurons)}, {activation}"


class MLP(Module):
    """Stack layers: each one's outputs are the inputs of the next.

    Args:
        inputs: the number of inputs.
        widths: the number of neurons of each layer, the last one being the outputs.
        activation: of all layers but the last, as for a Neuron.
        output_activation: of the last layer; None leaves its outputs as scores of any size.
        init: as for a Neuron.
        seed: the same seed gives the same weights to the last bit; None draws one, which is kept
            as `seed` so that the run can be repeated.

    Raises:
        NumberError: a width is no whole number above 0, there is none, or the seed is negative.
        OperandError: the seed is not an integer, or the widths are no list.
        ChoiceError: there is no activation or initialiser of that name.

    A last layer of width 1 gives one Value, a wider one a list of Values.

    >>> mlp = MLP(2, [16, 16, 1], seed=0)
    >>> len(mlp.parameters()), mlp([1.0, -1.0]).requires_grad
    (337, True)
    >>> mlp
    MLP(2 → 16 → 16 → 1, 337 parameters)
    ├─ layer0: Layer(2 → 16, relu)
    │  └─ neuron0…neuron15: Neuron(2 → 1, relu)
    ├─ layer1: Layer(16 → 16, relu)
    │  └─ neuron0…neuron15: Neuron(16 → 1, relu)
    └─ layer2: Layer(16 → 1, linear)
       └─ neuron0: Neuron(16 → 1, linear)
    """

    def __init__(
        self,
        inputs: int,
        widths: Sequence[int],
        activation: Activation = "relu",
        output_activation: Activation = None,
        init: str | Initializer | None = None,
        seed: int | None = None,
    ) -> None:
        if not isinstance(widths, Iterable) or isinstance(widths, str):
            raise OperandError(f"MLP widths is a list with one width a layer, got {widths!r}")
        self.inputs = check_width("MLP inputs", inputs)
        self.widths = [check_width("MLP widths", width) for width in widths]
        if not self.widths:
            raise NumberError("MLP widths is empty: give the width of at least one layer")
        self.activation = by_name(activation)
        self.output_activation = by_name(output_activation)
        self.init = init
        self.seed = draw_seed() if seed is None else seed
        rng = generator(self.seed)
        last = len(self.widths) - 1
        self.layers = [
            Layer(
                self.inputs if place == 0 else self.widths[place - 1],
                width,
                output_activation if place == last else activation,
                init,
                rng=rng,
            )
            for place, width in enumerate(self.widths)
        ]

    def forward(self, x: Iterable[Value | float]) -> Value | list[Value]:
        """Return the outputs for x; ShapeError if x has another width."""
        values = as_values("MLP", self.inputs, x)
        for layer in self.layers:
            values = layer(values)
        return values[0] if len(values) == 1 else values

    def tensor(self, dtype: Any = None) -> Any:
        """Return the vectorised twin: a `nn.twin.TensorMLP` with a copy of the weights.

        Args:
            dtype: float64 if not given, or float32.

        >>> MLP(2, [3, 1], seed=0).tensor()([[1.0, 2.0], [3.0, 4.0]]).shape
        (2,)
        """
        from nn.twin import TensorMLP  # which is made of what NumPy computes

        return TensorMLP(self, dtype)

    def load(self, twin: Any) -> None:
        """Copy the weights of a twin, as one that was trained, into this MLP.

        Raises:
            OperandError: it is no twin.
            ShapeError: the twin has other widths.
        """
        if not hasattr(twin, "give"):
            raise OperandError(
                f"load takes a twin, as mlp.tensor() makes it, got a {type(twin).__name__}: "
                "nn.load_model(path) reads a file, load_state_dict(state) takes another's weights"
            )
        twin.give(self)

    @property
    def output_width(self) -> int:
        """The number of outputs, which is the last width."""
        return self.widths[-1]

    def config(self) -> dict[str, Any] | None:
        """Return the arguments that make such an MLP, or None if one of them is a function."""
        choices = (self.activation, self.output_activation, self.init)
        if any(callable(choice) for choice in choices):
            return None
        return {
            "inputs": self.inputs,
            "widths": self.widths,
            "activation": self.activation,
            "output_activation": self.output_activation,
            "init": self.init,
            "seed": self.seed,
        }

    def extra_repr(self) -> str:
        """Show the widths and the number of parameters."""
        return f"{' → '.join(map(str, (self.inputs, *self.widths)))}, {super().extra_repr()}"


def check_width(what: str, width: object) -> int:
    """Return a width as an int, if it is one above 0."""
    if isinstance(width, bool) or not isinstance(width, Integral) or width < 1:
        raise NumberError(f"{what} must be a whole number above 0, got {width!r}")
    return int(width)


def as_values(name: str, width: int, x: Iterable[Value | float]) -> list[Value]:
    """Return the inputs as Values, numbers as constants: once, however many neurons share them."""
    if not isinstance(x, Iterable) or isinstance(x, str):
        raise wrong_inputs(name, width, x)
    values = [item if isinstance(item, Value) else Value(item, requires_grad=False) for item in x]
    if len(values) != width:
        raise wrong_inputs(name, width, values)
    return values


def wrong_inputs(name: str, width: int, x: object) -> ShapeError:
    """Return the error for inputs of another width, or that are no sequence at all."""
    found = str(len(x)) if isinstance(x, Sized) else f"{x!r}, which is no list of numbers"
    return ShapeError(f"{name} expects {width} input{'s' * (width != 1)}, got {found}")
