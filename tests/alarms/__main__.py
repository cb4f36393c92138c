"""python -m tests.alarms: check very much that is right, and print every false alarm.

With --planted, check random programs with one local derivative 0.01 % off, and print every one that
is not caught.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from engine.testing import Report, check_gradients
from tests.alarms import planted, tensors, trials
from tests.alarms.trials import Trial

KINDS: dict[str, tuple[Callable[[int], Iterator[Trial]], float]] = {
    "ops": (trials.ops, 0.4),
    "shared": (trials.shared, 0.2),
    "programs": (trials.programs, 0.35),
    "tensors": (tensors.tensors, 0.05),
}
"""What there is to check, and its share of all checks."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the checks that the command line asks for; the status is 1 if one goes wrong."""
    parser = argparse.ArgumentParser("python -m tests.alarms", description=__doc__)
    parser.add_argument("kinds", nargs="*", help=f"{', '.join(KINDS)}; all if nothing")
    parser.add_argument("--checks", type=int, default=100_000, help="how many in all")
    parser.add_argument("--seed", type=int, default=0, help="which ones")
    parser.add_argument("--order", type=int, default=1, help="of the derivatives")
    parser.add_argument("--planted", action="store_true", help="check what is a little wrong")
    options = parser.parse_args(arguments)
    if not {*options.kinds} <= {*KINDS}:
        parser.error(f"there are {', '.join(KINDS)}, not {' '.join(options.kinds)}")
    if options.planted:
        missed = run("planted", planted.planted, options.checks, options, right="fail")
        return int(missed > 0)
    kinds = options.kinds or list(KINDS)
    whole = sum(KINDS[kind][1] for kind in kinds)
    return int(
        sum(
            run(kind, make, round(options.checks * share / whole), options, wrong="fail")
            for kind, (make, share) in KINDS.items()
            if kind in kinds
        )
        > 0
    )


def run(
    kind: str,
    make: Callable[[int], Iterator[Trial]],
    count: int,
    options: argparse.Namespace,
    *,
    right: str = "",
    wrong: str = "",
) -> int:
    """Run checks of one kind, print what was found, and return how many went wrong.

    Args:
        kind: what it is called.
        make: gives the trials of a seed.
        count: how many.
        options: seed and order.
        right: the verdict that each has to have.
        wrong: the verdict that none may have.
    """
    verdicts: Counter[str] = Counter()
    bad = 0
    for trial in islice(make(options.seed), count):
        report = check_gradients(trial.function, *trial.inputs, order=options.order)
        verdicts[report.verdict] += 1
        if report.verdict == wrong or (right and report.verdict != right):
            bad += 1
            print(shown(trial, report), flush=True)
    found = ", ".join(f"{n} {verdict}" for verdict, n in sorted(verdicts.items()))
    print(f"{kind}: {count} checks of order {options.order}, seed {options.seed}: {found}")
    return bad


def shown(trial: Trial, report: Report) -> str:
    """Return a trial that went wrong with its report."""
    return f"{trial.name} at {trial.inputs}: {trial.function}\n{report}\n"


if __name__ == "__main__":
    sys.exit(main())
