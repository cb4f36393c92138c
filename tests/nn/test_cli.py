"""The command line, run as its users run it: in processes of their own."""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
from pathlib import Path

import pytest
from command_line import POINTS, CommandLine, write

from nn import load_model

# A plane over the points of the table, a little uneven so that no two prices are the same.
PRICES = "x,y,price\n" + "".join(
    f"{x},{y},{3 * x - 2 * y + 100 + i / 1e6}\n" for i, (x, y) in enumerate(POINTS)
)


def test_train_reports_what_it_learned_from_how_well_and_where_it_is_saved(xor: Path) -> None:
    lines = (xor / "stdout").read_text(encoding="utf-8").splitlines()
    assert lines[0] == ("xor: 2 features, 2 classes; 4 samples to train on, 4 to test on, the same")
    assert re.fullmatch(
        r"MLP\(2 → 8 → 1, 33 parameters\), seed 0; "
        r"whole batches as Tensors, (compiled|plain Python)",
        lines[1],
    )
    assert re.fullmatch(r"epoch +1/\d+  loss [\d.]+  accuracy [\d.]+  [\d.]+ s", lines[2])
    assert lines[-8:] == [
        "test accuracy 100.00 % (4 of 4)",
        "",
        "true \\ predicted  false  true  right",
        "false                 2     ·  100 %",
        "true                  ·     2  100 %",
        "",
        f"saved {Path('runs', 'xor', 'model.json')} and {Path('runs', 'xor', 'history.csv')}",
        f"predict with: python -m nn predict {Path('runs', 'xor')}",
    ]


