"""The stepper's page in a real browser: keys, slider, play, prediction, links, themes, readers."""

from __future__ import annotations

import json
import re
import shutil

import numpy as np
import pytest
from contrast import contrast, rgb
from reader import Reader

import engine
from engine import Tensor, Value, record_source
from engine.view.stepper.page import page as page_of
from engine.view.theme import PALETTE

pytestmark = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")


@pytest.fixture
def read(visit):
    """Opens the page of some steps, or a page as text, and returns a reader of it."""

    def open_page(s, fragment="", **how):
        html = s if isinstance(s, str) else page_of(s)
        tab = visit(html, fragment=fragment, **how)
        if how.get("script", True):
            tab.wait_for_selector("#stepper:not([hidden])")  # a long page unpacks itself first
        return Reader(tab)

    return open_page


def classic():
    a, b = Value(-2.0, "a"), Value(3.0, "b")
    d, e = a * b, a + b
    d.label, e.label = "d", "e"
    f = d * e
    f.label = "f"
    return f


def chain(length):
    y = Value(0.5, "x")
    for _ in range(length):
        y = (y * 1.01).tanh()
    return y


STATE = """Object.fromEntries([...document.querySelectorAll(
  "#picture svg:not([hidden]) .node")].map((node) => [node.querySelector("text").textContent,
    Object.fromEntries([...node.querySelectorAll("text[class]")].map(
      (text) => [text.classList[0], text.textContent.trim()]))]))"""
CHIPS = """[...document.querySelectorAll("#order li")].map(
  (item) => item.className + " " + item.firstChild.textContent)"""


# ----- Moving -------------------------------------------------------------------------------------


def test_keys_move_among_the_steps(read):
    page = read(engine.steps(classic()))
    assert page.place == "step 0 / 3"
    page.press("ArrowRight", "ArrowRight")
    assert page.place == "step 2 / 3"
    page.press("ArrowLeft")
    assert page.place == "step 1 / 3"
    page.press("End", "ArrowRight")
    assert page.place == "step 3 / 3"
    page.press("Home", "ArrowLeft")
    assert page.place == "step 0 / 3"


def test_buttons_move_among_the_steps(read):
    page = read(engine.steps(classic()))
    seen = []
    for button in ("next", "next", "previous", "last", "first"):
        page.click(f"#{button}")
        seen.append(page.place.split()[1])
    assert seen == ["1", "2", "1", "3", "0"]
    assert page.js("[first, previous, next, last].map((id) => id.disabled)") == [
        True,
        True,
        False,
        False,
    ]


def test_the_slider_moves(read):
    page = read(engine.steps(chain(20)))
    page.click("#slider", across=0.5)
    assert page.place == "step 20 / 40"
    page.click("#slider", across=0.999)
    assert page.place == "step 40 / 40"
    page.press("ArrowLeft")  # on the slider, too, a key is one step and not two
    assert page.place == "step 39 / 40"


def test_a_node_of_the_strip_leads_to_its_step(read):
    page = read(engine.steps(classic()))
    page.click("#order li:nth-child(3) button")
    assert page.place == "step 3 / 3"
    assert page.text(".expression") == "d = a × b = -6"


def test_play_runs_to_the_end_and_stops(read):
    page = read(engine.steps(classic()))
    page.tab.clock.install()
    page.press(" ")
    assert page.js("play.getAttribute('aria-label')") == "Pause"
    page.pass_time(2_000)
    assert page.place == "step 1 / 3"
    page.pass_time(60_000)
    assert page.place == "step 3 / 3"
    assert page.js("play.getAttribute('aria-label')") == "Play"
    page.click("#play")
    assert page.place == "step 0 / 3"
    page.pass_time(2_000)
    page.click("#play")
    page.pass_time(60_000)
    assert page.place == "step 1 / 3"


def test_a_move_by_hand_ends_the_play(read):
    page = read(engine.steps(classic()))
    page.tab.clock.install()
    page.press(" ", "ArrowRight")
    page.pass_time(60_000)
    assert page.place == "step 1 / 3"


@pytest.mark.parametrize(
    ("fragment", "step"),
    [("step=2", 2), ("step=99", 3), ("step=-1", 0), ("step=two", 0), ("<img src=x>", 0)],
)
def test_a_link_leads_to_a_step(read, fragment, step):
    page = read(engine.steps(classic()), fragment)
    assert page.place == f"step {step} / 3"


