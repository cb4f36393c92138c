"""What the stepper writes of ops: `a × b = -2 × 3`, and the local rule `b` of its derivative."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from engine.op import Op, Reduction
from engine.primitive import Primitive
from engine.view.formatting import NOT_COMPUTED
from engine.view.notation import ATOM, atom
from engine.view.stepper.numbers import brief, shown

WORD = re.compile(r"[A-Za-z]+")
LONGEST = 40  # characters of a name


def readable(name: str) -> str:
    """Return a name that cannot be misread in a formula, nor change the terminal it is shown on."""
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2 - 1]}…{text[-LONGEST // 2 :]}"
    return text if ATOM.fullmatch(text) else f"⟨{text}⟩"


def rule(op: Op, operand: int, out: str, operands: Sequence[str]) -> str:
    """Return the derivative of an op for one operand as a formula in the names of the nodes.

    Args:
        op: the row of the op table.
        operand: the position of the operand.
        out: the name of the result.
        operands: the name of each operand.

    It is empty if the row does not say it.

    >>> from engine import ops
    >>> rule(ops.multiply, 0, "d", ["a", "b"]), rule(ops.tanh, 0, "h", ["z"])
    ('b', '1 - h²')
    """
    if op.name == "dot":
        return operands[(operand + len(operands) // 2) % len(operands)]
    if isinstance(op, Reduction):
        return _filled(op.formula, {"x": operands[operand], "out": out, "n": str(len(operands))})
    formulas = op.formula.split(", ")
    if operand >= len(formulas):
        return ""
    names = dict(zip(_parameters(op), operands, strict=False))
    return _filled(formulas[operand], names | {"out": out})


def listed(items: Iterable[str], most: int = 6) -> str:
    """Return items with commas and a last "and"; the middle of a long list is left out.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    texts = list(items)
    if len(texts) > most:
        texts = [*texts[: most - 2], f"{len(texts) - most + 1} more", texts[-1]]
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def aligned(rows: Iterable[Sequence[str]], indent: str = "    ") -> list[str]:
    """Return rows of cells as lines, each column as wide as its widest cell.

    >>> aligned([("a", "= 3"), ("loss", "= 12")], indent="")
    ['a      = 3', 'loss   = 12']
    """
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["   ".join(map(str.ljust, row, widths)) for row in table]
    return [indent + line.rstrip() for line in lines]


def signed(x: Any) -> str:
    """Return a number with its sign; 0 and nan have none, and of an array there is its range."""
    return f"+{shown(x)}" if isinstance(x, float) and x > 0.0 else brief(x)


def factor(x: Any) -> str:
    """Return a number as it stands after an operator: in parentheses if it has a sign."""
    return NOT_COMPUTED if x is None else atom(shown(x))


def is_whole(op: Any) -> bool:
    """Return whether an op works on whole arrays, and not element by element."""
    return hasattr(op, "pulls")


def pull(
    op: Any, operand: int, upstream: str, out: str, operands: Sequence[str], share: str = "n"
) -> str:
    """Return how an op on arrays takes a gradient back to an operand, as a formula.

    Args:
        op: the row of the op table.
        operand: the position of the operand.
        upstream: the gradient of the result, as formulas write it.
        out: the name of the result.
        operands: the name of each operand.
        share: of a reduction, how many elements there are to one of the result.

    >>> from engine import ops
    >>> pull(ops.multiply, 0, "∂f/∂d", "d", ["a", "b"]), pull(ops.add, 0, "∂f/∂d", "d", ["a", "b"])
    ('∂f/∂d · b', '∂f/∂d')
    """
    formulas = op.formula.split(", ")
    formula = formulas[operand] if operand < len(formulas) else formulas[0] if formulas[0] else ""
    if not formula:
        return f"what {op.name} makes of {upstream}"
    names = dict(zip(_parameters(op), operands, strict=False)) | {"out": out, "g": upstream}
    if "g" in WORD.findall(formula):
        return _filled(formula, names)
    local = _filled(formula, {**names, "n": share})
    if local in ("1", "-1"):
        return local.replace("1", upstream)
    return f"{upstream} · {atom(local)}"


def _filled(formula: str, names: dict[str, str]) -> str:
    """Return a formula of the op table with the names of nodes for x, y, z and out."""

    def fill(match: re.Match[str]) -> str:
        word, before = match.group(), formula[: match.start()][-1:]
        if word not in names:
            return word
        return ("·" if before.isalnum() else "") + atom(names[word])

    return WORD.sub(fill, formula)


@lru_cache(maxsize=256)
def _parameters(op: Any) -> tuple[str, ...]:
    """Return what the formula of an op calls its operands."""
    if isinstance(op, Primitive):
        return tuple(op.parameters)
    given = 1 + is_whole(op)  # out, and the gradient before it, stand first
    for derivative in op.derivatives:
        if derivative is not None:
            names = tuple(inspect.signature(derivative).parameters)[given:]
            if len(names) == len(op.derivatives):
                return names
    return ("x", "y", "z")
