"""How numbers are written in every picture, table and text."""

from __future__ import annotations

import math
import unicodedata
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
    """Return what a picture shows of data or a gradient: a number, the shape of an array, or "·".

    >>> format_value(2.0), format_value(None)
    ('2', '·')
    """
    if x is None:
        return NOT_COMPUTED
    shape = getattr(x, "shape", ())
    return " × ".join(map(str, shape)) if shape else format_number(x, precision)


def format_exactly(x: Any) -> str:
    """Return data or a gradient in full, as tooltips show it."""
    return "not computed yet" if x is None else repr(x)


def format_range(xs: list[Any], precision: int = 4) -> str:
    """Return the least and the largest of several data or gradients, and how many are nan.

    >>> format_range([3.0, 1.0, 2.0]), format_range([2.0, 2.0])
    ('1 … 3', '2')
    """
    if any(x is None or getattr(x, "shape", ()) for x in xs):
        shown = dict.fromkeys(format_value(x, precision) for x in xs)
        return next(iter(shown)) if len(shown) == 1 else f"{next(iter(shown))} …"
    numbers = [x for x in xs if x == x]
    if not numbers:
        return "nan"
    low, high = format_number(min(numbers), precision), format_number(max(numbers), precision)
    text = low if low == high else f"{low} … {high}"
    lost = len(xs) - len(numbers)
    return f"{text}, {lost} nan" if lost else text


def all_finite(xs: list[Any]) -> bool:
    """Return whether no number among these is nan or inf."""
    return all(not isinstance(x, float) or math.isfinite(x) for x in xs)


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
