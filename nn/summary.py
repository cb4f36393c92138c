"""The table of a network: its modules, their parameters and the width of their output."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from engine.op import is_array

Row = tuple[str, str, str]


def table_of(root: Any) -> str:
    """Return the table of a module and all below it, as `Module.summary` does."""
    rows = [("module", "parameters", "output width"), *_rows(root.path, [root], 0, {id(root): ""})]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        f"{name:{widths[0]}}  {count:>{widths[1]}}  {width:>{widths[2]}}"
        for name, count, width in rows
    )


def _rows(
    name: str, modules: Sequence[Any], depth: int, seen: dict[int, str], shared: bool = False
) -> Iterator[Row]:
    """Yield the row of modules that look alike, and those of what is below them.

    Args:
        name: of the modules.
        modules: each once.
        depth: how far below the root.
        seen: the paths of the modules that have a row, by identity.
        shared: whether one of the modules has several names.
    """
    first = modules[0]
    parameters = {id(p): p for module in modules for p in module.parameters()}.values()
    kind = type(first).__name__ + (f" ×{len(modules)}" if len(modules) > 1 else "")
    yield _row(depth, name, kind + ", shared" * shared, f"{size_of(parameters):,}", first)
    stop = 0
    for names, child, alike in first._groups():
        start, stop = stop, stop + alike
        children = [child for module in modules for _, child in module.children()[start:stop]]
        new = list({id(child): child for child in children if id(child) not in seen}.values())
        if new:
            path = ".".join(filter(None, (seen[id(first)], names)))
            seen.update(dict.fromkeys(map(id, new), path))
            yield from _rows(names, new, depth + 1, seen, shared=len(new) < len(children))
        else:
            kind = f"{type(child).__name__}, shared with {seen[id(child)]}"
            yield _row(depth + 1, names, kind, "–", child)


def _row(depth: int, name: str, kind: str, count: str, module: Any) -> Row:
    return f"{'  ' * depth}{name} ({kind})", count, str(module.output_width or "–")


def size_of(parameters: Iterable[Any]) -> int:
    """Return how many numbers parameters hold."""
    return sum([p.size if is_array(p) else 1 for p in parameters])
