"""Nested lists, tuples and dicts of numbers and arrays: what functions take and return."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from engine.coercion import as_float, not_a_number
from engine.node import Node
from engine.op import is_array


def leaves(tree: Any, path: str = "") -> list[Any]:
    """Return the numbers, Values, arrays and Tensors of a tree from left to right.

    Args:
        tree: a number, Value, array or Tensor, or a list, tuple or dict of trees.
        path: what the tree is called in errors.

    Raises:
        OperandError: something in the tree is none of these; the message holds its path.

    >>> leaves({"w": [1.0, 2.0], "b": 3.0})
    [1.0, 2.0, 3.0]
    """
    if isinstance(tree, list | tuple):
        return [leaf for i, item in enumerate(tree) for leaf in leaves(item, f"{path}[{i}]")]
    if isinstance(tree, dict):
        return [leaf for key in tree for leaf in leaves(tree[key], f"{path}[{key!r}]")]
    if isinstance(tree, Node) or is_array(tree) or as_float(tree) is not None:
        return [tree]
    raise not_a_number(tree, path or "a tree of numbers")


def replace(tree: Any, new: Iterator[Any]) -> Any:
    """Return a tree of the same shape with its leaves taken from an iterator.

    >>> replace({"w": [1.0, 2.0], "b": 3.0}, iter("xyz"))
    {'w': ['x', 'y'], 'b': 'z'}
    """
    if isinstance(tree, list):
        return [replace(item, new) for item in tree]
    if isinstance(tree, tuple):
        items = [replace(item, new) for item in tree]
        return type(tree)(*items) if hasattr(tree, "_fields") else tuple(items)
    if isinstance(tree, dict):
        return {key: replace(item, new) for key, item in tree.items()}
    return next(new)


def each(tree: Any, function: Callable[[Any], Any]) -> Any:
    """Return a tree of the same shape with a function applied to each leaf."""
    return replace(tree, iter([function(leaf) for leaf in leaves(tree)]))
