"""The oracle of complex steps: f'(x) = Im f(x + ih)/h, exact to a few ulp, for analytic ops.

It applies to ops that are complex differentiable and have a complex form below, and to a user's
primitive whose forward takes complex numbers, where differences confirm it: a function that is not
analytic, as x·|x|, may give a complex result all the same, and a wrong derivative.

Source: W. Squire and G. Trapp, "Using complex variables to estimate derivatives of real
functions", SIAM Review 40 (1998).
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Sequence
from typing import Any

from engine.primitive import Primitive
from engine.testing.oracles.differences import slope
from engine.testing.oracles.local import NotApplicable, Slope, has_derivatives, is_row

STEP = 1e-40  # its square is nothing, also beside a pole
LARGEST = 1e150  # beyond that the complex functions overflow on the way
AGREEMENT = 1e-5  # of a primitive's complex step with differences


def sigmoid(z: complex) -> complex:
    """Return 1/(1 + exp(-z))."""
    return 1 / (1 + cmath.exp(-z)) if z.real >= 0 else cmath.exp(z) / (1 + cmath.exp(z))


def softplus(z: complex) -> complex:
    """Return log(1 + exp(z)), whose imaginary part is h·σ(z) for a step h."""
    value = max(z.real, 0.0) + math.log1p(math.exp(-abs(z.real)))
    return complex(value, z.imag * sigmoid(z).real)


def product(*zs: complex) -> complex:
    """Return the product."""
    return math.prod(zs, start=1 + 0j)


def inner_product(*zs: complex) -> complex:
    """Return the inner product of the two halves."""
    half = len(zs) // 2
    return sum((x * y for x, y in zip(zs[:half], zs[half:], strict=True)), 0j)


def power(x: complex, y: complex) -> complex:
    """Return x**y, by repeated products for a whole y: a negative x then has a real power."""
    if y.imag == 0.0 and y.real.is_integer() and abs(y.real) <= 64.0:
        return x ** int(y.real)
    if x.real <= 0.0:
        raise NotApplicable("complex step has no branch of a power of a number of 0 or less")
    return cmath.exp(y * cmath.log(x))


def log_sum_exp(*zs: complex) -> complex:
    """Return log Σ exp."""
    top = max(z.real for z in zs)
    return top + cmath.log(sum(cmath.exp(z - top) for z in zs))


COMPLEX: dict[str, Callable[..., complex]] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "power": power,
    "negative": lambda x: -x,
    "identity": lambda x: x,
    "reciprocal": lambda x: 1 / x,
    "square": lambda x: x * x,
    "exp": cmath.exp,
    "log": cmath.log,
    "sqrt": cmath.sqrt,
    "sin": cmath.sin,
    "cos": cmath.cos,
    "tan": cmath.tan,
    "sinh": cmath.sinh,
    "cosh": cmath.cosh,
    "tanh": cmath.tanh,
    "atan": cmath.atan,
    "sigmoid": sigmoid,
    "softplus": softplus,
    "silu": lambda z: z * sigmoid(z),
    "sum": lambda *zs: sum(zs, 0j),
    "mean": lambda *zs: sum(zs, 0j) / len(zs),
    "prod": product,
    "dot": inner_product,
    "logsumexp": log_sum_exp,
    "logaddexp": log_sum_exp,
}


class ComplexStep:
    """Complex steps."""

    name = "complex_step"
    title = "complex step"
    error = 1e-15

    def slopes(self, op: Any, operands: Sequence[float], out: float) -> list[Slope | None]:
        """Return the derivative for each operand, from one complex step each."""
        function = complex_form(op)
        if not all(x == 0.0 or 1 / LARGEST < abs(x) < LARGEST for x in operands):
            raise NotApplicable("complex step overflows for operands of this size")
        return [
            self._slope(op, function, operands, i, out) if wanted else None
            for i, wanted in enumerate(has_derivatives(op, len(operands)))
        ]

    def _slope(
        self,
        op: Any,
        function: Callable[..., Any],
        operands: Sequence[float],
        i: int,
        out: float,
    ) -> Slope:
        x = operands[i]
        step = STEP * (min(abs(x), 1.0) or 1.0)
        try:
            stepped = function(
                *[complex(x, step) if j == i else complex(y) for j, y in enumerate(operands)]
            )
        except (ArithmeticError, ValueError, TypeError) as error:
            raise NotApplicable(f"the complex form of {op.name} fails here: {error}") from error
        if not isinstance(stepped, complex) or not close(stepped.real, out):
            raise NotApplicable(f"{op.name} does not take complex numbers")
        value = stepped.imag / step
        if isinstance(op, Primitive):
            numeric = slope(lambda t: op.forward(*[*operands[:i], t, *operands[i + 1 :]]), x)
            agree = abs(value - numeric.value) <= AGREEMENT * abs(value) + numeric.allowance()
            if not (agree and numeric.settled()):
                raise NotApplicable(f"differences do not confirm the complex step of {op.name}")
        # A function of size out has slopes of size out/x; of that, rounding may lose 1e-15.
        size = max(abs(value), abs(out / x)) if x else abs(value)
        if not math.isfinite(size):
            raise NotApplicable("complex step overflows here")
        # As far as the step underflows, and what is left is multiplied by x, as in x·σ(x).
        slack = 4 * math.ulp(0.0) / step * max(1.0, abs(x))
        if x == 0.0 and abs(value) <= step:
            return Slope(0.0, size, slack + step)  # what shows is the third derivative
        return Slope(value, size, slack)


def complex_form(op: Any) -> Callable[..., Any]:
    """Return an op as a function of complex numbers."""
    if not op.analytic:
        raise NotApplicable(f"complex step does not apply to {op.name}, which is not analytic")
    if isinstance(op, Primitive):
        return op.function
    if op.name not in COMPLEX or not is_row(op):
        raise NotApplicable(f"there is no complex form of {op.name}")
    return COMPLEX[op.name]


def close(x: float, y: float) -> bool:
    """Return whether two values agree but for rounding."""
    return abs(x - y) <= 1e-11 * max(abs(x), abs(y)) + 1e-300
