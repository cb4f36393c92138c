"""python -m engine: what it prints, writes and says, and how it ends."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from xml.etree import ElementTree as ET

import pytest

from engine.cli import main

LETS = ["--let", "a=-2", "b=3", "d=a*b", "e=a+b"]


def run(capsys, *arguments):
    """Return the exit status, the output and the errors of a call."""
    try:
        status = main(arguments)
    except SystemExit as leaving:  # as argparse leaves
        status = leaving.code
    captured = capsys.readouterr()
    return status, captured.out, captured.err


# ----- step ---------------------------------------------------------------------------------------


def test_step_prints_where_there_is_no_terminal(capsys):
    status, out, err = run(capsys, "step", "d*e", *LETS)
    assert (status, err) == (0, "")
    assert out.splitlines()[0] == "step 0/3  backward: ∂f/∂f = 1"
    assert out.splitlines()[-1] == "backward() leaves a.grad = -3 and b.grad = -8"


def test_step_phases(capsys):
    status, out, _ = run(capsys, "step", "a*a", "--let", "a=3", "--phase", "update", "--lr", "0.5")
    assert status == 0
    assert "a ← a - lr × a.grad = 3 - 0.5 × 6 = 0" in out


def test_an_expression_may_begin_with_a_minus(capsys):
    status, out, _ = run(capsys, "step", "-a*b", "--let", "a=2", "b=-3")
    assert status == 0
    assert "f = v1 × b = 6" in out


def test_lets_may_be_given_one_by_one(capsys):
    status, out, _ = run(capsys, "step", "--let", "a=2", "--let", "b=3", "--print", "--", "a*b")
    assert status == 0
    assert "f = a × b = 6" in out


def test_step_writes_json(capsys, tmp_path):
    file = tmp_path / "steps.json"
    status, out, _ = run(capsys, "step", "d*e", *LETS, "--json", str(file))
    assert status == 0
    assert out == f"wrote {file}: backward of f, 3 steps\n"
    assert json.loads(file.read_text(encoding="utf-8"))["symbol"] == "f"


def test_step_plays_at_a_terminal():
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    master, slave = pty.openpty()
    shown = bytearray()

    def type_and_read():
        try:
            while block := os.read(master, 4096):
                if not shown:
                    os.write(master, b"g2\nq")
                shown.extend(block)
        except OSError:
            pass

    typist = threading.Thread(target=type_and_read)
    typist.start()
    process = subprocess.run(
        [sys.executable, "-m", "engine", "step", "d*e", *LETS],
        stdin=slave,
        stdout=slave,
        env={**os.environ, "TERM": "xterm"},
    )
    os.close(slave)
    typist.join()
    os.close(master)
    assert process.returncode == 0
    text = re.sub("\x1b\\[[0-9;?]*[A-Za-z]", "", shown.decode())
    assert re.findall(r"step (\d)/3", text) == ["0", "2", "2"]


# ----- check --------------------------------------------------------------------------------------


def test_check(capsys):
    status, out, err = run(capsys, "check", "d*e + relu(z)", *LETS, "z=0")
    assert (status, err) == (0, "")
    first, head, *rows = out.splitlines()
    assert first == "f = -6"
    assert head.split() == [
        "leaf",
        "number",
        "backward()",
        "by",
        "nudging",
        "±",
        "about",
        "verdict",
    ]
    assert [row.split()[:4] for row in rows] == [
        ["a", "-2", "-3", "-3"],
        ["b", "3", "-8", "-8"],
        ["z", "0", "0", "0.5"],
    ]
    assert [row.split("   ")[-1].strip() for row in rows] == [
        "ok",
        "ok",
        "ok: a kink, with slope 0 below and 1 above",
    ]


def test_check_finds_a_wrong_gradient(capsys, monkeypatch):
    from engine.ops import tanh

    wrong = (lambda out, x: 1.0 - out,)  # for 1 - out²
    monkeypatch.setattr(tanh, "derivatives", wrong)
    status, out, _ = run(capsys, "check", "tanh(a)", "--let", "a=0.5")
    assert status == 1
    assert out.splitlines()[-1].endswith("WRONG")


def test_check_of_a_leaf_that_is_not_used(capsys):
    status, out, _ = run(capsys, "check", "a*2", "--let", "a=1", "b=5")
    assert status == 0
    assert out.splitlines()[-1].split()[:4] == ["b", "5", "0", "0"]
    assert out.splitlines()[-1].endswith("ok")


# ----- draw ---------------------------------------------------------------------------------------


def test_draw_writes_a_picture_with_gradients(capsys, tmp_path):
    file = tmp_path / "graph.txt"
    status, out, _ = run(capsys, "draw", "d*e", *LETS, "-o", str(file))
    assert (status, out) == (0, f"wrote {file}\n")
    assert file.read_text(encoding="utf-8").splitlines()[0] == "f = d × e  data -6  grad 1"


def test_draw_prints_a_tree_where_no_file_is_named(capsys):
    status, out, err = run(capsys, "draw", "d*e", *LETS)
    assert (status, err) == (0, "")
    assert out.splitlines()[:2] == ["f = d × e  data -6  grad 1", "├─ d = a × b  data -6  grad 1"]


def test_a_terminal_is_told_how_to_get_a_picture(capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    status, out, err = run(capsys, "draw", "a*2", "--let", "a=1")
    assert (status, out.splitlines()[0]) == (0, "f = a × 2  data 2  grad 1")
    assert err == "for a picture: -o graph.svg, or .png, .pdf, .html\n"


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_draw_writes_svg_to_the_standard_output(capfdbinary):
    assert main(["draw", "d*e", *LETS, "-o", "-"]) == 0
    svg = ET.fromstring(capfdbinary.readouterr().out.decode())
    assert "f = d × e  data -6  grad 1" in "".join(svg.itertext())


# ----- Bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [["step"], ["check"], ["draw", "-o", "x.svg"]])
def test_a_malformed_expression_is_marked_and_exits_with_2(capsys, command):
    status, out, err = run(capsys, *command, "a * dd.x", "--let", "a=1")
    assert (status, out) == (2, "")
    assert err.splitlines() == [
        "python -m engine: error: a dot after a name has no place in an expression",
        "    a * dd.x",
        "        ^^^^",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], 'python -m engine step "d*e" --let a=-2 b=3 d=a*b e=a+b'),
        (["step", "a*b", "a=2", "b=3"], "names are given after --let, as --let a=2 b=3"),
        (["step", "a*b", "--let", "a=2"], "unknown name b: give it a number, as --let b=2"),
        (["step"], "required: EXPR"),
        (["walk", "a"], "invalid choice: 'walk'"),
        (["step", "a", "--lets", "a=1"], "unrecognized arguments"),
        (["step", "a", "--let", "a=1", "--lr", "fast"], "'fast' is no number"),
        (["step", "a", "--let", "a=1", "--phase", "sideways"], "invalid choice: 'sideways'"),
        (["step", "aa", "--let", "a=1"], "unknown name aa"),
        (["draw", "a", "--let", "a=1", "-o", "x.yaml"], "x.yaml"),
        (["step", "a", "--let", "a=1", "--json", "x.yaml"], "x.yaml has no form to save steps in"),
        (["step", "a", "--let", "a=1", "--json", "nowhere/x.json"], "nowhere/x.json: No such file"),
    ],
)
def test_a_wrong_call_exits_with_2(capsys, arguments, message):
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_ctrl_c_ends_in_one_line(capsys, monkeypatch):
    class Interrupted(io.StringIO):
        def write(self, text):
            raise KeyboardInterrupt

    with monkeypatch.context() as while_writing:
        while_writing.setattr(sys, "stdout", Interrupted())
        status = main(["step", "d*e", *LETS])
    assert (status, capsys.readouterr().err) == (130, "python -m engine: stopped\n")


def test_a_reader_that_closes_early_is_no_error():
    process = subprocess.Popen(
        [sys.executable, "-m", "engine", "step", "+".join(["a"] * 1000), "--let", "a=1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.readline()
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), errors) == (0, b"")


@pytest.mark.skipif(os.name == "nt", reason="the shell of Windows closes no output")
def test_an_output_that_is_closed_from_the_start_is_no_error():
    process = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m engine step 'a*2' --let a=1 >&-"], capture_output=True
    )
    assert (process.returncode, process.stderr) == (0, b"")


def test_help_says_how_to_begin(capsys):
    for arguments in (["--help"], ["step", "--help"], ["check", "--help"], ["draw", "--help"]):
        status, out, err = run(capsys, *arguments)
        assert (status, err) == (0, "")
        assert "--let a=-2 b=3 d=a*b e=a+b" in out


def test_a_terminal_that_lacks_the_characters_is_no_error():
    process = subprocess.run(
        [sys.executable, "-m", "engine", "step", "a*2", "--let", "a=1"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert process.returncode == 0
    assert b"?f/?a = 2" in process.stdout
