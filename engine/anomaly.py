"""What `detect_anomaly` checks: the first nan or inf, with its op, operands and source line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from engine.errors import NonFiniteError


def check_result(op: Any, operands: Sequence[Any], data: float, source: str | None) -> None:
    """Raise a NonFiniteError if an op gave nan or inf."""
    if not math.isfinite(data):
        raise NonFiniteError(f"{_call(op, operands)} gave {data!r}{_place(source)}")


def check_sweep(roots: Sequence[Any], seeds: Sequence[Any], order: Sequence[Any]) -> None:
    """Run the chain rule aside, touching no gradient, and raise where it first gives nan or inf."""
    gradients: dict[Any, float] = {}
    for root, seed in zip(roots, seeds, strict=True):
        gradients[root] = gradients.get(root, 0.0) + seed
    for node in order:
        upstream = gradients.pop(node)
        for position, (operand, local) in enumerate(
            zip(node.operands, node.local_gradients, strict=True)
        ):
            if not operand.requires_grad:
                continue
            gradient = upstream * local
            if not math.isfinite(gradient):
                raise NonFiniteError(
                    f"the gradient of {_call(node.op, node.operands)} for operand {position} is "
                    f"{gradient!r}: {upstream!r} from above times {local!r} here"
                    f"{_place(node.source)}"
                )
            gradients[operand] = gradients.get(operand, 0.0) + gradient


def _call(op: Any, operands: Sequence[Any]) -> str:
    shown = [
        f"{operand.label}={operand.data!r}" if operand.label else repr(operand.data)
        for operand in operands[:4]
    ]
    more = [f"and {len(operands) - 4} more"] if len(operands) > 4 else []
    return f"{op.name}({', '.join(shown + more)})"


def _place(source: str | None) -> str:
    return "" if source is None else f" ({source})"
