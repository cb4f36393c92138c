"""Expressions as text: parsed from a whitelist of Python's grammar, and never run as Python."""

from __future__ import annotations

import ast
import math
import re
import unicodedata
import warnings
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from engine import ops, reductions
from engine.errors import EngineError
from engine.op import Op, Reduction

PRODUCT = re.compile(r"[\d.]+[^\W\d]")  # as 2x
LONGEST = 10_000  # characters of an expression
WIDEST = 72  # columns of the line that is shown with an error

BINARY: dict[type[ast.operator], Op] = {
    ast.Add: ops.add,
    ast.Sub: ops.subtract,
    ast.Mult: ops.multiply,
    ast.Div: ops.divide,
    ast.FloorDiv: ops.floor_divide,
    ast.Mod: ops.remainder,
    ast.Pow: ops.power,
}
CONSTANTS = {"pi": math.pi, "inf": math.inf, "nan": math.nan}
FUNCTIONS: dict[str, Op] = {
    op.name: op
    for module in (ops, reductions)
    for op in vars(module).values()
    if isinstance(op, Op) and op.name != "dot"  # which takes two sequences
} | {"var": reductions.variance(0.0), "std": reductions.deviation(0.0)}
KINDS = {
    ast.Compare: "a comparison",
    ast.BoolOp: "and, or",
    ast.IfExp: "if ... else",
    ast.Lambda: "a lambda",
    ast.Attribute: "a dot after a name",
    ast.Subscript: "an index",
    ast.NamedExpr: "an assignment",
    ast.JoinedStr: "a text",
    ast.Tuple: "a comma",
    ast.List: "a list",
    ast.Dict: "a dict",
    ast.Set: "a set",
    **dict.fromkeys((ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp), "a comprehension"),
    ast.Starred: "a star",
    ast.Await: "await",
}


