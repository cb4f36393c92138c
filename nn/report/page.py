"""The report of a training, as one file that needs nothing but a browser."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

import engine
from nn.data import Dataset
from nn.history import History
from nn.metrics import confusion_matrix, r2_score, root_mean_squared_error
from nn.page import asset, colours, filled
from nn.plots.display import figure_class
from nn.predictor import Predictor
from nn.recipes import Recipe
from nn.report import figures, samples, stepping

REPORT_FILE = "report.html"
IMAGE_SHAPES = {"digits": (samples.SIDE, samples.SIDE)}  # of the data sets that are images
GLANCE = 2  # features that a plane has room for


@dataclass(frozen=True)
class Training:
    """Hold what a report is about.

    Args:
        predictor: what was trained.
        recipe: how.
        history: what was measured on the way.
        test: the samples that it is judged by.
        description: what there was to learn from, in words.
    """

    predictor: Predictor
    recipe: Recipe
    history: History
    test: Dataset
    description: str


def check_can_report() -> None:
    """Raise MissingPackageError if what draws the figures is not installed."""
    figure_class()


def write_report(training: Training, folder: Path) -> Path:
    """Write the report of a training into a folder, and return its path.

    The same training gives the same bytes, apart from the seconds that it took.

    Raises:
        MissingPackageError: matplotlib is not installed.
    """
    check_can_report()
    path = folder / REPORT_FILE
    path.write_text(_page(training), encoding="utf-8")
    return path


def _page(training: Training) -> str:
    predictor, test = training.predictor, training.test
    answers = predictor(test.inputs)
    digits = predictor.source.name in IMAGE_SHAPES
    worst = samples.ranked(test, answers)[0][0]
    rows, targets = predictor.samples(test)
    row, target = rows[worst], targets[worst]
    if predictor.class_names:
        target = int(target)
    heading, mistaken = samples.mistakes(predictor, test, answers, digits)
    part, player = stepping.stepper(predictor, row, target)
    truth, taken = predictor.spell(test.targets[worst]), predictor.spell(answers[worst].value)
    numbers = [answer.value for answer in answers]
    curves = figures.curves(training.history)
    if not predictor.class_names:
        curves += figures.errors(predictor.source.target, numbers, test)
    results = "".join([*_result(training, numbers), _section(heading, mistaken)])
    network = _section(
        "The network",
        f'<div class="wide network">{stepping.network(predictor, row)}</div>',
        "Edges are coloured and as thick as their weights; the numbers are the activations of "
        f"one sample ({escape(truth)}, taken for {escape(taken)}).",
    )
    stepped = _section(
        "Step through backprop",
        f'<div class="player">{player}</div>',
        f"The loss of that sample, backward through {escape(part)}.",
    )
    headline = _headline(training, numbers)
    parts = {
        "colours": colours(),
        "style": asset("nn.report", "report.css"),
        "title": escape(f"{test.name}: {headline}"),
        "name": escape(test.name),
        "headline": escape(headline),
        "facts": _facts(training),
        "curves": _section("How it learned", f'<div class="figures">{curves}</div>'),
        "results": results,
        "network": network,
        "stepped": stepped,
    }
    return filled("nn.report", "report.html", parts)


def _section(heading: str, content: str, words: str = "") -> str:
    note = f"<p>{words}</p>" if words else ""
    return f"<section><h2>{escape(heading)}</h2>{note}{content}</section>"


def _headline(training: Training, answers: list[float]) -> str:
    test = training.test
    if not test.class_names:
        error = root_mean_squared_error(answers, test.targets)
        return f"error {error:.4g} (root mean square), R² {r2_score(answers, test.targets):.3f}"
    right = sum(answer == target for answer, target in zip(answers, test.targets, strict=True))
    return f"{100 * right / len(test):.2f} % right ({right:,} of {len(test):,} test samples)"


def _result(training: Training, answers: list[float]) -> list[str]:
    """Return the sections on how good the answers are."""
    predictor, test = training.predictor, training.test
    if not predictor.class_names:
        return []  # the points over the line say it
    labels = [int(answer) for answer in answers], [int(target) for target in test.targets]
    matrix = confusion_matrix(*labels, len(predictor.class_names))
    sections = [
        _section("What is taken for what", samples.confusion(matrix, predictor.class_names))
    ]
    if test.width == GLANCE:
        shown = figures.boundary(predictor, test)
        sections.append(
            _section("Where it changes its mind", f'<div class="figures">{shown}</div>')
        )
    shape = IMAGE_SHAPES.get(predictor.source.name or "")
    if shape is not None:
        shown = figures.weights(predictor, shape)
        sections.append(
            _section("What the neurons look for", f'<div class="figures">{shown}</div>')
        )
    return sections


def _facts(training: Training) -> str:
    recipe, history = training.recipe, training.history
    seconds = sum(history["seconds"])
    core = "compiled" if engine.compiled else "plain Python"
    epochs = f"{len(history)} epochs" + (
        f" of {recipe.epochs}, interrupted" if history.interrupted else ""
    )
    facts = {
        "data": training.description,
        "network": repr(training.predictor.model).splitlines()[0] + f", {recipe.activation}",
        "training": f"{epochs} in batches of {recipe.batch_size}, learning rate {recipe.lr:g}, "
        f"momentum {recipe.momentum:g}, seed {training.predictor.source.seed}",
        "time": f"{seconds:.1f} s, {core} core",
    }
    return "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(fact)}</dd>" for name, fact in facts.items()
    )
