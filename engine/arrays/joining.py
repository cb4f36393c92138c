"""Several arrays as one: concat and stack."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any

import numpy as np

from engine.arrays.array_op import ArrayOp
from engine.arrays.dtypes import axes_of
from engine.arrays.indexing import getitem
from engine.arrays.shaping import reshape, shape_of
from engine.errors import ShapeError
from engine.node import Node


@lru_cache(maxsize=256)
def joining(axis: int, sizes: tuple[int, ...]) -> ArrayOp:
    """Return the row of `concat` along an axis, of arrays that have these sizes along it."""
    stops = list(accumulate(sizes))
    before = (slice(None),) * axis

    def part(size: int, stop: int) -> Callable[..., Any]:
        return lambda g, *rest: getitem(g, (*before, slice(stop - size, stop)))

    return ArrayOp(
        "concat",
        lambda *arrays: np.concatenate(arrays, axis),
        *[part(size, stop) for size, stop in zip(sizes, stops, strict=True)],
        formula="the part of g",
        misfit=lambda *shapes: f"cannot join {', '.join(map(str, shapes))} along axis {axis}",
        origin=(joining, (axis, sizes)),
    )


def concat(arrays: Sequence[Any], axis: int = 0) -> Any:
    """Return arrays joined along an axis that they have.

    Raises:
        ShapeError: there are none, or they differ in another axis.

    >>> concat([np.zeros(1), np.ones(2)])
    array([0., 1., 1.])
    """
    parts = _parts(arrays, "concat")
    (place,) = axes_of(axis, len(shape_of(parts[0])), "concat")
    return joining(place, tuple([shape_of(part)[place] for part in parts]))(*parts)


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
