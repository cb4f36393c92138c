"""The stepper in a terminal: by lines, and by keys in a pseudo-terminal."""

from __future__ import annotations

import io
import math
import os
import re
import threading

import numpy as np
import pytest
from graphs import graphs
from hypothesis import given

import engine
from engine import Value, backward
from engine.view.stepper.predicting import Question
from engine.view.stepper.screen import screen
from engine.view.stepper.state import State

try:
    import pty
except ImportError:
    pty = None

needs_pty = pytest.mark.skipif(pty is None, reason="this system has no pseudo-terminals")
STEP = re.compile(r"step (\d+)/")


SCREEN = os.terminal_size((80, 30))


def classic(phase="backward"):
    a, b = Value(-2.0, "a"), Value(3.0, "b")
    d, e = a * b, a + b
    f = d * e
    return engine.steps(f, phase)


def by_lines(s, text):
    out = io.StringIO()
    s.play(io.StringIO(text), out)
    return out.getvalue()


def by_keys(s, keys):
    """Return what a terminal received while these keys were typed."""
    master, slave = pty.openpty()
    received = []

    def receive():
        try:
            while block := os.read(master, 1024):
                if not received:  # the first screen is there, so single keys are being read
                    os.write(master, keys.encode())
                received.append(block)
        except OSError:  # the other end was closed
            pass

    reader = threading.Thread(target=receive)
    reader.start()
    with open(os.dup(slave)) as stdin, open(slave, "w") as stdout:
        s.play(stdin, stdout)
    reader.join()
    os.close(master)
    return b"".join(received).decode()


# ----- By lines -----------------------------------------------------------------------------------


def test_enter_goes_on_and_ends_after_the_last_step():
    assert STEP.findall(by_lines(classic(), "\n\n\n\nnever read\n")) == ["0", "1", "2", "3"]


def test_a_prompt_is_seen_before_its_answer_is_awaited():
    """As through a pipe, which holds back what is not flushed."""
    out = io.StringIO()
    flushed = []
    out.flush = lambda: flushed.append(out.getvalue())

    class Asked(io.StringIO):
        def readline(self):
            assert out.getvalue().endswith("q: ")
            assert flushed[-1] == out.getvalue()
            return "n\n" if STEP.findall(out.getvalue())[-1] == "0" else "q\n"

    classic().play(Asked(), out)
    assert STEP.findall(out.getvalue()) == ["0", "1"]
    assert len(flushed) == 4  # two screens, two prompts


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("ends", [(Terminal, io.StringIO), (io.StringIO, Terminal)])
def test_lines_are_read_unless_both_ends_are_a_terminal(ends):
    stdin, stdout = ends[0]("n\nq\n"), ends[1]()
    classic().play(stdin, stdout)
    assert STEP.findall(stdout.getvalue()) == ["0", "1"]
    assert "\x1b" not in stdout.getvalue()


def test_lines_move():
    shown = by_lines(classic(), "n\ng 3\np\nfirst\nlast\nq\n")
    assert STEP.findall(shown) == ["0", "1", "3", "2", "0", "3"]


@pytest.mark.parametrize("text", ["", "\n\n\n\n"])
def test_the_shell_prompts_on_a_line_of_its_own(text):
    assert by_lines(classic(), text).endswith("q: \n")


def test_the_end_of_the_input_ends_the_player():
    assert STEP.findall(by_lines(classic(), "")) == ["0"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("x", "'x' is not one of n, p, g NUMBER, h, a NUMBER, r, q"),
        ("g", "g takes the number of a step, 0 to 3"),
        ("g two", "g takes the number of a step, 0 to 3"),
        ("g -1", "g takes the number of a step, 0 to 3"),
        ("g ²", "g takes the number of a step, 0 to 3"),
        ("p", "this is the first step"),
        ("g 99", "this is the last step"),
    ],
)
def test_lines_that_do_not_move(line, message):
    assert message in by_lines(classic(), f"{line}\n")


def test_a_screen_by_lines_is_a_hundred_columns_wide():
    shown = by_lines(engine.steps(Value(1.0, "x" * 200)), "q\n")
    assert max(map(len, shown.splitlines())) == 100