class ExpressionError(EngineError, ValueError):
    """An expression cannot be read; the message marks the place.

    Args:
        message: what is wrong.
        text: the expression.
        start: the first character of what is wrong.
        stop: the character after it.
    """

    def __init__(self, message: str, text: str, start: int, stop: int) -> None:
        super().__init__(message, text, start, stop)
        self.message = message
        self.text = text
        self.start = max(min(start, len(text)), 0)
        self.stop = max(stop, self.start + 1)

    def __str__(self) -> str:
        text = "".join(c if c.isprintable() else "\ufffd" for c in self.text)
        first = max(self.start - WIDEST // 2, 0)
        last = first + WIDEST
        before = ("…" if first else "") + text[first : self.start]
        after = text[self.start : last] + ("…" if last < len(text) else "")
        marks = "^" * max(_columns(text[self.start : min(self.stop, last)]), 1)
        return f"{self.message}\n    {before}{after}\n    {' ' * _columns(before)}{marks}"


class Place(NamedTuple):
    """Where in a text something stands."""

    start: int
    stop: int


class Expression:
    """An expression as instructions for a stack: numbers, names, and ops on what lies on top.

    Args:
        text: the expression.
        steps: the instructions.
        names: the names in it, each with the place where it first stands.

    No depth of nesting is too deep to evaluate.
    """

    def __init__(
        self, text: str, steps: list[float | str | tuple[Op, int]], names: dict[str, Place]
    ) -> None:
        self.text = text
        self.steps = steps
        self.names = names

    def evaluate(self, environment: Mapping[str, Any]) -> Any:
        """Return the value of the expression: a float, or a Value if one is among the names.

        Args:
            environment: a float or Value for each name.
        """
        stack: list[Any] = []
        for step in self.steps:
            if isinstance(step, float):
                stack.append(step)
            elif isinstance(step, str):
                stack.append(environment[step])
            else:
                op, count = step
                operands = stack[len(stack) - count :]
                del stack[len(stack) - count :]
                stack.append(op.reduce(operands) if isinstance(op, Reduction) else op(*operands))
        return stack.pop()


def parse(text: str, start: int = 0) -> Expression:
    """Return an expression from its text.

    Args:
        text: numbers, names, + - * / // % **, parentheses, and functions of the op table.
        start: where in the text the expression begins.

    Raises:
        ExpressionError: it is malformed, or holds anything else.

    >>> parse("2*x + tanh(y)").evaluate({"x": 3.0, "y": 0.0})
    6.0
    """
    spaced = "".join(" " if c.isspace() else c for c in text)
    if len(spaced) > LONGEST:
        raise ExpressionError(f"longer than {LONGEST:,} characters", spaced, LONGEST, LONGEST)
    while start < len(spaced) and spaced[start] == " ":
        start += 1
    body = _tree(spaced, start)
    return Reader(spaced, start).read(body)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the end of an error about an unknown word: what else it may have been."""
    close = get_close_matches(word, list(known), 3)
    return f": did you mean {' or '.join(close)}?" if close else ""


def _tree(text: str, start: int) -> ast.expr:
    """Return Python's syntax tree of an expression, before anything was checked or run."""
    if start == len(text):
        raise ExpressionError("an expression is missing", text, start, start + 1)
    for place in range(start, len(text)):
        c = text[place]
        if c == "#" or not c.isprintable():  # a comment, a null, or half of a surrogate pair
            raise ExpressionError(f"{c!r} has no place in an expression", text, place, place + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about odd spellings, as 1if
            return ast.parse(text[start:], mode="eval").body
    except SyntaxError as error:
        first = start + error.offset - 1 if error.offset else len(text)  # 0 is the end, too
        last = start + (error.end_offset or 0) - 1
        hint = ": for a product write *" if PRODUCT.match(text, first) else ""
        raise ExpressionError(f"malformed: {error.msg}{hint}", text, first, last) from None
    except (RecursionError, MemoryError):
        raise ExpressionError("nested too deeply", text, start, start + 1) from None


class Reader:
    """Turns a syntax tree into an Expression, and refuses what is not on the whitelist.

    Args:
        text: the whole text.
        start: where in it the expression begins.
    """

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.start = start
        self.encoded = text[start:].encode()
        self.steps: list[float | str | tuple[Op, int]] = []
        self.names: dict[str, Place] = {}

    def read(self, body: ast.expr) -> Expression:
        """Return the expression of a tree."""
        waiting: list[ast.expr | tuple[Op, int]] = [body]
        while waiting:  # operands first, from left to right, without recursion
            item = waiting.pop()
            if isinstance(item, tuple):
                self.steps.append(item)
                continue
            op, operands = self._visit(item)
            if op is not None:
                waiting.append((op, len(operands)))
            waiting.extend(reversed(operands))
        return Expression(self.text, self.steps, self.names)

    def _visit(self, node: ast.expr) -> tuple[Op | None, list[ast.expr]]:
        """Return the op of a node and what it is applied to; numbers and names are done at once."""
        match node:
            case ast.BinOp(left, operator, right):
                return self._binary(node, operator), [left, right]
            case ast.UnaryOp(ast.USub(), operand):
                return ops.negative, [operand]
            case ast.UnaryOp(ast.UAdd(), operand):
                return None, [operand]
            case ast.Constant(int() | float() as number) if not isinstance(number, bool):
                self.steps.append(self._number(node, number))
            case ast.Name(name):
                self.names.setdefault(name, self._place(node))
                self.steps.append(name)
            case ast.Call(ast.Name(name) as function, arguments, []):
                return self._function(node, function, name, len(arguments)), arguments
            case _:
                raise self._refusal(node)
        return None, []

    def _binary(self, node: ast.BinOp, operator: ast.operator) -> Op:
        if type(operator) in BINARY:
            return BINARY[type(operator)]
        start, stop = self._place(node.left).stop, self._place(node.right).start
        gap = self.text[start:stop]
        symbol = gap.strip(" ()")
        start += gap.index(symbol)
        hint = ": for a power write **" if symbol == "^" else ""
        raise ExpressionError(
            f"{symbol} has no place in an expression{hint}", self.text, start, start + len(symbol)
        )

    def _number(self, node: ast.expr, number: float) -> float:
        try:
            converted = float(number)
        except OverflowError:  # an int
            converted = math.inf
        if math.isinf(converted):
            raise self._error("this number does not fit a float", node)
        return converted

    def _function(self, call: ast.expr, function: ast.expr, name: str, count: int) -> Op:
        op = FUNCTIONS.get(name)
        if op is None:
            hint = did_you_mean(name, FUNCTIONS) or "; for a product write *"
            raise self._error(f"there is no function {name}{hint}", function)
        most = len(op.derivatives)
        least = most - len(op.defaults)
        if isinstance(op, Reduction):
            if not count:
                raise self._error(f"{name}() needs at least one argument", call)
        elif not least <= count <= most:
            takes = str(most) if least == most else f"{least} to {most}"
            plural = "s" * (most != 1)
            raise self._error(f"{name}() takes {takes} argument{plural}, got {count}", call)
        return op

    def _refusal(self, node: ast.expr) -> ExpressionError:
        if isinstance(node, ast.Constant):
            what = f"{node.value!r:.20}"
        elif isinstance(node, ast.Call):
            what = "a named argument" if node.keywords else "a call of what is no function's name"
        else:
            what = KINDS.get(type(node), type(node).__name__.lower())
        return self._error(f"{what} has no place in an expression", node)

    def _error(self, message: str, node: ast.expr) -> ExpressionError:
        return ExpressionError(message, self.text, *self._place(node))

    def _place(self, node: ast.expr) -> Place:
        """Return where a node stands; Python counts the bytes of UTF-8."""
        start, stop = node.col_offset, node.end_col_offset or node.col_offset
        return Place(
            self.start + len(self.encoded[:start].decode()),
            self.start + len(self.encoded[:stop].decode()),
        )


def _columns(text: str) -> int:
    """Return how many columns a text takes on a terminal."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) != 0 for c in text)
