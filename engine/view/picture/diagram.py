"""What a picture shows, as plain data: the one source of its DOT, text, JSON and HTML forms."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

VERSION = 1  # of the JSON form


class Row(NamedTuple):
    """A line of a node, as "data -6"."""

    caption: str
    text: str
    alarming: bool = False  # nan or inf


@dataclass(frozen=True)
class DiagramNode:
    """One box of a picture.

    Args:
        id: "n" and a number.
        kind: a key of `theme.LOOKS`, or "hidden" for "so many more".
        title: its name; a constant's is its number.
        formula: what it was computed as, or how often it is there.
        rows: data and grad, or what a group holds.
        tooltip: all there is to say of it, numbers in full, on several lines.
        frame: the id of the frame that it lies in, or "".
        group: what `expand=` calls it, for a closed group.
        count: the nodes of the graph that it stands for.
        data: the number, or the least and the largest of several.
        grad: as data; None is "not computed yet".
        names: the names in the user's program that it stands for, for searching.
        focused: whether the picture was asked to show what is around it.
    """

    id: str
    kind: str
    title: str
    formula: str = ""
    rows: tuple[Row, ...] = ()
    tooltip: str = ""
    frame: str = ""
    group: str = ""
    count: int = 1
    data: Any = None
    grad: Any = None
    names: tuple[str, ...] = ()
    focused: bool = False


@dataclass(frozen=True)
class DiagramEdge:
    """From an operand to what was computed from it.

    Args:
        id: "e" and a number.
        source: the id of a node.
        target: the id of a node.
        count: the operands that it stands for.
        operand: the place of the operand, from 1, if it stands for one.
        carried: whether it leads to the next turn of a loop.
        tooltip: what flows here.
        weight: of a connection between neurons.
    """

    id: str
    source: str
    target: str
    count: int = 1
    operand: int | None = None
    carried: bool = False
    tooltip: str = ""
    weight: float | None = None


@dataclass(frozen=True)
class DiagramFrame:
    """The outline of an open group.

    Args:
        id: "g" and a number.
        title: the name of the module, and how often it was called.
        group: what `expand=` calls it.
        parent: the id of the frame around it, or "".
    """

    id: str
    title: str
    group: str
    parent: str = ""


@dataclass(frozen=True)
class Diagram:
    """A whole picture.

    Args:
        title: what it is of.
        nodes: in the order of creation.
        edges: by target and operand.
        frames: from the outside in.
        direction: of the flow: LR, TB, RL or BT.
        size: the number of nodes of the graph.
        unit: what is counted: "node", or "neuron" for a network.
        notice: what the picture leaves out; "" if it shows all.
        advice: how to see that.
    """

    title: str
    nodes: tuple[DiagramNode, ...]
    edges: tuple[DiagramEdge, ...] = ()
    frames: tuple[DiagramFrame, ...] = ()
    direction: str = "LR"
    size: int = 1
    unit: str = "node"
    notice: str = ""
    advice: str = ""

    @property
    def heading(self) -> str:
        """What the picture is of, as "Graph of loss"."""
        return f"{'Network' if self.unit == 'neuron' else 'Graph of'} {self.title}"

    @property
    def counted(self) -> str:
        """How large the whole is, as "1,024 nodes"."""
        return f"{self.size:,} {self.unit}{'s' * (self.size != 1)}"

    def to_json(self) -> str:
        """Return the picture as JSON; nan and inf are the strings "nan", "inf" and "-inf"."""
        fields = {"version": VERSION, **asdict(self)}
        return json.dumps(_finite(fields), ensure_ascii=False, allow_nan=False, indent=1)


def _finite(item: Any) -> Any:
    """Return plain data with every float that JSON cannot hold as a string."""
    if isinstance(item, dict):
        return {key: _finite(part) for key, part in item.items()}
    if isinstance(item, (list, tuple)):
        return [_finite(part) for part in item]
    if isinstance(item, float) and not math.isfinite(item):
        return repr(item)
    return item
