"""Mutants of the op table, put in place in processes forked from one that has collected the tests.

Importing the engine and collecting takes most of the time of a small run; here a mutant costs a
fork, a module executed anew, and the tests that bear the op's name until one fails.
"""

from __future__ import annotations

import io
import os
import resource
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from types import ModuleType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from tests.meta import selection
from tests.meta.mutant import ROOT, Mutant
from tests.meta.workshop import SECONDS, Outcome

PARTS = ("forward", "derivatives", "partials", "kinks")


class InPlace:
    """A pytest plugin that tries mutants in the place of running tests.

    Args:
        mutants: what to try.
    """

    def __init__(self, mutants: Sequence[Mutant]) -> None:
        self.mutants = mutants
        self.outcomes: list[Outcome] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try all mutants."""
        items = {item.nodeid: item for item in session.items}
        for mutant in self.mutants:
            chosen = [items[name] for name in selection.of_op(mutant, list(items))]
            self.outcomes.append(tried(mutant, chosen))
        return True


def tried(mutant: Mutant, items: Sequence[pytest.Item]) -> Outcome:
    """Return what becomes of a mutant."""
    start = time.perf_counter()
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        failed = "it could not be put in place"
        try:
            os.close(reader)
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
            put_in_place(mutant)
            failed = first_failure(items)
        finally:
            os.write(writer, failed.encode())
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        by = pipe.read()
    _, status = os.waitpid(process, 0)
    if os.WIFSIGNALED(status):
        by = f"no end within {SECONDS} s"
    return Outcome(mutant, bool(by), by, time.perf_counter() - start)


def first_failure(items: Sequence[pytest.Item]) -> str:
    """Run tests until one fails; return its name, or nothing if none does."""
    for item in items:
        if any(report.failed for report in runtestprotocol(item, log=False, nextitem=None)):
            return item.nodeid
    return ""


def put_in_place(mutant: Mutant) -> None:
    """Give the rows that the tests hold the rules of a mutant."""
    from engine.testing.oracles.reference import CASES, rows

    module = ModuleType(mutant.path.removesuffix(".py").replace("/", "."))
    exec(compile(mutant.text, str(ROOT / mutant.path), "exec"), vars(module))
    held = [row for row in rows() if hasattr(row, "forward")] + [case.op for case in CASES]
    for row in held:
        function, arguments = row.origin
        new = getattr(module, row.name, None)
        if function.__name__ != "named":  # as variance(1.0)
            new = getattr(module, function.__name__, None)
            new = new and new(*arguments)
        if row.name == mutant.subject and new is not None:
            copy_rules(new, row)


def copy_rules(new: Any, row: Any) -> None:
    """Give a row the rules of another."""
    for part in PARTS:
        if hasattr(row, part):
            setattr(row, part, getattr(new, part))


def outcomes_of(mutants: Sequence[Mutant]) -> list[Outcome]:
    """Try mutants in one session of pytest, which prints nothing."""
    plugin = InPlace(mutants)
    options = [f"--rootdir={ROOT}", f"-c{ROOT}/pyproject.toml", "-q", "-p", "no:cacheprovider"]
    options += ["--hypothesis-profile=quick", "-Wignore::pytest.PytestAssertRewriteWarning"]
    os.environ |= {"CI": "1", "STEPGRAD_PLAIN": "1"}  # the same examples; rows that can be changed
    with redirect_stdout(io.StringIO()) as printed:
        code = pytest.main([*options, str(ROOT / selection.TESTS)], plugins=[plugin])
    if len(plugin.outcomes) != len(mutants):
        raise RuntimeError(f"pytest ended with {code}:\n{printed.getvalue()}")
    return plugin.outcomes
