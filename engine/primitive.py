"""`@primitive`: an op of the user's own, from its forward and its derivatives."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from engine.coercion import as_float
from engine.errors import PrimitiveError
from engine.node import Node
from engine.op import Derivative, Op

FEW = 10  # elements of an array that an error shows


def primitive(
    *derivatives: Derivative | None,
    symbol: str | None = None,
    formula: str = "",
    analytic: bool = True,
) -> Callable[[Callable[..., float]], Op]:
    """Make a function of floats an op, which then works on numbers, Values, arrays and Tensors.

    Args:
        derivatives: one function ``(out, *operands)`` for each operand, in the order of the
            parameters; None for a parameter that has no gradient. Written with arithmetic and
            stepgrad's functions, it holds for arrays too and can be differentiated in turn.
        symbol: how pictures write the op; the function's name if not given.
        formula: the derivatives as text, for pictures and the stepper.
        analytic: False if complex step cannot be an oracle for it.

    Raises:
        PrimitiveError: the forward is no function, or there is not one derivative for each
            parameter; and, when the op is used, a forward or derivative raised, gave no number, or
            gave nan for operands that are not.

    >>> from engine import Value
    >>> @primitive(lambda out, x: 3 * x * x, formula="3x²")
    ... def cube(x):
    ...     return x * x * x
    >>> x = Value(2.0)
    >>> cube(x).backward()
    >>> x.grad, cube(3.0)
    (12.0, 27.0)
    """

    def decorate(forward: Callable[..., float]) -> Op:
        return Primitive(forward, derivatives, symbol, formula, analytic)

    return decorate


class Primitive(Op):
    """A user's op: every call of the user's functions is checked, and errors name the op."""

    def __init__(
        self,
        forward: Callable[..., float],
        derivatives: tuple[Derivative | None, ...],
        symbol: str | None,
        formula: str,
        analytic: bool,
    ) -> None:
        if not hasattr(forward, "__name__"):
            raise PrimitiveError(
                f"primitive() makes an op of a function and got {type(forward).__name__}; its "
                "derivatives come first: @primitive(lambda out, x: 3 * x * x) above the forward"
            )
        name = forward.__name__
        self.function = forward  # as the user wrote it
        self.parameters = list(inspect.signature(forward).parameters)
        if len(derivatives) != len(self.parameters):
            raise PrimitiveError(
                f"primitive {name}({', '.join(self.parameters)}) needs one derivative for each "
                f"parameter and got {len(derivatives)}; None stands for one without a gradient"
            )
        super().__init__(
            name,
            self._checked(forward, "forward", self.parameters),
            *[
                rule
                and self._checked(rule, f"derivative for {parameter}", ["out", *self.parameters])
                for rule, parameter in zip(derivatives, self.parameters, strict=True)
            ],
            symbol=symbol,
            formula=formula,
            analytic=analytic,
            doc=forward.__doc__,
        )
        self.__module__ = forward.__module__
        self.__qualname__ = forward.__qualname__

    def __reduce__(self) -> str:  # type: ignore[override]
        return self.__qualname__

    def _checked(
        self, function: Callable[..., Any], what: str, parameters: list[str]
    ) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            try:
                result = function(*arguments)
            except Exception as error:
                raise PrimitiveError(
                    f"primitive {self.name}: its {what} raised {type(error).__name__}: {error}, "
                    f"at {_shown(parameters, arguments)}"
                ) from error
            if isinstance(result, Node):
                if any(isinstance(argument, Node) for argument in arguments):
                    return result
            elif getattr(result, "ndim", 0):
                if any(getattr(argument, "ndim", 0) for argument in arguments):
                    from engine.arrays.dtypes import is_result  # NumPy is loaded for arrays only

                    if is_result(result, arguments):
                        return result
            else:
                number = as_float(result)
                if number is not None and (number == number or any(x != x for x in arguments)):
                    return number
            raise PrimitiveError(
                f"primitive {self.name}: its {what} gave {_short(result)} where a number is "
                f"needed, at {_shown(parameters, arguments)}"
            )

        return call


def _shown(parameters: list[str], arguments: tuple[Any, ...]) -> str:
    return ", ".join(
        f"{parameter}={_short(argument)}"
        for parameter, argument in zip(parameters, arguments, strict=True)
    )


def _short(x: Any) -> str:
    """Return how something is written in an error; a large array by its shape."""
    large = getattr(x, "size", 0) > FEW
    return f"an array of shape {x.shape}" if large else repr(x)
