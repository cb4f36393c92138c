"""What `detect_anomaly` checks: the first nan or inf, with its op, operands and source line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from engine.errors import NonFiniteError

INF = math.inf


def is_finite(data: Any) -> bool:
    """Return whether a number, or each of an array, is neither nan nor infinite."""
    return math.isfinite(data) if isinstance(data, float) else bool(abs(data).max(initial=0) < INF)


def check_result(op: Any, operands: Sequence[Any], data: Any, source: str | None) -> None:
    """Raise a NonFiniteError if an op gave nan or inf."""
    if not is_finite(data):
        raise NonFiniteError(f"{_call(op, operands)} gave {_shown(data)}{_place(source)}")


def check_sweep(roots: Sequence[Any], seeds: Sequence[Any], order: Sequence[Any]) -> None:
    """Run the chain rule aside, touching no gradient, and raise where it first gives nan or inf."""
    gradients: dict[Any, Any] = {}

    def receive(node: Any, gradient: Any, why: str) -> None:
        already = gradients.get(node)
        if already is None:  # leaves accumulate
            already = 0.0 if node.op is not None or node.grad is None else node.grad
        total = already + gradient
        if not is_finite(total):
            if is_finite(gradient):
                why = f"{why}, and with {already!r} makes {total!r}"
            raise NonFiniteError(why)
        gradients[node] = total

    for root, seed in zip(roots, seeds, strict=True):
        receive(root, seed, f"backward() started from the gradient {seed!r}")
    for node in order:
        upstream = gradients.pop(node)
        wanted = [o.requires_grad and o.index < node.index for o in node.operands]
        for position, (operand, part, how) in enumerate(_parts(node, upstream, wanted)):
            if wanted[position] and part is not None:
                receive(
                    operand,
                    part,
                    f"the gradient of {_call(node.op, node.operands)} for operand {position} is "
                    f"{_shown(part)}{how}{_place(node.source)}",
                )


def _parts(node: Any, upstream: Any, wanted: list[bool]) -> list[tuple[Any, Any, str]]:
    """Return each operand of a node, its part of the gradient, and how that came about."""
    if hasattr(node, "_pulled"):  # a Tensor, or an element of one
        parts = node._pulled(upstream, wanted)
        return [(o, part, "") for o, part in zip(node.operands, parts, strict=True)]
    return [
        (operand, upstream * local, f": {upstream!r} from above times {local!r} here")
        for operand, local in zip(node.operands, node.local_gradients, strict=True)
    ]


def _call(op: Any, operands: Sequence[Any]) -> str:
    shown = [
        f"{operand.label}={_shown(operand._data)}" if operand.label else _shown(operand._data)
        for operand in operands[:4]
    ]
    more = [f"and {len(operands) - 4} more"] if len(operands) > 4 else []
    return f"{op.name}({', '.join(shown + more)})"


def _shown(data: Any) -> str:
    return " ".join(repr(data).split())  # the rows of an array in one line


def _place(source: str | None) -> str:
    return "" if source is None else f" ({source})"
