"""One step as a terminal shows it: where we are, what happens, and what every node holds."""

from __future__ import annotations

import os

from engine.view.stepper.data import Step
from engine.view.stepper.numbers import HIDDEN, shown
from engine.view.stepper.predicting import covered
from engine.view.stepper.sequence import StepSequence
from engine.view.stepper.state import State
from engine.view.stepper.text import closing, frame
from engine.view.stepper.words import aligned

DIM, BOLD, NOW = "2", "1", "1;7"
TITLES = {
    "forward": "forward pass to {}",
    "backward": "backward pass from {}",
    "update": "update of what {} was computed from",
}
MARGIN = 40  # columns of the order that are left for how much of it is not shown
STEADY = 2  # lines that most frames have beneath their first, so that the rest stays in place
HELP = "n next   p previous   g go to   Home first   End last   h predict   q quit"
HELP_PREDICTING = "n next   p previous   a answer   r reveal   h stop predicting   q quit"

Segment = tuple[str, str]  # text, and how it looks: codes of ECMA-48's SGR, "" for plain
Line = list[Segment]


def screen(
    s: StepSequence,
    index: int,
    size: os.terminal_size,
    colour: bool,
    message: str = "",
    help_line: bool = True,
    revealed: int | None = None,
) -> list[str]:
    """Return one step as the lines of a screen.

    Args:
        s: the steps.
        index: the step.
        size: what the screen holds.
        colour: whether it can show colours.
        message: what to say at the bottom.
        help_line: whether the keys are listed at the bottom.
        revealed: how many of the questions of the step are answered; None for not predicting.
    """
    step = s[index] if revealed is None else covered(s[index], revealed)
    state = State(s, index)
    first, *rest = frame(step, len(s), s.builder.symbol)
    head: list[Line] = [
        [(TITLES[step.phase].format(s.title), BOLD)],
        _strip(s, step, state, size.columns),
        [],
        [(first, BOLD)],
        *[[(line, "")] for line in rest],
        *[[] for _ in range(STEADY - len(rest))],
        [],
        [(f"why now: {step.reason}", DIM)],
        *([[(f"made at {step.source}   {step.line or ''}", DIM)]] if step.source else []),
        *([[(closing(s), BOLD)]] if index == s.end("backward") and not _hides(step) else []),
        [],
    ]
    foot: list[Line] = (
        [[], [(message, BOLD)], [(HELP if revealed is None else HELP_PREDICTING, DIM)]]
        if help_line
        else []
    )
    room = size.lines - len(head) - len(foot) - 2  # the head of the table, and the last newline
    body = _table(s, step, state, max(room, 1))
    return [_drawn(line, size.columns, colour) for line in [*head, *body, *foot]]


def _strip(s: StepSequence, step: Step, state: State, width: int) -> Line:
    """Return the order of the pass as one line: what is done, now, and still to come."""
    record = s.record
    order, done = {
        "forward": (record.interior, state.computed),
        "backward": (record.order, state.swept),
        "update": (record.leaves, min(state.updated, len(record.leaves))),
    }[step.phase]
    now = done - 1 if step.node is not None else done
    first, last = max(now - width, 0), min(now + width, len(order))  # more could never fit
    names: Line = []
    for place in range(first, last):
        name = s.builder.name(order[place])
        if place < now:
            names.append((f"✓{name} ", DIM))
        elif place == now and step.node is not None:
            names.append((f"[{name}] ", NOW))
        else:
            names.append((f"{name} ", ""))
    start, stop = _window([len(name) for name, _ in names], now - first, width - MARGIN)
    before, after = first + start, len(order) - first - stop
    return [
        ("order   ", DIM),
        *([(f"… {before} done  ", DIM)] if before else []),
        *names[start:stop],
        *([(f" {after} to come …", DIM)] if after else []),
    ]


def _window(widths: list[int], middle: int, most: int) -> tuple[int, int]:
    """Return the slice around the middle whose widths add up to no more than there is room for."""
    start = stop = min(middle, len(widths))
    room = most
    grown = True
    while grown:
        grown = False
        if stop < len(widths) and widths[stop] <= room:
            room, stop, grown = room - widths[stop], stop + 1, True
        if start > 0 and widths[start - 1] <= room:
            room, start, grown = room - widths[start - 1], start - 1, True
    return start, stop


def _table(s: StepSequence, step: Step, state: State, most: int) -> list[Line]:
    """Return what every node holds; of many, those of this step and then the first ones."""
    trace = s.record.trace
    touched = {part.target for part in step.parts}
    here = touched | {partial.target for partial in step.partials}
    if step.node is not None:
        here.add(step.node)
    nodes = [i for i in range(len(trace)) if trace.requires_grad[i]]
    if len(nodes) > most:
        others = [i for i in nodes if i not in here]
        nodes = sorted([*sorted(here)[:most], *others[: max(most - len(here), 0)]])
    asked = {part.target for part in step.parts if part.after is HIDDEN}
    rows = [("node", "data", "grad")]
    for i in nodes:
        data = HIDDEN if i == step.node and step.value is HIDDEN else state.data(i)
        gradient = HIDDEN if i in asked else state.gradient(i)
        rows.append((s.builder.name(i), shown(data), shown(gradient)))
    looks = [DIM] + [BOLD if i in touched or i == step.node else "" for i in nodes]
    return [[(line, look)] for line, look in zip(aligned(rows, indent=""), looks, strict=True)]


def _hides(step: Step) -> bool:
    """Return whether a step keeps something back that is to be predicted."""
    return any(part.after is HIDDEN for part in step.parts)


def _drawn(line: Line, width: int, colour: bool) -> str:
    """Return a line that is no wider than the screen."""
    drawn = ""
    for text, look in line:
        shown, width = text[:width], width - len(text)
        drawn += f"\x1b[{look}m{shown}\x1b[0m" if look and colour and shown else shown
        if width <= 0:
            break
    return drawn.rstrip()
