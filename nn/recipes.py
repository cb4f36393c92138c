"""Recipes: what the command trains with where the user says nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Recipe:
    """Hold a network and how it is trained.

    Args:
        hidden: the widths of the hidden layers.
        activation: of the hidden layers.
        epochs: passes over the samples.
        batch_size: samples a step.
        lr: the learning rate.
        momentum: of the descent.
    """

    hidden: tuple[int, ...]
    activation: str
    epochs: int
    batch_size: int
    lr: float
    momentum: float


# Chosen over several seeds: each ends on its plateau.
RECIPES: dict[str, Recipe] = {
    "digits": Recipe((32,), "relu", epochs=15, batch_size=16, lr=0.03, momentum=0.9),
    "xor": Recipe((8,), "tanh", epochs=50, batch_size=4, lr=0.2, momentum=0.9),
    "moons": Recipe((16, 16), "relu", epochs=25, batch_size=16, lr=0.1, momentum=0.9),
    "circles": Recipe((16, 16), "relu", epochs=15, batch_size=16, lr=0.1, momentum=0.9),
}
TABLE = Recipe((16,), "relu", epochs=20, batch_size=16, lr=0.03, momentum=0.9)
VISITS = 50_000  # of samples, in a training on a table
MOST_EPOCHS = 300


def recipe_for(name: str | None, samples: int) -> Recipe:
    """Return the recipe for a data set, or for a table of the user's, which has no name here.

    Args:
        name: of a data set.
        samples: how many there are to train on. Batches are no larger; and a table is passed over
            the more often the smaller it is, for what counts is the number of steps.

    >>> recipe_for(None, samples=1000).epochs, recipe_for("xor", samples=4).batch_size
    (50, 4)
    """
    if name is None:
        epochs = max(TABLE.epochs, min(MOST_EPOCHS, VISITS // samples))
        recipe = replace(TABLE, epochs=epochs)
    else:
        recipe = RECIPES[name]
    return replace(recipe, batch_size=min(recipe.batch_size, samples))
