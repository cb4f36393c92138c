"""Cutting a long program into stages, where little is handed on from one to the next."""

from __future__ import annotations

from itertools import pairwise

from engine.view.structure.groups import STAGE, Group, Part
from engine.view.structure.turns import Operands, values_across

MOST_PARTS = 16  # that stay side by side
STAGES = 8  # that more of them are cut into


def staged(parts: list[Part], operands: Operands) -> list[Part]:
    """Return parts grouped into stages, and those into further stages, if there are many.

    Args:
        parts: in the order of creation, so that no stage reads what a later one makes.
        operands: of every node of the graph.
    """
    top: list[Part] = _cut(parts, operands)
    stages = [part for part in top if isinstance(part, Group) and part.kind == STAGE]
    for stage in stages:  # the list grows while it is walked
        stage.parts = _cut(stage.parts, operands)
        stages += [part for part in stage.parts if isinstance(part, Group) and part.kind == STAGE]
    return top


def _cut(parts: list[Part], operands: Operands) -> list[Part]:
    if len(parts) <= MOST_PARTS:
        return parts
    across = values_across(parts, operands)
    places = [0]
    for k in range(1, STAGES):
        ideal, leeway = k * len(parts) // STAGES, len(parts) // (4 * STAGES)
        near = range(ideal - leeway, ideal + leeway + 1)
        places.append(min(near, key=lambda place: (across[place], abs(place - ideal))))
    places.append(len(parts))
    return [Group(STAGE, -1, parts[start:end]) for start, end in pairwise(places)]
