"""Running Graphviz: the program `dot`, or else the copy of it that pygraphviz carries."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

from engine.errors import GraphError, MissingGraphviz

REMEDIES = (
    "install Graphviz (https://graphviz.org/download, or your system's package `graphviz`) so that "
    'the program `dot` is on the PATH, or run: pip install "stepgrad[dot]"'
)
LONGEST = 120  # seconds that a layout may take


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
    if program is not None:
        return _run(program, source, form)
    return _draw_in_process(source, form)


def is_missing() -> bool:
    """Return whether there is nothing to lay out a picture with."""
    if shutil.which("dot") is not None:
        return False
    try:
        _pygraphviz()
    except MissingGraphviz:
        return True
    return False


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
