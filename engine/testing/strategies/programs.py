"""Random straight-line programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from engine.op import Op
from engine.primitive import Primitive
from engine.testing.program import Program, Step
from engine.testing.strategies.spellings import SPELLINGS, spelling_of

FARTHEST = 40  # nodes that a step looks back at most, modulo the nodes there are
BLOCK = 10

Choice = tuple[str, int, int, int]


def programs(
    *,
    ops: Sequence[Op] | None = None,
    leaves: st.SearchStrategy[float] | None = None,
    max_leaves: int = 3,
    max_steps: int = 60,
) -> st.SearchStrategy[Program]:
    """Return a strategy for straight-line programs, whose steps share nodes.

    Args:
        ops: what steps apply, functions of `engine` or primitives of your own; they get operands
            inside of their domains. About forty smooth and kinked functions if not given.
        leaves: the numbers to start from; between -2 and 2 if not given.
        max_leaves: the most leaves.
        max_steps: the most steps, in tens.

    Raises:
        InvalidArgument: there are no ops, or something else than ops; or no leaves or steps.

    A program stays valid whichever steps are taken out: failures shrink to the few steps that
    matter, and print as Python that runs.

    >>> from hypothesis import find
    >>> import engine
    >>> find(programs(ops=[engine.tanh]), lambda program: len(program.steps) >= 2)
    <BLANKLINE>
    from engine import Value, tanh
    v0 = Value(0.0)
    v1 = tanh(v0)
    v2 = tanh(v1)
    """
    if isinstance(ops, Op):
        raise InvalidArgument(f"ops is a sequence of ops, as [{ops.name}]")
    if ops is not None and not ops:
        raise InvalidArgument("ops is empty: a program needs at least one op to apply")
    if max_leaves < 1 or max_steps < 1:
        raise InvalidArgument(f"max_leaves={max_leaves} and max_steps={max_steps}: at least one")
    spellings = SPELLINGS if ops is None else [spelling_of(op) for op in ops]
    numbers = st.floats(-2.0, 2.0, allow_subnormal=False) if leaves is None else leaves
    back = st.integers(0, FARTHEST)
    steps = st.tuples(st.sampled_from(spellings), back, back, back)
    # A list of lists: Hypothesis makes most lists short, and shrinks one of lists as well.
    blocks = st.lists(st.lists(steps, max_size=min(BLOCK, max_steps)), max_size=-(-max_steps // 10))
    starts = st.lists(numbers, min_size=1, max_size=max_leaves)
    return _drawn(starts, blocks, own_functions(ops or ()))


@st.composite
def _drawn(
    draw: st.DrawFn,
    starts: st.SearchStrategy[list[float]],
    blocks: st.SearchStrategy[list[list[Choice]]],
    functions: dict[str, Any],
) -> Program:
    start = draw(starts)
    return program(start, [step for block in draw(blocks) for step in block], functions)


def program(
    leaves: Sequence[float], choices: Sequence[Choice], functions: dict[str, Any] | None = None
) -> Program:
    """Return the program of some leaves and choices.

    Args:
        leaves: the numbers to start from.
        choices: for each step a spelling and, for each of the at most three operands, how many
            nodes to go back from the newest, modulo the number of nodes so far.
        functions: what the spellings call beside the functions of `engine`.
    """
    steps: list[Step] = []
    for spelling, *back in choices:
        count = len(leaves) + len(steps)
        steps.append((spelling, tuple(count - 1 - i % count for i in back[: arity(spelling)])))
    return Program(tuple(leaves), tuple(steps), functions or {})


def arity(spelling: str) -> int:
    """Return how many operands a spelling takes; a list has three."""
    return 3 if "{xs}" in spelling or "{c}" in spelling else 2 if "{b}" in spelling else 1


def own_functions(ops: Sequence[Op]) -> dict[str, Any]:
    """Return the ops that are no functions of `engine`, by name."""
    return {op.name: op for op in ops if isinstance(op, Primitive)}
