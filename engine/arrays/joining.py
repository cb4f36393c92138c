"""Several arrays as one, and one as several: concat, stack and split."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from engine.arrays.array_op import ArrayOp, as_array
from engine.arrays.dtypes import Array, axes_of
from engine.arrays.indexing import Getitem
from engine.arrays.shaping import shape_of, whole
from engine.errors import OperandError, ShapeError
from engine.node import Node

ALL = slice(None)


class Concat(ArrayOp):
    """The row of `concat` along one axis.

    Args:
        axis: from 0 on.
        sizes: that of each operand along the axis.
    """

    name = "concat"
    symbol = "concat"
    formula = "the part of g"
    derivatives = ()

    def __init__(self, axis: int, sizes: Sequence[int]) -> None:
        self.axis = axis
        self.sizes = sizes
        self.stops = list(accumulate(sizes, initial=0))

    def forward(self, *arrays: Array) -> Any:
        """Return the arrays one after the other."""
        return np.concatenate(arrays, self.axis)

    def pull(self, place: int, gradient: Any, out: Any, operands: Any) -> Any:
        """Return the part of the gradient that lies where an operand went."""
        part = slice(self.stops[place], self.stops[place + 1])
        return Getitem((*[ALL] * self.axis, part))(gradient)

    def misfit(self, *shapes: tuple[int, ...]) -> str:
        """Return which shape differs from the first beside the axis."""
        return _differing(shapes, f"along axis {self.axis}, beside which they must be equal")

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return Concat, (self.axis, self.sizes)


class Stack(ArrayOp):
    """The row of `stack` along one new axis."""

    name = "stack"
    symbol = "stack"
    formula = "the part of g"
    derivatives = ()

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def forward(self, *arrays: Array) -> Any:
        """Return the arrays side by side."""
        return np.stack(arrays, self.axis)

    def pull(self, place: int, gradient: Any, out: Any, operands: Any) -> Any:
        """Return the part of the gradient that lies where an operand went."""
        return Getitem((*[ALL] * self.axis, place))(gradient)

    def misfit(self, *shapes: tuple[int, ...]) -> str:
        """Return which shape differs from the first."""
        return _differing(shapes, "along a new axis: they must be equal")

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return Stack, (self.axis,)


def concat(arrays: Sequence[Any], axis: int = 0) -> Any:
    """Return arrays joined along an axis that they have.

    Raises:
        ShapeError: there are none, or they differ in another axis.

    >>> concat([np.zeros(1), np.ones(2)])
    array([0., 1., 1.])
    """
    parts = _parts(arrays, "concat")
    shapes = [shape_of(part) for part in parts]
    (place,) = axes_of(axis, len(shapes[0]), "concat")
    return Concat(place, [shape[place] if place < len(shape) else 0 for shape in shapes])(*parts)


def stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    """Return arrays of one shape joined along a new axis.

    Raises:
        ShapeError: there are none, or their shapes differ.

    >>> stack([np.zeros(2), np.ones(2)], axis=1)
    array([[0., 1.],
           [0., 1.]])
    """
    parts = _parts(arrays, "stack")
    (place,) = axes_of(axis, len(shape_of(parts[0])) + 1, "stack")
    return Stack(place)(*parts)


def split(x: Any, parts: Any, axis: int = 0) -> list[Any]:
    """Return an array cut along an axis.

    Args:
        x: an array or a Tensor.
        parts: the number of equal parts, or a sequence of the places to cut at.
        axis: the axis to cut.

    Raises:
        ShapeError: there is no such axis, or its size is no multiple of the number of parts.

    >>> split(np.arange(5.0), [2, 4])
    [array([0., 1.]), array([2., 3.]), array([4.])]
    """
    (place,) = axes_of(axis, len(shape_of(x)), "split")
    size = shape_of(x)[place]
    cuts = whole(parts, "split", "the parts are a whole number, or a sequence of places")
    if not isinstance(parts, tuple | list):
        count = cuts[0]
        if count < 1 or size % count:
            raise ShapeError(
                f"split: axis {place} of an array of shape {shape_of(x)} has no {count} equal "
                f"parts: give the places to cut at, as [{size // 2}]"
            )
        cuts = tuple(range(size // count, size, size // count)) if size else (0,) * (count - 1)
    edges = [0, *cuts, size]
    before = [ALL] * place
    return [Getitem((*before, slice(a, b)))(x) for a, b in pairwise(edges)]


def _parts(arrays: Any, name: str) -> list[Any]:
    if isinstance(arrays, Node) or not isinstance(arrays, Sequence | np.ndarray):
        raise OperandError(
            f"{name} takes a list of arrays and Tensors, as [a, b], got a {type(arrays).__name__}"
        )
    parts = [part if isinstance(part, Node) else as_array(part, name) for part in arrays]
    if not parts:
        raise ShapeError(f"{name}: there are no arrays to join")
    return parts


def _differing(shapes: Sequence[tuple[int, ...]], rule: str) -> str:
    if len(shapes) <= 8:
        return f"cannot join {', '.join(map(str, shapes))} {rule}"
    odd = next((i for i, shape in enumerate(shapes) if len(shape) != len(shapes[0])), None)
    if odd is None:
        odd = next(i for i, shape in enumerate(shapes) if shape != shapes[0])
    return f"cannot join {len(shapes)} arrays {rule}: 0 is {shapes[0]} and {odd} is {shapes[odd]}"
