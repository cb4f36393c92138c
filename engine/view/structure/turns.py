"""The turns of a loop: where they begin, and how they are drawn as one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from engine.view.structure.groups import LOOP, Box, Group, Part, merged, nodes_of

Operands = Sequence[Sequence[int]]


class Turn(NamedTuple):
    """One turn of a loop.

    Args:
        parts: what it does, in the order of creation.
        places: of each part, its place in the body of the loop.
    """

    parts: list[Part]
    places: Sequence[int]


def first_turn(parts: list[Part], period: int, least: int, operands: Operands) -> int:
    """Return where in a repetition its turns are best cut: where least is handed on to the next.

    Args:
        parts: the repetition.
        period: the number of parts of a turn.
        least: the turns that have to remain.
        operands: of every node of the graph.
    """
    choices = min(period, len(parts) - least * period + 1)
    if choices == 1:
        return 0
    handed_on = values_across(parts[: least * period], operands)[period : period + choices]
    return handed_on.index(min(handed_on))


def values_across(parts: list[Part], operands: Operands) -> list[int]:
    """Return for each place between parts how many values made before it are read after it."""
    maker: dict[int, int] = {}
    for place, part in enumerate(parts):
        if isinstance(part, int):  # as most are where little is repeated
            maker[part] = place
        else:
            maker |= dict.fromkeys(nodes_of(part), place)
    last_read = list(range(len(parts)))
    for node, place in maker.items():
        for operand in operands[node]:
            made = maker.get(operand, place)
            if last_read[made] < place:
                last_read[made] = place
    change = [0] * (len(parts) + 2)
    for made, read in enumerate(last_read):
        change[made + 1] += 1
        change[read + 1] -= 1
    return list(accumulate(change))


def subsequence(items: Sequence[int], whole: Sequence[int]) -> list[int] | None:
    """Return the places of items in a whole that holds them in this order, or None.

    >>> subsequence([1, 3], [1, 2, 3]), subsequence([3, 1], [1, 2, 3])
    ([0, 2], None)
    """
    places = []
    place = 0
    for item in items:
        while place < len(whole) and whole[place] != item:
            place += 1
        if place == len(whole):
            return None
        places.append(place)
        place += 1
    return places


def merged_turns(token: int, turns: Sequence[Turn], period: int) -> Box | Group:
    """Return all turns of a loop as one.

    Args:
        token: of the loop.
        turns: what was done; the first and the last may lack something.
        period: the number of parts of a full turn.
    """
    columns: list[list[Part]] = [[] for _ in range(period)]
    for turn in turns:
        for part, place in zip(turn.parts, turn.places, strict=True):
            columns[place].append(part)
    body = [merged(column) for column in columns]
    times = len(turns), len(turns)
    only = body[0]
    if len(body) == 1 and isinstance(only, Box):
        return only
    if len(body) == 1 and isinstance(only, Group) and only.times == (1, 1):
        return Group(only.kind, token, only.parts, list(only.names), times, list(only.scopes))
    return Group(LOOP, token, body, times=times)
