"""conv2d, max_pool2d and avg_pool2d over images of shape (samples, channels, height, width).

Each is made of windows and a product or a reduction, and has no rule of its own.
"""

from __future__ import annotations

import math
from typing import Any

from engine import reductions
from engine.arrays.axes import reduced
from engine.arrays.linalg import matmul
from engine.arrays.rearranging import pad
from engine.arrays.shaping import Shape, permute_dims, reshape, shape_of
from engine.arrays.windows import Pair, pair, windows
from engine.errors import ShapeError


def conv2d(x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0) -> Any:
    """Return images that each filter was laid over at every place: a cross-correlation.

    Args:
        x: images, (samples, channels, height, width).
        weight: filters, (filters, channels, rows, columns).
        bias: what is added to each filter's image, (filters,); None is nothing.
        stride: rows and columns from one place to the next; one number for both.
        padding: rows and columns of zeros around each image; one number for both.

    Returns images of shape (samples, filters, places down, places across).

    Raises:
        ShapeError: the shapes do not fit, or a filter is larger than the padded image.

    >>> import numpy as np
    >>> conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2))).tolist()
    [[[[4.0, 4.0], [4.0, 4.0]]]]
    """
    images, filters = shape_of(x), shape_of(weight)
    biases = None if bias is None else shape_of(bias)
    if len(images) != 4 or len(filters) != 4 or images[1] != filters[1]:
        raise ShapeError(
            f"conv2d: filters of shape {filters} cannot be laid over images of shape {images}: "
            "the images are (samples, channels, height, width) and the filters (filters, "
            "channels, rows, columns), with as many channels"
        )
    if biases not in (None, filters[:1]):
        raise ShapeError(
            f"conv2d: filters of shape {filters} take a bias of shape {filters[:1]}, got {biases}"
        )
    views = _views(x, filters[2:], stride, padding, 0.0, "conv2d")
    samples, _, down, across = shape_of(views)[:4]
    size, places = math.prod(filters[1:]), down * across
    columns = reshape(permute_dims(views, (0, 1, 4, 5, 2, 3)), (samples, size, places))
    out = matmul(reshape(weight, (filters[0], size)), columns)
    if bias is not None:
        out = out + reshape(bias, (filters[0], 1))
    return reshape(out, (samples, filters[0], down, across))


def max_pool2d(x: Any, size: Any, stride: Any = None, padding: Any = 0) -> Any:
    """Return the largest element of each window; equal ones share the gradient.

    Args:
        x: images, (..., height, width).
        size: rows and columns of a window; one number for a square.
        stride: rows and columns from one window to the next; None sets them side by side.
        padding: rows and columns around each image that are never the largest; at most half a
            window.

    Raises:
        ShapeError: a window is larger than the padded image, or padding than half of it.

    >>> import numpy as np
    >>> max_pool2d(np.array([[1.0, 2.0], [3.0, 4.0]]), 2)
    array([[4.]])
    """
    pools = _pools(x, size, stride, padding, -math.inf, "max_pool2d")
    return reduced(reductions.max, pools, 0)


def avg_pool2d(x: Any, size: Any, stride: Any = None, padding: Any = 0) -> Any:
    """Return the mean of each window; the zeros of padding count as elements.

    Args:
        x: images, (..., height, width).
        size: rows and columns of a window; one number for a square.
        stride: rows and columns from one window to the next; None sets them side by side.
        padding: rows and columns of zeros around each image; at most half a window.

    Raises:
        ShapeError: a window is larger than the padded image, or padding than half of it.

    >>> import numpy as np
    >>> avg_pool2d(np.array([[1.0, 2.0], [3.0, 4.0]]), 2)
    array([[2.5]])
    """
    pools = _pools(x, size, stride, padding, 0.0, "avg_pool2d")
    return reduced(reductions.mean, pools, 0)


def _pools(x: Any, size: Any, stride: Any, padding: Any, value: float, name: str) -> Any:
    """Return the elements of all windows, with those of one window along the first axis."""
    window, around = pair(size, name, "size", 1), pair(padding, name, "padding", 0)
    if 2 * around[0] > window[0] or 2 * around[1] > window[1]:
        raise ShapeError(
            f"{name}: a padding of {around} is more than half of a window of {window}: some "
            "windows would hold nothing else"
        )
    views = _views(x, window, window if stride is None else stride, around, value, name)
    *places, rows, columns = shape_of(views)
    ndim = len(places)
    front = permute_dims(views, (ndim, ndim + 1, *range(ndim)))  # NumPy is slow along short axes
    return reshape(front, (rows * columns, *places))


def _views(x: Any, window: Shape, stride: Any, padding: Any, value: float, name: str) -> Any:
    """Return the windows over padded images."""
    step: Pair = pair(stride, name, "stride", 1)
    down, across = pair(padding, name, "padding", 0)
    shape = shape_of(x)
    if len(shape) < 2 or shape[-2] + 2 * down < window[0] or shape[-1] + 2 * across < window[1]:
        raise ShapeError(
            f"{name}: a window of {window[0]} by {window[1]} does not fit images of shape {shape} "
            f"with a padding of {(down, across)}"
        )
    if down or across:
        x = pad(x, [(0, 0)] * (len(shape) - 2) + [(down, down), (across, across)], value)
    return windows(x, window, step)
