"""python -m tests.meta: break the engine in many places, and print what the tests notice."""

from __future__ import annotations

import argparse
import multiprocessing
import multiprocessing.util
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.meta import anywhere, record, report, rows, sweep
from tests.meta.coverage_map import MORE, MOST, CoverageMap
from tests.meta.equivalent import reason_of
from tests.meta.mutant import Mutant
from tests.meta.workshop import Outcome, Workshop

Job = tuple[Mutant, Sequence[str]]
WORKSHOPS: list[Workshop] = []  # the one of this process
UNCOVERED = ("",)
SHARE = 100  # mutants of the table that one collection of the tests serves


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the mutants that the command line names; the status is 1 if one survives."""
    parser = argparse.ArgumentParser("python -m tests.meta", description=__doc__)
    parser.add_argument("what", nargs="*", help="table, sweep, anywhere; the first two if nothing")
    parser.add_argument("--only", help="mutants of one op alone")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time")
    parser.add_argument("--sample", type=int, help="so many of all; of mutants anywhere, 200")
    parser.add_argument("--seed", type=int, default=0, help="which ones")
    parser.add_argument("--package", default="engine", help="folder of the mutants anywhere")
    parser.add_argument("--coverage", type=Path, help="data of coverage.py, for mutants anywhere")
    parser.add_argument("--record", type=Path, help="what is known already; added to")
    options = parser.parse_args(arguments)
    what = options.what or ["table", "sweep"]
    if not {*what} <= {"table", "sweep", "anywhere"}:
        parser.error(f"there are mutants of the table, the sweep and anywhere, not {what}")
    if "anywhere" in what and options.coverage is None:
        parser.error("mutants anywhere need --coverage: which tests to run on each")

    work = list(jobs(what, options))
    outcomes = record.known(options.record, [mutant for mutant, _ in work])
    settled = {outcome.mutant for outcome in outcomes}
    for outcome in judged([job for job in work if job[0] not in settled], options.jobs):
        outcomes.append(outcome)
        record.add(options.record, outcome)
        mark = "." if outcome.killed else "S"
        print(mark, end="" if len(outcomes) % 80 else "\n", flush=True)
    print()
    if "table" in what:
        print(report.table(outcomes, lambda outcome: outcome.mutant.subject), "\n")
    if "anywhere" in what:
        print(report.table(outcomes, lambda outcome: outcome.mutant.path), "\n")
    else:
        print(report.table(outcomes, report.kind_of), "\n")
    print(report.summary(outcomes, sampled="anywhere" in what))
    return int(any(not o.killed and not reason_of(o.mutant) for o in outcomes))


def jobs(what: Sequence[str], options: argparse.Namespace) -> Iterator[Job]:
    """Yield the mutants and the tests to run on each; none for mutants of the table."""
    chosen: list[Mutant] = []
    if "table" in what:
        chosen += [m for m in rows.mutants() if options.only in (None, m.subject)]
    if "sweep" in what:
        chosen += sweep.mutants()
    if options.sample is not None and "anywhere" not in what:
        chosen = random.Random(options.seed).sample(chosen, min(options.sample, len(chosen)))
    for mutant in chosen:
        yield mutant, mutant.tests
    if "anywhere" in what:
        covering = CoverageMap(options.coverage)
        paths = anywhere.files(anywhere.folders_of(options.package))
        for mutant in anywhere.sample(paths, options.sample or 200, options.seed):
            yield mutant, covering.tests(mutant) or UNCOVERED


def judged(work: Sequence[Job], processes: int) -> Iterator[Outcome]:
    """Yield what becomes of each mutant: those of the table first."""
    table = [mutant for mutant, tests in work if not tests]
    shares = [table[i : i + SHARE] for i in range(0, len(table), SHARE)]
    others = [job for job in work if job[1]]
    context = multiprocessing.get_context("fork")
    with context.Pool(processes) as pool:  # without a workshop: these import the engine
        for share in pool.imap_unordered(in_place, shares):
            yield from share
    with context.Pool(processes, open_workshop) as pool:
        yield from pool.imap_unordered(judge, others)
        pool.close()
        pool.join()


def in_place(mutants: Sequence[Mutant]) -> list[Outcome]:
    """Try mutants of the table."""
    from tests.meta.in_place import outcomes_of

    return outcomes_of(mutants)


def open_workshop() -> None:
    """Make the workshop of this process, and take it down with the process."""
    workshop = Workshop()
    WORKSHOPS.append(workshop)
    multiprocessing.util.Finalize(workshop, workshop.close, exitpriority=1)


def judge(job: Job) -> Outcome:
    """Run the tests on one mutant."""
    mutant, tests = job
    if tests == UNCOVERED:
        return Outcome(mutant, False, "no test runs this line", 0.0)
    if mutant.tests:
        return WORKSHOPS[0].judge(mutant, tests)
    try:
        outcome = WORKSHOPS[0].judge(mutant, tests[:MOST])
        for start in range(MOST, len(tests), MORE):
            if outcome.killed:
                break
            outcome = WORKSHOPS[0].judge(mutant, tests[start : start + MORE])
        return outcome
    except RuntimeError:  # the names of tests may hang on what is broken: all tests of their files
        return WORKSHOPS[0].judge(mutant, sorted({test.partition("::")[0] for test in tests}))


if __name__ == "__main__":
    sys.exit(main())
