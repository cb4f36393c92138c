"""The record of a training: one row an epoch, one column a quantity."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Iterator
from typing import Literal, overload

from engine.errors import ShapeError
from nn.errors import unknown

BARS = "▁▂▃▄▅▆▇█"
LOWER_IS_BETTER = ("loss", "seconds", "error")


class History:
    """Keep what each epoch measured, by row and by column.

    `history["loss"]` is a column, `history[-1]` a row; `len` and iteration are over rows.
    `interrupted` tells whether the training was stopped before its last epoch.

    >>> history = History()
    >>> history.append({"epoch": 1, "loss": 0.5, "accuracy": 0.8})
    >>> history.append({"epoch": 2, "loss": 0.25, "accuracy": 0.9})
    >>> history["loss"]
    [0.5, 0.25]
    >>> history.best("accuracy")
    {'epoch': 2, 'loss': 0.25, 'accuracy': 0.9}
    >>> history
    History of 2 epochs
      loss      █▁  0.5 → 0.25  best 0.25 at epoch 2
      accuracy  ▁█  0.8 → 0.9   best 0.9 at epoch 2
    """

    def __init__(self) -> None:
        self.rows: list[dict[str, float]] = []
        self.interrupted = False

    @property
    def columns(self) -> list[str]:
        """Name the columns, in their order."""
        return list(self.rows[0]) if self.rows else []

    def append(self, row: dict[str, float]) -> None:
        """Add the row of an epoch; ShapeError if its columns are not those of the rows before."""
        if self.rows and list(row) != self.columns:
            raise ShapeError(
                f"the row has the columns {', '.join(row)}; "
                f"the history has {', '.join(self.columns)}"
            )
        self.rows.append(dict(row))

    def best(self, column: str, mode: Literal["auto", "min", "max"] = "auto") -> dict[str, float]:
        """Return the row with the best number of a column, the earliest one of equals.

        Args:
            column: its name.
            mode: "min" or "max"; "auto" takes the least of a loss, an error or seconds, and the
                most of anything else. nan is never best.

        Raises:
            ChoiceError: there is no such column.
            ShapeError: the history is empty, or the column is nan throughout.
        """
        if mode not in ("auto", "min", "max"):
            raise unknown("mode", mode, ("auto", "min", "max"))
        if not self.rows:
            raise ShapeError("the history is empty: no epoch was finished, so none is best")
        values = self[column]
        ranked = [row for row, value in zip(self.rows, values, strict=True) if value == value]
        if not ranked:
            raise ShapeError(f"column {column!r} is nan in every epoch, so none is best")
        lower = column.endswith(LOWER_IS_BETTER) if mode == "auto" else mode == "min"
        choose = min if lower else max
        return dict(choose(ranked, key=lambda row: row[column]))

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write the rows as CSV under a header; numbers read back to the last bit."""
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, self.columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.rows)

    @overload
    def __getitem__(self, key: str) -> list[float]: ...
    @overload
    def __getitem__(self, key: int) -> dict[str, float]: ...
    def __getitem__(self, key: str | int) -> list[float] | dict[str, float]:
        """Return the column of a name, or the row of an index (from 0)."""
        if isinstance(key, int):
            return self.rows[key]
        if key not in self.columns:
            if not self.rows:
                return []
            raise unknown("column", key, self.columns)
        return [row[key] for row in self.rows]

    def __iter__(self) -> Iterator[dict[str, float]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        title = f"History of {len(self)} epoch{'' if len(self) == 1 else 's'}"
        lines = [title + (", interrupted" if self.interrupted else "")]
        shown = [name for name in self.columns if name not in ("epoch", "seconds")]
        names = max(map(len, shown), default=0)
        spans = {name: f"{self[name][0]:.4g} → {self[name][-1]:.4g}" for name in shown}
        widest = max(map(len, spans.values()), default=0)
        for name in shown:
            line = f"  {name:{names}}  {sparkline(self[name])}  {spans[name]:{widest}}"
            if any(value == value for value in self[name]):
                row = self.best(name)
                line += f"  best {row[name]:.4g} at epoch {row['epoch']:.0f}"
            lines.append(line)
        return "\n".join(lines)


def sparkline(values: list[float], width: int = 40) -> str:
    """Draw numbers as a line of bars, at most `width` characters; what is not finite is `×`.

    Of more numbers than fit, each bar shows the last of its share.

    >>> sparkline([0.0, 1.0, 2.0, 7.0])
    '▁▂▃█'
    """
    if len(values) > width:
        values = [values[(slot + 1) * len(values) // width - 1] for slot in range(width)]
    finite = [value for value in values if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)

    def bar(value: float) -> str:
        if not math.isfinite(value):
            return "×"
        # Halved first, for the span of the largest floats is itself too large for a float.
        part = (value / 2 - low / 2) / (high / 2 - low / 2) if high > low else 0.0
        return BARS[round(part * (len(BARS) - 1))]

    return "".join(map(bar, values))
