"""Which tests cover a line, from a run of coverage.py with `dynamic_context = test_function`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

from tests.meta.mutant import ROOT, Mutant

MOST = 60  # tests that are run on one mutant


class CoverageMap:
    """The tests of each line.

    Args:
        data: the file that coverage.py wrote.
    """

    def __init__(self, data: Path) -> None:
        from coverage import CoverageData

        self._data = CoverageData(str(data))
        self._data.read()
        self._files = {path.stem: path for path in (ROOT / "tests").rglob("test_*.py")}
        self._lines: dict[str, dict[int, list[str]]] = {}

    def tests(self, mutant: Mutant) -> Sequence[str]:
        """Return the tests to run on a mutant, those of its own module first."""
        if mutant.path not in self._lines:
            lines = self._data.contexts_by_lineno(str(ROOT / mutant.path))
            self._lines[mutant.path] = lines
        contexts = [name for name in self._lines[mutant.path].get(mutant.line, []) if name]
        chosen = sorted({name for name in map(self._name, contexts) if name})
        stem = Path(mutant.path).stem
        own = [name for name in chosen if f"test_{stem}" in name or "properties" in name]
        others = [name for name in chosen if name not in own]
        if len(own) + len(others) > MOST:
            others = Random(0).sample(others, max(0, min(len(others), MOST - len(own))))
        return [*own, *others]

    def _name(self, context: str) -> str:
        """Return the name of a test for pytest, from its name for coverage."""
        module, _, function = context.rpartition(".")
        file = self._files.get(module.rpartition(".")[2])
        return f"{file.relative_to(ROOT).as_posix()}::{function}" if file else ""
