"""The check of functions of arrays, of which only values are known: complex steps, differences."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engine.errors import OperandError, ShapeError
from engine.testing.adapters import Adapter, Array
from engine.testing.oracles.complex_step import AGREEMENT, ComplexStep, close
from engine.testing.oracles.differences import Differences, slope
from engine.testing.paths import parameters
from engine.testing.report import Element, Report, Verdict, worst_of
from engine.testing.values import Settings, name_of
from engine.testing.whole import unsettled

MOST = 200  # elements that are checked one by one; all of them in one direction besides
STEP = 1e-40
RELATIVE = 1e-9  # of the sum of the terms' sizes: arrays are added up in any order


class Point(NamedTuple):
    """Where a function is checked, and for which weighted sum of its results."""

    adapter: Adapter
    inputs: list[Array]
    upstream: Array

    def moved(self, directions: Sequence[npt.NDArray[Any]], step: complex) -> npt.NDArray[Any]:
        """Return the weighted results a step away."""
        results = self.adapter.evaluate(
            [x + step * d for x, d in zip(self.inputs, directions, strict=True)]
        )
        weighted: npt.NDArray[Any] = self.upstream * results
        return weighted

    def total(self, directions: Sequence[Array], step: float) -> float:
        """Return the sum of the weighted results a step away."""
        return math.fsum(self.moved(directions, step).ravel())


def check_arrays(
    function: Callable[..., Any], given: Sequence[Any], adapter: Adapter, settings: Settings
) -> Report:
    """Check the gradient of a function of arrays for a random weighted sum of its results."""
    inputs = [_input(x, i) for i, x in enumerate(given)]
    if not sum(x.size for x in inputs):
        raise ShapeError("there is nothing to differentiate for: all inputs are empty")
    rng = np.random.default_rng(settings.seed)
    copies = [x.copy() for x in inputs]
    first, second = adapter.evaluate(copies), adapter.evaluate(copies)
    upstream = np.round(rng.normal(size=first.shape), 2) + 0.005  # short, and never 0
    unfit = _unfit(inputs, copies, first, second)
    analytic: list[Array] = []
    if not unfit:
        analytic = adapter.gradient(copies, upstream)
        unfit = _unfit(inputs, copies, first, first)
    if unfit:
        return Report("inconclusive", name_of(function), 1, settings.oracle, 0.0, 0, None, unfit)
    point = Point(adapter, inputs, upstream)
    names = parameters(function, len(inputs))
    elements: list[Element] = []
    reason, oracle, error = "", ComplexStep.title, ComplexStep.error
    for index, (name, directions) in enumerate(_directions(inputs, names, rng)):
        got = math.fsum(
            float(np.vdot(g, d)) for g, d in zip(analytic, directions, strict=True) if d.any()
        )
        element, why, stepped = _element(point, directions, (name, index, got), settings)
        if element is not None:
            elements.append(element)
        reason = reason or why
        if not stepped:
            oracle, error = Differences.title, max(error, 1e-11)
    worst = worst_of(elements)
    verdict: Verdict = "pass"
    if worst is not None and worst.ratio > 1.0:
        verdict, reason = "fail", ""
    elif reason:
        verdict = "inconclusive"
    elif sum(x.size for x in inputs) > MOST:
        reason = f"{MOST} elements one by one, and all of them in one random direction"
    return Report(verdict, name_of(function), 1, oracle, error, len(elements), worst, reason)


def _input(x: Any, i: int) -> Array:
    found = np.array(x.detach() if hasattr(x, "detach") else x)
    if found.dtype.kind != "f":
        raise OperandError(
            f"input {i} is an array of {found.dtype}, and gradients are of real numbers: give it "
            "as float64, as x.astype(float)"
        )
    return found.astype(np.float64)


def _unfit(
    inputs: Sequence[Array],
    copies: Sequence[Array],
    first: npt.NDArray[Any],
    second: npt.NDArray[Any],
) -> str:
    """Return why a function cannot be checked; nothing if it can."""
    for i, (x, copy) in enumerate(zip(inputs, copies, strict=True)):
        if not np.array_equal(x, copy, equal_nan=True):
            return f"the function or its gradient changes input {i} in place"
    if first.shape != second.shape or not np.array_equal(first, second, equal_nan=True):
        return "the function gave two results for the same inputs: it is random or keeps a state"
    if not np.isfinite(first).all():
        return "the function is nan or inf here"
    return ""


def _directions(
    inputs: Sequence[Array], names: Sequence[str], rng: np.random.Generator
) -> list[tuple[str, list[Array]]]:
    """Return what to move the inputs along: one element each, and all of them at random."""
    places = [(i, index) for i, x in enumerate(inputs) for index in np.ndindex(x.shape)]
    if len(places) > MOST:
        chosen = sorted(rng.choice(len(places), MOST, replace=False))
        places_checked = [places[k] for k in chosen]
    else:
        places_checked = places
    directions = []
    for i, index in places_checked:
        along = [np.zeros_like(x) for x in inputs]
        along[i][index] = 1.0
        where = f"[{', '.join(map(str, index))}]" if index else ""
        directions.append((names[i] + where, along))
    if len(places) > len(places_checked):
        directions.append(("a random direction", [rng.normal(size=x.shape) for x in inputs]))
    return directions


def _element(
    point: Point,
    directions: Sequence[Array],
    what: tuple[str, int, float],
    settings: Settings,
) -> tuple[Element | None, str, bool]:
    """Return one derivative by both ways, why that is not possible, and if by a complex step."""
    name, index, got = what
    at = _only([x[d != 0.0] for x, d in zip(point.inputs, directions, strict=True)])
    found = slope(lambda t: point.total(directions, t - at), at)
    relative = RELATIVE if settings.rtol is None else settings.rtol
    if not found.settled():
        return None, unsettled(found, got, name), False
    if settings.oracle != "differences":
        stepped = _complex_step(point, directions, at)
        if stepped is not None:
            value, terms = stepped
            if abs(value - found.value) <= AGREEMENT * abs(value) + found.allowance():
                allowance = relative * terms + settings.atol + STEP  # of a third derivative
                return Element(name, index, got, value, abs(got - value), allowance), "", True
    allowance = found.allowance() + relative * abs(found.value) + settings.atol
    error = abs(got - found.value)
    return Element(name, index, got, found.value, error, allowance), "", False


def _only(moved: Sequence[Array]) -> float:
    """Return the one number that is moved, 0 if there are several."""
    numbers = [float(x) for xs in moved for x in xs.ravel()]
    return numbers[0] if len(numbers) == 1 else 0.0


def _complex_step(
    point: Point, directions: Sequence[Array], at: float
) -> tuple[float, float] | None:
    """Return the derivative by a complex step and the size of its terms; None without one."""
    step = STEP * (min(abs(at), 1.0) or 1.0)
    try:
        with np.errstate(all="ignore"):
            stepped = point.moved(directions, 1j * step)
    except Exception:  # whatever a function raises that takes no complex numbers
        return None
    if stepped.dtype.kind != "c":
        return None
    terms = stepped.imag.ravel() / step
    if not close(math.fsum(stepped.real.ravel()), point.total(directions, 0.0)):
        return None
    return math.fsum(terms), float(np.abs(terms).sum())
