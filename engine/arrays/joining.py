"""Several arrays as one, and one as several: concat, stack and split."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from engine.arrays.array_op import ArrayOp, as_array
from engine.arrays.dtypes import Array, axis_of
from engine.arrays.indexing import getitem
from engine.arrays.shaping import Shape, shape_of, whole
from engine.errors import OperandError, ShapeError
from engine.node import Node

ALL = slice(None)


@lru_cache(maxsize=256)
def joining(axis: int, sizes: Shape) -> ArrayOp:
    """Return the row of `concat` along an axis, of arrays that have these sizes along it."""
    before = (ALL,) * axis
    edges = pairwise(accumulate(sizes, initial=0))
    parts = [(*before, slice(start, stop)) for start, stop in edges]
    along = [(size,) for size in sizes]

    def forward(*arrays: Array) -> Any:
        if [x.shape[axis : axis + 1] for x in arrays] != along:
            raise ValueError(sizes)  # for other sizes the parts of g would be others
        return np.concatenate(arrays, axis)

    return ArrayOp(
        "concat",
        forward,
        *[_pull(part) for part in parts],
        formula="the part of g",
        array_pulls=tuple([_array_pull(part) for part in parts]),
        misfit=lambda *shapes: _differing(
            shapes, f"along axis {axis}, beside which they must be equal"
        ),
        origin=(joining, (axis, sizes)),
        moves=True,
    )


@lru_cache(maxsize=256)
def stacking(axis: int, count: int) -> ArrayOp:
    """Return the row of `stack` along a new axis, of so many arrays."""
    parts = [(*[ALL] * axis, place) for place in range(count)]
    return ArrayOp(
        "stack",
        lambda *arrays: np.stack(arrays, axis),
        *[_pull(part) for part in parts],
        formula="the part of g",
        array_pulls=tuple([_array_pull(part) for part in parts]),
        misfit=lambda *shapes: _differing(shapes, "along a new axis: they must be equal"),
        origin=(stacking, (axis, count)),
        moves=True,
    )


def _pull(key: tuple[Any, ...]) -> Callable[..., Any]:
    """Return the pull of an operand that went to the place of an index."""
    return lambda g, *rest: getitem(g, key)


def _array_pull(key: tuple[Any, ...]) -> Callable[..., Any]:
    return lambda g, *rest: g[key]


def concat(arrays: Sequence[Any], axis: int = 0) -> Any:
    """Return arrays joined along an axis that they have.

    Raises:
        ShapeError: there are none, or they differ in another axis.

    >>> concat([np.zeros(1), np.ones(2)])
    array([0., 1., 1.])
    """
    parts = _parts(arrays, "concat")
    shapes = [shape_of(part) for part in parts]
    place = axis_of(axis, len(shapes[0]), "concat")
    sizes = [shape[place] if place < len(shape) else 0 for shape in shapes]
    return joining(place, tuple(sizes))(*parts)


def stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    """Return arrays of one shape joined along a new axis.

    Raises:
        ShapeError: there are none, or their shapes differ.

    >>> stack([np.zeros(2), np.ones(2)], axis=1)
    array([[0., 1.],
           [0., 1.]])
    """
    parts = _parts(arrays, "stack")
    place = axis_of(axis, len(shape_of(parts[0])) + 1, "stack")
    return stacking(place, len(parts))(*parts)


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
    place = axis_of(axis, len(shape_of(x)), "split")
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
    return [getitem(x, (*before, slice(a, b))) for a, b in pairwise(edges)]


def _parts(arrays: Any, name: str) -> list[Any]:
    if isinstance(arrays, Node) or not isinstance(arrays, Sequence | np.ndarray):
        raise OperandError(
            f"{name} takes a list of arrays and Tensors, as [a, b], got a {type(arrays).__name__}"
        )
    parts = [part if isinstance(part, Node) else as_array(part, name) for part in arrays]
    if not parts:
        raise ShapeError(f"{name}: there are no arrays to join")
    return parts


def _differing(shapes: Sequence[Shape], rule: str) -> str:
    if len(shapes) <= 8:
        return f"cannot join {', '.join(map(str, shapes))} {rule}"
    odd = next((i for i, shape in enumerate(shapes) if len(shape) != len(shapes[0])), None)
    if odd is None:
        odd = next(i for i, shape in enumerate(shapes) if shape != shapes[0])
    return f"cannot join {len(shapes)} arrays {rule}: 0 is {shapes[0]} and {odd} is {shapes[odd]}"
