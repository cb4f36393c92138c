"""What a user's program may rely on under mypy --strict: every public name, and what ops return."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import engine
import nn

PARENT = Path(engine.__file__).parents[1]
PROGRAM = """
from engine import {names}
from nn import {modules}

x = Value(2.0, label="x")
y: Value = (x * 3 + 1.0) / 2 - x**2
z: Value = y.relu() + x.exp()
z.backward()
gradient: float | None = x.grad
largest = max([x, y]) + min(x, 1.0) + sum([x, 2.0]) + abs(x) + round(x)
with no_grad(), scope("here"):
    constant: bool = z.requires_grad
model = MLP(2, [4, 1], seed=0)
parameters: list[Value] = model.parameters()
print(gradient, largest, constant, parameters)
"""


@pytest.mark.slow(reason="mypy reads the whole of engine and nn")
def test_a_program_that_imports_every_public_name_type_checks(tmp_path):
    shadowing = ["abs", "max", "min", "round", "sum"]
    program = tmp_path / "program.py"
    program.write_text(
        PROGRAM.format(
            names=", ".join([*engine.__all__, *shadowing]),
            modules=", ".join(["MLP", *(f"{name} as nn_{name}" for name in nn.__all__)]),
        )
    )
    # mypy finds an installed package by its py.typed; a source tree it has to be told of.
    environment = dict(os.environ)
    if "site-packages" not in PARENT.parts:
        environment["MYPYPATH"] = str(PARENT)
    done = subprocess.run(
        [sys.executable, *f"-m mypy --strict --cache-dir={tmp_path}/cache".split(), str(program)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    faults = [line for line in done.stdout.splitlines() if line.startswith("program.py")]
    assert faults == [], done.stdout
    assert "1 source file" in done.stdout, done.stdout + done.stderr
