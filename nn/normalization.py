"""Layers that bring their inputs to mean 0 and variance 1."""

from __future__ import annotations

from typing import Any

import numpy as np

import engine
from engine import Tensor
from engine.errors import ShapeError
from nn.layers import check_last
from nn.module import Module
from nn.neuron import check_width


class LayerNorm(Module):
    """Normalise each sample along its last axis, then scale and shift.

    Args:
        width: the size of the last axis.
        eps: added to the variance, so that a constant sample gives 0 and no division by 0.
        dtype: of the scale and the shift, float64 or float32.

    Ba, Kiros and Hinton, Layer normalization, 2016.

    >>> LayerNorm(2)(np.array([[1.0, 3.0]])).tolist()
    [[-0.9999950000374997, 0.9999950000374997]]
    """

    def __init__(self, width: int, eps: float = 1e-5, *, dtype: Any = None) -> None:
        self.width, self.eps = check_width("LayerNorm width", width), eps
        self.weight = Tensor(np.ones(width), requires_grad=True, dtype=dtype)
        self.bias = Tensor(np.zeros(width), requires_grad=True, dtype=dtype)

    def forward(self, x: Any) -> Any:
        """Return x normalised; ShapeError if its last axis has another size."""
        check_last("LayerNorm", x, self.width)
        centred = x - engine.mean(x, axis=-1, keepdims=True)
        spread = engine.sqrt(engine.var(x, axis=-1, keepdims=True) + self.eps)
        return centred / spread * self.weight + self.bias

    def extra_repr(self) -> str:
        """Show the width."""
        return str(self.width)


class BatchNorm1d(Module):
    """Normalise each feature over the batch, then scale and shift.

    Args:
        width: the number of features.
        eps: added to the variance.
        momentum: the share that a batch has in the running mean and variance, which take the
            place of the batch's in evaluation.
        dtype: of all that it holds, float64 or float32.

    Raises:
        ShapeError: a batch in training has a single sample, of which there is no variance.

    Ioffe and Szegedy, Batch normalization, ICML 2015. The running variance is the unbiased one.

    >>> norm = BatchNorm1d(1)
    >>> norm(np.array([[1.0], [3.0]])).tolist()
    [[-0.9999950000374997], [0.9999950000374997]]
    >>> norm.running_mean.tolist()
    [0.2]
    """

    def __init__(
        self, width: int, eps: float = 1e-5, momentum: float = 0.1, *, dtype: Any = None
    ) -> None:
        self.width, self.eps = check_width("BatchNorm1d width", width), eps
        self.momentum = momentum
        self.weight = Tensor(np.ones(width), requires_grad=True, dtype=dtype)
        self.bias = Tensor(np.zeros(width), requires_grad=True, dtype=dtype)
        self.running_mean = Tensor(np.zeros(width), dtype=dtype)
        self.running_var = Tensor(np.ones(width), dtype=dtype)

    def forward(self, x: Any) -> Any:
        """Return x normalised; ShapeError if its last axis has another size."""
        check_last("BatchNorm1d", x, self.width)
        if self.training:
            if len(x) < 2:
                raise ShapeError(
                    "BatchNorm1d needs two samples or more in training, got a batch of "
                    f"{len(x)}: drop the last batch, or call .eval()"
                )
            mean, var = engine.mean(x, axis=0), engine.var(x, axis=0)
            self._remember(x, mean)
        else:
            mean, var = self.running_mean, self.running_var
        return (x - mean) / engine.sqrt(var + self.eps) * self.weight + self.bias

    def _remember(self, x: Any, mean: Any) -> None:
        share = self.momentum
        unbiased = np.var(np.asarray(x), axis=0, ddof=1)
        self.running_mean.data = (1 - share) * self.running_mean.data + share * np.asarray(mean)
        self.running_var.data = (1 - share) * self.running_var.data + share * unbiased

    def extra_repr(self) -> str:
        """Show the width."""
        return str(self.width)
