"""Primitives of a user's own, one right and some wrong."""

from __future__ import annotations

from typing import Any

from engine import primitive


@primitive(lambda out, x: 3.0 * x * x, formula="3x²")
def cube(x: Any) -> Any:
    return x * x * x


@primitive(lambda out, x: 3.0003 * x * x, formula="3x²")
def wrong_cube(x: Any) -> Any:
    """Have a derivative that is 0.01 % off."""
    return x * x * x
