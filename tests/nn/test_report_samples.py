"""The parts of a report: the samples that it shows, and what is stepped through."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest
from reports import Outline, assert_whole, page_of, points, training

from nn import Dataset
from nn.predictor import Prediction
from nn.report.samples import confusion, mistakes, ranked
from nn.report.stepping import MOST_PARAMETERS, stepper

pytest.importorskip("matplotlib")


def test_the_confusion_table_holds_the_counts() -> None:
    outline = Outline(confusion([[8, 2, 0], [0, 5, 0], [0, 0, 0]], ["<a>", "b", "c"]))
    assert outline.texts["th"] == ["true \\ predicted", "<a>", "b", "c", "right", "<a>", "b", "c"]
    assert outline.texts["td"] == [
        *("8", "2", "·", "80 %"),
        *("·", "5", "·", "100 %"),
        *("·", "·", "·", "–"),
    ]
    kinds = [attributes.get("class") for tag, attributes in outline.tags if tag == "td"]
    assert kinds[:4] == ["right", "wrong", None, None]


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


def test_stepping_starts_without_gradients_and_leaves_none() -> None:
    report = training(points())
    model = report.predictor.model
    state = model.state_dict()
    for parameter in model.parameters():
        parameter.grad = 7.0  # what a training leaves behind
    stepper(report.predictor, [1.0, 2.0], 1)
    assert model.state_dict() == state
    assert {parameter.grad for parameter in model.parameters()} == {None}
