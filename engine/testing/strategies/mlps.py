"""Networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

if TYPE_CHECKING:
    from nn import MLP

SMOOTH = ("tanh", "sigmoid", "softplus", "silu", "gelu")


def mlps(
    *,
    inputs: int | None = None,
    outputs: int | None = None,
    max_width: int = 4,
    max_layers: int = 3,
    activations: Sequence[str | None] = SMOOTH,
) -> st.SearchStrategy[MLP]:
    """Return a strategy for small networks with weights of their own.

    Args:
        inputs: the number of inputs; from 1 to `max_width` if not given.
        outputs: the number of outputs; from 1 to `max_width` if not given.
        max_width: the most neurons of a layer.
        max_layers: the most layers.
        activations: the names to choose from; smooth ones if not given, so that differences of a
            network's loss say what its gradient is.

    Raises:
        InvalidArgument: a width or a number of layers is below 1, or there is no activation, or one
            that is not known.

    >>> from hypothesis import find
    >>> mlp = find(mlps(inputs=2, outputs=1), lambda mlp: len(mlp.widths) == 2)
    >>> len(mlp.parameters()), mlp([1.0, -1.0]).requires_grad
    (5, True)
    """
    from nn import MLP  # nn stands on engine: only who asks for networks gets it
    from nn.activations import ACTIVATIONS

    given = [n for n in (max_width, max_layers, inputs, outputs) if n is not None]
    if not all(type(n) is int and n >= 1 for n in given) or not activations:
        raise InvalidArgument(
            f"mlps() needs widths and layers of at least 1 and an activation, got {inputs=}, "
            f"{outputs=}, {max_width=}, {max_layers=}, activations={list(activations)}"
        )
    unknown = [name for name in activations if isinstance(name, str) and name not in ACTIVATIONS]
    if unknown:
        raise InvalidArgument(f"mlps() knows no activation {unknown[0]!r}")
    width = st.integers(1, max_width)
    hidden = st.lists(width, max_size=max_layers - 1)
    last = width if outputs is None else st.just(outputs)
    return st.builds(
        MLP,
        width if inputs is None else st.just(inputs),
        st.tuples(hidden, last).map(lambda drawn: [*drawn[0], drawn[1]]),
        activation=st.sampled_from(activations),
        seed=st.integers(0, 2**32 - 1),
    )
