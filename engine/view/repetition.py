"""Finding what a program did over and over in the sequence of its ops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from operator import eq

from engine.view.groups import LOOP, Box, Group, Part, merge, nodes_of

Operands = Sequence[Sequence[int]]

LEAST_TIMES = 3  # fewer turns are drawn one by one
LONGEST_TRIED = 32  # periods up to here are all tried, longer ones where enough recurs
MOST_PASSES = 200  # over one sequence


class Tokens:
    """Numbers for contents: the same content always gets the same number."""

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}

    def __call__(self, content: object) -> int:
        """Return the number of a content."""
        return self._numbers.setdefault(content, len(self._numbers))


class Folding:
    """Replaces what is repeated in a sequence by one turn of it, the shortest periods first.

    Args:
        parts: nodes and groups in the order of creation.
        contents: a token for each; equal tokens are equal content.
        operands: of every node of the graph.
        tokens: gives the tokens of what is folded.
        strict: whether loops in a loop must take the same number of turns each time.

    A loop leaves its body over and over in the sequence of ops, and a loop in a loop does so after
    the inner one was folded. `parts` and `contents` are the sequence as it now is.
    """

    def __init__(
        self,
        parts: list[Part],
        contents: list[int],
        operands: Operands,
        tokens: Tokens,
        strict: bool,
    ) -> None:
        self.parts = parts
        self.contents = contents
        self._operands = operands
        self._tokens = tokens
        self._strict = strict

    def run(self) -> None:
        """Fold until nothing is repeated."""
        tried = 0  # up to this period there is nothing left to fold
        for _ in range(MOST_PASSES):
            for period in _periods(self.contents):
                if period > tried:
                    tried = period
                    made = self._fold_period(period)
                    if made:
                        break
            else:
                return
            # What was made can only be repeated in turn if there is enough of it.
            counts = Counter(self.contents)
            if any(counts[token] >= LEAST_TIMES for token in made):
                tried = 0

    def _fold_period(self, period: int) -> set[int]:
        """Fold every repetition of one period, and return the tokens of what that made."""
        parts, contents = self.parts, self.contents
        folded: list[Part] = []
        folded_contents: list[int] = []
        made: set[int] = set()
        done = 0
        for run_start, end in _runs(contents, period):
            start = max(run_start, done)  # where the one before took the first turn
            if end - start < LEAST_TIMES * period:
                continue
            start += _first_turn(parts[start:end], period, self._operands)
            times = (end - start) // period
            folded += parts[done:start]
            folded_contents += contents[done:start]
            done = start + times * period
            turns = [parts[place : place + period] for place in range(start, done, period)]
            body = contents[start : start + period]
            token = self._tokens(("repeat", times if self._strict else "some", *body))
            folded.append(repeat(token, turns))
            folded_contents.append(token)
            made.add(token)
        self.parts = folded + parts[done:]
        self.contents = folded_contents + contents[done:]
        return made


def _periods(contents: list[int]) -> Iterator[int]:
    """Yield the periods that a repetition may have, short ones first.

    In a long one, items that a turn holds once, and pairs of them, recur at its distance.
    """
    longest = len(contents) // LEAST_TIMES
    yield from range(1, min(longest, LONGEST_TRIED) + 1)
    if longest <= LONGEST_TRIED:
        return
    distances = Counter(_distances(contents)) + Counter(_distances(pairwise(contents)))
    for period, count in sorted(distances.items()):
        if LONGEST_TRIED < period <= longest and count >= period // 8:
            yield period


def _distances(items: Iterable[object]) -> Iterator[int]:
    """Yield how far each item is from the one like it before."""
    last: dict[object, int] = {}
    for place, item in enumerate(items):
        if item in last:
            yield place - last[item]
        last[item] = place


def _runs(contents: list[int], period: int) -> Iterator[tuple[int, int]]:
    """Yield where a repetition of a period begins and ends, one after the other."""
    again = bytes(map(eq, contents[period:], contents))  # 1 where an item is as a period before
    least = b"\1" * (period * (LEAST_TIMES - 1))
    end = 0
    while (found := again.find(least, end)) >= 0:
        end = again.find(b"\0", found)
        end = len(again) if end < 0 else end
        yield found, end + period


def _first_turn(parts: list[Part], period: int, operands: Operands) -> int:
    """Return where in a repetition its turns are best cut: where least is handed on to the next."""
    choices = min(period, len(parts) - LEAST_TIMES * period + 1)
    if choices == 1:
        return 0
    handed_on = values_across(parts[: LEAST_TIMES * period], operands)
    least = handed_on[period : period + choices]
    return least.index(min(least))


def values_across(parts: list[Part], operands: Operands) -> list[int]:
    """Return for each place between parts how many values made before it are read after it."""
    maker = {node: place for place, part in enumerate(parts) for node in nodes_of(part)}
    last_read = list(range(len(parts)))
    for node, place in maker.items():
        for operand in operands[node]:
            made = maker.get(operand, place)
            last_read[made] = max(last_read[made], place)
    change = [0] * (len(parts) + 2)
    for made, read in enumerate(last_read):
        change[made + 1] += 1
        change[read + 1] -= 1
    return list(accumulate(change))


def repeat(token: int, turns: list[list[Part]]) -> Box | Group:
    """Return several turns of one content as one."""
    body = merge(turns)
    times = len(turns), len(turns)
    if len(body) == 1 and isinstance(body[0], Box):
        return body[0]
    if len(body) == 1 and isinstance(body[0], Group) and body[0].times == (1, 1):
        only = body[0]
        return Group(only.kind, token, only.parts, list(only.names), times, list(only.scopes))
    return Group(LOOP, token, body, times=times)
