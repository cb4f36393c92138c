"""The forms of a picture: each is valid whatever the labels say, and the same on every run."""

import json
import os
import re
import shutil
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser
from itertools import groupby
from types import ModuleType
from xml.etree import ElementTree as ET

import graphviz
import programs
import pytest
from hypothesis import given, settings
from labels import NASTY, texts

import engine
from engine import GraphError, NumberError, Value, scope
from engine.errors import MissingGraphviz
from engine.view import graphviz_engine
from engine.view.formatting import printable, shorten
from engine.view.graphviz_engine import lay_out
from engine.view.picture.dot import LONGEST_TITLE

NEEDS_DOT = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
SVG = "{http://www.w3.org/2000/svg}"


def labelled(first, second, path="net"):
    """Return a graph of two leaves with these labels, read inside a module of this path."""
    a, b = Value(2.0, label=first), Value(3.0, label=second)
    with scope(path):
        y = a * b
    y.label = first
    y.backward()
    return y


class Page(HTMLParser):
    """A page as a browser reads it: its titles, its data, and the number of its scripts."""

    def __init__(self, text):
        super().__init__()
        self.titles = []
        self.data = ""
        self.scripts = 0
        self._inside = None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self._inside = "data" if ("id", "data") in attributes else tag
        self.titles += [""] * (tag == "title")
        self.scripts += tag == "script"

    def handle_endtag(self, tag):
        self._inside = None

    def handle_data(self, data):
        if self._inside == "title":
            self.titles[-1] += data
        elif self._inside == "data":
            self.data += data


# ----- Any text -----------------------------------------------------------------------------------


@NEEDS_DOT
@settings(max_examples=30)
@given(texts, texts, texts)
def test_any_text_gives_a_valid_svg_that_says_it(first, second, path):
    picture = engine.draw(labelled(first, second, path), names={})
    svg = ET.fromstring(picture.to_svg())
    titles = [title.text for title in svg.iter(f"{SVG}title")]
    written = "".join(text.text.replace("\xa0", " ") for text in svg.iter(f"{SVG}text"))
    for node in picture.diagram.nodes:
        assert node.tooltip in titles
        assert shorten(node.title, LONGEST_TITLE).replace("\xa0", " ") in written


KINDS = {"outline", "edge", "frame"}


@NEEDS_DOT
@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_no_edge_is_drawn_over_the_title_of_a_frame(direction):
    x = Value(1.0, "x")
    with scope("inner"):
        y = (x * 2.0).tanh() + x
    svg = ET.fromstring(engine.draw(y + x, direction=direction).to_svg())
    (graph,) = svg.findall(f"{SVG}g")
    order = [set(group.get("class").split()) & KINDS for group in graph.findall(f"{SVG}g")]
    drawn = [kind for kinds in order for kind in kinds]
    assert [kind for kind, _ in groupby(drawn)] == ["outline", "edge", "frame"]
    (title,) = (group for group in graph.findall(f"{SVG}g") if "frame" in group.get("class"))
    assert title.find(f"{SVG}text").text == "inner"
    assert title.find(f"{SVG}path") is None


@given(texts, texts, texts)
def test_any_text_gives_valid_json(first, second, path):
    picture = engine.draw(labelled(first, second, path), names={})
    found = json.loads(picture.to_json(), parse_constant=pytest.fail)
    assert [node["title"] for node in found["nodes"]] == [n.title for n in picture.diagram.nodes]


@given(texts, texts, texts)
def test_any_text_is_one_line_of_the_tree_without_control_characters(first, second, path):
    lines = engine.draw(labelled(first, second, path), names={}).to_text().split("\n")
    assert len(lines) == 3
    assert not [c for line in lines for c in line if ord(c) < 32 or ord(c) == 127]
    "\n".join(lines).encode()


@NEEDS_DOT
@settings(max_examples=25)
@given(texts, texts, texts)
def test_any_text_gives_a_page_with_its_own_scripts_only(first, second, path):
    picture = engine.draw(labelled(first, second, path), names={})
    page = Page(picture.to_html())
    assert page.scripts == 2
    assert page.titles[0] == f"Graph of {picture.diagram.title}"
    shown = json.loads(page.data)["levels"][0]["nodes"]
    assert {node["text"] for node in shown.values()} == {n.tooltip for n in picture.diagram.nodes}


