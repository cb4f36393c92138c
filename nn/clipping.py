"""Gradient clipping: a bound on how far one step can go."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from engine.errors import NonFiniteError, NumberError
from engine.op import is_array
from nn.optim import checked_number, checked_parameters


def clip_grad_norm(parameters: Iterable[Any], max_norm: float) -> float:
    """Scale the gradients so that their norm, taken over all of them as one vector, is bounded.

    Args:
        parameters: leaf Values and Tensors, as for an Optimizer; a gradient of None is left out.
        max_norm: the largest norm, above 0. Gradients of a smaller norm stay as they are.

    Returns:
        The norm before, as PyTorch's `clip_grad_norm_` does.

    Raises:
        NonFiniteError: the norm is inf or nan; every gradient is left as it was.
        NumberError: max_norm is not above 0, or the parameters are none or hold one twice.
        OperandError: a parameter is no leaf that requires a gradient.

    >>> from engine import Value
    >>> a, b = Value(3.0), Value(4.0)
    >>> (a * a / 2 + b * b / 2).backward()
    >>> clip_grad_norm([a, b], max_norm=1.0)
    5.0
    >>> a.grad, b.grad
    (0.6000000000000001, 0.8)
    """
    checked = [p for p in checked_parameters(parameters) if p.grad is not None]
    bound = checked_bound(max_norm)
    norms = [norm_of(parameter.grad) for parameter in checked]
    norm = math.hypot(*norms)
    if not math.isfinite(norm):
        place = next((i for i, part in enumerate(norms) if not math.isfinite(part)), None)
        blame = "" if place is None else f"; that of {checked[place]!r} is not finite"
        raise NonFiniteError(
            f"clip_grad_norm: the norm of the gradients is {norm}{blame}. No gradient was changed; "
            "try a smaller lr, or detect_anomaly() to see which op it comes from"
        )
    if norm > bound:
        for parameter in checked:
            parameter.grad = parameter.grad * (bound / norm)
    return norm


def checked_bound(max_norm: float) -> float:
    """Return max_norm as a float, if it is above 0."""
    bound = checked_number("max_norm", max_norm)
    if not bound > 0:
        raise NumberError(f"max_norm must be above 0, got {max_norm!r}")
    return bound


def norm_of(gradient: Any) -> float:
    """Return the Euclidean norm of a number or an array, scaled so that no square overflows."""
    if not is_array(gradient):
        return abs(float(gradient))
    largest = float(abs(gradient).max(initial=0.0))
    if largest == 0.0 or not math.isfinite(largest):
        return largest
    scaled = gradient / largest
    return largest * math.sqrt(float((scaled * scaled).sum()))
