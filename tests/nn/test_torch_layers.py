"""Layers of Tensors and losses against PyTorch, where it is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from engine import Tensor
from nn import losses

torch = pytest.importorskip("torch")

IMAGES, ROWS = (3, 2, 5, 6), (4, 3)
LABELS = [2, 0, 1, 2]

# Ours, PyTorch's, and the shape of what comes in.
CASES: dict[str, tuple[Callable[..., Any], Callable[..., Any], tuple[int, ...]]] = {
    "Linear": (lambda d: nn.Linear(3, 5, seed=0, dtype=d), lambda: torch.nn.Linear(3, 5), ROWS),
    "Linear without bias": (
        lambda d: nn.Linear(3, 5, bias=False, seed=0, dtype=d),
        lambda: torch.nn.Linear(3, 5, bias=False),
        (2, 4, 3),
    ),
    "LayerNorm": (lambda d: nn.LayerNorm(3, dtype=d), lambda: torch.nn.LayerNorm(3), ROWS),
    "BatchNorm1d": (lambda d: nn.BatchNorm1d(3, dtype=d), lambda: torch.nn.BatchNorm1d(3), ROWS),
    "Conv2d": (
        lambda d: nn.Conv2d(2, 4, (3, 2), (1, 2), (2, 1), seed=0, dtype=d),
        lambda: torch.nn.Conv2d(2, 4, (3, 2), (1, 2), (2, 1)),
        IMAGES,
    ),
    "MaxPool2d": (lambda d: nn.MaxPool2d(2), lambda: torch.nn.MaxPool2d(2), IMAGES),
    "MaxPool2d with a stride": (
        lambda d: nn.MaxPool2d((2, 3), 1),
        lambda: torch.nn.MaxPool2d((2, 3), 1),
        IMAGES,
    ),
    "Flatten": (lambda d: nn.Flatten(), torch.nn.Flatten, IMAGES),
    **{
        name: (lambda d, name=name: nn.Activation(name), module, ROWS)
        for name, module in {
            "relu": torch.nn.ReLU,
            "leaky_relu": torch.nn.LeakyReLU,
            "elu": torch.nn.ELU,
            "selu": torch.nn.SELU,
            "gelu": torch.nn.GELU,
            "silu": torch.nn.SiLU,
            "softplus": torch.nn.Softplus,
            "tanh": torch.nn.Tanh,
            "sigmoid": torch.nn.Sigmoid,
        }.items()
    },
    "a network": (
        lambda d: nn.Sequential(
            nn.Conv2d(2, 4, 3, padding=1, seed=0, dtype=d), nn.Activation("relu"), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(24, 6, seed=1, dtype=d), nn.BatchNorm1d(6, dtype=d),
            nn.Activation("tanh"), nn.LayerNorm(6, dtype=d), nn.Linear(6, 3, seed=2, dtype=d),
        ),
        lambda: torch.nn.Sequential(
            torch.nn.Conv2d(2, 4, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
            torch.nn.Flatten(), torch.nn.Linear(24, 6), torch.nn.BatchNorm1d(6),
            torch.nn.Tanh(), torch.nn.LayerNorm(6), torch.nn.Linear(6, 3),
        ),
        (5, 2, 4, 6),
    ),
}  # fmt: skip
# Of sums of some dozens of products in a few layers; each library adds in an order of its own.
ROUNDING = {np.float64: 1e-12, np.float32: 1e-4}


def close(ours: Any, theirs: Any, dtype: Any) -> None:
    assert ours.dtype == dtype
    np.testing.assert_allclose(ours, theirs.detach().numpy(), ROUNDING[dtype], ROUNDING[dtype])


@pytest.mark.parametrize("dtype", ROUNDING)
@pytest.mark.parametrize("name", CASES)
def test_layers_are_those_of_torch(name: str, dtype: Any) -> None:
    make, make_theirs, shape = CASES[name]
    ours, theirs = make(dtype), make_theirs().to(torch.tensor(np.zeros(0, dtype)).dtype)
    rng = np.random.default_rng(0)
    for parameter, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        parameter.data = rng.standard_normal(parameter.shape)
        other.data = torch.tensor(parameter.data.copy())
    for training in (True, True, False):  # twice, so that running statistics move on
        ours.train(training)
        theirs.train(training)
        data = rng.standard_normal(shape).astype(dtype)
        x, other = Tensor(data, requires_grad=True), torch.tensor(data, requires_grad=True)
        out, expected = ours(x), theirs(other)
        close(out.data, expected, dtype)
        seed = rng.standard_normal(out.shape).astype(dtype)
        for parameter in [*ours.parameters(), *theirs.parameters()]:
            parameter.grad = None
        out.backward(seed)
        expected.backward(torch.tensor(seed))
        close(x.grad, other.grad, dtype)
        for parameter, twin in zip(ours.parameters(), theirs.parameters(), strict=True):
            close(parameter.grad, twin.grad, dtype)


@pytest.mark.parametrize("dtype", ROUNDING)
def test_embedding_is_that_of_torch(dtype: Any) -> None:
    ids = [[0, 3, 3], [1, 0, 2]]
    ours, theirs = nn.Embedding(4, 2, seed=0, dtype=dtype), torch.nn.Embedding(4, 2)
    theirs.weight.data = torch.tensor(ours.weight.data.copy())
    out, expected = ours(ids), theirs(torch.tensor(ids))
    close(out.data, expected, dtype)
    seed = np.random.default_rng(0).standard_normal(out.shape).astype(dtype)
    out.backward(seed)
    expected.backward(torch.tensor(seed))
    close(ours.weight.grad, theirs.weight.grad, dtype)


functional = torch.nn.functional
LOSSES: dict[str, tuple[Callable[..., Any], Callable[..., Any], Any, tuple[int, ...]]] = {
    "mse": (losses.mse, functional.mse_loss, [0.5, -1.0, 2.0, 0.0], (4,)),
    "binary_cross_entropy_with_logits": (
        losses.binary_cross_entropy_with_logits,
        functional.binary_cross_entropy_with_logits,
        [0.0, 1.0, 1.0, 0.0],
        (4,),
    ),
    "cross_entropy": (losses.cross_entropy, functional.cross_entropy, LABELS, ROWS),
}


@pytest.mark.parametrize("dtype", ROUNDING)
@pytest.mark.parametrize("name", LOSSES)
def test_losses_are_those_of_torch(name: str, dtype: Any) -> None:
    ours, theirs, targets, shape = LOSSES[name]
    data = (10.0 * np.random.default_rng(0).standard_normal(shape)).astype(dtype)
    x, other = Tensor(data, requires_grad=True), torch.tensor(data, requires_grad=True)
    twins = torch.tensor(targets)
    loss = ours(x, targets)
    expected = theirs(other, twins.to(other.dtype) if twins.is_floating_point() else twins)
    close(loss.data, expected, dtype)
    loss.backward()
    expected.backward()
    close(x.grad, other.grad, dtype)
