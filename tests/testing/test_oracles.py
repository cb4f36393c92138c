"""Each oracle is right where it speaks, says when it does not, and is honest about its error."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from mpmath import mp, mpf

import engine
from engine import ops, primitive, reductions
from engine.testing import Element, check_gradients
from engine.testing.domains import cut, gamma_pole
from engine.testing.kinks import DISTANCES, POINTS, distance, promised, side
from engine.testing.oracles import exact
from engine.testing.oracles.closed_form import ClosedForm
from engine.testing.oracles.complex_step import COMPLEX, ComplexStep, power as complex_power
from engine.testing.oracles.differences import EPSILON, FIRST, sides, slope
from engine.testing.oracles.dual import RELATIVE, UNDERFLOW, agree
from engine.testing.oracles.dual_numbers import RULES, DualNumbers
from engine.testing.oracles.local import LocalOracle, NotApplicable
from engine.testing.oracles.reference import CASES, Case
from engine.testing.oracles.taylor import Replay
from engine.testing.recording import Recording
from engine.testing.values import digits
from tests.testing.planting import function_of


def spoken(oracle: LocalOracle, case: Case, count: int) -> int:
    """Compare an oracle with the closed forms where it speaks, and return how often that was."""
    times = 0
    for point in case.points(count):
        out = function_of(case.op)(*point)
        if not math.isfinite(out):
            continue
        try:
            found = oracle.slopes(case.op, point, out)
            exact = ClosedForm().slopes(case.op, point, out)
        except NotApplicable:
            continue
        times += 1
        for a, b in zip(found, exact, strict=True):
            assert (a is None) == (b is None)
            if a is not None and b is not None:
                allowed = 1e-12 * max(a.size, b.size) + a.slack + b.slack + 1e-290
                assert abs(a.value - b.value) <= allowed, f"{oracle.name}: {case.name}{point}"
    return times


@pytest.mark.parametrize("case", [c for c in CASES if c.name in COMPLEX], ids=lambda c: c.name)
def test_complex_step(case: Case) -> None:
    if case.op.analytic:
        assert spoken(ComplexStep(), case, 60) >= 10


@pytest.mark.parametrize("case", [c for c in CASES if c.name in RULES], ids=lambda c: c.name)
def test_dual_numbers(case: Case) -> None:
    assert spoken(DualNumbers(), case, 60) >= 10


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_differences_are_within_their_error_or_say_nothing(case: Case) -> None:
    for point in case.points(6):
        report = check_gradients(function_of(case.op), *point, oracle="differences")
        assert report.verdict != "fail", f"{case.name}{point}: {report}"


def test_most_points_can_be_judged_by_differences() -> None:
    judged: dict[str, int] = {"pass": 0, "inconclusive": 0}
    for x in (-2.0, -0.3, 1e-8, 0.5, 3.0, 40.0):
        for f in (engine.tanh, engine.sigmoid, engine.exp, engine.atan, engine.silu, engine.sin):
            judged[check_gradients(f, x, oracle="differences").verdict] += 1
    assert judged["pass"] >= 30


@pytest.mark.parametrize("factor", [1.0001, -1.0, 0.0, 2.0])
def test_differences_catch_errors(factor: float) -> None:
    from tests.testing.planting import planted

    for x in (-2.0, 0.3, 1.7):
        report = check_gradients(planted(ops.tanh, 0, factor), x, oracle="differences")
        assert report.verdict == "fail"
        assert report.blame is not None


SMOOTH: list[tuple[Callable[[float], float], Callable[[float], float], float]] = [
    (math.exp, math.exp, 1.0),
    (math.sin, math.cos, 0.0),
    (lambda x: math.sin(1e4 * x), lambda x: 1e4 * math.cos(1e4 * x), 1.0),
    (lambda x: x**3, lambda x: 3 * x * x, 1e6),
    (lambda x: x**3, lambda x: 3 * x * x, 1e-6),
    (lambda x: x**3, lambda x: 3 * x * x, 0.0),
    (engine.log, lambda x: 1 / x, 1e-3),
    (engine.log, lambda x: 1 / x, 1e-300),
    (engine.sqrt, lambda x: 0.5 / math.sqrt(x), 1e-8),
    (math.tanh, lambda x: 1 / math.cosh(x) ** 2, 12.0),
    (lambda x: 1e10 + x, lambda x: 1.0, 0.5),
    (lambda x: 3.0, lambda x: 0.0, 2.0),
    (math.floor, lambda x: 0.0, 2.5),
    (lambda x: abs(x) ** 1.5 * math.copysign(1, x), lambda x: 1.5 * abs(x) ** 0.5, 1e-12),
    (lambda x: math.sin(2 * math.pi * 64 * x), lambda x: 128 * math.pi, 0.0),
    (lambda x: 1e10 + x, lambda x: 1.0, 1e-6),  # whose slope shows at steps of 1 alone
]


@pytest.mark.parametrize(("function", "derivative", "x"), SMOOTH)
def test_a_slope_is_within_its_error(
    function: Callable[[float], float], derivative: Callable[[float], float], x: float
) -> None:
    found = slope(function, x)
    assert abs(found.value - derivative(x)) <= found.allowance()
    assert found.settled()


@pytest.mark.parametrize(("function", "derivative", "x"), SMOOTH[:9])
def test_the_slope_of_each_side_is_within_its_error(
    function: Callable[[float], float], derivative: Callable[[float], float], x: float
) -> None:
    for found in sides(function, x):
        assert abs(found.value - derivative(x)) <= found.error
        # Of five values with steps as short as rounding lets them be half of all digits are left.
        assert found.error <= 1e-8 * max(abs(derivative(x)), 1e-20)


def test_of_a_constant_only_rounding_hides_the_slope_of_a_side() -> None:
    for found in sides(lambda x: 3.0, 2.0):
        roundings = found.error * (FIRST * 2.0) / (EPSILON * 3.0)
        assert 16 / 3 <= roundings <= 8.0  # the weights of five values add up to 32/3; half an ulp


@pytest.mark.parametrize("x", [0.0, 1e-300, -1e-12, 1e-6])
def test_a_slope_beside_a_kink_is_that_of_its_side(x: float) -> None:
    found = slope(lambda t: max(t, 0.0), x)
    if found.settled():
        assert found.value == pytest.approx(float(x > 0.0), abs=found.allowance())
    else:
        assert x == 0.0
        assert (found.below, found.above) == (0.0, pytest.approx(1.0))


@pytest.mark.parametrize("function", [math.sqrt, engine.cbrt, engine.reciprocal, engine.log])
def test_where_there_is_no_slope_none_settles(function: Callable[[float], float]) -> None:
    assert not slope(engine.cbrt, 0.0).settled()
    assert not slope(lambda x: function(x) if x > 0 else math.nan, 0.0).settled()
    assert not slope(math.floor, 2.0).settled()


def test_an_input_that_nothing_is_computed_from_has_a_gradient_of_0() -> None:
    recording = Recording(lambda x, y: x * x, [0.75, 0.5], [0.75, 0.5])
    assert Replay(recording).derivatives([]) == [1.5, 0.0]


def test_the_condition_of_where_passes_no_gradient_on() -> None:
    recording = Recording(lambda x: engine.where(engine.sin(x), x * x, x), [0.75], [0.75])
    assert Replay(recording).derivatives([]) == [1.5]


@pytest.mark.parametrize(
    ("op", "point", "off"),
    [
        (ops.tanh, (0.5,), 1e-11 * math.tanh(0.5)),
        (ops.square, (-300.0,), 1e-11 * 90000.0),
        (reductions.dot, (1.0, 1.0, 1.0, -1.0), 2e-11),  # of the terms that cancel
        (reductions.dot, (1.0, 1.0, 3.0, -1.0), 4e-11),
        (ops.multiply, (1e-200, 1e-200), 8 * 5e-324),  # where all of it underflows
        (ops.atan2, (0.0, -1.0), 1e-11 * math.pi),
        (reductions.logsumexp, (-math.log(2.0), -math.log(2.0)), 1e-11),  # of terms of 1
    ],
)
def test_a_value_may_be_off_so_far_and_no_farther(
    op: Any, point: tuple[float, ...], off: float
) -> None:
    right = function_of(op)(*point)
    for sign in (1.0, -1.0):
        off = max(off, 5e-324)
        ClosedForm().slopes(op, point, right + sign * off * (1.0 if off < 1e-300 else 0.999))
        with pytest.raises(NotApplicable, match=r"^the value of \{\} is .*, and its f") as caught:
            ClosedForm().slopes(op, point, right + sign * off * 1.125)
        assert caught.value.final
        assert caught.value.is_error


def test_what_the_oracles_do_not_know() -> None:
    with pytest.raises(NotApplicable, match="log has no finite derivative here") as caught:
        ClosedForm().slopes(ops.log, [-1.0], 0.5)
    assert caught.value.final
    assert not caught.value.is_error
    with pytest.raises(NotApplicable, match="acosh has no finite derivative here"):
        ClosedForm().slopes(ops.acosh, [0.5], 0.5)
    with pytest.raises(NotApplicable, match="tanh has an operand that is not finite"):
        ClosedForm().slopes(ops.tanh, [math.inf], 1.0)
    with pytest.raises(NotApplicable, match="complex step overflows here"):
        ComplexStep().slopes(ops.power, [1e-100, -3.0], 1e300)
    with pytest.raises(NotApplicable, match="the rules of dual numbers overflow here"):
        DualNumbers().slopes(reductions.prod, [1e90] * 5, math.inf)


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        (0.5, 0.25, 0.5**0.25),
        (-1.5, 64.0, 1.5**64),
        (-1.5, -63.0, -(1.5**-63)),
        (1.5, 65.0, 1.5**65),
        *[(-1.5, 65.0, None), (-1.5, -65.0, None), (-0.5, 0.25, None), (0.0, 0.25, None)],
        *[(-0.5, 3.0 + 1e-40j, None), (0.0, 2.0 + 1e-40j, None)],
    ],
)
def test_a_complex_power_of_what_is_not_positive_has_a_whole_exponent(
    x: float, y: complex, expected: float | None
) -> None:
    if expected is None:
        with pytest.raises(NotApplicable, match="no branch of a power of a number of 0 or less"):
            complex_power(complex(x), complex(y))
    else:
        assert complex_power(complex(x), complex(y)) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("oracle", [ComplexStep(), DualNumbers()], ids=lambda oracle: oracle.name)
def test_of_which_operands_the_weaker_oracles_speak(oracle: LocalOracle) -> None:
    largest = 1e150 if oracle.name == "complex_step" else 1e100
    for x in (0.0, -0.99 * largest, 1.01 / largest):
        assert [s and float(s.value) for s in oracle.slopes(ops.identity, [x], x)] == [1.0]
    for x in (1.01 * largest, -1.01 * largest, 0.99 / largest, math.inf):
        with pytest.raises(NotApplicable, match=r"overflows? for operands of this size"):
            oracle.slopes(ops.identity, [x], x)


def test_gradients_agree_up_to_a_rounding_of_their_terms() -> None:
    assert agree(RELATIVE, 0.0, 1.0 - UNDERFLOW)
    assert not agree(1.001 * RELATIVE, 0.0, 1.0)
    assert agree(UNDERFLOW, 0.0, 0.0)
    assert not agree(0.0, 1.001 * UNDERFLOW, 0.0)
    assert not agree(math.nan, 0.0, 1.0)


@pytest.mark.parametrize("x", [-0.5, -7.25, -299.75, -300.5, -1000.125, 3.5])
@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_polygamma_below_0_is_that_of_mpmath(n: int, x: float) -> None:
    with mp.workdps(60):
        assert mp.almosteq(exact.polygamma(mpf(n), mpf(x)), mp.psi(n, mpf(x)), 1e-40)


def test_numbers_of_many_digits_are_added_in_many() -> None:
    outside = mp.dps
    with digits():
        assert mp.dps == 50
    assert mp.dps == outside


def test_the_sizes_of_dual_numbers_are_those_of_the_terms() -> None:
    (of_x, of_y) = DualNumbers().slopes(ops.multiply, [3.0, -0.5], -1.5)
    assert of_x == (-0.5, 0.5, 0.0)
    assert of_y == (3.0, 3.0, 0.0)


def test_what_a_complex_step_may_be_off() -> None:
    (of_x, of_y) = ComplexStep().slopes(ops.multiply, [3.0, -0.5], -1.5)
    least = 4 * 5e-324 / 1e-40
    assert of_x == (pytest.approx(-0.5), 0.5, pytest.approx(3.0 * least, abs=0.0))
    assert of_y == (pytest.approx(3.0), 3.0, pytest.approx(least / 0.5, abs=0.0))
    (of_sum,) = ComplexStep().slopes(primitive(lambda out, x: 1.0)(lambda x: x + 8.0), [2.0], 10.0)
    assert of_sum is not None
    assert (of_sum.value, of_sum.size) == (pytest.approx(1.0), 5.0)
    (at_0,) = ComplexStep().slopes(cube, [0.0], 0.0)
    assert at_0 is not None
    assert at_0.value == 0.0
    assert at_0.slack == pytest.approx(1e-40 + least, abs=0.0)


def test_a_row_with_another_parameter_has_its_reference() -> None:
    xs = [1.0, 2.0, 4.0]
    row = reductions.variance(0.5)
    found = ClosedForm().slopes(row, xs, row.reduce(xs))
    assert [float(s.value) for s in found if s] == pytest.approx(
        [2 * (x - 7 / 3) / 2.5 for x in xs], rel=1e-15
    )


def test_the_report_of_differences_of_the_whole() -> None:
    found = slope(math.sin, 0.5)
    report = check_gradients(engine.sin, 0.5, oracle="differences")
    error = abs(math.cos(0.5) - found.value)
    allowance = found.allowance() + 1e-12 * abs(found.value)
    assert report.worst == Element("operand 0", 0, math.cos(0.5), found.value, error, allowance)
    assert report.oracle_error == found.error / abs(found.value)
    assert (report.checked, report.reason) == (1, "")
    given = check_gradients(engine.sin, 0.5, oracle="differences", rtol=1e-3, atol=0.25)
    assert given.worst is not None
    assert given.worst.allowance == found.allowance() + 1e-3 * abs(found.value) + 0.25
    flat = check_gradients(lambda x: x * 0.0, 0.0, oracle="differences")
    assert flat.passed
    assert flat.oracle_error > 0.0


# ----- Which oracle is asked -----------------------------------------------------------------


@primitive(lambda out, x: 3 * x * x)
def cube(x: float) -> float:
    return x * x * x


@primitive(lambda out, x: out)
def real_exp(x: float) -> float:
    return math.exp(x)


@primitive(lambda out, x: 2 * abs(x))  # a row that says it is analytic, and is not
def signed_square(x: float) -> float:
    return x * abs(x)


def test_auto_takes_the_strongest_and_says_which() -> None:
    assert "mpmath" in check_gradients(engine.tanh, 0.5).oracle
    assert check_gradients(cube, 0.5).oracle == "complex step"
    assert check_gradients(real_exp, 0.5).oracle == "6-point differences"
    both = check_gradients(lambda x: real_exp(engine.tanh(x)), 0.5)
    assert both.oracle == "mpmath, 50 digits; 6-point differences"
    assert 1e-14 < both.oracle_error < 1e-7


@pytest.mark.parametrize("x", [0.0, -0.0, 1e-30, 1e-100])
def test_a_complex_step_where_the_derivative_is_nothing(x: float) -> None:
    assert check_gradients(cube, x).passed


def test_differences_guard_a_complex_step_that_is_wrong() -> None:
    report = check_gradients(signed_square, -0.5)
    assert report.passed
    assert report.oracle == "6-point differences"


@pytest.mark.parametrize("oracle", ["mpmath", "complex_step", "dual", "differences"])
def test_an_oracle_can_be_chosen(oracle: str) -> None:
    f = lambda x, y: engine.sin(x) * y + engine.exp(x / y)  # noqa: E731
    assert check_gradients(f, 0.5, 2.0, oracle=oracle).passed


def test_an_oracle_that_does_not_apply_says_why() -> None:
    report = check_gradients(engine.relu, 1.0, oracle="complex_step")
    assert report.verdict == "inconclusive"
    assert "complex step does not apply to relu, which is not analytic" in report.reason
    assert "no closed form of cube" in check_gradients(cube, 1.0, oracle="mpmath").reason
    assert "no rule of lgamma" in check_gradients(engine.lgamma, 1.5, oracle="dual").reason


def test_a_users_op_is_not_taken_for_the_row_of_its_name() -> None:
    @primitive(lambda out, x: 2 * x)
    def tanh(x: float) -> float:
        return x * x

    assert check_gradients(tanh, 3.0).passed


def test_without_mpmath() -> None:
    code = """
