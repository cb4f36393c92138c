"""The backward sweep over a graph of Tensors, run aside by the very code of `backward`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from engine.array_node import _parts
from engine.arrays.broadcasting import unbroadcast
from engine.quiet import quietly
from engine.tensor import UNSET, Tensor
from engine.view.stepper.array_chain import ArrayChain, frozen
from engine.view.stepper.recording import Contribution, Record
from engine.view.trace import Trace


def sweep_arrays(
    trace: Trace, order: list[int], seeds: list[tuple[int, Any]], nodes: Sequence[Any]
) -> Record:
    """Run the chain rule aside, on stand-ins of Tensors.

    Args:
        trace: the nodes as they are shown.
        order: the interior nodes in the order of their visits.
        seeds: each root with the gradient that it starts with.
        nodes: the Tensors; they are read, and nothing is written to them.

    Raises:
        GraphError: data of an operand were changed after a node was computed.
    """
    tensors = sorted(nodes, key=lambda node: node.index)
    shadows = list(map(Shadow, tensors))
    chain = ArrayChain(trace, [tensor.dtype for tensor in tensors])
    result = Record(trace, order, [], [], chain)
    gradients = list(result.starting_gradients)
    uses = [0] * len(trace)

    def receive(target: int, operand: int, part: Any, source: Any) -> Contribution:
        shadow, before = shadows[target], gradients[target]
        summed = summed_over(np.shape(part), shadow.stand_in.shape)
        amount = shadow.receive(part, source)
        after = gradients[target] = frozen(shadow.gradient)
        return Contribution(target, operand, amount, before, after, uses[target], summed)

    for which, (root, seed) in enumerate(seeds):
        result.seeds.append(receive(root, which, seed, None))
    for position in order:
        targets, source = trace.operands[position], shadows[position].gradient
        wanted = [trace.requires_grad[i] and i < position for i in targets]
        passed = []
        parts = shadows[position].parts(wanted)
        for operand, (target, part) in enumerate(zip(targets, parts, strict=True)):
            if part is not None:
                uses[target] += 1
                passed.append(receive(target, operand, part, source))
        result.contributions.append(passed)
    return result


class Shadow:
    """A Tensor's stand-in in a sweep: it takes gradients in as the Tensor does, in its place.

    Args:
        tensor: what it stands for.
    """

    def __init__(self, tensor: Any) -> None:
        self.tensor = tensor
        self.stand_in = Tensor(UNSET)
        self.stand_in._data = tensor._data
        self.stand_in._op = tensor._op
        self.stand_in._requires_grad = True
        if tensor._op is None and tensor._has_grad:
            self.stand_in._grad = tensor._grad.copy()
            self.stand_in._has_grad = True

    @property
    def gradient(self) -> Any:
        """The gradient that has arrived, as it is; None if none has."""
        return self.stand_in._grad if self.stand_in._has_grad else None

    def receive(self, part: Any, source: Any) -> Any:
        """Add a part of the gradient, and return it in the shape of the data."""
        data = self.stand_in._data
        fitting = np.asarray(part, data.dtype)
        if fitting.shape != data.shape:
            fitting = np.asarray(unbroadcast(fitting, data.shape))
        self.stand_in._receive(part, source)
        return frozen(fitting)

    def parts(self, wanted: list[bool]) -> list[Any]:
        """Return what goes to each operand that is wanted, before it is summed to its shape.

        Raises:
            GraphError: data of an operand were changed after this was computed.
        """
        tensor = self.tensor
        tensor._check_unchanged()
        arrays = [operand._data for operand in tensor.operands]
        parts = quietly(_parts, tensor._op, self.gradient, tensor._data, arrays, wanted)
        return cast("list[Any]", parts)


def summed_over(have: Sequence[int], shape: Sequence[int]) -> str:
    """Return how a gradient came to the shape of an operand that was broadcast.

    >>> summed_over((3, 4), (4,)), summed_over((3, 4), (3, 1)), summed_over((3, 4), (3, 4))
    ('summed over axis 0: (3, 4) → (4,)', 'summed over axis 1: (3, 4) → (3, 1)', '')
    """
    if tuple(have) == tuple(shape):
        return ""
    extra = len(have) - len(shape)
    stretched = [extra + i for i, n in enumerate(shape) if n == 1 and have[extra + i] != 1]
    axes = [*range(extra), *stretched]
    return (
        f"summed over {'axis' if len(axes) == 1 else 'axes'} {', '.join(map(str, axes))}: "
        f"{tuple(have)} → {tuple(shape)}"
    )
