"""The report of a training and the player of a moving picture, in a browser."""

from __future__ import annotations

from typing import Any

import pytest
from browser import Visitor
from contrast import contrast, rgb

from nn import MLP, SGD, Dataset, History, Trainer
from nn.plots import Recorder, WeightsDisplay, animate_training
from nn.predictor import Predictor
from nn.recipes import Recipe
from nn.report import Training, write_report
from nn.source import Source

pytest.importorskip("matplotlib")

HARMFUL = "</script><script>document.title='harmed'</script>", "<img src=x onerror=alert(1)>"
ALL = [f"epoch {place} of 4" for place in range(5)]
# The images that are seen: what kind, how wide in their file, and for whom does not see them.
SHOWN = """Array.from(document.images)
  .filter((image) => image.complete && image.checkVisibility())
  .map((image) => [image.className, image.naturalWidth, image.alt])"""
# The captions that come by, in order of the alphabet, once there are five of them.
ALL_SHOWN = """new Promise((done) => {
  const seen = new Set();
  const caption = document.getElementById("caption");
  new MutationObserver((_, observer) => {
    seen.add(caption.textContent);
    if (seen.size === 5) { observer.disconnect(); done([...seen].sort()); }
  }).observe(caption, { childList: true });
})"""
WIDE, NARROW = (1280, 900), (380, 800)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the report on points whose names would do harm if they were markup."""
    inputs = [[float(i % 4), float(i // 4)] for i in range(12)]
    targets: list[float] = [int(x + y > 3) for x, y in inputs]
    dataset = Dataset("points", inputs, targets, HARMFUL, HARMFUL)
    source = Source(csv="points.csv", target="kind")
    history = History()
    history.append({"epoch": 1, "loss": 0.5, "accuracy": 0.75, "seconds": 0.1})
    training = Training(
        Predictor.untrained(source, dataset, (4,), "tanh"),
        Recipe((4,), "tanh", epochs=1, batch_size=4, lr=0.1, momentum=0.0),
        history,
        dataset,
        "twelve points",
    )
    path = write_report(training, tmp_path_factory.mktemp("report"))
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def player() -> str:
    """Return the page of four epochs."""
    mlp = MLP(2, [2, 1], seed=0)
    recorder = Recorder(mlp)
    trainer = Trainer(mlp, "mse", SGD(mlp.parameters(), lr=0.1), progress=recorder)
    trainer.fit([[0.0, 1.0], [1.0, 0.0]], [1.0, -1.0], epochs=4)
    view = animate_training(
        recorder, lambda model: WeightsDisplay.from_model(model, (1, 2)), milliseconds=20
    )
    return view.to_html()


def background(tab: Any) -> str:
    """Return the colour of the page."""
    return str(tab.evaluate("getComputedStyle(document.body).backgroundColor"))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_picture_of_a_report_is_shown_in_the_readers_colours(
    visit: Visitor, report: str, dark: bool
) -> None:
    tab = visit(report, dark=dark, size=WIDE)
    assert background(tab) == ("rgb(13, 17, 23)" if dark else "rgb(255, 255, 255)")
    images = tab.evaluate(SHOWN)
    assert len(images) == 3  # loss, accuracy, boundary
    for kind, width, words in images:
        assert kind == ("dark" if dark else "light")
        assert width > 100
        assert words
    assert tab.locator("#abreast svg").count() == 1


COUNTS = """Array.from(document.querySelectorAll(".confusion tbody td[class]")).map((cell) => {
  cell.style.setProperty("--share", "100%");
  const { color, backgroundColor } = getComputedStyle(cell);
  const canvas = document.createElement("canvas").getContext("2d");
  canvas.fillStyle = backgroundColor;
  canvas.fillRect(0, 0, 1, 1);
  return [color, `rgb(${canvas.getImageData(0, 0, 1, 1).data.slice(0, 3).join(",")})`];
})"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_counts_can_be_read_on_the_fullest_colour(visit: Visitor, report: str, dark: bool) -> None:
    tab = visit(report, dark=dark, size=WIDE)
    pairs = tab.evaluate(COUNTS)
    assert len({ground for _, ground in pairs}) == 2  # right and wrong
    for ink, ground in pairs:
        assert contrast(rgb(ink), rgb(ground)) >= 4.5


