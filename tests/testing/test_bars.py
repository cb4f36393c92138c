"""What the kit promises: a small error in any rule is caught, and a right rule never accused."""

from __future__ import annotations

import math
from typing import Any

import pytest

import engine
from engine import ops
from engine.testing import assert_gradients, check_gradients
from engine.testing.oracles.closed_form import ClosedForm
from engine.testing.oracles.local import ROUNDING, NotApplicable
from engine.testing.oracles.reference import CASES, Case
from engine.value import Value
from tests.testing.planting import function_of, planted

FACTOR = 1.0001
FLAT = {"step", "sign", "floor", "ceil", "round", "floor_divide"}  # 0 has no relative error


def tellable(case: Case, point: tuple[float, ...], operand: int) -> bool:
    """Return whether 0.01 % of a derivative is more than rounding and underflow explain."""
    out = function_of(case.op)(*map(Value, point))
    if not math.isfinite(out.data):
        return False
    try:
        slope = ClosedForm().slopes(case.op, point, out.data)[operand]
    except NotApplicable:
        return False
    local = out.local_gradients[operand]
    if slope is None or not math.isfinite(local * FACTOR):
        return False
    return abs(local) * (FACTOR - 1.0) > 2.0 * (ROUNDING * slope.size + slope.slack)


@pytest.mark.parametrize("case", [c for c in CASES if c.name not in FLAT], ids=lambda c: c.name)
def test_an_error_of_a_ten_thousandth_is_caught(case: Case) -> None:
    tried: dict[int, int] = {}
    for point in case.points(24):
        for operand in range(len(point)):
            if tried.get(operand, 0) < 2 and tellable(case, point, operand):
                tried[operand] = tried.get(operand, 0) + 1
                report = check_gradients(planted(case.op, operand, FACTOR), *point)
                assert report.verdict == "fail", f"{case.name}{point}, operand {operand}: {report}"
                assert report.blame is not None
    assert set(tried) >= {i for i, rule in enumerate(case.op.derivatives) if rule is not None}
    assert tried


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_right_op_is_not_accused(case: Case) -> None:
    passed = 0
    for point in case.points(18):
        report = check_gradients(function_of(case.op), *point)
        assert report.verdict != "fail", f"{case.name}{point}: {report}"
        passed += report.passed
    assert passed >= 5  # the others overflow


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_second_derivatives_of_a_right_op_are_not_accused(case: Case) -> None:
    for point in case.points(4):
        report = check_gradients(function_of(case.op), *point, order=2)
        assert report.verdict != "fail", f"{case.name}{point}: {report}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_row_keeps_its_promises(case: Case) -> None:
    for kink in case.op.kinks:
        report = check_gradients(function_of(case.op), *kink.at)
        undefined = any(x is not None and math.isnan(x) for x in (kink.value, *kink.gradient))
        assert report.verdict == ("inconclusive" if undefined else "pass"), report


@pytest.mark.parametrize("case", [c for c in CASES if not c.op.analytic], ids=lambda c: c.name)
def test_a_broken_promise_is_caught(case: Case) -> None:
    for kink in case.op.kinks:
        if all(x is not None and math.isfinite(x) for x in (kink.value, *kink.gradient)):
            for operand in range(len(kink.at)):
                report = check_gradients(planted(case.op, operand, 1.0, 0.25), *kink.at)
                assert report.verdict == "fail", f"{kink}: {report}"


RIGHT = {
    "atan2 at its cut": (lambda x, y: engine.atan2(x, y), (-0.0, -1.5)),
    "atan2 at -0, -0": (lambda x, y: engine.atan2(x, y), (-0.0, -0.0)),
    "log10 of nearly the largest float": (lambda x: engine.log10(x), (1.7961611776850667e308,)),
    "prod that underflows on the way": (lambda x, y: engine.prod([x, x, y]), (-1e-192, 1e131)),
    "clip with crossed bounds": (lambda x, y: engine.clip(x, y, x), (1.5, 3.0)),
    "polygamma far below 0": (lambda x: engine.polygamma(2.0, x), (-190169.74974640366,)),
    "a quotient beyond the floats": (lambda x, y: x % y, (5e99, -1.4e-271)),
    "a subnormal length": (lambda x: engine.hypot(x, x), (-1.288438781e-314,)),
    "a slope below the floats, then a large factor": (
        lambda x: engine.reciprocal(1.0 + x * x) * 0.025,
        (-1.2081815906851294e105,),
    ),
    "divide by -0": (lambda x, y: x / y, (1.0, -0.0)),
    "underflow, then a large factor": (lambda x: engine.sin(x * 1e-200) * 1e-200 * 1e250, (0.5,)),
    "huge and cancelling": (lambda x, y: x * 1e300 - x * 1e300 + y, (0.5, 1.5)),
    "ill-conditioned": (lambda x: engine.sin(x * 1e12) * engine.exp(x * 300.0), (0.123456789,)),
    "terms that overflow": (lambda x: 1 / x - 1 / x + x, (1e-200,)),
    "paths that cancel": (lambda x: (engine.exp(x) + 1) * 1e8 - engine.exp(x) * 1e8, (0.5,)),
    "lgamma at its least": (lambda x: engine.lgamma(x), (1.4616321449683622,)),
    "a long sum": (lambda x: engine.sum([x * (1.0 + i) for i in range(300)]), (0.1,)),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_program_is_not_accused(name: str) -> None:
    function, inputs = RIGHT[name]
    for order in (1, 2):
        assert check_gradients(function, *inputs, order=order).verdict != "fail"


@pytest.mark.parametrize(
    "function",
    [
        lambda x: (x * 1e-200) * 1e200 * 1e200,
        lambda x: (x * 1e-200) * -1e200 * 1e200,
        lambda x: (x * 1e-200) * 1e200 * 1e200 + x * 1e-200 * -1e200 * 1e200,
    ],
)
def test_a_gradient_that_overflows_on_the_way_is_not_passed_over(function: Any) -> None:
    report = check_gradients(function, 1.0)
    assert (report.verdict, report.reason) == (
        "inconclusive",
        "a term of the gradient for x overflows",
    )


def test_underflow_on_the_way_is_not_passed_over() -> None:
    report = check_gradients(lambda x: engine.sin(x) * 1e250 * 1e-200 * 1e-200, 0.5)
    assert report.verdict == "inconclusive"
    assert "underflow on the way" in report.reason


@pytest.mark.parametrize("x", [1e3, 1e100, 1e245])
def test_no_allowance_for_underflow_hides_an_error_far_out(x: float) -> None:
    assert check_gradients(planted(ops.gelu, 0, FACTOR), x).verdict == "fail"
    assert check_gradients(planted(ops.power, 0, FACTOR), x, 1.0).verdict == "fail"


def test_a_program_of_ten_ops_with_one_wrong_in_any_place() -> None:
    for wrong in range(10):

        def program(x: Value, y: Value, wrong: int = wrong) -> Value:
            rows = (ops.tanh, ops.exp, ops.sin, ops.sigmoid, ops.erf, ops.atan, ops.softplus)
            out = x
            for i in range(10):
                row = (ops.multiply, ops.add, ops.hypot)[i // 3 % 3] if i % 3 == 2 else rows[i % 7]
                operands = [out, y] if i % 3 == 2 else [out]
                out = planted(row, 0, FACTOR)(*operands) if i == wrong else row(*operands)
            return out

        report = check_gradients(program, 0.4, 1.3)
        assert report.verdict == "fail"
        assert report.blame is not None
    assert_gradients(lambda x, y: program(x, y, -1), 0.4, 1.3)
