"""A report reads well in a terminal and in a notebook."""

from __future__ import annotations

import math

import pytest

import engine
from engine import ops, primitive
from engine.testing import (
    Element,
    GradientError,
    assert_gradients,
    check_gradients,
    check_primitive,
)
from tests.testing.planting import planted


def f(x: engine.Value, w: list[engine.Value]) -> engine.Value:
    return engine.tanh(x * w[0]) + planted(ops.sin, 0, 1.001)(w[1])


def test_the_text_of_a_pass() -> None:
    text = str(check_gradients(engine.tanh, 0.5))
    assert text.splitlines()[0] == (
        "tanh: gradients pass (1 derivative of order 1 against mpmath, 50 digits)"
    )
    assert len(text.splitlines()) <= 6


def test_the_text_of_a_failure() -> None:
    report = check_gradients(f, 0.5, [1.0, 2.0])
    lines = str(report).splitlines()
    assert lines[0].startswith("f: GRADIENTS ARE WRONG (3 derivatives of order 1 against mpmath")
    assert "  worst     for w[1]" in lines
    assert any(
        line.startswith("  wrong     the derivative of sin(2.0) is -0.41614") for line in lines
    )
    assert any(line.startswith("  line      ") and "planting.py:" in line for line in lines)
    assert lines[-1] == "    assert_gradients(sin, 2.0)"
    assert all(len(line) < 160 for line in lines)


def test_the_numbers_of_a_failure() -> None:
    report = check_gradients(f, 0.5, [1.0, 2.0])
    worst = report.worst
    assert worst is not None
    assert (worst.path, worst.index) == ("w[1]", 2)
    assert worst.numeric == pytest.approx(math.cos(2.0), rel=1e-15)
    assert worst.analytic == pytest.approx(1.001 * math.cos(2.0), rel=1e-15)
    assert worst.error == pytest.approx(1e-3 * abs(math.cos(2.0)))
    assert worst.error > worst.allowance > 0.0
    assert report.oracle_error == 1e-50


def test_the_notebook_escapes_what_it_shows() -> None:
    report = check_gradients(f, 0.5, [1.0, 2.0])
    page = report._repr_html_()
    assert "GRADIENTS ARE WRONG" in page
    assert "monospace'>from engine.ops import sin" in page
    assert check_gradients(lambda x: x * 2, 1.0)._repr_html_().count("<lambda>") == 0


def test_ipython_shows_reports_as_they_are_printed() -> None:
    formatter = pytest.importorskip("IPython.core.formatters").PlainTextFormatter()
    cube = primitive(lambda out, x: 3 * x * x)(lambda x: x * x * x)
    for found in (check_gradients(f, 0.5, [1.0, 2.0]), check_primitive(cube, points=[2.0])):
        assert formatter(found) == str(found)


def test_truth_is_passing() -> None:
    assert check_gradients(engine.tanh, 0.5)
    assert not check_gradients(f, 0.5, [1.0, 2.0])
    assert not check_gradients(engine.log, -1.0)


def test_an_assertion_carries_the_report_and_returns_it() -> None:
    with pytest.raises(AssertionError, match="GRADIENTS ARE WRONG") as caught:
        assert_gradients(f, 0.5, [1.0, 2.0])
    assert isinstance(caught.value, GradientError)
    assert caught.value.report.verdict == "fail"
    assert assert_gradients(engine.tanh, 0.5).passed


def test_tolerances_of_the_user() -> None:
    wrong = planted(ops.sin, 0, 1.001)
    assert check_gradients(wrong, 0.5, rtol=1e-2).passed
    assert check_gradients(wrong, 0.5, atol=1e-2).passed
    assert check_gradients(wrong, 0.5, rtol=1e-4).verdict == "fail"
    assert check_gradients(wrong, 0.5, atol=1e-4).verdict == "fail"


def test_the_ratio_orders_elements() -> None:
    assert Element("x", 0, 1.0, 1.0, 0.0, 0.0).ratio == 0.0
    assert Element("x", 0, 1.0, 2.0, 1.0, 0.0).ratio == math.inf
    assert Element("x", 0, math.nan, 2.0, math.nan, 1.0).ratio == math.inf
    assert Element("x", 0, 1.0, 2.0, 1.0, 4.0).ratio == 0.25