def test_the_address_follows(read):
    page = read(engine.steps(classic()))
    page.press("ArrowRight", "ArrowRight")
    assert page.js("location.hash") == "#step=2"
    page.js("location.hash = '#step=3'")
    page.js("new Promise(requestAnimationFrame)")
    assert page.place == "step 3 / 3"


def test_a_row_of_the_table_leads_to_its_step(read):
    page = read(engine.steps(classic()))
    page.js("document.getElementById('steps').open = true")
    row = "#steps tbody tr:nth-child(3)"
    page.js(f"document.querySelector('{row}').scrollIntoView()")
    page.click(f"{row} a")
    page.js("new Promise(requestAnimationFrame)")
    assert page.place == "step 2 / 3"
    assert page.js("document.querySelectorAll('tr[aria-current=step]').length") == 1


# ----- What a step shows --------------------------------------------------------------------------


def test_a_step_in_symbols_and_in_numbers(read):
    page = read(engine.steps(classic()), "step=3")
    words = page.text(".part .rule").split()
    assert "".join(words) == "∂f/∂a+=∂f/∂d·∂d/∂a=1×3=3"
    assert "".join(page.text(".part .local").split()) == "∂d/∂a=b=3"
    assert page.text(".part .sum").split("\n")[:7] == ["a.grad", "=", "-6", "+", "3", "=", "-3"]
    assert page.text(".part .uses") == "●●  use 2 of 2"
    assert page.text("#why") == "why d now: its only consumer is done: f"
    assert page.js(CHIPS) == ["done f", "done e", "now d"]
    assert page.text(".left") == "backward() leaves a.grad = -3 and b.grad = -8"


def test_the_picture_holds_the_numbers_of_each_step(read):
    s = engine.steps(classic())
    page = read(s)
    grads = [[None, None, None, None, "1"], [None, None, "1", "-6", "1"]]
    grads += [["-6", "-6", "1", "-6", "1"], ["-3", "-8", "1", "-6", "1"]]
    for step in (0, 1, 2, 3, 1):
        page.press("Home", *["ArrowRight"] * step)
        shown = page.js(STATE)
        assert [shown[name]["grad"] for name in "abdef"] == [g or "·" for g in grads[step]]
        assert [shown[name]["data"] for name in "abdef"] == ["-2", "3", "-6", "1", "-6"]


def test_the_current_node_is_ringed_and_its_edges_are_lit(read):
    page = read(engine.steps(classic()), "step=3", still=True)
    around, node = page.js("""["#picture .ring", "#picture .now"].map(
        (name) => document.querySelector(name).getBoundingClientRect().toJSON())""")
    assert around["left"] < node["left"] < node["right"] < around["right"]
    assert page.js("document.querySelector('#picture .now title').textContent") == "d = a × b"
    amounts = """[...document.querySelectorAll("#picture .amount")].map(
        (text) => text.textContent + " " + text.classList[1])"""
    assert page.js(amounts) == ["+3 plus", "-2 minus"]
    assert page.js("document.querySelectorAll('#picture .edge.lit').length") == 2
    page.press("Home")
    assert page.js("document.querySelectorAll('#picture .lit').length") == 0


HEADS = """[...document.querySelectorAll("#picture .edge")].map((edge) => {
  const [, node] = edge.id.split("-").map(Number);
  const from = (rect) => [rect.left, rect.top, rect.right, rect.bottom];
  const read = document.querySelector(`#picture [id$="-${node}"].node`);
  return [edge.querySelector("polygon"), read].map(
    (each) => from(each.getBoundingClientRect()));
})"""


def test_the_heads_of_edges_end_at_the_node_that_reads(read):
    page = read(engine.steps(classic()), still=True)
    heads = page.js(HEADS)
    assert len(heads) == 6
    for (left, top, right, bottom), node in heads:
        assert 0 < right - left < 25
        assert abs(right - node[0]) < 3  # pixels: all lines go from left to right
        assert node[1] - 3 < top < bottom < node[3] + 3


