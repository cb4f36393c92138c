"""Where an op has a kink or a jump: how far that is, and on which side of it the operands are."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from engine.op import Kink


class Distance(NamedTuple):
    """How far an op is from its nearest kink.

    Args:
        size: by how much an operand has to change.
        operand: the position of that operand.
    """

    size: float
    operand: int


# The first operand's points at which the derivative jumps.
POINTS: dict[str, tuple[float, ...]] = {
    **dict.fromkeys(("relu", "leaky_relu", "elu", "selu", "abs", "step", "sign", "cbrt"), (0.0,)),
    "relu6": (0.0, 6.0),
    "hardtanh": (-1.0, 1.0),
}


def whole(x: float) -> float:
    """Return the distance to the nearest whole number."""
    return abs(x - round(x)) if math.isfinite(x) else math.inf


def _ratio(xs: Sequence[float]) -> Distance:
    x, y = xs
    quotient = x / y if y else math.nan
    if math.isinf(quotient):
        return Distance(0.0, 0)  # as wherever floats are farther apart than the jumps
    return Distance(whole(quotient) * abs(y), 0)


def _lead(xs: Sequence[float], sign: float) -> Distance:
    """Return how far the winner of a choice is ahead."""
    ranked = sorted(range(len(xs)), key=lambda i: -sign * xs[i])
    if len(xs) < 2:
        return Distance(math.inf, 0)
    return Distance(abs(xs[ranked[0]] - xs[ranked[1]]), ranked[0])


def _radius(xs: Sequence[float]) -> Distance:
    return Distance(math.hypot(*xs), max(range(len(xs)), key=lambda i: abs(xs[i]), default=0))


def _spread(xs: Sequence[float]) -> Distance:
    return Distance(max(xs) - min(xs), 0)


DISTANCES: dict[str, Callable[[Sequence[float]], Distance]] = {
    **dict.fromkeys(("floor", "ceil"), lambda xs: Distance(whole(xs[0]), 0)),
    "round": lambda xs: Distance(whole(xs[0] - 0.5), 0),
    **dict.fromkeys(("floor_divide", "remainder"), _ratio),
    **dict.fromkeys(("maximum", "max"), lambda xs: _lead(xs, 1.0)),
    **dict.fromkeys(("minimum", "min"), lambda xs: _lead(xs, -1.0)),
    **dict.fromkeys(("hypot", "norm", "atan2"), _radius),
    "std": _spread,
    "clip": lambda xs: Distance(min(abs(xs[0] - xs[1]), abs(xs[0] - xs[2])), 0),
}


def distance(op: Any, operands: Sequence[float]) -> Distance | None:
    """Return how far an op is from its nearest kink; None for an op without one.

    >>> from engine import ops
    >>> distance(ops.relu, [-3.0]), distance(ops.maximum, [1.0, 1.5]), distance(ops.tanh, [0.0])
    (Distance(size=3.0, operand=0), Distance(size=0.5, operand=1), None)
    """
    if op.analytic:
        return None
    if op.name in POINTS:
        return Distance(min(abs(operands[0] - point) for point in POINTS[op.name]), 0)
    find = DISTANCES.get(op.name)
    return None if find is None else find(operands)


def side(op: Any, operands: Sequence[float]) -> Any:
    """Return on which side of its kinks an op is: equal if there is none in between."""
    if op.name in POINTS:
        x = operands[0]
        return [(x > point) - (x < point) for point in POINTS[op.name]]
    if op.name in ("floor", "ceil"):
        return math.floor(operands[0]), whole(operands[0]) == 0.0
    if op.name == "round":
        return round(operands[0])
    if op.name in ("floor_divide", "remainder"):
        return operands[0] // operands[1] if operands[1] else None
    if op.name in ("maximum", "max"):
        return [x == max(operands) for x in operands]
    if op.name in ("minimum", "min"):
        return [x == min(operands) for x in operands]
    if op.name == "clip":
        x, low, high = operands
        return [(x > low) - (x < low), (x > high) - (x < high), low < high]
    if op.name == "where":
        return bool(operands[0])
    return None


def promised(op: Any, operands: Sequence[float]) -> Kink | None:
    """Return the kink of the row at exactly these operands, with the gradient promised there.

    A kink at 0 holds for -0.0 too, unless something infinite is promised, whose sign may differ.

    >>> from engine import ops
    >>> promised(ops.abs, [0.0])
    Kink(at=(0.0,), value=0.0, gradient=(0.0,))
    """
    kink: Kink
    for kink in op.kinks:
        if len(kink.at) == len(operands) and all(map(_equal, kink.at, operands)):
            finite = all(math.isfinite(x) for x in (kink.value, *filter(None, kink.gradient)))
            if finite or list(map(_sign, kink.at)) == list(map(_sign, operands)):
                return kink
    return None


def _equal(x: float, y: float) -> bool:
    return x == y or (x != x and y != y)


def _sign(x: float) -> float:
    return math.copysign(1.0, x) if x == x else 0.0
