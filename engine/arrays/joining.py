"""Several arrays as one: concat and stack."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from engine.arrays.array_op import ArrayOp
from engine.arrays.dtypes import Array, axes_of
from engine.arrays.indexing import getitem
from engine.arrays.shaping import reshape, shape_of
from engine.errors import ShapeError
from engine.node import Node


class Concat(ArrayOp):
    """The row of `concat` along one axis, for any number of operands."""

    def __init__(self, axis: int) -> None:
        super().__init__(
            "concat",
            self._forward,
            formula="the part of g",
            misfit=lambda *shapes: f"cannot join {', '.join(map(str, shapes))} along axis {axis}",
            origin=(joining, (axis,)),
        )
        self.axis = axis

    def _forward(self, *arrays: Array) -> Array:
        return np.concatenate(arrays, self.axis)

    def pull(self, place: int, gradient: Any, out: Any, operands: Any) -> Any:
        """Return the part of the gradient that lies where an operand went."""
        start = sum([shape_of(x)[self.axis] for x in operands[:place]])
        stop = start + shape_of(operands[place])[self.axis]
        return getitem(gradient, (*[slice(None)] * self.axis, slice(start, stop)))


@lru_cache(maxsize=64)
def joining(axis: int) -> Concat:
    """Return the row of `concat` along an axis."""
    return Concat(axis)


def concat(arrays: Sequence[Any], axis: int = 0) -> Any:
    """Return arrays joined along an axis that they have.

    Raises:
        ShapeError: there are none, or they differ in another axis.

    >>> concat([np.zeros(1), np.ones(2)])
    array([0., 1., 1.])
    """
    parts = _parts(arrays, "concat")
    (place,) = axes_of(axis, len(shape_of(parts[0])), "concat")
    return joining(place)(*parts)


def stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    """Return arrays of one shape joined along a new axis.

    Raises:
        ShapeError: there are none, or their shapes differ.

    >>> stack([np.zeros(2), np.ones(2)], axis=1)
    array([[0., 1.],
           [0., 1.]])
    """
    parts = _parts(arrays, "stack")
    shapes = [shape_of(part) for part in parts]
    if len(set(shapes)) > 1:
        raise ShapeError(f"stack: the shapes differ: {', '.join(map(str, shapes))}")
    (place,) = axes_of(axis, len(shapes[0]) + 1, "stack")
    wider = (*shapes[0][:place], 1, *shapes[0][place:])
    return concat([reshape(part, wider) for part in parts], place)


def _parts(arrays: Sequence[Any], name: str) -> list[Any]:
    parts = [part if isinstance(part, Node) else np.asarray(part) for part in arrays]
    if not parts:
        raise ShapeError(f"{name}: there are no arrays to join")
    return parts
