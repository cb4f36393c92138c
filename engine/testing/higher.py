"""The check of second and third derivatives: the engine's, by `grad` of `grad`, against oracles."""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib.util import find_spec
from typing import Any, cast

from engine.graph import walk
from engine.op import Reduction
from engine.pullback import pull
from engine.testing.blame import blame, written
from engine.testing.kinks import distance, promised
from engine.testing.oracles.differences import Differences, slope
from engine.testing.oracles.local import LARGEST, NotApplicable, gap
from engine.testing.recording import Recording
from engine.testing.report import Blame, Element, Report, verdict_of, worst_of
from engine.testing.values import TINY, Settings
from engine.testing.whole import along, unsettled
from engine.value import Value

# What rounding may do, of the size of the terms: the numbers in a graph of a derivative are rounded
# themselves, and cancel in one another.
RELATIVE = {2: 1e-9, 3: 1e-7}
FAINT = 1e-100  # numbers of which a product of a few may underflow
ADDING = ("add", "subtract", "sum", "mean", "negative", "identity")  # which may give 0, and exactly
NAMES = {2: "second", 3: "third"}
Exact = Callable[[Sequence[int]], Sequence[Any]]


def higher_report(recording: Recording, settings: Settings, before: Report) -> Report:
    """Return the report of a check of the derivatives of one order, 2 or 3.

    Args:
        recording: the graph of a function whose derivatives below that order are right.
        settings: how to check; its order is the one to check.
        before: the report of the order below.
    """
    at_kink = _kink(recording)
    if at_kink:
        return replace(
            before,
            verdict="inconclusive",
            order=settings.order,
            reason=f"{at_kink}, where there is no derivative of order {settings.order}",
        )
    replays, title = _exact(recording, settings)
    selectors = recording.selectors()
    elements: list[Element] = []
    reason, error = "", 1e-40
    paths = recording.paths
    smooth = [i for i in range(len(paths)) if i not in selectors]
    for directions in itertools.product(smooth, repeat=settings.order - 1):
        analytic, sizes, underflow = engine_derivatives(recording, directions)
        try:
            expected = _agreeing(replays, directions, analytic, sizes)
        except (ArithmeticError, ValueError, TypeError):  # a pole, or complex
            reason = reason or f"there is no derivative of order {settings.order} here"
            continue
        for i, (got, size) in enumerate(zip(analytic, sizes, strict=True)):
            name = ", ".join(paths[j] for j in (*directions, i))
            slack, numeric = TINY, got
            if expected:
                numeric = expected[i]
                if numeric - numeric != 0:  # inf or nan
                    reason = reason or f"there is no derivative for {name} here"
                    continue
            else:
                found = slope(_below(recording, directions, i), recording.numbers[i])
                numeric, slack = found.value, found.allowance()
                if not found.settled():
                    reason = reason or unsettled(found, got, name)
                    continue
                error = max(error, found.error / (abs(found.value) or 1.0))
            off = gap(got, numeric)
            relative = RELATIVE[settings.order] if settings.rtol is None else settings.rtol
            allowance = min(relative * size + slack + settings.atol, LARGEST)
            if not math.isfinite(got) or not math.isfinite(size):
                if off > 0.0:
                    reason = reason or f"the derivative for {name} overflows, or a term of it"
                    continue
                allowance = max(allowance, 0.0)
            if off > allowance and underflow:
                reason = reason or f"underflow on the way, at {underflow}, hides the one for {name}"
                continue
            elements.append(Element(name, i, got, float(numeric), off, allowance))
    worst = worst_of(elements)
    verdict = verdict_of(worst, reason)
    first_wrong = None
    if worst is not None and verdict == "fail":
        reason = ""
        first_wrong = _blame(recording, worst, settings)
    return Report(
        verdict,
        before.function,
        settings.order,
        title,
        error,
        len(elements),
        worst,
        reason or before.reason,
        first_wrong,
    )


def _kink(recording: Recording) -> str:
    """Return which op is at a kink; nothing if none is."""
    for node in recording.nodes:
        operands = [operand.data for operand in node.operands]
        away = distance(node.op, operands)
        singular = promised(node.op, operands) is not None and not node.op.analytic
        if singular or (away is not None and away.size == 0.0):
            return f"{node.op.name} is at a kink"
    return ""


def _exact(recording: Recording, settings: Settings) -> tuple[Sequence[Exact], str]:
    """Return what gives exact derivatives, with more and more digits, and the oracle's name."""
    if settings.oracle in ("auto", "mpmath") and find_spec("mpmath") is not None:
        from engine.testing.oracles.taylor import PLACES, Replay

        with suppress(NotApplicable):
            replays = [Replay(recording, places).derivatives for places in PLACES]
            return replays, f"mpmath, differences of {PLACES[0]} digits"
    return [], f"{Differences.title} of the order below"