import sys
sys.modules["mpmath"] = None
import engine
from engine.testing import MissingExtra, check_gradients
report = check_gradients(lambda x: engine.tanh(x) * engine.erf(x), 0.5, order=2)
assert report.passed, report
assert "mpmath" not in report.oracle
assert not check_gradients(lambda x: x * x.detach(), 0.5)
try:
    check_gradients(engine.tanh, 0.5, oracle="mpmath")
except MissingExtra as error:
    print(error)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert 'pip install "stepgrad[testing]"' in run.stdout


# ----- Kinks -----------------------------------------------------------------------------------

KINKED = [case for case in CASES if not case.op.analytic and case.name != "where"]


@pytest.mark.parametrize("case", KINKED, ids=lambda case: case.name)
def test_every_op_with_kinks_tells_how_far_they_are(case: Case) -> None:
    for kink in case.op.kinks:
        if all(map(math.isfinite, (*kink.at, kink.value))):
            found = distance(case.op, kink.at)
            assert found is not None
            assert found.size == 0.0, kink
    for point in case.points(30):
        found = distance(case.op, point)
        assert found is not None
        assert found.size >= 0.0


@pytest.mark.parametrize(
    ("op", "operands", "size", "operand"),
    [
        (ops.relu, (-0.25,), 0.25, 0),
        (ops.relu6, (5.5,), 0.5, 0),
        (ops.hardtanh, (-1.25,), 0.25, 0),
        (ops.maximum, (1.0, 1.75), 0.75, 1),
        (ops.minimum, (1.0, 1.75), 0.75, 0),
        (engine.max, (3.0, 5.0, 4.5), 0.5, 1),
        (ops.clip, (0.25, 0.0, 1.0), 0.25, 0),
        (ops.floor, (2.75,), 0.25, 0),
        (ops.round, (2.25,), 0.25, 0),
        (ops.remainder, (5.5, 2.0), 0.5, 0),
        (ops.hypot, (3.0, 4.0), 5.0, 1),
    ],
)
def test_distance(op: Any, operands: tuple[float, ...], size: float, operand: int) -> None:
    assert distance(op, operands) == (size, operand)


