"""What makes kernels precise: floats one by one, wider floats, rounding errors, exceptions."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from engine.arrays.dtypes import FLOAT32, FLOAT64, Array

Kernel = Callable[..., Any]

BLOCK = 8192  # elements
SMALLEST_NORMAL = 2.0**-1022  # numbers below it have few digits, and a factor lifts the last one


def by_elements(function: Callable[..., float]) -> Kernel:
    """Return a function of floats as a kernel that calls it for one element after another.

    It gives what Values get to the last bit, and takes ten times as long as a loop in C or more.
    """

    def forward(*arrays: Array) -> Any:
        columns = arrays if len(arrays) == 1 else np.broadcast_arrays(*arrays)
        floats = map(function, *[column.ravel().tolist() for column in columns])
        out = np.fromiter(floats, FLOAT64, columns[0].size).reshape(columns[0].shape)
        return out.astype(np.result_type(*arrays), copy=False)

    return forward


def in_blocks(kernel: Callable[[Any], Any]) -> Kernel:
    """Return a kernel of one array that takes as much of it at a time as a cache holds.

    What it makes on the way then needs no fresh memory, whose first touch costs more than a sum.
    """

    @wraps(kernel)
    def forward(x: Array) -> Any:
        if x.size <= BLOCK:
            return kernel(x)
        flat = x.ravel()
        out = np.empty_like(flat)
        for start in range(0, flat.size, BLOCK):
            block = slice(start, start + BLOCK)
            out[block] = kernel(flat[block])
        return out.reshape(x.shape)

    return forward


def widened(kernel: Kernel) -> Kernel:
    """Return a kernel of float64 as one of both dtypes: float32 is computed in float64."""

    @wraps(kernel)
    def forward(*arrays: Any) -> Any:
        if np.result_type(*arrays) is not FLOAT32:
            return kernel(*arrays)
        return kernel(*[np.asarray(x, FLOAT64) for x in arrays]).astype(FLOAT32)

    return forward


def patched(out: Any, places: Any, function: Kernel, *operands: Any) -> Any:
    """Return out with a function of the operands at some places; it is computed nowhere else."""
    if places.any():
        out = np.asarray(out)  # NumPy makes numbers of arrays without axes
        whole = [x if x.shape == out.shape else np.broadcast_to(x, out.shape) for x in operands]
        out[places] = function(*[np.asarray(x)[places] for x in whole])
    return out


def library_exp(x: Any) -> Any:
    """Return exp(x) to the last bit as Values have it.

    Of real numbers NumPy computes it by itself, of complex ones it asks the C library.
    """
    return np.exp(np.asarray(x).astype(complex)).real


def two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """Return a + b rounded and the rounding error (Knuth, TAOCP 2, 4.2.2, theorem B)."""
    total = a + b
    b_part = total - a
    return total, (a - (total - b_part)) + (b - b_part)
