"""Numbers and Values."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from engine.value import Value


def values(
    *,
    min_value: float = -math.inf,
    max_value: float = math.inf,
    away_from: Sequence[float] = (),
    distance: float = 0.01,
    requires_grad: bool = True,
) -> st.SearchStrategy[Value]:
    """Return a strategy for Values, new leaves with no gradient yet.

    Args:
        min_value: the least number.
        max_value: the largest number.
        away_from: points to stay off, as the kinks of what is differentiated.
        distance: how far off each of them the numbers stay at least.
        requires_grad: False gives constants.

    Raises:
        InvalidArgument: the distance is not above 0, or no number is left.

    The numbers are finite and not subnormal; for others, build a Value from any strategy:
    ``st.builds(Value, st.floats())``.

    >>> from hypothesis import find
    >>> find(values(min_value=-1, away_from=[0]), lambda value: value < 0).data <= -0.01
    True
    """
    numbers = floats(min_value, max_value, away_from, distance)
    return st.builds(Value, numbers, requires_grad=st.just(requires_grad))


def floats(
    min_value: float, max_value: float, away_from: Sequence[float] = (), distance: float = 0.01
) -> st.SearchStrategy[float]:
    """Return a strategy for the finite floats between two bounds and off some points.

    They are drawn from the intervals between the points, so that none is thrown away.
    """
    if not distance > 0.0:
        raise InvalidArgument(f"distance={distance!r} is not above 0")
    starts = [min_value, *(point + distance for point in sorted(away_from))]
    ends = [*(point - distance for point in sorted(away_from)), max_value]
    pieces = [
        (max(low, min_value), min(high, max_value)) for low, high in zip(starts, ends, strict=True)
    ]
    pieces = [(low, high) for low, high in pieces if low <= high]
    if not pieces:
        raise InvalidArgument(
            f"no number is left between {min_value!r} and {max_value!r} "
            f"that is {distance!r} off {list(away_from)!r}"
        )
    pieces.sort(key=lambda piece: max(piece[0], -piece[1]))  # examples shrink to the first
    return st.one_of([_between(low, high) for low, high in pieces])


def _between(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(
        None if low == -math.inf else low,
        None if high == math.inf else high,
        allow_nan=False,
        allow_infinity=False,
        allow_subnormal=False,
    )
