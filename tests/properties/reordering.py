"""The same program with its steps in another order."""

from __future__ import annotations

from collections.abc import Sequence

from engine.testing.program import Program


def reordered(program: Program, keys: Sequence[int]) -> tuple[Program, list[int]]:
    """Return a program with its steps in another order, and where each node went.

    Args:
        program: the program.
        keys: what chooses the next step among those whose operands are there, used in turn.
    """
    went = {i: i for i in range(len(program.leaves))}
    waiting = list(enumerate(program.steps, len(program.leaves)))
    steps = []
    while waiting:
        ready = [item for item in waiting if all(i in went for i in item[1][1])]
        chosen = ready[keys[len(steps) % len(keys)] % len(ready)]
        waiting.remove(chosen)
        position, (spelling, operands) = chosen
        went[position] = len(program.leaves) + len(steps)
        steps.append((spelling, tuple(went[i] for i in operands)))
    return Program(program.leaves, tuple(steps)), [went[i] for i in range(len(program))]
