"""Where a function of arrays is checked, and along which directions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from engine.errors import OperandError
from engine.testing.adapters import Adapter, Array, Direction

CLOSE = 1e-3  # to 0; the shortest steps of differences are far below


class Point(NamedTuple):
    """Where a function is checked, and for which weighted sum of its results."""

    adapter: Adapter
    inputs: list[Array]
    upstream: Array

    def moved(self, direction: Direction, step: complex) -> Array:
        """Return the weighted results a step away."""
        with np.errstate(all="ignore"):  # beside the domain
            results = self.adapter.evaluate(self.beside(direction, step))
        weighted: Array = self.upstream * results
        return weighted

    def total(self, direction: Direction, step: float) -> float:
        """Return the sum of the weighted results a step away."""
        return math.fsum(self.moved(direction, step).ravel())

    def derivative(self, directions: Sequence[Direction] = ()) -> list[Array]:
        """Return the gradient of that sum, differentiated along some directions in turn."""
        copies = [x.copy() for x in self.inputs]
        return self.adapter.derivative(copies, self.upstream.copy(), directions)

    def beside(self, direction: Direction, step: complex) -> list[Array]:
        """Return the inputs a step away."""
        return [x + step * d for x, d in zip(self.inputs, direction, strict=True)]


class Probe(NamedTuple):
    """A direction that inputs are moved along.

    Args:
        name: what it is called in reports, as ``w[2, 1]``.
        direction: one array an input.
        at: the number that is moved; 0 if there are several.
    """

    name: str
    direction: list[Array]
    at: float


def as_input(x: Any, name: str) -> Array:
    """Return an input as an array of real numbers; a plain number is one without axes.

    Raises:
        OperandError: it holds something else.
    """
    if isinstance(x, np.ndarray) and type(x) is not np.ndarray:
        raise OperandError(
            f"{name} is a {type(x).__name__}, and the function is checked with plain arrays: give "
            f"np.asarray({name}), and make the {type(x).__name__} inside of the function"
        )
    if hasattr(x, "detach"):
        x = x.detach()
    try:
        found = np.asarray(x.numpy() if hasattr(x, "numpy") else x)
    except TypeError as error:  # of torch, for what has no counterpart in NumPy
        raise OperandError(f"{name} has to be an array that NumPy can hold: {error}") from None
    if isinstance(x, int | float):
        return found.astype(np.float64)
    if found.dtype.name not in ("float64", "float32"):
        kind = type(x).__name__ if found.dtype.kind == "O" else f"an array of {found.dtype}"
        raise OperandError(
            f"{name} is {kind}, and gradients are of real numbers: give it as float64 or float32, "
            "as x.astype(float)"
        )
    return found


# ----- Directions ------------------------------------------------------------------------------


def probes_of(
    inputs: Sequence[Array], names: Sequence[str], most: int, rng: np.random.Generator
) -> list[Probe]:
    """Return what to move the inputs along: so many elements alone, and all of them at random.

    The random direction is left out where each element is there alone.
    """
    places = [(i, index) for i, x in enumerate(inputs) for index in np.ndindex(x.shape)]
    chosen = places
    if len(places) > most:
        chosen = [places[k] for k in sorted(rng.choice(len(places), most, replace=False))]
    probes = []
    for i, index in chosen:
        direction = [np.zeros_like(x) for x in inputs]
        direction[i][index] = 1.0
        where = f"[{', '.join(map(str, index))}]" if index else ""
        probes.append(Probe(names[i] + where, direction, float(inputs[i][index])))
    if len(places) > len(chosen):
        probes.append(Probe("a random direction", random_direction(inputs, rng), 0.0))
    return probes


def random_direction(inputs: Sequence[Array], rng: np.random.Generator) -> list[Array]:
    """Return a direction that every element has a part in, none of them 0.

    An element close to 0 moves in proportion to itself: 0 may be the border of the domain.
    """
    directions = [np.round(rng.normal(size=x.shape), 2) + 0.005 for x in inputs]
    return [
        np.where((x != 0.0) & (np.abs(x) < CLOSE), direction * x, direction)
        for x, direction in zip(inputs, directions, strict=True)
    ]


def along(gradients: Sequence[Array], direction: Direction) -> float:
    """Return the part of a gradient that lies in a direction."""
    return math.fsum(
        float(g.flat[place]) * float(d.flat[place])
        for g, d in zip(gradients, direction, strict=True)
        for place in np.flatnonzero(d)
    )
