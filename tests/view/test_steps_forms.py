"""The player in an exported notebook, the moving picture, and labels of any text in both."""

from __future__ import annotations

import html
import json
import re
import shutil
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from graphs import graphs
from hypothesis import HealthCheck, given, settings, strategies as st
from reader import Reader

import engine
from engine import GraphError, Value
from engine.view.stepper.page import MOST_NODES, notebook, page
from engine.view.stepper.svg import MOST_STEPS, SECONDS, moving_picture

pytestmark = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
ODD = "'</iframe></script><script>alert(1)</script>&amp;\""


def classic(label="a"):
    a, b = Value(-2.0, label), Value(3.0, "b")
    d, e = a * b, a + b
    d.label, e.label = "d", "e"
    f = d * e
    f.label = "f"
    return f


def exported(*outputs):
    """Return a page that holds the outputs of a notebook's cells, as an export writes it."""
    cells = "".join(f'<div class="jp-RenderedHTMLCommon">{output}</div>' for output in outputs)
    return f"<!DOCTYPE html><html><head><title>A notebook</title></head><body>{cells}</body></html>"


# ----- A notebook ---------------------------------------------------------------------------------


def test_the_forms_of_a_notebooks_output():
    s = engine.steps(classic())
    forms = s._repr_mimebundle_()
    assert forms.keys() == {"text/html", "text/plain"}
    assert forms["text/plain"] == str(s)
    assert s._repr_mimebundle_(include={"text/plain"}).keys() == {"text/plain"}
    assert s._repr_mimebundle_(exclude={"text/html"}).keys() == {"text/plain"}


def test_the_player_runs_in_an_exported_notebook(visit):
    tab = visit(exported(notebook(engine.steps(classic()))), size=(1000, 700))
    player = Reader(tab, tab.frames[1])
    assert player.place == "step 0 / 3"
    player.click("#next")
    player.press("ArrowRight", "ArrowRight")
    assert player.place == "step 3 / 3"
    assert player.text(".left") == "backward() leaves a.grad = -3 and b.grad = -8"
    player.click("#first")
    player.press("p", "ArrowRight")
    assert player.js("document.querySelectorAll('.hole').length") == 2
    fits = "document.documentElement.scrollHeight <= innerHeight"
    assert player.js(fits)
    assert tab.evaluate("location.hash") == ""


def test_a_page_of_a_thousand_steps_is_not_heavy():
    y = Value(0.5, "x")
    for k in range(1000):
        y = y.tanh() if k % 2 else y * (k + 1.0)
    s = engine.steps(y)
    assert len(s) == 1001
    assert len(page(s).encode()) < 500_000  # bytes, of which half are the table


def test_two_players_of_a_notebook_do_not_meet(visit):
    tab = visit(exported(*[notebook(engine.steps(classic()))] * 2), size=(1000, 1400))
    first, second = (Reader(tab, frame) for frame in tab.frames[1:])
    first.click("#last")
    second.click("#next")
    assert (first.place, second.place) == ("step 3 / 3", "step 1 / 3")


def test_where_frames_are_taken_out_the_table_is_left(visit):
    output = re.sub(r"<iframe.*?</iframe>", "", notebook(engine.steps(classic())), flags=re.DOTALL)
    tab = visit(exported(output), script=False)
    tab.click("summary")
    rows = [row.inner_text() for row in tab.locator("tbody tr").all()]
    assert len(rows) == 4
    assert "∂d/∂a = b = 3" in rows[3]
    assert "1 × 3 = +3" in rows[3]
    assert "a.grad: -6 → -3 (use 2 of 2)" in rows[3]


class Frame(HTMLParser):
    """Finds the attributes of the first frame."""

    def __init__(self):
        super().__init__()
        self.attributes = {}

    def handle_starttag(self, tag, attributes):
        if tag == "iframe" and not self.attributes:
            self.attributes = dict(attributes)


def test_the_frame_holds_the_page_and_may_do_nothing_but_run_it():
    frame = Frame()
    frame.feed(notebook(engine.steps(classic(ODD))))
    assert frame.attributes["sandbox"] == "allow-scripts"
    assert frame.attributes["title"] == "Backward pass from f"
    document = frame.attributes["srcdoc"]
    assert document.startswith("<!DOCTYPE html>")
    assert document.rstrip().endswith("</html>")
    assert document.count("<script") == 2


def test_the_output_is_the_same_each_time_and_small():
    outputs = {notebook(engine.steps(classic())) for _ in range(2)}
    assert len(outputs) == 1
    assert len(outputs.pop()) < 60_000  # bytes, of which half are the script and the style


def test_an_output_asks_nothing_of_the_network():
    addresses = set(re.findall(r"https?://[^\s\"'<>&]*", page(engine.steps(classic()))))
    assert addresses <= {"http://www.w3.org/2000/svg"}  # a name, which is not fetched


# ----- The moving picture -------------------------------------------------------------------------


def seen_at(tab, seconds):
    """Return the texts of a moving picture that are seen at a time."""
    return tab.evaluate(
        """(time) => {
          for (const film of document.getAnimations()) { film.pause(); film.currentTime = time; }
          return [...document.querySelectorAll("text")].filter(
            (text) => getComputedStyle(text).visibility === "visible").map(
            (text) => text.textContent.trim());
        }""",
        1000 * seconds,
    )


