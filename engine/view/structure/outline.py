"""The whole graph as boxes in groups: its modules, and what was done over and over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from engine.view.structure.groups import LOOP, MODULE, STAGE, Box, Group, Part, stem
from engine.view.structure.repetition import Folding
from engine.view.structure.stages import staged
from engine.view.structure.tokens import Tokens
from engine.view.trace import CONSTANT, HIDDEN, INPUT, PARAMETER, Trace

DEEPEST = 32  # module paths are cut into so many groups at most
FAR = 6  # nodes made between a node and its operand; more are all the same
FEW = 3  # leaves of one role that are still drawn one by one, if they have names


class Outline:
    """A graph as a tree of groups with boxes in them, and the edges between the boxes.

    Its `length` is the number of steps that the program takes when what it repeats counts once.

    Args:
        trace: the graph.
        folded: whether what is repeated is drawn once.
        strict: whether only what reads its operands from the same places counts as repeated, and
            not already what applies the same ops.
        apart: module paths that are not folded with others.
        complete: whether to `complete` it at once; its `length` is known before.
    """

    def __init__(
        self,
        trace: Trace,
        folded: bool,
        strict: bool = True,
        apart: Collection[str] = (),
        complete: bool = True,
    ) -> None:
        self.trace = trace
        self._tokens = Tokens()
        self._folded = folded
        self._strict = strict
        self._apart = frozenset(apart)
        self.top = self._tree()
        self.box_of: list[Box | None] = [None] * len(trace)
        if complete:
            self.complete()

    def complete(self) -> None:
        """Make the stages, the boxes, the edges and the keys of the groups."""
        if self._folded:
            self._add_stages(self.top)
        self._place(self.top)
        self._add_leaves()
        self.edges = self._edges()
        self.groups = self._named_groups()

    def _tree(self) -> Group:
        """Return the groups of the interior nodes: one for each call of a module, then folded."""
        trace, tokens, roots = self.trace, self._tokens, set(self.trace.roots)
        path: list[str] = []
        first = 0  # the first node of the innermost call
        open_calls: list[tuple[list[Part], list[int]]] = [([], [])]
        for i, op in enumerate(trace.ops):
            if op is None:
                continue
            scope = trace.scopes[i]
            wanted = scope.split("/", DEEPEST - 1) if scope is not None else []
            if wanted != path:
                first = i if wanted else 0
                shared = _shared(path, wanted)
                while len(path) > shared:
                    self._close(path, open_calls)
                for name in wanted[shared:]:
                    path.append(name)
                    open_calls.append(([], []))
            parts, contents = open_calls[-1]
            parts.append(i)
            if i in roots:
                contents.append(tokens.result(op.name, i))
            else:
                contents.append(tokens.op(op.name, *self._reads(i, first)))
        while path:
            self._close(path, open_calls)
        parts, contents = open_calls[0]
        parts, contents = self._fold(parts, contents)
        self.length = len(parts)
        return Group(MODULE, -1, parts)

    def _add_stages(self, top: Group) -> None:
        """Cut what is still long into stages."""
        groups = [top]
        for group in groups:  # the list grows while it is walked
            group.parts = staged(group.parts, self.trace.operands)
            groups += [part for part in group.parts if isinstance(part, Group)]

    def _close(self, path: list[str], open_calls: list[tuple[list[Part], list[int]]]) -> None:
        """Make the group of the innermost call, which has come to its end."""
        scope = "/".join(path)
        name = path.pop()
        parts, contents = open_calls.pop()
        tokens, times = self._tokens, (1, 1)
        parts, contents = self._fold(parts, contents)
        if scope in self._apart:
            token = tokens.apart(scope, contents)
        else:
            token = tokens.call(stem(name), contents)
        if len(parts) == 1 and isinstance(parts[0], Group) and parts[0].kind == LOOP:
            parts, times = parts[0].parts, parts[0].times
        outer_parts, outer_contents = open_calls[-1]
        outer_parts.append(Group(MODULE, token, parts, [name], times, [scope]))
        outer_contents.append(token)

    def _fold(self, parts: list[Part], contents: list[int]) -> tuple[list[Part], list[int]]:
        if not self._folded:
            return parts, contents
        folding = Folding(parts, contents, self.trace.operands, self._tokens, self._strict)
        folding.run()
        return folding.parts, folding.contents

    def _reads(self, i: int, first: int) -> list[object]:
        """Return where a node reads from, so far as it is the same in every turn of a loop.

        Args:
            i: the node.
            first: the first node of its call, before which nothing is told apart.
        """
        trace = self.trace
        if not self._strict:
            return []
        operands, kinds = trace.operands[i], trace.kinds
        read = operands if len(operands) <= FEW else (operands[0], operands[-1])
        return [
            len(operands),
            *[
                FAR
                if operand == HIDDEN
                else kinds[operand]
                if trace.ops[operand] is None
                else min(i - operand, FAR)
                if operand >= first
                else FAR
                for operand in read
            ],
        ]

    def _place(self, top: Group) -> None:
        """Give every group and box its place in the order of creation, and nodes their box."""
        groups = [top]
        for group in groups:  # the list grows while it is walked
            group.parts = [Box([part]) if isinstance(part, int) else part for part in group.parts]
            for part in group.parts:
                part.parent = group
                if isinstance(part, Group):
                    groups.append(part)
                else:
                    for node in part.nodes:
                        self.box_of[node] = part
        for place, part in enumerate(top.contents(), start=1):
            part.place = place

    def _add_leaves(self) -> None:
        """Put the leaves into boxes, and the boxes into groups."""
        trace = self.trace
        readers: dict[int, dict[int, Box]] = {i: {} for i, op in enumerate(trace.ops) if op is None}
        for i, operands in enumerate(trace.operands):
            box = self.box_of[i]
            for operand in operands:
                if box is not None and operand in readers:
                    readers[operand][box.place] = box
        homes = self._homes_by_scope()
        roles: dict[tuple[object, ...], list[int]] = {}
        home_of: dict[tuple[object, ...], Group] = {}
        for leaf, boxes in readers.items():
            kind, scope = trace.kinds[leaf], trace.scopes[leaf]
            home = homes.get(scope) if scope is not None and kind != INPUT else None
            home = home or self._common_group(list(boxes.values()), kind)
            role: tuple[object, ...] = (kind, home.place, *boxes)
            if not self._folded or leaf in trace.roots:
                role = (leaf,)
            roles.setdefault(role, []).append(leaf)
            home_of[role] = home
        for role, leaves in roles.items():
            for nodes in self._split(leaves):
                self._add_leaf_box(Box(nodes), home_of[role])

    def _split(self, leaves: list[int]) -> list[list[int]]:
        """Keep apart a few leaves that the user gave names to."""
        trace = self.trace
        few = len(leaves) <= FEW and all(trace.labels[i] is not None for i in leaves)
        return [[leaf] for leaf in leaves] if few else [leaves]

    def _add_leaf_box(self, box: Box, home: Group) -> None:
        box.parent = home
        home.leaves.append(box)
        for node in box.nodes:
            self.box_of[node] = box

    def _homes_by_scope(self) -> dict[str, Group]:
        homes: dict[str, Group] = {}
        for part in self.top.contents():
            if isinstance(part, Group):
                for scope in part.scopes:
                    homes.setdefault(scope, part)
        return homes

    def _common_group(self, boxes: list[Box], kind: str) -> Group:
        """Return the innermost group around all readers of a leaf.

        What is given to a module from outside is drawn outside of it.
        """
        chains = [ancestors(box) for box in boxes] or [[self.top]]
        common = self.top
        for level in zip(*chains, strict=False):
            if any(group is not level[0] for group in level):
                break
            common = level[0]
        if kind not in (CONSTANT, PARAMETER):
            while common.kind == MODULE and common.parent is not None:
                common = common.parent
        return common

    def _edges(self) -> Counter[tuple[Box, Box]]:
        """Return how many operands each box takes from each other."""
        edges: Counter[tuple[Box, Box]] = Counter()
        box_of = self.box_of
        for i, operands in enumerate(self.trace.operands):
            box = box_of[i]
            for operand in operands:
                source = None if operand == HIDDEN else box_of[operand]
                if box is not None and source is not None:
                    edges[source, box] += 1
        return edges

    def _named_groups(self) -> dict[str, Group]:
        """Name every group: a module by its path, anything else by what is around it."""
        groups: dict[str, Group] = {}
        for part in self.top.contents():
            if isinstance(part, Group):
                key, count = _key(part), 1
                part.key = f"{key}1" if part.kind == STAGE else key
                while part.key in groups:
                    count += 1
                    part.key = f"{key}{count}"
                groups[part.key] = part
        return groups


def _key(group: Group) -> str:
    if group.kind == MODULE:
        outer, _, name = next(iter(group.scopes)).rpartition("/")
        name = name if len(group.names) == 1 else stem(name)
    else:
        outer, name = group.parent.key if group.parent is not None else "", group.kind
    return f"{outer}/{name}" if outer else name


def _shared(path: list[str], other: list[str]) -> int:
    """Return how many names two paths begin with alike."""
    count = 0
    for name, other_name in zip(path, other, strict=False):
        if name != other_name:
            break
        count += 1
    return count


def ancestors(part: Box | Group) -> list[Group]:
    """Return the groups around a part, the outermost first."""
    groups = []
    group = part.parent
    while group is not None:
        groups.append(group)
        group = group.parent
    return groups[::-1]
