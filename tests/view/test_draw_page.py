"""The page of a picture, in a real browser: opening, closing, searching, zooming, keys, themes."""

from __future__ import annotations

import shutil
from typing import Any

import programs
import pytest
from labels import NASTY

import engine
from engine import Value
from engine.view.formatting import printable

pytestmark = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")

SHOWN = ".level:not([hidden])"


@pytest.fixture(scope="module")
def page() -> str:
    loss, _ = programs.moons_loss(samples=6)
    loss.backward()
    return engine.draw(loss).to_html()


@pytest.fixture
def tab(visit: Any, page: str) -> Any:
    return visit(page)


def node(tab: Any, title: str) -> Any:
    """Return the node of a title in the level that is shown."""
    first = f"*[name()='text'][1][.=\"{title}\"]"
    return tab.locator(SHOWN).locator(f"xpath=.//*[contains(@class, 'node')][{first}]")


def titles(tab: Any) -> list[str]:
    """Return the titles of the open groups, the outermost first."""
    return list(tab.locator(f"{SHOWN} .frame > text").all_text_contents())


def window(tab: Any) -> list[float]:
    """Return which part of the picture is in view: x, y, width and height."""
    return [float(side) for side in tab.locator(SHOWN).get_attribute("viewBox").split()]


def focused(tab: Any) -> str:
    """Return what a screen reader calls the element that has the focus."""
    return str(tab.evaluate("document.activeElement.getAttribute('aria-label') ?? ''"))


def test_a_click_opens_a_group_and_a_click_on_its_title_closes_it(tab):
    node(tab, "layer0").click()
    assert titles(tab)[-1] == "layer0 › neuron0…15 × 16 neurons"
    path = tab.inner_text("#path")
    assert path.endswith("loop × 6 samples › mlp › layer0 › neuron0…15 × 16 neurons")
    assert tab.evaluate("location.hash") == "#group=mlp%2Flayer0"
    assert node(tab, "w0…1").is_visible()
    assert not node(tab, "layer0").count()
    assert node(tab, "layer1").is_visible()
    tab.locator(f"{SHOWN} .frame > text").last.click()
    assert node(tab, "layer0").is_visible()
    assert not node(tab, "w0…1").count()


def test_an_address_opens_a_group(visit, page):
    tab = visit(page, fragment="group=mlp%2Flayer0")
    assert node(tab, "w0…1").is_visible()


def test_an_address_of_no_group_opens_the_whole(visit, page):
    tab = visit(page, fragment="group=nowhere&x=<b>")
    assert node(tab, "layer0").is_visible()


def test_a_chosen_node_tells_all_and_lights_its_edges(tab):
    node(tab, "loss").click()
    details = tab.inner_text("#details").split("\n")
    assert details[0].startswith("loss = ")
    assert details[1] == "output"
    assert details[2].startswith("data ")
    assert details[3] == "grad 1.0"
    assert tab.locator(f"{SHOWN} .lit.edge").count() == 2
    tab.keyboard.press("Escape")
    assert tab.inner_text("#details") == ""
    assert tab.locator(f"{SHOWN} .lit").count() == 0


def test_search_goes_to_the_level_where_a_name_is_drawn(tab):
    tab.keyboard.press("/")
    assert focused(tab) == "Search a name"
    tab.keyboard.type("layer1/neuron3/w7")
    assert tab.inner_text("#found").split("\n") == ["mlp/layer1/neuron3/w7"]
    tab.keyboard.press("Enter")
    assert tab.inner_text("#path").endswith("layer1 › neuron0…15 × 16 neurons")
    assert tab.inner_text("#details").split("\n")[0] == "256 parameters"
    tab.fill("#query", "no such thing")
    assert tab.inner_text("#found") == "no such name"


def test_everything_can_be_done_from_the_keyboard(tab):
    node(tab, "layer0").focus()
    tab.keyboard.press("Enter")
    assert node(tab, "w0…1").is_visible()
    tab.keyboard.press("Escape")
    assert node(tab, "layer0").is_visible()
    node(tab, "relu").focus()
    assert tab.inner_text("#details").startswith("6 nodes of relu")
    tab.keyboard.press(" ")
    assert tab.inner_text("#details") == ""

    whole = window(tab)
    tab.keyboard.press("+")
    assert window(tab)[2] < whole[2]
    tab.keyboard.press("0")
    assert window(tab) == pytest.approx(whole, abs=0.1)
    tab.keyboard.press("ArrowRight")
    assert window(tab)[0] > whole[0]
    tab.click("#farther")
    assert window(tab)[2] > whole[2]
    tab.click("#fit")
    assert window(tab) == pytest.approx(whole, abs=0.1)
    tab.keyboard.press("0")
    node(tab, "loss").click()
    tab.keyboard.press("ArrowLeft")
    assert focused(tab).startswith("v")  # an operand of the loss


