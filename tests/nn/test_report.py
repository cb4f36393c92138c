"""The report of a training: what it says, that it is whole, and that names do no harm."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import TRAIN_TABLE, CommandLine, write
from reports import HARMFUL, Outline, assert_whole, page_of, points, training

from nn import Dataset, History

pytest.importorskip("matplotlib")
pytestmark = pytest.mark.slow(reason="trainings, and a drawing of every display")


# ----- From the command line ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def xor_report(cli: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which xor was trained with a report."""
    folder = tmp_path_factory.mktemp("reported")
    return cli.trained(folder, "train", "xor", "--report")


def test_the_command_writes_a_report_that_says_what_it_printed(xor_report: Path) -> None:
    path = Path("runs", "xor", "report.html")
    printed = (xor_report / "stdout").read_text(encoding="utf-8")
    assert f"report: {path}\n" in printed
    page = (xor_report / path).read_text(encoding="utf-8")
    assert_whole(page)
    outline = Outline(page)
    assert "test accuracy 100.00 % (4 of 4)" in printed
    assert outline.texts["h1"] == ["100.00 % right (4 of 4 test samples)"]
    assert outline.texts["title"][0] == "xor: 100.00 % right (4 of 4 test samples)"
    description, network, trained, _ = outline.texts["dd"]
    assert description == printed.splitlines()[0]
    assert network == "MLP(2 → 8 → 1, 33 parameters), tanh"
    assert trained == "50 epochs in batches of 4, learning rate 0.2, momentum 0.9, seed 0"
    assert outline.texts["h2"] == [
        "How it learned",
        "What is taken for what",
        "Where it changes its mind",
        "None of 4 is wrong; the least sure",
        "The network",
        "Step through backprop",
    ]


def test_without_the_switch_there_is_no_report(xor: Path) -> None:
    assert not (xor / "runs" / "xor" / "report.html").exists()
    assert "report" not in (xor / "stdout").read_text(encoding="utf-8")


def test_a_report_changes_nothing_in_the_training(xor: Path, xor_report: Path) -> None:
    model = Path("runs", "xor", "model.json")
    assert (xor / model).read_bytes() == (xor_report / model).read_bytes()


def test_names_from_a_table_are_text_wherever_they_stand(cli: CommandLine, tmp_path: Path) -> None:
    rows = [(f"{i % 5}", f"{i % 7}", HARMFUL[(i % 5 > 2)]) for i in range(60)]
    text = io.StringIO()
    csv.writer(text).writerows([(HARMFUL[0], "_under $core$", "kind"), *rows])
    write(tmp_path, text.getvalue())
    done = cli.run(tmp_path, *TRAIN_TABLE[:-2], "--epochs", "3", "--report")
    assert (done.returncode, done.stderr) == (0, "")
    page = (tmp_path / "runs" / "table" / "report.html").read_text(encoding="utf-8")
    assert_whole(page)
    assert_no_markup_of_the_user(page)
    assert HARMFUL[0] in Outline(page).texts["th"]
    assert "_under $core$" in Outline(page).texts["th"]


def test_digits_are_shown_as_images(cli: CommandLine, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    done = cli.run(tmp_path, "train", "digits", "--epochs", "1", "--hidden", "12", "--report")
    assert (done.returncode, done.stderr) == (0, "")
    page = (tmp_path / "runs" / "digits" / "report.html").read_text(encoding="utf-8")
    assert_whole(page)
    outline = Outline(page)
    heading = next(text for text in outline.texts["h2"] if text.startswith("Wrong: "))
    found = re.fullmatch(r"Wrong: (\d+) of 359, the surest first", heading)
    assert found is not None
    images = [attributes for tag, attributes in outline.tags if attributes.get("class") == "digit"]
    assert len(images) == min(int(found[1]), 24)
    assert len(outline.texts["figcaption"]) == len(images)
    assert "What the neurons look for" in outline.texts["h2"]


def test_without_matplotlib_the_command_says_so_before_it_trains(
    cli: CommandLine, tmp_path: Path
) -> None:
    program = """
import sys
sys.modules["matplotlib"] = None  # so that importing it fails
from nn.cli import main
sys.exit(main(["train", "xor", "--report"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=cli.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert 'pip install "stepgrad[plots]"' in done.stderr
    assert "epoch" not in done.stdout
    assert list(tmp_path.iterdir()) == []


# ----- What it says ------------------------------------------------------------------------------


def assert_no_markup_of_the_user(page: str) -> None:
    """Assert that no tag and no attribute came from a name, in the page or the player in it."""
    outline = Outline(page)
    (player,) = [dict(attrs)["srcdoc"] for tag, attrs in outline.tags if tag == "iframe"]
    assert player is not None
    for text in (page, player):
        for tag, attributes in Outline(text).tags:
            assert not any(name.startswith("on") for name in attributes), tag
            assert attributes.get("src") != "x"
    scripts = "".join(re.findall(r"<script>(.*?)</script>", player, re.DOTALL))
    assert scripts.count("alert(") == 0
    assert not [tag for tag, _ in outline.tags if tag == "script"]


def test_harmful_names_of_classes_and_features_are_escaped(tmp_path: Path) -> None:
    dataset = replace(points(HARMFUL), feature_names=HARMFUL, name="<b>points</b>")
    report = replace(training(dataset), description=HARMFUL[1])
    page = page_of(report, tmp_path)
    assert_whole(page)
    assert_no_markup_of_the_user(page)
    assert page.count("<b>points") == 0
    assert Outline(page).texts["dd"][0] == HARMFUL[1]


def test_a_regression_shows_its_largest_errors(tmp_path: Path) -> None:
    inputs = [[float(i)] for i in range(10)]
    dataset = Dataset("line", inputs, [3.0 * i for i in range(10)], ("x",), (), "regression")
    page = page_of(training(dataset), tmp_path)
    assert_whole(page)
    outline = Outline(page)
    assert outline.texts["h1"][0].startswith("error ")
    assert outline.texts["h2"] == [
        "How it learned",
        "The largest errors",
        "The network",
        "Step through backprop",
    ]
    assert outline.texts["th"][:4] == ["x", "true", "predicted", "error"]
    errors = [float(text) for text in outline.texts["td"][3:32:4]]
    assert [abs(error) for error in errors] == sorted(map(abs, errors), reverse=True)


@pytest.mark.parametrize("classes", [2, 3])
def test_the_same_training_gives_the_same_bytes(classes: int, tmp_path: Path) -> None:
    names = ("low", "high", "top")[:classes]
    first, second = (page_of(training(points(names, width=3)), tmp_path) for _ in range(2))
    assert hash(first) == hash(second)  # of the texts, whose difference would take long to show


def test_an_interrupted_training_and_one_of_no_epoch_are_reported(tmp_path: Path) -> None:
    report = training(points(width=3))
    report.history.interrupted = True
    assert page_of(report, tmp_path).count("2 epochs of 2, interrupted") == 1
    empty = replace(report, history=History())
    assert page_of(empty, tmp_path).count("No epoch was finished.") == 1


def test_without_graphviz_the_report_says_how_to_get_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pygraphviz", None)  # so that importing it fails
    page = page_of(training(points(width=3)), tmp_path)
    (missing,) = re.findall('<p class="missing">(.*?)</p>', page)
    assert "stepgrad[dot]" in missing
