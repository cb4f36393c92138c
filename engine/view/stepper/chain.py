"""The chain rule at one node, on the numbers that a trace holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from engine.errors import EngineError
from engine.op import Reduction
from engine.view.trace import Trace


class Chain:
    """What each node of a graph of Values gives and passes on.

    Args:
        trace: the nodes.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    def passed(self, position: int, upstream: Any) -> list[tuple[int, int, Any]]:
        """Return the operand, its node and what it receives, for each that requires a gradient."""
        local_gradients = self.trace.local_gradients[position]
        return [
            (operand, target, upstream * local_gradients[operand])
            for operand, target in enumerate(self.trace.operands[position])
            if self.trace.requires_grad[target]
        ]

    def local(self, position: int, operand: int) -> Any:
        """Return the local derivative of a node for an operand."""
        return self.trace.local_gradients[position][operand]

    def is_stale(self, position: int) -> bool:
        """Return whether an interior node's number is not what its operands now give."""
        was, now = self.trace.data[position], self.result(position, self.trace.data)
        return now != was and bool(now == now or was == was)

    def result(self, position: int, numbers: Sequence[Any]) -> Any:
        """Return what an op gives for other numbers; None where a user's primitive refuses."""
        operands = [numbers[i] for i in self.trace.operands[position]]
        if any(operand is None for operand in operands):
            return None
        try:
            return self.applied(position, operands)
        except EngineError:
            return None

    def applied(self, position: int, operands: list[Any]) -> Any:
        """Return what the op of a node gives for operands."""
        op = self.trace.ops[position]
        arguments: list[Any] = [operands] if isinstance(op, Reduction) else operands
        return cast("float", op.forward(*arguments))
