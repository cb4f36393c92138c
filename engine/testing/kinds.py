"""Which check a call asks for: the one place that knows kinds of inputs.

A kind of array is one more adapter here: how to call the function on NumPy arrays, and how to get
the gradient that is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from engine.errors import NumberError, OperandError
from engine.testing.report import Report
from engine.testing.values import Settings

if TYPE_CHECKING:
    from engine.testing.adapters import Adapter


def arrays_check(
    function: Callable[..., Any],
    inputs: Sequence[Any],
    vjp: Callable[..., Any] | None,
    settings: Settings,
) -> Report | None:
    """Return the report of a check of a function of arrays; None if it takes numbers.

    Raises:
        OperandError: there is a NumPy array among the inputs, and no vjp to check.
        NumberError: derivatives of a higher order are asked for, or an oracle that needs a graph.
    """
    libraries = {library(x) for x in inputs}
    if vjp is None and libraries <= {""}:
        return None
    if settings.order > 1:
        raise NumberError(f"order={settings.order} is checked of functions of Values only")
    if settings.oracle not in ("auto", "complex_step", "differences"):
        raise NumberError(
            f"oracle={settings.oracle!r} needs the graph of a function of Values; for arrays there "
            "are complex_step and differences"
        )
    from engine.testing.arrays import check_arrays  # which imports NumPy

    return check_arrays(function, inputs, _adapter(function, libraries, vjp), settings)


def _adapter(
    function: Callable[..., Any], libraries: set[str], vjp: Callable[..., Any] | None
) -> Adapter:
    from engine.testing import adapters

    if vjp is not None:
        return adapters.OwnGradient(function, vjp)
    if "engine" in libraries:
        return adapters.TensorGradient(function)
    if "torch" in libraries:
        return adapters.TorchGradient(function)
    if "jax" in libraries:
        return adapters.JaxGradient(function)
    raise OperandError(
        "the inputs are NumPy arrays, which carry no gradient: give the gradient to check as vjp=, "
        "a function of the inputs and the gradient of the output; for a function of Values give "
        "lists of numbers"
    )


def library(x: Any) -> str:
    """Return the library that an array is of, "engine" for a Tensor; "" for what is no array."""
    module = type(x).__module__.partition(".")[0]
    if module in ("jax", "jaxlib"):
        return "jax"
    known = module in ("engine", "torch") or getattr(x, "shape", ()) != ()
    return module if known and hasattr(x, "shape") else ""
