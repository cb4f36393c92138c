"""The command line, run as its users run it: in processes of their own."""

from __future__ import annotations

import csv
import io
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nn import load_model
from nn.cli import main

COMMAND = [sys.executable, "-m", "nn"]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder."""
    return subprocess.run([*COMMAND, *arguments], cwd=folder, capture_output=True, text=True)


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start the command in a folder."""
    return subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def write(folder: Path, content: str, name: str = "table.csv") -> Path:
    """Write a file in a folder."""
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


# Two clouds of points that a line parts, and a plane over the same points.
POINTS = [(i % 7 / 7 + (i % 2) * 2, i % 5 / 5) for i in range(60)]
CLASSES = "id,x,y,kind\n" + "".join(
    f"row{i},{x},{y},{'right' if i % 2 else 'left'}\n" for i, (x, y) in enumerate(POINTS)
)
NUMBERS = "x,y,price\n" + "".join(
    f"{x},{y},{3 * x - 2 * y + 100 + i / 1e6}\n" for i, (x, y) in enumerate(POINTS)
)
TRAIN = ["train", "--csv", "table.csv", "--target", "kind", "--ignore", "id"]


@pytest.fixture(scope="module")
def xor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which xor was trained."""
    folder = tmp_path_factory.mktemp("xor")
    done = run(folder, "train", "xor")
    assert (done.returncode, done.stderr) == (0, "")
    (folder / "stdout").write_text(done.stdout, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which a CSV file was trained."""
    folder = tmp_path_factory.mktemp("table")
    write(folder, CLASSES)
    done = run(folder, *TRAIN)
    assert (done.returncode, done.stderr) == (0, "")
    (folder / "stdout").write_text(done.stdout, encoding="utf-8")
    return folder


# ----- train -----------------------------------------------------------------------------------


def test_train_reports_what_it_learned_from_how_well_and_where_it_is_saved(xor: Path) -> None:
    lines = (xor / "stdout").read_text(encoding="utf-8").splitlines()
    assert lines[0] == ("xor: 2 features, 2 classes; 4 samples to train on, 4 to test on, the same")
    assert re.fullmatch(
        r"MLP\(2 → 8 → 1, 33 parameters\), seed 0, (compiled|plain Python)", lines[1]
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
    xor: Path, tmp_path: Path
) -> None:
    assert run(tmp_path, "train", "xor", "--seed", "0").returncode == 0
    model, history = Path("runs", "xor", "model.json"), Path("runs", "xor", "history.csv")
    assert (tmp_path / model).read_bytes() == (xor / model).read_bytes()
    losses = [
        [row["loss"] for row in csv.DictReader(io.StringIO((folder / history).read_text()))]
        for folder in (tmp_path, xor)
    ]
    assert losses[0] == losses[1]


def test_another_seed_saves_another_model(xor: Path, tmp_path: Path) -> None:
    assert run(tmp_path, "train", "xor", "--seed", "1", "--epochs", "1").returncode == 0
    model = Path("runs", "xor", "model.json")
    assert (tmp_path / model).read_bytes() != (xor / model).read_bytes()


def test_options_reach_the_training(tmp_path: Path) -> None:
    options = "--hidden 3 2 --activation sin --epochs 2 --batch-size 1 --lr 0.01 --momentum 0"
    done = run(tmp_path, "train", "xor", *options.split(), "--output", "my runs/first")
    assert done.returncode == 0
    assert "epoch 2/2" in done.stdout
    model, extra = load_model(tmp_path / "my runs" / "first" / "model.json")
    config = model.config()
    assert config is not None
    assert (config["widths"], config["activation"]) == ([3, 2, 1], "sin")
    assert extra["source"]["name"] == "xor"
    assert done.stdout.endswith("predict with: python -m nn predict 'my runs/first'\n")


