"""The pytest plugin: collects what `gradtest` made.

pytest imports this at every start, in any project, so it imports nothing of `engine`: where no
test file has imported the kit, there is nothing to collect. It is installed as a package of its
own, because importing one inside of `engine` imports `engine`.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest

PROFILES = ("quick", "default", "thorough")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that say how many inputs are tried."""
    group = parser.getgroup("stepgrad", "gradient tests of stepgrad")
    group.addoption(
        "--grad-profile",
        choices=PROFILES,
        default="default",
        help="how many inputs each gradient test tries: 20, 100 or 1000",
    )
    group.addoption(
        "--grad-examples",
        type=int,
        metavar="N",
        help="the number of inputs itself",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a number of examples that is none."""
    examples = config.getoption("--grad-examples")
    if examples is not None and examples < 1:
        raise pytest.UsageError(f"--grad-examples is a number of 1 or more, got {examples}")


def pytest_pycollect_makeitem(
    collector: pytest.Collector, name: str, obj: Any
) -> list[pytest.Item] | None:
    """Return the tests of a battery."""
    kit = sys.modules.get("engine.testing.gradtests")
    if kit is None or type(obj) is not kit.GradTest:
        return None
    marks = [*getattr(obj, "pytestmark", []), *getattr(obj.subject, "pytestmark", [])]
    if any(mark.name == "parametrize" for mark in marks):
        raise collector.CollectError(
            f"{obj.name}: gradtest draws its inputs, and takes no parametrize: give it inputs=, or "
            "call gradtest() for each parameter"
        )
    return [
        GradItem.from_parent(collector, name=f"{obj.name}[{case.name}]", case=case, test=obj)
        for case in obj.cases()
    ]


class GradItem(pytest.Item):
    """One case of a battery."""

    def __init__(self, *, case: Any, test: Any, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.case = case
        self.test = test
        for mark in getattr(test, "pytestmark", []):
            self.add_marker(getattr(pytest.mark, mark.name)(*mark.args, **mark.kwargs))

    def runtest(self) -> None:
        """Try as many examples as the options say."""
        from engine.testing.gradtests import EXAMPLES

        examples = self.config.getoption("--grad-examples")
        self.case.run(examples or EXAMPLES[self.config.getoption("--grad-profile")])

    def reportinfo(self) -> tuple[Any, int, str]:
        """Return where the battery was made."""
        return self.path, self.test.line - 1, self.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the report of the kit with the smallest example; of other errors the traceback."""
        error = excinfo.value
        foreign = excinfo.traceback.filter(is_foreign)
        at_us = not is_foreign(excinfo.traceback[-1])
        if not foreign or (isinstance(error, AssertionError) and at_us):
            kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
            return "\n".join([f"{kind}{error}", *getattr(error, "__notes__", [])])
        excinfo.traceback = foreign
        return excinfo.getrepr(style=style or "long")


def is_foreign(entry: Any) -> bool:
    """Return whether a frame belongs to neither pytest, Hypothesis nor stepgrad."""
    path = str(entry.path)  # of what is compiled, relative to the package's folder
    engine = os.path.dirname(str(sys.modules["engine"].__file__)) + os.sep
    if path.startswith((engine, f"engine{os.sep}")):
        return False
    machinery = ("_pytest", "pluggy", "hypothesis")
    return not any(f"{os.sep}{package}{os.sep}" in path for package in machinery)
