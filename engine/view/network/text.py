"""A network of neurons as a table in plain text."""

from __future__ import annotations

from engine.view.formatting import format_range, format_value
from engine.view.picture.diagram import Diagram

MOST_SHOWN = 8  # activations of a layer


def network_text(diagram: Diagram) -> str:
    """Return one line a layer: its neurons, the range of its weights, and its activations."""
    frame_of = {node.id: node.frame for node in diagram.nodes}
    lines = [f"{diagram.title}"]
    for frame in diagram.frames:
        weights = [edge.weight for edge in diagram.edges if frame_of[edge.target] == frame.id]
        activations = [node.data for node in diagram.nodes if node.frame == frame.id]
        line = frame.title
        if weights:
            line += f"  weights {format_range(weights)}"
        known = [format_value(x) for x in activations if x is not None]
        if known:
            more = ", …" if len(known) > MOST_SHOWN else ""
            line += f"  activations {', '.join(known[:MOST_SHOWN])}{more}"
        lines.append(line)
    return "\n".join([*lines, *filter(None, [diagram.notice])])
