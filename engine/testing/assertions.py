"""Assertions for tests of gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.errors import GradientError
from engine.testing.check import check_gradients
from engine.testing.report import Report


def assert_gradients(
    f: Callable[..., Any],
    *inputs: Any,
    order: int = 1,
    oracle: str = "auto",
    rtol: float | None = None,
    atol: float | None = None,
    vjp: Callable[..., Any] | None = None,
    seed: int = 0,
    allow_inconclusive: bool = False,
) -> Report:
    """Assert that the derivatives of a function are right, and return the report.

    Args:
        f: as for `check_gradients`, and so are the inputs and the keywords.
        inputs: where to check.
        order: up to which order.
        oracle: what to compare with.
        rtol: the relative error that is allowed.
        atol: the absolute error that is allowed.
        vjp: the gradient under test of a function of arrays.
        seed: what random directions are drawn with.
        allow_inconclusive: whether a check that cannot say anything passes.

    Raises:
        GradientError: a derivative is wrong, or nothing can be said; it is an AssertionError.

    >>> from engine import tanh
    >>> assert_gradients(tanh, 0.5).passed
    True
    """
    report = check_gradients(
        f, *inputs, order=order, oracle=oracle, rtol=rtol, atol=atol, vjp=vjp, seed=seed
    )
    if report.verdict == "fail" or (report.verdict == "inconclusive" and not allow_inconclusive):
        raise GradientError(report)
    return report