def _agreeing(
    replays: Sequence[Exact],
    directions: Sequence[int],
    analytic: Sequence[float],
    sizes: Sequence[float],
) -> Sequence[Any]:
    """Return the exact derivatives, with the fewest digits that confirm the engine's, or the most.

    They are none if nothing gives exact ones.
    """
    expected: Sequence[Any] = []
    for exact in replays:
        expected = exact(directions)
        apart = map(gap, analytic, expected)
        if all(off <= 1e-12 * size for off, size in zip(apart, sizes, strict=True)):
            break
    return expected


def engine_derivatives(
    recording: Recording, directions: Sequence[int]
) -> tuple[list[float], list[float], str]:
    """Return the gradient of a derivative, as the engine has it, and what rounding may do to it.

    Args:
        recording: the graph of the function.
        directions: the inputs that it was differentiated for before.

    The second are the sizes of its terms, the third the op at which a term underflows, if any.
    """
    variables, floor = recording.variables, recording.floor
    result: Any = recording.output
    nothing = [0.0] * len(variables)
    for i in directions:
        result = pull([result], [1.0], variables, floor, True)[i]
        if not isinstance(result, Value) or not result.requires_grad:
            return nothing, nothing, _underflow(recording.nodes)
    nodes = cast("list[Value]", walk([result], floor))
    gradient = pull([result], [1.0], variables, floor, False)
    return gradient, _sizes(result, nodes, variables, floor), _underflow(nodes)


def _underflow(nodes: Sequence[Value]) -> str:
    """Return the op at which a number that is not 0 became one of fewer digits or 0; else nothing.

    Where nothing in the graph is small, a 0 is none of those: a derivative may be 0 at 1, say.
    """
    numbers = [abs(x) for node in nodes for x in (node.data, *node.local_gradients) if x]
    if not any(x < FAINT or x > 1.0 / FAINT for x in numbers):
        return ""
    for node in nodes:
        if node.op.analytic and all(operand.data for operand in node.operands):
            parts = (node.data, *node.local_gradients)
            if node.op.name not in ADDING and any(abs(x) < sys.float_info.min for x in parts):
                return written(node.op, [operand.data for operand in node.operands])
    return ""


def _sizes(
    result: Value, nodes: Sequence[Value], variables: Sequence[Value], floor: int
) -> list[float]:
    """Return the sums over all paths with every term made positive."""
    sizes: dict[Any, float] = {result: 1.0}
    for node in nodes:
        upstream = sizes.get(node, 0.0)
        for operand, local in zip(node.operands, node.local_gradients, strict=True):
            if operand.requires_grad and floor < operand.index:
                part = upstream * abs(local)
                sizes[operand] = sizes.get(operand, 0.0) + part
    return [sizes.get(variable, 0.0) for variable in variables]


def _below(recording: Recording, directions: Sequence[int], i: int) -> Callable[[float], float]:
    """Return the derivative of the order below as a function of the i-th input."""

    def value(numbers: Sequence[float]) -> float:
        again = recording.at(numbers)
        if again.shape != recording.shape or again.sides != recording.sides:
            return math.nan
        *first, last = directions
        return engine_derivatives(again, first)[0][last]

    return along(value, recording.numbers, i)


def _blame(recording: Recording, worst: Element, settings: Settings) -> Blame | None:
    """Return the first node whose own derivatives of this order are wrong, if there is one."""
    from engine.testing.check import check_values  # which this is a part of

    for position, node in enumerate(recording.nodes):
        live = [recording.flows(node, operand) for operand in node.operands]
        alone = worst
        if len(recording.nodes) > 1:
            operands = [x.data for x, wanted in zip(node.operands, live, strict=True) if wanted]
            report = check_values(_single(node, live), operands, settings)
            if report.verdict != "fail" or report.worst is None:
                continue
            alone = report.worst
        what = (
            f"the {NAMES[settings.order]} derivative of {{}} is {alone.numeric!r}, not "
            f"{alone.analytic!r} (for {alone.path})"
        )
        return blame(node, live, what, recording.source_of(position), settings.order)
    return None


def _single(node: Value, live: Sequence[bool]) -> Callable[..., Any]:
    """Return the op of a node as a function of the operands that gradients flow to."""

    def single(*operands: Any) -> Any:
        supply = iter(operands)
        mixed = [
            next(supply) if wanted else operand.data
            for operand, wanted in zip(node.operands, live, strict=True)
        ]
        return node.op.reduce(mixed) if isinstance(node.op, Reduction) else node.op(*mixed)

    return single
