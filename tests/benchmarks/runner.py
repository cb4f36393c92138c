"""Running a workload: contenders checked against the reference, then timed turn by turn."""

from __future__ import annotations

import math
from statistics import median
from typing import Any

from .contender import Workload
from .worker import ContenderError, Worker, missing_module


def disagreement(
    expected: list[float], answers: list[float], tolerance: float = 1e-9
) -> str | None:
    """Say where the answers leave the reference by more than that (of 1 or of its size)."""
    if len(answers) != len(expected):
        return f"gives {len(answers)} numbers where the reference has {len(expected)}"
    for i, (want, got) in enumerate(zip(expected, answers, strict=True)):
        if not math.isclose(got, want, rel_tol=tolerance, abs_tol=tolerance):
            return f"answer {i} is {got!r} where the reference has {want!r}"
    return None


class Race:
    """One run of a workload: ``contenders`` and ``rows`` are its report."""

    def __init__(self, workload: Workload, module: str, smoke: bool, compiled: bool) -> None:
        self.workload = workload
        self.statuses: dict[str, str] = {}
        self.samples: dict[tuple[str, str], dict[str, list[float | str]]] = {}
        self._workers: dict[str, Worker] = {}
        self._unable: set[tuple[str, str]] = set()
        for index, contender in enumerate(workload.contenders):
            missing = missing_module(contender.needs)
            if missing is not None:
                self.statuses[contender.name] = f"not installed ({missing})"
            elif contender.plain and not compiled:
                self.statuses[contender.name] = "nothing is compiled"
            else:
                self._workers[contender.name] = Worker(module, index, smoke)
        expected = workload.reference(smoke)
        for name, worker in list(self._workers.items()):
            try:
                worker.start()
                difference = disagreement(expected, worker.answers(), workload.tolerance)
            except ContenderError as error:
                self._drop(name, f"failed: {error}")
                continue
            if difference is None:
                self.statuses[name] = "measured"
            else:
                self._drop(name, f"refused: {difference}")

    def run(self, repeats: int) -> None:
        """Time every case, the contenders taking turns within each repeat, and end them."""
        for repeat in range(repeats):
            cases = dict.fromkeys(case for w in self._workers.values() for case in w.cases)
            for case in cases:
                if repeat == 0 or case not in self.workload.once:
                    self._turn(case)
        for worker in self._workers.values():
            worker.close()

    def _turn(self, case: str) -> None:
        for name, worker in list(self._workers.items()):
            if (case, name) in self._unable:
                continue
            try:
                measured = worker.measure(case)
            except ContenderError as error:
                self._drop(name, f"failed: {error}")
                continue
            if all(isinstance(sample, str) for sample in measured.values()):
                self._unable.add((case, name))  # and will be in every repeat
            for metric, sample in measured.items():
                by_contender = self.samples.setdefault((case, metric), {})
                by_contender.setdefault(name, []).append(sample)

    def _drop(self, name: str, status: str) -> None:
        self.statuses[name] = status
        self._workers.pop(name).close()

    @property
    def sound(self) -> bool:
        """Whether nobody failed or was refused."""
        return not any(s.startswith(("failed", "refused")) for s in self.statuses.values())

    def report(self) -> dict[str, Any]:
        """Give the run as it is written to JSON."""
        order = [contender.name for contender in self.workload.contenders]
        return {
            "title": self.workload.title,
            "ratios_to": order[0],
            "contenders": [{"name": name, "status": self.statuses[name]} for name in order],
            "rows": [
                self._row(case, metric, name)
                for case, metric in self.samples
                for name in order
                if name in self.samples[case, metric]
            ],
            "growth": self._growth(order),
        }

    def _median(self, case: str, metric: str, name: str) -> float | None:
        samples = self.samples[case, metric].get(name, [])
        numbers = [sample for sample in samples if not isinstance(sample, str)]
        return median(numbers) if numbers else None

    def _row(self, case: str, metric: str, name: str) -> dict[str, Any]:
        samples = self.samples[case, metric][name]
        numbers = [sample for sample in samples if not isinstance(sample, str)]
        middle = self._median(case, metric, name)
        unit = self._median(case, metric, self.workload.contenders[0].name)
        return {
            "case": case,
            "metric": metric,
            "unit": self.workload.units[metric],
            "contender": name,
            "median": middle,
            "min": min(numbers, default=None),
            "ratio": middle / unit if middle is not None and unit else None,
            "problem": next((sample for sample in samples if isinstance(sample, str)), None),
            "samples": numbers,
        }

    def _growth(self, order: list[str]) -> list[dict[str, Any]]:
        """Divide the last case of the growth metric by the first, contender by contender."""
        metric = self.workload.growth
        cases = [case for case, measured in self.samples if measured == metric]
        if metric is None or len(cases) < 2:
            return []
        rows = []
        for name in order:
            first, last = (self._median(case, metric, name) for case in (cases[0], cases[-1]))
            if first and last:
                rows.append(
                    {"contender": name, "from": cases[0], "to": cases[-1], "ratio": last / first}
                )
        return rows
