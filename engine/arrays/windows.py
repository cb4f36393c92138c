"""Windows that slide over the last two axes: convolution and pooling are made of them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from engine.arrays.array_op import ArrayOp
from engine.arrays.dtypes import Array
from engine.arrays.shaping import Shape, shape_of, whole
from engine.errors import ShapeError

Pair = tuple[int, int]


def windows(x: Any, size: Any, stride: Any = 1) -> Any:
    """Return all windows over the last two axes of x, each with two axes of its own.

    Args:
        x: an array or a Tensor of shape (..., height, width).
        size: rows and columns of a window; one number for a square.
        stride: rows and columns from one window to the next; one number for both.

    Returns an array of shape (..., windows down, windows across, rows, columns). A last window
    that would reach beyond the edge is left out.

    Raises:
        ShapeError: x has fewer than two axes, or the window is larger than they are.

    >>> windows(np.array([[1.0, 2.0, 3.0]]), (1, 2)).tolist()
    [[[[1.0, 2.0]], [[2.0, 3.0]]]]
    """
    return sliding(pair(size, "windows", "size", 1), pair(stride, "windows", "stride", 1))(x)


def fold(x: Any, shape: Any, stride: Any = 1) -> Any:
    """Return the sum of windows, each put back where `windows` takes it from.

    Args:
        x: an array or a Tensor of shape (..., windows down, windows across, rows, columns).
        shape: the height and width of the result.
        stride: as in `windows`.

    Raises:
        ShapeError: an array of that height and width has another number of such windows.

    >>> fold(np.array([[[[1.0, 2.0]], [[2.0, 3.0]]]]), (1, 3))
    array([[1., 4., 3.]])
    """
    return folding(pair(shape, "fold", "shape", 0), pair(stride, "fold", "stride", 1))(x)


@lru_cache(maxsize=256)
def sliding(size: Pair, stride: Pair) -> ArrayOp:
    """Return the row of `windows` of one size and stride."""

    def forward(x: Array) -> Array:
        if x.ndim < 2:
            raise ValueError(x.shape)
        down, across = [
            (n - m) // step + 1 for n, m, step in zip(x.shape[-2:], size, stride, strict=True)
        ]
        if x.shape[-2] < size[0] or x.shape[-1] < size[1]:
            raise ValueError(x.shape)
        rows, columns = x.strides[-2:]
        return as_strided(
            x,
            (*x.shape[:-2], down, across, *size),
            (*x.strides[:-2], rows * stride[0], columns * stride[1], rows, columns),
            writeable=False,
        )

    return ArrayOp(
        "windows",
        forward,
        lambda g, out, x: folding(shape_of(x)[-2:], stride)(g),
        formula="g folded back",
        misfit=lambda have: (
            f"an array of shape {have} has no window of {size[0]} by {size[1]} over its last two "
            "axes: pad it, or take smaller windows"
        ),
        origin=(sliding, (size, stride)),
        moves=True,
    )


@lru_cache(maxsize=256)
def folding(shape: Pair, stride: Pair) -> ArrayOp:
    """Return the row of `fold` to one height and width."""

    def forward(x: Array) -> Array:
        if x.ndim < 4 or any(
            n < m or (n - m) // step + 1 != count
            for n, m, step, count in zip(shape, x.shape[-2:], stride, x.shape[-4:-2], strict=True)
        ):
            raise ValueError(x.shape)
        down, across, rows, columns = x.shape[-4:]
        out = np.zeros((*x.shape[:-4], *shape), x.dtype)
        for i in range(rows):  # all windows at a time, one of their elements each
            for j in range(columns):
                part = out[
                    ...,
                    i : i + stride[0] * down : stride[0],
                    j : j + stride[1] * across : stride[1],
                ]
                part += x[..., i, j]
        return out

    return ArrayOp(
        "fold",
        forward,
        lambda g, out, x: sliding(shape_of(x)[-2:], stride)(g),
        formula="windows of g",
        misfit=lambda have: (
            f"{have} are not the windows of an array of {shape[0]} by {shape[1]} at the stride "
            f"{stride}"
        ),
        origin=(folding, (shape, stride)),
    )


def pair(sizes: Any, name: str, what: str, least: int) -> Pair:
    """Return one number or two as two.

    Raises:
        OperandError: one is no whole number.
        ShapeError: there are more, or one is below the least.
    """
    given: Shape = whole(sizes, name, f"the {what} is one whole number or two")
    if len(given) not in (1, 2) or min(given) < least:
        raise ShapeError(
            f"{name}: the {what} is one whole number or two, of {least} or more, got {sizes!r}"
        )
    return given[0], given[-1]
