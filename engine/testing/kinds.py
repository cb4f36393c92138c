"""Which check a call asks for: the one place that knows kinds of inputs.

A kind of array is one more adapter here: how to call the function on NumPy arrays, and how to get
the gradient that is checked.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from engine.errors import OperandError
from engine.testing.callables import misfit, number_of
from engine.testing.paths import paths_of
from engine.testing.report import Report
from engine.testing.values import Settings
from engine.trees import leaves, replace

if TYPE_CHECKING:
    from engine.testing.adapters import Adapter

PLAIN = ("", "numpy")
OURS = (*PLAIN, "engine", "torch", "jax")


def arrays_check(
    function: Callable[..., Any],
    inputs: Sequence[Any],
    vjp: Callable[..., Any] | None,
    settings: Settings,
) -> Report | None:
    """Return the report of a check of a function of arrays; None if it takes numbers.

    Raises:
        OperandError: there is a NumPy array among the inputs, and no vjp to check; or an array of
            some other library.
        NumberError: an oracle is asked for that arrays do not have.
    """
    arrays = [leaf for i, tree in enumerate(inputs) for leaf in leaves(tree, f"input {i}")]
    libraries = {library(x) for x in arrays}
    if vjp is None and libraries <= {""}:
        return None
    foreign = libraries.difference(OURS if vjp is None else PLAIN)
    if foreign:
        raise OperandError(_no_adapter(min(foreign), vjp is not None))
    from engine.testing.arrays import check_arrays, no_oracle  # which imports NumPy

    no_oracle(settings)
    names = paths_of(function, inputs)
    adapter = _adapter(_flat(function, inputs), libraries, vjp and _flat(vjp, inputs))
    report = check_arrays(function, arrays, names, adapter, settings)
    if vjp is None or report.verdict != "fail":
        return report
    from engine.testing.array_blame import own_gradient  # only a failure needs it

    return dataclasses.replace(report, blame=own_gradient(function, vjp, inputs, report))


def _flat(function: Callable[..., Any], inputs: Sequence[Any]) -> Callable[..., Any]:
    """Return a function as one of the arrays in its inputs; what is called with more gets that."""
    count = len(leaves(list(inputs)))

    def call(*arrays: Any) -> Any:
        more = arrays[count:]
        arguments = [*replace(list(inputs), iter(arrays[:count])), *more]
        try:
            return function(*arguments)
        except TypeError:
            given = number_of(len(inputs)) + " and the gradient of the output" * bool(more)
            unfit = misfit(function, len(arguments), given)
            if unfit is None:
                raise
            raise unfit from None

    return call


def _adapter(
    function: Callable[..., Any], libraries: set[str], vjp: Callable[..., Any] | None
) -> Adapter:
    from engine.testing import adapters

    if vjp is not None:
        return adapters.OwnGradient(function, vjp)
    mixed = libraries - {"", "numpy"}
    if len(mixed) > 1:
        raise OperandError(
            f"the inputs are arrays of {' and '.join(sorted(mixed))}: give them all as one kind"
        )
    if "engine" in libraries:
        return adapters.TensorGradient(function)
    if "torch" in libraries:
        return adapters.TorchGradient(function)
    if "jax" in libraries:
        return adapters.JaxGradient(function)
    raise OperandError(
        "the inputs are NumPy arrays, which carry no gradient: give the gradient to check as vjp=, "
        "a function of the inputs and the gradient of the output; for a function of Tensors give "
        "Tensors, for one of Values lists of numbers"
    )


def _no_adapter(foreign: str, vjp: bool) -> str:
    """Return what is to be said of arrays that a check does not take."""
    if foreign in OURS:
        return (
            f"vjp= is of a function of NumPy arrays, and an input is an array of {foreign}: give "
            f"NumPy arrays, or leave vjp= out to check the gradients of {foreign}"
        )
    return (
        f"an input is an array of {foreign}, which is not known here: give it as a NumPy array, "
        "and make what the function needs inside of it"
    )


def library(x: Any) -> str:
    """Return the library that an array is of, "engine" for a Tensor; "" for what is no array."""
    module = type(x).__module__.partition(".")[0]
    if module in ("jax", "jaxlib"):
        return "jax"
    known = module in ("engine", "torch") or getattr(x, "shape", ()) != ()
    return module if known and hasattr(x, "shape") else ""
