"""Operands at which an op has a derivative."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from engine.op import Kink, Op, Reduction
from engine.primitive import Primitive
from engine.testing.domains import domain_of, is_smooth

MOST_ELEMENTS = 5
STAIRS = ("floor", "ceil", "round")
SHIFT = 0.3  # off a kink, by another multiple for each operand


def away_from_kinks(
    op: Op,
    *,
    distance: float = 0.01,
    max_magnitude: float = 1e300,
    kinks: Sequence[Kink] = (),
) -> st.SearchStrategy[tuple[float, ...]]:
    """Return a strategy for the operands of an op, inside its domain and off its kinks.

    Args:
        op: a function of `engine`, or a primitive of your own.
        distance: how far the nearest kink is at least, in the operands' own unit.
        max_magnitude: the largest size of an operand.
        kinks: points to stay off beside those that the op is known for.

    Raises:
        InvalidArgument: op is no op, distance or max_magnitude are not above 0, or no operand is
            that far from every kink.

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
    if op.name in STAIRS and distance >= 0.5:
        raise InvalidArgument(f"distance={distance!r}: no number is 0.5 off all jumps of {op.name}")
    bounds, whole = domain_of(op).bounds, domain_of(op).whole
    operands = [_operand(*pair, i in whole, max_magnitude) for i, pair in enumerate(bounds)]
    points = (*kinks, *op.kinks) if isinstance(op, Primitive) else kinks

    def smooth(xs: Sequence[float]) -> bool:
        return is_smooth(op, xs, distance, points)

    def moved(xs: Sequence[float]) -> tuple[float, ...]:
        """Return operands as they are if they are smooth, else shifted or brought nearer to 0.

        What Hypothesis likes, as 0, whole numbers and ties, is a kink more often than not.
        """
        shift = [
            0.0 if i in whole else SHIFT * (i + 1) * max(1.0, distance) for i in range(len(xs))
        ]
        shifted = [x + dx for x, dx in zip(xs, shift, strict=True)]
        small = [math.remainder(x, 64.0) + dx if dx else x for x, dx in zip(xs, shift, strict=True)]
        return tuple(next((tried for tried in (xs, shifted, small) if smooth(tried)), xs))

    if isinstance(op, Reduction):
        least = 2 if op.name == "std" else 1
        drawn = st.lists(operands[0], min_size=least, max_size=MOST_ELEMENTS)
    else:
        drawn = st.tuples(*operands).map(list)
    return drawn.map(moved).filter(smooth)


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
