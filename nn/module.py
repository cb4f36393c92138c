"""Module: whatever has parameters, and the modules inside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from numbers import Real
from typing import Any, Self

from engine import scope
from engine.errors import GraphError, OperandError
from engine.node import Node
from engine.op import is_array
from nn.errors import StateError, hint
from nn.summary import size_of, table_of

SINGULAR = ("bias", "ss", "us", "is")  # ends of names whose s makes no plural


class Module:
    """Hold parameters and other modules as plain attributes, and find them by their names.

    A leaf Value or Tensor with `requires_grad` is a parameter, a Module is a child; both are found
    in lists, tuples and dicts too. `self.layers = [a, b]` names its parts layer0 and layer1,
    `self.w` of Values w0, w1 and so on. A call runs `forward` and marks each node that it
    makes with the path of the module.

    >>> from engine import Value
    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.offset = Value(2.0), Value(1.0)
    ...
    ...     def forward(self, x):
    ...         return self.slope * x + self.offset
    >>> line = Line()
    >>> line(3.0).data
    7.0
    >>> line.state_dict()
    {'slope': 2.0, 'offset': 1.0}
    >>> line
    Line(2 parameters)
    """

    training: bool = True
    _path: str | None = None

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """Return the output for the inputs; every module defines its own."""
        raise NotImplementedError(f"{type(self).__name__} has no forward(); define it")

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """Run `forward` inside the scope of this module."""
        with scope(self.path):
            return self.forward(*inputs, **options)

    @property
    def path(self) -> str:
        """Say where this module stands, as "mlp/layer0/neuron2"; a root is named by its class."""
        return self._path or type(self).__name__.lower()

    @property
    def output_width(self) -> int | None:
        """Count the numbers that come out, where that is known beforehand."""
        return None

    def parameters(self) -> list[Any]:
        """Return the parameters in the order of their attributes, a shared one once."""
        return [parameter for _, parameter in self.named_parameters()]

    def named_parameters(self) -> list[tuple[str, Any]]:
        """Return the parameters as pairs ("layer0.neuron2.w1", Value), a shared one once.

        Raises:
            StateError: two of them have one name.
        """
        return [(name, leaf) for name, leaf in self._leaves().items() if leaf.requires_grad]

    def children(self) -> list[tuple[str, Module]]:
        """Return the modules that this one holds itself as pairs ("layer0", Module)."""
        return [(name, member) for name, member in self._members() if isinstance(member, Module)]

    def modules(self) -> list[Module]:
        """Return this module and all below it, from the top down, a shared one once."""
        return [module for _, module in self._walk()]

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to None, "not computed yet"."""
        for parameter in self.parameters():
            parameter.zero_grad()

    def train(self, mode: bool = True) -> Self:
        """Set `training` here and on all modules below; return this module."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Set `training` to False here and on all modules below; return this module."""
        return self.train(False)

    def state_dict(self) -> dict[str, Any]:
        """Return the number of every leaf Value, and a copy of the array of every leaf Tensor, by
        its name; of frozen ones too.
        """
        return {
            name: leaf.data.copy() if is_array(leaf) else leaf.data
            for name, leaf in self._leaves().items()
        }

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> None:
        """Set every leaf to its number or array in `state`: all of them, or none on an error.

        Args:
            state: numbers and arrays by name, as `state_dict` returns them.
            strict: False passes over entries that are missing or extra.

        Raises:
            StateError: entries are missing, extra or no number; the message lists all of them.
            OperandError: the state is no mapping.
        """
        if not isinstance(state, Mapping):
            raise OperandError(f"a state maps names to numbers, got {type(state).__name__}")
        leaves = self._leaves()
        faults = [
            fault
            for name, item in state.items()
            if name in leaves and (fault := misfit(name, leaves[name], item))
        ]
        if strict:
            faults += [f"{name} is missing" for name in leaves if name not in state]
            faults += [f"{name} is not in the model" for name in state if name not in leaves]
        if faults:
            raise StateError(f"the state does not fit {self.path}: {'; '.join(faults)}")
        for name, leaf in leaves.items():
            if name in state:
                leaf.data = state[name]

    def config(self) -> dict[str, Any] | None:
        """Return the arguments that make such a module anew, as JSON holds them, or None."""
        return None

    def extra_repr(self) -> str:
        """Return what `repr` shows in the brackets: here the number of parameters."""
        count = self._count()
        return f"{count} parameter{'' if count == 1 else 's'}"

    def summary(self) -> str:
        """Return a table of the modules, their parameters and the width of their output.

        Equal neighbours share a line. A module with several names is counted once, where it comes
        first, and said to be shared; a parameter that two modules share is counted in both lines,
        and once above them.
        """
        return table_of(self)

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__}({self.extra_repr()})"]
        groups = self._groups()
        for place, (names, module, _) in enumerate(groups):
            edge, beside = ("└─", "  ") if place == len(groups) - 1 else ("├─", "│ ")
            first, *rest = repr(module).splitlines()
            lines += [f"{edge} {names}: {first}", *(f"{beside} {line}" for line in rest)]
        return "\n".join(lines)

    def __setattr__(self, name: str, value: Any) -> None:
        members = list(_members(name, value))
        for _, member in members:
            if isinstance(member, Module) and self in member.modules():
                raise GraphError(f"{member.path} holds {self.path}, so it cannot be put inside it")
        object.__setattr__(self, name, value)
        for member_name, member in members:
            if isinstance(member, Module):
                member._place(f"{self.path}/{member_name}")
            else:
                _mark(member, member_name, self.path)

    def __getattr__(self, name: str) -> Any:
        if hasattr(type(self), name):  # a property failed inside: its own error is the one to see
            return object.__getattribute__(self, name)
        known = [known for known in dir(self) if not known.startswith("_")]
        # Only the name is passed on: given the object too, Python would add a guess of its own.
        raise AttributeError(
            f"{type(self).__name__} has no attribute {name!r}{hint(name, known)}", name=name
        )

    def _place(self, path: str) -> None:
        """Rename this module and all below it after the place where it was put."""
        marked: set[Any] = set()
        for names, module in self._walk():
            module.__dict__["_path"] = "/".join((path, *names))
            for name, member in module._members():
                if isinstance(member, Node) and member not in marked:
                    marked.add(member)
                    _mark(member, name, module.path)

    def _members(self) -> Iterator[tuple[str, Any]]:
        for name, item in vars(self).items():
            yield from _members(name, item)

    def _walk(self) -> Iterator[tuple[tuple[str, ...], Module]]:
        """Yield this module and all below it with their names, each once, from the top down."""
        seen: set[int] = set()
        stack: list[tuple[tuple[str, ...], Module]] = [((), self)]
        while stack:
            names, module = stack.pop()
            if id(module) not in seen:
                seen.add(id(module))
                yield names, module
                stack += [((*names, name), child) for name, child in reversed(module.children())]

    def _leaves(self) -> dict[str, Any]:
        leaves: dict[str, Any] = {}
        seen: set[Any] = set()
        for names, module in self._walk():
            for name, member in module._members():
                if isinstance(member, Node) and member.op is None and member not in seen:
                    seen.add(member)
                    full = ".".join((*names, name))
                    if full in leaves:
                        raise StateError(f"two Values are called {full}; rename an attribute")
                    leaves[full] = member
        return leaves

    def _count(self) -> int:
        """Return how many numbers the parameters hold."""
        return size_of(self.parameters())

    def _groups(self) -> list[tuple[str, Module, int]]:
        """Return the children, neighbours that look alike as one: its names, the first, a count."""
        groups = []
        for _, alike in groupby(self.children(), key=lambda child: repr(child[1])):
            names, modules = zip(*alike, strict=True)
            several = len(names) > 1
            groups.append(
                (f"{names[0]}…{names[-1]}" if several else names[0], modules[0], len(names))
            )
        return groups


