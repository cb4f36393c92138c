"""Which check an input asks for: the one place that knows kinds of arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.testing.report import Report
from engine.testing.values import Settings


def arrays_check(
    function: Callable[..., Any],
    inputs: Sequence[Any],
    vjp: Callable[..., Any] | None,
    settings: Settings,
) -> Report | None:
    """Return the report of a check of a function of arrays; None if it takes numbers."""
    return None
