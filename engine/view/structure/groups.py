"""Boxes and groups: what a large graph is collapsed into."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

MODULE, LOOP, STAGE = "module", "loop", "stage"
SINGULAR = ("ss", "us", "is")  # ends of names that take "es" as plural


class Box:
    """One or several nodes that a picture draws as one, since each plays the same part."""

    __slots__ = ("nodes", "parent", "place")

    def __init__(self, nodes: list[int]) -> None:
        self.nodes = nodes
        self.parent: Group | None = None
        self.place = 0  # in the order of creation, once the tree is complete


class Group:
    """Boxes and groups that a picture can draw as one.

    Args:
        kind: MODULE for what a module made, LOOP for one turn of what was done over and over, STAGE
            for a stretch of a long program.
        token: equal for groups of equal content.
        parts: what it holds, in the order of creation.
        names: of a module, and of those folded into one with it.
        times: how often this was done, at least and at most; what it holds is drawn once.
        scopes: the module paths that lie here.
    """

    __slots__ = (
        "key",
        "kind",
        "leaves",
        "names",
        "parent",
        "parts",
        "place",
        "scopes",
        "times",
        "token",
    )

    def __init__(
        self,
        kind: str,
        token: int,
        parts: list[Part],
        names: Sequence[str] = (),
        times: tuple[int, int] = (1, 1),
        scopes: Sequence[str] = (),
    ) -> None:
        self.kind = kind
        self.token = token
        self.parts = parts
        self.names = dict.fromkeys(names)
        self.times = times
        self.scopes = dict.fromkeys(scopes)
        self.leaves: list[Box] = []  # parameters, inputs and constants that are drawn in here
        self.parent: Group | None = None
        self.place = 0
        self.key = ""  # what `expand=` calls it

    @property
    def title(self) -> str:
        """The names of the modules here, as "neuron0…15", or else the end of its key."""
        return first_to_last(list(self.names) or [self.key.rpartition("/")[2]])

    @property
    def repeated(self) -> str:
        """How often and what, as "× 16 neurons"; nothing for what was done once."""
        least, most = self.times
        if most == 1:
            return ""
        count = f"× {least:,}" if least == most else f"× {least:,}–{most:,}"
        if len(self.names) > 1:
            return f"{count} {plural(stem(next(iter(self.names))))}"
        samples = self.kind == MODULE or any(
            isinstance(part, Group) and part.kind == MODULE for part in self.parts
        )
        return f"{count} {'samples' if samples else 'times'}"

    @property
    def opens_with_outer(self) -> bool:
        """Whether it is all that the group around it holds."""
        return self.parent is not None and self in self.parent.chain()

    def chain(self) -> list[Group]:
        """Return this, and the group that is all it holds, and so on: they open together."""
        chain = [self]
        while len(chain[-1].parts) == 1 and not chain[-1].leaves:
            (only,) = chain[-1].parts
            if not isinstance(only, Group):
                break
            chain.append(only)
        return chain

    def contents(self) -> Iterator[Box | Group]:
        """Yield all that lies in here, groups before what they hold."""
        stack: list[Part] = [*reversed(self.parts)]
        while stack:
            part = stack.pop()
            if isinstance(part, Group):
                yield part
                yield from part.leaves
                stack += reversed(part.parts)
            elif isinstance(part, Box):
                yield part


Part = Any  # Box | Group, or int for a node that was not folded with others (yet)


def nodes_of(part: Part) -> Iterator[int]:
    """Yield the interior nodes of a part."""
    stack = [part]
    while stack:
        part = stack.pop()
        if isinstance(part, Group):
            stack += part.parts
        elif isinstance(part, Box):
            yield from part.nodes
        else:
            yield part


def stem(name: str) -> str:
    """Return a module's name without its number: "neuron" for "neuron12"."""
    return name.rstrip("0123456789") or name


def first_to_last(names: Sequence[str]) -> str:
    """Return several names as one: the first, and the last or its number.

    >>> first_to_last(["w0", "w1", "w2"]), first_to_last(["a", "b"]), first_to_last(["a"])
    ('w0…2', 'a…b', 'a')
    """
    first, last = names[0], names[-1]
    if len(names) == 1:
        return first
    numbered = last.removeprefix(stem(first))
    return f"{first}…{numbered if numbered.isdecimal() else last}"


def plural(noun: str) -> str:
    """Return the plural of a module's name."""
    return noun + ("es" if noun.endswith(SINGULAR) else "s")


def merged(parts: Sequence[Part]) -> Box | Group:
    """Return as one several parts that play the same role, each in its turn of a loop."""
    first = parts[0]
    if isinstance(first, Group):
        columns = zip(*(part.parts for part in parts), strict=True)
        return Group(
            first.kind,
            first.token,
            [merged(column) for column in columns],
            [name for part in parts for name in part.names],
            (min(part.times[0] for part in parts), max(part.times[1] for part in parts)),
            [scope for part in parts for scope in part.scopes],
        )
    return Box([node for part in parts for node in nodes_of(part)])
