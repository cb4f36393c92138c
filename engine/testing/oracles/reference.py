"""Every row of the op table beside its reference in mpmath.

The first derivatives of a reference are closed forms that lose no digits in the tails; a test
holds them to mpmath's numerical derivative. Its second derivatives are numerical derivatives of
the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from mpmath import mp, mpf

from engine import ops, reductions
from engine.op import Op, Reduction
from engine.testing.oracles.activations import ACTIVATIONS
from engine.testing.oracles.compare import OVERFLOW, SMALLEST
from engine.testing.oracles.domains import draw
from engine.testing.oracles.elementary import ELEMENTARY
from engine.testing.oracles.row import Exact, Reference
from engine.testing.oracles.sequences import (
    SEQUENCES,
    log_soft_component,
    root_spread,
    soft_component,
    spread,
)

DIGITS = 50
SMALLEST_DIGITS = 350  # of a number as small as the smallest float beside 1


class Case(NamedTuple):
    """A row of the op table and its reference."""

    op: Any
    reference: Reference
    name: str

    def points(self, count: int) -> Iterator[tuple[float, ...]]:
        """Yield operands, the same ones every time."""
        return draw(self.name, self.reference.points, count)

    def apply(self, operands: list[Any]) -> Any:
        """Apply the row to floats or Values."""
        return self.op.reduce(operands) if isinstance(self.op, Reduction) else self.op(*operands)

    def value(self, point: tuple[float, ...]) -> mpf:
        """Return the value at a point."""
        return self.exactly([mpf(x) for x in point])

    def exactly(self, operands: list[mpf]) -> mpf:
        """Return the value at a point that need not be one of floats."""
        return self._call(self.reference.value, operands)

    def slopes(self, point: tuple[float, ...]) -> list[mpf | None]:
        """Return the derivative for each operand; None for an operand without one."""
        return self.slopes_at([mpf(x) for x in point])

    def slopes_at(self, operands: list[mpf]) -> list[mpf | None]:
        """Return the derivative for each operand at a point that need not be one of floats."""
        if not isinstance(self.reference.partials, tuple):
            return list(self.reference.partials(operands))  # all at once
        return [self._slope(i, operands) for i in range(len(operands))]

    def curvatures(self, point: tuple[float, ...]) -> list[list[mpf | None]]:
        """Return the second derivatives: a row an operand, None for an operand without one."""
        if self.reference.curvatures is None:
            return self.differences(point)
        return list(self._call(self.reference.curvatures, [mpf(x) for x in point]))

    def differences(self, point: tuple[float, ...]) -> list[list[mpf | None]]:
        """Return the second derivatives, taken numerically from the first."""
        operands = [mpf(x) for x in point]
        smooth = [slope is not None for slope in self.slopes(point)]
        return [
            [self._difference(i, j, operands) if a and b else None for j, b in enumerate(smooth)]
            for i, a in enumerate(smooth)
        ]

    def allowance(self, size: Exact | None, point: tuple[float, ...]) -> mpf:
        """Return the absolute error that is allowed beside a zero: 1e-15 of what cancels there.

        Where what cancels is beyond the floats, so may the error be: inf - inf is nan.
        """
        if size is None:
            return mpf(0)
        terms = self._call(size, [mpf(x) for x in point])
        return mpf("1e-15") * terms if terms < OVERFLOW else mp.inf

    def underflow(self, point: tuple[float, ...]) -> mpf:
        """Return the absolute error that is allowed a derivative for what underflows on the way."""
        factor = self.reference.underflow
        return SMALLEST * (4 if factor is None else self._call(factor, [mpf(x) for x in point]))

    def _call(self, function: Any, operands: list[mpf]) -> Any:
        return function(operands) if isinstance(self.op, Reduction) else function(*operands)

    def _slope(self, i: int, operands: list[mpf]) -> mpf:
        partials = self.reference.partials
        if not isinstance(partials, tuple):
            return partials(operands)[i]
        partial = partials[i]
        return None if partial is None else mpf(partial(*operands))

    def _difference(self, i: int, j: int, operands: list[mpf]) -> mpf:
        """Return a central difference of a first derivative.

        The step is 1e-25 of the operand or of 1, whichever is less, far below the scale on which
        any row varies, so that the error is about 1e-50 of the third derivative. Where too many
        digits cancel, as many are added as the smallest float asks for.
        """
        x = operands[j]
        step = mpf(10) ** -25 * (min(abs(x), 1) or 1)
        digits = 2 * DIGITS + (int(abs(mp.log10(abs(x)))) if x else 0)
        for precision in (digits, digits + SMALLEST_DIGITS):
            with mp.workdps(precision):
                above: mpf = self._slope(i, [*operands[:j], x + step, *operands[j + 1 :]])
                below: mpf = self._slope(i, [*operands[:j], x - step, *operands[j + 1 :]])
                change = above - below
                lost = (mp.mag(above) - mp.mag(change)) * mp.log10(2) if change else precision
                if precision - lost >= DIGITS:
                    break
        return change / (2 * step)


CASES = [
    *(Case(getattr(ops, name), row, name) for name, row in {**ELEMENTARY, **ACTIVATIONS}.items()),
    *(Case(getattr(reductions, name), row, name) for name, row in SEQUENCES.items()),
    *(Case(reductions.variance(float(c)), spread(c), f"var[{c}]") for c in (0, 1)),
    *(Case(reductions.deviation(float(c)), root_spread(c), f"std[{c}]") for c in (0, 1)),
    *(Case(reductions.softmax_at(i), soft_component(i), f"softmax[{i}]") for i in (0, 1)),
    *(
        Case(reductions.log_softmax_at(i), log_soft_component(i), f"log_softmax[{i}]")
        for i in (0, 1)
    ),
]


BY_ROW = {case.op: case for case in CASES}


def case_of(op: Any) -> Case | None:
    """Return the reference of a row of the op table, and None for any other op."""
    if op in BY_ROW:
        return BY_ROW[op]
    make, arguments = op.origin
    if make not in FAMILIES:
        return None
    return Case(op, FAMILIES[make](*arguments), op.name)


FAMILIES: dict[Any, Callable[..., Reference]] = {
    reductions.variance: spread,
    reductions.deviation: root_spread,
    reductions.softmax_at: soft_component,
    reductions.log_softmax_at: log_soft_component,
}


def rows() -> list[Any]:
    """Return every row of the op table, and every function that makes rows."""
    found = {**vars(ops), **vars(reductions)}.values()
    return [row for row in found if isinstance(row, Op) or makes_rows(row)]


def makes_rows(function: Any) -> bool:
    """Return whether a function makes rows of the op table."""
    return hasattr(function, "cache_info") and function.__annotations__["return"] == "Reduction"
