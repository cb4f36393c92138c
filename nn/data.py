"""What a model learns from: a data set, its split into parts, and the scale of its features."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from engine.coercion import number
from engine.errors import NumberError, OperandError, ShapeError
from nn.errors import DataError
from nn.init import generator

Task = Literal["classification", "regression"]


@dataclass(frozen=True)
class Dataset:
    """Hold n samples to learn from.

    Args:
        name: what reports call it.
        inputs: n rows of features.
        targets: n indices into the class names, or n numbers in a regression.
        feature_names: one for each feature.
        class_names: one for each class; none in a regression.
        task: "classification" or "regression".

    >>> points = Dataset("points", [[0.0], [1.0]], [0, 1], ("x",), ("low", "high"))
    >>> len(points), points.width
    (2, 1)
    """

    name: str
    inputs: list[list[float]]
    targets: list[float]
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...] = ()
    task: Task = "classification"

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def width(self) -> int:
        """The number of features of a sample."""
        return len(self.feature_names)

    def take(self, rows: Sequence[int]) -> Dataset:
        """Return the data set of these rows alone."""
        return replace(
            self,
            inputs=[self.inputs[row] for row in rows],
            targets=[self.targets[row] for row in rows],
        )


def split(
    dataset: Dataset, test_fraction: float = 0.2, seed: int | None = None
) -> tuple[Dataset, Dataset]:
    """Divide a data set at random into one to train on and one to test on.

    Args:
        dataset: n samples.
        test_fraction: the share to test on, between 0 and 1. Of a classification each class is
            divided by itself, so that both parts have the mixture of the whole, and its last
            sample is never held back.
        seed: the same seed makes the same parts; None draws one.

    Returns:
        The part to train on and the part to test on, their rows in the order of the whole.

    Raises:
        NumberError: test_fraction is not between 0 and 1.
        DataError: there are too few samples to hold one back.
        OperandError: there is no Dataset, or test_fraction is no number.

    >>> points = Dataset("p", [[float(i)] for i in range(10)], [0, 1] * 5, ("x",), ("a", "b"))
    >>> train, test = split(points, test_fraction=0.2, seed=0)
    >>> len(train), sorted(test.targets)
    (8, [0, 1])
    """
    if not isinstance(dataset, Dataset):
        raise OperandError(
            f"split takes a Dataset, got a {type(dataset).__name__}: engine.split cuts arrays"
        )
    if not 0 < number(test_fraction, "test_fraction") < 1:
        raise NumberError(f"test_fraction must be between 0 and 1, got {test_fraction!r}")
    rng = generator(seed)
    classes: dict[float, list[int]] = {}
    for row, target in enumerate(dataset.targets):
        classes.setdefault(target if dataset.task == "classification" else 0, []).append(row)
    groups = [rows for _, rows in sorted(classes.items())]
    sizes = shares([len(rows) for rows in groups], test_fraction)
    held = {row for rows, size in zip(groups, sizes, strict=True) for row in rng.sample(rows, size)}
    if not held:
        raise DataError(
            f"{dataset.name}: {len(dataset)} samples are too few to hold {test_fraction:.0%} back"
        )
    return (
        dataset.take([row for row in range(len(dataset)) if row not in held]),
        dataset.take(sorted(held)),
    )


def shares(sizes: Sequence[int], fraction: float) -> list[int]:
    """Return how many to take of each group, so that the sum is the fraction of the whole.

    Groups are rounded down, then those that lost most get one more (largest remainders); a group
    is never taken whole.

    >>> shares([10, 10, 5], 0.1)
    [1, 1, 0]
    """
    taken = [int(size * fraction) for size in sizes]
    by_loss = sorted(range(len(sizes)), key=lambda i: taken[i] - sizes[i] * fraction)
    for i in by_loss:
        if sum(taken) < round(sum(sizes) * fraction) and taken[i] + 1 < sizes[i]:
            taken[i] += 1
    return taken


@dataclass(frozen=True)
class Standardize:
    """Shift and scale each feature: (x - mean) / scale.

    `Standardize.fit` measures both on training data, so that each feature then has mean 0 and
    standard deviation 1; a constant feature is centred and keeps its scale.

    >>> standardize = Standardize.fit([[1.0, 5.0], [3.0, 5.0]])
    >>> standardize([[1.0, 5.0], [5.0, 6.0]])
    [[-1.0, 0.0], [3.0, 1.0]]
    """

    means: tuple[float, ...]
    scales: tuple[float, ...]

    @classmethod
    def fit(cls, inputs: Sequence[Sequence[float]]) -> Standardize:
        """Measure the mean and the (population) standard deviation of each feature of n rows.

        Raises:
            ShapeError: there is no row.
        """
        if not inputs:
            raise ShapeError("Standardize.fit needs at least one row of features")
        pairs = [_mean_and_scale(column) for column in zip(*inputs, strict=True)]
        return cls(tuple(mean for mean, _ in pairs), tuple(scale for _, scale in pairs))

    def __call__(self, inputs: Sequence[Sequence[float]]) -> list[list[float]]:
        """Return the rows shifted and scaled; ShapeError for a row of another width."""
        for i, row in enumerate(inputs):
            if len(row) != len(self.means):
                raise ShapeError(
                    f"Standardize expects {len(self.means)} features, row {i} has {len(row)}"
                )
        return [
            [
                (x - mean) / scale
                for x, mean, scale in zip(row, self.means, self.scales, strict=True)
            ]
            for row in inputs
        ]

    def undo(self, row: Sequence[float]) -> list[float]:
        """Return a row as it was before it was shifted and scaled."""
        return [
            x * scale + mean for x, mean, scale in zip(row, self.means, self.scales, strict=True)
        ]

    def state(self) -> dict[str, list[str]]:
        """Return means and scales as text, to the last bit."""
        return {
            "means": [mean.hex() for mean in self.means],
            "scales": [scale.hex() for scale in self.scales],
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Sequence[str]]) -> Standardize:
        """Return what `state` described."""
        return cls(
            tuple(map(float.fromhex, state["means"])), tuple(map(float.fromhex, state["scales"]))
        )

    def _pairs(self) -> list[tuple[float, float]]:
        return list(zip(self.means, self.scales, strict=True))


def _mean_and_scale(column: Sequence[float]) -> tuple[float, float]:
    low, high = min(column), max(column)
    if low == high:  # asked of the numbers, for a rounded deviation of equal ones may not be 0
        return low, 1.0
    mean = math.fsum(x / len(column) for x in column)
    reach = max(high - mean, mean - low)
    # Divided by the reach first, so that neither the squares overflow nor do they vanish.
    deviation = math.sqrt(math.fsum(((x - mean) / reach) ** 2 for x in column) / len(column))
    return mean, reach * deviation