@pytest.mark.parametrize(
    ("x", "away"),
    [(-2.0, 0.0), (-1.25, 0.25), (-0.5, 0.5), (0.25, 0.25), (0.75, 0.75), (1.0, 1.0), (3.5, 3.5)],
)
def test_the_poles_of_gamma_are_0_and_the_negative_whole_numbers(x: float, away: float) -> None:
    assert gamma_pole(x) == away


@pytest.mark.parametrize(("y", "x", "away"), [(0.5, -3.0, 0.5), (3.0, 4.0, 5.0), (2.0, 0.0, 2.0)])
def test_atan2_jumps_at_the_negative_half_line(y: float, x: float, away: float) -> None:
    assert cut(y, x) == cut(-y, x) == away


def test_sides_differ_across_a_kink_and_nowhere_else() -> None:
    assert side(ops.relu, [-1.0]) == side(ops.relu, [-2.0]) != side(ops.relu, [1.0])
    assert side(ops.floor, [2.5]) == side(ops.floor, [2.25]) != side(ops.floor, [1.5])
    assert side(ops.maximum, [1.0, 2.0]) != side(ops.maximum, [2.0, 1.0])
    assert side(ops.round, [2.25]) != side(ops.round, [2.75])
    assert side(ops.clip, [0.5, 0.0, 1.0]) != side(ops.clip, [1.5, 0.0, 1.0])
    assert side(ops.where, [1.0, 0.0, 3.0]) == side(ops.where, [1.0, 2.0, 0.0])
    assert side(ops.where, [1.0, 0.0, 3.0]) != side(ops.where, [0.0, 0.0, 3.0])
    for op in (ops.remainder, ops.floor_divide):
        assert side(op, [5.5, 2.0]) == side(op, [4.5, 2.0]) == 2.0
        assert side(op, [3.5, 2.0]) == 1.0
        assert side(op, [5.5, 0.0]) is None
    assert side(ops.tanh, [0.5]) is None


