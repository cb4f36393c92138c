"""The moving picture of a training: its frames, the GIF and the page."""

from __future__ import annotations

import base64
import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from engine.errors import NumberError, ShapeError
from engine.view.theme import PALETTE
from nn import MLP, SGD, ChoiceError, Module, Neuron, Trainer
from nn.plots import Animation, LossCurveDisplay, Recorder, WeightsDisplay, animate_training

pytest.importorskip("matplotlib")
from PIL import Image

pytestmark = pytest.mark.slow(reason="matplotlib draws every frame")
EPOCHS = 4


def view(model: Module) -> WeightsDisplay:
    """Return the weights of the first layer."""
    return WeightsDisplay.from_model(model, (1, 2))


def recorded(epochs: int = EPOCHS) -> Recorder:
    """Return the record of a small training."""
    mlp = MLP(2, [2, 1], activation="tanh", seed=0)
    recorder = Recorder(mlp)
    Trainer(mlp, "mse", SGD(mlp.parameters(), lr=0.1), progress=recorder).fit(
        [[0.0, 1.0], [1.0, 0.0]], [1.0, -1.0], epochs=epochs
    )
    return recorder


@pytest.fixture(scope="module")
def animation() -> Animation:
    """Return an animation of four epochs."""
    return animate_training(recorded(), view, milliseconds=50)


def test_there_is_a_frame_for_the_start_and_for_each_epoch(animation: Animation) -> None:
    assert animation.captions == [f"epoch {place} of 4" for place in range(5)]
    assert len(set(animation.frames)) == 5
    assert repr(animation) == "<Animation: 5 frames>"


def test_each_frame_shows_the_weights_of_its_time_and_the_model_keeps_its_own() -> None:
    recorder = recorded()
    after = recorder.model.state_dict()
    seen = []

    def looking(model: Module) -> WeightsDisplay:
        seen.append([parameter.data for parameter in model.parameters()])
        return view(model)

    animate_training(recorder, looking)
    assert seen == recorder.weights
    assert recorder.model.state_dict() == after


def test_few_colours_are_still_those_of_the_palette() -> None:
    mlp = MLP(64, [32, 1], seed=0)
    recorder = Recorder(mlp)
    Trainer(mlp, "mse", SGD(mlp.parameters(), lr=0.01), progress=recorder).fit(
        [[float(place == k) for place in range(64)] for k in range(4)], [1.0] * 4, epochs=2
    )
    shown = animate_training(recorder, lambda model: WeightsDisplay.from_model(model, (8, 8)))
    first = re.findall(r'"data:image/png;base64,([^"]*)"', shown.to_html())[0]
    colours = Image.open(BytesIO(base64.b64decode(first))).convert("RGB").getcolors(10_000)
    for name in ("positive", "negative"):  # the ends of the scale: few pixels in a hundred
        wanted = bytes.fromhex(PALETTE[name].light[1:])
        apart = [max(abs(a - b) for a, b in zip(c, wanted, strict=True)) for _, c in colours]
        assert min(apart) < 16  # of 255: no eye tells that


def test_of_a_long_training_epochs_are_passed_over_but_neither_the_first_nor_the_last() -> None:
    animation = animate_training(recorded(epochs=9), view, most=4)
    assert animation.captions == [f"epoch {place} of 9" for place in (0, 3, 6, 9)]


def test_the_gif_plays_every_frame_and_stays_on_the_last(
    animation: Animation, tmp_path: Path
) -> None:
    from PIL import Image

    path = animation.save(tmp_path / "training.gif")
    with Image.open(path) as gif:
        assert gif.n_frames == 5  # type: ignore[attr-defined]
        assert gif.info["loop"] == 0
        assert gif.size == Image.open(BytesIO(animation.frames[0])).size
        times = []
        for place in range(5):
            gif.seek(place)
            times.append(gif.info["duration"])
    assert times == [50, 50, 50, 50, 500]


def test_the_page_holds_every_frame_and_fetches_nothing(
    animation: Animation, tmp_path: Path
) -> None:
    from PIL import Image

    page = animation.save(tmp_path / "training.html").read_text(encoding="utf-8")
    assert re.findall(r"[a-z]{2,8}://", page) == []
    (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page)
    player = json.loads(data)
    assert player["captions"] == animation.captions
    for source, frame in zip(player["frames"], animation.frames, strict=True):
        kind, _, content = source.partition(";base64,")
        assert kind == "data:image/png"
        shown = Image.open(BytesIO(base64.b64decode(content))).convert("RGB")
        original = Image.open(BytesIO(frame)).convert("RGB")
        assert shown.size == original.size
        # The paper, which is most of it, keeps its colour; others may move to a near one.
        assert shown.getpixel((1, shown.height - 2)) == original.getpixel((1, shown.height - 2))
    for address in re.findall(r'(?:src|href)="([^"]*)"', page):
        assert address.startswith("data:")


def test_the_same_training_gives_the_same_bytes(animation: Animation) -> None:
    again = animate_training(recorded(), view, milliseconds=50)
    assert again.frames == animation.frames
    assert hash(again.to_html()) == hash(animation.to_html())


def test_a_notebook_shows_the_player(animation: Animation) -> None:
    bundle = animation._repr_mimebundle_()
    assert bundle["text/plain"] == "<Animation: 5 frames>"
    assert bundle["text/html"].startswith("<iframe srcdoc='<!DOCTYPE html>")
    assert bundle["text/html"].count("'") == 2  # those around the page: none of its own ends it


def test_dark_frames_are_dark() -> None:
    from PIL import Image

    frame = animate_training(recorded(epochs=1), view, dark=True).frames[0]
    assert max(Image.open(BytesIO(frame)).convert("RGB").getpixel((1, 1))) < 40  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"most": 1}, NumberError, "most must be a whole number from 2 on"),
        ({"milliseconds": 0}, NumberError, "milliseconds must be a whole number from 1 on"),
        ({"metric": "acuracy"}, ChoiceError, "unknown column 'acuracy'"),
    ],
)
def test_what_cannot_be_animated_is_an_error(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        animate_training(recorded(), view, **options)


def test_a_recorder_that_followed_nothing_is_an_error() -> None:
    def no_view(model: Module) -> LossCurveDisplay:
        raise NotImplementedError

    with pytest.raises(ShapeError, match="the recorder saw no epoch: give it to the Trainer"):
        animate_training(Recorder(Neuron(1)), no_view)


def test_another_ending_is_an_error(animation: Animation, tmp_path: Path) -> None:
    with pytest.raises(NumberError, match=r"must be one of \.html, \.gif"):
        animation.save(tmp_path / "training.mp4")
    assert list(tmp_path.iterdir()) == []
