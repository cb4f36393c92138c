"""The SVG that Graphviz drew, made fit for notebooks and pages."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from engine.view.theme import PALETTE, Colour

SVG = "http://www.w3.org/2000/svg"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
XLINK_TITLE = "{http://www.w3.org/1999/xlink}title"

# The room around the letters of a title, of the colour that a frame is filled with.
CLEAR = {
    "stroke": PALETTE["frame fill"].light,
    "stroke-width": "4",
    "stroke-linejoin": "round",
    "paint-order": "stroke",
}


def finished(drawn: bytes, title: str, description: str) -> str:
    """Return an SVG that scales, follows the reader's light or dark theme, and shares no id.

    Args:
        drawn: what Graphviz wrote.
        title: what the picture is of, for screen readers.
        description: the picture as text, for screen readers.

    The prefix of its ids is made from its content, so that two pictures on one page do not meet.
    """
    prefix = "p" + hashlib.sha256(drawn).hexdigest()[:8]
    root = cleaned(drawn, prefix)
    root.set("style", "max-width:100%;height:auto")
    head = [ET.Element("title"), ET.Element("desc"), ET.Element("style")]
    head[0].text, head[1].text = title, description
    head[2].text = dark_style(f".{prefix}", colours_in([root]))
    root[:0] = head
    return ET.tostring(root, encoding="unicode")


def cleaned(drawn: bytes, prefix: str) -> ET.Element:
    """Return what Graphviz drew with a prefix before its ids and its tooltips as `<title>`."""
    root = ET.fromstring(drawn)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        element.attrib.pop(XML_SPACE, None)
        if "id" in element.attrib:
            element.set("id", f"{prefix}-{element.get('id')}")
    for group in root.iter("g"):
        _unwrap_tooltip(group)
    for group in root.findall("g"):
        _bring_titles_forward(group)
    root.attrib = {
        "xmlns": SVG,
        "class": prefix,
        "role": "img",
        "viewBox": root.get("viewBox", ""),
        "width": root.get("width", ""),
    }
    return root


def colours_in(pictures: Iterable[ET.Element]) -> list[Colour]:
    """Return the colours of the palette that pictures hold."""
    used = {
        element.get(part)
        for picture in pictures
        for element in picture.iter()
        for part in ("fill", "stroke")
    }
    return [colour for colour in PALETTE.values() if colour.light in used]


def dark_style(selector: str, colours: Iterable[Colour] = tuple(PALETTE.values())) -> str:
    """Return CSS that gives every colour in the pictures below a selector its dark form."""
    rules = [
        f"{selector} [{part}='{colour.light}']{{{part}:{colour.dark}}}"
        for colour in colours
        for part in ("fill", "stroke")
    ]
    # Text has no fill attribute where it is as black as SVG's default.
    rules.append(f"{selector} text:not([fill]){{fill:{PALETTE['ink'].dark}}}")
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"


def _bring_titles_forward(graph: ET.Element) -> None:
    """Put the title of a frame over the edges that cross it, which keep clear of its letters."""
    frames = [group for group in graph if "frame" in group.get("class", "").split()]
    for frame in frames:
        outline = ET.Element("g", {"class": "outline"})
        outline[:] = [child for child in frame if child.tag not in ("title", "text")]
        frame[:] = [child for child in frame if child.tag in ("title", "text")]
        for text in frame.iter("text"):
            text.attrib |= CLEAR
        outline[:0] = frame.findall("title")
        graph[list(graph).index(frame)] = outline
        graph.append(frame)


def _unwrap_tooltip(group: ET.Element) -> None:
    """Put the tooltip of a group into its title, and what Graphviz wrapped in it into the group."""
    for place, child in enumerate(group):
        link = child.find("a") if child.tag == "g" else None
        if link is not None:
            title = group.find("title")
            if title is not None:
                # Graphviz writes every second space so; a label holds none of these.
                title.text = link.get(XLINK_TITLE, "").replace("\N{NO-BREAK SPACE}", " ")
            group[place : place + 1] = list(link)
            return
