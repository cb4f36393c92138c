"""Faults 70 to 84 once more, for layers of Tensors. Those of Values are in tests/nn."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine import IndexingError, NumberError, OperandError, ShapeError, Tensor, Value
from nn import SGD
from nn.errors import ChoiceError, LabelError
from nn.images import Conv2d, MaxPool2d
from nn.layers import Activation, Dropout, Embedding, Linear, Sequential
from nn.losses import binary_cross_entropy_with_logits, cross_entropy, hinge, mse
from nn.normalization import BatchNorm1d, LayerNorm

X = np.ones((4, 2))
LOGITS = Tensor(np.zeros((2, 3)), requires_grad=True)


def parameter() -> Tensor:
    return Tensor([1.0, 2.0], label="w", requires_grad=True)


ERRORS: dict[str, tuple[Callable[[], Any], type[Exception], type[Exception], str]] = {
    "70-linear": (lambda: Linear(0, 2), NumberError, ValueError, "Linear inputs must be a whole"),
    "70-negative": (lambda: Linear(2, -1), NumberError, ValueError, "above 0, got -1"),
    "70-float": (lambda: LayerNorm(1.5), NumberError, ValueError, "above 0, got 1.5"),  # type: ignore[arg-type]
    "70-batch-norm": (lambda: BatchNorm1d(0), NumberError, ValueError, "BatchNorm1d width must"),
    "70-embedding": (lambda: Embedding(0, 2), NumberError, ValueError, "Embedding count must"),
    "70-channels": (lambda: Conv2d(0, 2, 3), NumberError, ValueError, "above 0, got 0"),
    "70-dropout": (lambda: Dropout(1.5), NumberError, ValueError, "is from 0 to 1, got 1.5"),
    "70-pool": (
        lambda: MaxPool2d(0),
        ShapeError,
        ValueError,
        "one whole number or two, of 1 or",
    ),
    "70-pool-stride": (lambda: MaxPool2d(2, 0), ShapeError, ValueError, "MaxPool2d: the stride is"),
    "70-pool-text": (
        lambda: MaxPool2d("a"),
        OperandError,
        TypeError,
        "the size is one whole",
    ),
    "70-kernel": (lambda: Conv2d(1, 2, (3, 3, 3)), ShapeError, ValueError, "got (3, 3, 3)"),  # type: ignore[arg-type]
    "70-padding": (lambda: Conv2d(1, 2, 3, 1, -1), ShapeError, ValueError, "of 0 or more, got -1"),
    "70-momentum": (
        lambda: BatchNorm1d(2, momentum=2.0),
        NumberError,
        ValueError,
        "BatchNorm1d momentum is a number from 0 to 1, got 2.0",
    ),
    "70-eps": (lambda: LayerNorm(2, eps=-1.0), NumberError, ValueError, "eps is a number from 0"),
    "70-eps-text": (lambda: LayerNorm(2, eps="a"), OperandError, TypeError, "eps takes numbers"),  # type: ignore[arg-type]
    "70-seed": (lambda: Dropout(0.5, "a"), OperandError, TypeError, "a seed is an integer"),  # type: ignore[arg-type]
    "70-seed-below": (lambda: Embedding(2, 2, -1), NumberError, ValueError, "a seed is 0 or more"),
    "70-a-list-of-layers": (
        lambda: Sequential([Linear(2, 2)]),  # type: ignore[arg-type]
        OperandError,
        TypeError,
        "got list: unpack a list by Sequential(*layers)",
    ),
    "71-ragged": (lambda: Linear(2, 2)([[1.0, 2.0], [3.0]]), ShapeError, ValueError, "lengths"),
    "71-text": (
        lambda: Linear(2, 2)("a"),
        OperandError,
        TypeError,
        "Linear takes numbers, got",
    ),
    "71-value": (lambda: LayerNorm(2)([Value(1.0)] * 2), OperandError, TypeError, "from_values"),
    "71-batch-of-sequences": (
        lambda: BatchNorm1d(2)(np.ones((3, 4, 2))),
        ShapeError,
        ValueError,
        "BatchNorm1d expects a batch of shape (samples, 2), got (3, 4, 2)",
    ),
    "71-conv-one-image": (
        lambda: Conv2d(3, 2, 3)(np.ones((3, 8, 8))),
        ShapeError,
        ValueError,
        "conv2d: filters of shape (2, 3, 3, 3) cannot be laid over images of shape (3, 8, 8)",
    ),
    "71-pool-small": (
        lambda: MaxPool2d(2)(np.ones((1, 1, 1, 4))),
        ShapeError,
        ValueError,
        "max_pool2d: a window of 2 by 2 does not fit images of shape (1, 1, 1, 4)",
    ),
    "71-linear": (
        lambda: Linear(3, 2)(X),
        ShapeError,
        ValueError,
        "Linear expects 3 features along the last axis, got (4, 2)",
    ),
    "71-no-bias": (
        lambda: Sequential(Linear(3, 2, bias=False))(X),
        ShapeError,
        ValueError,
        "Linear expects 3 features along the last axis, got (4, 2)",
    ),
    "71-single-number": (lambda: Linear(3, 2)(1.0), ShapeError, ValueError, "axis, got ()"),
    "71-layer-norm": (lambda: LayerNorm(3)(X), ShapeError, ValueError, "LayerNorm expects 3 feat"),
    "71-batch-norm": (lambda: BatchNorm1d(3)(X), ShapeError, ValueError, "BatchNorm1d expects 3"),
    "71-embedding": (
        lambda: Embedding(3, 2)([3]),
        IndexingError,
        IndexError,
        "embedding: id 3 at [0] is out of range: there are 3 rows",
    ),
    "72-activation": (
        lambda: Activation("rely"),
        ChoiceError,
        ValueError,
        "unknown activation 'rely'; did you mean 'relu'? choose from relu, ",
    ),
    "72-init": (
        lambda: Linear(2, 2, init="he"),
        ChoiceError,
        ValueError,
        "unknown initialiser 'he': choose from ",
    ),
    "74-above": (
        lambda: cross_entropy(LOGITS, [0, 3]),
        LabelError,
        IndexError,
        "cross_entropy: row 1 has label 3, but there are 3 classes (0 to 2)",
    ),
    "74-below": (lambda: cross_entropy(LOGITS, [-1, 0]), LabelError, IndexError, "has label -1"),
    "74-float": (
        lambda: cross_entropy(LOGITS, np.array([0.0, 1.0])),
        LabelError,
        IndexError,
        "which is no integer; write 0",
    ),
    "75-lr": (lambda: SGD([parameter()], lr=math.inf), NumberError, ValueError, "finite, got inf"),
    "75-lr-set-later": (
        lambda: setattr(SGD([parameter()], lr=0.1), "lr", -1.0),
        NumberError,
        ValueError,
        "lr must be above 0 and finite, got -1.0",
    ),
    "76-duplicate": (
        lambda: SGD([w := parameter(), parameter(), w], lr=0.1),
        NumberError,
        ValueError,
        "parameters 0 and 2 are the same Tensor (w); pass each once",
    ),
    "76-one-alone": (
        lambda: SGD(parameter(), lr=0.1),
        OperandError,
        TypeError,
        "an optimizer takes a list of parameters, got a Tensor",
    ),
    "76-computed": (
        lambda: SGD([parameter() * 2.0], lr=0.1),
        OperandError,
        TypeError,
        "only a Value or a Tensor that was made and not computed can be moved",
    ),
}


@pytest.mark.parametrize(("act", "kind", "built_in", "message"), ERRORS.values(), ids=ERRORS)
def test_fault(
    act: Callable[[], Any], kind: type[Exception], built_in: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=re.escape(message)) as caught:
        act()
    assert isinstance(caught.value, built_in)


@pytest.mark.parametrize("loss", [mse, binary_cross_entropy_with_logits, hinge])
@pytest.mark.parametrize(("one", "other"), [((2,), (2, 1)), ((2, 1), (2,))])
def test_fault_73_targets_never_broadcast(loss: Any, one: Any, other: Any) -> None:
    message = re.escape(f"the predictions have shape {one}, the targets {other}; make them the")
    with pytest.raises(ShapeError, match=message):
        loss(Tensor(np.ones(one), requires_grad=True), np.ones(other))


def test_fault_77_a_parameter_without_gradient_is_passed_over() -> None:
    with_gradient, without = parameter(), parameter()
    with_gradient.grad = [1.0, 1.0]
    SGD([with_gradient, without], lr=0.5, momentum=0.5, weight_decay=0.1).step()
    np.testing.assert_array_equal(without.data, [1.0, 2.0])
    np.testing.assert_allclose(with_gradient.data, [0.45, 1.4], rtol=4e-16)  # two roundings


def test_fault_83_a_shared_layer_is_counted_once() -> None:
    shared = Linear(2, 2, seed=0)
    net = Sequential(shared, Activation("tanh"), shared)
    assert len(net.parameters()) == 2
    SGD(net.parameters(), lr=0.1)


def test_fault_84_the_flag_reaches_every_layer() -> None:
    net = Sequential(Linear(2, 2, seed=0), Sequential(Dropout(1.0)))
    assert net.training
    np.testing.assert_array_equal(net(X).data, np.zeros((4, 2)))
    assert net.eval()(X).data.any()
    np.testing.assert_array_equal(net.train()(X).data, np.zeros((4, 2)))
