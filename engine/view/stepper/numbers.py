"""What the stepper says of a number or of an array: its text, its size, its sign."""

from __future__ import annotations

import math
from typing import Any

from engine.view.formatting import format_number, format_range, format_value

FEW = 4  # elements that are written out
HIDDEN = object()  # in place of what is to be predicted


def shown(x: Any) -> str:
    """Return a number, a small array in full, or the shape and a summary of a large one.

    >>> import numpy as np
    >>> shown(2.5), shown(None), shown(np.array([1.0, -2.0]))
    ('2.5', '·', '[1, -2]')
    >>> shown(np.arange(6.0).reshape(2, 3))
    '(2, 3): 0 … 5, norm 7.416'
    """
    if x is HIDDEN:
        return "?"
    if x is None or isinstance(x, float):
        return format_value(x)
    if 0 < x.size <= FEW and x.ndim <= 2:
        return _written(x.tolist())
    return f"{tuple(x.shape)}: {summary(x)}"


def brief(x: Any) -> str:
    """Return a number, a small array in full, or the range of a large one."""
    whole = getattr(x, "size", 0) <= FEW
    return shown(x) if whole else format_range([x])


def summary(x: Any) -> str:
    """Return the range of an array and its norm, or what is not finite in it."""
    if not x.size or not is_finite(x):
        return format_range([x])
    largest = size_of(x) or 1.0
    norm = largest * math.sqrt(float(((x / largest) ** 2).sum()))  # so that no square overflows
    return f"{format_range([x])}, norm {format_number(norm)}"


def sort_of(x: Any) -> str:
    """Return the shape of an array, or a number."""
    return str(tuple(x.shape)) if hasattr(x, "shape") else format_value(x)


def size_of(x: Any) -> float:
    """Return how large a number is, or the largest element of an array; nan if one is nan."""
    if isinstance(x, float):
        return abs(x)
    return float(abs(x).max()) if x.size else 0.0


def is_zero(x: Any) -> bool:
    """Return whether a number, or each element of an array, is 0."""
    return size_of(x) == 0.0


def is_finite(x: Any) -> bool:
    """Return whether a number, or each element of an array, is finite."""
    return math.isfinite(size_of(x))


def sign_of(x: Any) -> str:
    """Return the sign of what is finite: plus, minus, zero, or mixed for an array with both."""
    if is_zero(x):
        return "zero"
    if isinstance(x, float):
        return "plus" if x > 0.0 else "minus"
    return "plus" if (x >= 0.0).all() else "minus" if (x <= 0.0).all() else "mixed"


def _written(nested: Any) -> str:
    if isinstance(nested, list):
        return f"[{', '.join(map(_written, nested))}]"
    return format_number(nested)
