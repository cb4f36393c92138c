"""What the tests of one graph share: a fresh interpreter, and a bound on the work done."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from subprocess import CompletedProcess

import pytest

import engine


@pytest.fixture
def fresh_python(tmp_path: Path) -> Callable[..., CompletedProcess[str]]:
    """Return a function that runs a program in an interpreter of its own.

    The program imports the same engine in the same mode as this process, unless the environment
    variables that the function is given say otherwise.
    """

    def run(program: str, *options: str, **environment: str) -> CompletedProcess[str]:
        packages = str(Path(engine.__file__).resolve().parents[1])
        plain = "" if engine.compiled else "1"
        return subprocess.run(
            [sys.executable, *options, "-c", textwrap.dedent(program)],
            cwd=tmp_path,  # and not where another engine may lie
            env={**os.environ, "PYTHONPATH": packages, "STEPGRAD_PLAIN": plain, **environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


@pytest.fixture
def processor_seconds() -> Callable[[float], AbstractContextManager[None]]:
    """Return a context manager that stops what takes more processor time than that.

    A bound far above what linear work takes and far below what quadratic work takes tells the two
    apart on any machine, and without waiting for the end.
    """
    if not hasattr(signal, "setitimer"):
        pytest.skip("there is no timer of processor time here")

    @contextmanager
    def bound(seconds: float) -> Iterator[None]:
        def stop(*_: object) -> None:
            raise AssertionError(f"it takes more than {seconds} s of processor time")

        handler = signal.signal(signal.SIGVTALRM, stop)
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, handler)

    return bound
