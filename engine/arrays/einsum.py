"""einsum and tensordot: sums of products, each made of permute_dims, matmul and their like.

They have no rule of their own: two operands at a time are brought into the form of one matrix
product, in which BLAS does the work.
"""

from __future__ import annotations

import math
import string
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from engine import reductions
from engine.arrays.array_op import as_floats
from engine.arrays.axes import reduced
from engine.arrays.dtypes import axes_of
from engine.arrays.indexing import getitem
from engine.arrays.linalg import matmul
from engine.arrays.shaping import permute_dims, reshape, shape_of
from engine.arrays.subscripts import Labels, parsed, sizes_of
from engine.errors import OperandError, ShapeError
from engine.node import Node


class Term:
    """An operand with a label for each of its axes, no label twice."""

    def __init__(self, array: Any, labels: Labels) -> None:
        self.array = array
        self.labels = labels

    def ordered(self, labels: Labels) -> Any:
        """Return the array with its axes in the order of labels, of which it has each."""
        if labels == self.labels:
            return self.array
        return permute_dims(self.array, tuple([self.labels.index(label) for label in labels]))

    def grouped(self, groups: Sequence[Labels], sizes: dict[str, int]) -> Any:
        """Return the array with one axis for each group of labels that follow each other."""
        array = self.ordered("".join(groups))
        return reshape(array, tuple([math.prod([sizes[k] for k in group]) for group in groups]))


def einsum(subscripts: str, *operands: Any) -> Any:
    """Return the sum of products that a formula in Einstein's notation says.

    Args:
        subscripts: a letter for each axis of each operand, as "ij,jk->ik"; letters that are not
            in the result are summed over. Without "->" the result has the letters that occur
            once, in alphabetic order. "..." stands for further axes, which broadcast; a letter
            twice in one operand takes its diagonal.
        operands: arrays and Tensors.

    Raises:
        ShapeError: the formula does not fit the operands, or an axis has two sizes.

    >>> einsum("ij,j->i", np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 10.0]))
    array([21., 43.])
    """
    if not isinstance(subscripts, str):
        raise OperandError(
            f'einsum takes a formula first, as "ij,jk->ik", got a {type(subscripts).__name__}'
        )
    arrays = [x if isinstance(x, Node) else as_floats(x, "einsum") for x in operands]
    shapes = tuple([shape_of(x) for x in arrays])
    inputs, result = parsed(subscripts, shapes)
    sizes = sizes_of(inputs, shapes, subscripts)
    terms = [_term(x, labels, sizes) for x, labels in zip(arrays, inputs, strict=True)]
    for group in _order(",".join([term.labels for term in terms]), result, tuple(sizes.items())):
        chosen = [terms.pop(place) for place in sorted(group, reverse=True)]
        term = chosen.pop()
        while chosen:
            factor = chosen.pop()
            others = {*result}.union(*[other.labels for other in terms + chosen])
            term = _product(term, factor, others, sizes)
        terms.append(term)
    return _summed(terms[0], {*result}).ordered(result)


def tensordot(x: Any, y: Any, axes: Any = 2) -> Any:
    """Return the sum of products over some axes of x and as many of y.

    Args:
        x: an array or a Tensor.
        y: an array or a Tensor.
        axes: how many of the last axes of x meet the first of y; or two sequences, the axes of x
            and those of y that each of them meets.

    Raises:
        ShapeError: there are no such axes, or their sizes differ.

    >>> tensordot(np.ones((2, 3)), np.ones((3, 4)), 1).shape
    (2, 4)
    """
    m, n = len(shape_of(x)), len(shape_of(y))
    if isinstance(axes, int):
        if not 0 <= axes <= min(m, n):
            raise ShapeError(
                f"tensordot: {shape_of(x)} and {shape_of(y)} have no {axes} axes to sum over"
            )
        axes = range(m - axes, m), range(axes)
    elif not isinstance(axes, tuple | list) or len(axes) != 2:
        raise OperandError(f"tensordot: axes is a whole number or a pair of axes, got {axes!r}")
    left, right = [
        axes_of(
            list(given) if isinstance(given, range | tuple | list) else given, ndim, "tensordot"
        )
        for given, ndim in zip(axes, (m, n), strict=True)
    ]
    if [shape_of(x)[i] for i in left] != [shape_of(y)[i] for i in right]:
        raise ShapeError(
            f"tensordot: the axes {left} of {shape_of(x)} and {right} of {shape_of(y)} differ in "
            "number or size"
        )
    names = string.ascii_letters
    met = dict(zip(right, left, strict=True))
    second = "".join([names[met[i]] if i in met else names[m + i] for i in range(n)])
    first = names[:m]
    rest = [k for k in first + second if (k in first) != (k in second)]
    return einsum(f"{first},{second}->{''.join(rest)}", x, y)