@pytest.mark.parametrize("label", NASTY)
def test_dot_holds_three_nodes_whatever_they_are_called(label):
    source = engine.draw(labelled(label, label, label), names={}).source
    if shutil.which("dot") is None:
        pytest.skip("Graphviz is not installed")
    drawn = json.loads(lay_out(source, "json"))
    names = [item["name"] for item in drawn["objects"] if "nodes" not in item]
    assert names == ["n0", "n1", "n2"]


@pytest.mark.parametrize("label", NASTY)
def test_a_long_label_is_cut_in_the_box_and_whole_in_the_tooltip(label):
    picture = engine.draw(Value(1.0, label=label * 30))
    (node,) = picture.diagram.nodes
    assert node.tooltip.split("\n")[0] == printable(label * 30)
    (box,) = re.findall(r"<b>(.*?)</b>", picture.source)
    assert len(unescape(box).replace("\\\\", "\\")) <= LONGEST_TITLE


# ----- Saving ------------------------------------------------------------------------------------


@NEEDS_DOT
@pytest.mark.parametrize(
    ("ending", "first"),
    [
        ("svg", b"<svg "),
        ("png", b"\x89PNG\r\n"),
        ("pdf", b"%PDF-"),
        ("html", b"<!DOCTYPE html>"),
        ("dot", b"digraph "),
        ("json", b"{\n"),
        ("txt", b"y = a \xc3\x97 a"),
        ("SVG", b"<svg "),
    ],
)
def test_the_ending_sets_the_format(tmp_path, ending, first):
    a = Value(3.0)
    y = a * a
    path = engine.draw(y).save(tmp_path / f"picture.{ending}")
    assert path == tmp_path / f"picture.{ending}"
    assert path.read_bytes().startswith(first)


@pytest.mark.parametrize("name", ["picture", "picture.gif", "picture.", ".svg.bak"])
def test_an_unknown_ending_is_an_error_that_lists_the_known(tmp_path, name):
    picture = engine.draw(Value(3.0))
    with pytest.raises(NumberError, match=r"one of \.svg, \.png, \.pdf, \.html, \.dot, \.json"):
        picture.save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_to_graphviz_gives_a_digraph_of_the_source():
    picture = engine.draw(Value(3.0) * 2.0)
    graph = picture.to_graphviz()
    assert isinstance(graph, graphviz.Digraph)
    assert graph.source == picture.source
    graph.attr(rankdir="TB")
    assert picture.to_graphviz().source == picture.source  # it was a copy


def test_json_holds_numbers_as_numbers_and_what_json_lacks_as_text():
    x = Value(0.1, label="x")
    y = (x - 0.1).log()
    y.backward()
    found = {node["title"]: node for node in json.loads(engine.draw(y).to_json())["nodes"]}
    assert (found["x"]["data"], found["x"]["grad"]) == (0.1, "inf")
    assert (found["y"]["data"], found["y"]["grad"]) == ("-inf", 1.0)


def test_the_text_form_is_a_tree():
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    c = a * b
    d = c + c.tanh()
    c.label = "c"
    assert engine.draw(d).to_text() == "\n".join(
        [
            "d = c + v1  data 7  grad ·",
            "├─ c = a × b  data 6  grad ·",
            "│  ├─ a  data 2  grad ·",
            "│  └─ b  data 3  grad ·",
            "└─ v1 = tanh(c)  data 1  grad ·",
            "   └─ c = a × b  (see above)",
        ]
    )


