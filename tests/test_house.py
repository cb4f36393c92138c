"""The house in the README is how the packages import: every file from those above it only."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from engine._core import MODULES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LINES = README[README.index("\nengine/  ") : README.index("\nnotebooks/  ")].splitlines()
FILE = re.compile(r"[\w/]+\.py|(?<=^  )\w+/")  # a folder has one row of its own


def floors() -> dict[str, int]:
    """Return the line of each file and folder, by its path without the suffix."""
    package, lines = "", {}
    for number, line in enumerate(LINES):
        if line.startswith(("engine/", "nn/")):
            package = line.partition("/")[0]
        for name in FILE.findall(line):
            lines.setdefault(f"{package}/{name.removesuffix('.py').rstrip('/')}", number)
    return lines


FLOORS = floors()
BESIDE = {"engine/__init__", "engine/__main__", "nn/__init__", "nn/__main__"}
PATHS = {
    path.relative_to(ROOT).with_suffix("").as_posix(): path
    for package in ("engine", "nn")
    for path in sorted((ROOT / package).rglob("*.py"))
}


def floor(path: str) -> int | None:
    """Return the line of a file, or of the folder that it is in; None if it has none."""
    return FLOORS.get(path, FLOORS.get("/".join(path.split("/")[:2])))


def imported(path: Path) -> Iterator[str]:
    """Yield the modules of engine and nn that a file imports as it is imported itself."""
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        names: list[str] = []
        if isinstance(statement, ast.ImportFrom):
            names = [f"{statement.module}.{alias.name}" for alias in statement.names]
        elif isinstance(statement, ast.Import):
            names = [alias.name for alias in statement.names]
        for name in names:
            parts = name.split(".")
            while parts and "/".join(parts) not in PATHS:
                parts.pop()  # of what is imported from a module
            if parts:
                yield "/".join(parts)


def test_every_file_has_a_row() -> None:
    assert [name for name in PATHS if name not in BESIDE and floor(name) is None] == []


def test_every_file_imports_from_above_it_only() -> None:
    rows = {name: row for name in PATHS if (row := floor(name)) is not None}
    assert [
        f"{name} imports {other}"
        for name, row in rows.items()
        for other in imported(PATHS[name])
        if rows.get(other, 0) > row
    ] == []


def test_every_row_is_there() -> None:
    assert {name for name in FLOORS if name not in PATHS and not (ROOT / name).is_dir()} == set()


def test_the_stars_are_what_is_compiled() -> None:
    assert {line[2:].partition(".py")[0] for line in LINES if line.startswith("* ")} == set(MODULES)