@pytest.mark.parametrize("name", ["moons", "circles"])
def test_points_in_the_plane_are_learned(name: str, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    done = run(tmp_path, "train", name)
    assert done.returncode == 0
    found = re.search(r"test accuracy ([\d.]+) %", done.stdout)
    assert found is not None
    assert float(found[1]) >= 97.5  # one of 40


def test_digits_are_learned_and_shown(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    done = run(tmp_path, "train", "digits", "--epochs", "3")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("digits: 64 features, 10 classes; 1294 samples to train on, ")
    found = re.search(r"test accuracy ([\d.]+) %", done.stdout)
    assert found is not None
    assert float(found[1]) >= 95.0
    shown = run(tmp_path, "predict", "runs/digits")
    assert shown.returncode == 0
    assert len(re.findall(r"\d → \d \(\d+ %\)", shown.stdout)) == 8
    assert "██" in shown.stdout
    again = run(tmp_path, "evaluate", "runs/digits")
    assert again.stdout.strip() in done.stdout


def test_a_bar_is_drawn_on_a_terminal(tmp_path: Path) -> None:
    pytest.importorskip("rich")
    pty = pytest.importorskip("pty")
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "train", "xor", "--epochs", "3"],
        cwd=tmp_path,
        stdout=follower,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
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


def test_a_table_is_predicted_as_csv(table: Path) -> None:
    write(table, "y,more,x\n0.5,a,0.1\n0.5,b,2.9\n", "new.csv")
    done = run(table, "predict", "runs/table", "--csv", "new.csv")
    assert (done.returncode, done.stderr) == (0, "")
    rows = list(csv.reader(io.StringIO(done.stdout)))
    assert rows[0] == ["y", "more", "x", "prediction", "probability"]
    assert [row[:4] for row in rows[1:]] == [
        ["0.5", "a", "0.1", "left"],
        ["0.5", "b", "2.9", "right"],
    ]
    assert all(0.5 <= float(row[4]) <= 1.0 for row in rows[1:])


def test_a_column_that_is_called_prediction_stays(table: Path) -> None:
    write(table, "x,y,prediction\n0.1,0.5,mine\n", "named.csv")
    done = run(table, "predict", "runs/table", "--csv", "named.csv")
    assert done.stdout.splitlines()[0] == "x,y,prediction,prediction_,probability"


def test_held_out_rows_are_shown_without_a_file(table: Path) -> None:
    done = run(table, "predict", "runs/table")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 8
    assert re.match(r"x [\d.]+, y [\d.]+: (left|right) → (left|right) \(\d+ %\)", done.stdout)


def test_evaluate_repeats_the_report(table: Path) -> None:
    done = run(table, "evaluate", "runs/table")
    assert done.stdout.strip() in (table / "stdout").read_text(encoding="utf-8")


def test_a_number_is_learned_and_predicted(tmp_path: Path) -> None:
    write(tmp_path, NUMBERS)
    done = run(tmp_path, "train", "--csv", "table.csv", "--target", "price")
    assert (done.returncode, done.stderr) == (0, "")
    assert "table: 2 features, a number;" in done.stdout
    found = re.search(r"R² ([\d.]+) on 12 samples", done.stdout)
    assert found is not None
    assert float(found[1]) > 0.99
    write(tmp_path, "x,y\n2.0,0.5\n", "new.csv")
    rows = run(tmp_path, "predict", "runs/table", "--csv", "new.csv").stdout.splitlines()
    assert rows[0] == "x,y,prediction"
    # The plane is 105 there and 98 to 109 elsewhere; the bar above allows a tenth of its spread.
    assert abs(float(rows[1].split(",")[2]) - 105) < 1


# ----- Misuse ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "the following arguments are required: train | predict | evaluate"),
        ("learn", "invalid choice: 'learn'"),
        ("train", r"name one data set \(digits \| xor \| moons \| circles\) or give --csv FILE"),
        ("train xor --csv a.csv", "name one data set"),
        ("train digit", "unknown data set 'digit'; did you mean 'digits'"),
        ("train xor --target a", "--target and --ignore are for --csv FILE"),
        ("train --csv a.csv", "--csv needs --target COLUMN"),
        ("train --csv none.csv --target a", "cannot read none.csv: No such file or directory"),
        ("train xor --activation rely", "unknown activation 'rely'; did you mean 'relu'"),
        ("train xor --task regress", "unknown task 'regress'; did you mean 'regression'"),
        ("train --hidden 8 xor", "'xor' is no whole number .*name comes before the options"),
        ("train xor --hidden 0", "MLP widths must be a whole number above 0, got 0"),
        ("train xor --epochs 1.5", "'1.5' is no whole number"),
        ("train xor --epochs -1", "epochs must be a whole number from 0 on, got -1"),
        ("train xor --batch-size 0", "batch_size must be a whole number from 1 on, got 0"),
        ("train xor --batch-size 5", "batch_size 5 is more than the 4 samples"),
        ("train xor --lr 0", "lr must be above 0 and finite, got 0.0"),
        ("train xor --lr nan", "lr must be above 0 and finite, got nan"),
        ("train xor --lr fast", "invalid float value: 'fast'"),
        ("train xor --momentum 1", "momentum must be from 0 to below 1, got 1.0"),
        ("train xor --seed -1", "a seed is from 0 to 4294967295, got -1"),
        ("train xor --output file/runs", "file/runs: Not a directory"),
        ("train xor --output file", "file: File exists"),
        ("predict none", "cannot read none/model.json: No such file or directory"),
        ("evaluate file", "cannot read file/model.json: Not a directory"),
        ("predict empty", "empty/model.json is empty"),
    ],
)
def test_misuse_is_one_line_and_exit_status_2(
    arguments: str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "", "file")
    (tmp_path / "empty").mkdir()
    write(tmp_path / "empty", "", "model.json")
    try:
        status = main(arguments.split())
    except SystemExit as stop:  # argparse leaves so
        status = int(str(stop.code))
    lines = capsys.readouterr().err.splitlines()
    assert status == 2
    assert len(lines) == 1
    assert re.search(message, lines[0])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("x,kind\n1,a\nabc,b\n", "table.csv, line 3, column 'x': 'abc' is not a number"),
        ("x,kind\n1,a\nnan,b\n", "table.csv, line 3, column 'x': nan is not a finite number"),
        ("x,sort\n1,a\n", "table.csv has no column 'kind'; its columns are x, sort"),
        ("", "table.csv is empty"),
        ("x,kind\n1,a\n2,a\n", "table.csv, lines 2 to 3, column 'kind': only one class, 'a'"),
        ("x,kind\n1,a\n2,b\n", "table: 2 samples are too few to hold 20% back"),
    ],
)
def test_a_bad_table_is_one_line_and_exit_status_2(
    content: str, message: str, tmp_path: Path
) -> None:
    write(tmp_path, content)
    done = run(tmp_path, "train", "--csv", "table.csv", "--target", "kind")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"python -m nn: error: {message}")
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == [tmp_path / "table.csv"]


