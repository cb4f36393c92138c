"""The report as text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

SCALES = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def quantity(number: float | None, unit: str) -> str:
    """Write a number with its unit at three significant digits."""
    if number is None:
        return "-"
    if unit != "s":
        return f"{number:,.0f} {unit}"
    scale, name = next((row for row in SCALES if abs(number) >= row[0]), SCALES[-1])
    return f"{number / scale:.3g} {name}"


def ratio(number: float | None) -> str:
    return "-" if number is None else f"{number:.3g}"


def lines(name: str, report: dict[str, Any]) -> Iterator[str]:
    """Write one workload: a block for each case and metric, then who is missing and why."""
    yield f"{name} {report['title']}"
    for (case, metric), rows in groupby(report["rows"], lambda r: (r["case"], r["metric"])):
        yield f"  {case}, {metric}"
        yield f"    {'':32}{'median':>12}{'min':>12}{'ratio':>10}"
        for row in rows:
            figures = [quantity(row[key], row["unit"]) for key in ("median", "min")]
            yield (
                f"    {row['contender']:32}{figures[0]:>12}{figures[1]:>12}"
                f"{ratio(row['ratio']):>10}  {row['problem'] or ''}".rstrip()
            )
    for row in report["growth"]:
        yield f"  {row['contender']}: {ratio(row['ratio'])} times from {row['from']} to {row['to']}"
    for contender in report["contenders"]:
        if contender["status"] != "measured":
            yield f"  {contender['name']}: {contender['status']}"
