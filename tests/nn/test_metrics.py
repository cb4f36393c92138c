"""Metrics, counted by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine import Value
from engine.errors import ShapeError
from nn import LabelError
from nn.metrics import (
    accuracy,
    confusion_matrix,
    confusion_table,
    predicted_label,
    r2_score,
    root_mean_squared_error,
)


def test_a_row_means_its_largest_score_and_the_first_of_equals() -> None:
    assert predicted_label([Value(0.5), Value(2.0), Value(2.0)]) == 1


@pytest.mark.parametrize(("score", "label"), [(0.5, 1), (0.0, 0), (-0.5, 0)])
def test_a_single_score_means_its_sign(score: float, label: int) -> None:
    assert predicted_label(Value(score)) == label


def test_numpy_scores_are_scores() -> None:
    assert predicted_label(np.array([0.5, 2.0])) == 1
    assert predicted_label(np.float32(0.5)) == 1


def test_no_scores_are_an_error() -> None:
    with pytest.raises(ShapeError, match="an output of no scores means no class"):
        predicted_label([])


def test_accuracy_of_rows_and_of_both_kinds_of_single_scores() -> None:
    assert accuracy([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [2.0, 1.0]], [0, 1, 0, 1]) == 0.5
    assert accuracy([1.0, -1.0, 1.0, 1.0], [1, 0, 0, 1]) == 0.75
    assert accuracy([1.0, -1.0, 1.0, 1.0], [1, -1, -1, 1]) == 0.75


@pytest.mark.parametrize("metric", [accuracy, root_mean_squared_error, r2_score])
def test_metrics_need_pairs_and_at_least_one(metric: object) -> None:
    with pytest.raises(ShapeError, match="got 1 and 2"):
        metric([1.0], [1.0, 2.0])  # type: ignore[operator]
    with pytest.raises(ShapeError, match="got 0 and 0"):
        metric([], [])  # type: ignore[operator]


def test_confusion_counts_true_classes_in_rows() -> None:
    assert confusion_matrix([1, 1, 0, 2], [0, 1, 0, 2], classes=3) == [
        [1, 1, 0],
        [0, 1, 0],
        [0, 0, 1],
    ]


@pytest.mark.parametrize(
    ("predictions", "targets", "message"),
    [([0, 2], [0, 0], "row 1 has prediction 2"), ([0, 0], [0, -1], "row 1 has target -1")],
)
def test_confusion_refuses_what_is_no_class(
    predictions: list[int], targets: list[int], message: str
) -> None:
    with pytest.raises(LabelError, match=rf"{message}, but there are 2 classes \(0 to 1\)"):
        confusion_matrix(predictions, targets, classes=2)


def test_confusion_table_aligns_names_and_counts() -> None:
    table = """\
true \\ predicted    a  long name  right
a                 123          ·  100 %
long name           1          2   67 %"""
    assert confusion_table([[123, 0], [1, 2]], ["a", "long name"]) == table


def test_confusion_table_of_a_class_without_samples() -> None:
    assert confusion_table([[0, 0], [1, 2]], ["a", "b"]).splitlines()[1].split() == list("a··–")


def test_errors_of_a_regression() -> None:
    assert root_mean_squared_error([1.0, 2.0], [4.0, 6.0]) == math.sqrt(12.5)
    assert r2_score([2.0, 2.0], [1.0, 3.0]) == 0.0
    assert r2_score([1.0, 3.0], [1.0, 3.0]) == 1.0
    assert math.isnan(r2_score([1.0, 3.0], [2.0, 2.0]))
