"""Directions to look in from the weights of a model."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import NamedTuple

from engine.errors import ShapeError
from engine.op import is_array
from nn.errors import MissingPackageError
from nn.module import Module
from nn.plots.inference import weights_of

LEAST_KEPT = 3  # points of a path, so that a plane lies through them


def filter_normalised(model: Module, rng: random.Random) -> list[float]:
    """Return a random direction whose parts are as long as those of the weights are.

    Args:
        model: p weights.
        rng: what the direction is drawn from.

    Returns:
        p numbers in the order of the parameters. A part, or filter, is what one module holds
        itself: the weights and the bias of a neuron; or, of Tensors, what all of them have at one
        place of their first axis, which is the same.

    So a step along it changes every neuron by the same share, whatever the scale of its weights:
    d ← d / ‖d‖ · ‖w‖ for each filter. Source: Li, Xu, Taylor, Studer, Goldstein, Visualizing the
    Loss Landscape of Neural Nets, NeurIPS 2018, section 4.
    """
    weights = weights_of(model.parameters())
    drawn = [rng.gauss(0.0, 1.0) for _ in weights]
    filters: dict[tuple[str, int], list[int]] = {}
    start = 0
    for name, parameter in model.named_parameters():
        shape = parameter.shape if is_array(parameter) else ()
        width = math.prod(shape[1:])
        for row in range(shape[0] if shape else 1):
            places = filters.setdefault((name.rpartition(".")[0], row), [])
            places += range(start, start + width)
            start += width
    for places in filters.values():
        length = math.hypot(*(weights[place] for place in places))
        share = length / math.hypot(*(drawn[place] for place in places))
        for place in places:
            drawn[place] *= share
    return drawn


class Plane(NamedTuple):
    """The plane in which a path through the weights moves most.

    Args:
        first, second: p numbers each: orthogonal directions of length 1.
        path: the points of the path as steps along both, seen from its end.
        shares: of the path's squared length from its end, what each direction explains.
    """

    first: list[float]
    second: list[float]
    path: list[tuple[float, float]]
    shares: tuple[float, float]


def principal_plane(weights: Sequence[Sequence[float]]) -> Plane:
    """Return the plane through the end of a path that comes nearest to its points.

    Args:
        weights: k points of p numbers each, k ≥ 3 and p ≥ 2.

    Raises:
        ShapeError: there are too few points, or the path does not move.
        MissingPackageError: NumPy, which comes with matplotlib, is not installed.

    The directions are the first two right singular vectors of the rows w - w_end, each with its
    largest number above 0. Source: Li et al. as above, section 7.
    """
    if len(weights) < LEAST_KEPT or len(weights[0]) < 2:
        raise ShapeError(
            f"a plane takes {LEAST_KEPT} points or more of 2 weights or more; the path has "
            f"{len(weights)} of {len(weights[0]) if weights else 0}: train for more epochs"
        )
    try:
        import numpy as np
    except ModuleNotFoundError as error:
        raise MissingPackageError(
            'this is computed with NumPy: pip install "stepgrad[plots]"'
        ) from error
    steps = np.array(weights) - np.array(weights[-1])
    if not steps.any():
        raise ShapeError("the path does not move: all its points are the same weights")
    _, lengths, axes = np.linalg.svd(steps, full_matrices=False)
    axes = axes[:2] * np.sign(axes[[0, 1], np.abs(axes[:2]).argmax(axis=1)])[:, None]
    explained = lengths[:2] ** 2 / (lengths**2).sum()
    path = [(float(a), float(b)) for a, b in steps @ axes.T]
    return Plane(
        axes[0].tolist(), axes[1].tolist(), path, (float(explained[0]), float(explained[1]))
    )
