"""The first wrong node of a graph of Tensors, or the constant that was computed from the inputs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine.arrays.array_op import ArrayOp
from engine.bridge import GATHER, PICK
from engine.errors import EngineError
from engine.op import Reduction
from engine.pullback import pull
from engine.source import short, text_of
from engine.tensor import Tensor
from engine.testing.adapters import Array, TensorGradient
from engine.testing.array_confirm import at_kink, far_out, is_wrong, wrong_element
from engine.testing.blame import NAMES, blame_of_numbers, brought_in, python_of, reproducer, written
from engine.testing.oracles.local import has_derivatives
from engine.testing.paths import name_of
from engine.testing.report import Blame, Element, Report
from engine.testing.tensor_recording import TensorRecording
from engine.testing.values import Settings

ORDINALS = {1: "derivative", 2: "second derivative", 3: "third derivative"}
CORNERS = (1, 2, 3)  # sizes of axes that a failure is shown on, if it shows there
MOST_NODES, FEW = 100, 8  # nodes and elements of each that exact oracles are asked of
MOVED = 1.0 + 2.0**-26
Check = Callable[..., Report]


def first_wrong(
    function: Callable[..., Any], inputs: Sequence[Array], check: Check, settings: Settings
) -> Blame | None:
    """Return the first node whose own derivatives are wrong; None if none is.

    Args:
        function: the function of Tensors.
        inputs: where it was found wrong.
        check: checks a function of arrays: called with the function, arrays and settings.
        settings: how to check; the order is the one that is wrong.
    """
    recording = TensorRecording(function, inputs, sources=True)
    for node in recording.nodes():
        operands = arrays_at(node)
        live = [recording.flows(node, operand) for operand in node.operands]
        if not operands or not any(live):
            continue
        found = _wrong(node.op, operands, live, check, settings)
        if found is not None:
            arrays, report = found
            return _blame(node, arrays, live, report, settings.order)
    return None


def first_wrong_element(
    function: Callable[..., Any], inputs: Sequence[Array]
) -> tuple[Blame, Element] | None:
    """Return the first node with an element whose derivative an exact oracle calls wrong.

    It may be too small beside the rest of the function for differences of the whole to show it.
    """
    recording = TensorRecording(function, inputs)
    for position, node in enumerate(recording.nodes()[:MOST_NODES]):
        operands = arrays_at(node)
        if not operands:
            continue
        found = wrong_element(node.op, operands, FEW)
        live = [recording.flows(node, operand) for operand in node.operands]
        if found is not None and live[found.place]:
            again = TensorRecording(function, inputs, sources=True).nodes()
            source = again[position].source if len(again) > position else None
            place = f" for operand {found.place}" if len(live) > 1 else ""
            what = f"the derivative of {{}}{place} is {found.exact!r}, not {found.got!r}"
            off = abs(found.got - found.exact)
            name = f"{node.op.name}, operand {found.place}"
            element = Element(name, found.place, found.got, found.exact, off, 0.0)
            return blame_of_numbers(node.op, found.point, live, what, source), element
    return None


def arrays_at(node: Any) -> list[Array] | None:
    """Return the operands of a node as arrays, Values as those without axes.

    None is returned at the bridge from Values and back, and for an op over a sequence of Values:
    neither can be called with arrays.
    """
    if node.op in (GATHER, PICK) or isinstance(node.op, Reduction):
        return None
    return [np.asarray(operand._data) for operand in node.operands]


def _wrong(
    op: Any, operands: Sequence[Array], live: Sequence[bool], check: Check, settings: Settings
) -> tuple[list[Array], Report] | None:
    """Return a small corner of an op's operands at which it is wrong, or all, and what is found."""

    def fails(arrays: Sequence[Array]) -> bool:
        return _checked(op, list(arrays), live, check, settings) is not None

    for size in (*CORNERS, None):
        corner = [x[tuple([slice(size)] * x.ndim)] for x in operands]
        found = _checked(op, corner, live, check, settings)
        if found is not None and is_wrong(op, corner, fails, settings.seed):
            return found
    return None


def _checked(
    op: Any, operands: list[Array], live: Sequence[bool], check: Check, settings: Settings
) -> tuple[list[Array], Report] | None:
    free = [x for x, wanted in zip(operands, live, strict=True) if wanted]
    try:
        report = check(single(op, operands, live), free, settings)
    except EngineError:  # the corner is none that the op takes
        return None
    return (operands, report) if report.verdict == "fail" else None


def single(op: Any, operands: Sequence[Array], live: Sequence[bool]) -> Callable[..., Any]:
    """Return an op as a function of the operands that gradients flow to."""

    def function(*free: Any) -> Any:
        supply = iter(free)
        return op(*[next(supply) if w else x for x, w in zip(operands, live, strict=True)])

    return function


def _blame(
    node: Any, operands: Sequence[Array], live: Sequence[bool], report: Report, order: int
) -> Blame:
    op = node.op
    if is_plain(op, operands):
        expression = written(op, [x.item() for x in operands])
    else:
        expression = shaped(op.name, operands)
    worst = report.worst
    what = f"the {ORDINALS[order]} of {expression} is wrong"
    if worst is not None:
        what = (
            f"the {ORDINALS[order]} of {expression} for {worst.path} is {worst.numeric!r}, not "
            f"{worst.analytic!r}"
        )
    code = _reproducer(op, operands, live, order)
    return Blame(expression, what, node.source, text_of(node.source), code)


