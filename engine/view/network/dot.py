"""A network of neurons in the language of Graphviz."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from engine.view.formatting import format_number
from engine.view.picture.diagram import Diagram, DiagramEdge, DiagramNode
from engine.view.picture.dot import as_text, as_tooltip
from engine.view.theme import FONT, SHADES, light

THINNEST, THICKEST = 0.25, 3.6  # points
ROOMY = 150  # edges of which the strongest may be as thick; among more they are thinner
FAINTEST = 0.18  # opacity of a weight near 0


def network_digraph(diagram: Diagram) -> Any:
    """Return a network as a `graphviz.Digraph`, with a column for each layer."""
    import graphviz  # not before a picture is wanted

    graph = graphviz.Digraph(
        name="network",
        graph_attr={
            "rankdir": diagram.direction,
            "bgcolor": light("paper"),
            "fontname": FONT,
            "fontcolor": light("muted"),
            "fontsize": "10",
            "nodesep": "0.1",
            "ranksep": "1.7",
            "splines": "line",
            "outputorder": "edgesfirst",
            "label": f"<{_key(diagram)}>",
            "labelloc": "b",
            "tooltip": " ",
        },
        node_attr={"fontname": FONT, "fontsize": "9.5", "fontcolor": light("ink")},
        edge_attr={"arrowhead": "none"},
    )
    strongest = _largest([node.data for node in diagram.nodes])
    for frame in diagram.frames:
        heading = f"h{frame.id}"
        members = [node for node in diagram.nodes if node.frame == frame.id]
        with graph.subgraph(graph_attr={"rank": "same"}) as column:
            title = f"<b>{as_text(frame.title)}</b>"
            column.node(heading, label=f"<{title}>", shape="plain", fontcolor=light("muted"))
            for node in members:
                column.node(node.id, **_neuron(node, strongest))
            chain = [heading, *_down_the_column(members)]
            for above, below in pairwise(chain):
                column.edge(above, below, style="invis")
    heaviest = _largest([edge.weight for edge in diagram.edges])
    thickest = THICKEST * min(1.0, math.sqrt(ROOMY / max(len(diagram.edges), 1)))
    for edge in diagram.edges:
        graph.edge(edge.source, edge.target, **_connection(edge, heaviest, thickest))
    return graph


def _down_the_column(members: list[DiagramNode]) -> list[str]:
    """Return the neurons with what stands for those left out in the middle."""
    ids = [node.id for node in members if node.kind != "hidden"]
    hidden = [node.id for node in members if node.kind == "hidden"]
    middle = (len(ids) + 1) // 2
    return [*ids[:middle], *hidden, *ids[middle:]]


def _neuron(node: DiagramNode, strongest: float) -> dict[str, str]:
    if node.kind == "hidden":
        return {
            "label": f"<{as_text(node.title)}>",
            "shape": "plain",
            "style": "filled",
            "fillcolor": light("paper"),  # which hides the edges behind it
            "fontcolor": light("muted"),
        }
    text = as_text(node.rows[0].text) if node.rows else as_text(node.title)
    alarming = any(row.alarming for row in node.rows)
    fill = "paper"
    if node.data is not None and math.isfinite(node.data) and node.data:
        fill = f"{_sign(node.data)} {max(1, round(SHADES * (abs(node.data) / strongest)))}"
    return {
        "id": node.id,
        "class": node.kind,
        "label": f'<<font color="{light("alarm")}"><b>{text}</b></font>>'
        if alarming
        else f"<{text}>",
        "tooltip": as_tooltip(node.tooltip),
        "shape": "circle",
        "fixedsize": "true",
        "width": "0.52",
        "style": "filled",
        "color": light("alarm" if alarming else node.kind),
        "fillcolor": light(fill),
        "penwidth": "2.8" if node.kind == "output" else "1.4",
    }


def _connection(edge: DiagramEdge, heaviest: float, thickest: float) -> dict[str, str]:
    weight = edge.weight or 0.0
    share = min(abs(weight) / heaviest, 1.0) if math.isfinite(weight) else 1.0
    colour = light(_sign(weight) if math.isfinite(weight) else "alarm")
    return {
        "id": edge.id,
        "class": "edge",
        "tooltip": as_tooltip(edge.tooltip),
        "color": _faded(colour, FAINTEST + (1 - FAINTEST) * share),
        "penwidth": f"{THINNEST + (thickest - THINNEST) * share:.2f}",
    }


def _key(diagram: Diagram) -> str:
    heaviest = _largest([edge.weight for edge in diagram.edges])
    active = any(node.data is not None for node in diagram.nodes)
    filled = "filled with their activation" if active else "with their bias b"
    return (
        f'<font color="{light("positive")}"><b>positive</b></font>{as_text(" and ")}'
        f'<font color="{light("minus")}"><b>negative</b></font>'
        + as_text(f" weights, as thick as they are large, up to {format_number(heaviest)}; ")
        + as_text(f"neurons {filled}. {diagram.notice}")
    )


def _largest(numbers: list[float | None]) -> float:
    """Return the largest magnitude, 1 if there is none."""
    known = (abs(x) for x in numbers if x is not None and math.isfinite(x))
    return max(known, default=0.0) or 1.0


def _sign(x: float) -> str:
    return "negative" if x < 0 else "positive"


def _faded(colour: str, opacity: float) -> str:
    return f"{colour}{round(255 * opacity):02x}"
