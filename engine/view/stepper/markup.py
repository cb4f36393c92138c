"""The pictures of a page as markup, without what its script can tell or put back."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from engine.view.stepper.geometry import NUMBER, bounds
from engine.view.stepper.layout import StepPicture

ACROSS, DOWN = ("x", "cx"), ("y", "cy")
POINTS = ("d", "points")


def markup(picture: StepPicture) -> str:
    """Return the element of a picture, hidden until the script shows it.

    A node is moved to its place as a whole, so that nodes of one form are one text, and says how
    large it is, which no browser tells before it shows it. An edge has no
    head: the script draws it at the end of the line. The id of a node ends with its position, that
    of an edge with the position of its node and the place of the operand. The picture is changed.
    """
    root = picture.root
    prefix = root.get("class")
    groups = {group.get("id"): group for group in root.iter("g")}
    for position, name in picture.node_ids.items():
        groups[name].set("id", f"{prefix}-{position}")
        _move_as_a_whole(groups[name])
    for (position, operand), name in picture.edge_ids.items():
        groups[name].set("id", f"{prefix}-{position}-{operand}")
        _leave_to_the_script(groups[name])
    root.set("hidden", "")
    root.set("aria-label", f"Graph of {len(picture.node_ids)} nodes")
    return ET.tostring(root, encoding="unicode")


def _move_as_a_whole(group: ET.Element) -> None:
    """Write what is in a node from its corner on, and move it there."""
    corner = bounds(child for child in group if child.tag != "text")
    width, height = corner.right - corner.left, corner.bottom - corner.top
    group.set("transform", f"translate({corner.left:g} {corner.top:g})")
    group.set("data-size", f"{_written(width)} {_written(height)}")
    for child in group:
        for names, start in ((ACROSS, corner.left), (DOWN, corner.top)):
            for name in names:
                if name in child.attrib:
                    child.set(name, _written(float(child.attrib[name]) - start))
        for name in POINTS:
            if name in child.attrib:
                child.set(name, _moved(child.attrib[name], corner.left, corner.top))


def _moved(points: str, left: float, top: float) -> str:
    """Return points, written one after the other as x and y, seen from a corner."""
    starts = {0: left, 1: top}
    count = iter(range(len(points)))
    return NUMBER.sub(lambda found: _written(float(found[0]) - starts[next(count) % 2]), points)


def _leave_to_the_script(edge: ET.Element) -> None:
    """Take the head off an edge, and write each curve of its line from where it begins."""
    for head in edge.findall("polygon"):
        edge.remove(head)
    for line in edge.findall("path"):
        x, y, *rest = (float(number) for number in NUMBER.findall(line.get("d", "")))
        curves = []
        for k in range(0, len(rest), 6):
            ends = [str(round(end)) for end in _from(x, y, rest[k : k + 4])]
            ends += [_written(end) for end in _from(x, y, rest[k + 4 : k + 6])]
            curves.append(" ".join(ends))
            x, y = x + float(ends[4]), y + float(ends[5])  # so that rounding does not add up
        start = re.match(r"M[^C]*", line.get("d", ""))
        line.set("d", f"{start[0] if start else ''}c{' '.join(curves)}")


def _from(x: float, y: float, points: list[float]) -> list[float]:
    return [number - (y if k % 2 else x) for k, number in enumerate(points)]


def _written(number: float) -> str:
    return f"{round(number, 1):g}"
