"""What Hypothesis loads by the entry point `hypothesis`: strategies for our types."""

from __future__ import annotations

from typing import Any


def register() -> None:
    """Make ``st.from_type`` of Value, Tensor and Program the strategies of the kit.

    The strategies are imported when somebody asks for one: every program that uses Hypothesis
    beside an installed stepgrad calls this.
    """
    from hypothesis import strategies as st

    from engine.tensor import Tensor
    from engine.testing.program import Program
    from engine.value import Value

    st.register_type_strategy(Value, _values)
    st.register_type_strategy(Tensor, _tensors)
    st.register_type_strategy(Program, _programs)


def _values(asked: object) -> Any:
    from engine.testing.strategies.values import values

    return values()


def _tensors(asked: object) -> Any:
    from engine.testing.strategies.tensors import tensors

    return tensors()


def _programs(asked: object) -> Any:
    from engine.testing.strategies.programs import programs

    return programs()
