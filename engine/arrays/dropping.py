"""dropout: elements left out at random."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.arrays.array_op import ArrayOp
from engine.arrays.dtypes import Array
from engine.arrays.shaping import shape_of
from engine.coercion import number
from engine.errors import NumberError, OperandError


def dropout(x: Any, p: float, rng: Any) -> Any:
    """Return x with each element set to 0 with probability p, and the others divided by 1 - p.

    Args:
        x: an array or a Tensor.
        p: from 0, which leaves x as it is, to 1, which makes it all 0.
        rng: a `numpy.random.Generator`, which moves on, or a whole number as a seed.

    The gradient passes where the element was kept, with the same factor (Srivastava et al. 2014).

    Raises:
        NumberError: p is not in 0..1.
        OperandError: rng is neither a Generator nor a seed.

    >>> x = dropout(np.ones(1000), 0.5, rng=0)
    >>> sorted(set(x.tolist())), bool(400 < np.count_nonzero(x) < 600)
    ([0.0, 2.0], True)
    """
    rate = number(p, "dropout")
    if not 0.0 <= rate <= 1.0:
        raise NumberError(f"dropout: the probability is from 0 to 1, got {p!r}")
    generator = generator_of(rng, "dropout")
    shape = shape_of(x)
    if rate == 0.0:
        return x
    factor = 0.0 if rate == 1.0 else 1.0 / (1.0 - rate)
    return masking(generator.random(shape, np.float32) >= rate, factor)(x)


def masking(kept: Array, factor: float) -> ArrayOp:
    """Return the row that multiplies the elements that are kept, and sets the others to 0."""

    def forward(x: Array) -> Any:
        return np.where(kept, x * x.dtype.type(factor), x.dtype.type(0.0))

    return ArrayOp(
        "dropout",
        forward,
        lambda g, out, x: masking(kept, factor)(g),
        formula="g/(1 - p) where kept, else 0",
        origin=(masking, (kept, factor)),
    )


def generator_of(rng: Any, name: str) -> np.random.Generator:
    """Return a generator of random numbers, or one made of a seed.

    Raises:
        OperandError: it is neither.
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, int | np.integer) and not isinstance(rng, bool) and rng >= 0:
        return np.random.default_rng(int(rng))
    raise OperandError(
        f"{name}: rng is a numpy.random.Generator, as np.random.default_rng(0), or a seed of 0 or "
        f"more, got {rng!r}: without one a run could not be repeated"
    )
