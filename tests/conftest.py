"""What all tests share: the path, the profiles of a run, and a fresh interpreter."""

from __future__ import annotations

import gc
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
# every time; elsewhere new ones. `--hypothesis-profile quick` tries fewer, and leaves out the tests
# that are marked slow unless `--slow` asks for them.
DERANDOMIZE = bool(os.environ.get("CI"))
settings.register_profile("full", deadline=None, derandomize=DERANDOMIZE, max_examples=100)
settings.register_profile("quick", settings.get_profile("full"), max_examples=20)
settings.load_profile("full")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the switch that runs all tests with few examples."""
    parser.addoption("--slow", action="store_true", help="run the slow tests by any profile")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the slow tests out of the quick profile; pytest counts them as deselected."""
    if config.getoption("--slow") or config.getoption("--hypothesis-profile") != "quick":
        return
    config.hook.pytest_deselected(items=[i for i in items if i.get_closest_marker("slow")])
    items[:] = [item for item in items if not item.get_closest_marker("slow")]


def pytest_collection_finish() -> None:
    """Keep the garbage collector off the thousands of tests, which every collection would walk."""
    gc.collect()
    gc.freeze()


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
