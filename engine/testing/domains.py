"""Where each op is smooth: the operands that have a derivative, and how far a kink is.

A row of the op table names the points at which its gradient is a convention. Most of them stand
for many more: `maximum` has a kink wherever its operands are equal, `floor` at every whole number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from engine.op import Op
from engine.primitive import Primitive

INF = math.inf
Distance = Callable[..., float]


class Domain(NamedTuple):
    """Where an op is smooth.

    Args:
        bounds: between which numbers each operand lies, open; for an op over a sequence one pair,
            for every element.
        distance: from operands to how far the nearest kink is, in the operands' own unit.
        whole: the positions of operands that are whole numbers, as the order of `polygamma`.
    """

    bounds: tuple[tuple[float, float], ...]
    distance: Distance = lambda *operands: INF
    whole: tuple[int, ...] = ()

    def contains(self, operands: Sequence[float]) -> bool:
        """Return whether all operands are between their bounds."""
        pairs = self.bounds * (len(operands) if len(self.bounds) == 1 else 1)
        return all(low < x < high for x, (low, high) in zip(operands, pairs, strict=True))


def at(*kinks: float) -> Distance:
    """Return the distance of the first operand to the nearest of some numbers."""
    return lambda x, *others: min(abs(x - kink) for kink in kinks)


def to_zero(*operands: float) -> float:
    """Return the distance to the origin."""
    return math.hypot(*operands)


def to_whole(x: float) -> float:
    """Return the distance to the nearest whole number."""
    return abs(x - round(x)) if abs(x) < 2.0**52 else 0.0


def to_half(x: float) -> float:
    """Return the distance to the nearest whole number and a half."""
    return to_whole(x - 0.5)


def to_multiple(x: float, y: float) -> float:
    """Return how far x is from a multiple of y, in the smaller unit of the two operands."""
    quotient = x / y if y else INF
    if not abs(quotient) < 2.0**40:
        return 0.0
    return to_whole(quotient) * abs(y) / max(1.0, abs(quotient))


def to_tie(*operands: float) -> float:
    """Return the distance between the two largest operands."""
    top = sorted(operands)[-2:]
    return top[-1] - top[0] if len(operands) > 1 else INF


def to_low_tie(*operands: float) -> float:
    """Return the distance between the two smallest operands."""
    return to_tie(*(-x for x in operands))


def to_bound(x: float, low: float, high: float) -> float:
    """Return the distance of the three operands of `clip` to the places where they change roles."""
    return min(abs(x - low), abs(x - high), abs(high - low))


def to_pole(x: float) -> float:
    """Return the distance to a pole of the gamma function."""
    return to_whole(x) if x < 0.5 else x


def to_equal(*operands: float) -> float:
    """Return the spread, beside whose zero `std` has its kink."""
    return max(operands) - min(operands) if len(operands) > 1 else 0.0


def to_cut(y: float, x: float) -> float:
    """Return the distance of the point (y, x) to the half line on which `atan2` jumps."""
    return abs(y) if x < 0.0 else math.hypot(y, x)


LINE = (-INF, INF)
POSITIVE = (0.0, INF)
UNIT = (-1.0, 1.0)

DOMAINS: dict[str, Domain] = {
    "divide": Domain((LINE, LINE), lambda x, y: abs(y)),
    "floor_divide": Domain((LINE, LINE), to_multiple),
    "remainder": Domain((LINE, LINE), to_multiple),
    "power": Domain((POSITIVE, LINE)),
    "abs": Domain((LINE,), at(0.0)),
    "reciprocal": Domain((LINE,), at(0.0)),
    "log": Domain((POSITIVE,)),
    "log2": Domain((POSITIVE,)),
    "log10": Domain((POSITIVE,)),
    "log1p": Domain(((-1.0, INF),)),
    "sqrt": Domain((POSITIVE,)),
    "cbrt": Domain((LINE,), at(0.0)),
    "hypot": Domain((LINE, LINE), to_zero),
    "xlogy": Domain((LINE, POSITIVE)),
    "asin": Domain((UNIT,)),
    "acos": Domain((UNIT,)),
    "atanh": Domain((UNIT,)),
    "acosh": Domain(((1.0, INF),)),
    "atan2": Domain((LINE, LINE), to_cut),
    "relu": Domain((LINE,), at(0.0)),
    "leaky_relu": Domain((LINE, LINE), at(0.0)),
    "elu": Domain((LINE, LINE), at(0.0)),
    "selu": Domain((LINE,), at(0.0)),
    "relu6": Domain((LINE,), at(0.0, 6.0)),
    "hardtanh": Domain((LINE,), at(-1.0, 1.0)),
    "step": Domain((LINE,), at(0.0)),
    "sign": Domain((LINE,), at(0.0)),
    "floor": Domain((LINE,), to_whole),
    "ceil": Domain((LINE,), to_whole),
    "round": Domain((LINE,), to_half),
    "lgamma": Domain((LINE,), to_pole),
    "polygamma": Domain(((-1.0, 5.0), POSITIVE), whole=(0,)),
    "spherical_bessel": Domain(((-1.0, 8.0), LINE), whole=(0,)),
    "spherical_bessel_pi": Domain(((-1.0, 8.0), LINE), whole=(0,)),
    "maximum": Domain((LINE, LINE), to_tie),
    "minimum": Domain((LINE, LINE), to_tie),
    "clip": Domain((LINE, LINE, LINE), to_bound),
    "where": Domain(((-1.0, 2.0), LINE, LINE), whole=(0,)),
    "max": Domain((LINE,), to_tie),
    "min": Domain((LINE,), to_low_tie),
    "norm": Domain((LINE,), to_zero),
    "std": Domain((LINE,), to_equal),
}
"""By the name of the row; an op that is not here is smooth everywhere."""


def domain_of(op: Op) -> Domain:
    """Return where an op is smooth; of a user's own, everywhere but at the kinks of its row.

    >>> from engine import ops
    >>> domain_of(ops.relu6).distance(5.5)
    0.5
    """
    if isinstance(op, Primitive):
        return own_domain(op)
    return DOMAINS.get(op.name, Domain((LINE,) * max(1, len(op.derivatives))))


def own_domain(op: Primitive) -> Domain:
    """Return the domain of a user's op, whose row says all that is known of it."""
    kinks = [kink.at for kink in op.kinks]

    def distance(*operands: float) -> float:
        return min(
            (min(map(_gap, operands, kink)) for kink in kinks),
            default=INF,
        )

    return Domain((LINE,) * len(op.derivatives), distance)


def _gap(x: float, y: float) -> float:
    return abs(x - y)
