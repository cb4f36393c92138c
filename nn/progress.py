"""How a training shows itself while it runs: a live bar, lines, a function's calls, or not."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Literal

from nn.errors import CallbackError, unknown

Row = dict[str, float]
Show = Literal["auto"] | bool | Callable[[Row], object]

LARGE = 1e6  # from here on a number is written with an exponent, so that a line holds it


class Progress:
    """Follow a training in silence; the classes below say something at each call."""

    def start(self, epochs: int, steps: int) -> None:
        """Hear how long the training will be, in epochs and in steps of each."""

    def step(self, epoch: int, loss: float) -> None:
        """Hear the loss of a batch."""

    def epoch(self, row: Row) -> None:
        """Hear the row that the history got."""

    def stop(self) -> None:
        """Hear that the training is over, finished or not."""


class Lines(Progress):
    """Print one line an epoch, as a log keeps it."""

    def start(self, epochs: int, steps: int) -> None:
        """Keep the number of epochs, which every line shows."""
        self.epochs = epochs

    def epoch(self, row: Row) -> None:
        """Print the line."""
        number = f"{row['epoch']:{len(str(self.epochs))}.0f}"
        print(f"epoch {number}/{self.epochs}  {spell(row)}  {row['seconds']:.1f} s", flush=True)


class Bar(Progress):
    """Draw a live bar of the `rich` library: epoch, losses, accuracies, time left.

    It leaves room for the ^C that a terminal echoes, which would wrap the line and leave it twice.
    """

    def start(self, epochs: int, steps: int) -> None:
        """Draw the empty bar."""
        from rich import console, progress  # here, for rich is an extra

        self.numbers = ""
        self.bar = progress.Progress(
            progress.TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
            progress.BarColumn(bar_width=None),  # what is left of the line
            progress.TextColumn("{task.fields[numbers]}"),
            progress.TimeRemainingColumn(),
            console=console.Console(width=console.Console().width - len("^C")),
            expand=True,
        )
        self.task = self.bar.add_task(
            "train", total=epochs * steps, epoch=0, epochs=epochs, numbers=""
        )
        self.bar.start()

    def step(self, epoch: int, loss: float) -> None:
        """Move the bar by one batch; until an epoch is over, the batch's loss is shown."""
        numbers = self.numbers or spell({"loss": loss})
        self.bar.update(self.task, advance=1, epoch=epoch, numbers=numbers)

    def epoch(self, row: Row) -> None:
        """Show the numbers of the epoch."""
        shown = dict(row)
        if "val_accuracy" in row:  # which says more, and a line has 80 columns
            shown.pop("val_loss", None)
        self.numbers = spell(shown)
        self.bar.update(self.task, numbers=self.numbers)

    def stop(self) -> None:
        """Leave the bar as it stands."""
        self.bar.stop()


class Calls(Progress):
    """Call a function with the row of each epoch."""

    def __init__(self, function: Callable[[Row], object]) -> None:
        self.function = function

    def epoch(self, row: Row) -> None:
        """Call it; what it raises becomes the cause of a CallbackError that names it."""
        try:
            self.function(dict(row))
        except Exception as error:
            name = getattr(self.function, "__qualname__", repr(self.function))
            raise CallbackError(
                f"the progress function {name} raised {type(error).__name__} after epoch "
                f"{row['epoch']:.0f}: {error}"
            ) from error


def follower(show: Show) -> Progress:
    """Return what follows a training.

    Args:
        show: "auto" or True is a live bar on a terminal, if rich is installed, and else a line an
            epoch; False is silence; a function is called with the row of each epoch.

    Raises:
        ChoiceError: it is none of these.
    """
    if callable(show):
        return Calls(show)
    if show is False:
        return Progress()
    if show is True or show == "auto":
        return Bar() if has_live_terminal() else Lines()
    raise unknown("progress", show, ("auto", "True", "False", "a function"))


def has_live_terminal() -> bool:
    """Tell whether a bar can be drawn: rich is installed and stdout is a terminal that redraws."""
    if not sys.stdout.isatty():
        return False
    try:
        from rich.console import Console
    except ModuleNotFoundError:
        return False
    return not Console().is_dumb_terminal


def spell(row: Row) -> str:
    """Return the numbers of a row as text, without its epoch and seconds.

    >>> spell({"epoch": 1, "loss": 0.25, "accuracy": 0.5, "seconds": 1.0})
    'loss 0.2500  accuracy 0.5000'
    >>> spell({"loss": 1.5e300})
    'loss 1.5000e+300'
    """
    return "  ".join(
        f"{name} {number:{'.4f' if abs(number) < LARGE else '.4e'}}"
        for name, number in row.items()
        if name not in ("epoch", "seconds")
    )
