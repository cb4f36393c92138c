"""Whether an op that differences call wrong is wrong: they see neither jumps nor waves far out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from engine.arrays.array_op import ArrayOp
from engine.testing.adapters import Array
from engine.testing.domains import domain_of
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
    if not isinstance(op, ArrayOp) and any(_wrong_elements(op, operands)):
        return True
    return still(list(_ordinary(op, operands, np.random.default_rng(seed))))


def far_out(arrays: Sequence[Array]) -> bool:
    """Return whether some number is very large or small, or none at all."""
    sizes = np.concatenate([np.abs(x[x != 0.0]).ravel() for x in arrays] or [np.ones(1)])
    return not bool(np.all((sizes < ORDINARY) & (sizes > 1.0 / ORDINARY)))


def _wrong_elements(op: Any, operands: Sequence[Array]) -> Iterator[bool]:
    """Yield for some elements whether a derivative is not that of the strongest oracle."""
    ladder = [oracle for oracle in oracles("auto") if oracle.name != "differences"]
    out = np.asarray(op(*operands))
    stretched = [np.broadcast_to(x, out.shape) for x in operands]
    local = [
        None
        if rule is None
        else np.broadcast_to(op.pull(i, np.ones(out.shape), out, operands), out.shape)
        for i, rule in enumerate(op.derivatives)
    ]
    for index in list(np.ndindex(out.shape))[:MOST]:
        point = [float(x[index]) for x in stretched]
        try:
            _, slopes = ask(ladder, op, point, float(out[index]))
        except NotApplicable:
            continue
        for got, slope in zip(local, slopes, strict=True):
            if got is not None and slope is not None:
                off = gap(float(got[index]), slope.value)
                yield off > ROUNDING * slope.size + slope.slack


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
