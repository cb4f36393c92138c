"""One evaluation of a function of Tensors, and what it recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, cast

import numpy as np

from engine.errors import GraphError, OperandError
from engine.graph import walk
from engine.modes import record_source
from engine.node import COUNTERS
from engine.tensor import Tensor
from engine.value import Value


class TensorRecording:
    """One call of a function with fresh Tensors in place of some arrays.

    Args:
        function: the function that is checked.
        arrays: what it is called with.
        sources: whether each node notes the line of the program that made it.
    """

    def __init__(
        self, function: Callable[..., Any], arrays: Sequence[Any], sources: bool = False
    ) -> None:
        self.floor = COUNTERS.created
        self.variables = [Tensor(x, requires_grad=True) for x in arrays]
        with record_source() if sources else nullcontext():
            self.output = function(*self.variables)
        self.kept = all(
            variable.grad is None and np.array_equal(variable.data, x, equal_nan=True)
            for variable, x in zip(self.variables, arrays, strict=True)
        )

    def check(self) -> None:
        """Raise unless the function returned a Tensor that gradients flow from to some input.

        Raises:
            OperandError: it returned a Value.
            GraphError: no gradient flows.
        """
        output = self.output
        if isinstance(output, Value):
            raise OperandError(
                "the function of Tensors returned a Value: return Tensor.from_values(...) of it, "
                "or give check_gradients() numbers"
            )
        if not isinstance(output, Tensor) or not output.requires_grad:
            raise GraphError(
                f"the function returned a {type(output).__name__} that no gradient flows through: "
                "the graph was lost on the way. The likely cause is .data, .item(), .detach(), "
                "no_grad() or a function of NumPy; use stepgrad's own, as engine.sin(t)"
            )
        used = {operand for node in self.nodes() for operand in node.operands} | {output}
        if not used.intersection(self.variables):
            raise GraphError(
                "the function returned a result that none of its inputs is in: it was computed "
                "from other Tensors. Likely it uses a Tensor of the same name from outside of it"
            )

    def nodes(self) -> list[Any]:
        """Return the interior nodes of the graph, in the order in which they were made."""
        found = walk([self.output], self.floor)
        return sorted(cast("list[Any]", found), key=lambda node: node.index)

    def flows(self, node: Any, operand: Any) -> bool:
        """Return whether a gradient flows from a node to an operand."""
        return bool(operand.requires_grad) and self.floor < operand.index < node.index
