"""Running NumPy by IEEE 754: an overflow or a 0/0 gives inf or nan, and no warning.

Compiled with mypyc where a C compiler was at hand at install, plain Python otherwise.

`np.errstate` around every op would cost more than most ops. Its setting is a context variable, and
to set that alone costs a tenth: `token = silence()`, and at the end `restore(token)`.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np


def _setting() -> tuple[Any, Any]:
    """Return the variable that `np.seterr` sets, and what it sets to silence NumPy."""
    context = contextvars.Context()
    context.run(partial(np.seterr, all="ignore"))
    ((variable, silent),) = context.items()
    return variable, silent


_SETTING: Final = _setting()
VARIABLE: Final[Any] = _SETTING[0]
SILENT: Final[Any] = _SETTING[1]
silence: Final[Any] = partial(VARIABLE.set, SILENT)
restore: Final[Any] = VARIABLE.reset


def is_silent() -> bool:
    """Return whether NumPy is silent here already, as inside a sweep."""
    return VARIABLE.get(None) is SILENT


def quietly(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a function of arrays gives, with NumPy's floating-point warnings off.

    >>> float(quietly(np.log, np.zeros(1))[0])
    -inf
    """
    token = silence()
    try:
        return function(*arguments)
    finally:
        restore(token)
