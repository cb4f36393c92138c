"""Mutants of the op table: every rule and every promise of every row, broken in every way."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.meta.mutant import Mutant, Source

TABLES = ("engine/ops.py", "engine/reductions.py")
FACTOR = "1.001"  # 0.1 %

CUT = "the result lies strictly between the bounds where x does"
WINNER = "where x does not win, the result is y; and it is above y where x is"
# Not wrong: for every float they compute what the row computes. A reason each.
EQUIVALENT = {
    ("relu", "out for x, derivative 0"): "step(out) is step(x): out is x above 0 and 0 below",
    ("selu", "out for x in a condition, derivative 0"): "out has the sign of x",
    ("relu6", "out for x in a condition, derivative 0"): CUT,
    ("hardtanh", "out for x in a condition, derivative 0"): CUT,
    **{
        (name, f"out for {x}, derivative {place}"): WINNER
        for name in ("maximum", "minimum")
        for x in "xy"
        for place in (0, 1)
    },
    ("clip", "out for low in a condition, derivative 0"): "below low the result is low",
    ("clip", "out for high in a condition, derivative 0"): "above high the result is high",
    ("clip", "out for low, derivative 1"): "where low binds, the result is low",
    ("clip", "out for high, derivative 1"): "where low binds, the result is low",
    ("clip", "out for high, derivative 2"): "where high binds, the result is high",
    ("elu", "wrong kink data_of(x) >= 0.0, derivative 1"): "expm1(0) is 0",
    ("leaky_relu", "wrong kink data_of(x) >= 0.0, derivative 1"): "x is 0 there",
    ("xlogy", "out for x in a condition, derivative 0"): "at y = 0 the result is 0 where x is",
    ("xlogy", "out for x in a condition, derivative 1"): "at y = 0 the result is 0 where x is",
    ("xlogy", "out for y in a condition, derivative 1"): "0/y is 0",
    ("sum", "each derivative for the next operand"): "all are equal",
    ("mean", "each derivative for the next operand"): "all are equal",
}


def mutants() -> Iterator[Mutant]:
    """Yield all mutants of the op table."""
    for path in TABLES:
        source = Source(path)
        for call in ast.walk(source.tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                name = call.args[0].value if call.args and is_text(call.args[0]) else None
                if call.func.id in ("Op", "ParametricOp") and name:
                    yield from of_op(source, call, name)
                if call.func.id == "Reduction" and name:
                    yield from of_reduction(source, call, name)


def is_text(node: ast.expr) -> bool:
    """Return whether a node is a string."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def of_op(source: Source, call: ast.Call, name: str) -> Iterator[Mutant]:
    """Yield the mutants of a row with a derivative for each operand."""
    _, forward, *rules = call.args
    yield from of_forward(source, forward, name, "*xs")
    for place, rule in enumerate(rules):
        where = f"derivative {place}"
        if isinstance(rule, ast.Name):  # zero
            yield source.mutant(rule, "lambda out, *xs: 1.0", name, f"1 for 0, {where}")
        elif isinstance(rule, ast.Lambda):
            body = source.of(rule.body)
            yield source.mutant(rule.body, f"-({body})", name, f"sign flip, {where}")
            yield source.mutant(rule.body, f"{FACTOR} * ({body})", name, f"0.1 % scale, {where}")
            yield from of_rule(source, rule, name, where)
    lambdas = [rule for rule in rules if isinstance(rule, ast.Lambda)]
    if len(lambdas) == 2 and source.of(lambdas[0].body) != source.of(lambdas[1].body):
        yield source.mutant(
            lambdas[0].body, source.of(lambdas[1].body), name, "the other operand's derivative"
        )
    yield from of_kinks(source, call, name)


def of_reduction(source: Source, call: ast.Call, name: str) -> Iterator[Mutant]:
    """Yield the mutants of a row over a sequence."""
    _, forward, rule = call.args[:3]
    yield from of_forward(source, forward, name, "xs")
    whole = source.of(rule)
    for kind, element in (("sign flip", "-p"), ("0.1 % scale", f"{FACTOR} * p")):
        broken = f"lambda out, xs: [{element} for p in ({whole})(out, xs)]"
        yield source.mutant(rule, broken, name, f"{kind}, derivatives")
    backwards = f"lambda out, xs: [*({whole})(out, xs)[1:], *({whole})(out, xs)[:1]]"
    yield source.mutant(rule, backwards, name, "each derivative for the next operand")
    if isinstance(rule, ast.Lambda):
        yield from of_rule(source, rule, name, "derivatives")
    yield from of_kinks(source, call, name)