def test_amounts_on_edges_side_by_side_do_not_cover_each_other(read):
    x = Value(-3.0, "x")
    page = read(engine.steps(x * x * 0.01), "step=2")
    first, second = page.js("""[...document.querySelectorAll("#picture .plate")].map(
        (plate) => plate.getBoundingClientRect().toJSON())""")
    assert first["bottom"] <= second["top"] or second["bottom"] <= first["top"]


def test_forward_and_update(read):
    page = read(engine.steps(classic(), "update", lr=0.5))
    assert page.js(STATE)["f"] == {"data": "·", "grad": "·"}
    page.press("ArrowRight")
    assert page.text(".expression") == "d = a × b = -2 × 3 = -6"
    assert page.js(STATE)["d"]["data"] == "-6"
    page.click("#passes button:nth-child(3)")
    assert page.place == "step 8 / 11"
    page.press("ArrowRight")
    assert page.text(".expression") == "a ← a - lr × a.grad = -2 - 0.5 × (-3) = -0.5"
    assert page.js(STATE)["a"]["data"] == "-0.5"
    page.press("End")
    assert page.js(STATE)["f"]["data"] == "-22.75"


def test_the_line_of_the_program_is_shown(read):
    a = Value(2.0, "a")
    with record_source():
        b = a * a
    page = read(engine.steps(b), "step=1")
    where, line = page.text(".source").split("\n")
    assert where.startswith("test_steps_page.py:")
    assert line == "b = a * a"


def test_a_dead_relu_is_pointed_out(read):
    x = Value(-1.0, "x")
    y = x.relu() * 2
    page = read(engine.steps(y), "step=2")
    assert page.text(".remark") == "relu is off here, so nothing passes through v1"


# ----- Predicting ---------------------------------------------------------------------------------

VISIBLE = "document.getElementById('stepper').innerText"


def test_prediction_hides_the_numbers_until_asked(read):
    a, b = Value(17.5, "a"), Value(0.5, "b")
    page = read(engine.steps(a * b))
    page.press("p", "ArrowRight")
    assert "17.5" in page.js(VISIBLE)  # as data and local derivative, which are given
    shown = page.js(STATE)
    assert [shown[name]["grad"] for name in "ab"] == ["?", "?"]
    assert page.js("document.querySelectorAll('.hole').length") == 2
    assert page.js("getComputedStyle(document.querySelector('#steps table')).visibility") == (
        "hidden"
    )
    for attribute in ("textContent", "getAttribute('aria-valuetext')"):
        holder = "say" if attribute == "textContent" else "slider"
        assert "grad" not in page.js(f"document.getElementById('{holder}').{attribute}")
    page.click(".part:nth-of-type(2) .hole")
    assert [page.js(STATE)[name]["grad"] for name in "ab"] == ["?", "17.5"]
    page.press("r")
    assert [page.js(STATE)[name]["grad"] for name in "ab"] == ["0.5", "17.5"]
    assert page.js("document.querySelectorAll('.hole').length") == 0


@pytest.mark.parametrize(
    ("said", "verdict"),
    [("-3", "✓ right"), ("−3", "✓ right"), ("-3,0", "✓ right"), ("3", "✗ not quite")],
)
def test_a_prediction_is_judged(read, said, verdict):
    page = read(engine.steps(classic()), "step=3")
    page.press("p")
    page.click(".guess input")
    page.type(said)
    page.press("Enter")
    assert page.text(".verdict") == verdict
    assert page.text(".part .sum").endswith("-3\n●●  use 2 of 2")
    assert page.text("#say") == f"{verdict}: -3"
    assert page.js("document.activeElement.getAttribute('aria-label')") == "What will b.grad be?"


def test_letters_typed_into_a_guess_are_no_commands(read):
    page = read(engine.steps(classic()), "step=3")
    page.press("p")
    page.click(".guess input")
    page.press("p", "f", "r", "ArrowLeft", "Home")
    assert page.js("document.activeElement.value") == "pfr"
    assert page.place == "step 3 / 3"


def test_forward_numbers_are_predicted_too(read):
    page = read(engine.steps(classic(), "forward"))
    page.press("p", "ArrowRight")
    assert page.text(".expression").startswith("d = a × b = -2 × 3 =")
    assert "-6" not in page.js(VISIBLE)
    assert "-6" not in page.js("document.getElementById('slider').getAttribute('aria-valuetext')")
    page.press("r")
    assert page.text(".expression") == "d = a × b = -2 × 3 = -6"


