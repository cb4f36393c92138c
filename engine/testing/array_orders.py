"""The check of second and third derivatives of functions of arrays, each by the order below.

The derivative of order k is differenced from that of order k - 1, which was found right before.
Small inputs have every element of their derivatives checked, large ones those in random directions.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from engine.testing.adapters import Array, Direction
from engine.testing.array_point import Point, Probe, along, probes_of, random_direction
from engine.testing.arrays import RELATIVE
from engine.testing.oracles.differences import Differences, slope
from engine.testing.report import Element, Report, verdict_of, worst_of
from engine.testing.values import Settings
from engine.testing.whole import unsettled

MOST = 256  # elements of all derivatives of one order that are checked one by one
SAMPLE = 20  # elements of a derivative in a random direction


def higher_report(before: Report, point: Point, names: Sequence[str], settings: Settings) -> Report:
    """Return the report of a check of the derivatives of one order, 2 or 3.

    Args:
        before: the report of the order below, whose derivatives are right.
        point: the function and where it is checked.
        names: what the inputs are called.
        settings: how to check; its order is the one to check.
    """
    rng = np.random.default_rng(settings.seed + settings.order)
    count = sum(x.size for x in point.inputs)
    whole = count**settings.order <= MOST
    probes = probes_of(point.inputs, names, MOST if whole else SAMPLE, rng)
    if whole:
        chosen = [list(some) for some in itertools.product(probes, repeat=settings.order - 1)]
        extent = f"order {settings.order}: every element"
    else:
        random = [
            Probe(f"random direction {i + 1}", random_direction(point.inputs, rng), 0.0)
            for i in range(settings.order - 1)
        ]
        chosen = [random]
        extent = f"order {settings.order}: along random directions, every element of the last"
        if count > SAMPLE:
            extent = (
                f"order {settings.order}: along random directions, {SAMPLE} of {count} elements of "
                "the last one by one, and all of them along one more"
            )
    elements: list[Element] = []
    reason, error = "", Differences.error
    rows = [point.derivative([probe.direction for probe in some]) for some in chosen]
    for probe in probes:
        below = Below(point, probe)
        for some, row in zip(chosen, rows, strict=True):
            name = ", ".join(each.name for each in (*some, probe))
            got = along(row, probe.direction)
            found = slope(below.part([each.direction for each in some]), probe.at)
            if not found.settled() or not math.isfinite(got):
                reason = reason or unsettled(found, got, name)
                continue
            error = max(error, found.error / (abs(found.value) or 1.0))
            relative = RELATIVE if settings.rtol is None else settings.rtol
            allowance = found.allowance() + relative * abs(found.value) + settings.atol
            off = abs(got - found.value)
            elements.append(Element(name, len(elements), got, found.value, off, allowance))
    worst = worst_of(elements)
    verdict = verdict_of(worst, reason)
    if verdict == "fail":
        reason = ""
    elif verdict == "pass":
        reason = "; ".join(filter(None, [before.reason, extent]))
    return replace(
        before,
        verdict=verdict,
        order=settings.order,
        oracle=f"{Differences.title} of the order below",
        oracle_error=error,
        checked=len(elements),
        worst=worst,
        reason=reason,
    )


class Below:
    """The derivative of the order below along one direction, each point computed once."""

    def __init__(self, point: Point, probe: Probe) -> None:
        self.point = point
        self.probe = probe
        self.known: dict[tuple[float, tuple[int, ...]], list[Array]] = {}

    def part(self, directions: Sequence[Direction]) -> Callable[[float], float]:
        """Return a part of it as a function of the number that is moved."""
        *first, last = directions

        def value(t: float) -> float:
            key = (t, tuple(map(id, first)))
            if key not in self.known:
                moved = self.point.beside(self.probe.direction, t - self.probe.at)
                self.known[key] = self.point._replace(inputs=moved).derivative(first)
            return along(self.known[key], last)

        return value
