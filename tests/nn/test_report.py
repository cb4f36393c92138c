"""The report of a training: what it says, that it is whole, and that names do no harm."""

from __future__ import annotations

import base64
import csv
import io
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from command_line import TRAIN_TABLE, CommandLine, write

from nn import Dataset, History
from nn.predictor import Prediction, Predictor
from nn.recipes import Recipe
from nn.report import Training, write_report
from nn.report.samples import confusion, mistakes, ranked
from nn.report.stepping import MOST_PARAMETERS, stepper
from nn.source import Source

pytest.importorskip("matplotlib")

MOST_BYTES = 2_000_000
HARMFUL = "</script><script>alert('x')</script>", '<img src=x onerror=alert(1)> & "q" $a$'
RECIPE = Recipe((3,), "tanh", epochs=2, batch_size=4, lr=0.1, momentum=0.0)
# The names of XML's vocabularies are written like addresses, but nothing is fetched from there.
VOCABULARIES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


class Outline(HTMLParser):
    """Keep the tags of a page, and the text of its cells, headings and facts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        if tag in ("td", "th", "h1", "h2", "dd", "title", "figcaption"):
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        """Note the end of one."""
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Note text."""
        for tag in self._open:
            self.texts[tag][-1] += data


def points(names: tuple[str, ...] = ("low", "high", "top"), width: int = 2) -> Dataset:
    """Return points in the plane, a class for each step of their sum."""
    inputs = [[float(i % 4), float(i // 4)] + [0.5] * (width - 2) for i in range(12)]
    targets: list[float] = [min(int(x + y) // 2, len(names) - 1) for x, y, *_ in inputs]
    features = tuple(f"f{place}" for place in range(width))
    return Dataset("points", inputs, targets, features, names)


def training(dataset: Dataset, hidden: tuple[int, ...] = (3,), **source: Any) -> Training:
    """Return a training of no epoch but one that was made up."""
    source = {"name": None, "csv": "points.csv", "target": "kind", "seed": 0} | source
    predictor = Predictor.untrained(Source(**source), dataset, hidden, "tanh")
    history = History()
    for epoch, loss in ((1, 0.5), (2, 0.25)):
        row = {"loss": loss, "accuracy": 1 - loss} if dataset.class_names else {"loss": loss}
        history.append({"epoch": epoch, **row, "seconds": 1.5})
    return Training(predictor, RECIPE, history, dataset, "what there is")


def page_of(report: Training, folder: Path) -> str:
    """Return the page of a training."""
    return write_report(report, folder).read_text(encoding="utf-8")


def assert_whole(page: str) -> None:
    """Assert that a page fetches nothing and is no larger than promised."""
    assert len(page.encode()) < MOST_BYTES
    for tag, attributes in Outline(page).tags:
        for name in ("src", "href", "srcset", "data", "action", "poster", "background"):
            address = attributes.get(name) or ""
            assert address.startswith(("data:", "#")) or not address, (tag, address[:80])
        assert "@import" not in (attributes.get("style") or "")
    decoded = [
        base64.b64decode(content).decode()
        for content in re.findall(r"data:image/svg\+xml;base64,([\w+/=]+)", page)
    ]
    for text in (page, *decoded):
        assert set(re.findall(r"[a-z]{2,8}://[\w./-]*", text)) <= VOCABULARIES


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


def test_the_confusion_table_holds_the_counts() -> None:
    outline = Outline(confusion([[8, 2, 0], [0, 5, 0], [0, 0, 0]], ["<a>", "b", "c"]))
    assert outline.texts["th"] == ["true \\ predicted", "<a>", "b", "c", "right", "<a>", "b", "c"]
    assert outline.texts["td"] == [
        *("8", "2", "·", "80 %"),
        *("·", "5", "·", "100 %"),
        *("·", "·", "·", "–"),
    ]
    kinds = [attributes.get("class") for tag, attributes in outline.tags if tag == "td"]
    assert kinds[:4] == ["right deep", "wrong", None, None]


def test_of_many_classes_the_commonest_mistakes_are_listed() -> None:
    names = [f"<{place}>" for place in range(60)]
    matrix = [[9 * (i == j) for j in range(60)] for i in range(60)]
    matrix[3][5], matrix[7][2] = 1, 4
    outline = Outline(confusion(matrix, names))
    assert outline.texts["td"] == ["<7>", "<2>", "4", "<3>", "<5>", "1"]


def test_a_report_on_many_samples_is_no_larger_than_promised(tmp_path: Path) -> None:
    inputs = [[i / 1000, i % 7 / 7] for i in range(6000)]
    targets = [float(3 * x + y) for x, y in inputs]
    dataset = Dataset("many", inputs, targets, ("x", "y"), (), "regression")
    assert_whole(page_of(training(dataset), tmp_path))


def test_the_surest_mistake_comes_first_and_the_surest_hit_last() -> None:
    dataset = points(("low", "high")).take([0, 1, 2, 3])
    targets = [int(target) for target in dataset.targets]
    wrong = [1 - target for target in targets]
    answers = [
        Prediction(targets[0], 0.99),
        Prediction(wrong[1], 0.6),
        Prediction(targets[2], 0.7),
        Prediction(wrong[3], 0.9),
    ]
    assert ranked(dataset, answers) == ([3, 1, 2, 0], 2)


def test_many_mistakes_are_cut_and_counted() -> None:
    dataset = Dataset("d", [[float(i)] for i in range(100)], [0] * 100, ("x",), ("a", "b"))
    predictor = training(points(("a", "b"))).predictor
    answers = [Prediction(1, 0.5 + i / 1000) for i in range(100)]
    heading, table = mistakes(predictor, dataset, answers, digits=False)
    assert heading == "Wrong: 100 of 100, the surest first"
    cells = Outline(table).texts["td"]
    assert len(cells) == 24 * 4
    assert cells[:4] == ["99", "a", "b", "60 %"]


def test_a_digit_is_drawn_pixel_by_pixel() -> None:
    from PIL import Image

    pixels = [16.0, 8.0, *([0.0] * 61), 4.0]
    names = tuple(f"p{place}" for place in range(64))
    digits = Dataset("digits", [pixels], [0], names, ("0", "1"))
    predictor = training(digits).predictor
    _, figure = mistakes(predictor, digits, [Prediction(1, 0.75)], digits=True)
    ((_, attributes),) = [found for found in Outline(figure).tags if found[0] == "img"]
    assert attributes["alt"] == "a 0, taken for a 1"
    _, _, content = str(attributes["src"]).partition(",")
    image = Image.open(io.BytesIO(base64.b64decode(content)))
    assert (image.mode, image.size) == ("LA", (8, 8))
    ink = [image.getpixel((column, row)) for row in range(8) for column in range(8)]
    assert ink[0] == (0, 255)
    assert ink[1] == (0, 128)
    assert ink[2:63] == [(0, 0)] * 61
    assert ink[63] == (0, 64)


# ----- What is stepped through -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hidden", "words"),
    [
        ((3,), "the whole network; h0_3"),
        ((20, 20), "the last layer, from what it is given"),
        ((50, 6, 6), "the last 3 layers, from what they are given"),
        ((MOST_PARAMETERS,), "the scores, from where they are given"),
    ],
)
def test_as_many_layers_are_stepped_through_as_a_page_holds(
    hidden: tuple[int, ...], words: str
) -> None:
    dataset = points()
    report = training(dataset, hidden)
    found, player = stepper(report.predictor, dataset.inputs[0], 1)
    assert found.startswith(words)
    assert len(player) < 1_500_000
    assert player.count("score_low") > 0


def test_stepping_leaves_weights_and_computes_no_gradients() -> None:
    report = training(points())
    model = report.predictor.model
    state = model.state_dict()
    stepper(report.predictor, [1.0, 2.0], 1)
    assert model.state_dict() == state
    assert {parameter.grad for parameter in model.parameters()} == {None}