def test_every_node_has_a_role_and_a_name_for_screen_readers(tab):
    buttons = tab.locator(f"{SHOWN} .node[tabindex]")
    assert buttons.count() > 10
    for button in buttons.all():
        assert button.get_attribute("role") == "button"
        assert button.get_attribute("aria-label")


def test_the_wheel_zooms_around_the_pointer_and_a_drag_moves(tab):
    layer = node(tab, "layer0").locator("text").first
    before, wide = layer.bounding_box(), window(tab)[2] / 1.5
    tab.mouse.move(before["x"], before["y"])
    tab.mouse.wheel(0, -400)
    tab.wait_for_function(f"document.querySelector('{SHOWN}').viewBox.baseVal.width < {wide}")
    near = layer.bounding_box()
    assert near["width"] > 1.5 * before["width"]
    assert [near["x"], near["y"]] == pytest.approx([before["x"], before["y"]], abs=2)
    tab.mouse.move(near["x"] + 20, near["y"] + 20)
    tab.mouse.down()
    tab.mouse.move(near["x"] + 100, near["y"] + 20, steps=4)
    tab.mouse.up()
    assert layer.bounding_box()["x"] - near["x"] == pytest.approx(80, abs=1)
    assert titles(tab)[-1] == "mlp"  # the end of a drag opened nothing


@pytest.mark.parametrize("dark", [False, True])
def test_the_page_follows_the_theme_of_the_reader(visit, page, dark):
    tab = visit(page, dark=dark)

    def is_light(locator: Any, part: str) -> bool:
        colour = locator.evaluate(f"item => getComputedStyle(item).{part}")
        return sum(int(share) for share in colour[4:-1].split(",")) > 3 * 128

    assert is_light(tab.locator("body"), "backgroundColor") is not dark
    assert is_light(node(tab, "loss").locator("text").first, "fill") is dark
    assert is_light(node(tab, "loss").locator("path").first, "fill") is not dark


def test_labels_cannot_leave_their_place(visit):
    nasty = "</script><img src=x onerror=alert(1)><!-- {{data}} & \\N \"'"
    a = Value(1.0, label=nasty)
    with engine.scope(nasty):
        y = a * 2.0
    tab = visit(engine.draw(y, names={}).to_html())
    assert tab.locator("img").count() == 0
    tab.locator(f"{SHOWN} .node.leaf").click()
    assert tab.locator("#details strong").inner_text() == nasty


def test_every_label_is_shown_as_it_is(visit):
    leaves = [Value(1.0, label=label) for label in NASTY]
    picture = engine.draw(engine.sum(leaves), names={})
    tab = visit(picture.to_html())
    for shown, label in zip(tab.locator(f"{SHOWN} .node.leaf").all(), NASTY, strict=True):
        shown.dispatch_event("click")
        assert tab.locator("#details strong").text_content() == printable(label)
        if label.strip():  # a name of spaces alone is looked at, and not looked for
            tab.fill("#query", printable(label))
            assert printable(label) in tab.locator("#found button").all_text_contents()
    assert tab.locator("img").count() == 0


def test_the_page_of_one_node_and_of_a_network_work(visit):
    from nn import MLP

    for picture in (
        engine.draw(Value(1.0, label="a")),
        engine.draw(MLP(2, [3, 1], seed=0), sample=[1.0, 2.0]),
    ):
        tab = visit(picture.to_html())
        tab.keyboard.press("Escape")
        tab.keyboard.press("+")
        assert tab.locator(f"{SHOWN} .node").count() >= len(picture.diagram.nodes)


def test_a_phone_shows_the_end_of_a_wide_picture_large_enough_to_read(visit, page):
    tab = visit(page, size=(390, 780))
    whole = window(visit(page))
    x, _, width, _ = window(tab)
    assert x + width == pytest.approx(whole[0] + whole[2], abs=0.1)
    assert 390 / width > 0.6  # pixels a point: text of 12 points is 7 pixels and more
    tab.click("#fit")
    assert window(tab)[2] == pytest.approx(whole[2], abs=0.1)
