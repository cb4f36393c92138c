"""The mean cross-entropy of logits and whole-number labels, as one row with one pass each way."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from engine.arrays.array_op import ArrayOp
from engine.arrays.dtypes import Array
from engine.arrays.linalg import ones
from engine.arrays.shaping import shape_of
from engine.arrays.softmaxes import softmax
from engine.errors import NumberError, OperandError, ShapeError


def cross_entropy(logits: Any, labels: Any) -> Any:
    """Return the mean over rows of -log softmax(logits) at the label.

    Args:
        logits: an array or Tensor of shape (n, k), a row a sample.
        labels: n whole numbers from 0 to k - 1, the class of each sample.

    Raises:
        OperandError: the labels are no whole numbers.
        NumberError: a label is no class.
        ShapeError: there is not one label for each row.

    Finite logits never give nan: the loss is exact to a rounding of the largest logit.

    >>> float(cross_entropy(np.zeros((2, 4)), [0, 3])) == math.log(4.0)
    True
    """
    return cross_entropy_at(places_of(labels, shape_of(logits)))(logits)


def places_of(labels: Any, shape: tuple[int, ...]) -> Array:
    """Return where the logits of the labels lie in the flattened array of logits."""
    classes = labels if isinstance(labels, np.ndarray) else np.asarray(labels)
    if classes.dtype.kind not in "iu":
        raise OperandError(
            f"cross_entropy takes labels that are whole numbers, got {classes.dtype}: use "
            "labels.astype(int)"
        )
    if len(shape) != 2 or classes.shape != shape[:1] or 0 in shape:
        raise ShapeError(
            f"cross_entropy takes logits (n, k) and n labels, got logits {shape} and labels "
            f"{classes.shape}"
        )
    count = shape[1]
    classes = classes.astype(np.intp, copy=False)
    if np.maximum.reduce(classes.view(np.uintp)) >= count:  # a negative one is a very large one
        wrong = classes[(classes < 0) | (classes >= count)][0]
        raise NumberError(
            f"cross_entropy: label {wrong} is no class of logits {shape}: classes are 0 to "
            f"{count - 1}"
        )
    places: Array = row_starts(shape) + classes
    return places


@lru_cache(maxsize=64)
def row_starts(shape: tuple[int, int]) -> Array:
    """Return where the rows of a matrix start when it is flattened."""
    return np.arange(shape[0]) * shape[1]


def cross_entropy_at(places: Array) -> ArrayOp:
    """Return the row of `cross_entropy` for the labels of one batch, by their places.

    It keeps the exponentials of its latest forward, from which the gradient is one product away.
    """
    kept: list[tuple[Array, Array, Array]] = []

    def forward(x: Array) -> Array:
        kept[:] = [computed(x, places)]
        return kept[0][0]

    def pull(g: Any, out: Any, x: Any) -> Any:
        targets = np.zeros(shape_of(x))
        targets.put(places, 1.0)
        return (softmax(x) - targets) * (g * (1.0 / shape_of(x)[0]))

    def array_pull(g: Array, out: Array, x: Array) -> Array:
        known = bool(kept) and kept[0][0] is out
        _, weights, inverses = kept[0] if known else computed(x, places)
        scale = g / len(x)
        part: Array = weights * (inverses * scale)[:, None]
        part.put(places, part.take(places) - scale)
        return part

    return ArrayOp(
        "cross_entropy",
        forward,
        pull,
        symbol="H",
        formula="(softmax x - one-hot label)·g/n",
        array_pulls=(array_pull,),
        origin=(cross_entropy_at, (places,)),
    )


def computed(x: Array, places: Array) -> tuple[Array, Array, Array]:
    """Return the mean loss, and exponentials and factors whose product is the softmax."""
    n, k = x.shape
    row, column = ones(k, x.dtype), ones(n, x.dtype)  # a product with it sums short rows soonest
    weights: Array = np.exp(x)
    sums = weights.dot(row)
    inverses = np.divide(column, sums)
    losses = np.log(sums)
    losses -= x.take(places)
    loss = losses.dot(column) / n
    if not (inverses.dot(column) < 1e30 and math.isfinite(loss)):  # exp was cut
        top = np.maximum.reduce(x, 1, keepdims=True)
        weights = np.exp(x - top)
        sums = weights.dot(row)
        inverses = np.divide(column, sums)
        losses = np.log(sums) - (x.take(places) - top[:, 0])
        loss = losses.dot(column) / n
    return np.asarray(loss, x.dtype), weights, inverses
