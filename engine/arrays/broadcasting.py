"""The reverse of broadcasting, in one place for every op."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.arrays.axes import reduced
from engine.arrays.shaping import reshape, shape_of
from engine.reductions import sum as sum_row


def unbroadcast(gradient: Any, shape: tuple[int, ...]) -> Any:
    """Return a gradient in the shape that its operand had before it was broadcast.

    Args:
        gradient: an array or a Tensor.
        shape: what the operand's shape was; it broadcasts to that of the gradient.

    >>> unbroadcast(np.ones((2, 3)), (3,))
    array([2., 2., 2.])
    """
    have = shape_of(gradient)
    if have == shape:
        return gradient
    extra = len(have) - len(shape)
    stretched = [extra + i for i, n in enumerate(shape) if n == 1 and have[extra + i] != 1]
    axes = (*range(extra), *stretched)
    if type(gradient) is np.ndarray:
        gradient = np.add.reduce(gradient, axes)  # the same in fewer steps
    elif axes:
        gradient = reduced(sum_row, gradient, axes)
    return reshape(gradient, shape)
