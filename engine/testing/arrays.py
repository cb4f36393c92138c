"""The check of functions of arrays, of which only values are known: complex steps, differences."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from engine.errors import EngineError, NumberError, OperandError, ShapeError
from engine.testing.adapters import Adapter, Array, ChangesInputs, Direction, TensorGradient
from engine.testing.array_point import Point, Probe, along, as_input, probes_of
from engine.testing.oracles.complex_step import AGREEMENT, ComplexStep, close
from engine.testing.oracles.differences import Differences, slope
from engine.testing.paths import name_of, parameters
from engine.testing.report import Element, Report, verdict_of, worst_of
from engine.testing.values import Settings, inconclusive
from engine.testing.whole import unsettled

MOST = 100  # elements that are checked one by one; all of them in one direction besides
STEP = 1e-40
RELATIVE = 1e-9  # of the sum of the terms' sizes: arrays are added up in any order
SINGLE = 2.0**-13  # a thousand roundings of a float32, of the largest gradient for the same array
IN_DOUBLE = (
    "Arrays of float32 are checked in float64 first: what else the function computes with has to "
    "be of float64 too, as module.double()."
)


def check_arrays(
    function: Callable[..., Any],
    given: Sequence[Any],
    names: Sequence[str],
    adapter: Adapter,
    settings: Settings,
    explain: bool = True,
) -> Report:
    """Check the derivatives of a function of arrays for a random weighted sum of its results.

    Args:
        function: the function, for its name.
        given: the inputs.
        names: what they are called.
        adapter: the function and its derivatives.
        settings: how to check.
        explain: whether a failure names the first node that is wrong.
    """
    original = [as_input(x, name) for x, name in zip(given, names, strict=True)]
    inputs = [x.astype(np.float64) for x in original]
    if not sum(x.size for x in inputs):
        raise ShapeError("there is nothing to differentiate for: all inputs are empty")
    rng = np.random.default_rng(settings.seed)
    singles = any(x.dtype == np.float32 for x in original)
    try:
        upstream, analytic = _evaluated(adapter, inputs, rng)
    except (Unfit, ChangesInputs) as unfit:
        return inconclusive(name_of(function), str(unfit), settings)
    except Exception as error:
        if singles:
            error.add_note(IN_DOUBLE)
        raise
    point = Point(adapter, inputs, upstream)
    report = _first_order(name_of(function), point, names, analytic, settings)
    if explain and report.verdict != "fail" and isinstance(adapter, TensorGradient):
        from engine.testing.array_blame import first_wrong_element  # which imports mpmath

        small = first_wrong_element(adapter.function, inputs)
        if small is not None:
            blame, worst = small
            return replace(report, verdict="fail", reason="", blame=blame, worst=worst)
    if report.passed and singles:
        report = _single(report, point, original, analytic, names)
    for order in range(2, settings.order + 1):
        if report.passed:
            from engine.testing.array_orders import higher_report  # which imports this

            report = higher_report(report, point, names, settings._replace(order=order))
    if explain and report.verdict == "fail" and isinstance(adapter, TensorGradient):
        return _explained(report, adapter, point, settings)
    return report


def _explained(report: Report, adapter: TensorGradient, point: Point, settings: Settings) -> Report:
    """Return the report of a failure with the first node of the graph that is wrong."""
    from engine.testing.array_blame import doubt, first_wrong, lost  # only a failure needs it

    def check(single: Callable[..., Any], arrays: Sequence[Array], settings: Settings) -> Report:
        names = parameters(single, len(arrays))
        return check_arrays(single, arrays, names, TensorGradient(single), settings, explain=False)

    blame = first_wrong(
        adapter.function, point.inputs, check, settings._replace(order=report.order)
    )
    if blame is not None:
        return replace(report, blame=blame)
    reason = report.reason or lost(adapter.function, point.inputs)
    if not reason:
        why = doubt(adapter.function, point.inputs, point.upstream)
        if why:
            return replace(report, verdict="inconclusive", reason=why)
        reason = (
            "every local derivative is right, so the chain rule was not followed: the backward "
            "sweep is wrong"
        )
    return replace(report, reason=reason)


def _first_order(
    function: str,
    point: Point,
    names: Sequence[str],
    analytic: Sequence[Array],
    settings: Settings,
) -> Report:
    rng = np.random.default_rng(settings.seed + 1)
    elements: list[Element] = []
    reason, oracle, error = "", ComplexStep.title, ComplexStep.error
    probes = probes_of(point.inputs, names, MOST, rng)
    for index, probe in enumerate(probes):
        got = along(analytic, probe.direction)
        element, why, stepped = _element(point, probe, index, got, settings)
        if element is not None:
            elements.append(element)
        reason = reason or why
        if not stepped:
            oracle, error = Differences.title, max(error, Differences.error)
    worst = worst_of(elements)
    verdict = verdict_of(worst, reason)
    if verdict == "fail":
        reason = ""
    elif verdict == "pass" and sum(x.size for x in point.inputs) > MOST:
        reason = f"{MOST} elements one by one, and all of them in one random direction"
    return Report(verdict, function, 1, oracle, error, len(elements), worst, reason)


class Unfit(EngineError):  # noqa: N818 (it is an answer)
    """A function cannot be checked; the message says why."""


def _evaluated(
    adapter: Adapter, inputs: Sequence[Array], rng: np.random.Generator
) -> tuple[Array, list[Array]]:
    """Return the weights of the results, and the gradient under test.

    Raises:
        Unfit: the function is random, changes its inputs, or has no finite result.
    """
    copies = [x.copy() for x in inputs]
    first, second = adapter.evaluate(copies), adapter.evaluate(copies)
    if first.dtype.kind == "c":
        raise OperandError(
            "the function returned complex numbers, and gradients are of real ones: check its real "
            "and its imaginary part"
        )
    _check_kept(inputs, copies)
    if not _alike(first, second):
        raise Unfit(
            "the function gave two results for the same inputs: it is random or keeps a state"
        )
    if not first.size:
        raise Unfit(f"the function returned an array of shape {first.shape}, without any element")
    if not np.isfinite(first).all():
        raise Unfit("the function is nan or inf here")
    upstream = np.round(rng.normal(size=first.shape), 2) + 0.005  # short, and never 0
    gradients = []
    for _ in range(2):
        given = upstream.copy()
        found = adapter.derivative(copies, given)
        gradients.append([np.array(gradient) for gradient in found])  # which may be the same arrays
        if not np.array_equal(given, upstream):
            raise Unfit("the vjp changes the gradient of the output in place")
    _check_kept(inputs, copies)
    if not all(map(_alike, *gradients)):
        raise Unfit("the gradient differs from one call to the next: it is random or keeps a state")
    return upstream, gradients[0]


def _alike(one: Array, other: Array) -> bool:
    return one.shape == other.shape and np.array_equal(one, other, equal_nan=True)


def _check_kept(inputs: Sequence[Array], copies: Sequence[Array]) -> None:
    for i, (x, copy) in enumerate(zip(inputs, copies, strict=True)):
        if not np.array_equal(x, copy, equal_nan=True):
            raise Unfit(f"the function or its gradient changes input {i} in place")


# ----- One derivative --------------------------------------------------------------------------


def _element(
    point: Point, probe: Probe, index: int, got: float, settings: Settings
) -> tuple[Element | None, str, bool]:
    """Return one derivative by both ways, why that is not possible, and if by a complex step."""
    name, direction, at = probe
    found = slope(lambda t: point.total(direction, t - at), at)
    relative = RELATIVE if settings.rtol is None else settings.rtol
    if not found.settled():
        return None, unsettled(found, got, name), False
    if settings.oracle != "differences":
        stepped = _complex_step(point, direction, at)
        if stepped is not None:
            value, terms = stepped
            if abs(value - found.value) <= AGREEMENT * abs(value) + found.allowance():
                allowance = relative * terms + settings.atol + STEP  # of a third derivative
                return Element(name, index, got, value, abs(got - value), allowance), "", True
    if settings.oracle == "complex_step":
        return None, "the function does not take complex numbers, which complex_step needs", True
    allowance = found.allowance() + relative * abs(found.value) + settings.atol
    error = abs(got - found.value)
    return Element(name, index, got, found.value, error, allowance), "", False


def _complex_step(point: Point, direction: Direction, at: float) -> tuple[float, float] | None:
    """Return the derivative by a complex step and the size of its terms; None without one."""
    step = STEP * (min(abs(at), 1.0) or 1.0)
    if step == 0.0:  # beside the least floats
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            stepped = point.moved(direction, 1j * step)
    except Exception:  # whatever a function raises that takes no complex numbers
        return None
    if stepped.dtype.kind != "c":
        return None
    terms = stepped.imag.ravel() / step
    if not close(math.fsum(stepped.real.ravel()), point.total(direction, 0.0)):
        return None
    return math.fsum(terms), float(np.abs(terms).sum())


# ----- float32 ---------------------------------------------------------------------------------


def _single(
    report: Report,
    point: Point,
    original: Sequence[Array],
    right: Sequence[Array],
    names: Sequence[str],
) -> Report:
    """Return the report with the gradients for the inputs as they are beside those in float64."""
    copies = [x.copy() for x in original]
    upstream = point.upstream.astype(point.adapter.evaluate(copies).dtype)
    gradients = point.adapter.derivative(copies, upstream)
    elements: list[Element] = []
    for name, got, exact in zip(names, gradients, right, strict=True):
        allowance = SINGLE * float(np.abs(exact).max(initial=0.0))
        for index in np.ndindex(exact.shape):
            off = abs(float(got[index]) - float(exact[index]))
            where = f"{name}[{', '.join(map(str, index))}]" if index else name
            analytic, numeric = float(got[index]), float(exact[index])
            elements.append(
                Element(f"{where} in float32", len(elements), analytic, numeric, off, allowance)
            )
    worst = worst_of(elements)
    if worst is not None and worst.ratio > 1.0:
        return replace(report, verdict="fail", worst=worst, reason="right in float64 alone")
    note = f"in float64, and in float32 within {SINGLE:.1g} of the largest"
    return replace(report, reason="; ".join(filter(None, [report.reason, note])))


def no_oracle(settings: Settings) -> None:
    """Raise for an oracle that arrays do not have."""
    if settings.oracle not in ("auto", "complex_step", "differences"):
        raise NumberError(
            f"oracle={settings.oracle!r} needs the graph of a function of Values; for arrays there "
            "are complex_step and differences"
        )
    if settings.oracle == "complex_step" and settings.order > 1:
        raise NumberError(
            f"oracle='complex_step' gives first derivatives of arrays: order={settings.order} "
            "needs differences"
        )
