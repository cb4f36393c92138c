"""Differences of a whole function of numbers, which know nothing of its graph."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence

from engine.testing.blame import written
from engine.testing.kinks import distance
from engine.testing.oracles.differences import Differences, Estimate, slope
from engine.testing.paths import name_of
from engine.testing.recording import Recording, first_difference
from engine.testing.report import Element, Report, verdict_of, worst_of
from engine.testing.values import Settings

FunctionOfNumbers = Callable[[Sequence[float]], float]


def whole_report(
    recording: Recording,
    function: FunctionOfNumbers,
    settings: Settings,
    *,
    near: Callable[[], str] = str,
    skip: Collection[int] = (),
) -> Report:
    """Return the report of a gradient against differences.

    Args:
        recording: the function at the point, and its gradient that is checked.
        function: from all numbers to one; nan where it must not be asked.
        settings: the user's rtol and atol.
        near: says which kink is near, where differences do not settle.
        skip: the inputs that there is no derivative for.
    """
    elements: list[Element] = []
    reason, worst_error = "", 0.0
    for i, (x, got) in enumerate(zip(recording.numbers, recording.gradient(), strict=True)):
        if i in skip:
            continue
        path = recording.paths[i]
        found = slope(along(function, recording.numbers, i), x)
        allowance = found.allowance() + (settings.rtol or 1e-12) * abs(found.value) + settings.atol
        error = abs(got - found.value)
        if found.settled():
            elements.append(Element(path, i, got, found.value, error, allowance))
            worst_error = max(worst_error, found.error / (abs(found.value) or 1.0))
        elif not reason:
            reason = unsettled(found, got, path) + near()
    worst = worst_of(elements)
    verdict = verdict_of(worst, reason)
    return Report(
        verdict,
        name_of(recording.function),
        1,
        Differences.title,
        worst_error or Differences.error,
        len(elements),
        worst,
        reason if verdict == "inconclusive" else "",
    )


def along(
    function: FunctionOfNumbers, numbers: Sequence[float], i: int
) -> Callable[[float], float]:
    """Return a function of several numbers as one of the i-th."""
    return lambda t: function([*numbers[:i], t, *numbers[i + 1 :]])


def unsettled(found: Estimate, got: float, path: str) -> str:
    """Return why differences cannot tell a slope."""
    if not math.isfinite(found.error):
        why = found.trouble or f"the function is not finite around {path}"
        return why if math.isfinite(got) else f"the gradient for {path} is {got!r}, and {why}"
    if abs(found.above - found.below) > 1e-3 * max(abs(found.above), abs(found.below)):
        return (
            f"at a kink or too near one for differences: for {path} the slope is "
            f"{found.below:.4g} below and {found.above:.4g} above, the gradient {got:.4g}"
        )
    return f"differences for {path} do not settle: their error is about {found.error:.1g}"


def guarded(recording: Recording) -> FunctionOfNumbers:
    """Return a function of Values as one of numbers: nan beyond a kink or on another branch."""
    sides = recording.sides

    def value(numbers: Sequence[float]) -> float:
        other = recording.at(numbers)
        if first_difference(recording, other) is not None or other.sides != sides:
            return math.nan
        return other.value

    return value


def nearest_kink(recording: Recording) -> str:
    """Return which op is nearest to a kink, as the end of a sentence."""
    found = []
    for node in recording.nodes:
        operands = [operand.data for operand in node.operands]
        away = distance(node.op, operands)
        if away is not None:
            found.append((away.size, away.operand, written(node.op, operands)))
    if not found:
        return ""
    size, operand, shown = min(found)
    return f"; {shown} is {size:.3g} from a kink in operand {operand}"
