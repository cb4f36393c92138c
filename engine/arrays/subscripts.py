"""The formulas of einsum."""

from __future__ import annotations

import string
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

from engine.errors import ShapeError

Labels: TypeAlias = str
Shape = tuple[int, ...]

DOTS = "..."


@lru_cache(maxsize=256)
def parsed(formula: str, shapes: tuple[Shape, ...]) -> tuple[list[Labels], Labels]:
    """Return the labels of each operand's axes and those of the result, without dots.

    Raises:
        ShapeError: the formula cannot be read, or does not fit the number of operands or axes.

    >>> parsed("...i,i", ((2, 3), (3,)))
    (['Zi', 'i'], 'Z')
    """
    text = formula.replace(" ", "")
    left, arrow, result = text.partition("->")
    inputs = left.split(",")
    if len(inputs) != len(shapes):
        raise _wrong(formula, f"it is for {len(inputs)} operands, and there are {len(shapes)}")
    for labels in [*inputs, result]:
        rest = labels.replace(DOTS, "", 1)
        if not all(label in string.ascii_letters for label in rest):
            raise _wrong(formula, 'labels are letters, as in "ij,jk->ik"')
    extra = [
        len(shape) - len(labels.replace(DOTS, ""))
        for labels, shape in zip(inputs, shapes, strict=True)
    ]
    for labels, shape, more in zip(inputs, shapes, extra, strict=True):
        if more < 0 or (more and DOTS not in labels):
            raise _wrong(formula, f'"{labels}" does not name the {len(shape)} axes of {shape}')
    free = [label for label in reversed(string.ascii_letters) if label not in text]
    most = max([more for labels, more in zip(inputs, extra, strict=True) if DOTS in labels] or [0])
    if most > len(free):
        raise _wrong(formula, "there are too many axes")
    dots = "".join(free[:most])
    named = [
        labels.replace(DOTS, dots[most - more :])
        for labels, more in zip(inputs, extra, strict=True)
    ]
    if not arrow:
        every = "".join(inputs).replace(DOTS, "")
        return named, dots + "".join(sorted([k for k in set(every) if every.count(k) == 1]))
    if DOTS not in result and dots:
        raise _wrong(formula, f'the result must have the "{DOTS}" of the operands')
    result = result.replace(DOTS, dots)
    if len(set(result)) < len(result):
        raise _wrong(formula, "the result names an axis twice")
    missing = [label for label in result if not any(label in labels for labels in named)]
    if missing:
        raise _wrong(formula, f'no operand has the "{missing[0]}" of the result')
    return named, result


def sizes_of(inputs: Sequence[Labels], shapes: Sequence[Shape], formula: str) -> dict[str, int]:
    """Return the size that each label stands for; one of size 1 stretches to it.

    Raises:
        ShapeError: a label stands for two sizes.
    """
    sizes: dict[str, int] = {}
    for labels, shape in zip(inputs, shapes, strict=True):
        for label, n in zip(labels, shape, strict=True):
            if sizes.setdefault(label, n) == 1:
                sizes[label] = n
            if n not in (1, sizes[label]):
                axis = f'"{label}"' if label in formula else "an axis of the dots"
                raise _wrong(
                    formula,
                    f"{axis} has the sizes {sizes[label]} and {n}, of operands of shapes "
                    f"{', '.join(map(str, shapes))}",
                )
    return sizes


def _wrong(formula: str, what: str) -> ShapeError:
    return ShapeError(f'einsum "{formula}": {what}')
