"""The kit as others get it: an installed wheel in a project that is not ours, without a network."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

ROOT = Path(__file__).parents[2]
FOREIGN_TEST = """
import engine
import hypothesis
import pytest
from engine import Value, primitive
from engine.testing import assert_gradients, gradtest
from hypothesis import given, strategies as st

@gradtest
@primitive(lambda out, x: 3 * x * x)
def cube(x):
    return x * x * x

@gradtest(order=1)
@primitive(lambda out, x: 2.0002 * x)
def wrong_square(x):
    return x * x

rectifier = gradtest(engine.relu, order=1)

@given(st.from_type(Value))
def test_values_are_registered(value):
    assert value.grad is None and value.op is None

def test_where_it_is():
    print("ENGINE", engine.__file__)
"""
pytestmark = pytest.mark.slow(reason="a wheel is built, and installed in a project of its own")
PASSED = [
    *("cube[domain]", "cube[second]", "cube[programs]", "cube[values]", "cube[nan]"),
    "cube[side effects]",
    *("wrong_square[values]", "wrong_square[nan]", "wrong_square[side effects]"),
    *("relu[domain]", "relu[programs]", "relu[values]", "relu[kink=0]", "relu[kink=nan]"),
    *("relu[nan]", "relu[side effects]", "test_values_are_registered", "test_where_it_is"),
]
FAILED = ["wrong_square[domain]", "wrong_square[programs]"]


def run(*command: str | Path, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command outside of the sources, in plain Python and without a network."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={
            **{k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTEST_ADDOPTS")},
            "PIP_NO_INDEX": "1",
            "PYTHONPATH": str(cwd / "uncompiled"),
        },
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with a virtual environment that a wheel was installed in, and one test."""
    pytest.importorskip("setuptools", "77", "a wheel is built with what is installed here")
    work = tmp_path_factory.mktemp("foreign")
    sources = work / "sources"
    unwanted = ignore_patterns("__pycache__", "*.so", "build", "*.egg-info")
    for package in ("engine", "nn"):
        copytree(ROOT / package, sources / package, ignore=unwanted)
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        (sources / file).write_bytes((ROOT / file).read_bytes())
    # A wheel of plain Python is built in seconds: the compiler of the core cannot be imported.
    blocked = sources / "uncompiled"
    blocked.mkdir()
    (blocked / "mypyc.py").write_text("raise ImportError('this wheel stays plain')\n")
    pip = [sys.executable, "-m", "pip"]
    run(*pip, "wheel", "-q", "--no-build-isolation", "--no-deps", "-w", work, ".", cwd=sources)

    venv.create(work / "venv", with_pip=False, symlinks=True)
    python = work / "venv" / "bin" / "python"
    # What stepgrad needs stands where these tests find pytest.
    paths = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=work)
    (wheel,) = work.glob("*.whl")
    into = Path(paths.stdout.strip())
    run(*pip, "install", "-q", "--no-deps", "--target", into, wheel, cwd=work)
    (into / "borrowed.pth").write_text(f"{Path(pytest.__file__).parents[1]}\n")
    tests = work / "project" / "tests"
    tests.mkdir(parents=True)
    (tests / "test_foreign.py").write_text(FOREIGN_TEST)
    return work


def pytest_there(project: Path, *options: str) -> str:
    """Return what pytest prints in the foreign project."""
    python = project / "venv" / "bin" / "python"
    command = [python, "-m", "pytest", "-p", "no:cacheprovider", "-rA", "-s", *options]
    return run(*command, cwd=project / "project", check=False).stdout


def test_a_foreign_project_uses_the_kit(project: Path) -> None:
    text = pytest_there(project, "--grad-examples=40")
    assert f"ENGINE {project / 'venv'}" in text
    for outcome, names in (("PASSED", PASSED), ("FAILED", FAILED)):
        marked = [line for line in text.splitlines() if line.startswith(f"{outcome} ")]
        found = {line.split("::", 1)[1].partition(" - ")[0] for line in marked}
        assert found == set(names), text
    assert "the derivative of wrong_square(1.0) is 2.0, not 2.0002" in text
    assert "from test_foreign import wrong_square\nv0 = Value(1.0)\nv1 = wrong_square(v0)" in text


def test_starting_pytest_imports_neither_engine_nor_hypothesis(project: Path) -> None:
    (project / "project" / "tests" / "test_idle.py").write_text(
        "import sys\n"
        "def test_idle():\n"
        "    assert '_stepgrad_pytest' in sys.modules\n"
        "    assert 'engine' not in sys.modules\n"
        "    assert 'hypothesis' not in sys.modules\n"
    )
    text = pytest_there(project, "tests/test_idle.py")
    assert "1 passed" in text, text


def test_help_tells_of_the_options(project: Path) -> None:
    text = pytest_there(project, "--help")
    assert "--grad-profile={quick,default,thorough}" in text
    assert "--grad-examples=N" in text
