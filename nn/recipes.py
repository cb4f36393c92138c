"""Recipes: what the command trains with where the user says nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Hold a network and how it is trained.

    Args:
        hidden: the widths of the hidden layers.
        activation: of the hidden layers.
        epochs: passes over the samples.
        batch_size: samples a step, or all of them if there are fewer.
        lr: the learning rate.
        momentum: of the descent.
    """

    hidden: tuple[int, ...]
    activation: str
    epochs: int
    batch_size: int
    lr: float
    momentum: float


# Chosen over several seeds: each ends on its plateau, with half the rate to spare before it shakes.
RECIPES: dict[str, Recipe] = {
    "digits": Recipe((32,), "relu", epochs=15, batch_size=16, lr=0.03, momentum=0.9),
    "xor": Recipe((8,), "tanh", epochs=50, batch_size=4, lr=0.2, momentum=0.9),
    "moons": Recipe((16, 16), "relu", epochs=25, batch_size=16, lr=0.1, momentum=0.9),
    "circles": Recipe((16, 16), "relu", epochs=15, batch_size=16, lr=0.1, momentum=0.9),
}
TABLE = Recipe((16,), "relu", epochs=60, batch_size=16, lr=0.03, momentum=0.9)
