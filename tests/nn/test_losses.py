"""Losses against 50 digits, far into their tails, and what they refuse."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

from engine import Tensor, Value
from engine.errors import OperandError, ShapeError
from nn import ChoiceError, LabelError
from nn.losses import (
    LOSSES,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge,
    mse,
)

mpmath.mp.dps = 50
# A few roundings each: softplus and logsumexp are within 8 ulp, a subtraction before them loses
# as many again where it does not cancel, and no case here cancels.
RELATIVE = 1e-14


def gradients(leaves: list[Value]) -> list[float | None]:
    """Return the gradients of some leaves."""
    return [leaf.grad for leaf in leaves]


# ----- mse --------------------------------------------------------------------------------------


def test_mse_is_the_mean_of_squares() -> None:
    predictions = [Value(1.0), Value(3.0)]
    loss = mse(predictions, [0.0, 1.0])
    loss.backward()
    assert loss.data == 2.5
    assert gradients(predictions) == [1.0, 2.0]  # 2(p - t)/n


def test_mse_of_rows_is_the_mean_over_all_numbers() -> None:
    rows = [[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]]
    assert mse(rows, [[0.0, 0.0], [0.0, 0.0]]).data == 7.5
    squares = mse(rows, [[0.0, 0.0], [0.0, 0.0]], reduction="none")
    assert [square.data for square in squares] == [1.0, 4.0, 9.0, 16.0]


# ----- binary cross-entropy ---------------------------------------------------------------------


@pytest.mark.parametrize("target", [0, 1, 0.25])
@pytest.mark.parametrize("logit", [-750.0, -40.0, -1.5, 0.0, 0.3, 40.0, 750.0])
def test_binary_cross_entropy_is_right_in_its_tails(logit: float, target: float) -> None:
    z = Value(logit)
    loss = binary_cross_entropy_with_logits([z], [target])
    loss.backward()
    x, t = mpmath.mpf(logit), mpmath.mpf(target)
    exact = t * mpmath.log1p(mpmath.exp(-x)) + (1 - t) * mpmath.log1p(mpmath.exp(x))
    slope = 1 / (1 + mpmath.exp(-x)) - t
    # 1e-320 is where doubles lose digits: below it only the size can be right.
    assert loss.data == pytest.approx(float(exact), rel=RELATIVE, abs=1e-320)
    assert z.grad == pytest.approx(float(slope), rel=RELATIVE, abs=1e-320)


# ----- cross-entropy ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scores",
    [[0.0, 0.0], [1.0, 2.0, 3.0], [-800.0, 0.0, 1.0], [40.0, 0.0, -3.0], [1000.0, 999.0, 0.0]],
)
@pytest.mark.parametrize("label", [0, 1])
def test_cross_entropy_is_right_in_its_tails(scores: list[float], label: int) -> None:
    row = [Value(score) for score in scores]
    loss = cross_entropy([row], [label])
    loss.backward()
    exps = [mpmath.exp(mpmath.mpf(score)) for score in scores]
    total = mpmath.fsum(exps)
    others = total - exps[label]
    assert loss.data == pytest.approx(
        float(mpmath.log1p(others / exps[label])), rel=RELATIVE, abs=1e-320
    )
    for place, value in enumerate(row):
        slope = -others / total if place == label else exps[place] / total
        assert value.grad == pytest.approx(float(slope), rel=RELATIVE, abs=1e-320)


def test_cross_entropy_of_a_single_class_is_zero() -> None:
    assert cross_entropy([[Value(3.0)]], [0]).data == 0.0


def test_cross_entropy_averages_over_rows() -> None:
    rows = [[0.0, 0.0], [1000.0, 0.0]]
    single = cross_entropy(rows, [0, 1], reduction="none")
    assert single == [0.6931471805599453, 1000.0]  # log 2, and log(1 + e¹⁰⁰⁰)
    assert cross_entropy(rows, [0, 1], reduction="sum") == 1000.6931471805599
    assert cross_entropy(rows, [0, 1]) == 1000.6931471805599 / 2


def test_labels_may_be_numpy_integers() -> None:
    assert cross_entropy([[0.0, 0.0]], np.array([1])) == 0.6931471805599453


# ----- hinge ------------------------------------------------------------------------------------


def test_hinge_is_zero_beyond_the_margin_and_linear_before_it() -> None:
    scores = [Value(2.0), Value(0.5), Value(1.0)]
    loss = hinge(scores, [1, -1, 1])
    loss.backward()
    assert loss.data == 0.5  # (0 + 1.5 + 0) / 3
    assert gradients(scores) == [0.0, 1 / 3, 0.0]  # at a margin of exactly 1: 0


# ----- all --------------------------------------------------------------------------------------

BATCHES: dict[str, tuple[Any, Any]] = {
    "mse": ([1.0, 2.0], [0.0, 0.0]),
    "binary_cross_entropy_with_logits": ([1.0, -2.0], [1, 0]),
    "cross_entropy": ([[1.0, 2.0], [0.5, 0.0]], [1, 0]),
    "hinge": ([0.5, 0.25], [1, -1]),
}


@pytest.mark.parametrize("name", LOSSES)
def test_reductions_agree(name: str) -> None:
    predictions, targets = BATCHES[name]
    single = LOSSES[name](predictions, targets, reduction="none")  # type: ignore[call-arg]
    assert len(single) == 2
    total = LOSSES[name](predictions, targets, reduction="sum")  # type: ignore[call-arg]
    assert total == single[0] + single[1]
    assert LOSSES[name](predictions, targets) == total / 2


@pytest.mark.parametrize("name", LOSSES)
def test_an_unknown_reduction_lists_the_valid_ones(name: str) -> None:
    with pytest.raises(ChoiceError, match="unknown reduction 'avg': choose from mean, sum, none"):
        LOSSES[name](*BATCHES[name], reduction="avg")  # type: ignore[call-arg]


@pytest.mark.parametrize("name", LOSSES)
def test_another_number_of_targets_is_an_error(name: str) -> None:
    with pytest.raises(ShapeError, match=f"{name}: 2 predictions but 1 targets"):
        LOSSES[name](BATCHES[name][0], [1])


@pytest.mark.parametrize("name", LOSSES)
def test_an_empty_batch_is_an_error(name: str) -> None:
    with pytest.raises(ShapeError, match=f"{name}: the batch is empty"):
        LOSSES[name]([], [])


@pytest.mark.parametrize("name", LOSSES)
def test_a_single_prediction_in_no_list_is_an_error(name: str) -> None:
    with pytest.raises(OperandError, match=r"the predictions are a single Value: write \[x\]"):
        LOSSES[name](Value(1.0), [1])
    for single in (Tensor(1.0), np.array(1.0)):
        kind = type(single).__name__
        for predictions in ([Value(1.0)], Tensor([1.0])):
            with pytest.raises(OperandError, match=rf"{name} .*targets are a single {kind}: write"):
                LOSSES[name](predictions, single)


def test_rows_of_several_widths_are_an_error() -> None:
    with pytest.raises(ShapeError, match="mse: entry 1 has another width than entry 0"):
        mse([[1.0, 2.0], [1.0]], [[1.0, 2.0], [1.0]])
    with pytest.raises(ShapeError, match="cross_entropy: row 1 has 1 scores, row 0 has 2"):
        cross_entropy([[1.0, 2.0], [1.0]], [0, 0])


def test_cross_entropy_of_single_scores_says_what_to_use() -> None:
    with pytest.raises(ShapeError, match=r"row 0 is a single.*binary_cross_entropy_with_logits"):
        cross_entropy([Value(1.0)], [0])  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("loss", "target", "message"),
    [
        (binary_cross_entropy_with_logits, -1, r"target 1 is -1.*\(hinge takes -1 and 1\)"),
        (binary_cross_entropy_with_logits, 1.5, "target 1 is 1.5, not between 0 and 1"),
        (binary_cross_entropy_with_logits, float("nan"), "target 1 is nan, not between 0 and 1"),
        (hinge, 0, r"target 1 is 0, not -1 or 1 \(binary_cross_entropy_with_logits takes 0 and 1"),
        (hinge, 0.5, "target 1 is 0.5, not -1 or 1"),
    ],
)
def test_targets_of_another_kind_are_an_error(loss: Any, target: float, message: str) -> None:
    with pytest.raises(LabelError, match=message):
        loss([1.0, 1.0], [1, target])
