"""What all tests share: the path, how many examples Hypothesis tries, and a fresh interpreter."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from hypothesis import settings

# The kit's plugin, where stepgrad is not installed with its entry points.
if find_spec("_stepgrad_pytest") is None:
    pytest_plugins = ["engine.testing.plugin._stepgrad_pytest"]

# Last, so that an installed engine goes before the sources that lie beside the tests.
sys.path.append(str(Path(__file__).parents[1]))

# No deadline: the time of an example says nothing on a busy machine. In CI the same examples
# every time; elsewhere new ones. `--hypothesis-profile quick` tries fewer.
DERANDOMIZE = bool(os.environ.get("CI"))
settings.register_profile("full", deadline=None, derandomize=DERANDOMIZE, max_examples=100)
settings.register_profile("quick", settings.get_profile("full"), max_examples=20)
settings.load_profile("full")


@pytest.fixture
def fresh_python(tmp_path: Path) -> Callable[..., CompletedProcess[str]]:
    """Return a function that runs a program in an interpreter of its own.

    The program imports the same engine in the same mode as this process, unless the environment
    variables that the function is given say otherwise.
    """

    import engine  # found by the path above

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
