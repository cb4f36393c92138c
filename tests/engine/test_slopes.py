"""The derivatives of gelu and silu against mpmath at 50 digits: 5 ulp, beside their zeros too."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf
from ulp import WIDE, assert_close, between, draw, near

from engine import grad, ops, slopes
from engine.arrays.precision import library_exp
from engine.testing.oracles.activations import gelu_slope, silu_slope
from engine.testing.oracles.compare import relative_error

BOUND = 5
Exact = Callable[[mpf], mpf]
ROWS = [
    pytest.param(slopes.gelu_slope, gelu_slope, slopes.GELU_ZERO, -37.0, id="gelu"),
    pytest.param(slopes.silu_slope, silu_slope, slopes.SILU_ZERO, -700.0, id="silu"),
]
every_slope = pytest.mark.parametrize(("slope", "exact", "zero", "low"), ROWS)


@every_slope
def test_value(slope: Any, exact: Exact, zero: slopes.Zero, low: float) -> None:
    """From low on, where nothing underflows."""
    sources = (*WIDE, between(low, 3), between(-3, 0), between(-1.6, -0.4), near(-zero.at))
    with mp.workdps(50):
        for x in draw(slope.__name__, *sources, count=1500):
            assert_close(slope(max(x, low)), exact(mpf(max(x, low))), BOUND, 0.0, f"at {x!r}")


@every_slope
def test_series(slope: Any, exact: Exact, zero: slopes.Zero, low: float) -> None:
    with mp.workdps(50):
        root = mp.findroot(lambda t: exact(-t), zero.at)
        assert (float(root), float(root - zero.at)) == (zero.at, zero.low)
        taylor = mp.taylor(lambda t: exact(-t), root, len(zero.series) + 8)[1:]
        kept, cut = taylor[: len(zero.series)], taylor[len(zero.series) :]
        assert [*zero.series] == [float(c) for c in kept]
        rest = sum(abs(c) * mpf(zero.reach) ** (len(kept) + k) for k, c in enumerate(cut))
        assert rest < mpf(2) ** -54 * abs(taylor[0])  # half an ulp of 1, the first term made 1


@pytest.mark.parametrize(
    ("op", "exact", "zero"),
    [
        pytest.param(ops.gelu, gelu_slope, slopes.GELU_ZERO, id="gelu"),
        pytest.param(ops.silu, silu_slope, slopes.SILU_ZERO, id="silu"),
    ],
)
def test_higher_derivatives_beside_the_zero(op: Any, exact: Exact, zero: slopes.Zero) -> None:
    second, third = grad(grad(op)), grad(grad(grad(op)))
    with mp.workdps(50):
        for x in draw(op.name, near(-zero.at), between(-zero.at - 0.3, -zero.at + 0.3), count=40):
            assert relative_error(second(x), mp.diff(exact, mpf(x)), mpf(0)) <= 1e-15
            assert relative_error(third(x), mp.diff(exact, mpf(x), 2), mpf(0)) <= 1e-14


def test_exp_of_arrays_has_the_bits_of_exp_of_floats() -> None:
    x = np.random.default_rng(0).uniform(-750.0, 709.0, 20_000)
    x[:5] = 0.0, -0.0, -math.inf, -1e308, -5e-324
    np.testing.assert_array_equal(library_exp(x), [math.exp(number) for number in x.tolist()])
    assert math.isnan(library_exp(np.float64(math.nan)))
