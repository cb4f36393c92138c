"""The bridge between Values and Tensors changes no derivative of any program, in any transform."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given

import engine
from engine import Tensor, grad, hessian, hvp, jacobian, jvp
from engine.testing.program import Program
from engine.testing.strategies import programs

SMOOTH = [
    *(engine.add, engine.multiply, engine.subtract, engine.negative, engine.sin, engine.tanh),
    *(engine.sigmoid, engine.softplus, engine.square, engine.hypot, engine.sum, engine.prod),
]


def along(f: Callable[..., Any], point: Any) -> list[Any]:
    """Return what every transform says of a function at a point, along a direction of ones."""
    ones = np.ones_like(point) if isinstance(point, np.ndarray) else [1.0] * len(point)
    value, slope = jvp(f, (point,), (ones,))
    (curvature,) = hvp(f, (point,), (ones,))
    of_sum = grad(lambda x: engine.sum(grad(f)(x)))(point)
    return [value, slope, *curvature, *of_sum, *np.ravel(hessian(f)(point))]


@given(programs(ops=SMOOTH, max_steps=6))
def test_there_and_back_is_the_identity_in_every_transform(program: Program) -> None:
    leaves = list(program.leaves)

    def there_and_back(xs: Any) -> Any:
        return program(*Tensor.from_values(xs).to_values())

    def of_elements(x: Any) -> Any:
        return program(*x.to_values())

    def of_an_array(xs: Any) -> Any:
        return engine.sum(Tensor.from_values([program(*xs)]))

    expected = along(lambda xs: program(*xs), leaves)
    assume(all(abs(x) < 1e6 for x in expected))
    near = pytest.approx(expected, rel=1e-9, abs=1e-9 * max(1.0, *map(abs, expected)))
    for f, point in (
        (there_and_back, leaves),
        (of_an_array, leaves),
        (of_elements, np.array(leaves)),
    ):
        assert [float(x) for x in along(f, point)] == near


@given(programs(ops=SMOOTH, max_steps=6))
def test_all_steps_of_a_program_as_a_tensor_have_their_jacobian(program: Program) -> None:
    leaves = list(program.leaves)
    steps = jacobian(lambda xs: program.run(xs, vars(engine)))(leaves)
    as_tensor = jacobian(lambda xs: Tensor.from_values(program.run(xs, vars(engine))))(leaves)
    assume(all(abs(x) < 1e6 for row in steps for x in row))
    np.testing.assert_allclose(np.transpose(as_tensor), steps, rtol=1e-12, atol=1e-12)
