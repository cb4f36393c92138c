"""The check of functions of Values: the graph they record against oracles, node by node."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from importlib.util import find_spec
from typing import Any, NamedTuple

from engine.coercion import number
from engine.testing.blame import blame, written
from engine.testing.chain import Total, chain, rounding
from engine.testing.kinks import distance, promised
from engine.testing.oracles.ladder import ask, oracles
from engine.testing.oracles.local import LARGEST, ROUNDING, NotApplicable, Slope, gap
from engine.testing.paths import name_of
from engine.testing.recording import Recording
from engine.testing.report import Blame, Element, Report, Verdict, worst_of
from engine.trees import leaves
from engine.value import Value

TINY = 1e-300  # an absolute error that underflow may bring without a word
OBSCURED = 1e-5  # the part of a gradient that underflow on the way may hide


class Settings(NamedTuple):
    """How to check; see `check_gradients`."""

    order: int = 1
    oracle: str = "auto"
    rtol: float | None = None
    atol: float = 0.0
    seed: int = 0


class Wrong(NamedTuple):
    """A node that is not what it should be: its position, and what is wrong with it."""

    position: int
    what: str


class Judgement(NamedTuple):
    """What the oracles say of every node of a graph.

    Args:
        slopes: for each node its derivative for each operand.
        wrong: the first node that is wrong.
        unknown: why the oracles do not know the derivatives of a node.
        notes: what is to be said of a pass, as that it is at a kink.
        oracle: the oracles that were asked.
        error: the largest relative error of what they said.
    """

    slopes: list[list[Slope | None]]
    wrong: Wrong | None
    unknown: str
    notes: list[str]
    oracle: str
    error: float


@cache
def has_mpmath() -> bool:
    """Return whether mpmath is installed."""
    return find_spec("mpmath") is not None


def digits() -> AbstractContextManager[Any]:
    """Return the context that numbers of many digits are added and multiplied in."""
    if not has_mpmath():
        return nullcontext()
    from mpmath import mp

    return mp.workdps(50)  # type: ignore[no-any-return]


# ----- Nodes -----------------------------------------------------------------------------------


def judge(recording: Recording, settings: Settings) -> Judgement:
    """Ask the oracles for the derivatives of every node, and compare the recorded ones."""
    ladder = oracles(settings.oracle)
    relative = max(ROUNDING, settings.rtol or 0.0)
    all_slopes: list[list[Slope | None]] = []
    wrong: Wrong | None = None
    unknown, notes, titles, error = "", [], {}, 0.0
    for position, node in enumerate(recording.nodes):
        operands = [operand.data for operand in node.operands]
        kink = promised(node.op, operands)
        slopes: list[Slope | None] = [None] * len(operands)
        if kink is not None:
            notes.append(
                f"{written(node.op, operands)} is at a kink, and has the promised gradient"
            )
            slopes = [None if g is None else Slope(g, abs(g)) for g in kink.gradient]
            signed = [x.hex() for x in kink.at] == [x.hex() for x in operands]
            if signed and gap(node.data, kink.value) > 1e-15 * abs(kink.value):
                wrong = wrong or Wrong(position, f"the value of {{}} is promised {kink.value!r}")
        elif not math.isfinite(node.data) or not all(map(math.isfinite, operands)):
            unknown = unknown or f"{written(node.op, operands)} is {node.data!r}"
        else:
            try:
                oracle, slopes = ask(ladder, node.op, operands, node.data)
                titles[oracle.name] = oracle
                error = max(error, _error(oracle, slopes))
                gap_to_kink = distance(node.op, operands)
                if gap_to_kink is not None and gap_to_kink.size == 0.0:
                    notes.append(f"{written(node.op, operands)} is at a kink of {node.op.name}")
            except NotApplicable as refusal:
                if refusal.is_error:
                    wrong = wrong or Wrong(position, str(refusal))
                unknown = unknown or f"{written(node.op, operands)}: {refusal}"
        all_slopes.append(slopes)
        if wrong is None:
            what = _wrong_slope(recording, node, slopes, relative, settings.atol)
            wrong = None if what is None else Wrong(position, what)
    names = "; ".join(oracle.title for oracle in titles.values()) or "published conventions"
    return Judgement(all_slopes, wrong, unknown, notes, names, error)


def _error(oracle: Any, slopes: Sequence[Slope | None]) -> float:
    if oracle.name != "differences":
        return float(oracle.error)
    return max((s.slack / s.size for s in slopes if s is not None and s.size), default=oracle.error)


def _wrong_slope(
    recording: Recording,
    node: Value,
    slopes: Sequence[Slope | None],
    relative: float,
    atol: float,
) -> str | None:
    """Return what is wrong with the derivatives that a node recorded, None if nothing is."""
    recorded = zip(node.operands, node.local_gradients, slopes, strict=True)
    for i, (operand, local, slope) in enumerate(recorded):
        if slope is None or not recording.flows(node, operand):
            continue
        off = gap(local, slope.value)
        if off > 0.0 and not off <= relative * slope.size + slope.slack + atol:
            place = f" for operand {i}" if len(node.operands) > 1 else ""
            return f"the derivative of {{}}{place} is {float(slope.value)!r}, not {local!r}"
    return None


# ----- The whole gradient ----------------------------------------------------------------------


def compare(
    recording: Recording,
    analytic: Sequence[float],
    totals: Sequence[Total],
    settings: Settings,
) -> tuple[list[Element], str]:
    """Return the elements of the gradient by both ways, and why they cannot be compared if so."""
    relative = rounding(recording) if settings.rtol is None else settings.rtol
    elements, reason = [], ""
    for i, (got, total) in enumerate(zip(analytic, totals, strict=True)):
        path = recording.paths[i]
        finite = total.value - total.value == 0  # only inf itself will do where the gradient is inf
        rounded = min(relative * total.size + total.slack, LARGEST) if finite else 0.0
        allowance = rounded + settings.atol
        error = gap(got, total.value)
        elements.append(Element(path, i, got, float(total.value), error, allowance))
        if got != got and total.value != total.value:
            reason = reason or f"the gradient for {path} is nan: 0·inf or inf - inf on the way"
        one_is_infinite = math.isinf(got) != math.isinf(float(total.value))
        if (error > allowance or one_is_infinite) and not total.size <= LARGEST:
            reason = reason or f"a term of the gradient for {path} overflows"
        hidden = error - relative * total.size - settings.atol  # what underflow has to explain
        if hidden > max(TINY, OBSCURED * abs(got)) and error <= allowance:
            reason = reason or f"underflow on the way hides the gradient for {path}"
    return elements, reason


def conclude(
    name: str, judgement: Judgement, elements: list[Element], reason: str, first_wrong: Blame | None
) -> Report:
    """Return the report of a check of first derivatives."""
    verdict: Verdict = "pass"
    if first_wrong is not None:
        verdict, reason = "fail", ""
    elif judgement.unknown or reason:
        verdict, reason = "inconclusive", judgement.unknown or reason
    elif any(element.error > element.allowance for element in elements):
        verdict, reason = (
            "fail",
            (
                "every local derivative is right, so the chain rule was not followed: the backward "
                "sweep is wrong, or .data was changed"
            ),
        )
    else:
        reason = "; ".join(judgement.notes[:3])
    return Report(
        verdict,
        name,
        1,
        judgement.oracle,
        judgement.error,
        len(elements),
        worst_of(elements) if not judgement.unknown else None,
        reason,
        first_wrong,
    )


def graph_report(recording: Recording, settings: Settings) -> Report:
    """Return the report of a check of the first derivatives of a recorded graph."""
    analytic = recording.gradient()
    with digits():
        judgement = judge(recording, settings)
        first_wrong = None
        if judgement.wrong is not None:
            first_wrong = _blame(recording, judgement.wrong)
        elements: list[Element] = []
        reason = ""
        if not judgement.unknown:
            totals = chain(recording, judgement.slopes)
            elements, reason = compare(recording, analytic, totals, settings)
    return conclude(name_of(recording.function), judgement, elements, reason, first_wrong)


def _blame(recording: Recording, wrong: Wrong) -> Blame:
    node = recording.nodes[wrong.position]
    live = [recording.flows(node, operand) for operand in node.operands]
    return blame(node, live, wrong.what, recording.source_of(wrong.position))


def inconclusive(name: str, reason: str, settings: Settings) -> Report:
    """Return the report of a check that could not be made."""
    return Report("inconclusive", name, 1, settings.oracle, 0.0, 0, None, reason)


# ----- Inputs ----------------------------------------------------------------------------------


def numbers_of(arguments: Sequence[Any]) -> list[float]:
    """Return the numbers of nested lists, tuples and dicts, from left to right."""
    found = [leaf for i, tree in enumerate(arguments) for leaf in leaves(tree, f"input {i}")]
    return [x.data if isinstance(x, Value) else number(x, "check_gradients()") for x in found]
