"""Measure stepgrad against its peers: ``python -m tests.benchmarks --help``."""

from __future__ import annotations

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from . import environment, table
from .contender import Workload
from .runner import Race

MODULES = {
    "W1": "w1_moons",
    "W2": "w2_nodes",
    "W4": "w4_dense",
    "W5": "w5_digits",
    "W6": "w6_gpt",
}


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Measure stepgrad against its peers, side by side, one thread each.",
    )
    parser.add_argument("--only", nargs="+", choices=MODULES, default=list(MODULES), metavar="W")
    parser.add_argument("--repeats", type=positive, default=5, help="repeats to take medians of")
    parser.add_argument("--smoke", action="store_true", help="small sizes: does it run, not speed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report here too")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Run, print and write the report; the status is 1 if a contender failed or was refused."""
    options = parse(arguments)
    environment.limit_threads()
    report: dict[str, Any] = {
        "environment": environment.describe(),
        "smoke": options.smoke,
        "repeats": options.repeats,
        "workloads": {},
    }
    compiled = bool(report["environment"]["engine_compiled"])
    sound = True
    for name in options.only:
        module = f"{__package__}.{MODULES[name]}"
        workload: Workload = import_module(module).WORKLOAD
        race = Race(workload, module, options.smoke, compiled)
        race.run(options.repeats)
        report["workloads"][name] = race.report()
        print("\n".join(table.lines(name, race.report())), flush=True)
        sound &= race.sound
    if options.json is not None:
        options.json.write_text(json.dumps(report, indent=1, allow_nan=False) + "\n")
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
