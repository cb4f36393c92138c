"""A small part of the mutation run, and that the run itself tells a mutant from none.

The whole run is `python -m tests.meta`.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from coverage import CoverageData

from engine.testing.oracles.reference import rows as rows_of_the_table
from tests.meta import anywhere, report, rows, sweep
from tests.meta.coverage_map import CoverageMap, importing
from tests.meta.equivalent import (
    ANYWHERE,
    OF_FUNCTIONS,
    OTHER_POINTS,
    TABLES,
    draws_others,
    reason_of,
)
from tests.meta.mutant import ROOT, Mutant, Source
from tests.meta.workshop import SECONDS, Outcome, verdict

ROWS = list(rows.mutants())


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python at the root of the sources."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "STEPGRAD_PLAIN": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.slow(reason="it runs tests of the engine on mutants")
def test_some_mutants_of_the_table_and_of_the_sweep_are_killed() -> None:
    done = run("-m", "tests.meta", "--sample", "6", "--seed", "2", "--jobs", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("kill rate 100.0%: 6 of 6 mutants\n")


@pytest.mark.slow(reason="it runs tests of the engine on mutants")
def test_what_is_not_broken_survives() -> None:
    done = run(
        "-c",
        """if True:
        from tests.meta.in_place import outcomes_of
        from tests.meta.mutant import Mutant, Source
        from tests.meta.workshop import Workshop

        same = Mutant("engine/ops.py", "square", "none", Source("engine/ops.py").text + "\\n", 1)
        workshop = Workshop()
        there = workshop.judge(same, ["tests/engine/test_micrograd.py"])
        workshop.close()
        (here,) = outcomes_of([same])
        print(there.killed, here.killed, workshop.directory.exists())
        """,
    )
    assert done.stdout.split() == ["False", "False", "False"], done


def test_every_row_has_mutants() -> None:
    made = {"variance": "var", "deviation": "std", "softmax_at": "softmax"}
    made["log_softmax_at"] = "log_softmax"
    subjects = {mutant.subject for mutant in ROWS}
    for row in rows_of_the_table():
        name = getattr(row, "name", None) or made[row.__name__]
        assert name in subjects


@pytest.mark.parametrize(
    ("subject", "kinds"),
    [
        (
            "divide",
            [
                *("sign flip, value of xs", "0.1 % scale, value of xs"),
                *("sign flip, derivative 0", "0.1 % scale, derivative 0"),
                "out for y, derivative 0",
                *("sign flip, derivative 1", "0.1 % scale, derivative 1"),
                *("dropped divisor y, derivative 1", "out for y, derivative 1"),
                *("x for out, derivative 1", "the other operand's derivative"),
                *("promised value at (1.0, 0.0)", "promised gradient 0 at (1.0, 0.0)"),
                *("promised gradient 1 at (1.0, 0.0)", "promised value at (0.0, 0.0)"),
                *("promised gradient 0 at (0.0, 0.0)", "promised gradient 1 at (0.0, 0.0)"),
            ],
        ),
        (
            "step",
            [
                *("sign flip, value of xs", "0.1 % scale, value of xs", "1 for 0, derivative 0"),
                *("promised value at (0.0,)", "promised gradient 0 at (0.0,)"),
            ],
        ),
    ],
)
def test_how_a_row_is_broken(subject: str, kinds: list[str]) -> None:
    assert [mutant.kind for mutant in ROWS if mutant.subject == subject] == kinds


def test_every_mutant_is_another_program() -> None:
    sources = {path: ast.dump(Source(path).tree) for path in {m.path for m in ROWS}}
    for mutant in ROWS[::80]:
        assert ast.dump(ast.parse(mutant.text)) != sources[mutant.path], mutant[:3]
    for mutant in sweep.mutants():
        ast.parse(mutant.text)


def test_mutants_anywhere_are_the_same_for_the_same_seed() -> None:
    paths = ["engine/graph.py", "engine/trees.py"]
    chosen = anywhere.sample(paths, 25, seed=3)
    assert chosen == anywhere.sample(paths, 25, seed=3)
    assert len({mutant.text for mutant in chosen}) == 25
    for mutant in chosen:
        ast.parse(mutant.text)


def test_what_runs_at_import_is_noticed_by_every_test_of_the_file(tmp_path: Path) -> None:
    """Also where a test was the first to import it, in whose name it then was run."""
    file, path = str(tmp_path / "map"), "engine/trees.py"
    data = CoverageData(file)
    for test, lines in (("a", [1, 3, 20]), ("b", [20, 21]), ("c", [21])):
        data.set_context(test)
        data.add_lines({str(ROOT / path): lines})
    data.write()
    tests = {
        line: CoverageMap(Path(file)).tests(Mutant(path, "f", "k", "\n" * 30, line))
        for line in (3, 20)
    }
    assert {*tests[3]} == {"a", "b", "c", *importing(path)}
    assert {*tests[20]} == {"a", "b"}


def test_tests_that_import_a_table_may_notice_its_mutants() -> None:
    found = importing("engine/testing/oracles/activations.py")
    assert "tests/engine/test_slopes.py" in found
    assert "tests/testing/test_reference.py" in found  # through reference.py
    assert not {"tests/meta/test_meta.py", "tests/view/test_theme.py"} & {*found}


def test_a_map_without_names_of_tests_is_refused(tmp_path: Path) -> None:
    file = str(tmp_path / "map")
    data = CoverageData(file)
    data.add_lines({str(ROOT / "engine/graph.py"): [1, 2]})
    data.write()
    with pytest.raises(ValueError, match="names no test"):
        CoverageMap(Path(file))


@pytest.mark.parametrize(
    ("status", "text", "expected"),
    [
        (0, "1 passed", (False, "")),
        (1 << 8, "FAILED test_a.py::test_b - assert 1", (True, "test_a.py::test_b")),
        (2 << 8, "ERROR test_a.py\n", (True, "test_a.py")),
        (3 << 8, "INTERNALERROR", (True, "the tests could not be run")),
        (
            4 << 8,
            "ImportError while loading conftest 'c.py'.\nE   ZeroDivisionError",
            (True, "it cannot be imported"),
        ),
        (24, "", (True, f"no end within {SECONDS} s")),  # SIGXCPU
        (11, "", (True, "SIGSEGV")),
    ],
)
def test_verdict(status: int, text: str, expected: tuple[bool, str]) -> None:
    assert verdict(status, text) == expected


def test_no_verdict_where_no_test_was_run() -> None:
    with pytest.raises(RuntimeError, match="no tests were run"):
        verdict(5 << 8, "collected 0 items")


def test_report() -> None:
    def outcome(subject: str, kind: str, killed: bool) -> Outcome:
        return Outcome(Mutant("engine/ops.py", subject, kind, "\n" * 7, 7), killed, "", 0.5)

    outcomes = [
        outcome("sin", "sign flip, derivative 0", True),
        outcome("sin", "0.1 % scale, derivative 0", False),
        outcome("relu", "out for x, derivative 0", False),
    ]
    assert report.table(outcomes, lambda o: o.mutant.subject).splitlines()[1:] == [
        "relu        1       0    0.0%",
        "sin         2       1   50.0%",
    ]
    assert report.summary(outcomes).splitlines() == [
        "engine/ops.py:7 sin: 0.1 % scale, derivative 0 SURVIVED",
        "relu: out for x, derivative 0 is no mistake: step(out) is step(x): "
        "out is x above 0 and 0 below",
        "kill rate 50.0%: 1 of 2 mutants",
    ]


def test_a_rate_of_a_sample_is_known_between_two_bounds() -> None:
    low, high = report.interval(81, 263)  # Newcombe 1998, table I
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert report.interval(20, 20)[1] == pytest.approx(1.0, rel=1e-15)


def test_a_mutant_that_is_not_wrong_is_known_by_its_line() -> None:
    strict = Mutant("engine/a.py", "f", "False for True", "x\nzip(a, b, strict=False)\n", 2)
    assert "its strict only says so" in reason_of(strict)
    assert reason_of(strict._replace(line=1)) == ""
    copied = Mutant("engine/a.py", "f", "True for False", "y = x.astype(d, copy=True)\n", 1)
    assert reason_of(copied) == "a copy holds the same numbers"
    assert reason_of(copied._replace(kind="False for True")) == ""
    path, line = next(iter(ANYWHERE))
    assert reason_of(Mutant(path, "f", "k", f"    {line}\n", 1)) == ANYWHERE[path, line]


def test_a_method_of_no_object_is_known() -> None:
    source = Source("engine/node.py")
    dropped = [
        m for m in anywhere.of_file(source) if m.kind == "dropped statement" and reason_of(m)
    ]
    assert dropped
    for mutant in dropped:
        assert source.text.splitlines()[mutant.line - 1].strip() == "raise NotImplementedError"


def test_a_method_that_plain_python_replaces_is_known() -> None:
    replaced = [
        m for m in anywhere.of_file(Source("engine/value.py")) if "another function" in reason_of(m)
    ]
    assert {m.subject for m in replaced} == {subject for _, subject, _ in OF_FUNCTIONS}


@pytest.mark.parametrize(
    ("before", "after", "harmless"),
    [
        ("between(-1.0, 1.0)", "between((1.0), 1.0)", True),
        ("sized(0, 45)", "sized(1, 45)", True),
        (
            "lists(doubles, whole(-2, 2), sized(-6, 6))",
            "lists(doubles, whole(-2, 3), sized(-6, 6))",
            True,
        ),
        ("sizes=(2, 4, 10)", "sizes=(2, 5, 10)", True),
        ("one(*WIDE, between(-750, 720))", "one(*WIDE, between(-750, 721))", True),
        ("lambda x: 2 * x,", "lambda x: 3 * x,", False),
        ("whole(-12, 12)", "whole(-12, 12) - 1", False),
        ("near(low, high), between(low - 1", "near(low, high), between(low + 1", True),
    ],
)
def test_a_mutant_that_only_draws_other_points_is_known(
    before: str, after: str, harmless: bool
) -> None:
    (path,) = [path for path in TABLES if before in (ROOT / path).read_text(encoding="utf-8")][:1]
    text = (ROOT / path).read_text(encoding="utf-8")
    mutant = Mutant(path, "module", "another number", text.replace(before, after, 1), 1)
    assert draws_others(mutant) == harmless
    assert (reason_of(mutant) == OTHER_POINTS) == harmless
    assert not draws_others(mutant._replace(path="engine/testing/oracles/compare.py"))
