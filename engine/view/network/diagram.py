"""A network of neurons as a picture: neurons in columns, connections by their weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.coercion import number
from engine.errors import OperandError, ShapeError
from engine.modes import no_grad
from engine.node import Node
from engine.view.formatting import all_finite, format_exactly, format_number, printable
from engine.view.network.dot import network_digraph
from engine.view.network.text import network_text
from engine.view.picture.diagram import Diagram, DiagramEdge, DiagramFrame, DiagramNode, Row
from engine.view.picture.picture import Picture

MOST_IN_COLUMN = 16  # neurons; of a wider layer the first and the last are drawn
ROOM = 6  # characters that a circle has room for


def network_picture(
    network: Any, sample: Sequence[Any] | None, direction: str, precision: int
) -> Picture:
    """Return the picture of a network.

    Args:
        network: has `layers`, which have `neurons`, which have weights `w` and a bias `b`.
        sample: the inputs whose activations are shown.
        direction: of the flow.
        precision: the significant digits of numbers.

    Raises:
        OperandError: the network is not made like that, or the sample holds no numbers.
        ShapeError: the sample has another length than the network has inputs.
    """
    layers = _layers(network)
    activations = _activations(layers, sample)
    return Picture(
        _diagram(network, layers, activations, direction, precision), network_digraph, network_text
    )


def _layers(network: Any) -> list[Any]:
    try:
        layers = list(network.layers)
        made_of_values = all(
            isinstance(value, Node)
            for layer in layers
            for neuron in layer.neurons
            for value in (*neuron.w, neuron.b)
        )
        if layers and all(layer.neurons for layer in layers) and made_of_values:
            return layers
    except (AttributeError, TypeError):
        pass
    raise OperandError(
        f"draw() takes a Value, a Tensor or a network such as nn.MLP, whose layers have "
        f"neurons with weights w and a bias b; got {type(network).__name__}"
    )


def _activations(layers: list[Any], sample: Sequence[Any] | None) -> list[list[float | None]]:
    """Return the numbers of every column, the inputs first; None without a sample."""
    wide = len(layers[0].neurons[0].w)
    if sample is None:
        widths = [wide, *(len(layer.neurons) for layer in layers)]
        return [[None] * width for width in widths]
    values: list[Any] = [getattr(x, "data", x) if isinstance(x, Node) else x for x in sample]
    if len(values) != wide:
        raise ShapeError(f"the network has {wide} inputs, and the sample {len(values)} numbers")
    columns: list[list[float | None]] = [[number(x, "sample") for x in values]]
    with no_grad():
        values = list(columns[0])
        for layer in layers:
            values = layer(values)
            columns.append([value.data for value in values])
    return columns


def _diagram(
    network: Any,
    layers: list[Any],
    activations: list[list[float | None]],
    direction: str,
    precision: int,
) -> Diagram:
    name = printable(str(getattr(network, "path", type(network).__name__)))
    nodes: list[DiagramNode] = []
    edges: list[DiagramEdge] = []
    frames: list[DiagramFrame] = []
    shown: list[list[int]] = []
    ids: list[dict[int, str]] = []
    for place, column in enumerate(activations):
        frame = DiagramFrame(f"g{place}", _heading(layers, place), "")
        frames.append(frame)
        shown.append(_shown(len(column)))
        ids.append({})
        for k in shown[-1]:
            ids[-1][k] = f"n{len(nodes)}"
            neuron = layers[place - 1].neurons[k] if place else None
            last = place == len(layers)
            nodes.append(_node(ids[-1][k], frame, k, neuron, column[k], last, precision))
        left_out = len(column) - len(shown[-1])
        if left_out:
            text = f"… {left_out:,} more"
            nodes.append(
                DiagramNode(f"n{len(nodes)}", "hidden", text, frame=frame.id, count=left_out)
            )
    for place, layer in enumerate(layers):
        for k in shown[place + 1]:
            for j in shown[place]:
                weight = layer.neurons[k].w[j]
                edges.append(
                    DiagramEdge(
                        id=f"e{len(edges)}",
                        source=ids[place][j],
                        target=ids[place + 1][k],
                        operand=j + 1,
                        tooltip=f"w{j} of neuron{k}\ndata {format_exactly(weight.data)}\n"
                        f"grad {format_exactly(weight.grad)}",
                        weight=weight.data,
                    )
                )
    left_out = sum(node.count for node in nodes if node.kind == "hidden")
    return Diagram(
        title=name,
        nodes=tuple(nodes),
        edges=tuple(edges),
        frames=tuple(frames),
        direction=direction,
        size=sum(map(len, activations)),
        unit="neuron",
        notice=f"{left_out:,} of {sum(map(len, activations)):,} neurons are left out."
        if left_out
        else "",
    )


def _heading(layers: list[Any], place: int) -> str:
    if place == 0:
        return f"inputs ({len(layers[0].neurons[0].w)})"
    layer = layers[place - 1]
    kind = getattr(layer.neurons[0], "activation", None)
    kind = kind if isinstance(kind, str) else "linear" if kind is None else "custom"
    return printable(f"layer{place - 1} ({len(layer.neurons)} {kind})")


def _shown(count: int) -> list[int]:
    if count <= MOST_IN_COLUMN:
        return list(range(count))
    half = MOST_IN_COLUMN // 2
    return [*range(half), *range(count - half + 1, count)]


def _node(
    key: str,
    frame: DiagramFrame,
    k: int,
    neuron: Any,
    activation: float | None,
    last: bool,
    precision: int,
) -> DiagramNode:
    name = f"x{k}" if neuron is None else f"neuron{k}"
    rows = []
    lines = [f"{frame.title}: {name}"]
    if activation is not None:
        bad = not all_finite([activation])
        rows.append(Row("activation", _fitting(activation, precision, ROOM), bad))
        lines.append(f"activation {format_exactly(activation)}")
    if neuron is not None:
        bias = neuron.b.data
        text = f"b {_fitting(bias, precision, ROOM - 1)}"
        rows.append(Row("bias", text, not all_finite([bias])))
        lines += [f"bias {format_exactly(bias)}", f"grad of bias {format_exactly(neuron.b.grad)}"]
    return DiagramNode(
        id=key,
        kind="input" if neuron is None else "output" if last else "neuron",
        title=name,
        rows=tuple(rows),
        tooltip="\n".join(lines),
        frame=frame.id,
        data=activation,
        names=(f"{frame.title.split(' ')[0]}/{name}",),
    )


def _fitting(x: float, precision: int, room: int) -> str:
    """Return a number with as many digits as there is room for."""
    for digits in range(precision, 1, -1):
        text = format_number(x, digits)
        if len(text) <= room:
            return text
    return format_number(x, 1)