def test_a_table_without_a_feature_is_not_predicted(table: Path) -> None:
    write(table, "x,z\n1,2\n", "other.csv")
    done = run(table, "predict", "runs/table", "--csv", "other.csv")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "python -m nn: error: other.csv has no column 'y'; its columns are x, z\n"


def test_a_training_that_fails_is_one_line_and_exit_status_1(tmp_path: Path) -> None:
    write(tmp_path, NUMBERS)
    done = run(tmp_path, "train", "--csv", "table.csv", "--target", "price", "--lr", "1e200")
    assert done.returncode == 1
    assert re.match(r"python -m nn: error: epoch \d+, step \d+: ", done.stderr)
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "runs" / "table" / "model.json").exists()


def test_without_scikit_learn_the_error_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert main(["train", "digits"]) == 2
    assert capsys.readouterr().err == (
        "python -m nn: error: this data set comes from scikit-learn: "
        'pip install "stepgrad[train]"\n'
    )


def test_a_reader_that_leaves_early_is_no_error(table: Path) -> None:
    write(table, "x,y\n" + "1,2\n" * 5_000, "long.csv")
    with start(table, "predict", "runs/table", "--csv", "long.csv") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
    assert (first, errors) == ("x,y,prediction,probability\n", "")
    assert process.returncode == 0


# ----- Ctrl-C ------------------------------------------------------------------------------------


def interrupt(folder: Path, times: int) -> tuple[int, str, str]:
    """Start a training too long to end, press Ctrl-C in its third epoch, and wait for the end."""
    with start(folder, *TRAIN, "--epochs", "1000000") as process:
        assert process.stdout is not None
        line = "the first"
        while line and not line.startswith("epoch       2/1000000"):
            line = process.stdout.readline()
        for _ in range(times):
            process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert line, err
    return process.returncode, out, err


def test_ctrl_c_keeps_saves_and_tests_the_best_model(tmp_path: Path) -> None:
    write(tmp_path, CLASSES)
    status, out, err = interrupt(tmp_path, times=1)
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
    assert run(tmp_path, *TRAIN, "--epochs", best, "--output", "again").returncode == 0
    assert load_model(tmp_path / "again" / "model.json")[0].state_dict() == kept
    assert run(tmp_path, "predict", "runs/table").returncode == 0


def test_a_second_ctrl_c_ends_without_a_traceback(tmp_path: Path) -> None:
    write(tmp_path, CLASSES)
    status, _, err = interrupt(tmp_path, times=2)
    assert status == 130
    assert "Traceback" not in err
    model = tmp_path / "runs" / "table" / "model.json"
    if model.exists():
        load_model(model)
