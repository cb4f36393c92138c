"""The scalar classes that run the same scalar program, one loader each."""

from __future__ import annotations

from typing import Any


def stepgrad() -> Any:
    from engine import Value

    return Value


def micrograd() -> Any:
    from micrograd.engine import Value

    return Value


def baseline() -> Any:
    from .baseline import Value

    return Value
