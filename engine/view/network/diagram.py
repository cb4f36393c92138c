"""A network of neurons as a picture: neurons in columns, connections by their weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.view.formatting import all_finite, format_exactly, format_number, printable
from engine.view.network.columns import Column, Network, network_of
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
        network: see `network_of`.
        sample: the inputs whose activations are shown.
        direction: of the flow.
        precision: the significant digits of numbers.

    Raises:
        OperandError: the network is not made like that, or the sample holds no numbers.
        ShapeError: the sample has another length than the network has inputs.
    """
    columns = network_of(network)
    name = printable(str(getattr(network, "path", type(network).__name__)))
    activations = columns.activations(sample)
    return Picture(
        _diagram(name, columns, activations, direction, precision), network_digraph, network_text
    )


def _diagram(
    name: str,
    network: Network,
    activations: list[list[float | None]],
    direction: str,
    precision: int,
) -> Diagram:
    columns = network.columns
    nodes: list[DiagramNode] = []
    edges: list[DiagramEdge] = []
    frames: list[DiagramFrame] = []
    shown: list[list[int]] = []
    ids: list[dict[int, str]] = []
    for place, numbers in enumerate(activations):
        column = columns[place - 1] if place else None
        title = f"inputs ({network.inputs})" if column is None else printable(column.title)
        frame = DiagramFrame(f"g{place}", title, "")
        frames.append(frame)
        shown.append(_shown(len(numbers)))
        ids.append({})
        for k in shown[-1]:
            ids[-1][k] = f"n{len(nodes)}"
            last = place == len(columns)
            nodes.append(_node(ids[-1][k], frame, k, column, numbers[k], last, precision))
        left_out = len(numbers) - len(shown[-1])
        if left_out:
            text = f"… {left_out:,} more"
            nodes.append(
                DiagramNode(f"n{len(nodes)}", "hidden", text, frame=frame.id, count=left_out)
            )
    for place, column in enumerate(columns):
        for k in shown[place + 1]:
            for j in shown[place]:
                weight = column.weight(k, j)
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


def _shown(count: int) -> list[int]:
    if count <= MOST_IN_COLUMN:
        return list(range(count))
    half = MOST_IN_COLUMN // 2
    return [*range(half), *range(count - half + 1, count)]


def _node(
    key: str,
    frame: DiagramFrame,
    k: int,
    column: Column | None,
    activation: float | None,
    last: bool,
    precision: int,
) -> DiagramNode:
    name = f"x{k}" if column is None else f"neuron{k}"
    rows = []
    lines = [f"{frame.title}: {name}"]
    if activation is not None:
        bad = not all_finite([activation])
        rows.append(Row("activation", _fitting(activation, precision, ROOM), bad))
        lines.append(f"activation {format_exactly(activation)}")
    bias = None if column is None else column.bias(k)
    if bias is not None:
        text = f"b {_fitting(bias.data, precision, ROOM - 1)}"
        rows.append(Row("bias", text, not all_finite([bias.data])))
        lines.append(f"bias {format_exactly(bias.data)}")
        lines.append(f"grad of bias {format_exactly(bias.grad)}")
    return DiagramNode(
        id=key,
        kind="input" if column is None else "output" if last else "neuron",
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
