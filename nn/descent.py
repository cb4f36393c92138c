"""How SGD moves Tensors: in place, with one new array for each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from engine.quiet import restore, silence
from engine.tensor import Tensor


def descend(
    parameters: Sequence[Any],
    velocities: list[Any],
    lr: float,
    momentum: float,
    weight_decay: float,
    nesterov: bool,
) -> None:
    """Move the Tensors among the parameters that have a gradient; their velocities are updated.

    Args:
        parameters: what the optimizer moves.
        velocities: of each parameter, None where there is none yet.
        lr, momentum, weight_decay, nesterov: as for an SGD.
    """
    token = silence()
    try:
        for place, parameter in enumerate(parameters):
            gradient = parameter.grad if isinstance(parameter, Tensor) else None
            if gradient is None:
                continue
            dtype = gradient.dtype
            if weight_decay:
                gradient = gradient + factor(weight_decay, dtype) * parameter.data
            if momentum:
                velocity = velocities[place]
                if velocity is None:
                    velocity = velocities[place] = gradient.copy()
                else:
                    np.multiply(velocity, factor(momentum, dtype), velocity)
                    np.add(velocity, gradient, velocity)
                ahead = factor(momentum, dtype) * velocity if nesterov else None
                gradient = velocity if ahead is None else gradient + ahead
            parameter.subtract_(np.multiply(gradient, factor(lr, dtype)))
    finally:
        restore(token)


@lru_cache(maxsize=64)
def factor(number: float, dtype: Any) -> Any:
    """Return a number as an array without axes: NumPy multiplies by it sooner than by a float."""
    return np.array(number, dtype)
