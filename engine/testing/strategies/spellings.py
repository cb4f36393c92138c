"""How steps of random programs are written: defined for all numbers, whatever they are applied to.

An op that is not defined everywhere gets operands that are brought into its domain first.
"""

from __future__ import annotations

from hypothesis.errors import InvalidArgument

import engine
from engine.op import Op, Reduction
from engine.primitive import Primitive
from engine.testing.domains import LINE, POSITIVE, UNIT, domain_of

# Each grows at most as a product does, so that most programs stay within the floats.
UNARY = (
    *("-{a}", "sin({a})", "cos({a})", "atan({a})", "asinh({a})", "erf({a})", "tanh({a})"),
    *("sigmoid({a})", "softplus({a})", "silu({a})", "gelu({a})", "relu({a})", "leaky_relu({a})"),
    *("abs({a})", "{a}**2", "{a}**3", "2.0 - {a}", "3.0 * {a}", "exp(tanh({a}))"),
    *("log(1.0 + {a} * {a})", "sqrt(2.0 + {a} * {a})", "1.0 / (1.0 + {a} * {a})"),
)
BINARY = (
    *("{a} + {b}", "{a} - {b}", "{a} * {b}", "{a} / (1.0 + {b} * {b})", "maximum({a}, {b})"),
    *("minimum({a}, {b})", "hypot({a}, {b})", "dot([{a}, {b}], [{b}, {a}])"),
)
OF_A_LIST = tuple(
    name + "([{xs}])" for name in ("sum", "mean", "prod", "max", "min", "norm", "logsumexp")
)
# The simplest first: examples shrink towards it.
SPELLINGS = ("{a} + {b}", *(s for s in (*UNARY, *BINARY, *OF_A_LIST) if s != "{a} + {b}"))

OPERATORS = {
    "add": "{a} + {b}",
    "subtract": "{a} - {b}",
    "multiply": "{a} * {b}",
    "divide": "{a} / (1.0 + {b} * {b})",
    "negative": "-{a}",
    "abs": "abs({a})",
    "dot": "dot([{a}, {b}], [{b}, {c}])",
    "power": "(1.0 + {a} * {a}) ** tanh({b})",
    "floor_divide": "{a} // (1.0 + {b} * {b})",
    "remainder": "{a} % (1.0 + {b} * {b})",
    "reciprocal": "reciprocal(1.0 + {a} * {a})",
}
INTO = {
    LINE: "{x}",
    POSITIVE: "1.0 + {x} * {x}",
    UNIT: "0.9 * tanh({x})",
    (1.0, POSITIVE[1]): "2.0 + {x} * {x}",
    (-1.0, POSITIVE[1]): "{x} * {x}",
}


def spelling_of(op: Op) -> str:
    """Return how a step of a program applies an op.

    Raises:
        InvalidArgument: it is no op, no public one, or has more than three operands.

    >>> import engine
    >>> spelling_of(engine.asin)
    'asin(0.9 * tanh({a}))'
    """
    if not isinstance(op, Op):
        raise InvalidArgument(f"programs are made of ops, not of {op!r}")
    if not isinstance(op, Primitive):
        if not hasattr(engine, op.name):
            raise InvalidArgument(f"{op.name} is not in the public names of engine")
        if op.name in OPERATORS:
            return OPERATORS[op.name]
    if isinstance(op, Reduction):
        return op.name + "([{xs}])"
    domain = domain_of(op)
    if len(domain.bounds) > 3:
        raise InvalidArgument(f"{op.name} has more than three operands: programs cannot use it")
    operands = [
        "1.0" if i in domain.whole else INTO[bounds].replace("{x}", "{" + letter + "}")
        for i, (letter, bounds) in enumerate(zip("abc", domain.bounds, strict=False))
    ]
    return f"{op.name}({', '.join(operands)})"


def can_be_spelled(op: Op) -> bool:
    """Return whether programs can apply an op."""
    try:
        spelling_of(op)
    except InvalidArgument:
        return False
    return True
