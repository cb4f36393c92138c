"""The benchmarks compute the same thing for every contender, and their report keeps its form.

Speed is not asserted: a shared machine gives no number that a test could hold.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from . import baseline, w1_moons, w2_nodes, w4_dense, w6_gpt

ROOT = Path(__file__).parents[2]
MODULES = {"W1": w1_moons, "W2": w2_nodes, "W4": w4_dense, "W6": w6_gpt}
pytestmark = pytest.mark.slow(reason="a process for each contender, as for a measurement")
OPTIONAL = ("micrograd", "torch", "jax", "nn.neuron")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The report of a smoke run, as a user would start it."""
    file = tmp_path_factory.mktemp("benchmarks") / "report.json"
    command = [sys.executable, "-m", "tests.benchmarks", "--smoke", "--repeats", "2"]
    run = subprocess.run(
        [*command, "--json", str(file)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert file.exists(), run.stdout + run.stderr
    return json.loads(file.read_text())


CONTENDERS = [
    (workload, contender)
    for workload, module in MODULES.items()
    for contender in module.WORKLOAD.contenders
]


@pytest.mark.parametrize(
    ("workload", "contender"), CONTENDERS, ids=[f"{w}-{c.name}" for w, c in CONTENDERS]
)
def test_contender_agrees_with_the_reference(report: Any, workload: str, contender: Any) -> None:
    entries = {c["name"]: c["status"] for c in report["workloads"][workload]["contenders"]}
    status = entries[contender.name]
    if contender.plain and not report["environment"]["engine_compiled"]:
        assert status == "nothing is compiled"
        return
    if any(need in OPTIONAL and status == f"not installed ({need})" for need in contender.needs):
        pytest.skip(status)
    assert status == "measured"


def test_report_names_its_conditions(report: Any) -> None:
    assert set(report) == {"environment", "repeats", "smoke", "workloads"}
    environment = report["environment"]
    assert set(environment) == {
        "cpus",
        "engine_compiled",
        "implementation",
        "machine",
        "packages",
        "python",
        "threads",
    }
    assert environment["python"] == ".".join(map(str, sys.version_info[:3]))
    assert set(environment["packages"]) == {"jax", "jaxlib", "micrograd", "numpy", "torch"}
    assert (report["smoke"], report["repeats"]) == (True, 2)
    assert set(report["workloads"]) == set(MODULES)


@pytest.mark.parametrize("workload", MODULES)
def test_rows_hold_median_minimum_and_ratio(report: Any, workload: str) -> None:
    entry = report["workloads"][workload]
    definition = MODULES[workload].WORKLOAD
    assert set(entry) == {"contenders", "growth", "ratios_to", "rows", "title"}
    assert entry["ratios_to"] == definition.contenders[0].name
    medians = {(r["case"], r["metric"], r["contender"]): r["median"] for r in entry["rows"]}
    assert {metric for _, metric, _ in medians} <= set(definition.units)
    for row in entry["rows"]:
        assert set(row) == {
            "case",
            "contender",
            "median",
            "metric",
            "min",
            "problem",
            "ratio",
            "samples",
            "unit",
        }
        assert row["unit"] == definition.units[row["metric"]]
        if row["problem"] is not None:
            assert (row["problem"], row["samples"]) == ("recursion error", [])
            assert not row["contender"].startswith("stepgrad")  # where nothing recurses
            assert row["median"] is row["min"] is row["ratio"] is None
            continue
        samples = row["samples"]
        assert len(samples) == (1 if row["case"] in definition.once else 2)
        assert row["median"] == sum(samples) / len(samples)  # exact: a median of one or of two
        assert row["min"] == min(samples)
        unit = medians[row["case"], row["metric"], entry["ratios_to"]]
        if unit:
            assert row["ratio"] == row["median"] / unit


def test_every_measured_contender_has_every_case(report: Any) -> None:
    for entry in report["workloads"].values():
        measured = {c["name"] for c in entry["contenders"] if c["status"] == "measured"}
        for case in {row["case"] for row in entry["rows"]}:
            assert {r["contender"] for r in entry["rows"] if r["case"] == case} == measured


def test_growth_divides_the_largest_graph_by_the_smallest(report: Any) -> None:
    entry = report["workloads"]["W2"]
    medians = {(r["case"], r["contender"]): r["median"] for r in entry["rows"]}
    assert entry["growth"]
    for row in entry["growth"]:
        assert row["from"] == "forward and backward, 100 nodes"
        assert row["to"] == "forward and backward, 10,000 nodes"
        large, small = (medians[row[end], row["contender"]] for end in ("to", "from"))
        assert row["ratio"] == large / small


@pytest.mark.parametrize("shift", [0, 1, 2])
def test_gpt_gradients_match_central_differences(shift: int) -> None:
    """W6's reference is itself a contender, so its gradients need an oracle of their own."""
    name = w6_gpt.first_names(3)[shift]
    model = w6_gpt.GPT(baseline.Value, w6_gpt.SMOKE)
    model.loss(name).backward()
    rng = random.Random(shift)
    direction = [rng.gauss(0.0, 1.0) for _ in model.parameters]
    start = [p.data for p in model.parameters]
    slope = sum(p.grad * d for p, d in zip(model.parameters, direction, strict=True))

    def along(distance: float) -> float:
        for p, origin, d in zip(model.parameters, start, direction, strict=True):
            p.data = origin + distance * d
        loss: float = model.loss(name).data
        return loss

    step = 1e-5
    difference = (along(step) - along(-step)) / (2 * step)
    # Rounding costs 1e-16 / 1e-5 = 1e-11 and truncation about step² = 1e-10 times the third
    # derivative along a direction of length 30 or so.
    assert difference == pytest.approx(slope, rel=1e-6, abs=1e-6)


def test_moons_are_those_of_scikit_learn() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    points, labels = datasets.make_moons(n_samples=100, noise=0.1, random_state=0)
    ours = w1_moons.moons(100, noise=0.1, seed=0)
    assert ours == (points.tolist(), (2.0 * labels - 1.0).tolist())


def test_names_are_of_four_to_seven_letters_between_boundaries() -> None:
    emma, *others = w6_gpt.first_names(4)
    assert emma == [26, 4, 12, 12, 0, 26]
    assert all(6 <= len(name) <= 9 and {name[0], name[-1]} == {26} for name in others)


def test_an_unknown_workload_is_refused() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--only", "W9"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert "invalid choice: 'W9'" in run.stderr