def _members(name: str, item: Any) -> Iterator[tuple[str, Any]]:
    """Yield the Values and Modules that an attribute holds, each with its name."""
    if isinstance(item, (Node, Module)):
        yield name, item
    elif isinstance(item, (list, tuple)):
        stem = name if name.endswith(SINGULAR) else name.removesuffix("s") or name
        if stem[-1].isdigit():  # so that m[1][11] and m[11][1] differ: m1_11, m11_1
            stem += "_"
        for index, part in enumerate(item):
            yield from _members(f"{stem}{index}", part)
    elif isinstance(item, dict):
        for key, part in item.items():
            yield from _members(f"{name}_{key}", part)


def misfit(name: str, leaf: Any, item: Any) -> str | None:
    """Return what is wrong with what a leaf shall be set to, or None."""
    if is_array(leaf):
        shape = getattr(item, "shape", None)
        if shape == leaf.shape:
            return None
        found = f"of shape {shape}" if shape is not None else repr(item)
        return f"{name} is {found} and not an array of shape {leaf.shape}"
    if isinstance(item, bool) or not isinstance(item, Real):
        return f"{name} is {item!r} and not a number"
    return None


def _mark(leaf: Any, name: str, path: str) -> None:
    """Tell a leaf where it stands, and its name if nobody gave it one."""
    if leaf.op is None:
        leaf.scope = path
        if leaf.label is None:
            leaf.label = name
