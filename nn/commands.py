"""What the three commands do and print."""

from __future__ import annotations

import csv
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import engine
from nn.backends import Choice
from nn.data import Dataset
from nn.metrics import confusion_matrix, confusion_table, r2_score, root_mean_squared_error
from nn.optim import SGD
from nn.predictor import Predictor
from nn.recipes import recipe_for
from nn.report import Training, check_can_report, write_report
from nn.source import Source
from nn.table import read_table
from nn.trainer import Trainer

HISTORY_FILE = "history.csv"
SHOWN = 8  # held-out samples that predict shows
ABREAST = 4  # pictures side by side, as a terminal of 80 columns holds them
SHADES = " ░▒▓█"
BRIGHTEST = 16  # of a pixel of the digits


def train(
    source: Source,
    choices: Mapping[str, Any],
    folder: Path,
    page: bool = False,
    backend: Choice = "auto",
) -> bool:
    """Train, save and test a model; tell whether Ctrl-C ended the training.

    Args:
        source: what to learn from.
        choices: what the user wants other than the recipe has it, by the names of its fields.
        folder: where the model and the history go.
        page: whether a report.html goes there too.
        backend: as for a Trainer.
    """
    if page:
        check_can_report()
    parts = source.parts()
    recipe = replace(recipe_for(source.name, len(parts.train)), **choices)
    predictor = Predictor.untrained(source, parts.train, recipe.hidden, recipe.activation)
    optimizer = SGD(predictor.model.parameters(), recipe.lr, recipe.momentum)
    trainer = Trainer(predictor.model, predictor.loss, optimizer, seed=source.seed, backend=backend)
    folder.mkdir(parents=True, exist_ok=True)  # before the work, for it may be refused
    description = describe(source, parts.train, parts.validation, parts.test)
    print(description)
    core = "compiled" if engine.compiled else "plain Python"
    way = {"tensor": "whole batches as Tensors", "value": "number by number as Values"}
    print(
        f"{repr(predictor.model).splitlines()[0]}, seed {source.seed}; "
        f"{way[trainer.backend]}, {core}",
        flush=True,
    )
    history = trainer.fit(
        *predictor.samples(parts.train),
        epochs=recipe.epochs,
        batch_size=recipe.batch_size,
        validation=predictor.samples(parts.validation) if parts.validation else None,
    )
    model_file = predictor.save(folder)
    history.to_csv(folder / HISTORY_FILE)
    if history.interrupted:
        print(f"interrupted after {len(history)} of {recipe.epochs} epochs: the best model is kept")
    print(report(predictor, parts.test))
    print(f"saved {model_file} and {folder / HISTORY_FILE}")
    if page:
        training = Training(predictor, recipe, history, parts.test, description)
        print(f"report: {write_report(training, folder)}")
    print(f"predict with: python -m nn predict {shlex.quote(str(folder))}")
    return history.interrupted


def predict(folder: Path, table: Path | None) -> None:
    """Print predictions: of the rows of a CSV file as CSV, else of some held-out samples."""
    predictor = Predictor.load(folder)
    if table is not None:
        predict_table(predictor, table)
        return
    test = predictor.source.parts().test
    shown = test.take(range(min(SHOWN, len(test))))
    show = pictures if predictor.source.name == "digits" else lines
    print("\n".join(show(predictor, shown)))


def evaluate(folder: Path) -> None:
    """Print how well a saved model does on the samples that were held back from it."""
    predictor = Predictor.load(folder)
    print(report(predictor, predictor.source.parts().test))


def describe(source: Source, train: Dataset, validation: Dataset | None, test: Dataset) -> str:
    """Say what there is to learn from."""
    parts = [f"{len(train)} samples to train on"]
    if validation is not None:
        parts.append(f"{len(validation)} to validate")
    parts.append(f"{len(test)} to test on" + (", the same" if test is train else ""))
    goal = f"{len(train.class_names)} classes" if train.class_names else "a number"
    features = f"{train.width} feature{'s' * (train.width != 1)}"
    return f"{train.name}: {features}, {goal}; {', '.join(parts)}"