def test_train_saves_the_history_and_a_model_that_loads(xor: Path) -> None:
    with (xor / "runs" / "xor" / "history.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["epoch", "loss", "accuracy", "seconds"]
    assert rows[-1]["accuracy"] == "1.0"
    model, _ = load_model(xor / "runs" / "xor" / "model.json")
    assert len(model.parameters()) == 33


def test_the_same_seed_saves_the_same_bytes_and_meets_the_same_losses(
    cli: CommandLine, xor: Path, tmp_path: Path
) -> None:
    assert cli.run(tmp_path, "train", "xor", "--seed", "0").returncode == 0
    model, history = Path("runs", "xor", "model.json"), Path("runs", "xor", "history.csv")
    assert (tmp_path / model).read_bytes() == (xor / model).read_bytes()
    losses = [
        [row["loss"] for row in csv.DictReader(io.StringIO((folder / history).read_text()))]
        for folder in (tmp_path, xor)
    ]
    assert losses[0] == losses[1]


def test_another_seed_saves_another_model(cli: CommandLine, xor: Path, tmp_path: Path) -> None:
    assert cli.run(tmp_path, "train", "xor", "--seed", "1", "--epochs", "1").returncode == 0
    model = Path("runs", "xor", "model.json")
    assert (tmp_path / model).read_bytes() != (xor / model).read_bytes()


def test_options_reach_the_training(cli: CommandLine, tmp_path: Path) -> None:
    options = "--hidden 3 2 --activation sin --epochs 2 --batch-size 1 --lr 0.01 --momentum 0"
    done = cli.run(tmp_path, "train", "xor", *options.split(), "--output", "my runs/first")
    assert done.returncode == 0
    assert "epoch 2/2" in done.stdout
    model, extra = load_model(tmp_path / "my runs" / "first" / "model.json")
    config = model.config()
    assert config is not None
    assert (config["widths"], config["activation"]) == ([3, 2, 1], "sin")
    assert extra["source"]["name"] == "xor"
    assert done.stdout.endswith("predict with: python -m nn predict 'my runs/first'\n")


@pytest.mark.slow(reason="whole trainings")
@pytest.mark.parametrize("name", ["moons", "circles"])
def test_points_in_the_plane_are_learned(cli: CommandLine, name: str, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    done = cli.run(tmp_path, "train", name)
    assert done.returncode == 0
    found = re.search(r"test accuracy ([\d.]+) %", done.stdout)
    assert found is not None
    assert float(found[1]) >= 97.5  # one of 40


@pytest.mark.slow(reason="a training on images")
def test_digits_are_learned_and_shown(cli: CommandLine, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    done = cli.run(tmp_path, "train", "digits", "--epochs", "3")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("digits: 64 features, 10 classes; 1294 samples to train on, ")
    found = re.search(r"test accuracy ([\d.]+) %", done.stdout)
    assert found is not None
    assert float(found[1]) >= 95.0
    shown = cli.run(tmp_path, "predict", "runs/digits")
    assert shown.returncode == 0
    assert len(re.findall(r"\d → \d \(\d+ %\)", shown.stdout)) == 8
    assert "██" in shown.stdout
    again = cli.run(tmp_path, "evaluate", "runs/digits")
    assert again.stdout.strip() in done.stdout


def test_a_bar_is_drawn_on_a_terminal(cli: CommandLine, tmp_path: Path) -> None:
    pytest.importorskip("rich")
    pty = pytest.importorskip("pty")
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [*cli.command, "train", "xor", "--epochs", "3"],
        cwd=tmp_path,
        stdout=follower,
        env={**cli.environment, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(follower)
    shown = b""
    try:
        while part := os.read(leader, 4096):
            shown += part
    except OSError:  # how Linux says that the other side has closed
        pass
    os.close(leader)
    assert process.wait() == 0
    text = shown.decode()
    assert "epoch 3/3" in text
    assert "━" in text
    assert "0:00:00" in text


# ----- Your own table ----------------------------------------------------------------------------


def test_a_table_is_learned(table: Path) -> None:
    report = (table / "stdout").read_text(encoding="utf-8")
    assert report.startswith(
        "table: 2 features, 2 classes; 48 samples to train on, 12 to test on\n"
    )
    assert "test accuracy 100.00 % (12 of 12)" in report


def test_a_table_is_predicted_as_csv(cli: CommandLine, table: Path) -> None:
    write(table, "y,more,x\n0.5,a,0.1\n0.5,b,2.9\n", "new.csv")
    done = cli.run(table, "predict", "runs/table", "--csv", "new.csv")
    assert (done.returncode, done.stderr) == (0, "")
    rows = list(csv.reader(io.StringIO(done.stdout)))
    assert rows[0] == ["y", "more", "x", "prediction", "probability"]
    assert [row[:4] for row in rows[1:]] == [
        ["0.5", "a", "0.1", "left"],
        ["0.5", "b", "2.9", "right"],
    ]
    assert all(0.5 <= float(row[4]) <= 1.0 for row in rows[1:])


def test_a_column_that_is_called_prediction_stays(cli: CommandLine, table: Path) -> None:
    write(table, "x,y,prediction\n0.1,0.5,mine\n", "named.csv")
    done = cli.run(table, "predict", "runs/table", "--csv", "named.csv")
    assert done.stdout.splitlines()[0] == "x,y,prediction,prediction_,probability"


def test_held_out_rows_are_shown_without_a_file(cli: CommandLine, table: Path) -> None:
    done = cli.run(table, "predict", "runs/table")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 8
    assert re.match(r"x [\d.]+, y [\d.]+: (left|right) → (left|right) \(\d+ %\)", done.stdout)


def test_evaluate_repeats_the_report(cli: CommandLine, table: Path) -> None:
    done = cli.run(table, "evaluate", "runs/table")
    assert done.stdout.strip() in (table / "stdout").read_text(encoding="utf-8")


def test_a_number_is_learned_and_predicted(cli: CommandLine, tmp_path: Path) -> None:
    write(tmp_path, PRICES)
    done = cli.run(tmp_path, "train", "--csv", "table.csv", "--target", "price")
    assert (done.returncode, done.stderr) == (0, "")
    assert "table: 2 features, a number;" in done.stdout
    found = re.search(r"R² ([\d.]+) on 12 samples", done.stdout)
    assert found is not None
    assert float(found[1]) > 0.99
    write(tmp_path, "x,y\n2.0,0.5\n", "new.csv")
    rows = cli.run(tmp_path, "predict", "runs/table", "--csv", "new.csv").stdout.splitlines()
    assert rows[0] == "x,y,prediction"
    # The plane is 105 there and 98 to 109 elsewhere; the bar above allows a tenth of its spread.
    assert abs(float(rows[1].split(",")[2]) - 105) < 1
