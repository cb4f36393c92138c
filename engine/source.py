"""Where in the user's program something happens."""

from __future__ import annotations

import os
import sys

PACKAGES = tuple(
    os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), package) + os.sep
    for package in ("engine", "nn")
)


def source_line() -> str | None:
    """Return the place of the program that is running, outside of stepgrad, as ``"demo.py:12"``."""
    frame = sys._getframe(1)
    while frame is not None:
        if not frame.f_code.co_filename.startswith(PACKAGES):
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]
    return None
