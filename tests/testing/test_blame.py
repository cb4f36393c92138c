"""On failure the first wrong node is named: the expression, the line, and a program that fails."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import engine
from engine import Value, ops, primitive, reductions
from engine.op import Op
from engine.testing import Element, GradientError, Report, check_gradients
from engine.testing.blame import reproducer
from tests.testing.planting import planted


@primitive(lambda out, x: 3.0003 * x * x)
def cube(x: float) -> float:
    return x * x * x


def replaced(op: Op, operand: int, rule: Callable[..., Any], monkeypatch: Any) -> None:
    """Give an op of the table another derivative for one operand, while a test runs."""
    rules = list(op.derivatives)
    rules[operand] = rule
    monkeypatch.setattr(op, "derivatives", tuple(rules))


def rerun(report: Report) -> None:
    """Run the reproducer of a report; it has to find the same again."""
    assert report.blame is not None
    with pytest.raises(GradientError) as caught:
        exec(report.blame.code, {"__name__": "reproducer"})
    again = caught.value.report
    assert again.blame.expression == report.blame.expression
    assert again.blame.what.split(" (for ")[0] == report.blame.what.split(" (for ")[0]


def test_a_wrong_rule_of_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    replaced(ops.tanh, 0, lambda out, x: 1.0 - out * out * 1.001, monkeypatch)

    def f(x: Value, y: Value) -> Value:
        h = engine.exp(x) * y
        h = engine.tanh(h)  # the wrong one
        return h * engine.sigmoid(h)

    report = check_gradients(f, 0.5, -0.25)
    assert report.verdict == "fail"
    assert report.blame is not None
    assert report.blame.expression == f"tanh({-0.25 * math.exp(0.5)!r})"
    assert report.blame.line == "h = engine.tanh(h)  # the wrong one"
    assert report.blame.source is not None
    path, line = report.blame.source.rsplit(":", 1)
    assert path == __file__
    assert int(line) == f.__code__.co_firstlineno + 2
    shown = f"test_blame.py:{line}: h = engine.tanh(h)  # the wrong one"
    assert f"  line      {shown}\n" in str(report)
    assert f">{shown}<" in report._repr_html_()
    rerun(report)


def test_the_first_of_several_wrong_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    replaced(ops.sin, 0, lambda out, x: -ops.cos(x), monkeypatch)
    report = check_gradients(lambda x: engine.sin(engine.sin(x) + 1.0), 0.5)
    assert report.blame is not None
    assert report.blame.expression == "sin(0.5)"


def test_the_operand_is_named_and_constants_stay_constants(monkeypatch: pytest.MonkeyPatch) -> None:
    replaced(ops.hypot, 1, lambda out, x, y: y / out * 2.0, monkeypatch)
    report = check_gradients(lambda y: engine.hypot(-3.0, y), 4.0)
    assert report.blame is not None
    assert "for operand 1 is 0.8, not 1.6" in report.blame.what
    assert "lambda y: hypot(-3.0, y), 4.0" in report.blame.code
    rerun(report)


def test_a_wrong_reduction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reductions.mean, "partials", lambda out, xs: [1.0] * len(xs))
    report = check_gradients(lambda *xs: engine.mean([*xs, 1.0]), 2.0, 3.0)
    assert report.blame is not None
    assert "mean.reduce([x, y, 1.0])" in report.blame.code
    rerun(report)


def test_a_row_that_is_made_by_a_function(monkeypatch: pytest.MonkeyPatch) -> None:
    row = reductions.softmax_at(1)
    monkeypatch.setattr(row, "partials", lambda out, xs: [out * x for x in xs])
    report = check_gradients(lambda x, y: engine.softmax([x, y])[1], 0.5, 0.25)
    assert report.blame is not None
    assert "from engine.reductions import softmax_at" in report.blame.code
    rerun(report)


def test_a_primitive_of_a_module_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    report = check_gradients(lambda x: cube(engine.exp(x)), 0.5)
    assert report.blame is not None
    assert report.blame.code.startswith(f"from {__name__} import cube\n")
    rerun(report)


def test_a_primitive_inside_a_function_is_written_out() -> None:
    @primitive(lambda out, x: 2.01 * x)
    def twice(x: float) -> float:
        return x * x

    report = check_gradients(lambda x: twice(x) + 1.0, 3.0)
    assert report.blame is not None
    assert "def twice(x: float) -> float:" in report.blame.code
    rerun(report)


def test_a_wrong_second_derivative(monkeypatch: pytest.MonkeyPatch) -> None:
    replaced(
        ops.erf,
        0,
        lambda out, x: ops.data_of(ops.exp(-x * x)) * 1.1283791670955126 + 0 * x,
        monkeypatch,
    )
    f = lambda x: engine.erf(engine.sin(x)) * 2.0  # noqa: E731 (its line is what is tested)
    assert check_gradients(f, 0.5).passed
    report = check_gradients(f, 0.5, order=2)
    assert report.verdict == "fail"
    assert report.order == 2
    assert report.blame is not None
    assert report.blame.line.startswith("f = lambda x: engine.erf(")
    assert report.blame.code.endswith("order=2)")
    rerun(report)


def test_a_wrong_value(monkeypatch: pytest.MonkeyPatch) -> None:
    forward = ops.asinh.forward
    monkeypatch.setattr(ops.asinh, "forward", lambda x: forward(x) * (1.0 + 1e-9))
    report = check_gradients(lambda x: engine.asinh(x) * 2, 0.5)
    assert report.verdict == "fail"
    assert report.blame is not None
    assert "the value of asinh(0.5) is 0.4812118250596" in report.blame.what


def test_a_wrong_sweep_is_told_from_a_wrong_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = Value._receive if hasattr(Value, "_receive") else None
    if engine.compiled or sweep is None:
        pytest.skip("the compiled sweep cannot be replaced")

    def overwrite(self: Value, gradient: float) -> None:
        self._grad, self._has_grad = gradient, True  # `=` for `+=`

    monkeypatch.setattr("engine.scalar.Scalar._receive", overwrite)
    report = check_gradients(lambda x: x * x + x, 3.0)
    assert report.verdict == "fail"
    assert report.blame is None
    assert "the backward sweep is wrong" in report.reason


def test_a_sweep_that_loses_a_part_is_told_from_a_wrong_rule(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.testing.recording.sweep", lambda roots, seeds, floor: None)
    report = check_gradients(lambda x: x * x + x, 3.0)
    assert (report.verdict, report.blame) == ("fail", None)
    assert report.reason == (
        "every local derivative is right, so the chain rule was not followed: the backward sweep "
        "is wrong, or .data was changed"
    )
    assert report.worst == Element("x", 0, 0.0, 7.0, 7.0, report.worst and report.worst.allowance)


def test_a_promised_value_that_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ops.relu6, "forward", lambda x: 0.25 if x == 0.0 else max(x, 0.0))
    report = check_gradients(lambda x: engine.relu6(x) * 2.0, 0.0)
    assert report.verdict == "fail"
    assert report.blame is not None
    assert report.blame.what == "the value of relu6(0.0) is promised 0.0"


def test_an_error_that_the_whole_gradient_does_not_show_is_found() -> None:
    # One path of 1e-20 beside one of 1: 0.01 % of it is far below the rounding of the sum.
    wrong = planted(ops.sin, 0, 1.0001)
    report = check_gradients(lambda x: x + 1e-20 * wrong(x), 0.5)
    assert report.verdict == "fail"
    assert report.blame is not None
    assert report.blame.expression == "sin(0.5)"


@pytest.mark.parametrize("numbers", [[math.inf, 1.0], [math.nan, -0.0], [1e-300, 5.0]])
def test_a_reproducer_is_python_for_any_number(numbers: list[float]) -> None:
    code = reproducer(ops.multiply, numbers, [True, True])
    got: list[Any] = []
    code = code.replace("from engine.testing import assert_gradients", "")
    exec(code, {"assert_gradients": lambda f, *xs: got.extend(xs)})
    assert [x.hex() for x in got] == [x.hex() for x in numbers]


def test_a_report_on_what_was_typed_at_a_prompt_reads_without_its_source() -> None:
    typed = """
from engine import primitive, tanh
@primitive(lambda out, x: 3.0003 * x * x)
def cube(x):
    return x ** 3
def f(x):
    return tanh(cube(x))
"""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(typed, "<stdin>", "exec"), names)
    report = check_gradients(names["f"], 0.7)
    assert report.blame is not None
    assert report.blame.place == ""
    assert "wrong     the derivative of cube(0.7)" in str(report)
    assert "# the definition of cube goes here" in report.blame.code
    lost = check_gradients(eval(compile("lambda x: x * x.data", "<stdin>", "eval")), 0.7)
    assert "0.7 × 0.7 (<stdin>:1) moves with the inputs" in lost.reason