# ----- Readers ------------------------------------------------------------------------------------


def test_tab_reaches_the_controls_in_their_order(read):
    page = read(engine.steps(classic()), "step=1")
    reached = []
    for _ in range(11):
        page.press("Tab")
        reached.append(page.js("document.activeElement.id || document.activeElement.textContent"))
    assert reached == [
        *("first", "previous", "play", "next", "last", "slider", "predict", "follow"),
        *("panel", "f", "All steps as a table"),
    ]
    page.press("Enter")
    assert page.js("document.getElementById('steps').open")


def test_what_a_screen_reader_is_told(read):
    page = read(engine.steps(classic()), "step=3")
    told = page.told()
    for said in [
        'heading "Backward pass from f"',
        'group "Steps"',
        'button "First step"',
        'button "Play"',
        'slider "Step"',
        'img "Graph of 5 nodes"',
        'region "This step"',
        'heading "d = a × b = -6"',
        'region "Topological order"',
    ]:
        assert said in told
    assert not re.search(r"- (button|slider|textbox|img)$", told, re.MULTILINE)  # without a name
    assert page.text("#say") == (
        "Step 3 of 3. d = a × b = -6. a.grad goes from -6 to -3. b.grad goes from -6 to -8. "
        "its only consumer is done: f"
    )


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_can_be_read_on_light_and_on_dark(read, dark):
    page = read(engine.steps(classic()), "step=2", dark=dark)
    paper = page.js("getComputedStyle(document.body).backgroundColor")
    red, green, blue = bytes.fromhex(PALETTE["paper"][dark][1:])
    assert paper == f"rgb({red}, {green}, {blue})"
    inks = page.js("""[".expression", ".upstream", ".local", ".result", ".uses", "#why", "h1",
        "#place", "#keys", "#steps summary"].map((name) =>
        getComputedStyle(document.querySelector(name)).color)""")
    inks += page.js("""[...document.querySelectorAll("#picture text")].map(
        (text) => getComputedStyle(text).fill)""")
    # 4.5 is what WCAG asks of body text; the picture's fills differ little from the paper.
    assert min(contrast(rgb(ink), rgb(paper)) for ink in inks) >= 4.5


# What is coloured by a state of its own, on the ground that the state gives it. What is still to
# come is told apart by its outline, for a faded text could not be read.
STATES = """["#predict", "#steps tr[aria-current] a", ".verdict"].map((name) => {
  const element = document.querySelector(name);
  let ground = element;
  const behind = () => getComputedStyle(ground).backgroundColor;
  while (behind() === "rgba(0, 0, 0, 0)") ground = ground.parentElement;
  return [getComputedStyle(element).color, behind()];
})"""
FADED = """[...document.querySelectorAll("#picture .todo, #picture .todo text")].map(
  (element) => Number(getComputedStyle(element).opacity))"""
OUTLINES = """[...document.querySelectorAll("#picture .node")].map((node) =>
  Number(getComputedStyle(node.querySelector("ellipse, rect, path, polygon")).opacity))"""


MAP = """(() => {
  const spots = [...document.querySelectorAll("#map rect:not(.view)")];
  const paper = getComputedStyle(document.body).backgroundColor;
  const seen = (spot) => [spot.getAttribute("class"), spot].map((each, k) => {
    const { fill, stroke } = getComputedStyle(spot);
    return k ? (fill === paper ? stroke : fill) : each;
  });
  return [paper, getComputedStyle(document.querySelector("#map .view")).display,
    Object.fromEntries(spots.map(seen))];
})()"""


@pytest.mark.parametrize("dark", [False, True])
def test_the_small_map_can_be_read_before_the_first_step(read, dark):
    page = read(engine.steps(chain(12), "update"), dark=dark)
    paper, view, seen = page.js(MAP)
    assert view == "none"  # while all is in view
    assert set(seen) == {"", "todo"}
    # 3 is what WCAG asks of marks.
    assert min(contrast(rgb(mark), rgb(paper)) for mark in seen.values()) >= 3
    page.press("ArrowRight")
    paper, view, seen = page.js(MAP)
    assert view == "inline"
    assert set(seen) == {"", "todo", "now", "receives"}


