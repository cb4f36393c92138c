"""Mutants of the backward sweep: the mistakes that people make who write one."""
# ruff: noqa: E501 (one break a line)

from __future__ import annotations

from collections.abc import Iterator

from tests.meta.mutant import Mutant, Source

TESTS = (
    "tests/engine/test_graph.py",
    "tests/engine/test_topological_order.py",
    "tests/engine/test_value.py",
    "tests/properties",
    "tests/faults/test_faults_backward.py",
    "tests/faults/test_faults_graph.py",
    "tests/engine/test_transforms.py",
    "tests/engine/test_interrupt.py",
)
GRAPH, SCALAR, VALUE = "engine/graph.py", "engine/scalar.py", "engine/value.py"
ARRAY_NODE, BROADCASTING = "engine/array_node.py", "engine/arrays/broadcasting.py"
BROADCAST_TEST = (
    "tests/testing/test_strategies.py::test_gradients_have_the_shapes_of_what_was_broadcast"
)
MORE_TESTS = {
    VALUE: ("tests/engine/ops/test_fast_paths.py",),
    ARRAY_NODE: (BROADCAST_TEST, "tests/tensor"),
    BROADCASTING: (BROADCAST_TEST, "tests/tensor"),
}
RELEASE = """            a._pending -= 1
            if a._pending == 0:"""
REACH = "            a._pending += 1"

# The file, what is broken, the text as it is, and as it is broken.
BREAKS = [
    (SCALAR, "= for +=", "a._grad += gradient * self._da", "a._grad = gradient * self._da"),
    (SCALAR, "= for +=, one of many", "node._grad += gradient * local", "node._grad = gradient * local"),
    (
        GRAPH,
        "no topological order: a node is taken when it is first reached",
        RELEASE,
        "            if a._pending > 0:\n                a._pending = 0",
    ),
    (
        GRAPH,
        "each consumer counted once more",
        REACH,
        REACH.replace("+= 1", "+= 2 if a._pending else 1"),
    ),
    (
        SCALAR,
        "a set of operands, of two",
        "if isinstance(b, Scalar) and b._requires_grad and floor",
        "if isinstance(b, Scalar) and b is not a and b._requires_grad and floor",
    ),
    (
        SCALAR,
        "a set of operands, of many",
        "in zip(many.operands, many.local_gradients):",
        "in dict(zip(many.operands, many.local_gradients)).items():",
    ),
    (SCALAR, "sign flip, first operand", "a._grad = gradient * self._da", "a._grad = -gradient * self._da"),
    (SCALAR, "sign flip, second operand", "b._grad = gradient * self._db", "b._grad = -gradient * self._db"),
    (SCALAR, "sign flip, one of many", "node._grad = gradient * local", "node._grad = -gradient * local"),
    (SCALAR, "0.1 % scale, first operand", "a._grad = gradient * self._da", "a._grad = gradient * self._da * 1.001"),
    (SCALAR, "0.1 % scale, second operand", "b._grad = gradient * self._db", "b._grad = gradient * self._db * 1.001"),
    (SCALAR, "0.1 % scale, one of many", "node._grad = gradient * local", "node._grad = gradient * local * 1.001"),
    (SCALAR, "the other operand's derivative", "a._grad = gradient * self._da", "a._grad = gradient * self._db"),
    (SCALAR, "dropped factor, first operand", "a._grad = gradient * self._da", "a._grad = gradient"),
    (SCALAR, "dropped factor, second operand", "b._grad = gradient * self._db", "b._grad = gradient"),
    (SCALAR, "dropped factor, one of many", "node._grad = gradient * local", "node._grad = gradient"),
    (SCALAR, "dropped upstream gradient", "a._grad = gradient * self._da", "a._grad = self._da"),
    (SCALAR, "no gradient for the second operand", "if isinstance(b, Scalar) and b._req", "if False and b._req"),
    (SCALAR, "a constant gets a gradient", "if isinstance(a, Scalar) and a._requires_grad and", "if isinstance(a, Scalar) and"),
    (
        SCALAR,
        "a leaf made variable later gets a gradient",
        "if isinstance(a, Scalar) and a._requires_grad and floor < a._index < index:",
        "if isinstance(a, Scalar) and a._requires_grad and floor < a._index:",
    ),
    (SCALAR, "zero_grad does nothing", '        self._has_grad = False\n\n    def __format__', '        pass\n\n    def __format__'),
    (GRAPH, "stale interior gradients", "            node._has_grad = False\n", "            pass\n"),
    (GRAPH, "the seed is ignored", "root._seed(seeds[i])", "root._seed(1.0)"),
    (GRAPH, "the seed is 2", "[1.0] * len(nodes)", "[2.0] * len(nodes)"),
    (GRAPH, "only the first root", "    sweep(nodes, [", "    sweep(nodes[:1], ["),
    (
        GRAPH,
        "an interrupted sweep leaves its counts",
        "        _forget_consumers(found)\n        raise\n\n\n# Kahn",
        "        raise\n\n\n# Kahn",
    ),
    (GRAPH, "a cycle goes unnoticed", "    if visited != len(found):", "    if False:"),
    (GRAPH, "nodes below the floor are swept", "if operand._op is not None and operand._index > floor:\n            if", "if operand._op is not None:\n            if"),
    (VALUE, "sign flip in the fast path of -", "SUBTRACT, a, b, 1.0, -1.0)", "SUBTRACT, a, b, 1.0, 1.0)"),
    (VALUE, "out for in in the fast path of ×", "MULTIPLY, a, b, b._data, a._data)", "MULTIPLY, a, b, b._data, a._data * b._data)"),
    (VALUE, "swapped derivatives in the fast path of ×", "MULTIPLY, a, b, b._data, a._data)", "MULTIPLY, a, b, a._data, b._data)"),
    (VALUE, "dropped factor in the fast path of /", "-out / divisor)", "-out)"),
    (VALUE, "dropped factor in the fast path of **", "slope = exponent * math.pow", "slope = math.pow"),
    (VALUE, "wrong kink in the fast path of relu", "        if x > 0.0:\n            return _record(x, RELU", "        if x >= 0.0:\n            return _record(x, RELU"),
    (VALUE, "in for out in the fast path of exp", "EXP, self, None, out, 0.0)", "EXP, self, None, x, 0.0)"),
    (VALUE, "dropped reciprocal in the fast path of log", "LOG, self, None, 1.0 / x, 0.0)", "LOG, self, None, x, 0.0)"),
    (VALUE, "swapped derivatives in dot", "[*right, *left])", "[*left, *right])"),
    (ARRAY_NODE, "missing un-broadcast", "if part.shape != data.shape:\n            part = np", "if False:\n            part = np"),
    (BROADCASTING, "un-broadcast of new axes only", "(*range(extra), *stretched)", "(*range(extra),)"),
    (VALUE, "0.1 % scale in dot", "total += x * y", "total += x * y * 1.001"),
]  # fmt: skip


def mutants() -> Iterator[Mutant]:
    """Yield all mutants of the sweep."""
    sources = {path: Source(path) for path, *_ in BREAKS}
    for path, kind, old, new in BREAKS:
        text = sources[path].text
        found = text.count(old)
        if found != 1:
            raise AssertionError(f"{path}: {found} places for {kind!r}, where one is needed: {old}")
        tests = (*MORE_TESTS.get(path, ()), *(() if path in (ARRAY_NODE, BROADCASTING) else TESTS))
        line = text[: text.index(old)].count("\n") + 1
        yield Mutant(path, "the sweep", kind, text.replace(old, new), line, tests)
