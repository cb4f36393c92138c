"""How numbers are written in every picture, table and text."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

NOT_COMPUTED = "·"  # a gradient that is not computed yet, which is not 0
WRITTEN_OUT = 1e6  # numbers from here on are written with an exponent


def format_number(x: float, precision: int = 4) -> str:
    """Return a number with so many significant digits, and never one digit before the point less.

    Args:
        x: the number; -0.0 is written as 0.
        precision: the number of significant digits.

    >>> [format_number(x) for x in (-6.0, 0.70710678, 12345.6, 3e-7, -0.0, float("inf"))]
    ['-6', '0.7071', '12346', '3e-7', '0', 'inf']
    """
    if math.isfinite(x) and abs(x) < WRITTEN_OUT and (x == int(x) or abs(x) >= 10**precision):
        return str(round(x))
    mantissa, _, exponent = f"{x:.{precision}g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def format_value(x: Any, precision: int = 4) -> str:
    """Return what a picture shows of data or a gradient: a number, the range of an array, or "·".

    >>> format_value(2.0), format_value(None)
    ('2', '·')
    """
    if x is None:
        return NOT_COMPUTED
    return format_number(x, precision) if isinstance(x, float) else format_range([x], precision)


def format_shape(x: Any) -> str:
    """Return the shape of an array as "3 × 4", and nothing for a number or None."""
    return " × ".join(map(str, getattr(x, "shape", ())))


def format_exactly(x: Any) -> str:
    """Return data or a gradient in full, as tooltips show it; an array of many elements in part."""
    if x is None:
        return "not computed yet"
    if isinstance(x, float):
        return repr(x)
    from numpy import array2string, asarray  # what holds an array has imported it

    text = array2string(asarray(x), precision=6, separator=", ", threshold=16, edgeitems=2)
    return f"{format_shape(x)} {' '.join(text.split())}"


def format_range(xs: Sequence[Any], precision: int = 4) -> str:
    """Return the least and the largest of several data or gradients, and how many are nan.

    >>> format_range([3.0, 1.0, 2.0]), format_range([2.0, 2.0])
    ('1 … 3', '2')
    """
    if any(x is None for x in xs):
        return NOT_COMPUTED if all(x is None for x in xs) else f"{NOT_COMPUTED} …"
    lost, ends = extremes(xs)
    if ends is None:
        return "nan" if lost else "empty"
    low, high = (format_number(end, precision) for end in ends)
    text = low if low == high else f"{low} … {high}"
    return f"{text}, {lost} nan" if lost else text


def extremes(xs: Sequence[Any]) -> tuple[int, tuple[float, float] | None]:
    """Return how many of several numbers and elements of arrays are nan, and the ends of the rest.

    >>> extremes([1.0, float("nan"), -1.0])
    (1, (-1.0, 1.0))
    """
    numbers = [x for x in xs if isinstance(x, float)]
    known = [x for x in numbers if x == x]
    lost = len(numbers) - len(known)
    for x in xs:
        if not isinstance(x, float):
            there = x[x == x]
            lost += x.size - there.size
            known += [float(there.min()), float(there.max())] if there.size else []
    return lost, (min(known), max(known)) if known else None


def all_finite(xs: Iterable[Any]) -> bool:
    """Return whether no number among these, and no element of an array, is nan or inf."""
    for x in xs:
        if isinstance(x, float):
            if not math.isfinite(x):
                return False
        elif x is not None:
            lost, ends = extremes([x])
            if lost or (ends and not all(map(math.isfinite, ends))):
                return False
    return True


JOINERS = "\u200c\u200d"  # of letters and of emoji


def printable(text: str) -> str:
    """Return a text on one line, with a sign in place of each character that cannot be shown.

    >>> printable("a\\nb\\0")
    'a↵b␀'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in JOINERS else _sign(c) for c in text)


def _sign(character: str) -> str:
    if character == "\n":
        return "↵"
    if ord(character) < 32:
        return chr(0x2400 + ord(character))
    return " " if unicodedata.category(character) == "Zs" else "\ufffd"


def shorten(text: str, most: int) -> str:
    """Return a text of at most so many characters."""
    return text if len(text) <= most else text[: most - 1] + "…"