def test_every_attribute_of_the_dot():
    """Of a frame in a frame, each kind of edge, nan, a focus, and what is not drawn."""
    from engine.view.picture.diagram import Diagram, DiagramEdge, DiagramFrame, DiagramNode, Row
    from engine.view.picture.dot import digraph
    from engine.view.theme import light

    rows = (Row("data", "2"), Row("grad", "·"), Row("x", "nan", True))
    nodes = (
        DiagramNode("n0", "leaf", "a", rows=rows, tooltip="a\nleaf", frame="g1"),
        DiagramNode("n1", "op", "b", "= a", frame="g1", tooltip="t"),
        DiagramNode("n2", "output", "c", "= b × b", focused=True),
        DiagramNode("n3", "hidden", "… 3 uses", count=0),
        DiagramNode("n4", "group", "net", "× 3", frame="g0", group="net"),
    )
    edges = (
        DiagramEdge("e0", "n0", "n1", operand=1, tooltip="o"),
        DiagramEdge("e1", "n1", "n2", count=1024),
        DiagramEdge("e2", "n2", "n3", count=3),
        DiagramEdge("e3", "n4", "n1", count=8, carried=True),
        DiagramEdge("e4", "n4", "n2", count=2),
    )
    frames = (DiagramFrame("g0", "outer", "outer"), DiagramFrame("g1", "inner", "o/i", "g0"))
    picture = Diagram("c", nodes, edges, frames, notice="3 of 9 nodes.", advice="Look.")
    source = digraph(picture).source.replace("\u00a0", " ")
    lines = [line.strip() for line in source.splitlines()]
    small = f'<font color="{light("muted")}" point-size="10">'
    row = '<tr><td align="left">{}</font></td><td align="right">{}</td></tr>'
    table = '<<table border="0" cellborder="0" cellspacing="0" cellpadding="1">'
    label = (
        f'{table}<tr><td colspan="2"><b>a</b></td></tr>'
        + row.format(f"{small}data", "  2")
        + row.format(f"{small}grad", '<font point-size="16">  ·</font>')
        + row.format(f"{small}x", f'<font color="{light("alarm")}"><b>  nan</b></font>')
        + "</table>>"
    )
    assert lines[4] == "label=<3 of 9 nodes. Look.> labeljust=l labelloc=b"
    assert (
        f'n0 [label={label} class=leaf color="{light("leaf")}" fillcolor="{light("leaf fill")}" '
        'id=n0 margin="0,0" penwidth=1.2 peripheries=1 shape=ellipse style=filled '
        'tooltip="a\\nleaf"]'
    ) in lines
    formula = f'<font color="{light("formula")}">= b × b</font>'
    assert (
        f'n2 [label={table}<tr><td colspan="2"><b>c</b> {formula}</td></tr></table>> class=output '
        f'color="{light("focus")}" fillcolor="{light("output fill")}" id=n2 margin="0.08,0.04" '
        'penwidth=2.6 peripheries=2 shape=box style="rounded,filled" tooltip=" "]'
    ) in lines
    assert (
        f'n3 [label=<{small}… 3 uses</font>> class=hidden id=n3 shape=plain tooltip=" "]' in lines
    )
    assert lines.index("subgraph cluster_g0 {") < lines.index("subgraph cluster_g1 {")
    assert lines[-8:-1] == [
        *["}", "}"],
        'n0 -> n1 [class="edge" id=e0 tooltip=o]',
        'n1 -> n2 [label="×1,024" class="edge" id=e1 penwidth=3.10 tooltip=" "]',  # 1.1 + 10 / 5
        'n2 -> n3 [class="edge" id=e2 penwidth=1.42 tooltip=" "]',
        f'n4 -> n1 [label="×8" class=carried color="{light("carried")}" constraint=false '
        f'fontcolor="{light("carried")}" id=e3 minlen=2 style=dashed tooltip=" "]',
        'n4 -> n2 [label="×2" class="edge" id=e4 penwidth=1.30 tooltip=" "]',
    ]


def test_a_deep_tree_is_indented_to_twenty_levels():
    y = Value(1.0, label="x")
    for _ in range(25):
        y = y.tanh()
    lines = engine.draw(y, names={}).to_text().splitlines()
    assert [line.index("└") for line in lines[1:]] == [3 * min(k, 20) for k in range(25)]


