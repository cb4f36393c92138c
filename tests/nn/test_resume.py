"""A loop of your own, saved in the middle and taken up from the file, ends where one without does.

The file holds the weights, and `extra` what else the loop goes on from: the state of the optimizer,
that of the generator, and what is left of the epoch's order.
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from nn import MLP, SGD, load_model, save_model

ROWS = [([x / 7.0, 1.0 - x / 5.0], (x - 3.0) ** 2 / 9.0) for x in range(7)]


class Loop(NamedTuple):
    """What a training goes on from; `order` is what is left of the epoch, the next one last."""

    model: Any
    optimizer: SGD
    rng: Random
    order: list[int]


def started(seed: int, momentum: float) -> Loop:
    model = MLP(2, [3, 1], activation="tanh", seed=seed)
    return Loop(model, SGD(model.parameters(), lr=0.05, momentum=momentum), Random(seed), [])


def trained(loop: Loop, steps: int) -> Loop:
    for _ in range(steps):
        if not loop.order:
            loop.order.extend(loop.rng.sample(range(len(ROWS)), len(ROWS)))
        features, target = ROWS[loop.order.pop()]
        loop.optimizer.zero_grad()
        ((loop.model(features) - target) ** 2).backward()
        loop.optimizer.step()
        loop.optimizer.lr *= 0.99
    return loop


def saved(loop: Loop, path: Path) -> None:
    version, words, gauss = loop.rng.getstate()
    save_model(
        path,
        loop.model,
        {
            "optimizer": loop.optimizer.state_dict(),
            "rng": [version, list(words), gauss],
            "order": loop.order,
        },
    )


def resumed(path: Path, momentum: float) -> Loop:
    model, extra = load_model(path)
    loop = Loop(model, SGD(model.parameters(), lr=1.0, momentum=momentum), Random(), extra["order"])
    loop.optimizer.load_state_dict(extra["optimizer"])
    version, words, gauss = extra["rng"]
    loop.rng.setstate((version, tuple(words), gauss))
    return loop


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("k", [0, 1, 7, 10])  # before the first step, and between and in epochs
def test_fault_97_a_resumed_loop_equals_an_uninterrupted_one(
    tmp_path: Path, k: int, momentum: float
) -> None:
    whole = trained(started(3, momentum), 16)
    saved(trained(started(3, momentum), k), tmp_path / "model.json")
    again = trained(resumed(tmp_path / "model.json", momentum), 16 - k)
    assert again.model.state_dict() == whole.model.state_dict()
    assert again.optimizer.state_dict() == whole.optimizer.state_dict()
    assert (again.rng.getstate(), again.order) == (whole.rng.getstate(), whole.order)