def test_the_moving_picture_shows_one_step_at_a_time(visit):
    s = engine.steps(classic())
    tab = visit(moving_picture(s), still=False)
    for step in s:
        texts = seen_at(tab, (step.index + 0.5) * SECONDS)
        said = [text for text in texts if text.startswith("step ")]
        assert [text.replace("\u00a0", " ") for text in said] == [
            f"step {step.index}/3  {step.expr}"
        ]
    end = seen_at(tab, 3.5 * SECONDS)
    assert {"-3", "-8", "+3", "-2", "backward() leaves a.grad = -3 and b.grad = -8"} <= set(end)
    assert "-3" not in seen_at(tab, 2.5 * SECONDS)
    assert seen_at(tab, 4.5 * SECONDS) == seen_at(tab, 0.5 * SECONDS)  # it begins again


def test_without_motion_the_moving_picture_stands_at_its_end(visit):
    tab = visit(moving_picture(engine.steps(classic())), still=True)
    assert tab.evaluate("document.getAnimations().length") == 0
    texts = tab.evaluate(
        """[...document.querySelectorAll("text")].filter(
            (text) => getComputedStyle(text).visibility === "visible").map(
            (text) => text.textContent.trim())"""
    )
    assert [text for text in texts if text.startswith("step ")] == [
        "step 3/3\u00a0\u00a0d = a × b = -6"
    ]


def test_the_moving_picture_moves_as_an_image(visit):
    svg = html.escape(moving_picture(engine.steps(classic())), quote=True)
    tab = visit(f"<!DOCTYPE html><title>t</title><div hidden id='s'>{svg}</div><img>", still=False)
    tab.evaluate(
        """() => new Promise((done) => {
          const image = document.querySelector("img");
          image.onload = done;
          image.src = "data:image/svg+xml," + encodeURIComponent(
            document.getElementById("s").textContent);
        })"""
    )
    assert tab.evaluate("document.querySelector('img').naturalWidth") > 300


def test_a_caption_counts_the_parts_that_it_leaves_out():
    xs = [Value(float(i), f"x{i}") for i in range(9)]
    picture = moving_picture(engine.steps(engine.sum(xs)))
    assert "x4" in picture
    assert "… and 4 more" in picture


@pytest.mark.parametrize("ending", ["html", "txt", "json", "svg"])
def test_steps_are_saved_by_the_ending(tmp_path, ending):
    s = engine.steps(classic())
    written = s.save(tmp_path / f"steps.{ending}").read_text(encoding="utf-8")
    if ending == "html":
        assert written == page(s)
    elif ending == "txt":
        assert written.splitlines()[0].startswith("step 0/3")
        assert "step 3/3" in written
    elif ending == "json":
        assert len(json.loads(written)["steps"]) == len(s) == 4
    else:
        assert written == moving_picture(s)


def test_too_long_to_watch():
    y = Value(1.0, "x")
    for _ in range(MOST_STEPS):
        y = y * 1.5
    with pytest.raises(GraphError, match=r"save a page instead, as s\.save\('steps\.html'\)"):
        moving_picture(engine.steps(y))


# ----- Any label, any graph -----------------------------------------------------------------------

SLOW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Texts(HTMLParser):
    """Collects the elements of a page, and the data that it holds."""

    def __init__(self, page):
        super().__init__()
        self.tags = []
        self.data = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes).get("id")))

    def handle_data(self, data):
        if self.tags and self.tags[-1] == ("script", "data"):
            self.data += data


@SLOW
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_label_gives_a_valid_page_and_a_valid_picture(first, second):
    a = Value(2.0, first)
    b = a * 3
    b.label = second
    s = engine.steps(b)
    ET.fromstring(moving_picture(s))
    texts = Texts(page(s))
    assert [tag for tag in texts.tags if tag[0] == "script"] == [
        ("script", "data"),
        ("script", None),
    ]
    names = [node["name"] for node in json.loads(texts.data)["nodes"]]
    assert names == [s.builder.name(i) for i in range(3)]


@SLOW
@given(graphs())
def test_any_graph_gives_a_page_and_a_moving_picture(nodes):
    root = next(node for node in reversed(nodes) if node.requires_grad)
    s = engine.steps(root, "update")
    ET.fromstring(moving_picture(s))
    data = json.loads(Texts(page(s)).data)
    assert [step["expr"] for step in data["steps"]] == [step.expr for step in s]
    for step, shown in zip(s, data["steps"], strict=True):
        after = [part["after"] for part in shown.get("parts", ()) if "after" in part]
        assert len(after) == len(step.parts)


def test_a_graph_too_large_for_a_page():
    y = Value(1.0, "x")
    for _ in range(MOST_NODES):
        y = y + 1.0
    s = engine.steps(y)
    with pytest.raises(GraphError, match="step through a part of it"):
        page(s)
    output = notebook(s)  # still shows the first steps, as a table
    assert "The first 2,000 of 20,001 steps." in output
    assert "<iframe" not in output
