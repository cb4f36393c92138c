"""The methods that Value and Tensor share do what the functions of their names do."""

from __future__ import annotations

from typing import Any

import pytest

import engine
from engine import Tensor, Value
from engine.methods import Methods

OTHER_NAMES = {"pow": "power", "clone": "identity"}
CALLS: dict[str, list[tuple[float, ...]]] = {
    "leaky_relu": [(), (0.3,)],
    "elu": [(), (0.3,)],
    "maximum": [(0.3,)],
    "minimum": [(0.3,)],
    "pow": [(0.3,)],
    "atan2": [(0.3,)],
    "hypot": [(0.3,)],
    "logaddexp": [(0.3,)],
    "xlogy": [(0.3,)],
    "clip": [(-0.3, 0.2)],
}
METHODS = [name for name in vars(Methods) if not name.startswith("_")]
X = {"acosh": 1.5}  # elsewhere 0.5 lies in every domain


def row(name: str) -> Any:
    """Return the function that a method is named after."""
    name = OTHER_NAMES.get(name, name)
    return engine.ops.identity if name == "identity" else getattr(engine, name)


@pytest.mark.parametrize("kind", [Value, Tensor], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(
    ("name", "arguments"), [(name, call) for name in METHODS for call in CALLS.get(name, [()])]
)
def test_a_method_is_its_function(name: str, arguments: tuple[float, ...], kind: Any) -> None:
    x = kind(X.get(name, 0.5), requires_grad=True)
    by_method, by_function = getattr(x, name)(*arguments), row(name)(x, *arguments)
    assert type(by_method) is kind
    assert by_method.op is row(name)
    assert by_method.data == by_function.data
    assert by_method.operands[0] is x
    assert [float(operand.data) for operand in by_method.operands[1:]] == [
        float(operand.data) for operand in by_function.operands[1:]
    ]
