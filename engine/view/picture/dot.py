"""A picture in the language of Graphviz."""

from __future__ import annotations

from html import escape
from math import log2
from typing import Any

from engine.view.formatting import NOT_COMPUTED, shorten
from engine.view.picture.diagram import Diagram, DiagramEdge, DiagramFrame, DiagramNode
from engine.view.theme import FONT, LOOKS, light

LONGEST_TITLE, LONGEST_FORMULA = 28, 36  # characters; the tooltip has all
SMALL = "10"  # points
BACKSLASH = "\\"
KEPT_SPACE = "\N{NO-BREAK SPACE}"


def digraph(diagram: Diagram) -> Any:
    """Return a picture as a `graphviz.Digraph`."""
    import graphviz  # not before a picture is wanted: importing engine must stay cheap

    graph = graphviz.Digraph(
        name="graph",
        graph_attr={
            "rankdir": diagram.direction,
            "bgcolor": light("paper"),
            "fontname": FONT,
            "fontcolor": light("muted"),
            "fontsize": SMALL,
            "nodesep": "0.22",
            "ranksep": "0.42",
            "newrank": "true",
            "tooltip": " ",
        },
        node_attr={"fontname": FONT, "fontsize": "12", "fontcolor": light("ink"), "height": "0"},
        edge_attr={
            "arrowsize": "0.6",
            "penwidth": "1.1",
            "color": light("line"),
            "fontname": FONT,
            "fontsize": SMALL,
            "fontcolor": light("muted"),
        },
    )
    if diagram.notice:
        said = f"{diagram.notice} {diagram.advice}"
        graph.attr(label=f"<{as_text(said)}>", labelloc="b", labeljust="l")
    bodies = {"": graph}
    for frame in diagram.frames:
        bodies[frame.id] = graphviz.Digraph(
            name=f"cluster_{frame.id}", graph_attr=_frame_attributes(frame)
        )
    ordered = _ordered(diagram)
    for node in diagram.nodes:
        attributes = _node_attributes(node)
        if node.id in ordered:
            attributes["ordering"] = "in"  # the first operand above the second
        bodies[node.frame].node(node.id, **attributes)
    for frame in _inner_first(diagram):  # what lies within is complete before it is put in
        bodies[frame.parent].subgraph(bodies[frame.id])
    beside_leaves = _beside_leaves(diagram)
    frame_of = {node.id: node.frame for node in diagram.nodes}
    hidden = {node.id for node in diagram.nodes if node.kind == "hidden"}
    for edge in diagram.edges:
        attributes = _edge_attributes(edge)
        if edge.source in hidden or edge.target in hidden:
            attributes.pop("label", None)  # the node says how many there are
        if edge.target in beside_leaves and frame_of[edge.source] != frame_of[edge.target]:
            attributes["minlen"] = "2"
        graph.edge(edge.source, edge.target, **attributes)
    return graph


def _ordered(diagram: Diagram) -> set[str]:
    """Return the ids of nodes whose operands are put in order: where that crosses no edges.

    That is where what a node was computed from is a tree, in which all is read once. Where there
    are frames, Graphviz cannot always reconcile them with an order.
    """
    if diagram.frames:
        return set()
    operands: dict[str, set[str]] = {node.id: set() for node in diagram.nodes}
    readers: dict[str, set[str]] = {node.id: set() for node in diagram.nodes}
    for edge in diagram.edges:
        operands[edge.target].add(edge.source)
        readers[edge.source].add(edge.target)
    trees: set[str] = set()
    for node in diagram.nodes:  # an operand comes before what is computed from it
        if all(x in trees and len(readers[x]) == 1 for x in operands[node.id]):
            trees.add(node.id)
    return {key for key in trees if len(operands[key]) > 1}


def _beside_leaves(diagram: Diagram) -> set[str]:
    """Return the ids of nodes that read leaves of their own frame.

    What they read from elsewhere has to stand one column before those leaves. Else the frame would
    stretch over the columns of the frames before it, and Graphviz would stack them all.
    """
    nodes = {node.id: node for node in diagram.nodes}
    return {
        edge.target
        for edge in diagram.edges
        if nodes[edge.source].frame == nodes[edge.target].frame != ""
        and nodes[edge.source].kind not in ("op", "output", "group")
    }


