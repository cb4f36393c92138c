"""Running NumPy by IEEE 754: an overflow or a 0/0 gives inf or nan, and no warning.

Compiled with mypyc where a C compiler was at hand at install, plain Python otherwise.

`np.errstate` around every op would cost more than most ops. Its setting is a context variable, so
functions run inside a copied context that has it already, which costs a tenth.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import Any, Final

import numpy as np

THREAD: Final[Any] = threading.local()
"""Of each thread: `run`, of its context in which NumPy is silent, and whether it is `inside`."""


def quietly(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a function of arrays gives, with NumPy's floating-point warnings off.

    >>> float(quietly(np.log, np.zeros(1))[0])
    -inf
    """
    thread = THREAD
    inside = getattr(thread, "inside", None)
    if inside is None:
        context = contextvars.copy_context()
        context.run(np.seterr, all="ignore")
        thread.run = context.run
    elif inside:  # a context cannot be entered twice
        return function(*arguments)
    thread.inside = True
    try:
        return thread.run(function, *arguments)
    finally:
        thread.inside = False
