"""What the tests of pages share: a browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Visitor, chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium, closed after the file, for it keeps an event loop running."""
    with chromium() as opened:
        yield opened


@pytest.fixture
def visit(browser: Any, tmp_path: Path) -> Iterator[Visitor]:
    """Opens pages; afterwards none may have logged an error or asked for anything elsewhere."""
    visitor = Visitor(browser, tmp_path)
    yield visitor
    visitor.leave()
    assert visitor.errors == []
    assert visitor.requests == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what opens a browser as slow."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow(reason="a browser opens its pages"))
