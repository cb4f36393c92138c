"""A picture as a page that needs nothing else: no network, no kernel, no other file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from html import escape
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree as ET

from engine.view.graphviz_engine import lay_out_several
from engine.view.picture.diagram import Diagram
from engine.view.svg import cleaned, dark_style
from engine.view.theme import LOOKS, PALETTE

OVERVIEW = "/"  # the key of the level with every group closed
OPENING = "Click a folder to open it and the title of a frame to close it; "
MOST_NAMES = 10_000  # that can be searched for


def page(levels: dict[str, Diagram], write: Callable[[Diagram], str]) -> str:
    """Return the HTML of a picture that opens and closes its groups.

    Args:
        levels: the pictures between which it moves, by the key of the group that is open in each;
            "" is the first.
        write: from a picture to its DOT.

    Raises:
        MissingGraphviz: there is nothing to lay the pictures out with.
    """
    diagrams = list({id(diagram): diagram for diagram in levels.values()}.values())
    numbers = {id(diagram): number for number, diagram in enumerate(diagrams)}
    # The notice stands below the pictures here, and what Python would do is done by click.
    drawn = lay_out_several([write(replace(diagram, notice="")) for diagram in diagrams])
    pictures = [_picture(svg, number) for number, svg in enumerate(drawn)]
    data = {
        "levels": [_level(diagram) for diagram in diagrams],
        "groups": {key: numbers[id(diagram)] for key, diagram in levels.items()},
        "names": _names(diagrams),
        "overview": OVERVIEW,
    }
    first = diagrams[0]
    kinds = {node.kind for diagram in diagrams for node in diagram.nodes}
    parts = {
        "title": escape(first.heading),
        "size": first.counted,
        "colours": _colours() + dark_style(".level"),
        "style": _file("page.css"),
        "pictures": "\n".join(pictures),
        "groups": OPENING if "group" in kinds else "",
        "legend": "".join(_legend(kind) for kind in LOOKS if kind in kinds),
        "data": _in_script(data),
        "script": _file("camera.js") + _file("page.js"),
    }
    # In one pass, so that what is put in is not searched in turn.
    pieces = _file("page.html").split("{{")
    return pieces[0] + "".join(
        parts[name] + rest for name, _, rest in (piece.partition("}}") for piece in pieces[1:])
    )


def _file(name: str) -> str:
    return (files("engine.view.picture") / name).read_text(encoding="utf-8")


def _picture(drawn: bytes, number: int) -> str:
    root = cleaned(drawn, f"l{number}")
    root.set("class", "level")
    root.set("role", "group")
    del root.attrib["width"]
    if number:
        root.set("hidden", "")
    return ET.tostring(root, encoding="unicode")


def _level(diagram: Diagram) -> dict[str, Any]:
    """Return what the page has to know of a picture beside its SVG."""
    return {
        "notice": diagram.notice,
        "nodes": {
            node.id: {"text": node.tooltip, "group": node.group}
            for node in diagram.nodes
            if node.kind != "hidden"
        },
        "edges": [[edge.id, edge.source, edge.target] for edge in diagram.edges],
        "frames": {
            frame.id: {"title": frame.title, "group": frame.group, "parent": frame.parent}
            for frame in diagram.frames
        },
    }


def _names(diagrams: list[Diagram]) -> list[tuple[str, int, str]]:
    """Return for each name where it is drawn with the fewest others: the level and the node."""
    places: dict[str, tuple[int, int, str]] = {}
    for number, diagram in enumerate(diagrams):
        for node in diagram.nodes:
            for name in node.names:
                place = (node.count, number, node.id)
                places[name] = min(place, places.get(name, place))
    some = list(places.items())[:MOST_NAMES]
    return [(name, number, node) for name, (_, number, node) in some]


def _legend(kind: str) -> str:
    return f'<li><span class="swatch {kind}"></span>{escape(LOOKS[kind].meaning)}</li>'


def _colours() -> str:
    """Return the palette as CSS variables, light and dark."""

    def variables(dark: bool) -> str:
        return "".join(
            f"--{name.replace(' ', '-')}:{colour.dark if dark else colour.light};"
            for name, colour in PALETTE.items()
        )

    dark = f"@media (prefers-color-scheme:dark){{:root{{{variables(True)}}}}}"
    return f":root{{{variables(False)}}}{dark}"


def _in_script(data: Any) -> str:
    """Return data as JSON that nothing in it can end the script of."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")
