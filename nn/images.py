"""Layers for images, as batches of (samples, channels, height, width)."""

from __future__ import annotations

from typing import Any

import numpy as np

import engine
from engine import Tensor
from nn.init import Initializer
from nn.layers import drawn
from nn.module import Module
from nn.neuron import check_width


class Conv2d(Module):
    """Slide kernels over images (cross-correlation, as in every framework).

    Args:
        inputs: the number of channels of an image.
        outputs: that of the result.
        size: of a kernel: one number, or height and width.
        stride: steps of the kernels.
        padding: zeros around an image.
        init: where the weights start, as for a Neuron; the bias starts at 0.
        seed: the same seed gives the same weights to the last bit; None draws one.
        dtype: of the weights, float64 or float32.

    >>> Conv2d(1, 4, 3, padding=1, seed=0)(np.zeros((2, 1, 8, 8))).shape
    (2, 4, 8, 8)
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        init: str | Initializer = "he_uniform",
        seed: int | None = None,
        *,
        dtype: Any = None,
    ) -> None:
        self.inputs = check_width("Conv2d inputs", inputs)
        self.outputs = check_width("Conv2d outputs", outputs)
        pair = size if isinstance(size, tuple) else (size, size)
        height, width = [check_width("Conv2d size", n) for n in pair]
        self.stride, self.padding = stride, padding
        shape = (self.outputs, self.inputs, height, width)
        fans = self.inputs * height * width, self.outputs * height * width
        weights = drawn(shape, init, *fans, seed, None)
        self.weight = Tensor(weights, requires_grad=True, dtype=dtype)
        self.bias = Tensor(np.zeros(self.outputs), requires_grad=True, dtype=dtype)

    def forward(self, x: Any) -> Any:
        """Return the images that the kernels make of x."""
        return engine.conv2d(x, self.weight, self.bias, self.stride, self.padding)

    def extra_repr(self) -> str:
        """Show the channels and the size of a kernel."""
        height, width = self.weight.shape[2:]
        return f"{self.inputs} → {self.outputs}, {height}×{width}"


class MaxPool2d(Module):
    """Keep the largest element of each window; ties share the gradient.

    Args:
        size: of a window: one number, or height and width.
        stride: from window to window; that of the size if not given.

    >>> MaxPool2d(2)(np.zeros((1, 3, 8, 8))).shape
    (1, 3, 4, 4)
    """

    def __init__(
        self, size: int | tuple[int, int], stride: int | tuple[int, int] | None = None
    ) -> None:
        self.size, self.stride = size, stride

    def forward(self, x: Any) -> Any:
        """Return the largest elements."""
        return engine.max_pool2d(x, self.size, self.stride)

    def extra_repr(self) -> str:
        """Show the size of a window."""
        return f"size={self.size}"
