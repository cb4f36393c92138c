"""The first wrong node: its expression, the user's line, and a program that shows the failure."""

from __future__ import annotations

import inspect
import math
import sys
import textwrap
from collections.abc import Sequence
from typing import Any

from engine.op import Op, Reduction, named
from engine.primitive import Primitive
from engine.source import text_of
from engine.testing.report import Blame
from engine.value import Value
from engine.view.notation import with_numbers

NAMES = "xyzuvw"


def blame(
    node: Value, live: Sequence[bool], what: str, source: str | None, order: int = 1
) -> Blame:
    """Return what is to be said of a node that is wrong.

    Args:
        node: the node.
        live: for each operand whether a gradient flows to it.
        what: what is wrong, with a place for the expression: ``"the derivative of {} ..."``.
        source: where the program made the node, as ``demo.py:12``.
        order: the order of the derivative that is wrong.
    """
    operands = [operand.data for operand in node.operands]
    return blame_of_numbers(node.op, operands, live, what, source, order)


def blame_of_numbers(
    op: Op,
    operands: Sequence[float],
    live: Sequence[bool],
    what: str,
    source: str | None,
    order: int = 1,
) -> Blame:
    """Return what is to be said of an op that is wrong at some numbers; see `blame`."""
    expression = written(op, operands)
    return Blame(
        expression,
        what.format(expression),
        source,
        text_of(source),
        reproducer(op, operands, live, order),
    )


def written(op: Op, operands: Sequence[float]) -> str:
    """Return an op with numbers for its operands, as a reader would write it."""
    return with_numbers(op, [repr(x) for x in operands])


def reproducer(op: Op, operands: Sequence[float], live: Sequence[bool], order: int = 1) -> str:
    """Return a program that checks one op where it is wrong.

    >>> from engine import ops
    >>> print(reproducer(ops.power, [-3.0, 2.0], [True, False]))
    from engine.ops import power
    from engine.testing import assert_gradients
    <BLANKLINE>
    assert_gradients(lambda x: power(x, 2.0), -3.0)
    """
    definition, call = brought_in(op)
    names = [
        f"{NAMES[i]}" if len(operands) <= len(NAMES) else f"x{i}" for i in range(len(operands))
    ]
    arguments = [
        name if wanted else number(x) for name, wanted, x in zip(names, live, operands, strict=True)
    ]
    inputs = [number(x) for wanted, x in zip(live, operands, strict=True) if wanted]
    if isinstance(op, Reduction) or not all(live):
        parameters = ", ".join(name for name, wanted in zip(names, live, strict=True) if wanted)
        inner = ", ".join(arguments)
        body = f"{call}.reduce([{inner}])" if isinstance(op, Reduction) else f"{call}({inner})"
        call = f"lambda {parameters}: {body}"
    order_argument = [f"order={order}"] if order > 1 else []
    check = f"assert_gradients({', '.join([call, *inputs, *order_argument])})"
    return f"{definition}\nfrom engine.testing import assert_gradients\n\n{check}"


def number(x: float) -> str:
    """Return a number as Python that gives it again."""
    return repr(x) if math.isfinite(x) else f'float("{x!r}")'


def brought_in(op: Op) -> tuple[str, str]:
    """Return the lines that bring an op into a program, and how it is then called."""
    if isinstance(op, Primitive):
        module, name = op.__module__, op.__qualname__
        if getattr(sys.modules.get(module), name, None) is op and module != "__main__":
            return f"from {module} import {name}", name
        return _source(op), op.name
    make, arguments = op.origin
    if make is named:
        return f"from {_home(op)} import {op.name}", op.name
    rows = [brought_in(x)[0] for x in arguments if isinstance(x, Op)]
    call = f"{make.__name__}({', '.join(map(python_of, arguments))})"
    return "\n".join([*rows, f"from {make.__module__} import {make.__name__}"]), call


def _home(op: Op) -> str:
    """Return the module that has a row under its name."""
    for module in ("engine.ops", "engine.reductions", "engine.arrays.linalg"):
        if getattr(sys.modules.get(module), op.name, None) is op:
            return module
    return "engine"


def python_of(x: Any) -> str:
    """Return what gives an argument of a row again, as Python."""
    if isinstance(x, Op):
        return brought_in(x)[1]
    if isinstance(x, float):
        return number(x)
    if isinstance(x, tuple):
        return f"({', '.join(map(python_of, x))}{',' * (len(x) == 1)})"
    if hasattr(x, "tolist"):
        return f"np.array({x.tolist()!r})"
    return repr(x)


def _source(op: Primitive) -> str:
    """Return the definition of a primitive, with the names that it is likely to need."""
    try:
        text = textwrap.dedent(inspect.getsource(op.function)).strip()
    except (OSError, TypeError):
        return f"# the definition of {op.name} goes here"
    return f"import math\n\nimport numpy as np\n\nimport engine\nfrom engine import *\n\n{text}\n"
