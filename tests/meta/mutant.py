"""What a mutant is: a file of the engine with one thing broken."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


class Mutant(NamedTuple):
    """One file with one thing broken.

    Args:
        path: the file, from the root of the sources.
        subject: what is broken: the name of an op, or of a function.
        kind: how it is broken.
        text: the whole file with the break in it.
        line: where the break is.
        tests: what pytest is told to run, from the root; empty for what covers the line.
    """

    path: str
    subject: str
    kind: str
    text: str
    line: int
    tests: tuple[str, ...] = ()


class Source:
    """A file to break.

    Args:
        path: the file, from the root of the sources.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.text = (ROOT / path).read_text(encoding="utf-8")
        self.tree = ast.parse(self.text)
        lines = self.text.encode().splitlines(keepends=True)
        self._starts = [0]
        for line in lines:
            self._starts.append(self._starts[-1] + len(line))

    def span(self, node: ast.expr | ast.stmt) -> slice:
        """Return where a node stands, in bytes, which is how the syntax tree counts."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return slice(
            self._starts[node.lineno - 1] + node.col_offset,
            self._starts[node.end_lineno - 1] + node.end_col_offset,
        )

    def of(self, node: ast.expr | ast.stmt) -> str:
        """Return the text of a node."""
        return self.text.encode()[self.span(node)].decode()

    def replaced(self, node: ast.expr | ast.stmt, new: str) -> str:
        """Return the whole file with other text in the place of a node."""
        span, data = self.span(node), self.text.encode()
        return (data[: span.start] + new.encode() + data[span.stop :]).decode()

    def mutant(
        self,
        node: ast.expr | ast.stmt,
        new: str,
        subject: str,
        kind: str,
        tests: tuple[str, ...] = (),
    ) -> Mutant:
        """Return the mutant that has other text in the place of a node."""
        return Mutant(self.path, subject, kind, self.replaced(node, new), node.lineno, tests)
