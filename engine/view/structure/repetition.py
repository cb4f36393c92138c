"""Finding what a program did over and over in the sequence of its ops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from operator import eq

from engine.view.structure.groups import Part
from engine.view.structure.tokens import Tokens
from engine.view.structure.turns import (
    Operands,
    Turn,
    first_turn,
    merged_turns,
    subsequence,
    values_across,
)

LEAST_TIMES = 3  # fewer turns are drawn one by one
LEAST_SHARE = 4  # of a turn's parts, one in so many may be missing in the first
LONGEST_TRIED = 32  # periods up to here are all tried, longer ones where enough recurs
MOST_WORK = 64  # comparisons for each part, where a program with loops takes three or four
LEAST_WORK = 2_000_000  # comparisons that are always allowed


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
        """Fold until nothing is repeated, or so little that it is not worth the search."""
        tried = 0  # up to this period there is nothing left to fold
        work = max(MOST_WORK * len(self.contents), LEAST_WORK)
        while work > 0:
            for period in _periods(self.contents):
                if period > tried:
                    tried = period
                    work -= len(self.contents)
                    made = self._fold_period(period)
                    if made or work <= 0:
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
            start += first_turn(parts[start:end], period, LEAST_TIMES, self._operands)
            times = (end - start) // period
            stop = start + times * period
            body = contents[start : start + period]
            turns = [
                Turn(parts[place : place + period], range(period))
                for place in range(start, stop, period)
            ]
            early = self._turn_before(body, done, start)
            late = self._turn_of_result(body, stop)
            turns = [*([early] if early else []), *turns, *([late] if late else [])]
            start -= len(early.parts) if early else 0
            folded += parts[done:start]
            folded_contents += contents[done:start]
            done = stop + (len(late.parts) if late else 0)
            token = self._tokens.loop(len(turns) if self._strict else None, body)
            folded.append(merged_turns(token, turns, period))
            folded_contents.append(token)
            made.add(token)
        self.parts = folded + parts[done:]
        self.contents = folded_contents + contents[done:]
        return made

    def _turn_before(self, body: list[int], floor: int, start: int) -> Turn | None:
        """Return a first turn that does less, or reads from elsewhere, as `total = first` does.

        Args:
            body: the tokens of a turn.
            floor: where the parts begin that are not folded yet.
            start: where the first full turn begins.
        """
        alike = self._tokens.alike
        for missing in range(len(body) // LEAST_SHARE + 1):
            first = start - (len(body) - missing)
            if first < floor:
                continue
            places = subsequence(alike(self.contents[first:start]), alike(body))
            handed_on = values_across(self.parts[first : start + len(body)], self._operands)
            if places is not None and handed_on[start - first]:
                return Turn(self.parts[first:start], places)
        return None

    def _turn_of_result(self, body: list[int], stop: int) -> Turn | None:
        """Return a last turn whose last part is what the picture is of, which is drawn apart."""
        alike, tokens = self._tokens.alike, self.contents[stop : stop + len(body)]
        whole = len(body) > 1 and alike(tokens) == alike(body)
        if whole and self._tokens.is_result(tokens[-1]):
            return Turn(self.parts[stop : stop + len(body) - 1], range(len(body) - 1))
        return None


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
