"""The errors of nn: each says what happened, where, and what to do.

As in `engine.errors`, every class is also the built-in that a caller would naturally catch.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from engine.errors import EngineError


class ChoiceError(EngineError, KeyError, ValueError):
    """A name is none of the choices; the message lists them and the nearest one.

    Wrong: `MLP(2, [4, 1], activation="rely")`.
    Right: `MLP(2, [4, 1], activation="relu")`.
    """

    __str__ = Exception.__str__  # KeyError would show the message in quotes


class LabelError(EngineError, IndexError, ValueError):
    """A target is no label of a class; the message names its row."""


class StateError(EngineError, ValueError):
    """A state dict does not fit its model; the message lists every entry that is wrong."""


class DataError(EngineError, ValueError):
    """A table or a data set cannot be learned from; the message names file, line and column."""


class CheckpointError(EngineError, ValueError):
    """A file does not hold a saved model that can be read; the message names it and the fault."""


class CallbackError(EngineError, RuntimeError):
    """A function given to the Trainer raised; the message names it, the cause is chained."""


class MissingPackageError(EngineError, ImportError):
    """An optional package is not installed; the message is the command that installs it."""


def hint(name: str, choices: Iterable[str]) -> str:
    """Return `"; did you mean 'relu'?"` for the choice nearest to a name, or nothing.

    >>> hint("rely", ["relu", "tanh"])
    "; did you mean 'relu'?"
    """
    near = difflib.get_close_matches(name, list(choices), n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


def unknown(kind: str, name: object, choices: Iterable[str]) -> ChoiceError:
    """Return the error for a name that is none of the choices.

    >>> raise unknown("activation", "rely", ["relu", "tanh"])
    Traceback (most recent call last):
    nn.errors.ChoiceError: unknown activation 'rely'; did you mean 'relu'? choose from relu, tanh
    """
    names = list(choices)
    guess = hint(name, names) if isinstance(name, str) else ""
    separator = " " if guess else ": "
    return ChoiceError(f"unknown {kind} {name!r}{guess}{separator}choose from {', '.join(names)}")
