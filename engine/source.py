"""Where in the user's program something happens, for a machine and for a reader."""

from __future__ import annotations

import linecache
import os
import sys

PACKAGES = tuple(
    os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), package) + os.sep
    for package in ("engine", "nn")
)

CELL = "ipykernel_"  # in the directory of the files that stand for a notebook's cells


def source_line() -> str | None:
    """Return the place of the program that is running, outside of stepgrad, as ``"demo.py:12"``."""
    frame = sys._getframe(1)
    while frame is not None:
        if not frame.f_code.co_filename.startswith(PACKAGES):
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]
    return None


def short(place: str) -> str:
    """Return a place as a reader needs it: without directories, which differ between machines.

    >>> short("/home/ada/demo.py:12"), short("/tmp/ipykernel_4711/1234.py:3")
    ('demo.py:12', 'line 3 of its cell')
    """
    path, _, line = place.rpartition(":")
    directory, name = os.path.split(path)
    return f"line {line} of its cell" if CELL in directory else f"{name}:{line}"


def text_of(place: str | None) -> str:
    """Return the text of the line at a place; empty where it cannot be read."""
    path, _, line = (place or "").rpartition(":")
    return linecache.getline(path, int(line)).strip() if line.isdecimal() else ""
