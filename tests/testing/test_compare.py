"""What measures how far a result is off an exact one is right itself, at the ends of the floats."""

from __future__ import annotations

import math

import pytest
from mpmath import mpf

from engine.testing.oracles.compare import (
    OVERFLOW,
    SMALLEST,
    bits,
    distance,
    relative_error,
    ulp,
    ulp_error,
)

inf, nan = math.inf, math.nan
LARGEST = 1.7976931348623157e308


@pytest.mark.parametrize(
    "x", [0.0, 5e-324, 2.0**-1022, 2.0**-1021, 0.75, 1.0, 1.5, -1.0, 3.0, 1e300, LARGEST]
)
def test_an_ulp_is_the_spacing_of_the_floats(x: float) -> None:
    assert ulp(mpf(x)) == math.ulp(x)


def test_an_ulp_beyond_the_floats_is_that_of_the_largest() -> None:
    assert ulp(mpf(10) ** 400) == math.ulp(LARGEST)
    assert ulp(mpf(10) ** -400) == SMALLEST == math.ulp(0.0)


@pytest.mark.parametrize(
    ("got", "exact", "allowance", "ulps", "relative"),
    [
        (1.0, 1.0, 0.0, 0.0, 0.0),
        (1.0 + 2.0**-52, 1.0, 0.0, 1.0, 2.0**-52),
        (-1.0, 1.0, 0.0, 2.0**53, 2.0),
        (2.5, 2.0, 0.5, 0.0, 0.0),  # all of it is allowed
        (2.5, 2.0, 0.25, 2.0**49, 0.125),
        (2.5, 2.0, inf, 0.0, 0.0),
        (5e-324, 0.0, 0.0, 1.0, inf),
        (0.0, 0.0, 0.0, 0.0, 0.0),
        (nan, nan, 0.0, 0.0, 0.0),
        (nan, 1.0, 0.0, inf, inf),
        (1.0, nan, 0.0, inf, inf),
        (inf, inf, 0.0, 0.0, 0.0),
    ],
)
def test_errors(got: float, exact: float, allowance: float, ulps: float, relative: float) -> None:
    if exact == exact:
        assert ulp_error(got, mpf(exact), mpf(allowance)) == ulps
    assert relative_error(got, mpf(exact), mpf(allowance)) == relative


def test_inf_is_right_where_the_exact_value_overflows_and_there_alone() -> None:
    assert distance(inf, OVERFLOW) == distance(inf, OVERFLOW * 2) == 0
    assert distance(-inf, -OVERFLOW) == 0
    assert distance(inf, mpf(LARGEST)) == OVERFLOW - mpf(LARGEST) > 0


def test_bits_tell_zeros_apart_and_take_every_nan_for_the_same() -> None:
    assert bits(0.0) != bits(-0.0)
    assert bits(nan) == bits(-nan)
    assert bits(1.0) == bits(1.0) != bits(2.0)
