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
    if len(parts) <= MOST_PARTS:
        return parts
    across = values_across(parts, operands)
    whole = Group(STAGE, -1, [])
    uncut = [(whole, 0, len(parts))]
    for outer, start, end in uncut:  # the list grows while it is walked
        if end - start <= MOST_PARTS:
            outer.parts = parts[start:end]
            continue
        for first, last in pairwise(_cuts(across, start, end)):
            stage = Group(STAGE, -1, [])
            outer.parts.append(stage)
            uncut.append((stage, first, last))
    return whole.parts


def _cuts(across: list[int], start: int, end: int) -> list[int]:
    """Return where a stretch is cut, with its ends: where little is handed on."""
    places = [start]
    for k in range(1, STAGES):
        ideal, leeway = start + k * (end - start) // STAGES, (end - start) // (4 * STAGES)
        near = range(ideal - leeway, ideal + leeway + 1)
        places.append(min(near, key=lambda place: (across[place], abs(place - ideal))))
    return [*places, end]
