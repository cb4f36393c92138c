"""The names that the caller's program has for nodes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from inspect import CO_OPTIMIZED
from itertools import islice
from typing import Any

from engine.node import Node
from engine.source import PACKAGES

MOST_ELEMENTS = 50_000  # of lists and their kin that are looked through


def callers_variables() -> dict[int, str]:
    """Return the variables of the function or notebook cell that called into stepgrad."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(PACKAGES):
        frame = frame.f_back
    inner, outer = frame.f_locals, frame.f_globals
    if inner is outer:
        return variables(outer)
    names = variables({**inner, **outer, **inner})  # inner first
    if type(inner) is dict and frame.f_code.co_flags & CO_OPTIMIZED:
        inner.clear()  # a copy that Python up to 3.12 keeps with the frame, and the graph with it
    return names


def variables(namespace: Mapping[str, Any]) -> dict[int, str]:
    """Return the name of every node that a namespace holds, by creation index.

    Args:
        namespace: names and what they stand for, as `globals()` gives it.

    A node of several names takes the first bound; names that start with "_" are passed over. Nodes
    in lists, tuples and dicts are called ``x[0]``, ``w[1][2]``, ``p["rate"]``, if they have no
    name of their own.

    >>> from engine import Value
    >>> a = Value(2.0)
    >>> variables({"a": a, "b": a}) == {a.index: "a"}
    True
    """
    names: dict[int, str] = {}
    shown = {name: item for name, item in namespace.items() if not str(name).startswith("_")}
    for name, item in shown.items():
        if isinstance(item, Node):
            names.setdefault(item.index, str(name))
    for element, place in islice(_elements(shown), MOST_ELEMENTS):
        if isinstance(element, Node):
            names.setdefault(element.index, place)
    return names


def _elements(namespace: Mapping[str, Any]) -> Iterator[tuple[Any, str]]:
    """Yield what the lists, tuples and dicts of a namespace hold, and what those hold in turn."""
    for name, item in namespace.items():
        for part, place in _parts(item, str(name)):
            yield part, place
            yield from _parts(part, place)


def _parts(item: Any, name: str) -> Iterable[tuple[Any, str]]:
    if type(item) is dict:
        keys = [key for key in islice(item, MOST_ELEMENTS) if type(key) in (str, int)]
        return [(item[key], f"{name}[{key!r}]") for key in keys]
    if type(item) in (list, tuple) and item and isinstance(item[0], (Node, list, tuple)):
        return [(part, f"{name}[{i}]") for i, part in enumerate(islice(item, MOST_ELEMENTS))]
    return ()
