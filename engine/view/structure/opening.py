"""Which groups of an outline are open."""

from __future__ import annotations

from collections.abc import Iterable

from engine.errors import GraphError
from engine.view.structure.groups import Group
from engine.view.structure.outline import Outline


def opened_within(outline: Outline, most: int, expand: Iterable[str] = ()) -> set[Group]:
    """Return the groups to open: those asked for, then the outer and small ones.

    Args:
        outline: the whole graph.
        most: the number of boxes and closed groups that may be visible.
        expand: keys of groups, or the module paths that lie in them.

    Raises:
        GraphError: there is no such group.
    """
    opened: set[Group] = set()
    for key in expand:
        opened |= path_to(found(outline, key))
    count = len(outline.top.parts) + len(outline.top.leaves)
    count += sum(_growth(group) for group in opened if group.chain() == [group])
    level = [part for part in outline.top.parts if isinstance(part, Group)]
    while level:
        growth = sum(_growth(group) for group in level if group not in opened)
        if count + growth <= most:  # all or none, so that like is drawn alike
            opened |= {part for group in level for part in group.chain()}
            count += growth
        inner = [group.chain()[-1] for group in level if group in opened]
        level = [part for group in inner for part in group.parts if isinstance(part, Group)]
    return opened


def path_to(group: Group) -> set[Group]:
    """Return a group with all that must be open for its contents to be visible."""
    path = set(group.chain())
    outer = group.parent
    while outer is not None and outer.parent is not None:
        path.add(outer)
        outer = outer.parent
    return path


def found(outline: Outline, key: str) -> Group:
    """Return the group of a key or a module path.

    Raises:
        GraphError: there is none; the message lists some that there are.
    """
    if key in outline.groups:
        return outline.groups[key]
    for group in outline.groups.values():
        if key in group.scopes:
            return group
    known = list(outline.groups)
    some = ", ".join(map(repr, known[:10])) + (", ..." if len(known) > 10 else "")
    raise GraphError(
        f"the picture has no group {key!r} to expand; it has "
        + (some or "no groups: the graph is drawn in full")
    )


def _growth(group: Group) -> int:
    """Return by how many items a picture grows when a group opens."""
    inner = group.chain()[-1]
    return len(inner.parts) + len(inner.leaves) - 1
