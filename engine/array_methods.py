"""The ops on whole arrays as methods, where users of NumPy and PyTorch look for them.

Compiled with mypyc where a C compiler was at hand at install, plain Python otherwise.
"""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from typing import Any, Self

from mypy_extensions import mypyc_attr

from engine import reductions
from engine.arrays import (
    axes,
    cumulative,
    einsum,
    linalg,
    rearranging,
    shaping,
    softmaxes,
    sorting,
    taking,
    transposing,
)
from engine.coercion import number
from engine.methods import Methods


@mypyc_attr(acyclic=True)
class ArrayMethods(Methods):
    """A node that holds an array, with one method for each common op on whole arrays.

    What each does, its derivative and its convention at a kink stand with the function.
    """

    __slots__ = ()

    # ----- Reductions: axis is one axis or a tuple of them, None for all ------------------------

    def sum(self, axis: Any = None, keepdims: bool = False) -> Self:
        """Apply `engine.sum`."""
        return axes.reduced(reductions.sum, self, axis, keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Self:
        """Apply `engine.mean`."""
        return axes.reduced(reductions.mean, self, axis, keepdims)

    def prod(self, axis: Any = None, keepdims: bool = False) -> Self:
        """Apply `engine.prod`."""
        return axes.reduced(reductions.prod, self, axis, keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Self:
        """Apply `engine.max`."""
        return axes.reduced(reductions.max, self, axis, keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Self:
        """Apply `engine.min`."""
        return axes.reduced(reductions.min, self, axis, keepdims)

    def var(self, axis: Any = None, correction: object = 0.0, keepdims: bool = False) -> Self:
        """Apply `engine.var`."""
        row = reductions.variance(number(correction, "var"))
        return axes.reduced(row, self, axis, keepdims)

    def std(self, axis: Any = None, correction: object = 0.0, keepdims: bool = False) -> Self:
        """Apply `engine.std`."""
        row = reductions.deviation(number(correction, "std"))
        return axes.reduced(row, self, axis, keepdims)

    def norm(self, axis: Any = None, keepdims: bool = False) -> Self:
        """Apply `engine.norm`."""
        return axes.reduced(reductions.norm, self, axis, keepdims)

    def logsumexp(self, axis: Any = None, keepdims: bool = False) -> Self:
        """Apply `engine.logsumexp`."""
        return axes.reduced(reductions.logsumexp, self, axis, keepdims)

    def argmax(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Apply `engine.argmax`."""
        return cumulative.argmax(self, axis, keepdims)

    def cumsum(self, axis: Any = None) -> Self:
        """Apply `engine.cumsum`."""
        return cumulative.cumsum(self, axis)

    def cumprod(self, axis: Any = None) -> Self:
        """Apply `engine.cumprod`."""
        return cumulative.cumprod(self, axis)

    def softmax(self, axis: Any = -1) -> Self:
        """Apply `engine.softmax`."""
        return softmaxes.softmax(self, axis)

    def log_softmax(self, axis: Any = -1) -> Self:
        """Apply `engine.log_softmax`."""
        return softmaxes.log_softmax(self, axis)

    # ----- Shape --------------------------------------------------------------------------------

    def reshape(self, *shape: Any) -> Self:
        """Apply `engine.reshape`; the shape is a tuple, or its sizes one by one."""
        return shaping.reshape(self, shape[0] if len(shape) == 1 else shape)

    def flatten(self) -> Self:
        """Return the elements along one axis, in order."""
        return shaping.reshape(self, (-1,))

    def broadcast_to(self, *shape: Any) -> Self:
        """Apply `engine.broadcast_to`; the shape is a tuple, or its sizes one by one."""
        return shaping.broadcast_to(self, shape[0] if len(shape) == 1 else shape)

    def expand_dims(self, axis: Any) -> Self:
        """Apply `engine.expand_dims`."""
        return shaping.expand_dims(self, axis)

    def squeeze(self, axis: Any = None) -> Self:
        """Apply `engine.squeeze`."""
        return shaping.squeeze(self, axis)

    def permute_dims(self, *axes: Any) -> Self:
        """Apply `engine.permute_dims`; the axes are a tuple, or given one by one."""
        return shaping.permute_dims(self, axes[0] if len(axes) == 1 else axes)

    def transpose(self, *axes: Any) -> Self:
        """Apply `engine.transpose`: the axes in the order given, or else reversed."""
        if not axes:
            return transposing.transpose(self)
        return transposing.transpose(self, axes[0] if len(axes) == 1 else axes)

    def swapaxes(self, first: int, second: int) -> Self:
        """Apply `engine.swapaxes`."""
        return transposing.swapaxes(self, first, second)

    def moveaxis(self, source: Any, destination: Any) -> Self:
        """Apply `engine.moveaxis`."""
        return transposing.moveaxis(self, source, destination)

    # ----- Elements -----------------------------------------------------------------------------

    def take(self, indices: Any, axis: Any = None) -> Self:
        """Apply `engine.take`."""
        return taking.take(self, indices, axis)

    def gather(self, indices: Any, axis: Any = -1) -> Self:
        """Apply `engine.gather`."""
        return taking.gather(self, indices, axis)

    def repeat(self, repeats: Any, axis: Any = None) -> Self:
        """Apply `engine.repeat`."""
        return rearranging.repeat(self, repeats, axis)

    def tile(self, *repetitions: Any) -> Self:
        """Apply `engine.tile`; the repetitions are a tuple, or given one by one."""
        counts: Any = repetitions[0] if len(repetitions) == 1 else repetitions
        return rearranging.tile(self, counts)

    def flip(self, axis: Any = None) -> Self:
        """Apply `engine.flip`."""
        return rearranging.flip(self, axis)

    def roll(self, shift: Any, axis: Any = None) -> Self:
        """Apply `engine.roll`."""
        return rearranging.roll(self, shift, axis)

    def sort(self, axis: Any = -1, descending: bool = False) -> Self:
        """Apply `engine.sort`: a new Tensor, and this one stays as it is."""
        return sorting.sort(self, axis, descending)

    def argsort(self, axis: Any = -1, descending: bool = False) -> Any:
        """Apply `engine.argsort`."""
        return sorting.argsort(self, axis, descending)

    # ----- Products -----------------------------------------------------------------------------

    def matmul(self, other: Any) -> Self:
        """Apply `engine.matmul`."""
        return linalg.matmul(self, other)

    def outer(self, other: Any) -> Self:
        """Apply `engine.outer`."""
        return linalg.outer(self, other)

    def dot(self, other: Any) -> Self:
        """Return the product as `numpy.dot` does: of vectors, matrices, or with a number."""
        return einsum.array_dot(self, other)