def array_dot(x: Any, y: Any) -> Any:
    """Return the sum of products over the last axis of x and the last but one of y.

    Of vectors it is the inner product, of matrices the matrix product; a single number multiplies
    every element. Unlike `matmul` it takes every matrix of x with every one of y.

    >>> float(array_dot(np.array([1.0, 2.0]), np.array([3.0, 4.0])))
    11.0
    """
    m, n = len(shape_of(x)), len(shape_of(y))
    if not m or not n:
        return x * y
    return matmul(x, y) if n <= 2 else tensordot(x, y, (-1, -2))


def _term(x: Any, labels: Labels, sizes: dict[str, int]) -> Term:
    """Return an operand without axes that broadcast, and with the diagonal of a repeated label."""
    kept = "".join([k for k, n in zip(labels, shape_of(x), strict=True) if n == sizes[k]])
    x = reshape(x, tuple([sizes[k] for k in kept]))
    once = "".join(dict.fromkeys(kept))
    if once != kept:
        grid = dict(zip(once, np.ogrid[tuple([slice(sizes[k]) for k in once])], strict=True))
        x = getitem(x, tuple([grid[k] for k in kept]))
    return Term(x, once)


@lru_cache(maxsize=256)
def _order(inputs: str, result: Labels, sizes: tuple[tuple[str, int], ...]) -> list[Any]:
    """Return the places of the terms to multiply next, time after time; NumPy knows a good order.

    A product takes the last place.
    """
    if inputs.count(",") < 2:
        return [(0, 1)] * inputs.count(",")
    known = dict(sizes)
    shapes = [tuple([known[k] for k in labels]) for labels in inputs.split(",")]
    arrays = [np.broadcast_to(0.0, shape) for shape in shapes]
    return np.einsum_path(f"{inputs}->{result}", *arrays, optimize="greedy")[0][1:]


def _product(x: Term, y: Term, wanted: set[str], sizes: dict[str, int]) -> Term:
    """Return the product of two terms, summed over the labels that nobody else wants."""
    x, y = _summed(x, wanted | {*y.labels}), _summed(y, wanted | {*x.labels})
    both = [k for k in x.labels if k in y.labels]
    batch = "".join([k for k in both if k in wanted])
    inner = "".join([k for k in both if k not in wanted])
    left = "".join([k for k in x.labels if k not in y.labels])
    right = "".join([k for k in y.labels if k not in x.labels])
    before = (batch,) if batch else ()
    if inner:
        rows = x.grouped((*before, left, inner), sizes)
        product = matmul(rows, y.grouped((*before, inner, right), sizes))
    else:
        rows = x.grouped((*before, left, ""), sizes)  # "" is an axis of size 1
        product = rows * y.grouped((*before, "", right), sizes)
    labels = batch + left + right
    return Term(reshape(product, tuple([sizes[k] for k in labels])), labels)


def _summed(term: Term, wanted: set[str]) -> Term:
    """Return a term summed over the labels that nobody wants."""
    axes = tuple([i for i, label in enumerate(term.labels) if label not in wanted])
    if not axes:
        return term
    kept = "".join([label for label in term.labels if label in wanted])
    return Term(reduced(reductions.sum, term.array, axes), kept)
