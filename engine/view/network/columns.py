"""A network as columns of neurons, whether of Values or of Tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from engine.coercion import number
from engine.errors import OperandError, ShapeError
from engine.modes import no_grad
from engine.node import Node
from engine.tensor import Tensor

CHANGELESS = ("Dropout", "Flatten")  # what they do to one sample in evaluation: nothing


class Weight(NamedTuple):
    """A weight or a bias, and its gradient if it was computed."""

    data: float
    grad: float | None


class Column(NamedTuple):
    """A layer of neurons.

    Args:
        title: its place and kind, as "layer0 (16 relu)".
        width: the number of neurons.
        weight: of neuron k for input j, by (k, j).
        bias: of neuron k; None if it has none.
    """

    title: str
    width: int
    weight: Callable[[int, int], Weight]
    bias: Callable[[int], Weight | None]


class Network(NamedTuple):
    """Columns of neurons, from the first layer to the last.

    Args:
        inputs: the number of inputs.
        columns: of the layers.
        run: from the inputs to the activations of every layer.
    """

    inputs: int
    columns: list[Column]
    run: Callable[[list[float]], list[list[float]]]

    def activations(self, sample: Sequence[Any] | None) -> list[list[float | None]]:
        """Return the numbers of every column, the inputs first; None without a sample.

        Raises:
            OperandError: the sample holds no numbers.
            ShapeError: it has another length than the network has inputs.
        """
        if sample is None:
            return [[None] * width for width in (self.inputs, *(c.width for c in self.columns))]
        given = sample.tolist() if hasattr(sample, "tolist") else sample
        values: list[Any] = [getattr(x, "data", x) if isinstance(x, Node) else x for x in given]
        if len(values) != self.inputs:
            raise ShapeError(
                f"the network has {self.inputs} inputs, and the sample {len(values)} numbers"
            )
        numbers = [number(x, "sample") for x in values]
        with no_grad():
            return [list(column) for column in (numbers, *self.run(numbers))]


def network_of(model: Any) -> Network:
    """Return the columns of a network.

    Args:
        model: has `layers`: of neurons with weights `w` and a bias `b`, or with a `weight` of
            (outputs, inputs), and activations between them.

    Raises:
        OperandError: the network is not made like that.
    """
    layers = getattr(model, "layers", None)
    layers = list(layers) if isinstance(layers, (list, tuple)) else []
    if layers and all(map(_is_of_neurons, layers)):
        return _of_values(layers)
    if any(map(_is_dense, layers)):
        return _of_tensors(layers, getattr(model, "activations", None))
    raise OperandError(
        "draw() takes a Value, a Tensor or a network such as nn.MLP or a Sequential of Linear "
        f"layers, whose layers have neurons or a weight; got {type(model).__name__}. What any "
        "network computes can be drawn: draw(model(x))"
    )


def _is_of_neurons(layer: Any) -> bool:
    try:
        return bool(layer.neurons) and all(
            isinstance(value, Node) for neuron in layer.neurons for value in (*neuron.w, neuron.b)
        )
    except (AttributeError, TypeError):
        return False


def _is_dense(layer: Any) -> bool:
    weight = getattr(layer, "weight", None)
    return getattr(weight, "ndim", None) == 2 and hasattr(layer, "bias")


def _of_values(layers: list[Any]) -> Network:
    def run(inputs: list[float]) -> list[list[float]]:
        values: list[Any] = inputs
        columns = []
        for layer in layers:
            values = layer(values)
            columns.append([value.data for value in values])
        return columns

    return Network(
        len(layers[0].neurons[0].w),
        [
            Column(
                _title(i, len(layer.neurons), getattr(layer.neurons[0], "activation", None)),
                len(layer.neurons),
                partial(_weight_of_neuron, layer.neurons),
                partial(_bias_of_neuron, layer.neurons),
            )
            for i, layer in enumerate(layers)
        ],
        run,
    )


def _of_tensors(layers: list[Any], between: Sequence[Any] | None) -> Network:
    """Return the columns of layers of Tensors.

    Args:
        layers: dense ones, and what is between them.
        between: what is done after each dense layer, if that is no layer of its own.
    """
    dense: list[int] = []  # the places of the dense layers
    kinds: list[Any] = []  # and what is done after each
    for i, layer in enumerate(layers):
        if _is_dense(layer):
            dense.append(i)
            kinds.append(None)
        elif hasattr(layer, "activation") and kinds and kinds[-1] is None:
            kinds[-1] = layer.activation
        elif type(layer).__name__ not in CHANGELESS:
            raise OperandError(
                f"the picture of a network has dense layers and their activations, and layer{i} is "
                f"a {type(layer).__name__}: draw what the network computes, draw(model(x))"
            )
    kinds = list(between) if between is not None else kinds

    def run(inputs: list[float]) -> list[list[float]]:
        x = Tensor([inputs], dtype=layers[dense[0]].weight.dtype)
        columns = []
        for kind, first, after in zip(kinds, dense, [*dense[1:], len(layers)], strict=True):
            x = layers[first](x)
            for layer in layers[first + 1 : after]:
                if hasattr(layer, "activation"):
                    x = layer(x)
            if between is not None and kind is not None:
                x = _applied(kind, x)
            columns.append([float(value) for value in x.data[0]])
        return columns

    return Network(
        layers[dense[0]].weight.shape[1],
        [
            Column(
                _title(i, layers[i].weight.shape[0], kind),
                layers[i].weight.shape[0],
                partial(_element, layers[i].weight),
                partial(_element, layers[i].bias),
            )
            for i, kind in zip(dense, kinds, strict=True)
        ],
        run,
    )


def _applied(kind: Any, x: Tensor) -> Any:
    import engine  # its functions are made after its views

    return getattr(engine, kind)(x) if isinstance(kind, str) else kind(x)


def _title(place: int, width: int, activation: Any) -> str:
    kind = activation if isinstance(activation, str) else "custom"
    return f"layer{place} ({width} {'linear' if activation is None else kind})"


def _weight_of_neuron(neurons: Sequence[Any], k: int, j: int) -> Weight:
    return Weight(neurons[k].w[j].data, neurons[k].w[j].grad)


def _bias_of_neuron(neurons: Sequence[Any], k: int) -> Weight:
    return Weight(neurons[k].b.data, neurons[k].b.grad)


def _element(tensor: Any, *place: int) -> Any:
    if tensor is None:  # a layer without a bias
        return None
    grad = tensor.grad
    return Weight(float(tensor.data[place]), None if grad is None else float(grad[place]))
