"""The pictures in the README are what its program draws. To draw them anew, run this file."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import engine
from engine import Value

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "notebooks/images/graph.svg"
MOVING = ROOT / "notebooks/images/steps.svg"
SVG = "{http://www.w3.org/2000/svg}"


def graph():
    """Return the README's first graph."""
    a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(10.0, label="c")
    e = (a * b + c) * a
    e.label = "e"
    return e


def program():
    """Return the picture of it after a backward pass."""
    e = graph()
    e.backward()
    return engine.draw(e)


def structure(svg):
    """Return all that a picture says, and nothing of where: that is up to Graphviz's version."""
    root = ET.fromstring(svg)
    parts = {}
    for group in root.iter(f"{SVG}g"):
        if group.get("class", "").startswith(("node", "edge")):
            title = group.findtext(f"{SVG}title")
            colours = sorted({shape.get("stroke", "") for shape in group})
            texts = [text.text for text in group.iter(f"{SVG}text")]
            parts[group.get("id").partition("-")[2]] = (group.get("class"), title, texts, colours)
    style = root.findtext(f"{SVG}style").replace(f".{root.get('class')}", "")
    return root.findtext(f"{SVG}title"), root.findtext(f"{SVG}desc"), style, parts


def test_the_picture_in_the_readme_is_what_its_program_draws():
    if not PICTURE.exists():
        pytest.skip("the notebooks are not beside the tests")
    try:
        drawn = program().to_svg()
    except engine.errors.MissingGraphviz:
        pytest.skip("Graphviz is not installed")
    committed = PICTURE.read_text(encoding="utf-8")
    assert structure(committed) == structure(drawn)
    assert len(structure(committed)[-1]) == 6 + 6  # nodes and edges


def test_the_moving_picture_in_the_readme_says_what_its_program_says(tmp_path):
    if not MOVING.exists():
        pytest.skip("the notebooks are not beside the tests")
    committed = ["".join(text.itertext()) for text in ET.parse(MOVING).getroot().iter(f"{SVG}text")]
    try:
        drawn = ET.parse(engine.steps(graph()).save(tmp_path / "steps.svg")).getroot()
    except engine.errors.MissingGraphviz:
        pytest.skip("Graphviz is not installed")
    assert committed == ["".join(text.itertext()) for text in drawn.iter(f"{SVG}text")]
    assert "step 3/3" in " ".join(committed)


def test_the_readme_shows_that_picture_and_that_program():
    readme = ROOT / "README.md"
    if not readme.exists():
        pytest.skip("the README is not beside the tests")
    text = readme.read_text(encoding="utf-8")
    assert f"]({PICTURE.relative_to(ROOT).as_posix()})" in text
    assert f"]({MOVING.relative_to(ROOT).as_posix()})" in text
    assert '>>> a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(10.0, label' in text
    assert ">>> e = (a * b + c) * a" in text


if __name__ == "__main__":
    program().save(PICTURE)
    engine.steps(graph()).save(MOVING)