def of_forward(source: Source, forward: ast.expr, name: str, operands: str) -> Iterator[Mutant]:
    """Yield the mutants of a forward."""
    given = operands.replace("*", "")
    for kind, factor in (("sign flip", "-1.0"), ("0.1 % scale", FACTOR)):
        broken = f"lambda {operands}: {factor} * ({source.of(forward)})({operands})"
        yield source.mutant(forward, broken, name, f"{kind}, value of {given}")


def of_rule(source: Source, rule: ast.Lambda, name: str, where: str) -> Iterator[Mutant]:
    """Yield the mutants within a derivative."""
    out, *operands = [argument.arg for argument in rule.args.args]
    conditions = {id(inner) for test in tests_in(rule.body) for inner in ast.walk(test)}
    for node in ast.walk(rule.body):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
            for kept, dropped in ((node.left, node.right), (node.right, node.left)):
                if source.of(dropped).strip("()") not in ("1.0", "-1.0"):
                    yield source.mutant(
                        node, f"({source.of(kept)})", name,
                        f"dropped factor {source.of(dropped)}, {where}",
                    )  # fmt: skip
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "divide" and source.of(node.args[0]) not in ("1.0",):
                kept = source.of(node.args[0])
                dropped = source.of(node.args[1])
                yield source.mutant(node, kept, name, f"dropped divisor {dropped}, {where}")
            elif node.func.id == "less":  # where neither is nan, this is "less or equal"
                low, high = map(source.of, node.args)
                new = f"(less({high}, {low}) ^ True)"
                yield source.mutant(node, new, name, f"wrong kink {low} <= {high}, {where}")
            elif node.func.id in ("reciprocal", "square", "sqrt"):
                kept = source.of(node.args[0])
                yield source.mutant(node, kept, name, f"dropped {node.func.id}(), {where}")
        elif isinstance(node, ast.Compare):
            for op, other in ((ast.Gt, ">="), (ast.Lt, "<="), (ast.LtE, "<"), (ast.GtE, ">")):
                if isinstance(node.ops[0], op):
                    left, *rest = [source.of(x) for x in (node.left, *node.comparators)]
                    symbols = [other, *[SYMBOLS[type(op)] for op in node.ops[1:]]]
                    new = " ".join(
                        [left, *(f"{s} {x}" for s, x in zip(symbols, rest, strict=True))]
                    )
                    yield source.mutant(node, new, name, f"wrong kink {new}, {where}")
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            inside = " in a condition" if id(node) in conditions else ""
            if node.id == out:
                yield source.mutant(
                    node, operands[0], name, f"{operands[0]} for out{inside}, {where}"
                )
            elif node.id in operands and node.id not in ("xs", "flat"):
                yield source.mutant(node, out, name, f"out for {node.id}{inside}, {where}")


SYMBOLS = {ast.Gt: ">", ast.Lt: "<", ast.LtE: "<=", ast.GtE: ">=", ast.Eq: "=="}


def tests_in(body: ast.expr) -> Iterator[ast.expr]:
    """Yield the conditions of the choices in a derivative."""
    for node in ast.walk(body):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "select":
            yield node.args[0]


def of_kinks(source: Source, call: ast.Call, name: str) -> Iterator[Mutant]:
    """Yield rows that promise something else at a kink."""
    for keyword in call.keywords:
        if keyword.arg != "kinks" or not isinstance(keyword.value, ast.List):
            continue
        for kink in keyword.value.elts:
            if isinstance(kink, ast.Call) and isinstance(kink.args[2], ast.Tuple):
                at = source.of(kink.args[0])
                yield source.mutant(kink.args[1], "0.125", name, f"promised value at {at}")
                for place, slope in enumerate(kink.args[2].elts):
                    yield source.mutant(slope, "0.125", name, f"promised gradient {place} at {at}")
