"""Picture: what `engine.draw` returns."""

from __future__ import annotations

from collections.abc import Callable, Container
from functools import cached_property
from pathlib import Path
from typing import Any

from engine.errors import MissingGraphviz, NumberError
from engine.view import svg
from engine.view.formatting import shorten
from engine.view.graphviz_engine import REMEDIES, lay_out
from engine.view.picture.diagram import Diagram

FORMATS = ("svg", "png", "pdf", "html", "dot", "json", "txt")
LONGEST_DESCRIPTION = 2_000  # characters of the text that a screen reader is given
SHARP = "192"  # dots per inch of a PNG: twice what a plain screen has


class Picture:
    """A snapshot of a graph, shown as a picture in a notebook and as a text tree in a terminal.

    Args:
        diagram: what it shows.
        write: from a diagram to a `graphviz.Digraph`.
        tell: from a diagram to plain text.
        levels: gives the pictures between which the page of `save("x.html")` moves, by the key of
            the group that is open in each; "" is the first.

    Later changes of the graph do not change it. Nothing is laid out before it is asked for.
    """

    def __init__(
        self,
        diagram: Diagram,
        write: Callable[[Diagram], Any],
        tell: Callable[[Diagram], str],
        levels: Callable[[], dict[str, Diagram]] | None = None,
    ) -> None:
        self.diagram = diagram
        self.format = "svg"
        self._write = write
        self._tell = tell
        self._levels = levels

    @cached_property
    def source(self) -> str:
        """The picture in DOT, the language of Graphviz."""
        return str(self._write(self.diagram).source)

    def to_graphviz(self) -> Any:
        """Return a `graphviz.Digraph`, to be changed at will."""
        return self._write(self.diagram)

    def to_svg(self) -> str:
        """Return the picture as one `<svg>` element.

        Raises:
            MissingGraphviz: there is nothing to lay it out with.
        """
        return self._svg

    def to_text(self) -> str:
        """Return the picture as plain text: a graph as a tree."""
        return self._tell(self.diagram)

    def to_json(self) -> str:
        """Return what the picture shows as JSON."""
        return self.diagram.to_json()

    def to_html(self) -> str:
        """Return a page that needs nothing else: its groups open by click, it searches and zooms.

        Raises:
            MissingGraphviz: there is nothing to lay it out with.
        """
        from engine.view.picture.page import page

        levels = {"": self.diagram} if self._levels is None else self._levels()
        return page(levels, lambda diagram: str(self._write(diagram).source))

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file in the format of its name, and return the path.

        Args:
            path: ends in .svg, .png, .pdf, .html, .dot, .json or .txt.

        Raises:
            NumberError: the ending is none of these.
            MissingGraphviz: there is nothing to lay it out with; dot, json and txt need nothing.
        """
        target = Path(path)
        target.write_bytes(self._in_format(target.suffix.removeprefix(".").lower(), target))
        return target

    def render(self, filename: str | Path = "graph", format: str | None = None) -> str:
        """Write the picture to a file and return its path, as a `graphviz.Digraph` does.

        Args:
            filename: the path without its ending.
            format: the ending; the one given to `draw_dot` if not given.
        """
        return str(self.save(f"{filename}.{format or self.format}"))

    def _in_format(self, form: str, target: Path) -> bytes:
        if form not in FORMATS:
            endings = ", ".join(f".{known}" for known in FORMATS)
            raise NumberError(
                f"{str(target)!r} is saved by its ending, which must be one of {endings}"
            )
        if form == "png":
            graph = self._write(self.diagram)
            graph.graph_attr["dpi"] = SHARP
            return lay_out(graph.source, "png")
        if form == "pdf":
            return lay_out(self.source, "pdf")
        forms: dict[str, Callable[[], str]] = {
            "svg": self.to_svg,
            "html": self.to_html,
            "dot": lambda: self.source,
            "json": self.to_json,
            "txt": lambda: self.to_text() + "\n",
        }
        return forms[form]().encode()

    @cached_property
    def _svg(self) -> str:
        description = shorten(self.to_text(), LONGEST_DESCRIPTION)
        drawn = lay_out(self.source, "svg")
        return svg.finished(drawn, self.diagram.heading, description)

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> dict[str, str]:
        """Return the forms that a notebook shows: SVG, and a text tree where that is not shown."""
        bundle = {"text/plain": self.to_text()}
        try:
            bundle["image/svg+xml"] = self._svg
        except MissingGraphviz:
            bundle["text/plain"] += f"\nFor a picture, {REMEDIES}"
        return {
            form: shown
            for form, shown in bundle.items()
            if (include is None or form in include) and (exclude is None or form not in exclude)
        }

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"<Picture of {self.diagram.title}: {self.diagram.counted}>"
