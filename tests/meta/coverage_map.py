"""Which tests cover a line, from a run of coverage.py with the plugin `tests.meta.contexts`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from random import Random

from tests.meta.equivalent import reason_of
from tests.meta.mutant import ROOT, Mutant

MOST = 60  # tests that are run on one mutant first
MORE = 600  # tests that are run on it at a time after these
HERE = Path(__file__).parent  # the tests of this run break nothing that is broken already
AT_IMPORT = ""  # what coverage.py calls the time in which no test runs


class CoverageMap:
    """The tests of each line.

    Args:
        data: the file that coverage.py wrote.

    Raises:
        ValueError: it names no test, as when the tests' own processes were not measured.
    """

    def __init__(self, data: Path) -> None:
        from coverage import CoverageData

        self._data = CoverageData(str(data))
        self._data.read()
        if not any(self._data.measured_contexts()):
            raise ValueError(f"{data} names no test: was it made with -p tests.meta.contexts?")
        self._lines: dict[str, dict[int, list[str]]] = {}

    def tests(self, mutant: Mutant) -> Sequence[str]:
        """Return the tests to run on a mutant, the likeliest to fail first; none if none runs it.

        What a line makes at import may be used by any test that runs a line of the file, or that
        imports it, as a table of numbers: after its own, all of these are taken.
        """
        path = mutant.path
        if path not in self._lines:
            self._lines[path] = self._data.contexts_by_lineno(str(ROOT / path))
        lines = self._lines[path]
        if mutant.line not in lines and mutant.subject != "module":
            return []
        imported = {AT_IMPORT, *lines[min(lines)]}  # by tests, where they were the first to
        names = lines.get(mutant.line, [AT_IMPORT])
        own = ordered(path, names)
        if not {*names} <= imported:
            return own
        others = {name for some in lines.values() for name in some}.difference(own)
        return own + ordered(path, others) + ([] if reason_of(mutant) else importing(path))


def ordered(path: str, names: Iterable[str]) -> list[str]:
    """Return tests at random, but those of a file first."""
    chosen = sorted({*names} - {AT_IMPORT})
    Random(0).shuffle(chosen)
    stem = Path(path).stem
    return sorted(chosen, key=lambda name: stem not in name and "properties" not in name)


def importing(path: str) -> list[str]:
    """Return the files of tests that import a module, or what imports it."""
    wanted = {dotted(Path(path))}
    wanted |= {
        dotted(file.relative_to(ROOT))
        for file in (ROOT / "engine").rglob("*.py")
        if file.name != "__init__.py" and imports(file) & wanted
    }
    files = [file for file in (ROOT / "tests").rglob("test_*.py") if file.parent != HERE]
    return sorted(file.relative_to(ROOT).as_posix() for file in files if imports(file) & wanted)


@cache
def imports(file: Path) -> frozenset[str]:
    """Return the dotted names that a file imports, modules and what is in them."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def dotted(path: Path) -> str:
    """Return a module's name from its path."""
    return ".".join(path.with_suffix("").parts)
