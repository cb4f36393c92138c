"""A headless Chromium that opens our pages offline, as a reader would, and notes what goes wrong.

The fixture `visit` of `conftest.py` hands it to tests.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
REQUIRED = bool(os.environ.get("CI") or os.environ.get("REQUIRE_BROWSER"))
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
OWN = ("data:", "blob:", "about:")  # addresses of what a page carries in itself
PATIENCE = 10_000  # milliseconds until what does not come counts as missing


@contextmanager
def chromium() -> Iterator[Any]:
    """Start a browser with a fresh profile, or skip the test where there is none.

    In CI, or with REQUIRE_BROWSER in the environment, the test fails instead. While the browser is
    open there is an event loop in this thread: no test of `asyncio.run` may run meanwhile.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _unavailable('playwright is not installed: pip install -e ".[test]"')
    if PROGRAM is None:
        _unavailable("there is no Chromium on the PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def _unavailable(reason: str) -> None:
    if REQUIRED:
        pytest.fail(f"the browser tests are required here, and {reason}")
    pytest.skip(reason)


class Visitor:
    """Opens pages, and remembers their errors and what they ask for.

    Args:
        browser: what `chromium()` gives.
        folder: where the pages may be written.
    """

    def __init__(self, browser: Any, folder: Path) -> None:
        self.errors: list[str] = []
        self.requests: list[str] = []
        self._browser = browser
        self._folder = folder
        self._contexts: list[Any] = []
        self._numbers = count()

    def __call__(
        self,
        page: str,
        *,
        fragment: str = "",
        dark: bool = False,
        still: bool = True,
        script: bool = True,
        size: tuple[int, int] = (1280, 800),
    ) -> Any:
        """Return a `playwright.sync_api.Page` that shows a page.

        Args:
            page: the HTML, or an SVG.
            fragment: what follows "#" in the address.
            dark: whether the reader prefers a dark page.
            still: whether the reader prefers no motion.
            script: whether scripts run.
            size: of the window, in pixels.
        """
        ending = "svg" if page.lstrip().startswith(("<svg", "<?xml")) else "html"
        target = self._folder / f"page{next(self._numbers)}.{ending}"
        target.write_text(page, encoding="utf-8")
        context = self._browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce" if still else "no-preference",
            java_script_enabled=script,
            offline=True,
        )
        self._contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(PATIENCE)
        tab.on("pageerror", lambda error: self.errors.append(str(error)))
        tab.on("console", self._hear)
        tab.on("request", lambda request: self._note(request.url, target))
        tab.goto(target.as_uri() + (f"#{fragment}" if fragment else ""))
        return tab

    def leave(self) -> None:
        """Close all pages."""
        for context in self._contexts:
            context.close()

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def _note(self, address: str, target: Path) -> None:
        if not address.startswith((target.as_uri(), *OWN)):
            self.requests.append(address)