def test_a_screen_by_lines_is_plain_text():
    shown = by_lines(classic(), "g 2\n")
    assert "\x1b" not in shown
    screen = shown.split("q: ")[1]
    assert screen.splitlines() == [
        "backward pass from f",
        "order   ✓f [e] d",
        "",
        "step 2/3  e = a + b = 1   upstream ∂f/∂e = -6",
        "    ∂e/∂a = 1   × (-6) = -6   a.grad: · → -6   (use 1 of 2)",
        "    ∂e/∂b = 1   × (-6) = -6   b.grad: · → -6   (use 1 of 2)",
        "",
        "why now: its only consumer is done: f",
        "",
        "node   data   grad",
        "a      -2     -6",
        "b      3      -6",
        "d      -6     1",
        "e      1      -6",
        "f      -6     1",
        "",
        "Enter for the next step, or p, g NUMBER, h to predict, ",
    ]


def test_predicting_hides_numbers_until_they_are_answered_or_revealed():
    shown = by_lines(classic(), "h\nn\na -6.01\na 2\np\nn\nr\nh\n")
    hidden, *_, revealed, _ = [part for part in shown.split("Enter for") if "step 1/" in part]
    assert "∂f/∂d = e = 1    × 1 = ?   d.grad: · → ?   (use 1 of 1)" in hidden
    assert re.search(r"^d  +-6  +\?$", hidden, re.MULTILINE)
    assert "✓ right: d.grad = 1" not in shown
    assert "✗ not quite: d.grad = 1" in shown
    assert "✗ not quite: e.grad = -6" in shown
    assert "?" not in revealed
    assert shown.rstrip().endswith("h to predict, q:")


def test_predicting_a_forward_step_hides_its_number_and_no_other():
    said = by_lines(classic("forward"), "h\ng 1\n").split("Enter for")
    rows = dict(re.findall(r"^([abdef])  +(\S+)  +·$", said[-2], re.MULTILINE))
    assert rows == {"a": "-2", "b": "3", "d": "?", "e": "·", "f": "·"}


@pytest.mark.parametrize(
    ("phase", "step", "answers", "verdict"),
    [
        ("backward", 1, ["1,0"], "✓ right: d.grad = 1"),
        ("backward", 1, ["1", "\N{MINUS SIGN}6.02"], "✓ right: e.grad = -6"),
        ("backward", 1, ["1", "-6.1"], "✗ not quite: e.grad = -6"),
        ("backward", 1, ["six"], "✗ not quite: d.grad = 1"),
        ("backward", 0, ["1"], "nothing is hidden in this step"),
        ("forward", 1, ["-6"], "✓ right: d = -6"),
        ("update", 9, ["-1.7"], "✓ right: a = -1.7"),
    ],
)
def test_answers_are_judged(phase, step, answers, verdict):
    lines = ["h", f"g {step}", *(f"a {answer}" for answer in answers)]
    said = by_lines(classic(phase), "\n".join(lines) + "\n")
    assert verdict in said
    assert "= ?" in said or step == 0


@pytest.mark.parametrize(
    ("answer", "verdict"), [("nan", "✓ right"), ("NaN", "✓ right"), ("inf", "✗ not quite")]
)
def test_nan_is_answered_by_nan(answer, verdict):
    a = Value(math.nan, "a")
    assert Question("a.grad", (a * a).data).judge(answer) == f"{verdict}: a.grad = nan"


@pytest.mark.parametrize(("answer", "right"), [("0.995001", True), ("0.994999", False)])
def test_an_answer_is_right_to_half_a_percent(answer, right):
    assert Question("a", 1.0).judge(answer).startswith("✓ right") == right


def test_an_array_is_not_answered_by_a_number():
    assert Question("a.grad", np.ones(2)).judge("1").startswith("✗ not quite: a.grad = ")


def test_nothing_is_answered_unless_predicting():
    assert "nothing is hidden in this step: h hides it" in by_lines(classic(), "a 3\n")


# ----- By keys ------------------------------------------------------------------------------------


@needs_pty
@pytest.mark.parametrize(
    ("keys", "steps"),
    [
        ("nnq", "0122"),
        ("n pq", "01211"),
        ("\x1b[C\x1bOC\x1b[Dq", "01211"),
        ("\x1b[F\x1b[Hq", "0300"),
        ("g2\nq", "022"),
        ("g1\x7f2\nq", "022"),
        ("nnnnnq", "0123333"),
        ("zq", "000"),
        ("ng\nq", "0111"),
        ("\x04", "00"),
    ],
)
def test_keys_move(monkeypatch, keys, steps):
    monkeypatch.setenv("TERM", "xterm")
    # The step at the end is shown once more, to stay when the screen of the player is gone.
    assert "".join(STEP.findall(by_keys(classic(), keys))) == steps


