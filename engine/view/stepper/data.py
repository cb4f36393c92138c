"""Step and Part: what happens in one step, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Amount = Any  # a float; of a Tensor with axes a read-only array


@dataclass(frozen=True, slots=True)
class Partial:
    """A local derivative: that of a node for one of its operands.

    Attributes:
        target: the position of the operand in the trace.
        name: what formulas call it.
        operand: which operand of the node it is; of a seed, which root.
        rule: the derivative as a formula in the names of the nodes; empty if its op has none. Of
            an op on whole arrays, what it makes of an upstream gradient g: ``"xᵀ @ g"``.
        local: the derivative as it was when the node was computed; of Tensors the array of it,
            element by element, or None for an op that works on whole arrays, as matmul.
    """

    target: int
    name: str
    operand: int
    rule: str
    local: Amount


@dataclass(frozen=True, slots=True)
class Part(Partial):
    """What one operand receives in a step of the backward pass.

    Attributes:
        contribution: the upstream gradient times the local derivative.
        before: the operand's gradient before this step; None for "not computed yet".
        after: the operand's gradient after this step.
        use: how many of its consumers' contributions have arrived, this one included.
        uses: how many there are.
        pull: of Tensors, how the contribution follows from the upstream gradient: ``"xᵀ @ ∂f/∂h"``.
        summed: how it came to the shape of an operand that was broadcast:
            ``"summed over axis 0: (3, 4) → (4,)"``.
    """

    contribution: Amount
    before: Amount | None
    after: Amount
    use: int
    uses: int
    pull: str = ""
    summed: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a pass. Each pass opens with a step of no node, which says what is given.

    Attributes:
        index: its position among the steps.
        phase: "forward", "backward" or "update".
        node: the position of its node in the trace, or None.
        expr: what the node is, in names and numbers: ``"d = a × b = -6"``.
        name: what formulas call the node.
        value: the number or array of the node after this step.
        upstream: the gradient of the root for the node, where it is known.
        partials: in the forward pass, the local derivatives that the node keeps.
        parts: in the backward pass, what each operand that requires a gradient receives.
        reason: why it is this node's turn.
        stale: whether data was set after the node was computed, so that its number no longer is
            what its operands give; its gradients are those of the numbers it was computed from.
        remarks: what else is worth saying, as where a gradient dies or nan begins.
        source: where the program made the node, ``"demo.py:12"``, if `engine.record_source` was on.
        line: the text of that line, where it can be read.
    """

    index: int
    phase: str
    node: int | None
    expr: str
    name: str = ""
    value: Amount | None = None
    upstream: Amount | None = None
    partials: tuple[Partial, ...] = ()
    parts: tuple[Part, ...] = ()
    reason: str = ""
    stale: bool = False
    remarks: tuple[str, ...] = ()
    source: str | None = None
    line: str | None = None
