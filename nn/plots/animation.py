"""A training as a moving picture: what the model sees beside how its loss falls."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Container
from dataclasses import dataclass
from html import escape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import NumberError, ShapeError
from nn.history import History
from nn.module import Module
from nn.page import colours, filled
from nn.plots.curves import LossCurveDisplay
from nn.plots.display import Display, figure_of, new_axes, png
from nn.plots.paint import Paint
from nn.plots.recorder import Recorder
from nn.trainer import check_count

if TYPE_CHECKING:
    from PIL.Image import Image

SIZE = (10.0, 4.6)  # of a frame, in inches
HEIGHT = 560  # of the frame in a notebook, in pixels
SHADES = 96  # colours of a frame, which is flat and needs no more
PAUSE = 10  # times as long as another frame, the last one stays


@dataclass(repr=False)
class Animation:
    """Hold the frames of a moving picture.

    Args:
        frames: PNG files, each as bytes.
        captions: what each shows, in words.
        milliseconds: how long each is shown.
        dark: whether the frames are dark.

    A notebook shows a player. It has to be saved, as .html or .gif, to be shown elsewhere.
    """

    frames: list[bytes]
    captions: list[str]
    milliseconds: int
    dark: bool

    def save(self, path: str | Path) -> Path:
        """Write the moving picture in the format of its name, and return the path.

        Args:
            path: ends in .html, a page with a player that needs nothing but a browser, or .gif.

        Raises:
            NumberError: the ending is none of these.
        """
        target = Path(path)
        writers = {".html": lambda: self.to_html().encode(), ".gif": self._gif}
        writer = writers.get(target.suffix.lower())
        if writer is None:
            raise NumberError(
                f"{str(target)!r} is saved by its ending, which must be one of {', '.join(writers)}"
            )
        target.write_bytes(writer())
        return target

    def to_html(self) -> str:
        """Return a page with a player: it fetches nothing."""
        sources = [
            "data:image/png;base64," + base64.b64encode(_small(frame)).decode()
            for frame in self.frames
        ]
        data = {
            "frames": sources,
            "captions": self.captions,
            "milliseconds": self.milliseconds,
            "pause": PAUSE,
        }
        return filled(
            "nn.plots",
            "player.html",
            {
                "colours": colours(self.dark),
                "title": "Training",
                "first": sources[-1],
                "caption": escape(self.captions[-1]),
                "last": str(len(sources) - 1),
                "data": json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"),
            },
        )

    def _gif(self) -> bytes:
        images = [_in_few_colours(frame) for frame in self.frames]
        file = BytesIO()
        images[0].save(
            file,
            format="GIF",
            save_all=True,
            append_images=images[1:],
            duration=[self.milliseconds] * (len(images) - 1) + [PAUSE * self.milliseconds],
            loop=0,
            optimize=False,
        )
        return file.getvalue()

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> dict[str, str]:
        """Return the player in a frame of its own, as a notebook shows it."""
        document = self.to_html().replace("&", "&amp;").replace("'", "&#39;")
        frame = (
            f'<iframe srcdoc=\'{document}\' title="Training" sandbox="allow-scripts" '
            f'style="width:100%;height:{HEIGHT}px;border:0"></iframe>'
        )
        return {"text/html": frame, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<Animation: {len(self.frames)} frames>"


def animate_training(
    recorder: Recorder,
    view: Callable[[Module], Display],
    *,
    metric: str = "loss",
    most: int = 60,
    milliseconds: int = 120,
    dark: bool = False,
) -> Animation:
    """Draw what a model was like after each epoch, beside the curve of its loss.

    Args:
        recorder: followed the training.
        view: from the model, with its weights of that time, to a display; as
            `lambda model: DecisionBoundaryDisplay.from_model(model, inputs, targets)`.
        metric: the column of the curve.
        most: frames; of a longer training some epochs are passed over, evenly.
        milliseconds: how long each frame is shown.
        dark: whether the frames are dark.

    Raises:
        ShapeError: no epoch was recorded.
        ChoiceError: there is no such column.
        NumberError: a number is out of range.
        MissingPackageError: matplotlib is not installed.
    """
    check_count("most", most, 2)
    check_count("milliseconds", milliseconds, 1)
    if not recorder.rows:
        raise ShapeError(
            "the recorder saw no epoch: give it to the Trainer as progress=, then call fit"
        )
    history = _history(recorder, len(recorder.rows))
    limits = _limits(LossCurveDisplay.from_history(history, metric))
    epochs = len(recorder.rows)
    places = sorted(
        {step * epochs // (min(most, epochs + 1) - 1) for step in range(min(most, epochs + 1))}
    )
    frames = []
    for place in places:
        left, right = new_axes(SIZE, dark, widths=(5, 4))
        figure = figure_of(left)
        with recorder.at(place) as model:
            view(model).plot(left)
        if place:
            curves = LossCurveDisplay.from_history(_history(recorder, place), metric)
        else:
            curves = LossCurveDisplay([], {}, metric, None)  # axes alone
        curves.plot(right)
        right.set_xlim(limits[0])
        right.set_ylim(limits[1])
        figure.suptitle(
            f"epoch {place} of {epochs}", x=0.01, ha="left", fontsize=12, color=Paint(dark)["ink"]
        )
        frames.append(png(figure))
    return Animation(frames, [f"epoch {place} of {epochs}" for place in places], milliseconds, dark)


def _history(recorder: Recorder, epochs: int) -> History:
    history = History()
    for row in recorder.rows[:epochs]:
        history.append(row)
    return history


def _limits(display: LossCurveDisplay) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the ends of both axes, which hold for every frame."""
    finite = [x for curve in display.curves.values() for x in curve if x - x == 0]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    edge = 0.06 * (high - low) or 0.5
    last = display.epochs[-1]
    return (1 - 0.03 * last, last + 0.03 * last), (low - edge, high + edge)


def _small(frame: bytes) -> bytes:
    """Return a PNG of fewer colours, which is a fraction of the size."""
    file = BytesIO()
    _in_few_colours(frame).save(file, format="PNG", optimize=True)
    return file.getvalue()


def _in_few_colours(frame: bytes) -> Image:
    from PIL import Image

    opened = Image.open(BytesIO(frame)).convert("RGB")
    # By how far they reach, and not by how much they fill: a line has its own colour.
    return opened.quantize(SHADES, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
