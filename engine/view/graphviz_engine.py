"""Running Graphviz: the program `dot`, or else the copy of it that pygraphviz carries."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

from engine.errors import GraphError, MissingGraphviz

REMEDIES = (
    "install Graphviz (https://graphviz.org/download, or your system's package `graphviz`) so that "
    'the program `dot` is on the PATH, or run: pip install "stepgrad[dot]"'
)
END = b"</svg>"
LONGEST = 120  # seconds that a layout may take
WRITTEN_AT = re.compile(rb"(?<=/CreationDate \(D:)\d{14}")  # in a PDF; all of one length
NO_TIME = b"19700101000000"


def lay_out(source: str, form: str) -> bytes:
    """Return a picture that Graphviz laid out and drew.

    Args:
        source: the picture in DOT.
        form: svg, png or pdf.

    Raises:
        MissingGraphviz: there is neither `dot` nor pygraphviz.
        GraphError: Graphviz failed, or took longer than two minutes.
    """
    program = shutil.which("dot")
    drawn = _run(program, source, form) if program is not None else _draw_in_process(source, form)
    # The hour of writing would make the same picture other bytes.
    return WRITTEN_AT.sub(NO_TIME, drawn) if form == "pdf" else drawn


def lay_out_several(sources: Sequence[str]) -> list[bytes]:
    """Return several pictures as SVG, all drawn in one run, for starting `dot` takes longest."""
    program = shutil.which("dot")
    if program is None:
        return [_draw_in_process(source, "svg") for source in sources]
    drawn = _run(program, "\n".join(sources), "svg")
    return [svg.lstrip() + END for svg in drawn.split(END)[:-1]]


def _run(program: str, source: str, form: str) -> bytes:
    try:
        run = subprocess.run(
            [program, f"-T{form}"], input=source.encode(), capture_output=True, timeout=LONGEST
        )
    except subprocess.TimeoutExpired as error:
        raise GraphError(
            f"Graphviz did not lay out this picture in {LONGEST} seconds: draw less of the graph, "
            "with a smaller max_nodes or with focus=node"
        ) from error
    if run.returncode:
        raise GraphError(f"Graphviz failed: {run.stderr.decode(errors='replace').strip()}")
    return run.stdout


def _draw_in_process(source: str, form: str) -> bytes:
    graph = _pygraphviz().AGraph(string=source)
    drawn: bytes = graph.draw(format=form, prog="dot")
    return drawn


def _pygraphviz() -> Any:
    """Return the module pygraphviz, from version 2 on: earlier ones run `dot` themselves."""
    try:
        import pygraphviz

        if int(pygraphviz.__version__.partition(".")[0]) >= 2:
            return pygraphviz
    except ImportError:
        pass
    raise MissingGraphviz(f"Graphviz lays out the pictures, and is not here: {REMEDIES}")