def test_names_are_text_in_the_browser(visit: Visitor, report: str) -> None:
    tab = visit(report, size=WIDE)
    assert tab.title().startswith("points: ")
    assert tab.locator("thead th").all_inner_texts().count(HARMFUL[0]) == 2
    assert tab.locator("img[src=x]").count() == 0


def test_the_stepper_of_a_report_steps(visit: Visitor, report: str) -> None:
    tab = visit(report, size=WIDE)
    frame = tab.frame_locator("iframe")
    frame.locator("#next").click()
    frame.locator("#place").get_by_text("step 1").wait_for(state="attached")
    assert frame.locator("img[src=x]").count() == 0


RING = """() => [".ring", ".now"].map((name) => {
  const { left, top, right, bottom } = document.querySelector(name).getBoundingClientRect();
  return [left, top, right, bottom];
})"""


def test_the_ring_fits_its_node_though_the_frame_was_out_of_sight(
    visit: Visitor, report: str
) -> None:
    tab = visit(report, size=WIDE)
    tab.emulate_media(reduced_motion="reduce")
    tab.frame_locator("iframe").locator("#next").click()
    tab.frames[1].evaluate("new Promise(requestAnimationFrame)")
    ring, node = tab.frames[1].evaluate(RING)
    for around, inside in zip(ring, node, strict=True):
        assert 2 < abs(around - inside) < 15  # pixels: 5 of the picture, and half a line


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_report_needs_no_scrolling_sideways(
    visit: Visitor, report: str, size: tuple[int, int]
) -> None:
    tab = visit(report, size=size)
    assert tab.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_a_printed_report_is_light_and_leaves_the_player_out(visit: Visitor, report: str) -> None:
    tab = visit(report, dark=True, size=WIDE)
    tab.emulate_media(media="print")
    assert background(tab) == "rgb(255, 255, 255)"
    assert tab.locator("iframe").is_hidden()
    assert {kind for kind, _, _ in tab.evaluate(SHOWN)} == {"light"}


def test_a_report_is_read_without_scripts(visit: Visitor, report: str) -> None:
    tab = visit(report, script=False, size=WIDE)
    assert tab.locator("section").count() == 6


def test_the_player_moves_by_keys_slider_and_button(visit: Visitor, player: str) -> None:
    tab = visit(player)
    caption = tab.locator("#caption")
    assert caption.inner_text() == "epoch 4 of 4"  # still, as the reader prefers
    first = tab.locator("#frame").get_attribute("src")
    tab.keyboard.press("Home")
    assert caption.inner_text() == "epoch 0 of 4"
    assert tab.locator("#frame").get_attribute("src") != first
    tab.keyboard.press("ArrowRight")
    assert caption.inner_text() == "epoch 1 of 4"
    assert tab.locator("#frame").get_attribute("alt") == "epoch 1 of 4"
    tab.locator("#slider").fill("3")
    assert caption.inner_text() == "epoch 3 of 4"
    tab.keyboard.press("End")
    assert tab.locator("#slider").input_value() == "4"
    tab.locator("#play").click()
    tab.locator("#play[aria-label=Pause]").wait_for()
    assert tab.evaluate(ALL_SHOWN) == ALL
    tab.locator("#play").click()
    tab.locator("#play[aria-label=Play]").wait_for()


def test_the_player_plays_by_itself_where_motion_is_welcome(visit: Visitor, player: str) -> None:
    assert visit(player, still=False).evaluate(ALL_SHOWN) == ALL
