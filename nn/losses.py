"""Losses over a batch: how wrong the predictions are, as one number to descend from.

Each takes (predictions, targets) of n samples and returns the mean; `reduction="sum"` returns the
sum instead and "none" the single losses. Predictions are lists of Values, or one Tensor; the
formula of a loss is written once for both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Sized
from functools import cache
from numbers import Integral
from typing import Any, Literal

import engine
from engine import reductions
from engine.errors import NumberError, OperandError, ShapeError
from engine.op import is_array
from nn.errors import LabelError, unknown

Reduction = Literal["mean", "sum", "none"]
Loss = Callable[[Any, Any], Any]

REDUCTIONS: dict[str, Callable[[Any], Any]] = {
    "mean": reductions.mean,
    "sum": reductions.sum,
    "none": lambda losses: losses,
}


def mse(predictions: Sequence[Any], targets: Sequence[Any], reduction: Reduction = "mean") -> Any:
    """Return the mean squared error, (prediction - target)².

    Args:
        predictions: n Values, n rows of k, or a Tensor of (n,) or (n, k).
        targets: numbers of the same shape.
        reduction: over all n, or n·k, squares; "none" returns them row by row in one list.

    Raises:
        ShapeError: the shapes differ, or the batch is empty.

    >>> mse([1.0, 3.0], [0.0, 1.0])
    2.5
    """
    losses = each("mse", predictions, targets, lambda p, t: engine.square(p - t))
    return reduce(losses, reduction)


def binary_cross_entropy_with_logits(
    predictions: Sequence[Any], targets: Sequence[Any], reduction: Reduction = "mean"
) -> Any:
    """Return -log of the probability given to the target, where sigmoid(logit) is that of 1.

    Args:
        predictions: n logits, or n rows of k.
        targets: labels 0 and 1, or probabilities between them, of the same shape.
        reduction: as for `mse`.

    Raises:
        ShapeError: the shapes differ, or the batch is empty.
        LabelError: a target is not between 0 and 1.

    It is written softplus(-logit) for 1 and softplus(logit) for 0, which neither overflows nor
    loses the last digits of a good prediction.

    >>> binary_cross_entropy_with_logits([1000.0, -1000.0], [1, 1])
    500.0
    """
    name = "binary_cross_entropy_with_logits"
    batch_size(name, predictions, targets)
    wrong = first(targets, lambda target: not 0 <= target <= 1)
    if wrong is not None:
        raise LabelError(
            f"{name}: target {wrong[0]} is {wrong[1]!r}, not between 0 and 1"
            + (" (hinge takes -1 and 1)" if wrong[1] == -1 else "")
        )

    def loss(logit: Any, target: Any) -> Any:
        if is_array(logit):
            if ((target == 0) | (target == 1)).all():  # where one softplus will do
                return engine.softplus((1 - 2 * target) * logit)
        elif target in (0, 1):
            return engine.softplus(-logit if target else logit)
        return target * engine.softplus(-logit) + (1 - target) * engine.softplus(logit)

    return reduce(each(name, predictions, targets, loss), reduction)


def cross_entropy(
    predictions: Sequence[Sequence[Any]], targets: Sequence[int], reduction: Reduction = "mean"
) -> Any:
    """Return -log of the probability that softmax of the scores gives to the target.

    Args:
        predictions: n rows of k scores (logits), one for each class.
        targets: n class indices from 0 to k - 1.
        reduction: over the n rows.

    Raises:
        ShapeError: the lengths or widths differ, or the batch is empty.
        LabelError: a target is no class index.

    It is written softplus(logsumexp of the other scores - score of the target), the same number as
    -log_softmax but right to the last digits however sure the prediction is.

    >>> cross_entropy([[0.0, 0.0], [1000.0, 0.0]], [0, 0], reduction="none")
    [0.6931471805599453, 0.0]
    """
    if is_array(predictions):
        return cross_entropy_of_rows(predictions, targets, reduction)
    size = batch_size("cross_entropy", predictions, targets)
    width: int | None = None
    losses = []
    for row in range(size):
        scores, target = predictions[row], targets[row]
        if not is_row(scores):
            raise ShapeError(
                f"cross_entropy needs a row of scores for each sample, one score a class; "
                f"row {row} is a single number (for one score use "
                "binary_cross_entropy_with_logits)"
            )
        width = len(scores) if width is None else width
        if len(scores) != width:
            raise ShapeError(
                f"cross_entropy: row {row} has {len(scores)} scores, row 0 has {width}"
            )
        label = class_index(row, target, width)
        others = [score for place, score in enumerate(scores) if place != label]
        losses.append(engine.softplus(engine.logsumexp(others) - scores[label]))
    return reduce(losses, reduction)


def hinge(predictions: Sequence[Any], targets: Sequence[Any], reduction: Reduction = "mean") -> Any:
    """Return max(0, 1 - target·score): 0 for what is right with a margin of 1.

    Args:
        predictions: n scores.
        targets: n labels, -1 and 1.
        reduction: as for `mse`.

    Raises:
        ShapeError: the shapes differ, or the batch is empty.
        LabelError: a target is not -1 or 1.

    At a margin of exactly 1 the gradient is 0, as that of relu at 0.

    >>> hinge([2.0, 0.5], [1, -1])
    0.75
    """
    batch_size("hinge", predictions, targets)
    wrong = first(targets, lambda target: target not in (-1, 1))
    if wrong is not None:
        raise LabelError(
            f"hinge: target {wrong[0]} is {wrong[1]!r}, not -1 or 1"
            + (" (binary_cross_entropy_with_logits takes 0 and 1)" if wrong[1] == 0 else "")
        )
    losses = each("hinge", predictions, targets, lambda s, t: engine.relu(1 - t * s))
    return reduce(losses, reduction)


LOSSES: dict[str, Loss] = {
    "mse": mse,
    "binary_cross_entropy_with_logits": binary_cross_entropy_with_logits,
    "cross_entropy": cross_entropy,
    "hinge": hinge,
}


def cross_entropy_of_rows(predictions: Any, targets: Any, reduction: Reduction) -> Any:
    """Return the cross-entropy of an array or Tensor of (n, k) scores."""
    if reduction == "mean":
        try:
            return fused_cross_entropy()(predictions, targets)
        except (OperandError, NumberError, ShapeError):
            pass  # what is wrong, if anything, is said below in the words of this module
    size = batch_size("cross_entropy", predictions, targets)
    if predictions.ndim != 2:
        raise ShapeError(
            f"cross_entropy needs a row of scores for each sample, (n, k), got {predictions.shape} "
            "(for one score use binary_cross_entropy_with_logits)"
        )
    labels = [class_index(row, targets[row], predictions.shape[1]) for row in range(size)]
    scores = engine.log_softmax(predictions, axis=1)
    return reduce(-scores[list(range(size)), labels], reduction)


@cache
def fused_cross_entropy() -> Loss:
    """Return the cross-entropy of arrays in one row, which loads NumPy."""
    from engine.arrays.cross_entropy import cross_entropy as fused

    return fused


def reduce(losses: Any, reduction: Reduction) -> Any:
    """Return the losses of a batch as the one that a reduction makes of them."""
    if reduction not in REDUCTIONS:
        raise unknown("reduction", reduction, REDUCTIONS)
    return REDUCTIONS[reduction](losses)


def each(name: str, predictions: Any, targets: Any, loss: Loss) -> Any:
    """Return the loss of each prediction: a list of them, or for a Tensor a Tensor."""
    if not is_array(predictions):
        return [loss(p, t) for p, t in elementwise(name, predictions, targets)]
    batch_size(name, predictions, targets)
    wanted = as_array(targets)
    if predictions.shape != wanted.shape:
        raise ShapeError(
            f"{name}: the predictions have shape {predictions.shape}, the targets {wanted.shape}; "
            "make them the same"
        )
    return loss(predictions, wanted)


def as_array(targets: Any) -> Any:
    """Return targets as an array."""
    import numpy as np  # which is loaded for Tensors only

    return np.asarray(targets)


def first(targets: Any, wrong: Callable[[Any], bool]) -> tuple[int, Any] | None:
    """Return the place and the number of the first target that is wrong, or None."""
    flat = [t for row in targets for t in row] if len(targets) and is_row(targets[0]) else targets
    return next(((place, target) for place, target in enumerate(flat) if wrong(target)), None)


def elementwise(name: str, predictions: Any, targets: Any) -> list[tuple[Any, Any]]:
    """Pair each prediction with its target, row by row, if they are of one shape and not empty."""
    batch_size(name, predictions, targets)
    shapes = shape(name, predictions), shape(name, targets)
    if shapes[0] != shapes[1]:
        raise ShapeError(
            f"{name}: the predictions have shape {shapes[0]}, the targets {shapes[1]}; "
            "make them the same"
        )
    if len(shapes[0]) == 1:
        return list(zip(predictions, targets, strict=True))
    return [
        pair
        for row, wanted in zip(predictions, targets, strict=True)
        for pair in zip(row, wanted, strict=True)
    ]


def batch_size(name: str, predictions: Any, targets: Any) -> int:
    """Return the number of samples, if it is one above 0 and the same on both sides."""
    for what, batch in (("predictions", predictions), ("targets", targets)):
        if not is_row(batch):
            raise OperandError(
                f"{name} takes a list with one entry a sample; the {what} are a single "
                f"{type(batch).__name__}: write [x]"
            )
    if len(predictions) != len(targets):
        raise ShapeError(f"{name}: {len(predictions)} predictions but {len(targets)} targets")
    if len(targets) == 0:
        raise ShapeError(f"{name}: the batch is empty; it needs at least one sample")
    return len(targets)


def shape(name: str, batch: Any) -> tuple[int, ...]:
    """Return (n,) or (n, k); ShapeError if the rows have several widths."""
    first = len(batch[0]) if is_row(batch[0]) else None
    for place, item in enumerate(batch):
        width = len(item) if is_row(item) else None
        if width != first:
            raise ShapeError(f"{name}: entry {place} has another width than entry 0")
    return (len(batch),) if first is None else (len(batch), first)


def class_index(row: int, target: Any, classes: int) -> int:
    """Return a target as the class index that it has to be."""
    if not isinstance(target, Integral):
        whole = isinstance(target, float) and target.is_integer()
        raise LabelError(
            f"cross_entropy: row {row} has label {target!r}, which is no integer"
            + (f"; write {target:.0f}" if whole else "")
        )
    label = int(target)
    if not 0 <= label < classes:
        raise LabelError(
            f"cross_entropy: row {row} has label {label}, but there are {classes} classes "
            f"(0 to {classes - 1})"
        )
    return label


def is_row(item: object) -> bool:
    """Tell a sequence of numbers from a single one, which an array without axes is too."""
    return isinstance(item, Sized) and not isinstance(item, str) and getattr(item, "ndim", 1) > 0
