"""From the strongest oracle to the weakest: which of them is asked of an op."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any

from engine.errors import MissingExtra, NumberError
from engine.testing.oracles.complex_step import ComplexStep
from engine.testing.oracles.differences import Differences
from engine.testing.oracles.dual_numbers import DualNumbers
from engine.testing.oracles.local import LocalOracle, NotApplicable, Slope

AUTO = "auto"
NAMES = ("mpmath", "complex_step", "dual", "differences")


def oracles(name: str) -> list[LocalOracle]:
    """Return the oracles to ask in turn.

    Args:
        name: "auto", or the name of the one oracle that is wanted.

    Raises:
        NumberError: there is no oracle of that name.
        MissingExtra: it needs mpmath, which is not installed.
    """
    if name not in (AUTO, *NAMES):
        raise NumberError(f"oracle={name!r} is none of {', '.join((AUTO, *NAMES))}")
    return _oracles(name)


@cache
def _oracles(name: str) -> list[LocalOracle]:
    if find_spec("mpmath") is None:
        if name == "mpmath":
            raise MissingExtra(
                "oracle='mpmath' needs mpmath, which is not installed: "
                'pip install "stepgrad[testing]"'
            )
        ladder: list[LocalOracle] = []
    else:
        from engine.testing.oracles.closed_form import ClosedForm  # mpmath takes its time to import

        ladder = [ClosedForm()]
    ladder += [ComplexStep(), DualNumbers(), Differences()]
    return [oracle for oracle in ladder if name in (AUTO, oracle.name)]


def ask(
    ladder: Sequence[LocalOracle], op: Any, operands: Sequence[float], out: float
) -> tuple[LocalOracle, list[Slope | None]]:
    """Return the first oracle that applies to an op at a point, and the derivatives there.

    Raises:
        NotApplicable: none applies; the message is that of the strongest that knows the op.
    """
    first: NotApplicable | None = None
    for oracle in ladder:
        try:
            return oracle, oracle.slopes(op, operands, out)
        except NotApplicable as error:
            if error.final:
                raise
            first = first or error
    raise first or NotApplicable(f"no oracle knows {op.name}")
