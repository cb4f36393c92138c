"""The SVG that Graphviz drew, made fit for notebooks and pages."""

from __future__ import annotations

import hashlib
from xml.etree import ElementTree as ET

from engine.view.theme import PALETTE

SVG = "http://www.w3.org/2000/svg"
XLINK_TITLE = "{http://www.w3.org/1999/xlink}title"


def finished(drawn: bytes, title: str, description: str) -> str:
    """Return an SVG that scales, follows the reader's light or dark theme, and shares no id.

    Args:
        drawn: what Graphviz wrote.
        title: what the picture is of, for screen readers.
        description: the picture as text, for screen readers.

    The ids of nodes and edges get a prefix made from the content, so that two pictures on one page
    do not meet. Tooltips become `<title>` elements; nothing is fetched.
    """
    root = ET.fromstring(drawn)
    prefix = "p" + hashlib.sha256(drawn).hexdigest()[:8]
    for element in list(root.iter()):
        element.tag = element.tag.rpartition("}")[2]
        if "id" in element.attrib:
            element.set("id", f"{prefix}-{element.get('id')}")
        element.attrib.pop("{http://www.w3.org/XML/1998/namespace}space", None)
    for group in root.iter("g"):
        _unwrap_tooltip(group)
    width = root.get("width", "").replace("pt", "px")
    root.attrib = {
        "xmlns": SVG,
        "class": prefix,
        "viewBox": root.get("viewBox", ""),
        "width": width,
        "style": "max-width:100%;height:auto",
        "role": "img",
    }
    head = [ET.Element("title"), ET.Element("desc"), ET.Element("style")]
    head[0].text, head[1].text, head[2].text = title, description, dark_style(f".{prefix}")
    root[:0] = head
    return ET.tostring(root, encoding="unicode")


def dark_style(selector: str) -> str:
    """Return CSS that gives every colour in the pictures below a selector its dark form."""
    rules = [
        f"{selector} [{part}='{colour.light}']{{{part}:{colour.dark}}}"
        for colour in PALETTE.values()
        for part in ("fill", "stroke")
    ]
    # Text has no fill attribute where it is as black as SVG's default.
    rules.append(f"{selector} text:not([fill]){{fill:{PALETTE['ink'].dark}}}")
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"


def _unwrap_tooltip(group: ET.Element) -> None:
    """Replace what Graphviz wraps around a tooltip by the title of the group, where it belongs."""
    for place, child in enumerate(group):
        link = child.find("a") if child.tag == "g" else None
        if link is not None:
            title = group.find("title")
            if title is None:
                title = ET.Element("title")
                group.insert(0, title)
            title.text = link.get(XLINK_TITLE, "").strip()
            group[place : place + 1] = list(link) if title is group[0] else []
            return
