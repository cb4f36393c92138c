"""Tensors, alone and of shapes that broadcast together."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.extra import numpy as arrays_of

from engine.tensor import Tensor
from engine.testing.strategies.values import floats

Shape = tuple[int, ...]


def tensors(
    *,
    shape: Shape | st.SearchStrategy[Shape] | None = None,
    elements: st.SearchStrategy[float] | None = None,
    max_dims: int = 3,
    max_side: int = 4,
    requires_grad: bool = True,
) -> st.SearchStrategy[Tensor]:
    """Return a strategy for Tensors, new leaves with no gradient yet.

    Args:
        shape: the shape, or a strategy for it; if not given, any of at most `max_dims` axes, none
            and empty ones among them.
        elements: the numbers; finite ones if not given.
        max_dims: the most axes.
        max_side: the longest axis.
        requires_grad: False gives constants.

    Raises:
        InvalidArgument: a size, max_dims or max_side is no whole number of 0 or more.

    >>> from hypothesis import find
    >>> find(tensors(shape=(2, 2)), lambda tensor: True)
    Tensor([[0., 0.],
            [0., 0.]], requires_grad=True)
    """
    if not _counts(max_dims, max_side):
        raise InvalidArgument(f"max_dims={max_dims!r} and max_side={max_side!r} are 0 or more")
    if isinstance(shape, tuple) and not _counts(*shape):
        raise InvalidArgument(f"shape={shape} has a size that is no whole number of 0 or more")
    if shape is None:
        sizes = st.integers(0, max_side)
        shape = st.lists(sizes, max_size=max_dims).map(tuple)
    numbers = _any_number() if elements is None else elements
    # Without a fill, which would give most elements of an array one number.
    arrays = arrays_of.arrays(float, shape, elements=numbers, fill=st.nothing())
    return st.builds(Tensor, arrays, requires_grad=st.just(requires_grad))


def broadcastable_tensors(
    count: int,
    *,
    elements: st.SearchStrategy[float] | None = None,
    max_dims: int = 3,
    max_side: int = 4,
    requires_grad: bool = True,
) -> st.SearchStrategy[tuple[Tensor, ...]]:
    """Return a strategy for Tensors of shapes that broadcast together, as (2, 3) and (3,).

    Args:
        count: how many.
        elements: the numbers; finite ones if not given.
        max_dims: the most axes.
        max_side: the longest axis.
        requires_grad: False gives constants.

    Raises:
        InvalidArgument: count is below 1, or max_dims or max_side negative.

    >>> from hypothesis import find
    >>> x, y = find(broadcastable_tensors(2), lambda pair: pair[0].shape != pair[1].shape)
    >>> (x + y).ndim == max(x.ndim, y.ndim)
    True
    """
    if not _counts(count, max_dims, max_side) or count < 1:
        raise InvalidArgument(
            f"count={count!r} is 1 or more, max_dims={max_dims!r} and max_side={max_side!r} are 0 "
            "or more"
        )
    shapes = arrays_of.mutually_broadcastable_shapes(
        num_shapes=count, min_side=0, max_dims=max_dims, max_side=max_side
    )
    return _of_shapes(shapes, elements, requires_grad)


@st.composite
def _of_shapes(
    draw: st.DrawFn,
    shapes: st.SearchStrategy[Any],
    elements: st.SearchStrategy[float] | None,
    requires_grad: bool,
) -> tuple[Tensor, ...]:
    drawn = draw(shapes).input_shapes
    return tuple(
        draw(tensors(shape=shape, elements=elements, requires_grad=requires_grad))
        for shape in drawn
    )


def _counts(*numbers: object) -> bool:
    """Return whether all are whole numbers of 0 or more."""
    return all(type(n) is int and n >= 0 for n in numbers)


def _any_number() -> st.SearchStrategy[float]:
    return floats(-float("inf"), float("inf"))
