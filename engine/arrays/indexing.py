"""Taking elements by an index, and putting them back."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.arrays.array_op import ArrayOp
from engine.arrays.dtypes import Array
from engine.arrays.shaping import shape_of


def getitem(x: Any, key: Any) -> Any:
    """Return the elements of x that a NumPy index selects: basic, boolean or of whole numbers.

    Raises:
        ShapeError: the index does not fit the shape.

    >>> getitem(np.array([1.0, 2.0, 3.0]), slice(None, None, -1))
    array([3., 2., 1.])
    """
    return indexing(key)(x)


def scatter(x: Any, key: Any, shape: tuple[int, ...]) -> Any:
    """Return zeros of a shape with x added where an index selects; repeated places add up.

    >>> scatter(np.array([1.0, 2.0, 3.0]), np.array([0, 0, 2]), (3,))
    array([3., 0., 3.])
    """
    return scattering(key, shape)(x)


def indexing(key: Any) -> ArrayOp:
    """Return the row of an index."""
    return ArrayOp(
        "getitem",
        lambda x: x[key],
        lambda g, out, x: scatter(g, key, shape_of(x)),
        symbol="[ ]",
        formula="g put where x was taken",
        misfit=lambda x: f"the index {key!r} does not fit the shape {x}",
        origin=(indexing, (key,)),
    )


def scattering(key: Any, shape: tuple[int, ...]) -> ArrayOp:
    """Return the row of `scatter` for an index and a shape."""

    def forward(x: Array) -> Array:
        out = np.zeros(shape, x.dtype)
        if is_basic(key):
            out[key] = x
        else:
            np.add.at(out, key, x)
        return out

    return ArrayOp(
        "scatter",
        forward,
        lambda g, out, x: getitem(g, key),
        formula="g taken where x was put",
        origin=(scattering, (key, shape)),
    )


def is_basic(key: Any) -> bool:
    """Return whether an index, of whole numbers and slices, takes no element twice for sure."""
    parts = key if isinstance(key, tuple) else (key,)
    return all(part is None or part is ... or isinstance(part, slice | int) for part in parts)