def is_plain(op: Any, operands: Sequence[Array]) -> bool:
    """Return whether an op of Values takes these operands too, one number each."""
    return not isinstance(op, ArrayOp) and all(x.size == 1 for x in operands)


def shaped(name: str, operands: Sequence[Any]) -> str:
    """Return a function with the shapes of its operands, whose numbers are too many.

    >>> shaped("matmul", [np.ones((2, 3)), np.ones(3)])
    'matmul of shapes (2, 3) and (3,)'
    """
    *most, last = (str(np.shape(x)) for x in operands)
    return (
        f"{name} of shape {last}" if not most else f"{name} of shapes {', '.join(most)} and {last}"
    )


def _reproducer(op: Any, operands: Sequence[Array], live: Sequence[bool], order: int) -> str:
    """Return a program that checks one op on arrays where it is wrong."""
    if is_plain(op, operands):
        fits = has_derivatives(op, len(operands))
        numbers = [x.item() for x in operands]
        return reproducer(op, numbers, [a and b for a, b in zip(live, fits, strict=True)], order)
    definition, call = brought_in(op)
    names = [NAMES[i] if len(operands) <= len(NAMES) else f"x{i}" for i in range(len(operands))]
    passed = [n if w else python_of(x) for n, w, x in zip(names, live, operands, strict=True)]
    free = ", ".join(name for name, wanted in zip(names, live, strict=True) if wanted)
    inputs = [f"Tensor({x.tolist()!r})" for x, wanted in zip(operands, live, strict=True) if wanted]
    check = ", ".join([f"lambda {free}: {call}({', '.join(passed)})", *inputs])
    more = f", order={order}" if order > 1 else ""
    return (
        f"import numpy as np\n\nfrom engine import Tensor\n{definition}\n"
        f"from engine.testing import assert_gradients\n\nassert_gradients({check}{more})"
    )


def own_gradient(
    function: Callable[..., Any], vjp: Callable[..., Any], given: Sequence[Any], report: Report
) -> Blame | None:
    """Return what is to be said of a vjp of the user's own that is wrong."""
    worst = report.worst
    if worst is None:
        return None
    what = f"the vjp's gradient for {worst.path} is {worst.analytic!r}, not {worst.numeric!r}"
    code = getattr(vjp, "__code__", None)
    source = None if code is None else f"{code.co_filename}:{code.co_firstlineno}"
    expression = shaped(name_of(vjp), given)
    return Blame(expression, what, source, text_of(source), _imported(function, vjp, given))


def _imported(function: Callable[..., Any], vjp: Callable[..., Any], given: Sequence[Any]) -> str:
    """Return a program that checks a vjp; none for functions that cannot be imported."""
    lines = []
    for some in (function, vjp):
        module, name = getattr(some, "__module__", ""), name_of(some)
        if module == "__main__" or getattr(sys.modules.get(module), name, None) is not some:
            return ""
        lines.append(f"from {module} import {name}")
    inputs = ", ".join(map(python_of, given))
    return (
        f"import numpy as np\n\n{chr(10).join(dict.fromkeys(lines))}\n"
        "from engine.testing import assert_gradients\n\n"
        f"assert_gradients({name_of(function)}, {inputs}, vjp={name_of(vjp)})"
    )


def doubt(function: Callable[..., Any], inputs: Sequence[Array], upstream: Array) -> str:
    """Return why differences of a whole function may be wrong about it; nothing if they are not.

    Every op was found right. Then so is the gradient, if another way to follow the chain rule gives
    the same.
    """
    recording = TensorRecording(function, inputs)
    tensors, floor = recording.variables, recording.floor
    other = pull([recording.output], [Tensor(upstream)], tensors, floor, True)
    adapter = TensorGradient(function)
    for one, another in zip(adapter.derivative(inputs, upstream), other, strict=True):
        if not np.isfinite(one).all():
            return "the gradient is not finite: inf, 0·inf or inf - inf on the way"
        if not np.allclose(one, np.asarray(another), rtol=1e-9, atol=0.0):
            return ""
    kink = at_kink(recording.nodes())
    if kink:
        return (
            f"{kink} is at a kink, where its gradient is a convention that differences do not see"
        )
    if far_out([*inputs, *[node._data for node in recording.nodes() if hasattr(node, "shape")]]):
        return (
            "every op's own derivative is right, and differences of the whole function do not "
            "confirm it: it has numbers too far apart, or jumps and waves too near to each other"
        )
    return ""


def lost(function: Callable[..., Any], inputs: Sequence[Array]) -> str:
    """Return which constant of the graph moves with the inputs; nothing if none does."""
    here = TensorRecording(function, inputs, sources=True)
    there = TensorRecording(function, [np.where(x == 0.0, MOVED - 1.0, x * MOVED) for x in inputs])
    nodes, others = here.nodes(), there.nodes()
    if [node.op.name for node in nodes] != [node.op.name for node in others]:
        return ""
    for node, other in zip(nodes, others, strict=True):
        pairs = zip(node.operands, other.operands, strict=True)
        for place, (operand, moved) in enumerate(pairs):
            if here.flows(node, operand):
                continue
            if not np.array_equal(operand._data, moved._data, equal_nan=True):
                where = "" if node.source is None else f" ({short(node.source)})"
                return (
                    f"a part of the graph was lost: operand {place} of {node.op.name}{where} moves "
                    "with the inputs, and no gradient flows through it. The likely cause is "
                    ".data, .item(), np.*, detach() or no_grad()"
                )
    return ""
