"""How the amounts that flow, and how many have arrived, are shown."""

from __future__ import annotations

import math
from typing import Any

from engine.view.stepper.numbers import is_finite, sign_of, size_of
from engine.view.stepper.sequence import StepSequence

THINNEST, THICKEST = 1.8, 7.0  # lit edges, in pixels
MOST_DOTS = 6  # uses of a node that are shown one by one


def dots(use: int, uses: int) -> str:
    """Return how many of a node's uses have passed a gradient to it: ``"●○"``."""
    return "●" * use + "○" * (uses - use) if uses <= MOST_DOTS else f"{use} of {uses}"


def tone_of(amount: Any) -> str:
    """Return what a contribution looks like: plus, minus, zero, mixed, or alarm for nan and inf."""
    return sign_of(amount) if is_finite(amount) else "alarm"


def largest_amount(s: StepSequence) -> float:
    """Return the largest contribution of all steps, by which the others are measured.

    An array is as large as its largest element.
    """
    amounts = [size_of(c.amount) for passed in s.record.contributions for c in passed]
    return max(filter(math.isfinite, amounts), default=0.0)


def thickness(amount: Any, largest: float) -> float:
    """Return how thick an edge is while a contribution flows on it; as its square root."""
    size = size_of(amount)
    share = size / largest if largest and math.isfinite(size) else float(size != 0.0)
    return round(THINNEST + (THICKEST - THINNEST) * math.sqrt(share), 2)
