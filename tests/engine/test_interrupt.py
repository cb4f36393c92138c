"""Ctrl-C in the middle of a sweep leaves a graph that can be used."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

import engine
from engine import Value, topological_order

pytestmark = pytest.mark.skipif(
    engine.compiled, reason="a compiled sweep hears of Ctrl-C only when it is done"
)


class Interrupter:
    """Raises KeyboardInterrupt at one line of the sweep, as the signal's handler would."""

    def __init__(self, line: int) -> None:
        self.line = line
        self.seen = 0

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Callable[..., Any] | None:
        """Follow the frames of the engine alone."""
        if not frame.f_code.co_filename.endswith(("graph.py", "value.py")):
            return None
        if event == "line":
            self.seen += 1
            if self.seen == self.line:
                raise KeyboardInterrupt
        return self


def interrupted(walk: Callable[[], object], line: int) -> bool:
    """Run a walk with an interrupt at its n-th line; return whether it came before the end."""
    tracer = sys.gettrace()
    sys.settrace(Interrupter(line))
    try:
        walk()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(tracer)
    return False


def graph() -> tuple[Value, Value, Value]:
    """Return a leaf, an interior node that is shared, and the root."""
    x = Value(3.0)
    h = x * 2
    return x, h, engine.sum([h * h, h, x]) + h


@pytest.mark.parametrize("walk", ["backward", "topological_order"])
def test_a_walk_cut_short_at_any_line_can_be_done_again(walk):
    lines = 0
    while True:
        lines += 1
        x, h, y = graph()
        order = topological_order([y])
        run = y.backward if walk == "backward" else lambda: topological_order([y])  # noqa: B023
        if not interrupted(run, lines):
            break
        assert topological_order([y]) == order
        x.zero_grad()
        y.backward()
        assert (h.grad, x.grad) == (14.0, 29.0)  # dy/dh = 2h + 1 + 1, dy/dx = 2·14 + 1
    assert lines > 100, "the interrupts did not reach into the sweep"
