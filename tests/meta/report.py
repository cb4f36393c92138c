"""What became of all mutants, as text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from tests.meta.rows import EQUIVALENT, is_equivalent
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


def summary(outcomes: Sequence[Outcome]) -> str:
    """Return the kill rate, and each survivor."""
    equivalent = [o for o in outcomes if not o.killed and is_equivalent(o.mutant)]
    survivors = [o for o in outcomes if not o.killed and not is_equivalent(o.mutant)]
    judged = len(outcomes) - len(equivalent)
    lines = [
        f"{survivor.mutant.path}:{survivor.mutant.line} {survivor.mutant.subject}: "
        f"{survivor.mutant.kind} SURVIVED{survivor.by and f' ({survivor.by})'}"
        for survivor in survivors
    ]
    for outcome in equivalent:
        subject, kind = outcome.mutant.subject, outcome.mutant.kind
        lines.append(f"{subject}: {kind} is no mistake: {EQUIVALENT[subject, kind]}")
    killed = judged - len(survivors)
    rate = killed / judged if judged else 1.0
    lines.append(f"kill rate {rate:.1%}: {killed} of {judged} mutants")
    return "\n".join(lines)
