"""All steps as a table: what a reader without scripts, or with a screen reader, goes by."""

from __future__ import annotations

from html import escape

from engine.view.stepper.data import Part, Step
from engine.view.stepper.numbers import shown
from engine.view.stepper.sequence import StepSequence
from engine.view.stepper.text import change, local_rule
from engine.view.stepper.words import factor, signed

MOST_ROWS = 2_000
MOST_PARTS = 100  # of a row
HEAD = ("step", "what", "upstream", "local rule", "contribution", "gradient", "why now")


def table(s: StepSequence, alone: bool = True) -> str:
    """Return the steps as an HTML table that unfolds.

    Args:
        s: the steps.
        alone: whether it stands on a page of its own, whose script makes links of the numbers.
    """
    head = "".join(f'<th scope="col">{name}</th>' for name in HEAD)
    rows = "".join(_row(s, step) for step in s[:MOST_ROWS])
    left_out = len(s) - MOST_ROWS
    notice = f"<p>The first {MOST_ROWS:,} of {len(s):,} steps.</p>" if left_out > 0 else ""
    name = ' id="steps"' if alone else ""
    return (
        f"<details{name}><summary>All steps as a table</summary>{notice}"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></details>"
    )


def _row(s: StepSequence, step: Step) -> str:
    out = step.name
    backward = step.phase == "backward" and step.node is not None
    upstream = shown(step.upstream) if backward else ""
    rules = [local_rule(part, out) for part in (*step.parts, *step.partials) if out]
    amounts = [_amount(step, part) for part in step.parts if out]
    changes = [_change(part) for part in step.parts]
    cells: list[str | list[str]] = [step.expr, upstream, rules, amounts, changes, step.reason]
    written = "".join(f"<td>{_cell(cell)}</td>" for cell in cells)
    return f'<tr><th scope="row">{step.index}</th>{written}</tr>'


def _change(part: Part) -> str:
    return change(part) + f" (use {part.use} of {part.uses})" * (part.uses > 1 and bool(part.use))


def _amount(step: Step, part: Part) -> str:
    if part.pull:
        summed = f", {part.summed}" if part.summed else ""
        return f"{part.pull}{summed} = {shown(part.contribution)}"
    return f"{shown(step.upstream)} × {factor(part.local)} = {signed(part.contribution)}"


def _cell(content: str | list[str]) -> str:
    if isinstance(content, str):
        return escape(content)
    left_out = len(content) - MOST_PARTS
    lines = content[:MOST_PARTS] + ([f"… and {left_out:,} more"] if left_out > 0 else [])
    return "<br>".join(map(escape, lines))
