"""The notebooks of the course as pages, as nbconvert makes them, in a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browser import Visitor

FOLDER = Path(__file__).parents[2] / "notebooks"
LIBRARIES = (
    "jquery_url",
    "mathjax_url",
    "mermaid_js_url",
    "require_js_url",
)  # of nbconvert's pages
# What a code host leaves of the HTML in a notebook: no script, no style, no frame.
HARMLESS = [
    *("b", "br", "code", "details", "div", "p", "pre", "summary"),
    *("table", "tbody", "td", "th", "thead", "tr"),
]
# The outputs that take no room, or reach beyond the column on the right.
MISPLACED = """Array.from(document.querySelectorAll("iframe, svg, .jp-RenderedImage img"))
  .map((shown) => shown.getBoundingClientRect())
  .filter((box) => box.width < 20 || box.height < 20 || box.right > innerWidth).length"""

if not FOLDER.exists():
    pytest.skip("the notebooks are not beside the tests", allow_module_level=True)


@pytest.fixture(scope="module")
def page_of() -> Callable[..., str]:
    """Return a function that gives a notebook as a page."""
    exporters = pytest.importorskip("nbconvert.exporters")

    def page(start: str, **options: Any) -> str:
        (path,) = FOLDER.glob(f"{start}*.ipynb")
        exporter = exporters.HTMLExporter(**dict.fromkeys(LIBRARIES, ""), **options)
        return str(exporter.from_filename(str(path))[0])

    return page


@pytest.mark.parametrize("start", ["01", "02", "03", "04"])
def test_all_that_is_shown_finds_its_place(
    visit: Visitor, page_of: Callable[..., str], start: str
) -> None:
    tab = visit(page_of(start))
    assert tab.evaluate(MISPLACED) == 0


def test_the_player_plays(visit: Visitor, page_of: Callable[..., str]) -> None:
    tab = visit(page_of("03"))
    assert tab.locator("iframe").count() == 3
    player = tab.frame_locator("iframe").first
    player.locator("#slider").focus()
    for _ in range(3):
        player.locator("body").press("ArrowRight")
    assert player.locator("#slider").input_value() == "3"
    assert "a.grad goes from 4 to -2" in player.locator("body").inner_text()
    player.locator("body").press("Home")
    assert player.locator("#slider").input_value() == "0"
    assert tab.locator("iframe").nth(1).content_frame.locator("#slider").input_value() == "0"


def test_without_scripts_and_frames_the_tables_tell_all_steps(
    visit: Visitor, page_of: Callable[..., str]
) -> None:
    config = pytest.importorskip("traitlets.config").Config()
    config.HTMLExporter.preprocessors = ["nbconvert.preprocessors.sanitize.SanitizeHTML"]
    config.SanitizeHTML.enabled = config.SanitizeHTML.strip = True
    config.SanitizeHTML.tags = HARMLESS
    tab = visit(page_of("03", config=config), script=False)
    assert tab.locator("iframe").count() == 0
    tables = tab.locator("table")
    assert tables.count() == 3
    assert "a.grad: 4 → -2 (use 2 of 2)" in tables.first.text_content()
