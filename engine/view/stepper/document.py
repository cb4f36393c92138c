"""Steps as JSON, for programs in other languages and for tests."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

from engine.view.stepper.sequence import StepSequence

SCHEMA, VERSION = "stepgrad.steps", 1  # another version whenever a field changes its meaning


def to_json(s: StepSequence) -> str:
    """Return steps as JSON: the nodes of the graph, then the fields of each Step.

    A float is written so that it is read back to the same bits; nan and inf, for which JSON has no
    number, are the strings "nan", "inf" and "-inf". An array is {"shape": ..., "elements": ...},
    its elements in order in one list. Nodes and operands are positions in `nodes`.
    """
    trace = s.record.trace
    nodes = [
        {
            "name": s.builder.name(i),
            "kind": trace.kinds[i],
            "op": None if op is None else op.name,
            "operands": trace.operands[i],
            "local_gradients": trace.local_gradients[i],
            "data": trace.data[i],
            "grad": trace.grads[i],
            "requires_grad": trace.requires_grad[i],
            "scope": trace.scopes[i],
            "source": trace.sources[i],
        }
        for i, op in enumerate(trace.ops)
    ]
    document = {
        "schema": SCHEMA,
        "version": VERSION,
        "passes": s.passes,
        "symbol": s.builder.symbol,
        "roots": trace.roots,
        "nodes": nodes,
        "steps": [asdict(step) for step in s],
    }
    return json.dumps(_finite(document), ensure_ascii=False, allow_nan=False, indent=1)


def _finite(item: Any) -> Any:
    """Return plain data with each float that JSON has no number for as a string."""
    if isinstance(item, dict):
        return {key: _finite(part) for key, part in item.items()}
    if isinstance(item, list | tuple):
        return [_finite(part) for part in item]
    if isinstance(item, float) and not math.isfinite(item):
        return repr(item)
    if hasattr(item, "shape"):
        return {"shape": item.shape, "elements": _finite(item.ravel().tolist())}
    return item
