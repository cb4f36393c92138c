"""The stepper in a terminal: by keys, or by lines where there are no keys to read."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Container, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TextIO

from engine.view.stepper.predicting import questions
from engine.view.stepper.screen import screen
from engine.view.stepper.sequence import StepSequence

KEY = re.compile(r"\x1b(?:\[[0-9;]*[A-Za-z~]|O[A-Z])|.", re.DOTALL)
COMMANDS = {
    **dict.fromkeys(("n", " ", "\r", "\n", "\x1b[C", "\x1bOC"), "n"),
    **dict.fromkeys(("p", "\x7f", "\x08", "\x1b[D", "\x1bOD"), "p"),
    **dict.fromkeys(("\x1b[H", "\x1bOH", "\x1b[1~"), "first"),
    **dict.fromkeys(("\x1b[F", "\x1bOF", "\x1b[4~"), "last"),
    **dict.fromkeys(("q", "\x03", "\x04"), "q"),
    **{key: key for key in "ghar"},
}
DIGITS = frozenset("0123456789")
NUMBERS = frozenset("0123456789+-.,einfa")  # what an answer is typed with
HINT = "h to predict"
ALTERNATE, MAIN = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"  # screens, the cursor off and on
CLEAR = "\x1b[H\x1b[2J"


class Player:
    """A place among the steps, and the commands that move it.

    Args:
        s: the steps.
    """

    def __init__(self, s: StepSequence) -> None:
        self.steps = s
        self.last = len(s) - 1
        self.index = 0
        self.running = True
        self.predicting = False
        self.answered = 0  # questions of this step

    @property
    def revealed(self) -> int | None:
        """How many questions of the step are answered; None while nothing is to be predicted."""
        return self.answered if self.predicting else None

    def obey(self, command: str) -> str:
        """Do what a command says, and return what there is to say about it.

        That is n, p, first, last and ``g NUMBER``, which move; h, which hides the numbers of each
        step or stops doing so; ``a NUMBER`` and r, which answer and reveal them; and q.
        """
        name, _, number = command.strip().partition(" ")
        if name in ("h", "a", "r"):
            return self._predict(name, number)
        if name == "q":
            self.running = False
            return ""
        if name == "g" and not (number.strip().isascii() and number.strip().isdecimal()):
            return f"g takes the number of a step, 0 to {self.last}"
        moves = {"n": self.index + 1, "p": self.index - 1, "first": 0, "last": self.last}
        if name not in (*moves, "g"):
            return f"{name!r} is not one of n, p, g NUMBER, h, a NUMBER, r, q"
        target = int(number) if name == "g" else moves[name]
        if target != self.index:
            self.answered = 0
        self.index = min(max(target, 0), self.last)
        if target == self.index:
            return ""
        return "this is the last step" if target > 0 else "this is the first step"

    def _predict(self, name: str, answer: str) -> str:
        if name == "h":
            self.predicting, self.answered = not self.predicting, 0
            return ""
        asked = questions(self.steps[self.index])
        if not self.predicting or self.answered >= len(asked):
            return "nothing is hidden in this step" + ("" if self.predicting else ": h hides it")
        if name == "r":
            self.answered = len(asked)
            return ""
        self.answered += 1
        return asked[self.answered - 1].judge(answer)


def play(s: StepSequence, stdin: TextIO, stdout: TextIO) -> None:
    """Step through in a terminal, by keys if both ends are one, else by lines.

    Args:
        s: the steps.
        stdin: where keys or lines come from.
        stdout: where the screen goes.
    """
    player = Player(s)
    keys = _keys_of(stdin) if stdin.isatty() and stdout.isatty() else None
    if keys is None:
        _play_by_lines(player, stdin, stdout)
        return
    colour = has_colour(stdout)
    try:
        stdout.write(ALTERNATE)
        with keys as read:
            _play_by_keys(player, read, stdout, colour)
    except KeyboardInterrupt:
        pass
    finally:
        stdout.write(MAIN)
    _write(stdout, screen(s, player.index, shutil.get_terminal_size(), colour, help_line=False))


def has_colour(stdout: TextIO) -> bool:
    """Return whether colours are welcome: at a terminal, unless NO_COLOR or TERM=dumb say no."""
    dumb = os.environ.get("TERM", "") in ("", "dumb")
    return stdout.isatty() and not os.environ.get("NO_COLOR") and not dumb


def _play_by_keys(player: Player, read: Callable[[], str], stdout: TextIO, colour: bool) -> None:
    message = ""
    while player.running:
        size = shutil.get_terminal_size()
        lines = screen(player.steps, player.index, size, colour, message, revealed=player.revealed)
        stdout.write(CLEAR)
        _write(stdout, lines)
        command = COMMANDS.get(read())
        if command == "g":
            command = f"g {_typed(read, stdout, 'go to step', DIGITS)}"
        elif command == "a" and player.predicting:
            command = f"a {_typed(read, stdout, 'it will be', NUMBERS)}"
        message = "" if command is None else player.obey(command)


def _typed(read: Callable[[], str], stdout: TextIO, prompt: str, allowed: Container[str]) -> str:
    """Return the characters typed up to Enter, shown as they come."""
    typed = ""
    while True:
        stdout.write(f"\r\x1b[K{prompt}: {typed}")
        stdout.flush()
        key = read()
        if key in ("\x7f", "\x08"):
            typed = typed[:-1]
        elif key in allowed:
            typed += key
        else:
            return typed


def _play_by_lines(player: Player, stdin: TextIO, stdout: TextIO) -> None:
    size = os.terminal_size((100, 10_000))
    while True:
        lines = screen(
            player.steps,
            player.index,
            size,
            colour=False,
            help_line=False,
            revealed=player.revealed,
        )
        _write(stdout, lines)
        message = None
        while message != "":
            stdout.write(f"{message}\n" if message else "")
            more = "a NUMBER to answer, r to reveal, h to show all" if player.predicting else HINT
            stdout.write(f"\nEnter for the next step, or p, g NUMBER, {more}, q: ")
            stdout.flush()
            line = stdin.readline()
            if not line or (not line.strip() and player.index == player.last):
                stdout.write("\n")
                return
            message = player.obey(line.strip() or "n")
        if not player.running:
            return


def _write(stdout: TextIO, lines: list[str]) -> None:
    stdout.write("\n".join(lines) + "\n")
    stdout.flush()


def _keys_of(stdin: TextIO) -> AbstractContextManager[Callable[[], str]] | None:
    """Return what reads single keys, None where the system has no way to."""
    try:
        import termios
        import tty
    except ImportError:  # as on Windows
        return None

    @contextmanager
    def keys() -> Iterator[Callable[[], str]]:
        file = stdin.fileno()
        before = termios.tcgetattr(file)
        try:
            tty.setcbreak(file, termios.TCSADRAIN)  # which keeps keys that were typed ahead
            yield _split(lambda: os.read(file, 1024)).__next__
        finally:
            termios.tcsetattr(file, termios.TCSADRAIN, before)

    return keys()


def _split(read: Callable[[], bytes]) -> Iterator[str]:
    """Yield single keys from what is read, which may hold several; at its end, what quits."""
    while received := read():
        yield from KEY.findall(received.decode(errors="replace"))
    yield "q"
