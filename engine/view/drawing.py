"""draw: a picture of a graph or of a network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from engine.errors import NumberError, OperandError
from engine.node import Node

if TYPE_CHECKING:  # what draws is imported when something is drawn
    from engine.view.picture.picture import Picture

DIRECTIONS = ("LR", "TB", "RL", "BT")
MAX_NODES = 150


def draw(
    root: Any,
    *,
    names: Mapping[str, Any] | None = None,
    collapse: bool | Literal["auto"] = "auto",
    expand: str | Iterable[str] = (),
    focus: Node | str | None = None,
    radius: int | None = None,
    max_nodes: int | None = None,
    direction: str = "LR",
    precision: int = 4,
    sample: Sequence[float] | None = None,
) -> Picture:
    """Draw the graph that a Value or a Tensor was computed by, or a network of neurons.

    Args:
        root: a Value or a Tensor, several of them, or a network: an `nn.MLP`, its twin of Tensors,
            or a Sequential of Linear layers and activations.
        names: names of nodes, as `globals()` gives them; the caller's variables if not given. A
            label goes before them.
        collapse: whether to draw a module as one box, and what is repeated once: True, False, or
            "auto", which does so above `max_nodes` nodes, and without `max_nodes` above 50 already
            where the graph consists of few modules and repetitions.
        expand: the groups to open, by the names that the picture gives them; "all" opens all that
            `max_nodes` allows.
        focus: a node of the graph or its name: draw only what is around it.
        radius: how many operands or results away from `focus`; 2 if not given.
        max_nodes: the most boxes that are drawn, 150 if not given; a notice says what is left out.
        direction: of the flow: "LR" for left to right, or "TB", "RL", "BT".
        precision: the significant digits of numbers.
        sample: for a network, the inputs whose activations are shown, one number an input.

    Raises:
        OperandError: the root is nothing that can be drawn.
        GraphError: `focus` or `expand` names what is not there.
        NumberError: another argument cannot be used.

    The picture shows itself in a notebook; `.save("x.svg")` writes it to a file. It is a snapshot.

    >>> from engine import Value
    >>> a = Value(2.0)
    >>> y = a * a
    >>> y.backward()
    >>> print(draw(y))
    y = a × a  data 4  grad 1
    ├─ a  data 2  grad 4
    └─ a  data 2  grad 4
    """
    known = isinstance(direction, str) and direction in DIRECTIONS
    _check("direction", direction, known, f"one of {', '.join(DIRECTIONS)}")
    known = isinstance(collapse, bool | str) and collapse in (True, False, "auto")
    _check("collapse", collapse, known, 'True, False or "auto"')
    for name, number, least in (
        ("max_nodes", MAX_NODES if max_nodes is None else max_nodes, 1),
        ("precision", precision, 1),
        ("radius", 0 if radius is None else radius, 0),
    ):
        whole = isinstance(number, int) and not isinstance(number, bool)
        _check(name, number, whole and number >= least, f"a whole number from {least} on")
    if names is not None and not isinstance(names, Mapping):
        raise OperandError(f"names maps names to Values, got {type(names).__name__}")
    keys = [expand] if isinstance(expand, str) else _list_of_names(expand)
    if hasattr(root, "layers") and not isinstance(root, Node):
        from engine.view.network.diagram import network_picture

        return network_picture(root, sample, direction, precision)
    from engine.view.names import callers_variables, variables
    from engine.view.picture.survey import Survey

    survey = Survey(
        _roots(root),
        callers_variables() if names is None else variables(names),
        max_nodes=MAX_NODES if max_nodes is None else max_nodes,
        direction=direction,
        precision=precision,
    )
    if focus is not None:
        return survey.around(focus, 2 if radius is None else radius)
    return survey.whole(collapse, keys, max_nodes is None)


def draw_dot(root: Any, format: str = "svg", rankdir: str = "LR") -> Picture:
    """Draw a graph, as micrograd spells it.

    Args:
        root: a Value or a Tensor.
        format: of the file that `.render(filename)` writes: svg, png, pdf, ...
        rankdir: "LR" for left to right or "TB" for top to bottom.
    """
    picture = draw(root, direction=rankdir)
    picture.format = format
    return picture


def _roots(root: Any) -> list[Node]:
    roots = [root] if isinstance(root, Node) else root
    if not isinstance(roots, (list, tuple)) or not roots:
        raise _cannot_draw(root)
    for node in roots:
        if not isinstance(node, Node):
            raise _cannot_draw(node)
    return list(roots)


def _list_of_names(expand: Any) -> list[str]:
    names = list(expand) if isinstance(expand, Iterable) else [expand]
    for name in names:
        if not isinstance(name, str):
            raise OperandError(f"expand takes the name of a group, or several, got {name!r:.40}")
    return names


def _cannot_draw(x: Any) -> OperandError:
    return OperandError(
        "draw() takes a Value or a Tensor, a list of them or a network such as an nn.MLP, got "
        f"{type(x).__name__} {x!r:.40}"
    )


def _check(name: str, given: object, fine: bool, wanted: str) -> None:
    if not fine:
        raise NumberError(f"{name} must be {wanted}, got {given!r}")
