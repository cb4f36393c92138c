"""How good predictions are: accuracy and confusion of classes, error of numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real

from engine import Value
from engine.errors import ShapeError
from nn.errors import LabelError

Score = Value | float
Output = Score | Sequence[Score]
SINGLE = (Value, float, int, Real)  # Real takes in the numbers of NumPy


def predicted_label(output: Output) -> int:
    """Return the class that a model's output means.

    A row of scores means the index of its largest one (the first of equals);
    a single score means 1 if it is above 0 and else 0, as for a logit.

    >>> predicted_label([0.1, 2.5, -1.0]), predicted_label(-0.3)
    (1, 0)
    """
    if isinstance(output, SINGLE):
        return int(_number(output) > 0)
    scores = [_number(score) for score in output]
    if not scores:
        raise ShapeError("an output of no scores means no class")
    return scores.index(max(scores))


def accuracy(outputs: Sequence[Output], targets: Sequence[float]) -> float:
    """Return the share of outputs, from 0 to 1, that mean their target.

    Args:
        outputs: n rows of scores, or n single scores.
        targets: n class indices; for single scores 0 and 1, or -1 and 1.

    Raises:
        ShapeError: the lengths differ or are 0.

    >>> accuracy([[0.2, 0.8], [0.9, 0.1]], [1, 1])
    0.5
    >>> accuracy([1.5, -0.5], [1, -1])
    1.0
    """
    _same_length("accuracy", outputs, targets)
    right = sum(
        predicted_label(output) == (target > 0 if isinstance(output, SINGLE) else target)
        for output, target in zip(outputs, targets, strict=True)
    )
    return right / len(targets)


def confusion_matrix(
    predictions: Sequence[int], targets: Sequence[int], classes: int
) -> list[list[int]]:
    """Count predictions: row i, column j holds how often class i was taken for class j.

    Args:
        predictions: n class indices.
        targets: n class indices.
        classes: how many there are.

    Raises:
        ShapeError: the lengths differ or are 0.
        LabelError: an index is not from 0 to classes - 1.

    >>> confusion_matrix([0, 1, 1], [0, 0, 1], classes=2)
    [[1, 1], [0, 1]]
    """
    _same_length("confusion_matrix", predictions, targets)
    counts = [[0] * classes for _ in range(classes)]
    for row, (prediction, target) in enumerate(zip(predictions, targets, strict=True)):
        for kind, label in (("prediction", prediction), ("target", target)):
            if not 0 <= label < classes:
                raise LabelError(
                    f"confusion_matrix: row {row} has {kind} {label}, "
                    f"but there are {classes} classes (0 to {classes - 1})"
                )
        counts[target][prediction] += 1
    return counts


def confusion_table(matrix: Sequence[Sequence[int]], names: Sequence[str]) -> str:
    """Lay a confusion matrix out as text: a row a true class, a column a predicted one.

    >>> print(confusion_table([[8, 1], [0, 9]], ["cat", "dog"]))
    true \\ predicted  cat  dog  right
    cat                 8    1   89 %
    dog                 ·    9  100 %
    """
    corner = "true \\ predicted"
    first = max(len(corner), *map(len, names))
    widths = [
        max(len(name), *(len(str(row[column])) for row in matrix))
        for column, name in enumerate(names)
    ]

    def line(head: str, cells: Sequence[str], last: str) -> str:
        aligned = (f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
        return "  ".join([f"{head:{first}}", *aligned, f"{last:>5}"])

    lines = [line(corner, names, "right")]
    for index, (name, row) in enumerate(zip(names, matrix, strict=True)):
        total = sum(row)
        share = f"{100 * row[index] / total:.0f} %" if total else "–"
        lines.append(line(name, [str(count) if count else "·" for count in row], share))
    return "\n".join(lines)


def root_mean_squared_error(predictions: Sequence[float], targets: Sequence[float]) -> float:
    """Return the root of the mean squared error, in the unit of the targets.

    Raises:
        ShapeError: the lengths differ or are 0.

    >>> root_mean_squared_error([1.0, 5.0], [1.0, 2.0])
    2.1213203435596424
    """
    _same_length("root_mean_squared_error", predictions, targets)
    return math.sqrt(_squares(predictions, targets) / len(targets))


def r2_score(predictions: Sequence[float], targets: Sequence[float]) -> float:
    """Return the share of the targets' variance that the predictions explain, 1 at best.

    It is 0 for predicting the mean always, below for worse, and nan for targets that are all equal.

    Raises:
        ShapeError: the lengths differ or are 0.

    >>> r2_score([1.0, 2.0, 2.0], [1.0, 2.0, 3.0])
    0.5
    """
    _same_length("r2_score", predictions, targets)
    mean = math.fsum(targets) / len(targets)
    total = _squares([mean] * len(targets), targets)
    return 1 - _squares(predictions, targets) / total if total else math.nan


def _squares(predictions: Sequence[float], targets: Sequence[float]) -> float:
    return math.fsum((p - t) ** 2 for p, t in zip(predictions, targets, strict=True))


def _number(score: Score) -> float:
    return score.data if isinstance(score, Value) else float(score)


def _same_length(name: str, predictions: Sequence[object], targets: Sequence[object]) -> None:
    if len(predictions) != len(targets) or len(targets) == 0:
        raise ShapeError(
            f"{name} needs as many predictions as targets, and at least one: "
            f"got {len(predictions)} and {len(targets)}"
        )
