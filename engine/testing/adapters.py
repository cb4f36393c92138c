"""Functions of arrays of several libraries, and the derivatives of them that are checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.errors import EngineError, GraphError, NumberError, OperandError, ShapeError
from engine.graph import sweep
from engine.op import is_array
from engine.pullback import pull
from engine.tensor import Tensor
from engine.testing.tensor_recording import TensorRecording
from engine.trees import leaves
from engine.value import Value

Array: TypeAlias = npt.NDArray[Any]
Direction: TypeAlias = Sequence[Array]  # one array an input


class ChangesInputs(EngineError):  # noqa: N818 (it is an answer)
    """A function cannot be checked, because it changes what it is given."""


class Adapter(Protocol):
    """A function of arrays and the derivatives of it that are checked."""

    function: Callable[..., Any]

    def evaluate(self, inputs: Sequence[Array]) -> Array:
        """Return the function's result; the inputs may be complex."""

    def derivative(
        self, inputs: Sequence[Array], upstream: Array, along: Sequence[Direction] = ()
    ) -> list[Array]:
        """Return the gradient for each input, given that of the result.

        Args:
            inputs: where.
            upstream: the gradient of the result.
            along: directions that the gradient is differentiated along in turn, for higher orders.
        """


class OwnGradient:
    """A function of NumPy arrays with a gradient of the user's own."""

    def __init__(self, function: Callable[..., Any], vjp: Callable[..., Any]) -> None:
        self.function = function
        self.vjp = vjp

    def evaluate(self, inputs: Sequence[Array]) -> Array:
        """Return the function's result."""
        return array_of(self.function(*inputs), "the function")

    def derivative(
        self, inputs: Sequence[Array], upstream: Array, along: Sequence[Direction] = ()
    ) -> list[Array]:
        """Return what the vjp gives."""
        if along:
            raise NumberError(
                "a vjp gives first derivatives: to check second ones, check the vjp as a function "
                "of its own, with its vjp"
            )
        given = self.vjp(*inputs, upstream)
        if given is None:
            raise OperandError("the vjp returned None: was its `return` forgotten?")
        gradients = leaves(given, "the vjp") if isinstance(given, tuple | list | dict) else [given]
        if len(gradients) != len(inputs):
            raise ShapeError(
                f"the vjp gave {len(gradients)} gradients for {len(inputs)} inputs: it returns a "
                "tuple, one gradient an input; a list of numbers is as many inputs, and np.array() "
                "of it is one"
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
    """A function of Tensors with the derivatives of the engine."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def evaluate(self, inputs: Sequence[Array]) -> Array:
        """Return the function's result."""
        recording = TensorRecording(self.function, inputs)
        if not recording.kept:
            raise ChangesInputs("the function changes its inputs: their data or their grad")
        if isinstance(recording.output, Value):
            recording.check()
        return array_of(recording.output, "the function")

    def derivative(
        self, inputs: Sequence[Array], upstream: Array, along: Sequence[Direction] = ()
    ) -> list[Array]:
        """Return what a backward sweep leaves, or for higher orders what `grad` of `grad` gives."""
        recording = TensorRecording(self.function, inputs)
        recording.check()
        tensors, floor = recording.variables, recording.floor
        if not along:
            sweep([recording.output], [recording.output._as_seed(upstream)], floor)
            return [
                np.zeros_like(x) if tensor.grad is None else tensor.grad
                for tensor, x in zip(tensors, inputs, strict=True)
            ]
        result, seed = recording.output, upstream
        for direction in along:
            gradients = pull([result], [Tensor(seed)], tensors, floor, True)
            parts = [(g * d).sum() for g, d in zip(gradients, direction, strict=True)]
            result, seed = sum(parts, 0.0), np.array(1.0)
            if not is_array(result) or not getattr(result, "requires_grad", False):
                return [np.zeros_like(x) for x in inputs]
        return pull([result], [seed], tensors, floor, False)


class TorchGradient:
    """A function of torch tensors with the derivatives of torch."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def evaluate(self, inputs: Sequence[Array]) -> Array:
        """Return the function's result."""
        import torch

        with torch.no_grad():
            result = self.function(*[torch.from_numpy(np.array(x)) for x in inputs])
        return array_of(result, "the function")

    def derivative(
        self, inputs: Sequence[Array], upstream: Array, along: Sequence[Direction] = ()
    ) -> list[Array]:
        """Return what torch gives; zeros for an input that was not used."""
        import torch

        tensors = [torch.from_numpy(np.array(x)).requires_grad_() for x in inputs]
        with torch.enable_grad():
            result = self.function(*tensors)
            if not isinstance(result, torch.Tensor) or not result.requires_grad:
                raise lost_graph(result, ".detach(), .item(), .numpy() or torch.no_grad()")
            seed = torch.from_numpy(np.array(upstream, x_dtype(result)))
            for direction in along:
                gradients = torch.autograd.grad(
                    result, tensors, seed, create_graph=True, materialize_grads=True
                )
                parts = [
                    (g * torch.from_numpy(np.array(d))).sum()
                    for g, d in zip(gradients, direction, strict=True)
                ]
                result = torch.stack(parts).sum()
                seed = torch.ones_like(result)
                if not result.requires_grad:
                    return [np.zeros_like(x) for x in inputs]
            found = torch.autograd.grad(result, tensors, seed, materialize_grads=True)
        return [gradient.numpy() for gradient in found]


class JaxGradient:
    """A function of jax arrays with the derivatives of jax, in float64 where the inputs are."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.compiled: dict[int, Any] = {}  # by the number of directions

    def evaluate(self, inputs: Sequence[Array]) -> Array:
        """Return the function's result."""
        import jax

        with jax.enable_x64(True):
            return array_of(self.function(*map(jax.numpy.asarray, inputs)), "the function")

    def derivative(
        self, inputs: Sequence[Array], upstream: Array, along: Sequence[Direction] = ()
    ) -> list[Array]:
        """Return what jax gives."""
        import jax

        places = tuple(range(len(inputs)))

        def weighted(*xs: Any) -> Any:
            return (jax.numpy.asarray(self.function(*xs)) * upstream).sum()

        def differentiated(function: Callable[..., Any], direction: Direction) -> Any:
            gradient = jax.grad(function, places)
            return lambda *xs: sum(
                (g * d).sum() for g, d in zip(gradient(*xs), direction, strict=True)
            )

        def derivative(xs: Sequence[Any], along: Sequence[Direction]) -> Any:
            result: Callable[..., Any] = weighted
            for direction in along:
                result = differentiated(result, direction)
            return jax.grad(result, places)(*xs)

        with jax.enable_x64(True):
            xs = [*map(jax.numpy.asarray, inputs)]
            return [np.asarray(gradient) for gradient in self._run(derivative, xs, along)]

    def _run(self, derivative: Any, xs: Any, along: Sequence[Direction]) -> Any:
        """Return a derivative, compiled if it is of a higher order, which is asked for often."""
        import jax

        if not along and not self.compiled:
            return derivative(xs, along)
        try:
            compiled = self.compiled.setdefault(len(along), jax.jit(derivative))
            return compiled(xs, along)
        except jax.errors.ConcretizationTypeError:  # a Python branch on a number
            return derivative(xs, along)


def x_dtype(tensor: Any) -> Any:
    """Return the NumPy dtype of a tensor of torch."""
    return str(tensor.dtype).rpartition(".")[2]


def lost_graph(result: Any, cause: str) -> GraphError:
    """Return the error for a result that no gradient flows through."""
    return GraphError(
        f"the function returned a {type(result).__name__} that no gradient flows through: the "
        f"graph was lost on the way. The likely cause is {cause}"
    )


def array_of(result: Any, what: str) -> Array:
    """Return a result as an array of real or complex numbers."""
    if result is None:
        raise OperandError(f"{what} returned None: was its `return` forgotten?")
    if isinstance(result, tuple | list | dict):
        raise ShapeError(
            f"{what} returned a {type(result).__name__}, and what is checked is one array: check "
            "each of its elements, or their sum with weights"
        )
    found = np.asarray(result)
    if found.dtype.kind not in "fiuc":
        kind = type(result).__name__ if found.dtype.kind in "OUS" else f"an array of {found.dtype}"
        raise OperandError(f"{what} returned {kind}, which is no array of numbers")
    return found
