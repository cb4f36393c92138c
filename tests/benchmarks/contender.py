"""What the runner knows of a workload and of those that run it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Measurement = dict[str, float | str]
"""Numbers by metric, for one repeat; a string says why there is no number."""


@dataclass(frozen=True)
class Program:
    """One contender, built and ready: its answers, and the cases it can be timed on.

    ``answers()`` gives the numbers that all contenders must share (losses, then gradients), and
    doubles as the warm-up. ``cases`` maps the name of a case to a function that runs one repeat.
    """

    answers: Callable[[], list[float]]
    cases: Mapping[str, Callable[[], Measurement]]


@dataclass(frozen=True)
class Contender:
    """A name in the table and how to build its program, given whether this is a smoke run.

    ``needs`` are modules without which it is "not installed"; with ``plain`` set, stepgrad
    is imported from its sources even where it is compiled.
    """

    name: str
    build: Callable[[bool], Program]
    needs: tuple[str, ...] = ()
    plain: bool = False


@dataclass(frozen=True)
class Workload:
    """A workload: its contenders, of which the first is the unit of all ratios.

    ``reference(smoke)`` gives the answers that every contender is held to. ``units`` maps each
    metric to "s" or "B". The cases in ``once`` are run in the first repeat only. ``growth`` says
    that the last case of that metric is to be divided by the first. ``tolerance`` is how far the
    answers may lie from the reference, of 1 or of their size.
    """

    name: str
    title: str
    contenders: tuple[Contender, ...]
    reference: Callable[[bool], list[float]]
    units: Mapping[str, str]
    once: frozenset[str] = frozenset()
    growth: str | None = None
    tolerance: float = 1e-9
