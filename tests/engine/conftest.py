"""What the tests of one graph share: a fresh interpreter, and whether nodes are freed."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
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
