"""Functions of arrays of several libraries, and the gradients of them that are checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.errors import GraphError, OperandError, ShapeError
from engine.tensor import Tensor

Array: TypeAlias = npt.NDArray[np.float64]


class Adapter(Protocol):
    """A function of arrays and the gradient of it that is checked."""

    def evaluate(self, inputs: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """Return the function's result; the inputs may be complex."""

    def gradient(self, inputs: Sequence[Array], upstream: Array) -> list[Array]:
        """Return the gradient for each input, given that of the result."""


class OwnGradient:
    """A function of NumPy arrays with a gradient of the user's own."""

    def __init__(self, function: Callable[..., Any], vjp: Callable[..., Any]) -> None:
        self.function = function
        self.vjp = vjp

    def evaluate(self, inputs: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """Return the function's result."""
        return array_of(self.function(*inputs), "the function")

    def gradient(self, inputs: Sequence[Array], upstream: Array) -> list[Array]:
        """Return what the vjp gives."""
        given = self.vjp(*inputs, upstream)
        gradients = list(given) if isinstance(given, tuple | list) else [given]
        if len(gradients) != len(inputs):
            raise ShapeError(
                f"the vjp gave {len(gradients)} gradients for {len(inputs)} inputs: it returns a "
                "tuple, one gradient an input"
            )
        found = [array_of(gradient, "the vjp") for gradient in gradients]
        for i, (gradient, x) in enumerate(zip(found, inputs, strict=True)):
            if gradient.shape != x.shape:
                raise ShapeError(
                    f"the vjp gave a gradient of shape {gradient.shape} for input {i}, whose shape "
                    f"is {x.shape}"
                )
        return found


class TensorGradient:
    """A function of Tensors with the gradient of the engine."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def evaluate(self, inputs: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """Return the function's result."""
        return array_of(self.function(*map(Tensor, inputs)), "the function")

    def gradient(self, inputs: Sequence[Array], upstream: Array) -> list[Array]:
        """Return what a backward sweep leaves; zeros for an input that was not used."""
        tensors = [Tensor(x, requires_grad=True) for x in inputs]
        result = self.function(*tensors)
        if not isinstance(result, Tensor) or not result.requires_grad:
            raise GraphError(
                f"the function returned a {type(result).__name__} that no gradient flows through: "
                "the graph was lost on the way. The likely cause is .data, .item(), .detach(), "
                "no_grad() or a function of NumPy; use stepgrad's own, as engine.sin(t)"
            )
        result.backward(upstream)
        return [
            np.zeros_like(x) if tensor.grad is None else tensor.grad
            for tensor, x in zip(tensors, inputs, strict=True)
        ]


class TorchGradient:
    """A function of torch tensors with the gradient of torch, in float64."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def evaluate(self, inputs: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """Return the function's result."""
        import torch

        with torch.no_grad():
            result = self.function(*[torch.from_numpy(np.array(x)) for x in inputs])
        return array_of(result, "the function")

    def gradient(self, inputs: Sequence[Array], upstream: Array) -> list[Array]:
        """Return what torch gives; zeros for an input that was not used."""
        import torch

        tensors = [torch.from_numpy(np.array(x)).requires_grad_() for x in inputs]
        result = self.function(*tensors)
        found = torch.autograd.grad(
            result, tensors, torch.from_numpy(np.array(upstream)), allow_unused=True
        )
        return [
            np.zeros_like(x) if gradient is None else gradient.numpy()
            for gradient, x in zip(found, inputs, strict=True)
        ]


class JaxGradient:
    """A function of jax arrays with the gradient of jax, in float64."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def evaluate(self, inputs: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """Return the function's result."""
        import jax

        with jax.enable_x64(True):
            return array_of(self.function(*map(jax.numpy.asarray, inputs)), "the function")

    def gradient(self, inputs: Sequence[Array], upstream: Array) -> list[Array]:
        """Return what jax gives."""
        import jax

        with jax.enable_x64(True):
            _, pull = jax.vjp(self.function, *map(jax.numpy.asarray, inputs))
            return [np.asarray(gradient) for gradient in pull(jax.numpy.asarray(upstream))]


def array_of(result: Any, what: str) -> npt.NDArray[Any]:
    """Return a result as an array of real or complex numbers."""
    if result is None:
        raise OperandError(f"{what} returned None: was its `return` forgotten?")
    found = np.asarray(result)
    if found.dtype.kind not in "fiuc":
        raise OperandError(f"{what} returned {type(result).__name__}, which is no array of numbers")
    return found
