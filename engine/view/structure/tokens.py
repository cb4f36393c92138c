"""Numbers that stand for content, so that likeness is equality of numbers."""

from __future__ import annotations

from collections.abc import Iterable


class Tokens:
    """Gives the same token for the same content, and knows which tokens are nearly alike."""

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}
        self._alike: dict[int, int] = {}
        self._results: set[int] = set()

    def op(self, name: str, *reads: object) -> int:
        """Return the token of an op and where it reads from; the same op elsewhere is alike."""
        return self._token((name, *reads), name)

    def result(self, name: str, node: int) -> int:
        """Return the token of a node that the picture is of, which equals no other."""
        token = self._token(("result", node), name)
        self._results.add(token)
        return token

    def call(self, stem: str, contents: Iterable[int]) -> int:
        """Return the token of a call of a module, whatever the module's number."""
        contents = list(contents)
        return self._token(("call", stem, *contents), ("call", stem, *self.alike(contents)))

    def apart(self, scope: str, contents: Iterable[int]) -> int:
        """Return the token of a call of a module that is not folded with its likes."""
        content = ("apart", scope, *contents)
        return self._token(content, content)

    def loop(self, times: int | None, body: Iterable[int]) -> int:
        """Return the token of a loop; with None for times, loops of any number are equal."""
        body = list(body)
        return self._token(("loop", times, *body), ("loop", *self.alike(body)))

    def alike(self, tokens: Iterable[int]) -> list[int]:
        """Return numbers that are equal for tokens of the same ops, read from wherever."""
        return [self._alike[token] for token in tokens]

    def is_result(self, token: int) -> bool:
        """Return whether this is the token of a node that the picture is of."""
        return token in self._results

    def _token(self, content: object, likeness: object) -> int:
        token = self._number(content)
        self._alike[token] = self._number(("alike", likeness))
        return token

    def _number(self, content: object) -> int:
        return self._numbers.setdefault(content, len(self._numbers))
