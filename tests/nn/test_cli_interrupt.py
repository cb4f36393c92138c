"""Ctrl-C during a training."""

from __future__ import annotations

import csv
import io
import re
import signal
from pathlib import Path

from command_line import TABLE, TRAIN_TABLE, CommandLine, write

from nn import load_model


def interrupt(cli: CommandLine, folder: Path, times: int) -> tuple[int, str, str]:
    """Start a training too long to end, press Ctrl-C in its third epoch, and wait for the end."""
    with cli.start(folder, *TRAIN_TABLE, "--epochs", "1000000") as process:
        assert process.stdout is not None
        line = "the first"
        while line and not line.startswith("epoch       2/1000000"):
            line = process.stdout.readline()
        for _ in range(times):
            process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert line, err
    return process.returncode, out, err


def test_ctrl_c_keeps_saves_and_tests_the_best_model(cli: CommandLine, tmp_path: Path) -> None:
    write(tmp_path, TABLE)
    status, out, err = interrupt(cli, tmp_path, times=1)
    assert (status, err) == (130, "")
    found = re.search(r"interrupted after (\d+) of 1000000 epochs: the best model is kept", out)
    assert found is not None
    assert "test accuracy" in out
    history = (tmp_path / "runs" / "table" / "history.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(history)))
    assert len(rows) == int(found[1]) >= 2
    # The best epoch is that of the least training loss, and training it again gives its bits.
    best = min(rows, key=lambda row: float(row["loss"]))["epoch"]
    kept = load_model(tmp_path / "runs" / "table" / "model.json")[0].state_dict()
    assert cli.run(tmp_path, *TRAIN_TABLE, "--epochs", best, "--output", "again").returncode == 0
    assert load_model(tmp_path / "again" / "model.json")[0].state_dict() == kept
    assert cli.run(tmp_path, "predict", "runs/table").returncode == 0


def test_a_second_ctrl_c_ends_without_a_traceback(cli: CommandLine, tmp_path: Path) -> None:
    write(tmp_path, TABLE)
    status, _, err = interrupt(cli, tmp_path, times=2)
    assert status == 130
    assert "Traceback" not in err
    model = tmp_path / "runs" / "table" / "model.json"
    if model.exists():
        load_model(model)
