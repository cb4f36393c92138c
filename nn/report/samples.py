"""The samples of a report: which classes are taken for which, and what went most wrong."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from io import BytesIO

from nn.data import Dataset
from nn.predictor import Prediction, Predictor

MOST = 24  # samples that are shown
MOST_CLASSES = 50  # of a confusion table
FEATURES = 8  # of a sample, in a table
SIDE, BRIGHTEST = 8, 16  # of the digits: pixels, and the number of a full one


def confusion(matrix: Sequence[Sequence[int]], names: Sequence[str]) -> str:
    """Return a confusion matrix as a table; row i, column j counts class i taken for class j.

    Of many classes the table would be vast: only what is taken wrongly most often is listed.
    """
    if len(names) > MOST_CLASSES:
        return _commonest(matrix, names)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    rows = []
    for index, (name, counts) in enumerate(zip(names, matrix, strict=True)):
        total = sum(counts)
        cells = "".join(_count(count, total, index == place) for place, count in enumerate(counts))
        right = f"{100 * counts[index] / total:.0f} %" if total else "–"
        rows.append(f'<tr><th scope="row">{escape(name)}</th>{cells}<td>{right}</td></tr>')
    return (
        '<div class="wide"><table class="confusion"><thead>'
        f'<tr><th scope="col">true \\ predicted</th>{head}<th scope="col">right</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _commonest(matrix: Sequence[Sequence[int]], names: Sequence[str]) -> str:
    """Return the most frequent mistakes as a table."""
    mistaken = sorted(
        (-count, i, j)
        for i, counts in enumerate(matrix)
        for j, count in enumerate(counts)
        if count and i != j
    )
    rows = "".join(
        f"<tr><td>{escape(names[i])}</td><td>{escape(names[j])}</td><td>{-count:,}</td></tr>"
        for count, i, j in mistaken[:MOST]
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("true", "predicted", "times"))
    return (
        f'<div class="wide"><table class="samples"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _count(count: int, total: int, right: bool) -> str:
    if not count:
        return "<td>·</td>"
    share = count / total
    kind = "right" if right else "wrong"
    # Of the square root, so that a single slip is seen.
    return f'<td class="{kind}" style="--share:{100 * share**0.5:.0f}%">{count:,}</td>'


def ranked(samples: Dataset, answers: Sequence[Prediction]) -> tuple[list[int], int]:
    """Return the rows from the worst on, and how many are wrong.

    Of a classifier the wrong ones come first, the surest of them before all; then the right ones,
    the least sure first. Of a regression the largest error comes first, and none is called wrong.
    """
    if not samples.class_names:
        errors = [
            abs(answer.value - target)
            for answer, target in zip(answers, samples.targets, strict=True)
        ]
        return sorted(range(len(errors)), key=lambda row: -errors[row]), 0

    def merit(row: int) -> tuple[bool, float]:
        right, sure = answers[row].value == samples.targets[row], answers[row].probability or 0.0
        return right, sure if right else -sure

    wrong = sum(
        answer.value != target for answer, target in zip(answers, samples.targets, strict=True)
    )
    return sorted(range(len(answers)), key=merit), wrong


def mistakes(
    predictor: Predictor, samples: Dataset, answers: Sequence[Prediction], digits: bool
) -> tuple[str, str]:
    """Return a heading, and the worst samples: digits as images, others in a table."""
    rows, wrong = ranked(samples, answers)
    count = len(samples)
    if not samples.class_names:
        heading = "The largest errors"
    elif wrong:
        heading = f"Wrong: {wrong:,} of {count:,}, the surest first"
    else:
        heading = f"None of {count:,} is wrong; the least sure"
    shown = rows[: min(wrong, MOST) if wrong else FEATURES]
    show = _images if digits else _table
    return heading, show(predictor, samples, answers, shown)


def _images(
    predictor: Predictor, samples: Dataset, answers: Sequence[Prediction], rows: Sequence[int]
) -> str:
    cards = []
    for row in rows:
        truth, taken = predictor.spell(samples.targets[row]), predictor.spell(answers[row].value)
        words = f"a {truth}, taken for a {taken}"
        cards.append(
            f'<figure><img class="digit" src="{_digit(samples.inputs[row])}" '
            f'alt="{escape(words)}" width="96" height="96"><figcaption>'
            f"{escape(truth)} → <strong>{escape(taken)}</strong> {_sure(answers[row])}"
            "</figcaption></figure>"
        )
    return f'<div class="digits">{"".join(cards)}</div>'


def _table(
    predictor: Predictor, samples: Dataset, answers: Sequence[Prediction], rows: Sequence[int]
) -> str:
    names = [*samples.feature_names[:FEATURES], *(["…"] if samples.width > FEATURES else [])]
    last = "sure" if samples.class_names else "error"
    head = "".join(
        f'<th scope="col">{escape(name)}</th>' for name in (*names, "true", "predicted", last)
    )
    lines = []
    for row in rows:
        numbers = [f"{number:.4g}" for number in samples.inputs[row][:FEATURES]]
        target, answer = samples.targets[row], answers[row]
        cells = [
            *numbers,
            *(["…"] if samples.width > FEATURES else []),
            predictor.spell(target),
            predictor.spell(answer.value),
            _sure(answer) if samples.class_names else f"{answer.value - target:+.4g}",
        ]
        lines.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    return (
        f'<div class="wide"><table class="samples"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _sure(answer: Prediction) -> str:
    return "" if answer.probability is None else f"{100 * answer.probability:.0f} %"


def _digit(pixels: Sequence[float]) -> str:
    """Return a digit as a PNG of black ink, transparent where there is none."""
    from PIL import Image

    ink = bytes(
        level
        for pixel in pixels
        for level in (0, round(255 * min(max(pixel / BRIGHTEST, 0.0), 1.0)))
    )
    file = BytesIO()
    Image.frombytes("LA", (SIDE, SIDE), ink).save(file, format="PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
