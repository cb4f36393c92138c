"""Whole screens of the stepper in a terminal, line by line."""

from __future__ import annotations

import os
import re
from textwrap import dedent

import pytest

import engine
from engine import Value
from engine.view.stepper.screen import _drawn, _window, screen

KEYS = "n next   p previous   g go to   Home first   End last   h predict   q quit"
PREDICTING = "n next   p previous   a answer   r reveal   h stop predicting   q quit"


def classic(phase="backward"):
    a, b = Value(-2.0, "a"), Value(3.0, "b")
    d, e = a * b, a + b
    f = d * e
    d.label, e.label, f.label = "d", "e", "f"
    return engine.steps(f, phase)


def long():
    y = Value(1.0, "x")
    for i in range(60):
        y = y * 1.01
        y.label = f"y{i}"
    return engine.steps(y)


def seen(s, index, columns=80, lines=24, colour=False, message="", **more):
    size = os.terminal_size((columns, lines))
    return screen(s, index, size, colour, message, **more)


def lines(text):
    return dedent(text).strip("\n").split("\n")


def test_a_step_of_the_backward_pass():
    assert seen(classic(), 1) == [
        *lines("""
            backward pass from f
            order   [f] e d

            step 1/3  f = d × e = -6   upstream ∂f/∂f = 1
                ∂f/∂d = e = 1    × 1 = +1   d.grad: · → 1    (use 1 of 1)
                ∂f/∂e = d = -6   × 1 = -6   e.grad: · → -6   (use 1 of 1)

            why now: it is the root: nothing comes before it

            node   data   grad
            a      -2     ·
            b      3      ·
            d      -6     1
            e      1      -6
            f      -6     1
        """),
        *["", "", KEYS],
    ]


def test_the_last_step_says_what_is_left():
    assert seen(classic(), 3, lines=17) == [
        *lines("""
            backward pass from f
            order   ✓f ✓e [d]

            step 3/3  d = a × b = -6   upstream ∂f/∂d = 1
                ∂d/∂a = b = 3    × 1 = +3   a.grad: -6 → -3   (use 2 of 2)
                ∂d/∂b = a = -2   × 1 = -2   b.grad: -6 → -8   (use 2 of 2)

            why now: its only consumer is done: f
            backward() leaves a.grad = -3 and b.grad = -8

            node   data   grad
            a      -2     -3
            b      3      -8
        """),
        *["", "", KEYS],
    ]


def test_a_step_of_no_node_and_one_of_a_leaf():
    assert seen(classic("update"), 0, columns=60, help_line=False) == lines("""
        forward pass to f
        order   d e f

        step 0/11  forward: given a = -2 and b = 3



        why now: the leaves come first

        node   data   grad
        a      -2     ·
        b      3      ·
        d      ·      ·
        e      ·      ·
        f      ·      ·
    """)
    assert seen(classic("update"), 9, columns=60, help_line=False) == lines("""
        update of what f was computed from
        order   [a] b

        step 9/11  a ← a - lr × a.grad = -2 - 0.1 × (-3) = -1.7



        why now: its gradient is complete

        node   data   grad
        a      -1.7   -3
        b      3      -8
        d      -6     1
        e      1      -6
        f      -6     1
    """)


def test_of_a_long_order_and_many_nodes_there_is_as_much_as_fits():
    assert seen(long(), 30, lines=18, message="hello", revealed=0) == [
        *lines("""
            backward pass from y59
            order   … 25 done  ✓y34 ✓y33 ✓y32 ✓y31 [y30] y29 y28 y27  27 to come …

            step 30/60  y30 = y29 × 1.01 = 1.361   upstream ∂y59/∂y30 = 1.335
                ∂y30/∂y29 = 1.01   × 1.335 = ?   y29.grad: · → ?   (use 1 of 1)


            why now: its only consumer is done: y31

            node   data    grad
            x      1       ·
            y0     1.01    ·
            y29    1.348   ?
            y30    1.361   1.335
        """),
        *["", "hello", PREDICTING],
    ]
    assert seen(long(), 60, lines=18)[:2] == lines("""
        backward pass from y59
        order   … 51 done  ✓y8 ✓y7 ✓y6 ✓y5 ✓y4 ✓y3 ✓y2 ✓y1 [y0]
    """)


