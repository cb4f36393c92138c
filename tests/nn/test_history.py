"""History: rows, columns, the best of them, CSV and what it shows of itself."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest

from engine.errors import ShapeError
from nn import ChoiceError, History
from nn.history import sparkline


@pytest.fixture
def history() -> History:
    """Return three epochs."""
    history = History()
    for epoch, (loss, accuracy) in enumerate([(0.5, 0.25), (0.125, 0.75), (0.25, 0.75)], 1):
        history.append({"epoch": epoch, "loss": loss, "val_accuracy": accuracy, "seconds": 1.5})
    return history


def test_columns_by_name_and_rows_by_index(history: History) -> None:
    assert history["loss"] == [0.5, 0.125, 0.25]
    assert history[-1] == {"epoch": 3, "loss": 0.25, "val_accuracy": 0.75, "seconds": 1.5}
    assert [row["epoch"] for row in history] == [1, 2, 3]
    assert len(history) == 3


def test_best_is_the_least_loss_and_the_most_accuracy_and_the_first_of_equals(
    history: History,
) -> None:
    assert history.best("loss")["epoch"] == 2
    assert history.best("val_accuracy")["epoch"] == 2
    assert history.best("val_accuracy", "min")["epoch"] == 1
    assert history.best("loss", "max")["epoch"] == 1


def test_nan_is_never_best(history: History) -> None:
    history.append({"epoch": 4, "loss": math.nan, "val_accuracy": math.nan, "seconds": 1.5})
    assert history.best("loss")["epoch"] == 2
    assert history.best("val_accuracy")["epoch"] == 2


def test_best_of_nothing_is_an_error() -> None:
    with pytest.raises(ShapeError, match="the history is empty"):
        History().best("loss")
    history = History()
    history.append({"loss": math.nan})
    with pytest.raises(ShapeError, match="column 'loss' is nan in every epoch"):
        history.best("loss")


def test_an_unknown_column_or_mode_is_an_error(history: History) -> None:
    with pytest.raises(KeyError, match="unknown column 'los'; did you mean 'loss'"):
        history["los"]
    with pytest.raises(ChoiceError, match="unknown mode 'least': choose from auto, min, max"):
        history.best("loss", "least")  # type: ignore[arg-type]


def test_a_row_of_other_columns_is_an_error(history: History) -> None:
    with pytest.raises(ShapeError, match="the row has the columns loss; the history has epoch, lo"):
        history.append({"loss": 1.0})


def test_an_empty_history_has_empty_columns() -> None:
    assert History()["loss"] == []


def test_csv_reads_back_to_the_last_bit(history: History, tmp_path: Path) -> None:
    history.append({"epoch": 4, "loss": 0.1 + 0.2, "val_accuracy": 1 / 3, "seconds": math.inf})
    path = tmp_path / "history.csv"
    history.to_csv(path)
    with path.open(encoding="utf-8") as file:
        rows = [{key: float(text) for key, text in row.items()} for row in csv.DictReader(file)]
    assert rows == history.rows


def test_csv_has_unix_line_ends_on_every_system(history: History, tmp_path: Path) -> None:
    history.to_csv(tmp_path / "history.csv")
    text = (tmp_path / "history.csv").read_bytes()
    assert text.startswith(b"epoch,loss,val_accuracy,seconds\n1,0.5,0.25,1.5\n")


def test_repr_shows_a_line_a_column(history: History) -> None:
    history.interrupted = True
    assert (
        repr(history)
        == """\
History of 3 epochs, interrupted
  loss          █▁▃  0.5 → 0.25   best 0.125 at epoch 2
  val_accuracy  ▁██  0.25 → 0.75  best 0.75 at epoch 2"""
    )
    assert repr(History()) == "History of 0 epochs"


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ([], ""),
        ([3.0, 3.0], "▁▁"),
        ([0.0, math.nan, 1.0, -math.inf], "▁×█×"),
        ([-1.7e308, 0.0, 1.7e308], "▁▅█"),
        ([math.nan], "×"),
    ],
)
def test_sparkline_of_every_kind_of_number(values: list[float], line: str) -> None:
    assert sparkline(values) == line


def test_a_long_sparkline_is_thinned_out_and_keeps_its_end() -> None:
    line = sparkline([0.0] * 99 + [1.0], width=40)
    assert line == "▁" * 39 + "█"
