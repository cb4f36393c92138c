"""What makes kernels precise: floats one by one, wider floats, rounding errors, exceptions."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from engine.arrays.dtypes import FLOAT32, FLOAT64, Array

Kernel = Callable[..., Any]


def by_elements(function: Callable[..., float]) -> Kernel:
    """Return a function of floats as a kernel that calls it for one element after another.

    It gives what Values get to the last bit, and takes ten times as long as a loop in C or more.
    """

    def forward(*arrays: Array) -> Any:
        columns = np.broadcast_arrays(*arrays)
        floats = map(function, *[column.ravel().tolist() for column in columns])
        out = np.fromiter(floats, FLOAT64, columns[0].size).reshape(columns[0].shape)
        return out.astype(np.result_type(*arrays), copy=False)

    return forward


def widened(kernel: Kernel) -> Kernel:
    """Return a kernel of float64 as one of both dtypes: float32 is computed in float64."""

    @wraps(kernel)
    def forward(*arrays: Any) -> Any:
        if np.result_type(*arrays) is not FLOAT32:
            return kernel(*arrays)
        return kernel(*[np.asarray(x, FLOAT64) for x in arrays]).astype(FLOAT32)

    return forward


def patched(out: Any, places: Any, function: Kernel, x: Array) -> Any:
    """Return out with function(x) at some places; it is computed nowhere else."""
    if np.any(places):
        out = np.asarray(out)  # NumPy makes numbers of arrays without axes
        out[places] = function(np.asarray(x)[places])
    return out


def two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """Return a + b rounded and the rounding error (Knuth, TAOCP 2, 4.2.2, theorem B)."""
    total = a + b
    b_part = total - a
    return total, (a - (total - b_part)) + (b - b_part)
