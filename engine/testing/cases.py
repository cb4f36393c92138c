"""The tests that a battery is made of, each a property that Hypothesis tries to refute."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from hypothesis import HealthCheck, Phase, given, reject, settings, strategies as st

from engine import trees
from engine.errors import GradientError
from engine.op import Kink, Op, Reduction
from engine.testing.check import check_gradients
from engine.testing.gradtests import Case, GradTest
from engine.testing.primitives import value_complaints
from engine.testing.program import Program
from engine.testing.report import Report
from engine.testing.side_effects import assert_no_side_effects
from engine.testing.strategies.programs import programs
from engine.testing.strategies.smooth import away_from_kinks
from engine.testing.strategies.spellings import can_be_spelled
from engine.testing.strategies.values import floats
from engine.value import Value

ORDERS = {1: "domain", 2: "second", 3: "third"}
MOST_STEPS = 8  # of a program: enough for nodes to be shared, few enough to be quick
LEAST_JUDGED = 0.1  # the part of the examples that an oracle has to be able to judge
ORDINARY = 10.0  # the size of most numbers that people compute with
Inputs = tuple[Any, ...]


def cases(test: GradTest) -> Iterator[Case]:
    """Yield the cases of a battery."""
    function, inputs = applied(test.subject), inputs_of(test)
    for order in range(1, 2 if "vjp" in test.keywords else test.order + 1):
        yield gradient_case(test, ORDERS[order], function, inputs, order)
    if isinstance(test.subject, Op) and can_be_spelled(test.subject):
        yield program_case(test, test.subject)
    if isinstance(test.subject, Op):
        yield values_case(test, test.subject, inputs)
    for kink in test.kinks:
        yield kink_case(function, kink)
    if isinstance(test.subject, Op) and len(test.subject.derivatives) == 1:
        yield nan_case(test.subject)
    yield side_effects_case(test, function, inputs)


def shown(point: Sequence[float]) -> str:
    """Return a point as it stands in the name of a test."""
    return ",".join(f"{x:g}" for x in point)


def applied(subject: Any) -> Callable[..., Any]:
    """Return a subject as a function of its inputs; an op over a sequence has one, a list."""
    return subject.reduce if isinstance(subject, Reduction) else subject


def inputs_of(test: GradTest) -> st.SearchStrategy[Inputs]:
    """Return the strategy for the inputs of a battery's subject."""
    if test.inputs is not None:
        return st.tuples(*test.inputs)
    subject = test.subject
    if isinstance(subject, Op):
        # Of the floats most are so large that most ops overflow: half of the points are ordinary.
        points = away_from_kinks(subject, max_magnitude=ORDINARY) | away_from_kinks(subject)
        return points.map(lambda xs: (list(xs),)) if isinstance(subject, Reduction) else points
    number = floats(-10.0, 10.0)
    return st.tuples(
        *[
            st.lists(number, min_size=1, max_size=5)
            if "list" in str(parameter.annotation)
            else number
            for parameter in test.parameters
        ]
    )


# ----- Properties ----------------------------------------------------------------------------


def property_case(
    test: GradTest, name: str, strategy: st.SearchStrategy[Any], check: Callable[[Any], object]
) -> Case:
    """Return a case that tries a check on what a strategy draws."""

    def run(examples: int) -> None:
        def prove(drawn: Any) -> None:
            check(drawn)

        # Hypothesis stores what failed under the name of a test, and all of these have one source.
        prove.__name__ = prove.__qualname__ = re.sub(r"\W", "_", f"{test.name} {name}")
        tried = given(strategy)(prove)
        settings(
            max_examples=examples,
            deadline=None,
            phases=[phase for phase in settings().phases if phase is not Phase.explain],
            suppress_health_check=list(HealthCheck),
        )(tried)()

    return Case(name, run)


def gradient_case(
    test: GradTest,
    name: str,
    function: Callable[..., Any],
    inputs: st.SearchStrategy[Inputs],
    order: int,
) -> Case:
    """Return the case of the derivatives of one order."""

    held = [i for i, rule in enumerate(getattr(test.subject, "derivatives", ())) if rule is None]

    def check(drawn: Inputs) -> Report:
        # Operands without a gradient, as the order of polygamma, come first in every row.
        if all(getattr(leaf, "size", 1) == 0 for leaf in trees.leaves(list(drawn))):
            reject()  # arrays without an element have no derivative
        fixed, free = drawn[: len(held)], drawn[len(held) :]
        chosen = partial(function, *fixed) if held else function
        return check_gradients(chosen, *free, order=order, **test.keywords)

    return judged_case(test, name, inputs, check)


