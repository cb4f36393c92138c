"""check_primitive: the whole battery for an op of the user's own."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy

from engine.coercion import number
from engine.errors import EngineError, GradientError, OperandError, PrimitiveError
from engine.op import Op, Reduction
from engine.testing.check import check_gradients
from engine.testing.oracles.domains import WIDE, between, draw, each, whole
from engine.testing.oracles.local import applied
from engine.testing.report import COLOURS, Report, Verdict
from engine.value import Value

POINTS = 40


@dataclass(frozen=True, repr=False)
class Battery:
    """What `check_primitive` found. It is true if everything passes, and prints as text.

    Args:
        name: the op.
        reports: each point that was checked, as ``cube[0.5]``, and what was found there.
        complaints: what is wrong beside gradients, as a value that depends on the type of number.
    """

    name: str
    reports: tuple[tuple[str, Report], ...]
    complaints: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        """ "fail" if anything is wrong, "pass" if most points could be judged and are right."""
        verdicts = Counter(report.verdict for _, report in self.reports)
        if verdicts["fail"] or self.complaints:
            return "fail"
        return "pass" if verdicts["pass"] > verdicts["inconclusive"] else "inconclusive"

    def __bool__(self) -> bool:
        return self.verdict == "pass"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))  # what IPython shows as plain text

    def __str__(self) -> str:
        verdicts = Counter(report.verdict for _, report in self.reports)
        counts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
        lines = [f"{self.name}: {self.verdict} ({counts or 'no point could be checked'})"]
        lines += [f"  {complaint}" for complaint in self.complaints]
        for verdict in ("fail", "inconclusive"):
            found = [(at, report) for at, report in self.reports if report.verdict == verdict]
            if found and (verdict == self.verdict or verdict == "fail"):
                at, report = found[0]
                lines += [f"  the first that is {verdict}, {at}:", *_indented(str(report))]
        if not self.reports and not self.complaints:
            lines.append("  its forward is not finite anywhere it was tried: give points=")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        heading, *rest = str(self).splitlines()
        text = html.escape("\n".join(rest))
        return (
            f"<div><b style='color:{COLOURS[self.verdict]}'>{html.escape(heading)}</b>"
            f"<pre>{text}</pre></div>"
        )


def check_primitive(
    op: Op,
    points: Sequence[Any] | None = None,
    *,
    order: int = 2,
    seed: int = 0,
) -> Battery:
    """Check an op of one's own: its value, and its derivatives up to an order.

    Args:
        op: what `engine.primitive` made, or a row of the op table.
        points: where to check: numbers for an op of one operand, else tuples of them. If not
            given, they are drawn from the whole range of floats, from whole numbers and from
            -3..3, and those where the forward gives no finite number are left out.
        order: 1, 2 or 3; 1 for rules written with math, which cannot be differentiated in turn.
        seed: what points are drawn with.

    Checked are: the value for ints, Fractions, NumPy numbers and Values is that for floats; a
    second call gives the same value; the derivatives agree with an oracle, as in
    `check_gradients`. `gradtest` asks for the same, and for more, of what Hypothesis draws; this
    needs neither Hypothesis nor pytest.

    >>> from engine import primitive
    >>> @primitive(lambda out, x: 3 * x * x)
    ... def cube(x):
    ...     return x * x * x
    >>> check_primitive(cube).verdict
    'pass'
    """
    if not isinstance(op, Op):
        raise OperandError(
            f"check_primitive() takes an op, as @primitive makes one, got {type(op).__name__}; for "
            "any other function there is check_gradients()"
        )
    complaints: dict[str, None] = {}
    reports: list[tuple[str, Report]] = []
    for point in _points(op, points, seed):
        title = f"{op.name}[{', '.join(map(repr, point))}]"
        try:
            complaints |= dict.fromkeys(value_complaints(op, point))
            reports.append((title, check_gradients(_function(op), *point, order=order)))
        except EngineError as error:
            complaints[f"{title} raises {type(error).__name__}: {error}"] = None
    return Battery(op.name, tuple(reports), tuple(complaints)[:5])


def assert_primitive(
    op: Op, points: Sequence[Any] | None = None, *, order: int = 2, seed: int = 0
) -> Battery:
    """Assert that `check_primitive` passes, and return what it found.

    Raises:
        GradientError: it does not; an AssertionError.
    """
    battery = check_primitive(op, points, order=order, seed=seed)
    if not battery:
        raise GradientError(battery)
    return battery


def _function(op: Op) -> Callable[..., Any]:
    if not isinstance(op, Reduction):
        return op
    return lambda *xs: op.reduce(list(xs))


def _points(op: Op, points: Sequence[Any] | None, seed: int) -> Iterator[tuple[float, ...]]:
    if points is not None:
        if not isinstance(points, Iterable) or isinstance(points, str | bytes):
            raise OperandError(
                f"points is a list of operands, as [0.5, 2.0] or [(0.5, 1.0)], got {points!r:.40}"
            )
        for point in points:
            operands = point if isinstance(point, tuple | list) else (point,)
            yield tuple([number(x, "a point") for x in operands])
        return
    count = 3 if isinstance(op, Reduction) else len(op.derivatives)
    ways = [each(*[source] * count) for source in (between(-3.0, 3.0), whole(-3, 3), *WIDE)]
    for point in draw(f"check_primitive {op.name} {seed}", tuple(ways), POINTS):
        try:
            value = applied(op, point)
        except PrimitiveError:  # outside of its domain
            continue
        if abs(value) < float("inf"):
            yield point


def value_complaints(op: Op, point: tuple[float, ...]) -> Iterator[str]:
    """Yield what is wrong with the value of an op: it hangs on the kind of number, or on chance."""
    call = _function(op)
    expected = applied(op, point)
    shown = ", ".join(map(repr, point))
    if call(*point) != expected:
        yield f"{op.name}({shown}) gives another value when it is called again: is it random?"
    value = call(*map(Value, point))
    if not isinstance(value, Value) or value.data != expected:
        yield f"{op.name} of Values at {shown} gives {value!r}, and {expected!r} of floats"
    for kind in _kinds(point):
        other = call(*map(kind, point))
        if other != expected:
            yield (
                f"{op.name} of {kind.__name__} at {shown} gives {other!r}, and {expected!r} of "
                "floats"
            )


def _kinds(point: tuple[float, ...]) -> Iterator[Callable[[float], Any]]:
    """Yield the kinds of number that can hold a point."""
    yield Fraction
    yield numpy.float64
    if all(x.is_integer() and abs(x) < 2**53 for x in point):
        yield int
        yield numpy.int64


def _indented(text: str) -> list[str]:
    return [f"    {line}".rstrip() for line in text.splitlines()]
