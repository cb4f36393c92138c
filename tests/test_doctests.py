"""Every example in a docstring of engine and nn runs, in the compiled core as in the plain one.

The docstrings are read from the sources, because pytest cannot collect a module that is compiled.
"""

from __future__ import annotations

import ast
import doctest
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOT_IMPORTABLE = {"engine/_build.py", "nn/__main__.py", "engine/__main__.py"}  # they run something


def examples() -> Iterator[doctest.DocTest]:
    """Yield the doctests of all modules, each with the names of its module."""
    parser = doctest.DocTestParser()
    for path in sorted([*ROOT.glob("engine/**/*.py"), *ROOT.glob("nn/**/*.py")]):
        relative = path.relative_to(ROOT)
        if relative.as_posix() in NOT_IMPORTABLE:
            continue
        name = ".".join(relative.with_suffix("").parts).removesuffix(".__init__")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                doc = ast.get_docstring(node)
                if doc and ">>>" in doc:
                    title = f"{name}.{getattr(node, 'name', '')}".rstrip(".")
                    names = vars(importlib.import_module(name))
                    line = getattr(node, "lineno", 0)
                    yield parser.get_doctest(doc, names, title, str(path), line)


@pytest.mark.parametrize("example", list(examples()), ids=lambda example: example.name)
def test_example(example: doctest.DocTest) -> None:
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(example, out=report.append)
    assert runner.tries > 0
    assert not runner.failures, "".join(report)
