"""The chain rule at one node of a graph of Tensors, on the arrays that a trace holds."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.array_node import _parts
from engine.arrays.broadcasting import unbroadcast
from engine.arrays.kernels import kernel
from engine.quiet import quietly
from engine.view.stepper.chain import Chain
from engine.view.stepper.words import is_whole
from engine.view.trace import Trace


class ArrayChain(Chain):
    """What each node of a graph of Tensors gives and passes on; floats stand for no axes.

    Args:
        trace: the nodes.
        dtypes: of each node.
    """

    def __init__(self, trace: Trace, dtypes: list[Any]) -> None:
        super().__init__(trace)
        self.dtypes = dtypes

    def passed(self, position: int, upstream: Any) -> list[tuple[int, int, Any]]:
        """Return the operand, its node and what it receives, for each that requires a gradient."""
        targets = self.trace.operands[position]
        wanted = [self.trace.requires_grad[i] and i < position for i in targets]
        out, gradient = self._array(position), np.asarray(upstream, self.dtypes[position])
        arrays = [self._array(i) for i in targets]
        parts = quietly(_parts, self.trace.ops[position], gradient, out, arrays, wanted)
        return [
            (operand, target, frozen(unbroadcast(np.asarray(part), arrays[operand].shape)))
            for operand, (target, part) in enumerate(zip(targets, parts, strict=True))
            if part is not None
        ]

    def local(self, position: int, operand: int) -> Any:
        """Return the derivative of an op that works element by element; None for any other op."""
        op = self.trace.ops[position]
        if is_whole(op) or operand >= len(op.derivatives):
            return None
        derivative = op.derivatives[operand]
        if derivative is None:
            return None
        arrays = [self._array(i) for i in self.trace.operands[position]]
        return frozen(np.asarray(quietly(derivative, self._array(position), *arrays)))

    def is_stale(self, position: int) -> bool:
        """Return False: what was changed since cannot be swept, and so not be recorded."""
        return False

    def applied(self, position: int, operands: list[Any]) -> Any:
        """Return what the op of a node gives for operands."""
        op = self.trace.ops[position]
        forward = op.on_arrays or kernel(op)
        places = self.trace.operands[position]
        arrays = [np.asarray(x, self.dtypes[i]) for x, i in zip(operands, places, strict=True)]
        return frozen(np.asarray(quietly(forward, *arrays)))

    def _array(self, position: int) -> Any:
        return np.asarray(self.trace.data[position], self.dtypes[position])


def frozen(array: Any) -> Any:
    """Return a copy of an array that cannot be written to; a float of one without axes."""
    if not array.shape:
        return float(array)
    copy = array.copy()
    copy.flags.writeable = False
    return copy
