"""The runner measures those that agree with the reference and says why it leaves out the others."""

from __future__ import annotations

import math
import os
from functools import partial

import pytest

from .clock import mean_seconds
from .contender import Contender, Measurement, Program, Workload
from .runner import Race, disagreement

REFERENCE = [1.0, 1e6]


def build(answers: list[float], _smoke: bool) -> Program:
    turns = iter(range(1, 100))

    def wait() -> Measurement:
        return {"time": float(next(turns)), "depth": "recursion error"}

    return Program(lambda: answers, {"short": wait, "long": wait})


def broken(_smoke: bool) -> Program:
    raise ZeroDivisionError("of its own making")


def killed(_smoke: bool) -> Program:
    os._exit(3)


WORKLOAD = Workload(
    name="W0",
    title="counting turns",
    contenders=(
        Contender("right", partial(build, REFERENCE)),
        Contender("wrong", partial(build, [1.0, 1e6 + 0.01])),
        Contender("broken", broken),
        Contender("killed", killed),
        Contender("absent", broken, ("math", "no_such_module.inside")),
        Contender("plain", broken, plain=True),
    ),
    reference=lambda _smoke: REFERENCE,
    units={"time": "s", "depth": "s"},
    once=frozenset({"long"}),
    growth="time",
)


@pytest.fixture(scope="module")
def race() -> Race:
    race = Race(WORKLOAD, __name__, smoke=True, compiled=False)
    race.run(repeats=3)
    return race


def test_those_left_out_are_named_with_the_reason(race: Race) -> None:
    assert race.report()["contenders"] == [
        {"name": "right", "status": "measured"},
        {
            "name": "wrong",
            "status": "refused: answer 1 is 1000000.01 where the reference has 1000000.0",
        },
        {"name": "broken", "status": "failed: ZeroDivisionError: of its own making"},
        {"name": "killed", "status": "failed: its process ended with status 3"},
        {"name": "absent", "status": "not installed (no_such_module.inside)"},
        {"name": "plain", "status": "nothing is compiled"},
    ]


def test_a_run_with_one_failed_or_refused_is_not_sound(race: Race) -> None:
    assert not race.sound


def test_only_those_that_agree_are_in_the_rows(race: Race) -> None:
    assert {row["contender"] for row in race.report()["rows"]} == {"right"}


def test_cases_alternate_and_those_to_run_once_run_once(race: Race) -> None:
    # The turns count 1 short, 2 long, then short alone.
    samples = {(r["case"], r["metric"]): r["samples"] for r in race.report()["rows"]}
    assert samples["short", "time"] == [1.0, 3.0, 4.0]
    assert samples["long", "time"] == [2.0]


def test_a_row_holds_median_minimum_and_ratio(race: Race) -> None:
    row = next(r for r in race.report()["rows"] if r["metric"] == "time")
    assert (row["median"], row["min"], row["ratio"]) == (3.0, 1.0, 1.0)


def test_a_metric_without_a_number_says_why(race: Race) -> None:
    row = next(r for r in race.report()["rows"] if r["metric"] == "depth")
    assert (row["median"], row["min"], row["ratio"]) == (None, None, None)
    assert row["problem"] == "recursion error"


def test_growth_divides_the_last_case_by_the_first(race: Race) -> None:
    assert race.report()["growth"] == [
        {"contender": "right", "from": "short", "to": "long", "ratio": 2.0 / 3.0}
    ]


def test_short_runs_are_repeated_until_they_fill_50_ms() -> None:
    spans = iter([0.01, 0.02, 0.03, 1.0])
    assert mean_seconds(lambda: next(spans), smoke=False) == pytest.approx(0.02, rel=1e-15)
    assert next(spans) == 1.0


def test_a_smoke_run_is_not_repeated() -> None:
    spans = iter([0.01, 1.0])
    assert mean_seconds(lambda: next(spans), smoke=True) == 0.01


@pytest.mark.parametrize(
    ("answers", "agrees"),
    [
        ([1.0, 1e6], True),
        ([1.0 + 0.9e-9, 1e6], True),
        ([1.0 + 1.1e-9, 1e6], False),
        ([1.0, 1e6 + 0.9e-3], True),  # 1e-9 of the number where it is large
        ([1.0, 1e6 + 1.1e-3], False),
        ([1.0, math.nan], False),
        ([1.0], False),
    ],
)
def test_disagreement_is_found_at_one_part_in_a_billion(answers: list[float], agrees: bool) -> None:
    assert (disagreement(REFERENCE, answers) is None) is agrees