def test_the_last_answer_shows_what_is_left():
    hidden = seen(classic(), 3, revealed=1)
    assert not any("backward() leaves" in line for line in hidden)
    assert any("backward() leaves" in line for line in seen(classic(), 3, revealed=2))
    assert "a      -2     -3" in hidden
    assert "b      3      ?" in hidden


def test_a_forward_step_hides_the_number_of_its_node():
    table = seen(classic("forward"), 1, revealed=0, help_line=False)[-5:]
    assert [line.split()[:2] for line in table] == [
        *[["a", "-2"], ["b", "3"]],
        *[["d", "?"], ["e", "·"], ["f", "·"]],
    ]


def test_colours_are_closed_on_a_line_that_is_cut():
    dim, bold, now, end = "\x1b[2m", "\x1b[1m", "\x1b[1;7m", "\x1b[0m"
    table = [
        f"{dim}node   data   grad{end}",
        *["a      -2     ·", "b      3      ·"],
        *[
            f"{bold}{row}{end}"
            for row in ("d      -6     1", "e      1      -6", "f      -6     1")
        ],
    ]
    assert seen(
        classic(), 1, columns=30, colour=True, message="a message of thirty-one letters"
    ) == [
        f"{bold}backward pass from f{end}",
        f"{dim}order   {end}{dim} 3 to come …{end}",
        "",
        f"{bold}step 1/3  f = d × e = -6   ups{end}",
        *["    ∂f/∂d = e = 1    × 1 = +1", "    ∂f/∂e = d = -6   × 1 = -6", ""],
        f"{dim}why now: it is the root: nothi{end}",
        *["", *table, ""],
        f"{bold}a message of thirty-one letter{end}",
        f"{dim}n next   p previous   g go to {end}",
    ]
    assert seen(classic(), 3, colour=True)[1] == (
        f"{dim}order   {end}{dim}✓f {end}{dim}✓e {end}{now}[d] {end}"
    )


@pytest.mark.parametrize(("columns", "last"), [(81, "y27"), (82, "y26")])
def test_forty_columns_are_left_beside_the_order(columns, last):
    """The names from y34 to y27 take 38 columns with what stands about them, and y26 takes 4."""
    order = seen(long(), 30, columns=columns)[1]
    assert order.partition(" to come")[0].split()[-2] == last


@pytest.mark.parametrize(
    ("width", "plain"), [(3, "abc"), (4, "abcd"), (5, "abcde"), (7, "abcdefg"), (8, "abcdefgh")]
)
def test_a_line_is_as_wide_as_the_screen(width, plain):
    line = [("abcd", "2"), ("efg", ""), ("h", "1")]
    assert _drawn(line, width, colour=False) == plain
    looks = re.sub(r"\x1b\[\d?m", "", _drawn(line, width, colour=True))
    assert looks == plain
    assert _drawn(line, width, colour=True).startswith(f"\x1b[2m{plain[:4]}\x1b[0m")


def test_a_small_screen_shows_a_node_at_least():
    assert seen(classic(), 2, columns=40, lines=5, help_line=False)[-2:] == [
        *["node   data   grad", "a      -2     -6"],
    ]


@pytest.mark.parametrize(
    ("widths", "middle", "most", "window"),
    [
        ([4] * 9, 4, 20, (2, 7)),  # what comes goes before what is done
        ([4] * 9, 4, 23, (2, 7)),
        ([4] * 9, 4, 24, (1, 7)),
        ([4] * 9, 0, 12, (0, 3)),
        ([4] * 9, 8, 12, (6, 9)),
        ([4] * 9, 9, 12, (6, 9)),  # behind the last, where a pass has ended
        ([4] * 9, 4, 36, (0, 9)),
        ([4] * 9, 4, 99, (0, 9)),
        ([4] * 9, 4, 3, (4, 4)),
        ([4] * 9, 4, -7, (4, 4)),
        ([4, 4, 9, 4, 9, 4], 3, 12, (3, 4)),
        ([1, 9, 4, 4, 4, 1], 3, 13, (2, 6)),
        ([9, 1, 1], 0, 2, (0, 0)),
        ([], 0, 10, (0, 0)),
        ([], 2, 10, (0, 0)),
    ],
)
def test_the_window_grows_on_both_sides_while_there_is_room(widths, middle, most, window):
    assert _window(widths, middle, most) == window
