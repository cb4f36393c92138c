"""The command line, misused: one line, an exit status, and no traceback."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from command_line import TABLE, TRAIN_TABLE, CommandLine, write

from nn.cli import main


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
    cli: CommandLine,
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
        ("x,kind\n1,a\n2,\n", "table.csv, line 3, column 'kind': the cell is empty"),
        ("x,kind\n1,a\n2,a\n", "table.csv, lines 2 to 3, column 'kind': only one class, 'a'"),
        ("x,kind\n1,a\n2,b\n", "table: 2 samples are too few to hold 20% back"),
    ],
)
def test_a_bad_table_is_one_line_and_exit_status_2(
    cli: CommandLine, content: str, message: str, tmp_path: Path
) -> None:
    write(tmp_path, content)
    done = cli.run(tmp_path, "train", "--csv", "table.csv", "--target", "kind")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"python -m nn: error: {message}")
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == [tmp_path / "table.csv"]


def test_a_table_without_a_feature_is_not_predicted(cli: CommandLine, table: Path) -> None:
    write(table, "x,z\n1,2\n", "other.csv")
    done = cli.run(table, "predict", "runs/table", "--csv", "other.csv")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "python -m nn: error: other.csv has no column 'y'; its columns are x, z\n"


def test_a_training_that_fails_is_one_line_and_exit_status_1(
    cli: CommandLine, tmp_path: Path
) -> None:
    write(tmp_path, TABLE)
    arguments = [*TRAIN_TABLE, "--activation", "leaky_relu", "--lr", "1e300"]
    done = cli.run(tmp_path, *arguments)
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


def test_a_reader_that_leaves_early_is_no_error(cli: CommandLine, table: Path) -> None:
    write(table, "x,y\n" + "1,2\n" * 5_000, "long.csv")
    with cli.start(table, "predict", "runs/table", "--csv", "long.csv") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
    assert (first, errors) == ("x,y,prediction,probability\n", "")
    assert process.returncode == 0
