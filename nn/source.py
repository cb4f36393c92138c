"""Source: where the samples of a run come from and how they are parted, so that it repeats."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal, NamedTuple

from nn.data import Dataset, Task, split
from nn.datasets import load
from nn.errors import DataError
from nn.table import load_csv

TEST_FRACTION = 0.2
VALIDATION_FRACTION = 0.1
LEAST_VALIDATED = 50  # with fewer samples to train on, none is spared for validation


class Parts(NamedTuple):
    """The samples to train on, to choose the best epoch by, and to test on at the end."""

    train: Dataset
    validation: Dataset | None
    test: Dataset


@dataclass(frozen=True)
class Source:
    """Name a data set, or a CSV file and what it is read as.

    Args:
        name: of a data set of `nn.datasets`, or None.
        csv: the path of a file, or None.
        target: its column to learn.
        ignore: its columns to leave out.
        task: as for `nn.table.load_csv`.
        sha256: of the file; "" takes it as it is.
        seed: of the noise of a data set and of the parting.
    """

    name: str | None = None
    csv: str | None = None
    target: str = ""
    ignore: tuple[str, ...] = ()
    task: Literal["auto"] | Task = "auto"
    sha256: str = ""
    seed: int = 0

    def load(self) -> Dataset:
        """Return all samples.

        Raises:
            DataError: the file cannot be learned from, or is not the one that it was.
            ChoiceError, NumberError, MissingPackageError: as `nn.datasets.load`.
        """
        if self.csv is None:
            return load(str(self.name), self.seed)
        if self.sha256 and sha256_of(self.csv) != self.sha256:
            raise DataError(
                f"{self.csv} is not the file of the training any more, so the rows that were held "
                "back are lost; give a file with --csv"
            )
        return load_csv(self.csv, self.target, self.task, self.ignore)

    def parts(self) -> Parts:
        """Return the samples parted at random: a fifth to test on, a tenth of the rest to validate.

        The 4 points of xor are all there is of it: they are trained and tested on.
        """
        dataset = self.load()
        if self.name == "xor":
            return Parts(dataset, None, dataset)
        rest, test = split(dataset, TEST_FRACTION, self.seed)
        if len(rest) < LEAST_VALIDATED:
            return Parts(rest, None, test)
        train, validation = split(rest, VALIDATION_FRACTION, self.seed)
        return Parts(train, validation, test)


def sha256_of(path: str) -> str:
    """Return the SHA-256 of a file; DataError if it cannot be read."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from None
