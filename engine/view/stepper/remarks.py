"""What is worth saying of a step beyond its formula: where a gradient dies or nan begins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from engine.view.formatting import format_number
from engine.view.stepper.data import Part
from engine.view.stepper.numbers import is_finite, is_zero
from engine.view.stepper.words import factor

SATURATING = frozenset(("tanh", "sigmoid", "erf"))
FLAT = 0.01  # a local derivative below which an op is called saturated


def stale(out: str) -> str:
    """Return what is said at a node whose number is not what its operands give."""
    return f"data was set after {out} was computed: gradients are those of the numbers before"


def remarks(out: str, op: str, upstream: Any, parts: Sequence[Part]) -> list[str]:
    """Return what is worth saying of a step of the backward pass.

    Args:
        out: the name of the node.
        op: the name of its op.
        upstream: the gradient that arrives.
        parts: what it passes on.
    """
    if is_zero(upstream) and all(is_zero(part.contribution) for part in parts):
        return [f"{out} receives a gradient of 0, so it passes on 0"]
    locals_ = [part.local for part in parts]
    if not all(isinstance(x, float) for x in (upstream, *locals_)):
        return _of_arrays(out, op, upstream, parts)
    if parts and upstream == upstream and all(part.local == 0.0 for part in parts):
        what = "relu is off" if op == "relu" else "the local derivative is 0"
        return [f"{what} here, so nothing passes through {out}"]
    if op in SATURATING and all(0.0 < abs(part.local) < FLAT for part in parts):
        return [f"{op} is saturated here: little of the gradient passes through {out}"]
    if math.isfinite(upstream):
        said = (_not_finite(upstream, part) for part in parts)
        return list(dict.fromkeys(remark for remark in said if remark))
    return []


def _of_arrays(out: str, op: str, upstream: Any, parts: Sequence[Part]) -> list[str]:
    """Return the same of arrays, of which a part may be off, saturated or not finite."""
    said = []
    for part in parts:
        if part.local is not None and hasattr(part.local, "size") and part.local.size:
            sizes, count = abs(part.local), part.local.size
            off, flat = int((sizes == 0.0).sum()), int((sizes < FLAT).sum())
            if op == "relu" and off:
                said.append(f"relu is off in {off:,} of {count:,} places: nothing passes there")
            elif op in SATURATING and flat:
                said.append(f"{op} is saturated in {flat:,} of {count:,} places of {out}")
        if is_finite(upstream) and not is_finite(part.contribution):
            said.append(f"nan or inf begins here, in what flows to {part.name}")
    return list(dict.fromkeys(said))


def _not_finite(upstream: float, part: Part) -> str:
    """Return how a contribution that is not finite comes from an upstream that is."""
    if math.isfinite(part.contribution):
        return ""
    if math.isfinite(part.local):
        product = f"{format_number(upstream)} × {factor(part.local)}"
        return f"{product} is too large for a float: {format_number(part.contribution)}"
    if math.isinf(part.local) and upstream == 0.0:
        return f"nan begins here: 0 × {factor(part.local)} has no value"
    return f"{format_number(part.local)} begins here: it is the local derivative for {part.name}"
