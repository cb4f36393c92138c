"""Running NumPy by IEEE 754: an overflow or a 0/0 gives inf or nan, and no warning.

`np.errstate` around every op would cost more than most ops. Its setting is a context variable, so
functions run inside a copied context that has it already, which costs a tenth.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import Any

import numpy as np


class Quiet(threading.local):
    """The context of one thread in which NumPy is silent, and whether the thread is inside it."""

    def __init__(self) -> None:
        self.inside = False
        context = contextvars.copy_context()
        context.run(np.seterr, all="ignore")
        self.run = context.run


QUIET = Quiet()


def quietly(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a function of arrays gives, with NumPy's floating-point warnings off.

    >>> float(quietly(np.log, np.zeros(1))[0])
    -inf
    """
    if QUIET.inside:  # a context cannot be entered twice
        return function(*arguments)
    QUIET.inside = True
    try:
        return QUIET.run(function, *arguments)
    finally:
        QUIET.inside = False
