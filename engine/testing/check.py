"""check_gradients: whether the derivatives of a function are right."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from engine.coercion import number
from engine.errors import NumberError, ShapeError
from engine.modes import enable_grad
from engine.node import current_mode
from engine.testing.callables import as_function
from engine.testing.higher import higher_report
from engine.testing.kinds import arrays_check
from engine.testing.nearby import CHANGES_INPUTS, again, leak_reason, surroundings
from engine.testing.oracles.ladder import oracles
from engine.testing.paths import name_of
from engine.testing.recording import Recording
from engine.testing.report import Report
from engine.testing.values import Settings, graph_report, inconclusive, numbers_of
from engine.testing.whole import guarded, nearest_kink, whole_report

ORDERS = (1, 2, 3)


def check_gradients(
    f: Callable[..., Any],
    *inputs: Any,
    order: int = 1,
    oracle: str = "auto",
    rtol: float | None = None,
    atol: float | None = None,
    vjp: Callable[..., Any] | None = None,
    seed: int = 0,
) -> Report:
    """Compare the derivatives of a function with those of an independent oracle.

    Args:
        f: a function of Values that returns one number; or, with `vjp`, of NumPy arrays; or of
            Tensors, or of torch or jax arrays.
        inputs: where to check: numbers or arrays, or nested lists, tuples and dicts of them. Arrays
            of float32 are checked in float64, and then whether float32 gives the same to 1e-4.
        order: 1, 2 or 3: up to which order derivatives are checked; 1 of a `vjp`.
        oracle: "mpmath", "complex_step", "dual" or "differences"; "auto" asks, for each op of the
            graph, the first of these that applies, and the report says which.
        rtol: the relative error that is allowed, of the size of the terms that add up to a
            derivative; if not given, what rounding explains.
        atol: the absolute error that is allowed beside that; 0 if not given.
        vjp: the gradient under test, of a function of arrays: called with the inputs and the
            gradient of the output, it returns one gradient an input.
        seed: what random directions are drawn with.

    Each op is compared at the very operands that it met, so the error of an earlier op is not
    taken for one of a later. Exactly at a kink the gradient is compared with the one that the op's
    row promises. Where nothing can be said, as on a nan, the verdict is "inconclusive".

    Functions of arrays are compared as a whole, for a random weighted sum of their results: element
    by element, or where there are many in random directions, as the report then says.

    Raises:
        NumberError: order or oracle is unknown, or a tolerance is negative.
        ShapeError: there is nothing to differentiate for, or f returned several numbers.
        OperandError: an input is no number, f returned none, or f is no function of such inputs.
        GraphError: f returned a plain number: the graph was lost.
        MissingExtra: the oracle needs mpmath, which is not installed.

    >>> from engine import sin
    >>> check_gradients(lambda x, y: sin(x) * y, 0.5, 2.0).verdict
    'pass'
    >>> from engine import Tensor
    >>> check_gradients(lambda w, x: sin(w @ x), Tensor([[1.0, 2.0]]), Tensor([3.0, 4.0])).verdict
    'pass'
    """
    settings = settings_of(order, oracle, rtol, atol, seed)
    as_function(f, "f")
    if vjp is not None:
        as_function(vjp, "vjp")
    with nullcontext() if current_mode().grad else enable_grad():  # to open a mode takes time
        report = arrays_check(f, inputs, vjp, settings)
        return report if report is not None else check_values(f, inputs, settings)


def settings_of(
    order: Any = 1,
    oracle: str = "auto",
    rtol: float | None = None,
    atol: float | None = None,
    seed: Any = 0,
) -> Settings:
    """Return how to check; see `check_gradients`, whose errors it raises."""
    if type(order) is not int or order not in ORDERS:
        raise NumberError(f"order={order!r} is none of {', '.join(map(str, ORDERS))}")
    if type(seed) is not int or seed < 0:
        raise NumberError(f"seed={seed!r} is no whole number of 0 or more")
    oracles(oracle)  # which raises
    for name, given in (("rtol", rtol), ("atol", atol)):
        if given is not None and not 0.0 <= number(given, name) < math.inf:
            raise NumberError(f"{name}={given!r} is no number of 0 or more")
    return Settings(order, oracle, rtol, atol or 0.0, seed)


def check_values(
    function: Callable[..., Any], arguments: Sequence[Any], settings: Settings
) -> Report:
    """Check a function of Values."""
    numbers = numbers_of(arguments)
    if not numbers:
        raise ShapeError(
            "there is nothing to differentiate for: give check_gradients() the inputs of the "
            "function after it, as check_gradients(f, 1.0, [2.0, 3.0])"
        )
    recording = Recording(function, arguments, numbers)
    recording.check()
    name = name_of(function)
    if recording.through_tensors:
        return _through_tensors(recording, settings)
    unfit = again(recording)
    if unfit:
        return inconclusive(name, unfit, settings)
    if recording.value != recording.value:
        node = recording.first_not_finite()
        where = "" if node is None else f": the first op that is not finite is {node.op.name}"
        return inconclusive(name, f"the function is nan here{where}", settings)
    around = surroundings(recording, settings.seed)
    if around.unknown:
        return inconclusive(name, around.unknown, settings)
    if around.leaks or settings.oracle == "differences":
        report = whole_report(
            recording,
            guarded(recording),
            settings,
            near=lambda: nearest_kink(recording),
            skip=recording.selectors(),
        )
        if around.leaks:
            reason = leak_reason(recording, around.leaks)
            if report.passed:  # what was lost has no slope here
                return _first_only(report, reason, settings)
            return replace(report, reason=reason)
        if report.verdict == "fail":
            local = graph_report(recording, settings)
            return replace(report, blame=local.blame)
    else:
        report = graph_report(recording, settings)
    for order in range(2, settings.order + 1):
        if report.passed:
            report = higher_report(recording, settings._replace(order=order), report)
    return report


def _through_tensors(recording: Recording, settings: Settings) -> Report:
    """Check a function of Values that computes with Tensors, as a whole by differences."""
    name = name_of(recording.function)
    if not recording.kept:
        return inconclusive(name, CHANGES_INPUTS, settings)
    if recording.at(recording.numbers).value != recording.value:
        return inconclusive(name, "the function is nan, random, or keeps a state", settings)
    report = whole_report(recording, lambda numbers: recording.at(numbers).value, settings)
    return _first_only(report, "the function goes through Tensors", settings)


def _first_only(report: Report, why: str, settings: Settings) -> Report:
    """Return a report of first derivatives, which is no pass where higher ones were asked for."""
    if settings.order == 1 or not report.passed:
        return report
    reason = f"order {settings.order} is not checked here: {why}"
    return replace(report, verdict="inconclusive", reason=reason)