def test_only_an_op_without_kinks_says_that_it_is_analytic() -> None:
    assert {case.op.name for case in KINKED} == {*POINTS, *DISTANCES}


@pytest.mark.parametrize(
    ("op", "kink"),
    [
        *[(getattr(ops, name), (point,)) for name, points in POINTS.items() for point in points],
        *[(ops.floor, (2.0,)), (ops.ceil, (2.0,)), (ops.clip, (0.0, 0.0, 1.0))],
        *[(ops.clip, (1.0, 0.0, 1.0)), (ops.maximum, (1.0, 1.0)), (ops.minimum, (1.0, 1.0))],
    ],
    ids=lambda x: getattr(x, "name", str(x)),
)
def test_a_kink_is_on_neither_side_of_itself(op: Any, kink: tuple[float, ...]) -> None:
    below, at, above = (side(op, [kink[0] + h, *kink[1:]]) for h in (-0.25, 0.0, 0.25))
    assert below != at != above != below


def test_a_promise_holds_for_either_zero_unless_it_is_infinite() -> None:
    assert promised(ops.abs, [-0.0]) is not None
    assert promised(ops.divide, [1.0, -0.0]) is None
    assert promised(ops.maximum, [math.nan, 1.0]) is not None
    assert promised(ops.relu, [1e-300]) is None