@pytest.mark.parametrize("dark", [False, True])
def test_every_state_can_be_read_on_light_and_on_dark(read, dark):
    page = read(engine.steps(classic()), "step=1", dark=dark)
    page.press("p")
    page.js("document.getElementById('steps').open = true")
    for answer, said in (("7", "✗ not quite"), ("-6", "✓ right")):
        page.tab.locator(".guess input").first.fill(answer)
        page.tab.locator(".guess button").first.click()
        assert page.text(".verdict") == said
        assert min(contrast(rgb(ink), rgb(ground)) for ink, ground in page.js(STATES)) >= 4.5


def test_what_is_still_to_come_can_be_read(read):
    page = read(engine.steps(classic()))
    faded = page.js(FADED)
    assert len(faded) > 6
    assert set(faded) == {1}
    assert sorted(page.js(OUTLINES)) == [0.45, 0.45, 1, 1, 1]  # d and e are still to come


def test_reduced_motion_is_respected(read):
    page = read(engine.steps(classic()), "step=2", still=True)
    assert page.js("document.getAnimations().length") == 0
    page.press("ArrowRight", "f")
    assert page.js("document.getAnimations().length") == 0


def test_motion_is_there_without_the_preference(read):
    page = read(engine.steps(classic()), "step=2", still=False)
    assert page.js("document.getAnimations().length") > 0


@pytest.mark.parametrize(("width", "height"), [(360, 640), (1280, 720), (2560, 1440)])
def test_nothing_is_wider_than_the_window(read, width, height):
    page = read(engine.steps(classic()), "step=2", size=(width, height))
    assert page.js("document.documentElement.scrollWidth") <= width
    assert page.js("document.getElementById('strip').getBoundingClientRect().bottom") <= height


# ----- Large, odd and hostile ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def thousand():
    s = engine.steps(chain(500))
    return s, page_of(s)


def test_an_old_browser_is_told_why_there_are_no_steps(visit, thousand):
    tab = visit(
        thousand[1].replace("<head>", "<head><script>delete self.DecompressionStream</script>")
    )
    assert tab.locator("#old").inner_text().startswith("This browser cannot unpack")
    assert tab.locator("#stepper").is_hidden()


def test_a_browser_that_unpacks_is_told_nothing(read, thousand):
    assert read(thousand[1]).tab.locator("#old").is_hidden()


def test_of_many_operands_each_card_leads_to_its_own(read):
    xs = [Value(float(i), f"x{i}") for i in range(50)]
    page = read(engine.steps(engine.sum(xs)), "step=1")
    in_view = """(name) => { const node = [...document.querySelectorAll("#picture .node")].find(
      (node) => node.querySelector("text").textContent === name).getBoundingClientRect();
      const frame = document.getElementById("picture").getBoundingClientRect();
      return node.top > frame.top && node.bottom < frame.bottom; }"""
    assert not page.frame.evaluate(in_view, "x3")
    page.js("document.querySelectorAll('.part')[3].focus()")
    assert page.frame.evaluate(in_view, "x3")


def test_1000_steps(read, thousand):
    s, html = thousand
    page = read(html, "step=500")
    assert page.place == "step 500 / 1000"
    ringed = "document.querySelector('#picture svg:not([hidden]) .now title').textContent"
    for key, step in [("ArrowRight", 501), ("End", 1000), ("Home", 0)]:
        page.press(key)
        assert page.place == f"step {step} / 1000"
        if step:
            assert page.js(ringed) == s[step].expr.rpartition(" = ")[0]
    page.press(*["ArrowRight"] * 30)  # over the border of a picture
    assert page.place == "step 30 / 1000"
    assert page.js(ringed) == s[30].expr.rpartition(" = ")[0]
    assert page.text("#order li:last-child") == "880 to come …"
    assert page.js("document.querySelectorAll('#order button').length") == 120


def test_a_step_of_a_large_graph_is_laid_out_once_or_twice(read, thousand):
    page = read(thousand[1])
    before = page.layouts()
    page.js("""(() => {
        for (let step = 0; step < 40; step += 1) {
          const pressed = new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true });
          document.body.dispatchEvent(pressed);
        }
    })()""")
    assert page.place == "step 40 / 1000"
    # Once to measure and once to scroll; and twice more for each of the pictures that it opens.
    assert page.layouts() - before <= 2 * 40 + 2 * 3 + 5


