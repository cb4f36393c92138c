"""Arrays as leaves of what functions take and return, as `engine.transforms` needs them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from engine.arrays.dtypes import new_array, seed_array
from engine.arrays.joining import stack
from engine.arrays.shaping import reshape, shape_of
from engine.node import Node
from engine.tensor import Tensor


def variable(leaf: Any) -> Tensor:
    """Return a Tensor of its own for an array, or for a Tensor, to which it stays linked."""
    if isinstance(leaf, Tensor):
        if leaf.requires_grad:
            return leaf.clone()
        leaf = leaf._data
    return Tensor(leaf, requires_grad=True)


def zeros(like: Tensor) -> Any:
    """Return an array of zeros of a Tensor's shape and dtype."""
    return np.zeros(like.shape, like.dtype)


def plain(result: Any) -> Any:
    """Return a copy of the array of a Tensor, or of an array."""
    return np.array(result._data if isinstance(result, Tensor) else result)


def seed(gradient: Any, node: Tensor) -> Any:
    """Return the gradient that a sweep starts with at a Tensor, as an array of its shape."""
    if isinstance(gradient, Node):
        return gradient
    return seed_array(gradient, node.shape, node.dtype)


def units(result: Any) -> Iterator[Any]:
    """Yield for each element an array of the result's shape with a 1 there and 0 elsewhere."""
    shape = shape_of(result)
    for place in range(int(np.prod(shape))):
        unit = np.zeros(shape)
        unit.flat[place] = 1.0
        yield unit


def gathered(rows: Sequence[Any], shape: tuple[int, ...], variable: Any) -> Any:
    """Return one derivative an element of a result, of a shape, as one array for a variable.

    Args:
        rows: the derivative of each element for the variable: a number, array, Value or Tensor.
        shape: that of the result.
        variable: what the derivatives are for.
    """
    inner = shape_of(variable)
    if not rows:
        return np.zeros((*shape, *inner))
    if any(isinstance(row, Node) and not isinstance(row, Tensor) for row in rows):
        return nested(iter(rows), shape)
    if any(isinstance(row, Tensor) for row in rows):
        tensors = [row if isinstance(row, Tensor) else Tensor(row) for row in rows]
        return reshape(stack(tensors), (*shape, *inner))
    return np.array([new_array(row) for row in rows]).reshape((*shape, *inner))


def nested(items: Iterator[Any], shape: tuple[int, ...]) -> Any:
    """Return Values as nested lists of a shape."""
    if not shape:
        return next(items)
    return [nested(items, shape[1:]) for _ in range(shape[0])]