@pytest.mark.parametrize(("nodes", "left"), [(100, []), (101, ["… and 1 more"])])
def test_a_tree_has_up_to_a_hundred_lines(nodes, left):
    y = Value(1.0, label="x")
    for _ in range(nodes - 1):
        y = y.tanh()
    lines = engine.draw(y, names={}, max_nodes=1000, collapse=False).to_text().splitlines()
    assert lines[100:] == left


def test_a_tree_says_how_often_a_box_of_several_is_read():
    """Of one node each use has a line; of several nodes, one line counts the uses."""
    from engine.view.picture.diagram import Diagram, DiagramEdge, DiagramNode, Row
    from engine.view.picture.text import tree

    several = DiagramNode("n0", "leaf", "x0…7", "× 8", (Row("data", "1"),), count=8)
    one = DiagramNode("n1", "leaf", "y", rows=(Row("data", "2"), Row("grad", "·")))
    total = DiagramNode("n2", "op", "sum", "× 3", count=3)
    edges = (
        DiagramEdge("e0", "n0", "n2", count=1200),
        DiagramEdge("e1", "n0", "n2", count=1),
        DiagramEdge("e2", "n1", "n2", count=2),
        DiagramEdge("e3", "n2", "n1", count=9, carried=True),
    )
    diagram = Diagram("sum", (several, one, total), edges, notice="3 of 9 nodes.", advice="Look.")
    assert tree(diagram) == "\n".join(
        [
            "sum × 3",
            "├─ x0…7 × 8  (×1,200)  data 1",
            "├─ x0…7 × 8  data 1",
            "└─ y  data 2  grad ·",
            "3 of 9 nodes. Look.",
        ]
    )


def test_a_long_tree_counts_what_it_leaves_out():
    x = Value(1.0, label="x")
    total = x
    for _ in range(120):
        total = total.tanh() + 1.0
    *lines, left = engine.draw(total, max_nodes=1000, collapse=False).to_text().splitlines()
    assert len(set(lines)) == 100
    assert left == "… and 261 more"  # of 120 · 3 + 1


def test_in_the_text_form_a_box_that_nothing_reads_is_there_once():
    x = Value(1.0, label="x")
    lines = engine.draw([x * float(i) for i in range(300)], max_nodes=8).to_text().splitlines()
    assert lines[0].startswith("stage8  ops 38  (×)  ")  # which nothing reads
    assert not any("(×2)" in line for line in lines)


# ----- Notebooks ----------------------------------------------------------------------------------


@NEEDS_DOT
def test_a_notebook_is_given_svg_and_text_and_nothing_else():
    picture = engine.draw(Value(3.0) * 2.0)
    bundle = picture._repr_mimebundle_()
    assert sorted(bundle) == ["image/svg+xml", "text/plain"]
    assert bundle["text/plain"] == picture.to_text()
    assert list(picture._repr_mimebundle_(include={"text/plain"})) == ["text/plain"]
    assert list(picture._repr_mimebundle_(exclude={"image/svg+xml"})) == ["text/plain"]