def _inner_first(diagram: Diagram) -> list[DiagramFrame]:
    """Return the frames, the innermost first and those side by side in their order."""
    depth = {"": 0}
    for frame in diagram.frames:
        depth[frame.id] = depth[frame.parent] + 1
    return sorted(diagram.frames, key=lambda frame: -depth[frame.id])


def _frame_attributes(frame: DiagramFrame) -> dict[str, str]:
    return {
        "id": frame.id,
        "class": "frame",
        "label": f"<<b>{as_text(shorten(frame.title, LONGEST_FORMULA))}</b>>",
        "labeljust": "l",
        "labelloc": "t",
        "style": "rounded,filled",
        "color": light("frame"),
        "fillcolor": light("frame fill"),
        "fontcolor": light("muted"),
        "tooltip": as_tooltip(f"{frame.title}\n{frame.group}"),
        "margin": "10",
    }


def _node_attributes(node: DiagramNode) -> dict[str, str]:
    common = {"id": node.id, "class": node.kind, "tooltip": as_tooltip(node.tooltip)}
    if node.kind == "hidden":
        title = f'<font color="{light("muted")}" point-size="{SMALL}">{as_text(node.title)}</font>'
        return {**common, "shape": "plain", "label": f"<{title}>"}
    look = LOOKS[node.kind]
    return {
        **common,
        "label": _label(node),
        "shape": look.shape,
        "style": look.style,
        "margin": look.margin,
        "peripheries": str(look.peripheries),
        "color": light("focus" if node.focused else node.kind),
        "fillcolor": light(f"{node.kind} fill"),
        "penwidth": "2.6" if node.focused else "1.2",
    }


def _label(node: DiagramNode) -> str:
    """Return the text of a node as a table: its name and formula above, then its rows."""
    title = f"<b>{as_text(shorten(node.title, LONGEST_TITLE))}</b>"
    if node.formula:
        formula = as_text(shorten(node.formula, LONGEST_FORMULA))
        title += f' <font color="{light("formula")}">{formula}</font>'
    lines = [f'<tr><td colspan="2">{title}</td></tr>']
    for row in node.rows:
        caption = (
            f'<font color="{light("muted")}" point-size="{SMALL}">{as_text(row.caption)}</font>'
        )
        text = as_text(f"  {row.text}")
        if row.text == NOT_COMPUTED:
            text = f'<font point-size="16">{text}</font>'
        if row.alarming:
            text = f'<font color="{light("alarm")}"><b>{text}</b></font>'
        lines.append(f'<tr><td align="left">{caption}</td><td align="right">{text}</td></tr>')
    table = '<table border="0" cellborder="0" cellspacing="0" cellpadding="1">'
    return f"<{table}{''.join(lines)}</table>>"


def _edge_attributes(edge: DiagramEdge) -> dict[str, str]:
    attributes = {"id": edge.id, "tooltip": as_tooltip(edge.tooltip), "class": "edge"}
    if edge.count > 1:
        attributes["label"] = f"×{edge.count:,}"
        if not edge.carried:
            attributes["penwidth"] = f"{1.1 + log2(edge.count) / 5:.2f}"
    if edge.carried:
        attributes |= {
            "style": "dashed",
            "color": light("carried"),
            "fontcolor": light("carried"),
            "constraint": "false",
            "class": "carried",
        }
    return attributes


def as_text(text: str) -> str:
    """Return a text as Graphviz takes it in its HTML-like labels, spaces kept."""
    inner = text.strip(" ")
    if not inner:
        return KEPT_SPACE
    before, _, after = text.partition(inner)
    spaces = [part.replace(" ", KEPT_SPACE) for part in (before, after)]
    # A bracket before a tag is one that Graphviz loses count at: it may begin the end of CDATA.
    escaped = escape(inner).replace("]", "&#93;").replace(BACKSLASH, 2 * BACKSLASH)
    return spaces[0] + escaped.replace("  ", f" {KEPT_SPACE}") + spaces[1]


def as_tooltip(text: str) -> str:
    r"""Return a text as an attribute: Graphviz reads the likes of "&lt;" there, and "\N" twice."""
    escaped = escape(text, quote=False).replace(BACKSLASH, 4 * BACKSLASH)
    return escaped.replace("\n", r"\n") or " "
