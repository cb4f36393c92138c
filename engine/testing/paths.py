"""What a function and its inputs are called."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any


def name_of(function: Any) -> str:
    """Return what a function is called; an object that is called goes by its class.

    >>> name_of(functools.partial(pow, 2)), name_of(functools.partial)
    ('pow', 'partial')
    """
    while isinstance(function, functools.partial):
        function = function.func
    names = (getattr(function, name, None) for name in ("__name__", "name"))
    return next((name for name in names if isinstance(name, str)), type(function).__name__)


def paths_of(function: Callable[..., Any], arguments: Sequence[Any]) -> list[str]:
    """Return the name of every number of the arguments, from left to right.

    >>> paths_of(lambda x, p: x, [1.0, {"w": [2.0, 3.0]}])
    ['x', "p['w'][0]", "p['w'][1]"]
    """
    names = parameters(function, len(arguments))
    return [
        path for name, tree in zip(names, arguments, strict=True) for path in _paths(tree, name)
    ]


def parameters(function: Callable[..., Any], count: int) -> list[str]:
    """Return what the first so many parameters of a function are called."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    if [p.kind for p in parameters] == [inspect.Parameter.VAR_POSITIONAL]:  # as of an op
        return [f"operand {i}" for i in range(count)]
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [names[i] if i < len(names) else f"input {i}" for i in range(count)]


def _paths(tree: Any, name: str) -> Iterator[str]:
    if isinstance(tree, list | tuple):
        for i, item in enumerate(tree):
            yield from _paths(item, f"{name}[{i}]")
    elif isinstance(tree, dict):
        for key, item in tree.items():
            yield from _paths(item, f"{name}[{key!r}]")
    else:
        yield name
