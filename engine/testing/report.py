"""What a check of gradients found, for a terminal and for a notebook."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from typing import Literal

from engine.source import short

Verdict = Literal["pass", "fail", "inconclusive"]
HEADINGS = {
    "pass": "gradients pass",
    "fail": "GRADIENTS ARE WRONG",
    "inconclusive": "gradients: inconclusive",
}
COLOURS = {"pass": "#2a8a3e", "fail": "#d73a49", "inconclusive": "#a3720f"}  # on white and black
CELL = "text-align:left;vertical-align:top"


@dataclass(frozen=True)
class Element:
    """One derivative by two ways.

    Args:
        path: the input it is for, as ``x`` or ``p['w'][0]``; of higher orders one an order.
        index: the position of that input among all numbers, from left to right.
        analytic: what the engine, or the vjp under test, gives.
        numeric: what the oracle gives.
        error: how far the two are apart.
        allowance: how far they may be.
    """

    path: str
    index: int
    analytic: float
    numeric: float
    error: float
    allowance: float

    @property
    def ratio(self) -> float:
        """How often the error holds the allowance; 0 if there is no error."""
        if self.error == 0.0:
            return 0.0
        if math.isnan(self.error) or self.allowance == 0.0:
            return math.inf
        return self.error / self.allowance


@dataclass(frozen=True)
class Blame:
    """The first node whose derivative is wrong.

    Args:
        expression: the op with its operands' numbers, as ``tanh(0.5)``.
        what: what is wrong with it.
        source: the line of the program that made it, as ``demo.py:12``; None if that is not known.
        line: the text of that line.
        code: a program that shows the failure; empty if none can be written.
    """

    expression: str
    what: str
    source: str | None
    line: str
    code: str

    @property
    def place(self) -> str:
        """Where the line stands, and the line; empty if it cannot be read."""
        return f"{short(self.source)}: {self.line}" if self.source and self.line else ""


@dataclass(frozen=True, repr=False)
class Report:
    """What `check_gradients` found. It is true if the gradients pass, and prints as text.

    Args:
        verdict: "pass", "fail" or "inconclusive".
        function: the name of what was checked.
        order: the order of the derivatives that the verdict is about.
        oracle: what they were compared with.
        oracle_error: the relative error of that, or an estimate of it.
        checked: how many derivatives were compared.
        worst: the one whose error is largest beside what is allowed; None if none was compared.
        reason: why the verdict is what it is; empty for a plain pass.
        blame: the first node whose derivative is wrong, if one was found.
    """

    verdict: Verdict
    function: str
    order: int
    oracle: str
    oracle_error: float
    checked: int
    worst: Element | None
    reason: str = ""
    blame: Blame | None = None

    @property
    def passed(self) -> bool:
        """Whether the verdict is "pass"."""
        return self.verdict == "pass"

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        lines = [f"{self.function}: {HEADINGS[self.verdict]} ({self._extent()})"]
        if self.reason:
            lines.append(f"  {self.reason}")
        if self.worst is not None:
            lines += [f"  {name:9} {text}" for name, text in self._worst(self.worst)]
        if self.blame is not None:
            lines.append(f"  {'wrong':9} {self.blame.what}")
            if self.blame.place:
                lines.append(f"  {'line':9} {self.blame.place}")
            if self.blame.code:
                lines.append("  reproduce with:")
            lines += [f"    {line}".rstrip() for line in self.blame.code.splitlines()]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = [("reason", self.reason)] if self.reason else []
        rows += self._worst(self.worst) if self.worst is not None else []
        code = ""
        if self.blame is not None:
            rows.append(("wrong", self.blame.what))
            if self.blame.place:
                rows.append(("line", self.blame.place))
            if self.blame.code:
                listing = html.escape(self.blame.code)
                code = f"reproduce with:<pre style='font-family:monospace'>{listing}</pre>"
        cells = "".join(
            f"<tr><th style='{CELL}'>{name}</th>"
            f"<td style='{CELL};font-family:monospace'>{html.escape(text)}</td></tr>"
            for name, text in rows
        )
        heading = f"{html.escape(self.function)}: {HEADINGS[self.verdict]}"
        return (
            f"<div><b style='color:{COLOURS[self.verdict]}'>{heading}</b> "
            f"({html.escape(self._extent())})<table>{cells}</table>{code}</div>"
        )

    def _extent(self) -> str:
        count = f"{self.checked} derivative{'s' * (self.checked != 1)}"
        return f"{count} of order {self.order} against {self.oracle}"

    def _worst(self, worst: Element) -> list[tuple[str, str]]:
        return [
            ("worst", f"for {worst.path}"),
            ("analytic", repr(worst.analytic)),
            ("numeric", f"{worst.numeric!r}, good to {self.oracle_error:.1g} of itself"),
            ("apart", f"{worst.error:.3g}, where {worst.allowance:.3g} is allowed"),
        ]


def verdict_of(worst: Element | None, reason: str) -> Verdict:
    """Return what follows from the worst element, and from why others could not be judged."""
    if worst is not None and worst.ratio > 1.0:
        return "fail"
    return "inconclusive" if reason else "pass"


def worst_of(elements: list[Element]) -> Element | None:
    """Return the element whose error is largest beside what is allowed."""
    return max(elements, key=lambda element: element.ratio, default=None)
