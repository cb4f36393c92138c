"""Predict mode: what a step asks, what hides it, and whether an answer is right."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, NamedTuple

from engine.view.formatting import format_value
from engine.view.stepper.data import Step
from engine.view.stepper.numbers import HIDDEN, shown

CLOSE = 0.005  # relative: to three digits


class Question(NamedTuple):
    """What is to be predicted: its name, as "a.grad", and the number or array."""

    name: str
    number: Any

    def judge(self, answer: str) -> str:
        """Return what is said of an answer, which may have a comma for the point."""
        text = answer.strip().replace("\N{MINUS SIGN}", "-").replace(",", ".")
        verdict = "✓ right" if self._is_right(text) else "✗ not quite"
        return f"{verdict}: {self.name} = {shown(self.number)}"

    def _is_right(self, text: str) -> bool:
        if not isinstance(self.number, float):
            return False
        try:
            guess = float(text)
        except ValueError:
            return False
        if math.isnan(self.number):
            return math.isnan(guess)
        return math.isclose(guess, self.number, rel_tol=CLOSE)


def questions(step: Step) -> list[Question]:
    """Return what a step asks: each gradient that it adds to, or else the number it gives."""
    if step.node is None:
        return []
    if step.phase == "backward":
        return [Question(f"{part.name}.grad", part.after) for part in step.parts]
    return [Question(step.name, step.value)]


def covered(step: Step, revealed: int) -> Step:
    """Return a step as it is shown while only the first so many of its questions are answered."""
    if revealed >= len(questions(step)):
        return step
    if step.phase == "backward":
        parts = [
            part if place < revealed else replace(part, contribution=HIDDEN, after=HIDDEN)
            for place, part in enumerate(step.parts)
        ]
        return replace(step, parts=tuple(parts), remarks=())
    ends = (shown(step.value), format_value(step.value))
    expr = next(step.expr.removesuffix(end) for end in ends if step.expr.endswith(end))
    return replace(step, expr=f"{expr}?", value=HIDDEN, remarks=())