@pytest.fixture
def no_graphviz(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pygraphviz", None)  # so that importing it fails


@pytest.mark.usefixtures("no_graphviz")
def test_without_graphviz_a_notebook_is_told_how_to_get_pictures():
    picture = engine.draw(Value(3.0))
    (only,) = picture._repr_mimebundle_().items()
    assert only[0] == "text/plain"
    *tree, advice = only[1].split("\n")
    assert tree == picture.to_text().split("\n")
    assert "`dot`" in advice
    assert 'pip install "stepgrad[dot]"' in advice


@pytest.mark.usefixtures("no_graphviz")
@pytest.mark.parametrize("ending", ["svg", "png", "pdf", "html"])
def test_without_graphviz_a_script_gets_an_error_that_names_both_ways(tmp_path, ending):
    target = tmp_path / f"picture.{ending}"
    with pytest.raises(MissingGraphviz, match="`dot` is on the PATH") as caught:
        engine.draw(Value(3.0)).save(target)
    assert 'pip install "stepgrad[dot]"' in str(caught.value)
    assert not target.exists()


@pytest.mark.usefixtures("no_graphviz")
@pytest.mark.parametrize("ending", ["dot", "json", "txt"])
def test_without_graphviz_the_other_forms_are_there(tmp_path, ending):
    assert engine.draw(Value(3.0)).save(tmp_path / f"picture.{ending}").stat().st_size


def test_pygraphviz_does_where_there_is_no_dot(monkeypatch, tmp_path):
    pygraphviz = pytest.importorskip("pygraphviz", minversion="2.0.1")
    assert pygraphviz
    loss, _ = programs.moons_loss(samples=5, decay=0.0)
    with_dot = shutil.which("dot") and engine.draw(loss, names={}).to_svg()
    monkeypatch.setenv("PATH", str(tmp_path))
    svg = engine.draw(loss, names={}).to_svg()
    if with_dot:
        count = len(re.findall('class="node', with_dot))
        assert len(re.findall('class="node', svg)) == count
    assert ET.fromstring(svg).get("viewBox")
    assert engine.draw(loss).save(tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
    assert "</html>" in engine.draw(loss).to_html()


def dot_that(tmp_path, monkeypatch, script):
    """Put a program in the place of Graphviz."""
    program = tmp_path / "dot"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")


POSIX = pytest.mark.skipif(os.name != "posix", reason="a program here is a shell script")


@POSIX
def test_where_graphviz_fails_it_is_quoted(tmp_path, monkeypatch):
    dot_that(tmp_path, monkeypatch, "printf '<svg></svg>'; echo ' no such font ' >&2; exit 3")
    with pytest.raises(GraphError, match=r"^Graphviz failed: no such font$"):
        engine.draw(Value(1.0)).to_svg()


@POSIX
def test_where_graphviz_takes_too_long_there_is_a_way_out(tmp_path, monkeypatch):
    assert graphviz_engine.LONGEST == 120  # seconds, as the message of an error says in minutes
    dot_that(tmp_path, monkeypatch, "exec sleep 60")
    monkeypatch.setattr(graphviz_engine, "LONGEST", 0.05)
    with pytest.raises(GraphError, match=r"in 0\.05 seconds: draw less .* focus=node"):
        engine.draw(Value(1.0)).to_svg()


@POSIX
def test_only_the_time_of_a_pdf_is_replaced(tmp_path, monkeypatch):
    written = "/CreationDate (D:20260102030405Z)"
    dot_that(tmp_path, monkeypatch, f"printf '{written}'")
    assert lay_out("", "pdf") == b"/CreationDate (D:19700101000000Z)"
    assert lay_out("", "png") == written.encode()


@POSIX
def test_several_pictures_are_cut_from_one_run(tmp_path, monkeypatch):
    dot_that(tmp_path, monkeypatch, "printf '<svg>1</svg>\\n\\n <svg>2</svg>\\n'")
    drawn = graphviz_engine.lay_out_several(["graph {}", "graph {}"])
    assert drawn == [b"<svg>1</svg>", b"<svg>2</svg>"]


@pytest.mark.parametrize(("version", "fine"), [("1.14", False), ("2.0.1", True), ("10.1", True)])
def test_pygraphviz_does_from_version_2_on(tmp_path, monkeypatch, version, fine):
    module = ModuleType("pygraphviz")
    module.__version__ = version

    class AGraph:
        def __init__(self, string):
            self.source = string

        def draw(self, format, prog):
            return f"<svg>{self.source} {format} {prog}</svg>".encode()

    module.AGraph = AGraph
    monkeypatch.setitem(sys.modules, "pygraphviz", module)
    monkeypatch.setenv("PATH", str(tmp_path))
    if not fine:
        with pytest.raises(MissingGraphviz, match=r"pip install \"stepgrad\[dot\]\""):
            lay_out("a", "svg")
        return
    assert lay_out("a", "svg") == b"<svg>a svg dot</svg>"
    assert graphviz_engine.lay_out_several(["a", "b"]) == [
        b"<svg>a svg dot</svg>",
        b"<svg>b svg dot</svg>",
    ]


# ----- SVG ----------------------------------------------------------------------------------------


@NEEDS_DOT
def test_two_pictures_on_one_page_share_no_id_and_no_class_of_their_styles():
    first = engine.draw(labelled("a", "b")).to_svg()
    second = engine.draw(labelled("a", "c")).to_svg()
    ids = [set(re.findall(r'\bid="([^"]*)"', svg)) for svg in (first, second)]
    assert ids[0]
    assert not ids[0] & ids[1]
    for svg, other in ((first, second), (second, first)):
        (prefix,) = set(re.findall(r"\.(p[0-9a-f]{8}) ", svg))
        assert f'class="{prefix}"' in svg
        assert prefix not in other


@NEEDS_DOT
def test_every_colour_of_a_picture_has_a_dark_form():
    loss, network = programs.moons_loss(samples=5)
    loss.backward()
    for picture in (engine.draw(loss), engine.draw(network, sample=[1.0, -1.0])):
        svg = picture.to_svg()
        style = ET.fromstring(svg).find(f"{SVG}style").text
        assert "prefers-color-scheme:dark" in style
        for part, colour in set(re.findall(r'(fill|stroke)="(#[0-9a-f]{6})"', svg)):
            assert f"[{part}='{colour}']{{{part}:" in style, (part, colour)
        assert not set(re.findall(r'(?:fill|stroke)="([a-z]+)"', svg)) - {"none", "transparent"}


@NEEDS_DOT
def test_nan_is_red_in_the_svg():
    from engine.view.theme import light

    (text,) = (
        element
        for element in ET.fromstring(engine.draw(Value(-1.0).log()).to_svg()).iter(f"{SVG}text")
        if element.text.strip("\xa0") == "nan"
    )
    assert (text.get("fill"), text.get("font-weight")) == (light("alarm"), "bold")


@NEEDS_DOT
@pytest.mark.parametrize("ending", ["svg", "html"])
def test_nothing_is_fetched_from_anywhere(tmp_path, ending):
    loss, _ = programs.moons_loss(samples=5)
    text = engine.draw(loss).save(tmp_path / f"x.{ending}").read_text()
    assert set(re.findall(r"\w+://[^\s\"'<)]*", text)) == {"http://www.w3.org/2000/svg"}
    assert "url(" not in text
    assert "@import" not in text


# ----- The same on every run ----------------------------------------------------------------------

SCRIPT = """
import sys
sys.path[:0] = {paths!r}
import engine, programs
loss, network = programs.moons_loss(samples=6)
loss.backward()
pictures = [
    engine.draw(loss), engine.draw(loss, expand="all"),
    engine.draw(loss, focus="mlp/layer0/neuron3/b"),
    engine.draw(loss, collapse=False, max_nodes=20), engine.draw(network, sample=[1, 2]),
]
for picture in pictures:
    print(picture.source, picture.to_text(), picture.to_json())
    if {drawn}:
        print(picture.to_svg())
if {drawn}:
    print(pictures[0].to_html())
"""


def test_two_processes_write_the_same_bytes():
    here = os.path.dirname(__file__)
    code = SCRIPT.format(
        paths=[here, *filter(None, sys.path)], drawn=shutil.which("dot") is not None
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert len(outputs[0]) > 10_000
    assert outputs[0] == outputs[1]


@NEEDS_DOT
def test_a_pdf_does_not_tell_when_it_was_written(tmp_path, monkeypatch):
    picture = engine.draw(Value(3.0, "a") * 2)
    first = picture.save(tmp_path / "a.pdf").read_bytes()
    monkeypatch.setattr(
        graphviz_engine, "_run", lambda *call: first.replace(b"(D:1970", b"(D:2031")
    )
    assert picture.save(tmp_path / "b.pdf").read_bytes() == first
    assert first.startswith(b"%PDF")
    assert b"CreationDate (D:20" not in first


def test_an_address_in_memory_is_nowhere():
    a = Value(3.0)
    picture = engine.draw(a * a, names={})
    for form in (picture.source, picture.to_json(), picture.to_text()):
        assert str(id(a)) not in form
        assert "0x" not in form
