"""The data sets that come with a name: digits, xor, moons, circles."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from engine.errors import NumberError
from nn.data import Dataset
from nn.errors import MissingPackageError, unknown
from nn.init import SEEDS, generator

# Two classes in the plane; 2 sets of 100 points, close enough together to need a curved border.
SAMPLES = 200


def load(name: str, seed: int = 0) -> Dataset:
    """Return a data set by its name.

    Args:
        name: "digits", 1797 real handwritten digits of 8×8 pixels from 0 to 16, in 10 classes;
            "moons" and "circles", 200 points in the plane, in 2 classes; or "xor", its 4 points.
        seed: of the noise of moons and circles, below 2³².

    Raises:
        ChoiceError: there is no data set of that name.
        NumberError: the seed is out of range.
        MissingPackageError: scikit-learn, which all but xor come from, is not installed.

    >>> load("xor").inputs
    [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    """
    if not isinstance(name, str) or name not in DATASETS:
        raise unknown("data set", name, DATASETS)
    generator(seed)  # which checks it
    if seed >= SEEDS:
        raise NumberError(f"a seed of a data set is below {SEEDS}, got {seed}")
    return DATASETS[name](seed)


def _xor(seed: int) -> Dataset:
    inputs = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    return Dataset("xor", inputs, [0, 1, 1, 0], ("a", "b"), ("false", "true"))


def _digits(seed: int) -> Dataset:
    inputs, labels = read_digits()
    names = tuple(f"row{row}_column{column}" for row in range(8) for column in range(8))
    classes = tuple(map(str, range(10)))
    return Dataset("digits", inputs, list(labels), names, classes)


def read_digits() -> tuple[list[list[float]], list[int]]:
    """Return the pixels and the labels of the digits, as `sklearn.datasets.load_digits` does.

    The file is read where scikit-learn has it, whose import takes longer than a training.
    """
    package = find_spec("sklearn")
    folder = package.submodule_search_locations if package is not None else None
    file = Path(folder[0] if folder else "", "datasets", "data", "digits.csv.gz")
    if not file.is_file():
        bunch = _scikit_learn().load_digits()
        return bunch.data.tolist(), bunch.target.tolist()
    with gzip.open(file, "rt", encoding="ascii") as lines:
        rows = [list(map(float, line.split(","))) for line in lines]
    return [row[:-1] for row in rows], [int(row[-1]) for row in rows]


def _moons(seed: int) -> Dataset:
    made = _scikit_learn().make_moons(n_samples=SAMPLES, noise=0.1, random_state=seed)
    return _in_the_plane("moons", made, ("upper", "lower"))


def _circles(seed: int) -> Dataset:
    made = _scikit_learn().make_circles(
        n_samples=SAMPLES, noise=0.05, factor=0.5, random_state=seed
    )
    return _in_the_plane("circles", made, ("outer", "inner"))


def _in_the_plane(name: str, made: tuple[Any, Any], class_names: tuple[str, str]) -> Dataset:
    inputs, targets = made
    return Dataset(name, inputs.tolist(), targets.tolist(), ("x", "y"), class_names)


def _scikit_learn() -> Any:
    try:
        from sklearn import datasets  # here, for it takes a second to import

        return datasets
    except ModuleNotFoundError as error:
        raise MissingPackageError(
            'this data set comes from scikit-learn: pip install "stepgrad[train]"'
        ) from error


DATASETS: dict[str, Callable[[int], Dataset]] = {
    "digits": _digits,
    "xor": _xor,
    "moons": _moons,
    "circles": _circles,
}
