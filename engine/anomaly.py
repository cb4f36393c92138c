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

    def receive(node: Any, gradient: float, why: str) -> None:
        already = gradients.get(node)
        if already is None:
            already = (node.grad or 0.0) if node.op is None else 0.0  # leaves accumulate
        total = already + gradient
        if not math.isfinite(total):
            if math.isfinite(gradient):
                why = f"{why}, and with {already!r} makes {total!r}"
            raise NonFiniteError(why)
        gradients[node] = total

    for root, seed in zip(roots, seeds, strict=True):
        receive(root, seed, f"backward() started from the gradient {seed!r}")
    for node in order:
        upstream = gradients.pop(node)
        for position, (operand, local) in enumerate(
            zip(node.operands, node.local_gradients, strict=True)
        ):
            if operand.requires_grad and operand.index < node.index:
                gradient = upstream * local
                receive(
                    operand,
                    gradient,
                    f"the gradient of {_call(node.op, node.operands)} for operand {position} is "
                    f"{gradient!r}: {upstream!r} from above times {local!r} here"
                    f"{_place(node.source)}",
                )


def _call(op: Any, operands: Sequence[Any]) -> str:
    shown = [
        f"{operand.label}={operand.data!r}" if operand.label else repr(operand.data)
        for operand in operands[:4]
    ]
    more = [f"and {len(operands) - 4} more"] if len(operands) > 4 else []
    return f"{op.name}({', '.join(shown + more)})"


def _place(source: str | None) -> str:
    return "" if source is None else f" ({source})"
