"""What became of mutants, kept in a file, so that a long run can be stopped and taken up again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from tests.meta.mutant import Mutant
from tests.meta.workshop import Outcome


def known(file: Path | None, mutants: Sequence[Mutant]) -> list[Outcome]:
    """Return what a file says of some mutants; nothing of a mutant whose source has changed."""
    if file is None or not file.exists():
        return []
    by_name = {name_of(mutant): mutant for mutant in mutants}
    lines = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return [Outcome(by_name[name], *rest) for name, *rest in lines if name in by_name]


def add(file: Path | None, outcome: Outcome) -> None:
    """Add what became of one mutant to a file."""
    if file is not None:
        mutant, *rest = outcome
        with file.open("a", encoding="utf-8") as lines:
            print(json.dumps([name_of(mutant), *rest]), file=lines)


def name_of(mutant: Mutant) -> str:
    """Return what tells a mutant from all others."""
    digest = sha256(mutant.text.encode()).hexdigest()[:16]
    return f"{mutant.path}:{mutant.line} {mutant.subject}: {mutant.kind} {digest}"
