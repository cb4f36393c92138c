"""Where mutants live: a copy of the packages, in which one file at a time is broken.

The tests run in a process forked from one that has imported pytest, Hypothesis and mpmath, but
nothing of ours, so that a mutant takes half a second and not three.
"""

from __future__ import annotations

import importlib
import os
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.meta.mutant import ROOT, Mutant

PACKAGES = ("engine", "nn")
HEAVY = ("pytest", "hypothesis", "hypothesis.strategies", "mpmath", "numpy")
SECONDS = 120  # of processor time, after which a mutant counts as killed: it made a loop endless
MEMORY = 4 << 30  # bytes
IMPORT_FAILED = "ImportError while loading conftest"  # as pytest says it


class Outcome(NamedTuple):
    """What became of a mutant.

    Args:
        mutant: the mutant.
        killed: whether a test failed, or the tests did not end.
        by: the first test that failed, or why there was none.
        seconds: how long that took.
    """

    mutant: Mutant
    killed: bool
    by: str
    seconds: float


class Workshop:
    """A directory with a copy of the packages."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="mutants-"))
        for package in PACKAGES:
            shutil.copytree(ROOT / package, self.directory / package)  # with its bytecode
        for module in HEAVY:
            importlib.import_module(module)

    def close(self) -> None:
        """Remove the directory."""
        shutil.rmtree(self.directory, ignore_errors=True)

    def judge(self, mutant: Mutant, tests: Sequence[str]) -> Outcome:
        """Run tests on a mutant until one fails.

        Args:
            mutant: the mutant.
            tests: files, directories or names of tests, from the root of the sources.
        """
        file = self.directory / mutant.path
        start = time.perf_counter()
        try:
            file.write_text(mutant.text, encoding="utf-8")
            status, text = self.run(tests)
        finally:
            shutil.copy2(ROOT / mutant.path, file)  # with its times, by which bytecode is known
        killed, by = verdict(status, text)
        return Outcome(mutant, killed, by, time.perf_counter() - start)

    def run(self, tests: Sequence[str], *options: str) -> tuple[int, str]:
        """Run tests on the copy in a process of their own.

        Returns how the process ended, as `os.waitpid` says it, and what pytest printed.
        """
        log = self.directory / "log"
        process = os.fork()
        if process == 0:
            self._run_here(tests, options, log)
        _, status = os.waitpid(process, 0)
        return status, log.read_text(encoding="utf-8", errors="replace")

    def _run_here(self, tests: Sequence[str], options: Sequence[str], log: Path) -> None:
        """Run tests and end this process."""
        code = 99
        try:
            sink = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(sink, 1)
            os.dup2(sink, 2)
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            signal.alarm(4 * SECONDS)
            ours = (*PACKAGES, "tests", "_stepgrad_pytest", "conftest")
            for name in [name for name in sys.modules if name.partition(".")[0] in ours]:
                del sys.modules[name]
            os.chdir(self.directory)
            sys.path[:] = [
                str(self.directory),
                *[path for path in sys.path if path and Path(path).resolve() != ROOT],
            ]
            sys.dont_write_bytecode = True
            os.environ |= {
                "CI": "1",  # the same examples every time
                "STEPGRAD_PLAIN": "1",
                "PYTHONPATH": str(self.directory),
                "PYTHONDONTWRITEBYTECODE": "1",
            }
            import pytest

            code = pytest.main(
                [
                    *(
                        f"--rootdir={ROOT}",
                        f"-c{ROOT / 'pyproject.toml'}",
                        "-p",
                        "no:cacheprovider",
                    ),
                    *("-q", "-x", "--tb=no", "--slow"),
                    *("--hypothesis-profile=quick", "--grad-profile=quick"),
                    "-Wignore::pytest.PytestAssertRewriteWarning",  # Hypothesis was imported before
                    *options,
                    *(str(ROOT / test) for test in tests),
                ]
            )
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(int(code))


def verdict(status: int, text: str) -> tuple[bool, str]:
    """Return whether a mutant was killed, and by what.

    Raises:
        RuntimeError: no test was run, so nothing is known.
    """
    if os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        return True, f"no end within {SECONDS} s" if name in ("SIGXCPU", "SIGALRM") else name
    code = os.WEXITSTATUS(status)
    if code == 0:
        return False, ""
    failed = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - |$)", text, re.MULTILINE)
    if IMPORT_FAILED in text and "ModuleNotFoundError" not in text:
        return True, "it cannot be imported"
    if code in (4, 5) and not failed:
        raise RuntimeError(f"no tests were run:\n{text}")
    return True, failed[1] if failed else "the tests could not be run"
