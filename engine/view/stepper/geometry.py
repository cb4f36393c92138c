"""Where the lines and shapes of a picture are: read from its SVG."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple
from xml.etree import ElementTree as ET

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
SHARES = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8)  # of a line, where a label may stand on it
PIECES = 16  # straight ones that stand for a curve


class Point(NamedTuple):
    """A point, in the units of the picture."""

    x: float
    y: float


class Bounds(NamedTuple):
    """The rectangle around a shape."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Bounds) -> bool:
        """Return whether two rectangles share a point."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


def bounds(shapes: Iterable[ET.Element]) -> Bounds:
    """Return the rectangle around some shapes, as those of a node."""
    points: list[Point] = []
    for shape in shapes:
        if shape.tag == "rect":
            x, y, width, height = (
                float(shape.get(name, "0")) for name in ("x", "y", "width", "height")
            )
            points += [Point(x, y), Point(x + width, y + height)]
        if shape.tag == "ellipse":
            cx, cy, rx, ry = (float(shape.get(name, "0")) for name in ("cx", "cy", "rx", "ry"))
            points += [Point(cx - rx, cy - ry), Point(cx + rx, cy + ry)]
        points += _points(shape.get("d") or shape.get("points") or "")
    xs, ys = [point.x for point in points], [point.y for point in points]
    return Bounds(min(xs), min(ys), max(xs), max(ys))


class Curve:
    """The line of an edge, as Graphviz draws one: a start and Bézier curves, three points each.

    Args:
        path: its `d` attribute.

    >>> Curve("M0,0C10,0 20,0 30,0").at(0.5)
    Point(x=15.0, y=0.0)
    """

    def __init__(self, path: str) -> None:
        start, *rest = _points(path)
        self.points = [start]
        for first in range(0, len(rest) - 2, 3):
            corners = (self.points[-1], *rest[first : first + 3])
            self.points += [_on_curve(corners, k / PIECES) for k in range(1, PIECES + 1)]
        self.lengths = [math.dist(a, b) for a, b in pairwise(self.points)]
        self.length = math.fsum(self.lengths)

    def at(self, share: float) -> Point:
        """Return the point at a share of the length."""
        left = share * self.length
        for (a, b), length in zip(pairwise(self.points), self.lengths, strict=True):
            if left <= length and length:
                t = left / length
                return Point(a.x + t * (b.x - a.x), a.y + t * (b.y - a.y))
            left -= length
        return self.points[-1]


def place_on(curve: Curve, width: float, height: float, taken: Sequence[Bounds]) -> Bounds:
    """Return where a label stands: on its line where it covers nothing, or else beside it.

    Args:
        curve: the line.
        width: of the label.
        height: of the label.
        taken: what it must not cover.
    """
    on_line = [curve.at(share) for share in SHARES]
    beside = [Point(x, y + side * (height + 1)) for side in (1, -1) for x, y in on_line]
    places = [
        Bounds(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        for x, y in [*on_line, *beside]
    ]
    return next((place for place in places if not any(map(place.meets, taken))), places[0])


def _on_curve(corners: tuple[Point, ...], t: float) -> Point:
    weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
    return Point(
        sum(w * corner.x for w, corner in zip(weights, corners, strict=True)),
        sum(w * corner.y for w, corner in zip(weights, corners, strict=True)),
    )


def _points(text: str) -> list[Point]:
    numbers = [float(number) for number in NUMBER.findall(text)]
    return [Point(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
