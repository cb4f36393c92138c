"""The course: executed anew it says what is committed, and what is committed is fit to be shown."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

import engine
from tests.notebooks.__main__ import main
from tests.notebooks.building import FOLDER, cleaned, executed, notebooks, read, text_of
from tests.notebooks.comparing import differences

LARGEST = 500_000  # bytes of a notebook: what code hosts still show
NAMESPACE = re.compile(r"http://www\.w3\.org/(2000/svg|1999/xlink)\b")  # a name, not an address
EVERY = pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
MODES = {False: "compiled", True: "plain"}

if not FOLDER.exists():
    pytest.skip("the notebooks are not beside the tests", allow_module_level=True)


def outputs(path: Path) -> list[NotebookNode]:
    """Return all outputs of a notebook."""
    return [
        output for cell in read(path).cells if cell.cell_type == "code" for output in cell.outputs
    ]


def test_the_course_is_there() -> None:
    assert [path.name[:2] for path in notebooks()] == ["01", "02", "03", "04"]


@pytest.mark.slow(reason="executes a whole notebook, in both modes")
@pytest.mark.parametrize("plain", [False, True] if engine.compiled else [True], ids=MODES.get)
@EVERY
def test_it_says_what_is_committed(path: Path, plain: bool) -> None:
    committed = read(path)
    told = differences(committed, executed(committed, plain))
    assert not told, "\n".join([*told, "python -m tests.notebooks writes the outputs anew"])


@EVERY
def test_it_is_written_as_the_script_writes_it(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == text_of(read(path))


@EVERY
def test_it_is_valid_and_small(path: Path) -> None:
    nbformat.validate(read(path))
    assert path.stat().st_size < LARGEST


@EVERY
def test_its_cells_were_run_once_and_in_order(path: Path) -> None:
    code = [cell for cell in read(path).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))


@EVERY
def test_no_output_is_an_error_or_a_warning(path: Path) -> None:
    kinds = {(output.output_type, output.get("name", "")) for output in outputs(path)}
    assert kinds <= {("stream", "stdout"), ("display_data", ""), ("execute_result", "")}


@EVERY
def test_no_output_leads_elsewhere(path: Path) -> None:
    for output in outputs(path):
        output.get("data", {}).pop("image/png", None)  # of random letters, which may be any
        assert re.search("https?:", NAMESPACE.sub("", json.dumps(output))) is None


@EVERY
def test_no_output_names_the_machine(path: Path) -> None:
    for output in outputs(path):
        text = json.dumps(output)
        for hint in (str(Path.home()), str(FOLDER.parent), "ipykernel", "site-packages", " at 0x"):
            assert hint not in text


@EVERY
def test_nothing_but_pictures_players_reports_and_text_is_shown(path: Path) -> None:
    notebook = read(path)
    forms = {form for output in outputs(path) for form in output.get("data", ())}
    assert forms <= {"image/png", "image/svg+xml", "text/html", "text/plain"}
    assert set(notebook.metadata) == {"made_with", "kernelspec", "language_info"}
    assert all(cell.metadata == {} for cell in notebook.cells)


@EVERY
def test_its_links_lead_to_files(path: Path) -> None:
    prose = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    links = re.findall(r"\]\(([^)]+)\)", prose)
    assert links
    for link in links:
        assert link.startswith("https://") or (FOLDER / link).exists(), link


def test_nothing_is_left_in_the_folder() -> None:
    known = {".ipynb", ".mplstyle"}
    left = [path.name for path in FOLDER.iterdir() if path.is_file() and path.suffix not in known]
    assert left == []


def small(*sources: str) -> NotebookNode:
    """Return a notebook of code cells."""
    cells = [
        nbformat.v4.new_code_cell(source, id=f"cell-{place}")
        for place, source in enumerate(sources)
    ]
    return cleaned(nbformat.v4.new_notebook(cells=cells))


DRAWN = {"image/svg+xml": "<svg><title>a</title><g transform='scale(1)'><text>2</text></g></svg>"}


def shown(data: dict[str, Any], programs: dict[str, str] | None = None) -> NotebookNode:
    """Return a notebook with one output."""
    notebook = small("x")
    notebook.cells[0].outputs = [nbformat.v4.new_output("display_data", data)]
    notebook.metadata.made_with = programs or {"graphviz": "2.43.0"}
    return notebook


def test_a_difference_is_told_by_its_cell() -> None:
    one, other = small("x = 1", "x"), small("x = 1", "x")
    one.cells[1].outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "1"})]
    other.cells[1].outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "2"})]
    told = differences(one, other)
    assert told[0].startswith("--- cell 2 (cell-1), committed")
    assert told[-2:] == ["-1", "+2"]
    assert differences(one, one) == []


@pytest.mark.parametrize("change", ["scale(2)", "scale(1)'/><g transform='scale(1)"])
def test_pictures_of_the_same_programs_are_the_same_bytes(change: str) -> None:
    other = {"image/svg+xml": DRAWN["image/svg+xml"].replace("scale(1)", change)}
    assert differences(shown(DRAWN), shown(other))
    assert differences(shown(DRAWN), shown(other, {"graphviz": "9"})) == []


def test_pictures_of_other_programs_say_the_same() -> None:
    other = {"image/svg+xml": DRAWN["image/svg+xml"].replace(">2<", ">3<")}
    assert differences(shown(DRAWN), shown(other, {"graphviz": "9"}))


def test_what_other_programs_grumble_about_says_nothing() -> None:
    quiet, loud = shown(DRAWN), shown(DRAWN)
    loud.cells[0].outputs.append(nbformat.v4.new_output("stream", name="stderr", text="hm"))
    assert differences(quiet, loud)
    loud.metadata.made_with = {"graphviz": "9"}
    assert differences(quiet, loud) == []


@pytest.mark.parametrize("form", ["text/plain", "text/html"])
def test_numbers_of_other_programs_agree_in_their_first_digits(form: str) -> None:
    one, near, far = (shown({form: f"numeric   -0.0883883476{end}"}) for end in ("38", "41", "99"))
    assert differences(one, near)
    for notebook in (near, far):
        notebook.metadata.made_with = {"graphviz": "9"}
    assert differences(one, near) == []
    assert differences(one, far)


def test_players_of_other_programs_have_the_same_steps() -> None:
    page = "<iframe srcdoc='<svg>{}</svg>'></iframe><table>{}</table>"
    one = shown({"text/html": page.format(1, 1)})
    assert differences(one, shown({"text/html": page.format(2, 1)}, {"graphviz": "9"})) == []
    assert differences(one, shown({"text/html": page.format(1, 2)}, {"graphviz": "9"}))


@pytest.mark.slow(reason="it executes a notebook twice")
def test_the_script_writes_once_and_finds_what_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "01-small.ipynb"
    nbformat.write(small("import engine", "engine.Value(1.0) + 1"), path)
    monkeypatch.setattr("tests.notebooks.building.FOLDER", tmp_path)
    assert main([]) == 0
    text = path.read_text(encoding="utf-8")
    assert "Value(data=2.0, grad=None)" in text
    path.write_text(text.replace("data=2.0", "data=3.0"), encoding="utf-8")
    capsys.readouterr()
    assert main(["01", "--check"]) == 1
    told = capsys.readouterr().out
    assert "DIFFERENT" in told
    assert "-Value(data=3.0, grad=None)\n+Value(data=2.0, grad=None)\n" in told
    with pytest.raises(SystemExit):
        main(["02"])
