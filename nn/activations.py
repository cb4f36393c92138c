"""Activations by name, as a Neuron takes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import engine
from nn.errors import unknown

Function = Callable[[Any], Any]
Activation = str | Function | None

# They pass about half of what comes in: the case that He et al. derived their variance for.
RECTIFIERS: dict[str, Function] = {
    "relu": engine.relu,
    "leaky_relu": engine.leaky_relu,
    "relu6": engine.relu6,
    "elu": engine.elu,
    "selu": engine.selu,
    "gelu": engine.gelu,
    "silu": engine.silu,
    "softplus": engine.softplus,
}
ACTIVATIONS: dict[str, Function] = {
    **RECTIFIERS,
    "tanh": engine.tanh,
    "hardtanh": engine.hardtanh,
    "sigmoid": engine.sigmoid,
    "sin": engine.sin,
}


def by_name(activation: Activation) -> Activation:
    """Return the name of an activation; a function that is not in the table stays what it is.

    Raises:
        ChoiceError: there is no activation of that name.

    >>> by_name(engine.tanh), by_name("relu"), by_name(None)
    ('tanh', 'relu', None)
    """
    for name, function in ACTIVATIONS.items():
        if activation is function or (isinstance(activation, str) and activation == name):
            return name
    if activation is None or callable(activation):
        return activation
    raise unknown("activation", activation, ACTIVATIONS)


def function_of(activation: Activation) -> Function | None:
    """Return the function that an activation means, or None for none.

    >>> function_of("tanh")(0.0)
    0.0
    """
    return ACTIVATIONS[activation] if isinstance(activation, str) else activation


def spelling(activation: Activation) -> str:
    """Return how an activation is written in a repr.

    >>> spelling("tanh"), spelling(None)
    ('tanh', 'linear')
    """
    if isinstance(activation, str):
        return activation
    return "linear" if activation is None else getattr(activation, "__name__", repr(activation))