def test_a_program_of_nan_and_inf(read):
    x, big = Value(0.0, "x"), Value(1e300, "big")
    page = read(engine.steps((1 / x - big * big) * x), "step=1")
    assert page.js("document.querySelectorAll('.number.alarm').length") > 0
    page.press("ArrowRight")
    assert page.js(STATE)["x"]["grad"] == "nan"
    assert page.js("document.querySelectorAll('#picture text.alarm').length") > 0


def test_a_single_leaf(read):
    page = read(engine.steps(Value(3.0, "a")))
    assert page.place == "step 0 / 0"
    assert page.text(".expression") == "∂a/∂a = 1"
    page.press("ArrowRight", "ArrowLeft", "End", "p", " ")
    assert page.place == "step 0 / 0"


LABELS = [
    "</script><script>document.title = 'owned'</script>",
    "<img src=x onerror=\"document.title = 'owned'\">",
    "' onload='document.title = \"owned\"",
    "&lt;b&gt; &amp; {{data}} ${x} `y`",
    "a|b{c}<d>\\n\\N\\l:port",
    "θ₁ 学習率 😀 שלום مرحبا\u202e",
    "line\nbreak\ttab\0null\x1b[31m\u2028\u2029",
    " ",
    "x" * 500,
]


@pytest.mark.parametrize("label", LABELS)
def test_any_label_is_shown_as_text(read, label):
    a = Value(2.0, label)
    b = a * 3
    b.label = "b"
    page = read(engine.steps(b), "step=1")
    assert page.js("document.title") == "Backward pass from b"
    assert page.js("document.querySelectorAll('img, script').length") == 2  # data and script
    assert page.js("document.querySelector('#panel .name').textContent") == (
        engine.steps(b)[1].parts[0].name + ".grad"
    )
    assert page.place == "step 1 / 1"


def test_the_data_of_the_page_are_those_of_the_steps(read):
    s = engine.steps(classic())
    page = read(s)
    steps = json.loads(page.js("document.getElementById('data').textContent"))["steps"]
    assert [step["expr"] for step in steps] == [step.expr for step in s]
    assert [step["why"] for step in steps] == [step.reason for step in s]


# ----- Tensors ------------------------------------------------------------------------------------


def layer():
    x = Tensor([[1.0, -2.0], [0.5, 4.0], [0.0, 1.0]], "x")
    w = Tensor([[1.0, -1.0], [0.0, 3.0]], "W", requires_grad=True)
    b = Tensor([10.0, -20.0], "b", requires_grad=True)
    h = x @ w + b
    h.label = "h"
    loss = (h * h).sum()
    loss.label = "loss"
    return loss


def place_of(s, name):
    return next(step.index for step in s if step.name == name and step.phase == "backward")


MAPS = """[...document.querySelectorAll("#panel .heat")].map((map) => [
  map.querySelector("svg").getAttribute("aria-label"),
  [...map.querySelectorAll("text.cell")].map((cell) => cell.textContent)])"""
SMALL = """Object.fromEntries([...document.querySelectorAll("#picture .node")].map((node) => [
  node.querySelector("text").textContent,
  [...node.querySelectorAll(".heated")].map((map) =>
    map.querySelector("text").textContent + " " + map.querySelectorAll("rect").length)]))"""


def test_arrays_are_heat_maps_with_their_numbers(read):
    s = engine.steps(layer())
    page = read(s, f"step={place_of(s, 'h')}")
    upstream, to_product, to_bias = page.js(MAPS)
    assert upstream[0] == "Heat map of upstream, 3 × 2: -54 … 22, norm 75.41"
    assert upstream[1] == ["22", "-54", "21", "-17", "20", "-34"]
    assert upstream[1] == to_product[1]
    assert to_bias[0].startswith("Heat map of contribution, 2: ")
    assert page.text(".summed") == "summed over axis 0: (3, 2) → (2,)"


CROWDED = """[...document.querySelectorAll("#panel .heat")].flatMap((map) => {
  const cells = [...map.querySelectorAll("text.cell")].map((cell) => [cell, cell.getBBox()]);
  return cells.filter(([cell, box], k) => k && cells[k - 1][1].y === box.y
    && cells[k - 1][1].x + cells[k - 1][1].width + 2 > box.x).map(([cell]) => cell.textContent);
})"""


