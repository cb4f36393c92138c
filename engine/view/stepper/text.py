"""Steps as text: one frame a step, for a terminal, a log or a README."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engine.view.stepper.data import Part, Partial, Step
from engine.view.stepper.numbers import brief, shown
from engine.view.stepper.sequence import StepSequence
from engine.view.stepper.words import aligned, factor, listed, signed

MOST_PARTS = 100  # of a frame
MOST_FRAMES = 200  # that print(s) writes; s.print() writes all


def text(s: StepSequence) -> str:
    """Return the frames of all steps; of very many, the first and the last ones."""
    shown = range(len(s))
    if len(s) <= MOST_FRAMES:
        return "\n".join(lines(s, shown))
    half = MOST_FRAMES // 2
    left_out = f"\n… {len(s) - 2 * half:,} left out: s.print() writes all {len(s):,} steps\n"
    head, tail = lines(s, shown[:half], closing=False), lines(s, shown[-half:])
    return "\n".join([*head, left_out, *tail])


def lines(s: StepSequence, which: Sequence[int], closing: bool = True) -> Iterator[str]:
    """Yield the lines of the frames of some steps, a blank one between two passes.

    Args:
        s: the steps.
        which: their positions.
        closing: whether the gradients that the backward pass leaves come at its end.
    """
    phase = None
    for i in which:
        step = s[i]
        if phase is not None and step.phase != phase:
            yield from [*_close(s, phase), ""]
        phase = step.phase
        yield from frame(step, len(s), s.builder.symbol)
    if phase is not None and closing:
        yield from _close(s, phase)


def _close(s: StepSequence, phase: str) -> list[str]:
    """Return what stands beneath the frames of a pass."""
    return ["", closing(s)] if phase == "backward" else []


def closing(s: StepSequence) -> str:
    """Return what the backward pass leaves behind."""
    builder, gradients = s.builder, s.record.gradients
    left = (f"{builder.name(i)}.grad = {shown(gradients[i])}" for i in s.record.leaves)
    return f"backward() leaves {listed(left)}"


def frame(step: Step, count: int, symbol: str) -> list[str]:
    """Return one step as lines of text.

    Args:
        step: the step.
        count: how many steps there are.
        symbol: what formulas call that which is differentiated.

    >>> from engine import Value, steps
    >>> a, b = Value(-2.0, "a"), Value(3.0, "b")
    >>> print(*frame(steps(a * b)[1], 2, "f"), sep="\\n")
    step 1/1  v1 = a × b = -6   upstream ∂f/∂v1 = 1
        ∂v1/∂a = b = 3    × 1 = +3   a.grad: · → 3    (use 1 of 1)
        ∂v1/∂b = a = -2   × 1 = -2   b.grad: · → -2   (use 1 of 1)
    """
    place = f"step {step.index}/{count - 1}  "
    if step.node is None:
        return [
            f"{place}{step.phase}: {step.expr}",
            *aligned((change(part),) for part in step.parts),
        ]
    out = step.name
    head = f"{place}{step.expr}"
    if step.phase == "backward":
        head += f"   upstream ∂{symbol}/∂{out} = {shown(step.upstream)}"
    some = step.parts[:MOST_PARTS]
    rows: list[tuple[str, ...]] = [_passed(part, out, symbol, step.upstream) for part in some]
    rows += [(f"keeps {local_rule(kept, out)}",) for kept in step.partials[:MOST_PARTS]]
    operands = len(step.parts) + len(step.partials)
    left_out = operands - len(rows)
    notes = [f"    … and {left_out:,} more of {operands:,} operands"] if left_out else []
    notes += [f"    {remark}" for remark in step.remarks]
    return [head, *aligned(rows), *notes]


def local_rule(partial: Partial, out: str) -> str:
    """Return a local derivative in symbols and in numbers: ``"∂d/∂a = b = 3"``."""
    if partial.local is None:
        return f"∂{out}/∂{partial.name} takes g to {partial.rule}"
    number = shown(partial.local)
    rule = "" if partial.rule in ("", number) else f" = {partial.rule}"
    return f"∂{out}/∂{partial.name}{rule} = {number}"


def chain_rule(part: Part, out: str, symbol: str, upstream: Any) -> str:
    """Return the chain rule of one contribution in symbols and in numbers.

    It reads ``"∂f/∂a += ∂f/∂d · ∂d/∂a = 1 × 3 = 3"``.
    """
    if part.pull:
        return f"{array_rule(part, symbol)} = {shown(part.contribution)}"
    symbols = f"∂{symbol}/∂{part.name} += ∂{symbol}/∂{out} · ∂{out}/∂{part.name}"
    numbers = f"{shown(upstream)} × {factor(part.local)}"
    return f"{symbols} = {numbers} = {shown(part.contribution)}"


def array_rule(part: Part, symbol: str) -> str:
    """Return how a Tensor receives its part: ``"∂f/∂b += ∂f/∂h summed over axis 0: ..."``."""
    summed = f", {part.summed}" if part.summed else ""
    return f"∂{symbol}/∂{part.name} += {part.pull}{summed}"


def change(part: Part) -> str:
    """Return how a gradient changes: ``"a.grad: -6 → -3"``."""
    return f"{part.name}.grad: {brief(part.before)} → {brief(part.after)}"


def _passed(part: Part, out: str, symbol: str, upstream: Any) -> tuple[str, ...]:
    if part.pull:
        amount = f"= {shown(part.contribution)}"
        use = f"(use {part.use} of {part.uses})"
        return (array_rule(part, symbol), amount, change(part), use)
    amount = f"× {factor(upstream)} = {signed(part.contribution)}"
    return (local_rule(part, out), amount, change(part), f"(use {part.use} of {part.uses})")
