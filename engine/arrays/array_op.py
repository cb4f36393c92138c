"""What a row is whose op works on whole arrays, and not element by element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.arrays.dtypes import FLOAT32, FLOAT64, Array, new_array
from engine.errors import OperandError
from engine.node import Node
from engine.op import Op, is_array
from engine.ops import data_of
from engine.quiet import quietly
from engine.scalar import Scalar

NDARRAY = np.ndarray


class ArrayOp(Op):
    """A primitive on whole arrays: a forward, and how the gradient is pulled back to each operand.

    Args:
        name: what users call it.
        forward: from operands as arrays to an array; it may be a view of an operand.
        pulls: one function ``(gradient, out, *operands)`` for each operand, which gives that
            operand's part of the gradient, in its shape; None for an operand without a gradient.
            Written in ops, so that it holds for arrays and Tensors alike.
        symbol: how pictures write it; the name if not given.
        formula: the pulls as text; g is the gradient of out.
        array_pulls: the same on plain arrays in fewer steps, where that saves much time.
        misfit: from the operands' shapes to what is wrong with them, when NumPy refuses them.
        origin: the function and arguments that give this row again, for pickling.
        moves: whether the forward only moves elements about, of any type; to others, arrays of
            whole numbers and truth values are arrays of float64, as to Tensors.
    """

    def __init__(
        self,
        name: str,
        forward: Callable[..., Any],
        *pulls: Callable[..., Any] | None,
        symbol: str | None = None,
        formula: str = "",
        array_pulls: tuple[Callable[..., Any] | None, ...] | None = None,
        misfit: Callable[..., str] | None = None,
        doc: str | None = None,
        origin: tuple[Callable[..., Op], tuple[Any, ...]] | None = None,
        moves: bool = False,
    ) -> None:
        super().__init__(
            name, forward, *pulls, symbol=symbol, formula=formula, doc=doc, origin=origin
        )
        self.pulls = pulls
        self.misfit = misfit
        self.moves = moves
        self.on_arrays = forward
        self.array_pulls = array_pulls or pulls

    def __call__(self, *operands: Any) -> Any:
        """Apply the op: arrays give an array, a Tensor among the operands gives a Tensor."""
        floats = True
        for operand in operands:
            if type(operand) is not NDARRAY:
                floats = False
                if isinstance(operand, Node):
                    if isinstance(operand, Scalar):
                        raise no_array(operand, self.name)
                    return operand._apply(self, operands)
            elif operand.dtype is not FLOAT64 and operand.dtype is not FLOAT32:
                floats = False
        if not floats:
            convert = as_array if self.moves else as_floats
            operands = tuple([convert(operand, self.name) for operand in operands])
        try:
            return quietly(self.forward, *operands)
        except ValueError:
            from engine.arrays.elementwise import misfit  # which knows the rows of this class

            raise misfit(self, operands) from None

    def pull(self, place: int, gradient: Any, out: Any, operands: Any) -> Any:
        """Return the part of a gradient that goes to the operand at a place."""
        rule = self.pulls[place]
        return None if rule is None else rule(gradient, out, *operands)


def as_array(x: Any, name: str) -> Any:
    """Return an operand beside which there is no Tensor as an array.

    Raises:
        OperandError: it is no array, no number and no nested list of numbers.
    """
    if isinstance(x, np.ndarray | np.generic):
        array = np.asarray(x)
        return new_array(array, name=name) if array.dtype.kind == "O" else array
    return new_array(x, name=name)


def data_array(x: Any, name: str) -> Array:
    """Return the array of a Tensor, or what `as_array` makes of anything else."""
    tensor = isinstance(x, Node) and is_array(x)
    array: Array = data_of(x) if tensor else as_array(x, name)
    return array


def as_floats(x: Any, name: str) -> Array:
    """Return an operand beside which there is no Tensor as an array of float64 or float32.

    Raises:
        OperandError: it is none of numbers, as text or complex ones.
    """
    array: Array = as_array(x, name)
    return array if array.dtype in (FLOAT64, FLOAT32) else new_array(array, name=name)


def no_array(x: Any, name: str) -> OperandError:
    """Return the error for something in the place of an array."""
    kind = type(x).__name__
    if isinstance(x, Scalar):
        remedy = "Tensor.from_values(...) makes a Tensor of Values and keeps their gradients"
    else:
        remedy = "Tensor(...) or np.array(...) makes one of nested lists of numbers"
    return OperandError(f"{name} takes arrays and Tensors, got a {kind}: {remedy}")
