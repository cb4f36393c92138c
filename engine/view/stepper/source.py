"""The line of the program that made a node: where it stands, and its text."""

from __future__ import annotations

import linecache
import os
from collections.abc import Iterable

CELL = "ipykernel_"  # in the directory of the files that stand for a notebook's cells


def texts_of(places: Iterable[str | None]) -> dict[str, str]:
    """Return the text of the lines at some places, ``"demo.py:12"``, of those that can be read."""
    texts = {place: _text(place) for place in dict.fromkeys(places) if place}
    return {place: text for place, text in texts.items() if text}


def short(place: str) -> str:
    """Return a place as a reader needs it: without directories, which differ between machines.

    >>> short("/home/ada/demo.py:12"), short("/tmp/ipykernel_4711/1234.py:3")
    ('demo.py:12', 'line 3 of its cell')
    """
    path, _, line = place.rpartition(":")
    directory, name = os.path.split(path)
    return f"line {line} of its cell" if CELL in directory else f"{name}:{line}"


def _text(place: str) -> str:
    path, _, line = place.rpartition(":")
    return linecache.getline(path, int(line)).strip() if line.isdecimal() else ""
