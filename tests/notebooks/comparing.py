"""Where a notebook, executed anew, differs from the one that is committed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import unified_diff
from typing import Any
from xml.etree import ElementTree as ET

from nbformat import NotebookNode

FRAME = re.compile(r"<iframe\b.*?</iframe>", re.DOTALL)
NUMBER = re.compile(r"\d+\.\d+(e[+-]?\d+)?")
DIGITS = 9  # of a number, that no rounding on the way reaches
MOST_LINES = 12  # of a difference that are told
LONGEST = 160  # letters of a line of it
WORDS = ("title", "desc", "text")  # the parts of a picture that say something


def differences(committed: NotebookNode, fresh: NotebookNode) -> list[str]:
    """Return where two runs of a notebook differ, cell by cell; nothing if nowhere.

    Made with the same programs, they have to be the same byte for byte. Else they have to say the
    same: another Graphviz puts the same boxes elsewhere, and another C library may round another
    way, which the first digits of a number do not show.
    """
    if len(committed.cells) != len(fresh.cells):
        return [f"{len(committed.cells)} cells are committed, and {len(fresh.cells)} ran"]
    made = [notebook.metadata.get("made_with") for notebook in (committed, fresh)]
    same_programs = made[0] == made[1]
    found = []
    for place, pair in enumerate(zip(committed.cells, fresh.cells, strict=True), 1):
        before, after = (list(_lines(cell, same_programs)) for cell in pair)
        if before != after:
            title = f"cell {place} ({pair[0].id})"
            change = unified_diff(before, after, f"{title}, committed", f"{title}, now", n=0)
            lines = [line[:LONGEST] for line in change]
            left_out = len(lines) - MOST_LINES
            found += lines[:MOST_LINES] + ([f"… {left_out} more lines"] if left_out > 0 else [])
    return found


def _lines(cell: NotebookNode, same_programs: bool) -> Iterator[str]:
    """Yield what has to be the same of a cell."""
    yield from cell.source.splitlines()
    if cell.cell_type != "code":
        return
    yield f"[{cell.execution_count}]"
    for output in cell.outputs:
        for form, content in sorted(output.get("data", {"text/plain": output.get("text")}).items()):
            yield f"{output.output_type} {form}"
            shown = content if same_programs else said(form, content)
            yield from str(shown).splitlines()


def said(form: str, content: Any) -> Any:
    """Return what an output says whatever made it.

    Args:
        form: its MIME type.
        content: of an output.
    """
    if form == "image/png":
        return "a picture"
    if form == "image/svg+xml":
        parts = (part for part in ET.fromstring(content).iter() if part.text is not None)
        return sorted(
            f"{name} {part.text}"
            for part in parts
            if (name := part.tag.rpartition("}")[2]) in WORDS
        )
    text = FRAME.sub("a player", str(content))  # all of its steps stand in the table beneath
    return NUMBER.sub(lambda number: f"{float(number.group()):.{DIGITS}g}", text)
