"""Whether the recorded graph is the function: what changes when it runs again, and beside x.

A graph is the function around a point if the same ops are recorded beside it, and every constant
in it is the same there. A constant that moves with the inputs was computed from them outside of the
graph, and its part of the derivative is missing.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple

from engine.source import short
from engine.testing.blame import written
from engine.testing.recording import (
    Place,
    Recording,
    changed_constants,
    first_difference,
)

SCALES = (2.0**-26, 2.0**-40)  # of a number: far above its rounding, far below what it means
FROM_ZERO = (2.0**-26, 2.0**-200)
CHANGES_INPUTS = (
    "the function changes its inputs: their data, their grad or the list that holds them"
)


class Surroundings(NamedTuple):
    """What was found beside the inputs.

    Args:
        unknown: why nothing can be said, as that a branch changes; empty if all is well.
        leaks: the constants that move with the inputs.
    """

    unknown: str = ""
    leaks: tuple[Place, ...] = ()


def again(recording: Recording) -> str:
    """Return why a second call at the same inputs shows the function to be unfit; else nothing."""
    if not recording.kept:
        return CHANGES_INPUTS
    other = recording.at(recording.numbers)
    x, y = recording.value, other.value if other.output is not None else float("nan")
    if x != y and (x == x or y == y):
        return (
            f"the function gave {x!r} and then {y!r} for the same inputs: it is random, or it "
            "keeps a state; give it a seed, or make the state an input"
        )
    if first_difference(recording, other) is not None or changed_constants(recording, other):
        return "the function recorded another graph the second time: it is random or keeps a state"
    return ""


def surroundings(recording: Recording, seed: int) -> Surroundings:
    """Compare the graph with those recorded a little to either side."""
    rng = random.Random(seed)
    fixed = recording.selectors()
    direction = [
        0.0 if i in fixed else rng.choice((-1.0, 1.0)) * rng.uniform(0.5, 1.0)
        for i in range(len(recording.numbers))
    ]
    leaks: dict[Place, None] = {}
    for sign in (1.0, -1.0):
        why = ""
        for scale, from_zero in zip(SCALES, FROM_ZERO, strict=True):
            moved = [
                x * (1.0 + sign * d * scale) if x else sign * d * from_zero
                for x, d in zip(recording.numbers, direction, strict=True)
            ]
            try:
                other = recording.at(moved)
            except Exception as error:  # whatever a user's function may raise
                why = f"the function raises {type(error).__name__} beside these inputs: {error}"
                continue
            place = first_difference(recording, other)
            if place is None:
                leaks |= dict.fromkeys(changed_constants(recording, other))
                why = ""
                break
            why = _branch(recording, other, place, scale)
        if why:
            return Surroundings(why)
    return Surroundings("", tuple(leaks))


def _branch(recording: Recording, other: Recording, place: int, scale: float) -> str:
    here, there = _shown(recording, place), _shown(other, place)
    return (
        f"the function takes another branch within {scale:.0e} of these inputs (the first op that "
        f"differs: {here} here, {there} there), so it has no derivative that could be compared: "
        "check it off the border, or write the choice as an op, as engine.where"
    )


def _shown(recording: Recording, place: int) -> str:
    if place >= len(recording.nodes):
        return "none"
    node = recording.nodes[place]
    return written(node.op, [operand.data for operand in node.operands])


def leak_reason(recording: Recording, leaks: Sequence[Place]) -> str:
    """Return what is to be said of a constant that moves with the inputs."""
    position, operand = leaks[0]
    node = recording.nodes[position]
    source = recording.source_of(position)
    place = "" if source is None else f" ({short(source)})"
    shown = written(node.op, [operand.data for operand in node.operands])
    return (
        f"a part of the graph was lost: operand {operand} of {shown}{place} moves with the inputs, "
        "and no gradient flows through it. The likely cause is .data, float(), math.*, detach() "
        "or no_grad()"
    )