@pytest.mark.parametrize("columns", [1, 2, 3, 4, 5, 6])
def test_the_numbers_of_neighbours_do_not_touch(read, columns):
    rows = np.array([[-1.51e-10, -2.62e-100, -0.001236, 123456.0, -9.87e-11, 1.51e-10]])
    x = Tensor(np.repeat(rows[:, :columns], 2, axis=0), requires_grad=True, label="x")
    page = read(engine.steps((x * 1.5).sum(), "forward"), "step=1")
    assert page.js("document.querySelectorAll('#panel text.cell').length") >= 2 * columns
    assert page.js(CROWDED) == []


OUTSIDE = """[...document.querySelectorAll("#picture .node")].flatMap((node) => {
  const edge = node.querySelector("ellipse, rect, path, polygon").getBBox();
  return [...node.querySelectorAll("text.data, text.grad")].filter((text) => {
    const box = text.getBBox();
    return box.x < edge.x || box.x + box.width > edge.x + edge.width;
  }).map((text) => text.textContent);
})"""


def test_the_numbers_of_a_small_array_stay_in_their_node(read):
    x = Tensor([[0.0, 1.0], [2.0, 3.0]], requires_grad=True)
    w = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    page = read(engine.steps((x @ w).tanh().sum()), "step=3")
    grads = page.js("""[...document.querySelectorAll("#picture text.grad")].map(
        (text) => text.textContent.trim())""")
    assert any(grad.startswith("[[") for grad in grads)
    assert page.js(OUTSIDE) == []


def test_nodes_have_small_heat_maps_of_what_is_computed(read):
    s = engine.steps(layer())
    page = read(s)
    assert page.js(SMALL)["W"] == ["data 4"]
    assert page.js(SMALL)["h"] == ["data 6"]
    page.press("End")
    assert page.js(SMALL)["W"] == ["data 4", "grad 4"]
    assert page.js(SMALL)["x"] == ["data 6"]
    page.press("Home")
    assert page.js(SMALL)["W"] == ["data 4"]


def test_a_large_array_is_sampled_and_says_so_and_nan_is_marked(read):
    data = np.linspace(-2.0, 2.0, 100 * 60).reshape(100, 60)
    data[0, 0] = np.nan
    w = Tensor(data, "w", requires_grad=True)
    y = w * w
    y.label = "y"
    s = engine.steps(y.sum())
    page = read(s, f"step={place_of(s, 'y')}")
    notes = page.js("[...document.querySelectorAll('#panel .note')].map((n) => n.textContent)")
    assert "12 of 100 rows; 24 of 60 columns, evenly spaced" in notes
    assert page.js("document.querySelectorAll('#panel .shade').length") > 12 * 24
    assert page.js("document.querySelectorAll('#panel .cell.strange')[0].textContent") == "×"
    assert page.js("document.querySelectorAll('.scale')[1].textContent") == "-2+2"


def test_predicting_hides_an_array_until_it_is_asked_for(read):
    s = engine.steps(layer())
    page = read(s, f"step={place_of(s, 'h')}")
    shown = len(page.js(MAPS))
    page.press("p")
    assert len(page.js(MAPS)) == shown - 2
    assert page.js("document.querySelectorAll('.hole').length") == 2
    assert page.js(SMALL)["b"] == ["data 2"]
    page.press("r")
    assert len(page.js(MAPS)) == shown
    assert page.js(SMALL)["b"] == ["data 2", "grad 2"]


def test_shades_are_those_of_the_palette_in_light_and_in_dark(read):
    s = engine.steps(layer())
    for dark in (False, True):
        page = read(s, f"step={place_of(s, 'h')}", dark=dark)
        used = page.js(
            "[...new Set([...document.querySelectorAll('#panel .shade')]"
            ".map((cell) => getComputedStyle(cell).fill))]"
        )
        palette = {
            f"rgb({', '.join(str(int(shade[i : i + 2], 16)) for i in (1, 3, 5))})"
            for name, colour in PALETTE.items()
            if name[-1].isdecimal() or name == "paper"
            for shade in [colour.dark if dark else colour.light]
        }
        assert len(used) > 3
        assert set(used) <= palette


def test_a_page_of_values_carries_nothing_for_arrays():
    assert "heatOf =" not in page_of(engine.steps(classic()))
    assert "heatOf =" in page_of(engine.steps(layer()))
