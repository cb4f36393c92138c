"""What oracles say of the elements of single ops, where differences see too little.

Differences see neither jumps nor waves far out, nor what is small beside the rest of a function.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from engine.arrays.array_op import ArrayOp
from engine.quiet import quietly
from engine.testing.adapters import Array
from engine.testing.domains import domain_of
from engine.testing.kinks import distance
from engine.testing.oracles.ladder import ask, oracles
from engine.testing.oracles.local import NotApplicable, gap

MOST = 50  # elements whose exact derivatives are asked for
ROUNDING = 1e-9  # of a derivative; kernels of arrays have their own formulas
ORDINARY = 1e4  # the largest number whose jumps and waves differences see


def is_wrong(
    op: Any, operands: Sequence[Array], still: Callable[[Sequence[Array]], bool], seed: int
) -> bool:
    """Return whether an op is wrong at operands where differences say so.

    Args:
        op: the op.
        operands: the arrays.
        still: whether differences call it wrong at other operands.
        seed: what those are drawn with.
    """
    if isinstance(op, ArrayOp) and not far_out(operands):
        return True
    if wrong_element(op, operands) is not None:
        return True
    return still(list(_ordinary(op, operands, np.random.default_rng(seed))))


def far_out(arrays: Sequence[Array]) -> bool:
    """Return whether some number is very large or small, or none at all."""
    sizes = np.concatenate([np.abs(x[x != 0.0]).ravel() for x in arrays] or [np.ones(1)])
    return not bool(np.all((sizes < ORDINARY) & (sizes > 1.0 / ORDINARY)))


def at_kink(nodes: Sequence[Any]) -> str:
    """Return the first op that is at a kink in one of its elements; nothing if none is."""
    for node in nodes:
        if node.op.analytic or isinstance(node.op, ArrayOp):
            continue
        arrays = np.broadcast_arrays(*[operand._data for operand in node.operands])
        for point in islice(zip(*[x.flat for x in arrays], strict=True), MOST):
            away = distance(node.op, [float(x) for x in point])
            if away is not None and away.size == 0.0:
                return str(node.op.name)
    return ""


class Wrong(NamedTuple):
    """An element at which a derivative of an op is wrong.

    Args:
        point: the numbers of the operands there.
        place: the operand that it is for.
        exact: what the oracle says.
        got: what the op's rule gives.
    """

    point: list[float]
    place: int
    exact: float
    got: float


def wrong_element(op: Any, operands: Sequence[Array], most: int = MOST) -> Wrong | None:
    """Return an element at which an op's derivative is not that of the strongest oracle.

    None is returned where all of those that were looked at are right, or no oracle knows the op.

    Args:
        op: the op; only one that goes element by element is looked at.
        operands: the arrays.
        most: at how many elements to look.
    """
    if isinstance(op, ArrayOp):
        return None
    ladder = [oracle for oracle in oracles("auto") if oracle.name != "differences"]
    out = np.asarray(op(*operands))
    numbers = [np.broadcast_to(x, out.shape).ravel() for x in operands]
    local = []
    for i, rule in enumerate(op.derivatives):
        slopes = None if rule is None else quietly(op.pull, i, np.ones(out.shape), out, operands)
        local.append(None if slopes is None else np.broadcast_to(slopes, out.shape).ravel())
    for k in np.unique(np.linspace(0, out.size - 1, min(most, out.size)).astype(int)):
        point = [float(x[k]) for x in numbers]
        try:
            _, exact = ask(ladder, op, point, float(out.flat[k]))
        except NotApplicable:
            continue
        for place, (found, slope) in enumerate(zip(local, exact, strict=True)):
            if found is not None and slope is not None:
                got = float(found[k])
                if gap(got, slope.value) > ROUNDING * slope.size + slope.slack:
                    return Wrong(point, place, float(slope.value), got)
    return None


def _ordinary(op: Any, operands: Sequence[Array], rng: np.random.Generator) -> Iterator[Array]:
    """Yield arrays of the same shapes with ordinary numbers of the op's domain."""
    domain = domain_of(op)
    bounds = domain.bounds if len(domain.bounds) == len(operands) else ((-math.inf, math.inf),)
    for i, x in enumerate(operands):
        low, high = bounds[i % len(bounds)]
        if i in domain.whole and not isinstance(op, ArrayOp):
            yield x
        else:
            low = max(low, -2.0)
            yield rng.uniform(low, min(high, low + 4.0), x.shape)