@pytest.mark.parametrize("x", [1e-300, -1e-300, 1e-12])
def test_beside_a_kink_the_gradient_is_that_of_the_side(x: float) -> None:
    assert check_gradients(engine.relu, x).passed
    assert check_gradients(engine.abs, x, order=2).passed


def test_differences_name_the_kink_and_its_distance() -> None:
    f = lambda x: engine.relu(engine.sin(x) - 0.5) + x  # noqa: E731
    x = math.asin(0.5) + 1e-16
    report = check_gradients(f, x, oracle="differences")
    assert report.verdict == "inconclusive"
    assert "relu(" in report.reason
    assert "from a kink in operand 0" in report.reason


def test_exactly_at_a_kink_a_pass_says_so() -> None:
    report = check_gradients(lambda x: engine.maximum(x, 2.0) * 3, 2.0)
    assert report.passed
    assert report.worst is not None
    assert report.worst.analytic == 1.5
    assert "max(2.0, 2.0) is at a kink" in report.reason
    tie = check_gradients(lambda x, y: engine.max([x, y, 1.0]), 7.0, 7.0)
    assert tie.passed
    assert "kink of max" in tie.reason


def test_there_is_no_second_derivative_at_a_kink() -> None:
    report = check_gradients(lambda x: engine.relu(x) * x, 0.0, order=2)
    assert report.verdict == "inconclusive"
    assert "relu is at a kink" in report.reason


def test_closed_forms_at_the_ends_of_their_domains() -> None:
    assert [exact.log(mpf(x)) for x in (0, 1)] == [-mp.inf, 0]
    assert mp.isnan(exact.log(mpf(-1)))
    assert [exact.power(mpf(0), mpf(y)) for y in (2, 0, -1)] == [0, 1, mp.inf]
    assert exact.power(mpf(-2), mpf(3)) == -8
    assert mp.isnan(exact.power(mpf(-2), mpf(0.5)))
    with pytest.raises(ValueError, match="is no fraction"):
        exact.rational(mp.inf)
