"""An array as a grid of shades: what heat maps are drawn from."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from engine.view.formatting import format_number
from engine.view.stepper.numbers import summary
from engine.view.theme import SHADES

MOST_ROWS, MOST_COLUMNS = 12, 24  # that a page draws
MOST_WRITTEN_ROWS, MOST_WRITTEN_COLUMNS = 8, 6  # in which numbers fit
WRITTEN_DIGITS = (3, 2, 1)  # significant ones: as many as fit
MAP_WIDTH, BESIDE = 312, 4  # pixels that a page has for a row, and that a cell leaves free
DIGIT, MARK = 7, 4  # pixels that a digit takes, and a sign or a point
NAN, PLUS_INF, MINUS_INF = "x", "p", "q"
ZERO = "g"  # the shades from the most negative to the most positive are the letters a to m


class HeatMap(NamedTuple):
    """What is seen of an array.

    Attributes:
        shape: as "3 × 4".
        summary: its range and norm.
        scale: the largest finite size, which has the strongest shade.
        rows: a string for each row, a letter for each element that is seen.
        numbers: the elements as text, row by row, if there is room for all of them.
        notice: what is not seen, or how axes became rows.
    """

    shape: str
    summary: str
    scale: str
    rows: tuple[str, ...]
    numbers: tuple[tuple[str, ...], ...]
    notice: str


def heat_map(x: Any, most_rows: int = MOST_ROWS, most_columns: int = MOST_COLUMNS) -> HeatMap:
    """Return what is seen of an array.

    Args:
        x: the array, of one axis or more.
        most_rows: how many rows are drawn; of more, some that are evenly spaced.
        most_columns: how many columns.

    >>> import numpy as np
    >>> seen = heat_map(np.array([[0.0, 1.0], [-3.0, np.nan]]))
    >>> seen.rows, seen.scale, seen.numbers[1]
    (('gi', 'ax'), '3', ('-3', 'nan'))
    """
    columns = x.shape[-1]
    grid = x.reshape((x.size // columns if columns else 0, columns))
    rows = _spread(len(grid), most_rows)
    places = _spread(columns, most_columns)
    seen = [[float(grid[i, k]) for k in places] for i in rows]
    finite = x[abs(x) < math.inf]
    largest = float(abs(finite).max()) if finite.size else 0.0
    whole = len(grid) <= MOST_WRITTEN_ROWS and columns <= MOST_WRITTEN_COLUMNS
    notices = []
    if x.ndim > 2:
        notices.append(f"axes 0 to {x.ndim - 2} one after the other as rows")
    if len(rows) < len(grid):
        notices.append(f"{len(rows)} of {len(grid):,} rows")
    if len(places) < columns:
        notices.append(f"{len(places)} of {columns:,} columns")
    if len(rows) < len(grid) or len(places) < columns:
        notices[-1] += ", evenly spaced"
    return HeatMap(
        " × ".join(map(str, x.shape)),
        summary(x),
        format_number(largest),
        tuple("".join(_letter(each, largest) for each in row) for row in seen),
        _written(seen) if whole else (),
        "; ".join(notices),
    )


def colour_of(letter: str) -> str:
    """Return what the palette calls the shade of a letter.

    >>> colour_of("a"), colour_of("g"), colour_of("x")
    ('negative 6', 'paper', 'alarm')
    """
    if letter in (NAN, PLUS_INF, MINUS_INF):
        return "alarm"
    level = ord(letter) - ord(ZERO)
    return f"{'positive' if level > 0 else 'negative'} {abs(level)}" if level else "paper"


def _written(seen: list[list[float]]) -> tuple[tuple[str, ...], ...]:
    """Return numbers as text that fits into their cells."""
    room = MAP_WIDTH / max(map(len, seen), default=1) - BESIDE
    return tuple(tuple(_fitting(each, room) for each in row) for row in seen)


def _fitting(x: float, room: float) -> str:
    """Return a number with as many digits as there is room for, in pixels."""
    texts = [format_number(x, digits) for digits in WRITTEN_DIGITS]
    return next((text for text in texts if _width(text) <= room), texts[-1])


def _width(text: str) -> int:
    """Return about how many pixels a number takes."""
    return sum(MARK if letter in "+-." else DIGIT for letter in text)


def _spread(count: int, most: int) -> list[int]:
    """Return so many places at most, the first and the last among them."""
    if count <= most:
        return list(range(count))
    return [round(k * (count - 1) / (most - 1)) for k in range(most)]


def _letter(x: float, largest: float) -> str:
    """Return the shade of a number: only 0 has that of 0."""
    if math.isnan(x):
        return NAN
    if math.isinf(x):
        return PLUS_INF if x > 0.0 else MINUS_INF
    shade = math.ceil(SHADES * (abs(x) / largest)) if x else 0
    return chr(ord(ZERO) + int(math.copysign(min(shade, SHADES), x)))
