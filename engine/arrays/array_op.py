"""What a row is whose op works on whole arrays, and not element by element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.arrays.quiet import quietly
from engine.node import Node
from engine.op import Op


class ArrayOp(Op):
    """A primitive on whole arrays: a forward, and how the gradient is pulled back to each operand.

    Args:
        name: what users call it.
        forward: from operands as arrays to an array.
        pulls: one function ``(gradient, out, *operands)`` for each operand, which gives that
            operand's part of the gradient, in its shape; None for an operand without a gradient.
            Written in ops, so that it holds for arrays and Tensors alike.
        symbol: how pictures write it; the name if not given.
        formula: the pulls as text; g is the gradient of out.
        misfit: from the operands' shapes to what is wrong with them, when NumPy refuses them.
        origin: the function and arguments that give this row again, for pickling.
    """

    def __init__(
        self,
        name: str,
        forward: Callable[..., Any],
        *pulls: Callable[..., Any] | None,
        symbol: str | None = None,
        formula: str = "",
        misfit: Callable[..., str] | None = None,
        doc: str | None = None,
        origin: tuple[Callable[..., Op], tuple[Any, ...]] | None = None,
    ) -> None:
        super().__init__(
            name, forward, *pulls, symbol=symbol, formula=formula, doc=doc, origin=origin
        )
        self.pulls = pulls
        self.misfit = misfit

    def __call__(self, *operands: Any) -> Any:
        """Apply the op: arrays give an array, a Tensor among the operands gives a Tensor."""
        for operand in operands:
            if isinstance(operand, Node):
                return operand._apply(self, operands)
        return quietly(self.forward, *operands)

    def pull(self, place: int, gradient: Any, out: Any, operands: Any) -> Any:
        """Return the part of a gradient that goes to the operand at a place."""
        rule = self.pulls[place]
        return None if rule is None else rule(gradient, out, *operands)
