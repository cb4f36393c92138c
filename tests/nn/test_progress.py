"""What a training shows of itself."""

from __future__ import annotations

import io
import re
import sys

import pytest

from nn import ChoiceError
from nn.progress import Bar, Calls, Lines, Progress, follower

ROW = {"epoch": 2, "loss": 0.5, "val_accuracy": 0.75, "seconds": 1.26}
FULL = {"epoch": 2, "loss": 0.5, "accuracy": 0.8, "val_loss": 0.6, "val_accuracy": 0.75} | ROW


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_lines_align_the_epoch_and_show_every_number(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    lines.start(epochs=10, steps=3)
    lines.epoch(ROW)
    assert capsys.readouterr().out == "epoch  2/10  loss 0.5000  val_accuracy 0.7500  1.3 s\n"


def test_a_bar_is_drawn_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rich")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    bar = follower("auto")
    assert isinstance(bar, Bar)
    bar.start(epochs=20, steps=2)
    bar.step(1, 0.7)
    bar.step(1, 0.6)
    bar.epoch(FULL)
    bar.step(20, 0.4)
    bar.stop()
    last = terminal.getvalue().rpartition("epoch 20/20")[2]
    assert "━" in last
    assert "loss 0.5000  accuracy 0.8000  val_accuracy 0.7500" in last
    assert re.search(r"(-|\d):(--|\d\d):(--|\d\d)", last)  # the time left


def test_a_terminal_that_cannot_redraw_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(follower("auto"), Lines)


def test_without_rich_a_terminal_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setitem(sys.modules, "rich.console", None)
    assert isinstance(follower("auto"), Lines)


def test_what_follows_is_chosen_by_the_argument() -> None:
    assert isinstance(follower("auto"), Lines)
    assert isinstance(follower(True), Lines)
    assert type(follower(False)) is Progress
    assert isinstance(follower(print), Calls)
    with pytest.raises(ChoiceError, match="unknown progress 'bar': choose from auto, True, False"):
        follower("bar")  # type: ignore[arg-type]
