"""Where each op is smooth: the operands that have a derivative, off the kinks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from engine.op import Kink, Op
from engine.testing.kinks import distance, whole

INF = math.inf


class Domain(NamedTuple):
    """Where an op is defined.

    Args:
        bounds: between which numbers each operand lies, open; for an op over a sequence one pair,
            for every element.
        pole: from operands to how far the nearest pole or jump between the bounds is.
        whole: the positions of operands that are whole numbers, as the order of `polygamma`.
    """

    bounds: tuple[tuple[float, float], ...]
    pole: Callable[..., float] = lambda *operands: INF
    whole: tuple[int, ...] = ()

    def contains(self, operands: Sequence[float]) -> bool:
        """Return whether all operands are between their bounds."""
        pairs = self.bounds * (len(operands) if len(self.bounds) == 1 else 1)
        return all(low < x < high for x, (low, high) in zip(operands, pairs, strict=True))


def gamma_pole(x: float) -> float:
    """Return the distance to a pole of the gamma function."""
    return whole(x) if x < 0.5 else x


def cut(y: float, x: float) -> float:
    """Return the distance of the point (y, x) to the half line on which `atan2` jumps."""
    return abs(y) if x < 0.0 else math.hypot(y, x)


LINE = (-INF, INF)
POSITIVE = (0.0, INF)
UNIT = (-1.0, 1.0)

DOMAINS: dict[str, Domain] = {
    **dict.fromkeys(("log", "log2", "log10", "sqrt"), Domain((POSITIVE,))),
    **dict.fromkeys(("asin", "acos", "atanh"), Domain((UNIT,))),
    "spherical_bessel_pi": Domain(((-1.0, 8.0), LINE), whole=(0,)),
    **dict.fromkeys(
        ("divide", "floor_divide", "remainder"), Domain((LINE, LINE), lambda x, y: abs(y))
    ),
    "log1p": Domain(((-1.0, INF),)),
    "acosh": Domain(((1.0, INF),)),
    "power": Domain((POSITIVE, LINE)),
    "xlogy": Domain((LINE, POSITIVE)),
    "polygamma": Domain(((-1.0, 5.0), POSITIVE), whole=(0,)),
    "where": Domain(((-1.0, 2.0), LINE, LINE), whole=(0,)),
    "reciprocal": Domain((LINE,), abs),
    "lgamma": Domain((LINE,), gamma_pole),
    "atan2": Domain((LINE, LINE), cut),
    "clip": Domain((LINE, LINE, LINE), lambda x, low, high: high - low),
}
"""By the name of the row; an op that is not here is defined everywhere."""


def domain_of(op: Op) -> Domain:
    """Return where an op is defined; of a user's own, everywhere."""
    return DOMAINS.get(op.name, Domain((LINE,) * max(1, len(op.derivatives))))


def is_smooth(op: Op, operands: Sequence[float], least: float, kinks: Sequence[Kink] = ()) -> bool:
    """Return whether operands are in an op's domain and off its kinks and poles.

    Args:
        op: a row of the table or a user's own.
        operands: one number for each, or the elements of a sequence.
        least: how far the nearest kink or pole is at least.
        kinks: points to stay off beside the op's own.

    >>> from engine import ops
    >>> is_smooth(ops.relu, [0.5], 0.1), is_smooth(ops.relu, [0.0], 0.1)
    (True, False)
    """
    domain = domain_of(op)
    if not domain.contains(operands) or domain.pole(*operands) < least:
        return False
    nearest = distance(op, operands)
    if nearest is not None and nearest.size < least:
        return False
    return all(gap(kink.at, operands) >= least for kink in kinks)


def gap(point: Sequence[float], operands: Sequence[float]) -> float:
    """Return by how much some operand has to change to be that of a point; inf beside a nan."""
    gaps = [abs(x - y) for x, y in zip(point, operands, strict=True)]
    return max((size for size in gaps if size == size), default=INF)
