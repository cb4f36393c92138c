"""Mutants of any line of the engine: a seeded sample of the usual operators.

Which tests to run on each comes from a run of all tests under coverage.py, from the root:

    export STEPGRAD_PLAIN=1
    python -m coverage run --data-file=map -m pytest -n auto -p tests.meta.contexts
    python -m coverage combine --data-file=map
    python -m tests.meta anywhere --coverage map --sample 400 --record outcomes

mutmut and cosmic-ray break functions only; the op table is a table of lambdas, and the core is
compiled. So these are our own, on the plain sources.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from pathlib import Path

from tests.meta.mutant import ROOT, Mutant, Source

COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}
OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "/",
    ast.Div: "*",
    ast.FloorDiv: "*",
    ast.Mod: "*",
}
NOT_RUN = (
    *("engine/_build.py", "engine/_c_source.py", "engine/_core.py"),  # but by the installation
    "engine/testing/plugin/_stepgrad_pytest/__init__.py",  # but where it is installed, by pytest
)


def files(folders: tuple[str, ...]) -> list[str]:
    """Return the Python files of some folders, not of the folders in them, from the root."""
    found = [path for folder in folders for path in (ROOT / folder).glob("*.py")]
    names = sorted(path.relative_to(ROOT).as_posix() for path in found)
    return [name for name in names if name not in NOT_RUN]


def folders_of(package: str) -> tuple[str, ...]:
    """Return a package and all folders in it."""
    found = Path(ROOT, package).rglob("*.py")
    return tuple(sorted({path.parent.relative_to(ROOT).as_posix() for path in found}))


def sample(paths: list[str], count: int, seed: int) -> list[Mutant]:
    """Return some of all mutants of some files, the same ones for the same seed."""
    every = [mutant for path in paths for mutant in of_file(Source(path))]
    return random.Random(seed).sample(every, min(count, len(every)))


def of_file(source: Source) -> Iterator[Mutant]:
    """Yield every mutant of a file."""
    for owner in ast.walk(source.tree):
        if isinstance(owner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            for statement in owner.body:
                for node in own_nodes(statement):
                    for new, kind in breaks(source, node):
                        yield source.mutant(node, new, getattr(owner, "name", "module"), kind)


def own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the nodes of a statement that run, without those of functions in it and of types."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.JoinedStr):
            continue
        yield node
        if isinstance(node, ast.AnnAssign):
            waiting += [node.value] if node.value is not None else []
        else:
            waiting += ast.iter_child_nodes(node)


def whole(source: Source, node: ast.expr) -> str:
    """Return the text of an operand, in parentheses where it may have stood in them."""
    compound = isinstance(node, ast.BinOp | ast.BoolOp | ast.Compare | ast.IfExp | ast.Lambda)
    return f"({source.of(node)})" if compound else source.of(node)


def breaks(source: Source, node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield what may stand in the place of a node, and what that is called."""
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARISONS:
            other = COMPARISONS[type(op)]
            yield (
                f"{whole(source, left)} {other} {whole(source, right)}",
                f"{other} in a comparison",
            )
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            if not any(
                isinstance(x, ast.Constant | ast.JoinedStr)
                and not isinstance(getattr(x, "value", ""), int | float)
                for x in (left, right)
            ):
                other = OPERATORS[type(op)]
                yield (
                    f"{whole(source, left)} {other} {whole(source, right)}",
                    f"{other} for an operator",
                )
        case ast.BoolOp(op=op, values=[first, second]):
            other = "or" if isinstance(op, ast.And) else "and"
            yield (
                f"({whole(source, first)} {other} {whole(source, second)})",
                f"{other} in a condition",
            )
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield f"({source.of(operand)})", "dropped not or minus"
        case ast.Constant(value=bool(value)):
            yield str(not value), f"{not value} for {value}"
        case ast.Constant(value=int(value) | float(value)) if value == value:
            yield repr(value + 1), f"{value + 1} for {value}"
        case ast.Return(value=ast.expr() as value):
            if not isinstance(value, ast.Constant):
                yield "return None", "returns None"
        case ast.Expr(value=ast.Call()) | ast.AugAssign() | ast.Raise():
            yield "pass", "dropped statement"
        case ast.Break():
            yield "continue", "continue for break"
