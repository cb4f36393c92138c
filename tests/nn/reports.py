"""Trainings to report on, and what a page says."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from nn import Dataset, History
from nn.predictor import Predictor
from nn.recipes import Recipe
from nn.report import Training, write_report
from nn.source import Source

MOST_BYTES = 2_000_000
HARMFUL = "</script><script>alert('x')</script>", '<img src=x onerror=alert(1)> & "q" $a$'
RECIPE = Recipe((3,), "tanh", epochs=2, batch_size=4, lr=0.1, momentum=0.0)
# The names of XML's vocabularies are written like addresses, but nothing is fetched from there.
VOCABULARIES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


class Outline(HTMLParser):
    """Keep the tags of a page, and the text of its cells, headings and facts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        if tag in ("td", "th", "h1", "h2", "dd", "title", "figcaption"):
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        """Note the end of one."""
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Note text."""
        for tag in self._open:
            self.texts[tag][-1] += data


def points(names: tuple[str, ...] = ("low", "high", "top"), width: int = 2) -> Dataset:
    """Return points in the plane, a class for each step of their sum."""
    inputs = [[float(i % 4), float(i // 4)] + [0.5] * (width - 2) for i in range(12)]
    targets: list[float] = [min(int(x + y) // 2, len(names) - 1) for x, y, *_ in inputs]
    features = tuple(f"f{place}" for place in range(width))
    return Dataset("points", inputs, targets, features, names)


def training(dataset: Dataset, hidden: tuple[int, ...] = (3,), **source: Any) -> Training:
    """Return a training of no epoch but one that was made up."""
    source = {"name": None, "csv": "points.csv", "target": "kind", "seed": 0} | source
    predictor = Predictor.untrained(Source(**source), dataset, hidden, "tanh")
    history = History()
    for epoch, loss in ((1, 0.5), (2, 0.25)):
        row = {"loss": loss, "accuracy": 1 - loss} if dataset.class_names else {"loss": loss}
        history.append({"epoch": epoch, **row, "seconds": 1.5})
    return Training(predictor, RECIPE, history, dataset, "what there is")


def page_of(report: Training, folder: Path) -> str:
    """Return the page of a training."""
    return write_report(report, folder).read_text(encoding="utf-8")


def assert_whole(page: str) -> None:
    """Assert that a page fetches nothing and is no larger than promised."""
    assert len(page.encode()) < MOST_BYTES
    for tag, attributes in Outline(page).tags:
        for name in ("src", "href", "srcset", "data", "action", "poster", "background"):
            address = attributes.get(name) or ""
            assert address.startswith(("data:", "#")) or not address, (tag, address[:80])
        assert "@import" not in (attributes.get("style") or "")
    decoded = [
        base64.b64decode(content).decode()
        for content in re.findall(r"data:image/svg\+xml;base64,([\w+/=]+)", page)
    ]
    for text in (page, *decoded):
        assert set(re.findall(r"[a-z]{2,8}://[\w./-]*", text)) <= VOCABULARIES
