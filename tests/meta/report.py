"""What became of all mutants, as text."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence

from tests.meta.equivalent import reason_of
from tests.meta.workshop import Outcome

KINDS = {  # what kinds of mutants are called in the table, by how they begin
    "sign flip": "sign flip",
    "dropped": "dropped factor",
    "0.1 % scale": "0.1 % scale",
    "out for": "out for in, or in for out",
    "x for": "out for in, or in for out",
    "y for": "out for in, or in for out",
    "xs for": "out for in, or in for out",
    "promised": "wrong promise at a kink",
    "wrong kink": "wrong kink",
}


def kind_of(outcome: Outcome) -> str:
    """Return what the kind of a mutant is called in the table."""
    kind = outcome.mutant.kind
    return next((name for start, name in KINDS.items() if kind.startswith(start)), kind)


def table(outcomes: Sequence[Outcome], by: Callable[[Outcome], str]) -> str:
    """Return how many mutants were killed, in rows of one property."""
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[by(outcome)].append(outcome)
    width = max(map(len, groups), default=0)
    lines = [f"{'':{width}}  mutants  killed"]
    for name, group in sorted(groups.items()):
        killed = sum(outcome.killed for outcome in group)
        lines.append(f"{name:{width}}  {len(group):7}  {killed:6}  {killed / len(group):6.1%}")
    return "\n".join(lines)


def summary(outcomes: Sequence[Outcome], sampled: bool = False) -> str:
    """Return the kill rate, and each survivor; of a sample, what that says of all mutants too."""
    equivalent = [o for o in outcomes if not o.killed and reason_of(o.mutant)]
    survivors = [o for o in outcomes if not o.killed and not reason_of(o.mutant)]
    judged = len(outcomes) - len(equivalent)
    lines = [
        f"{survivor.mutant.path}:{survivor.mutant.line} {survivor.mutant.subject}: "
        f"{survivor.mutant.kind} SURVIVED{survivor.by and f' ({survivor.by})'}"
        for survivor in survivors
    ]
    for outcome in equivalent:
        subject, kind = outcome.mutant.subject, outcome.mutant.kind
        lines.append(f"{subject}: {kind} is no mistake: {reason_of(outcome.mutant)}")
    killed = judged - len(survivors)
    rate = killed / judged if judged else 1.0
    bounds = " to ".join(f"{bound:.1%}" for bound in interval(killed, judged)) if sampled else ""
    of_all = bounds and f"; of all, at a confidence of 95 %, {bounds}"
    lines.append(f"kill rate {rate:.1%}: {killed} of {judged} mutants{of_all}")
    return "\n".join(lines)


def interval(killed: int, judged: int) -> tuple[float, float]:
    """Return between what bounds a rate lies at a confidence of 95 % (Wilson 1927)."""
    z, n, rate = 1.959964, max(judged, 1), killed / max(judged, 1)
    middle = rate + z * z / (2 * n)
    half = z * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)