@needs_pty
def test_keys_predict(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    shown = by_keys(classic(), "nha1\nrhq")
    assert "it will be: 1" in shown
    assert "✓ right: d.grad = 1" in shown


@needs_pty
def test_the_terminal_is_left_as_it_was(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    shown = by_keys(classic(), "nq")
    assert shown.startswith("\x1b[?1049h\x1b[?25l")
    assert shown.count("\x1b[?25h\x1b[?1049l") == 1


@needs_pty
@pytest.mark.parametrize(
    ("variables", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({"NO_COLOR": ""}, True)],
)
def test_colours(monkeypatch, variables, coloured):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, setting in variables.items():
        monkeypatch.setenv(name, setting)
    assert bool(re.search("\x1b\\[[0-9;]*m", by_keys(classic(), "nq"))) == coloured


# ----- What is shown ------------------------------------------------------------------------------


@given(graphs())
def test_states_end_with_what_backward_leaves(nodes):
    root = next(node for node in reversed(nodes) if node.requires_grad)
    s = engine.steps(root, "both")
    trace = s.record.trace
    first, last = State(s, 0), State(s, len(s) - 1)
    for i in range(len(trace)):
        assert first.data(i) is None or trace.ops[i] is None
        assert repr(first.gradient(i)) == repr(trace.grads[i] if trace.ops[i] is None else None)
    backward([root])
    for node in engine.topological_order([root]):
        i = trace.position[node.index]
        assert repr(last.data(i)) == repr(node.data)
        if node.requires_grad:
            assert repr(last.gradient(i)) == repr(node.grad)


@given(graphs())
def test_states_follow_the_steps(nodes):
    root = next(node for node in reversed(nodes) if node.requires_grad)
    s = engine.steps(root, "update")
    gradients = list(s.record.starting_gradients)
    data = [
        x if op is None else None
        for x, op in zip(s.record.trace.data, s.record.trace.ops, strict=True)
    ]
    for step in s[:-1]:
        for part in step.parts:
            gradients[part.target] = part.after
        if step.node is not None:
            data[step.node] = step.value
        state = State(s, step.index)
        assert repr([state.gradient(i) for i in range(len(data))]) == repr(gradients)
        assert repr([state.data(i) for i in range(len(data))]) == repr(data)


def test_of_many_nodes_those_of_the_step_are_shown_and_then_the_first():
    y = Value(1.0, "x")
    for i in range(60):
        y = y * 1.01
        y.label = f"y{i}"
    s = engine.steps(y)
    lines = screen(s, 20, os.terminal_size((80, 24)), colour=False)
    table = lines[next(i for i, line in enumerate(lines) if line.startswith("node ")) + 1 :]
    names = [line.split()[0] for line in table[: table.index("")]]
    first = ["x", *(f"y{i}" for i in range(len(names) - 3))]
    assert names == [*first, "y39", "y40"]


def test_a_long_order_and_many_nodes_fit_the_screen():
    x = y = Value(1.0, "x")
    for _ in range(300):
        y = (y * 1.01).tanh() + x
    s = engine.steps(y)
    for columns, rows in [(80, 24), (40, 12), (20, 8), (200, 60)]:
        for index in (0, 1, 450, len(s) - 1):
            lines = screen(s, index, os.terminal_size((columns, rows)), colour=False)
            assert max(map(len, lines)) <= columns
            if rows >= 24:
                assert len(lines) < rows
                assert any("come" in line or "done" in line for line in lines[:2])


def test_the_order_shows_done_now_and_to_come():
    x = y = Value(1.0, "x")
    for _ in range(100):
        y = y * 1.01
    line = screen(engine.steps(y), 50, os.terminal_size((80, 24)), colour=False)[1]
    assert re.fullmatch(r"order   … \d+ done  .*✓v\d+ \[v51\] v50 .* \d+ to come …", line)
    assert x.grad is None


@pytest.mark.parametrize(("step", "names"), [(0, "f"), (1, "def"), (2, "abe"), (3, "abd")])
def test_what_a_step_touches_stands_out(step, names):
    _, table = "\n".join(screen(classic(), step, SCREEN, colour=True)).split("node ")
    rows = re.findall(r"^\x1b\[1m([a-f]) ", table, re.MULTILINE)
    assert "".join(rows) == names
