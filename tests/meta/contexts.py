"""A pytest plugin that tells coverage.py which test runs: `-p tests.meta.contexts`."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from coverage import Coverage

SETTINGS = "COVERAGE_PROCESS_CONFIG"  # from which coverage.py takes those of processes


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Note what the test runs under its name, also in processes that it starts."""
    measured = Coverage.current()
    if measured is not None:
        measured.switch_context(item.nodeid)
        measured.set_option("run:context", item.nodeid)  # of this process, it is settled by now
        os.environ[SETTINGS] = measured.config.serialize()
    return (yield)
