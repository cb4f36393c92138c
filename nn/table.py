"""Read a data set from a CSV file; whatever is wrong with it is named by line and column."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nn.data import Dataset, Task
from nn.errors import DataError, hint, unknown

# A numeric target of more distinct values than this is taken for a quantity, not for classes.
MOST_NUMERIC_CLASSES = 20


@dataclass(frozen=True)
class Table:
    """Hold the cells of a CSV file as text, with the line where each row begins."""

    path: str
    columns: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]

    def where(self, row: int, column: str) -> str:
        """Say where a cell stands: file, line and column."""
        return f"{self.path}, line {self.lines[row]}, column {column!r}"

    def index(self, column: str) -> int:
        """Return the place of a column; DataError with the columns there are if it is missing."""
        if column in self.columns:
            return self.columns.index(column)
        guess = hint(column, self.columns)
        raise DataError(
            f"{self.path} has no column {column!r}{guess or ';'} "
            f"its columns are {', '.join(self.columns)}"
        )

    def texts(self, column: str) -> list[str]:
        """Return the cells of a column; DataError for an empty one."""
        place = self.index(column)
        for row, cells in enumerate(self.rows):
            if not cells[place]:
                raise DataError(f"{self.where(row, column)}: the cell is empty")
        return [cells[place] for cells in self.rows]

    def numbers(self, column: str) -> list[float]:
        """Return the numbers of a column; DataError for a cell that is no finite number."""
        return [self._number(row, column, text) for row, text in enumerate(self.texts(column))]

    def _number(self, row: int, column: str, text: str) -> float:
        number = parse_number(text)
        if number is None:
            raise DataError(
                f"{self.where(row, column)}: {text!r} is not a number; "
                "write the column in numbers or leave it out"
            )
        if not math.isfinite(number):
            raise DataError(
                f"{self.where(row, column)}: {text} is not a finite number; "
                "leave the row out or fill the gap"
            )
        return number


def parse_number(text: str) -> float | None:
    """Return the number that a cell spells, or None.

    >>> parse_number("2.5"), parse_number("1_000")
    (2.5, None)
    """
    if "_" in text:  # which Python would read over
        return None
    try:
        return float(text)
    except ValueError:
        return None


def read_table(path: str | os.PathLike[str]) -> Table:
    """Read a CSV file whose first line names the columns.

    Cells are separated by commas, or by semicolons or tabs if the header has more of those.

    Raises:
        DataError: the file is missing, a directory, empty, not UTF-8 or without rows, or a row has
            another number of cells than the header; the message names file and line.
    """
    name = os.fspath(path)
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise DataError(f"{name}, line {line}: not UTF-8 text; save the file as UTF-8") from None
    except OSError as error:
        raise DataError(f"cannot read {name}: {error.strerror}") from None
    if "\0" in text:
        line = text.partition("\0")[0].count("\n") + 1
        raise DataError(f"{name}, line {line}: a NUL byte; save the file as UTF-8 text")
    records = list(_records(name, text))
    if not records:
        raise DataError(f"{name} is empty; its first line must name the columns")
    _, header = records.pop(0)
    _check_header(name, header)
    if not records:
        raise DataError(f"{name} has a header but no rows")
    for line, cells in records:
        if len(cells) != len(header):
            raise DataError(
                f"{name}, line {line}: {len(cells)} cells, but the header has {len(header)} "
                f"(the last one is {header[-1]!r})"
            )
    return Table(name, tuple(header), [cells for _, cells in records], [n for n, _ in records])


def load_csv(
    path: str | os.PathLike[str],
    target: str,
    task: Literal["auto"] | Task = "auto",
    ignore: Sequence[str] = (),
) -> Dataset:
    """Return the data set of a CSV file: one column is the target, the others are the features.

    Args:
        path: a file as for `read_table`.
        target: the column to learn.
        task: "classification" or "regression"; "auto" takes text, and numbers of at most 20
            distinct values, for classes, and other numbers for a quantity.
        ignore: columns that are no features.

    Raises:
        DataError: a column is missing, a cell is empty, a feature is text, nan or inf, or the
            target has one class only; the message names file, line and column.
        ChoiceError: there is no such task.
    """
    if task not in ("auto", "classification", "regression"):
        raise unknown("task", task, ("auto", "classification", "regression"))
    table = read_table(path)
    left_out = {table.index(column) for column in (target, *ignore)}
    features = [name for place, name in enumerate(table.columns) if place not in left_out]
    if not features:
        raise DataError(f"{table.path} has no column but the target {target!r} to learn from")
    targets, class_names = _targets(table, target, task)
    columns = [table.numbers(column) for column in features]
    return Dataset(
        name=Path(table.path).stem,
        inputs=[list(row) for row in zip(*columns, strict=True)],
        targets=targets,
        feature_names=tuple(features),
        class_names=class_names,
        task="classification" if class_names else "regression",
    )


def _targets(table: Table, column: str, task: str) -> tuple[list[float], tuple[str, ...]]:
    """Return the targets and the class names, none for a regression."""
    texts = table.texts(column)
    numeric = [parse_number(text) is not None for text in texts]
    many = len(set(texts)) > MOST_NUMERIC_CLASSES
    # Among many distinct values, mostly numbers, a text is a slip and not a class of its own.
    if task == "regression" or (task == "auto" and many and sum(numeric) * 2 > len(texts)):
        return table.numbers(column), ()
    if all(numeric):
        values = table.numbers(column)
        spelling: dict[float, str] = {}
        keys = [  # 1 and 1.0 are one class, called what it is called first
            spelling.setdefault(value, text) for value, text in zip(values, texts, strict=True)
        ]
        names = [spelling[value] for value in sorted(spelling)]
    else:
        for row, text in enumerate(texts):
            if text.lower() == "nan":
                raise DataError(f"{table.where(row, column)}: nan is no class; fill the gap")
        keys, names = texts, sorted(set(texts))
    if len(names) == 1:
        raise DataError(
            f"{table.path}, lines {table.lines[0]} to {table.lines[-1]}, column {column!r}: "
            f"only one class, {names[0]!r}; a classifier needs at least two"
        )
    places = {name: index for index, name in enumerate(names)}
    return [places[key] for key in keys], tuple(names)


def _records(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank, with the line where it begins."""
    header = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"{name}, line {line}: {error}") from None


def _check_header(name: str, header: list[str]) -> None:
    for place, column in enumerate(header):
        if not column:
            raise DataError(f"{name}, line 1: column {place + 1} has no name; name it or remove it")
        if column in header[:place]:
            raise DataError(f"{name}, line 1: two columns are named {column!r}; rename one")
