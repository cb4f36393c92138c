"""The value of every row of the op table, against 50 digits."""

from __future__ import annotations

import pytest
from mpmath import mp

from engine import Value
from engine.testing.oracles.compare import bits, ulp_error
from engine.testing.oracles.reference import CASES, DIGITS, Case, rows

POINTS = 500


def test_every_row_of_the_table_has_a_reference() -> None:
    covered = {case.op for case in CASES} | {case.op.origin[0] for case in CASES}
    assert [row for row in rows() if row not in covered] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_value(case: Case) -> None:
    with mp.workdps(DIGITS):
        for point in case.points(POINTS):
            got = case.apply([Value(x) for x in point]).data
            exact = case.value(point)
            error = ulp_error(got, exact, case.allowance(case.reference.size, point))
            assert error <= case.reference.ulps, (
                f"{case.name}{point} = {got!r} is {error:.3g} ulp off {mp.nstr(exact, 20)}"
            )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_value_of_floats_is_that_of_values(case: Case) -> None:
    for point in case.points(50):
        of_floats, of_values = case.apply(list(point)), case.apply([Value(x) for x in point])
        assert type(of_floats) is float
        assert bits(of_floats) == bits(of_values.data)
