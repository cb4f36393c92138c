"""Operands at which an op has a derivative."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from engine.op import Op, Reduction
from engine.testing.domains import Domain, domain_of

MOST_ELEMENTS = 5
SHIFT = 0.3  # off a kink, by another multiple for each operand


def away_from_kinks(
    op: Op, *, distance: float = 0.01, max_magnitude: float = 1e300
) -> st.SearchStrategy[tuple[float, ...]]:
    """Return a strategy for the operands of an op, inside its domain and off its kinks.

    Args:
        op: a function of `engine`, or a primitive of your own.
        distance: how far the nearest kink is at least, in the operands' own unit.
        max_magnitude: the largest size of an operand.

    Raises:
        InvalidArgument: op is no op, or distance or max_magnitude are not above 0.

    An op over a sequence gets from one to five elements.

    >>> from hypothesis import find
    >>> import engine
    >>> x, y = find(away_from_kinks(engine.maximum), lambda operands: True)
    >>> abs(x - y) >= 0.01
    True
    """
    if not isinstance(op, Op):
        raise InvalidArgument(f"{op!r} is no op: it has no kinks that are known")
    if not (distance > 0.0 and max_magnitude > 0.0):
        raise InvalidArgument(
            f"distance={distance!r} and max_magnitude={max_magnitude!r} have to be above 0"
        )
    domain = domain_of(op)
    operands = [
        _operand(*bounds, whole=i in domain.whole, size=max_magnitude)
        for i, bounds in enumerate(domain.bounds)
    ]
    if isinstance(op, Reduction):
        least = 2 if op.name == "std" else 1
        drawn = st.lists(operands[0], min_size=least, max_size=MOST_ELEMENTS)
    else:
        drawn = st.tuples(*operands).map(list)
    return drawn.map(lambda xs: _moved(xs, domain, distance)).filter(
        lambda xs: _is_smooth(xs, domain, distance)
    )


def _operand(low: float, high: float, whole: bool, size: float) -> st.SearchStrategy[float]:
    if whole:
        return st.integers(math.floor(low) + 1, math.ceil(high) - 1).map(float)
    return st.floats(
        max(low, -size),
        min(high, size),
        exclude_min=low > -size,
        exclude_max=high < size,
        allow_subnormal=False,
    )


def _moved(operands: Sequence[float], domain: Domain, distance: float) -> tuple[float, ...]:
    """Return operands as they are if they are smooth, else shifted or brought nearer to 0.

    Numbers that Hypothesis likes, as 0, whole numbers and ties, are kinks more often than not.
    """
    shifted = [
        x if i in domain.whole else x + SHIFT * (i + 1) * max(1.0, distance)
        for i, x in enumerate(operands)
    ]
    small = [
        x if i in domain.whole else math.remainder(x, 64.0) + SHIFT * (i + 1)
        for i, x in enumerate(operands)
    ]
    for candidate in (operands, shifted, small):
        if _is_smooth(candidate, domain, distance):
            return tuple(candidate)
    return tuple(operands)


def _is_smooth(operands: Sequence[float], domain: Domain, distance: float) -> bool:
    return domain.contains(operands) and domain.distance(*operands) >= distance
