"""Which tests are run on a mutant of an op: those that bear the op's name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tests.meta.mutant import Mutant

TESTS = "tests/engine/ops"


def of_op(mutant: Mutant, collected: Sequence[str]) -> list[str]:
    """Return the tests to run on a mutant of an op, the likeliest to fail first.

    Args:
        mutant: the mutant.
        collected: the names of all tests of ops.

    Raises:
        RuntimeError: no test bears the op's name.
    """
    named = re.compile(rf"::\w+\[{re.escape(mutant.subject)}[\]\[-]")
    chosen = [test for test in collected if named.search(test)]
    if not chosen:
        raise RuntimeError(f"there is no test of {mutant.subject}")
    first = "test_values" if "value of" in mutant.kind else "test_derivatives"
    if mutant.kind.startswith(("promised", "wrong kink")):
        first = "test_kinks"
    return sorted(chosen, key=lambda test: first not in test)
