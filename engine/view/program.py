"""A result and the names it is written in, as the command line takes them: ``d*e``, ``d=a*b``."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from engine.value import Value
from engine.view.expressions import (
    CONSTANTS,
    Expression,
    ExpressionError,
    Place,
    did_you_mean,
    parse,
)

RESULTS = ("f", "L", "result", "out")  # what a result without a name may be called


class Let(NamedTuple):
    """A name and what it stands for: a leaf if that is a number, else an interior node."""

    name: str
    expression: Expression


class Program:
    """A result in the names of earlier lines, checked as a whole.

    Args:
        result: the expression to differentiate.
        lets: definitions as ``"d=a*b"``, each in numbers and the names before it.

    Raises:
        ExpressionError: one is malformed, a name is unknown or defined twice or by itself, or the
            result depends on no number that was given a name.

    >>> program = Program("d*e", ["a=-2", "b=3", "d=a*b", "e=a+b"])
    >>> f, leaves = program.graph()
    >>> f.data, [leaf.label for leaf in leaves]
    (-6.0, ['a', 'b'])
    """

    def __init__(self, result: str, lets: Sequence[str]) -> None:
        self.lets = [_let(text) for text in lets]
        self.result = parse(result)
        self._check()
        given = {let.name for let in self.lets}
        self.leaves: dict[str, float] = {
            name: expression.evaluate(CONSTANTS)
            for name, expression in self.lets
            if given.isdisjoint(expression.names)
        }

    def graph(self) -> tuple[Value, list[Value]]:
        """Return the result and its leaves as Values, labelled with their names."""
        leaves = {name: Value(number, name) for name, number in self.leaves.items()}
        values = self._values(leaves)
        for name, _ in self.lets:
            if values[name].label is None:
                values[name].label = name
        result: Value = self.result.evaluate(values)
        if result.label is None:
            result.label = next((name for name in RESULTS if name not in values), "the result")
        return result, list(leaves.values())

    def number(self, leaves: Mapping[str, float]) -> float:
        """Return the result as a number, for other numbers of the leaves."""
        result: float = self.result.evaluate(self._values(leaves))
        return result

    def _values(self, leaves: Mapping[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = dict(CONSTANTS)
        for name, expression in self.lets:
            values[name] = leaves[name] if name in leaves else expression.evaluate(values)
        return values

    def _check(self) -> None:
        known: set[str] = set()
        later = [let.name for let in self.lets]
        for name, expression in self.lets:
            later.remove(name)
            for used, place in expression.names.items():
                if used not in known and used not in CONSTANTS:
                    message = self._unknown(used, known, [name, *later])
                    raise ExpressionError(message, expression.text, *place)
            if name in known:
                place = Place(0, expression.text.index("="))
                raise ExpressionError(f"{name} is defined twice", expression.text, *place)
            known.add(name)
        for used, place in self.result.names.items():
            if used not in known and used not in CONSTANTS:
                message = self._unknown(used, known, [])
                raise ExpressionError(message, self.result.text, *place)
        if known.isdisjoint(self.result.names):
            raise ExpressionError(
                "nothing to differentiate: no name of a --let is in it",
                self.result.text, 0, len(self.result.text),
            )  # fmt: skip

    def _unknown(self, used: str, known: Collection[str], later: Sequence[str]) -> str:
        """Return what is wrong with a name that is not known where it is used."""
        if used not in later:
            hint = did_you_mean(used, known) or f": give it a number, as --let {used}=2"
            return f"unknown name {used}{hint}"
        cycle = self._cycle(later[0], used)
        if cycle:
            return f"{later[0]} is defined by itself: {' → '.join(cycle)}"
        return f"{used} is defined further on: put it before {later[0]}"

    def _cycle(self, start: str, used: str) -> list[str]:
        """Return the names by which a definition leads back to where it started."""
        uses = {name: expression.names for name, expression in self.lets}
        paths = {used: [start, used]}
        waiting = [used]
        for name in waiting:  # the list grows while it is walked
            if name == start:
                return paths[name]
            for next_name in uses.get(name, ()):
                if next_name not in paths:
                    paths[next_name] = [*paths[name], next_name]
                    waiting.append(next_name)
        return []


def _let(text: str) -> Let:
    """Return a definition from its text, ``name=expression``."""
    name, equals, _ = text.partition("=")
    if not equals:
        raise ExpressionError("write name=expression", text, 0, len(text))
    word = unicodedata.normalize("NFKC", name.strip())  # as Python reads names
    if not word.isidentifier() or keyword.iskeyword(word):
        raise ExpressionError("this is not a name", text, 0, len(name))
    return Let(word, parse(text, len(name) + 1))