def program_case(test: GradTest, op: Op) -> Case:
    """Return the case of random programs that apply an op, among others, to shared nodes."""
    import engine

    others = [engine.add, engine.multiply] if len(op.derivatives) == 1 else []

    def check(program: Program) -> Report:
        return check_gradients(program, *program.leaves, **test.keywords)

    return judged_case(test, "programs", programs(ops=[op, *others], max_steps=MOST_STEPS), check)


def values_case(test: GradTest, op: Op, inputs: st.SearchStrategy[Inputs]) -> Case:
    """Return the case that an op gives every kind of number the same value."""

    def check(drawn: Inputs) -> None:
        for complaint in value_complaints(op, tuple(trees.leaves(list(drawn)))):
            raise AssertionError(complaint)

    return property_case(test, "values", inputs, check)


def side_effects_case(
    test: GradTest, function: Callable[..., Any], inputs: st.SearchStrategy[Inputs]
) -> Case:
    """Return the case that a function leaves everything but its result as it was."""

    def check(drawn: Inputs) -> None:
        leaves = trees.leaves(drawn)
        if "vjp" not in test.keywords:
            leaves = [Value(leaf) if isinstance(leaf, int | float) else leaf for leaf in leaves]
        assert_no_side_effects(function, *trees.replace(drawn, iter(leaves)))

    return property_case(test, "side effects", inputs, check)


def judged_case(
    test: GradTest, name: str, strategy: st.SearchStrategy[Any], check: Callable[[Any], Report]
) -> Case:
    """Return a case whose checks may be inconclusive, but not nearly all of them."""

    def run(examples: int) -> None:
        verdicts: list[Report] = []

        def judge(drawn: Any) -> None:
            report = check(drawn)
            if report.verdict == "fail":
                raise GradientError(unplaced(report) if isinstance(test.subject, Op) else report)
            verdicts.append(report)

        property_case(test, name, strategy, judge).run(examples)
        unjudged = [report for report in verdicts if not report.passed]
        if len(unjudged) > (1.0 - LEAST_JUDGED) * len(verdicts):
            raise GradientError(unjudged[-1])

    return Case(name, run)


def unplaced(report: Report) -> Report:
    """Return a report without the line that made the node, which is one of Hypothesis."""
    return replace(report, blame=report.blame and replace(report.blame, source=None, line=""))


# ----- Points ----------------------------------------------------------------------------------


def kink_case(function: Callable[..., Any], kink: Kink) -> Case:
    """Return the case that a function has the promised value and gradient at a kink."""

    def run(examples: int) -> None:
        operands = [Value(x) for x in kink.at]
        out = function(operands) if takes_a_list(function) else function(*operands)
        out.backward()
        promised = [0.0 if slope is None else slope for slope in kink.gradient]
        found = [operand.grad or 0.0 for operand in operands]
        if not all(map(same, [out.data, *found], [kink.value, *promised])):
            raise AssertionError(
                f"at {shown(kink.at)} the value is {out.data!r} and the gradient "
                f"({', '.join(map(repr, found))}); promised are {kink.value!r} and "
                f"({', '.join(map(repr, promised))})"
            )

    return Case(f"kink={shown(kink.at)}", run)


def takes_a_list(function: Any) -> bool:
    """Return whether a function is that of an op over a sequence."""
    return isinstance(getattr(function, "__self__", None), Reduction)


def nan_case(op: Op) -> Case:
    """Return the case that an op of one operand never makes a number of nan."""

    def run(examples: int) -> None:
        value = op(Value(math.nan)).data
        if not math.isnan(value):
            raise AssertionError(f"{op.name} of nan is {value!r}, which hides what went wrong")

    return Case("nan", run)


def same(x: float, y: float) -> bool:
    """Return whether two numbers are equal, nan being equal to nan."""
    return x == y or (x != x and y != y)
