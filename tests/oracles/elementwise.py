"""The rows of the op table that work element by element, and arrays to try ops on."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.op import Reduction
from engine.testing.oracles.reference import CASES, Case

Array = NDArray[Any]

inf, nan = math.inf, math.nan
SIZES = [
    *(0.0, 5e-324, 1e-310, 2.2250738585072014e-308, 1e-300, 1e-200, 1e-154, 1e-100, 1e-20),
    *(1e-17, 1e-8, 1e-5, 0.1, 0.2, 0.25, 0.3, 0.5, 0.55, 0.7, 0.9, 0.999999999, 1.0),
    *(1.0000000000000002, 1.5, 2.0, 2.5, 3.0, 5.0, 6.0, 7.5, 10.0, 17.0, 20.0, 26.5, 27.3, 28.0),
    *(37.0, 37.5, 38.6, 40.0, 100.0, 700.0, 709.5, 709.79, 745.2, 1000.0, 1074.0, 1e5, 1e8),
    *(1e17, 1e100, 1e154, 1e200, 1e300, 1.7976931348623157e308, inf),
]
HARD = [*SIZES, *(-x for x in SIZES), nan]
FEW = [*HARD[::9], 0.0, 1.0, -inf, inf, nan]
ORDERS = [0.0, 1.0, 2.0, 3.0]
FAMILIES = ("polygamma", "spherical_bessel_pi")

ELEMENTWISE = [case for case in CASES if not isinstance(case.op, Reduction)]


def hard_points(case: Case) -> list[tuple[float, ...]]:
    """Return zeros, subnormals, infinities, nan and what lies at the edges of functions."""
    if case.name in FAMILIES:
        return list(itertools.product(ORDERS, HARD))
    operands = len(case.op.derivatives)
    return list(itertools.product(HARD if operands < 3 else FEW, repeat=operands))


def columns(points: list[tuple[float, ...]], dtype: Any = float) -> list[Array]:
    """Return the operands of many points, an array each."""
    with np.errstate(over="ignore"):
        return [np.array(column).astype(dtype) for column in zip(*points, strict=True)]


def layouts(x: Array) -> dict[str, Array]:
    """Return arrays with the same elements that lie differently in memory."""
    spread = np.zeros([2 * n for n in x.shape])
    spread[tuple([slice(None, None, 2)] * x.ndim)] = x
    locked = x.copy()
    locked.flags.writeable = False
    return {
        "transposed": x.T.copy().T,
        "strided": spread[tuple([slice(None, None, 2)] * x.ndim)],
        "negative strides": np.flip(np.array(np.flip(x))),
        "read-only": locked,
        "big-endian": x.astype(">f8"),
    }


def distances(got: Array, expected: Array) -> Array:
    """Return how far arrays are apart, in ulp of what is expected in the dtype of what was got.

    nan is like nan; an infinity is one ulp from the largest number, and infinitely far from others.
    """
    largest = np.finfo(got.dtype).max
    with np.errstate(all="ignore"):
        rounded = expected.astype(got.dtype)
        step = np.spacing(np.minimum(np.abs(rounded), largest)).astype(float)
        apart = np.abs(got.astype(float) - expected) / step
    apart = np.where(np.isinf(got) ^ np.isinf(rounded), np.inf, apart)
    edge = np.minimum(np.abs(got), np.abs(rounded)) >= largest * (1 - 1e-6)
    apart = np.where(edge & (np.sign(got) == np.sign(rounded)), np.minimum(apart, 1.0), apart)
    apart = np.where((got == rounded) & (np.isinf(got) | (got == 0.0)), 0.0, apart)
    both = np.isnan(got) & np.isnan(rounded)
    one = np.isnan(got) ^ np.isnan(rounded)
    return np.where(both, 0.0, np.where(one, np.inf, apart))