def report(predictor: Predictor, test: Dataset) -> str:
    """Say how well a model does on a data set, by numbers and a confusion table."""
    answers = [prediction.value for prediction in predictor(test.inputs)]
    if not predictor.class_names:
        error = root_mean_squared_error(answers, test.targets)
        r2 = r2_score(answers, test.targets)
        return f"test error {error:.4g} (root mean square), R² {r2:.3f} on {len(test)} samples"
    predicted, actual = [int(answer) for answer in answers], [int(t) for t in test.targets]
    matrix = confusion_matrix(predicted, actual, len(predictor.class_names))
    right = sum(matrix[label][label] for label in range(len(matrix)))
    return (
        f"test accuracy {100 * right / len(test):.2f} % ({right} of {len(test)})\n\n"
        f"{confusion_table(matrix, predictor.class_names)}\n"
    )


def predict_table(predictor: Predictor, path: Path) -> None:
    """Print the rows of a CSV file with columns for the prediction and its probability."""
    table = read_table(path)
    columns = [table.numbers(name) for name in predictor.feature_names]
    predictions = predictor([list(row) for row in zip(*columns, strict=True)])
    writer = csv.writer(sys.stdout, lineterminator="\n")
    added = ["prediction", "probability"] if predictor.class_names else ["prediction"]
    writer.writerow([*table.columns, *(free_name(name, table.columns) for name in added)])
    for cells, prediction in zip(table.rows, predictions, strict=True):
        answer = [predictor.spell(prediction.value)]
        if prediction.probability is not None:
            answer.append(f"{prediction.probability:.4f}")
        writer.writerow([*cells, *answer])


def free_name(name: str, taken: Sequence[str]) -> str:
    """Return a name for a column that no other column has."""
    while name in taken:
        name += "_"
    return name


def pictures(predictor: Predictor, digits: Dataset) -> Iterator[str]:
    """Yield lines that show digits as pictures, some abreast, with what they were taken for."""
    captions = [caption(predictor, digits, row) for row in range(len(digits))]
    for first in range(0, len(digits), ABREAST):
        rows = range(first, min(first + ABREAST, len(digits)))
        for line in range(8):
            yield "   ".join(picture_line(digits.inputs[row], line) for row in rows).rstrip()
        yield "   ".join(f"{captions[row]:16}" for row in rows).rstrip()
        yield ""


def picture_line(pixels: Sequence[float], line: int) -> str:
    """Return one of the 8 lines of a digit, two characters a pixel.

    >>> picture_line([0.0, 4.0, 16.0] + [0.0] * 61, 0)
    '  ░░██          '
    """
    steps = len(SHADES) - 1
    shades = (round(steps * pixel / BRIGHTEST) for pixel in pixels[8 * line : 8 * line + 8])
    return "".join(2 * SHADES[min(max(shade, 0), steps)] for shade in shades)


def lines(predictor: Predictor, samples: Dataset) -> Iterator[str]:
    """Yield a line for each sample: its first features and what it was taken for."""
    for row, features in enumerate(samples.inputs):
        named = zip(samples.feature_names[:ABREAST], features, strict=False)
        more = ", …" if samples.width > ABREAST else ""
        shown = ", ".join(f"{name} {number:.4g}" for name, number in named)
        yield f"{shown}{more}: {caption(predictor, samples, row)}"


def caption(predictor: Predictor, samples: Dataset, row: int) -> str:
    """Return the truth about a sample and what it was taken for."""
    (prediction,) = predictor([samples.inputs[row]])
    truth, answer = predictor.spell(samples.targets[row]), predictor.spell(prediction.value)
    if prediction.probability is None:
        return f"{truth} → {answer}"
    mark = "" if prediction.value == samples.targets[row] else " wrong"
    return f"{truth} → {answer} ({100 * prediction.probability:.0f} %){mark}"
