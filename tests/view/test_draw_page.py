"""The page of a picture, in a real browser: opening, closing, searching, zooming, keys, themes."""

import shutil

import programs
import pytest
from browser import NEEDS_BROWSER, visit

import engine
from engine import Value

pytestmark = [
    NEEDS_BROWSER,
    pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed"),
]


@pytest.fixture(scope="module")
def page():
    loss, _ = programs.moons_loss(samples=6)
    loss.backward()
    return engine.draw(loss).to_html()


def quiet(saw):
    """Check that a page neither failed nor asked for anything from anywhere."""
    assert saw["errors"] == []
    assert saw["fetched"] == []
    return saw


def test_a_click_opens_a_group_and_a_click_on_its_title_closes_it(page, tmp_path):
    saw = quiet(
        visit(
            tmp_path,
            page,
            """
            saw.start = shown().querySelectorAll(".node").length;
            click(node("layer0").querySelector("polygon"));
            saw.opened = [...shown().querySelectorAll(".frame > text")].map((t) => t.textContent);
            saw.path = text("path");
            saw.address = location.hash;
            saw.inside = [!!node("w0…1"), !!node("layer0"), !!node("layer1")];
            click([...shown().querySelectorAll(".frame > text")].pop());
            saw.closed = [!!node("w0…1"), !!node("layer0"), !!node("layer1")];
            """,
        )
    )
    assert saw["opened"][-1] == "layer0 › neuron0…15 × 16 neurons"
    assert saw["path"].endswith("loop × 6 samples › mlp › layer0 › neuron0…15 × 16 neurons")
    assert saw["address"] == "#group=mlp%2Flayer0"
    assert saw["inside"] == [True, False, True]
    assert saw["closed"] == [False, True, True]


def test_an_address_opens_a_group(page, tmp_path):
    saw = visit(tmp_path, page, 'saw.there = !!node("w0…1");', fragment="group=mlp%2Flayer0")
    assert quiet(saw)["there"]


def test_an_address_of_no_group_opens_the_whole(page, tmp_path):
    saw = visit(tmp_path, page, 'saw.there = !!node("layer0");', fragment="group=nowhere&x=<b>")
    assert quiet(saw)["there"]


def test_a_chosen_node_tells_all_and_lights_its_edges(page, tmp_path):
    saw = quiet(
        visit(
            tmp_path,
            page,
            """
            click(node("loss").querySelector("path"));
            saw.details = text("details").split("\\n");
            saw.lit = shown().querySelectorAll(".lit.edge").length;
            key("Escape");
            saw.after = [text("details"), shown().querySelectorAll(".lit").length];
            """,
        )
    )
    assert saw["details"][0].startswith("loss = ")
    assert saw["details"][1] == "output"
    assert saw["details"][2].startswith("data ")
    assert saw["details"][3] == "grad 1.0"
    assert saw["lit"] == 2
    assert saw["after"] == ["", 0]


def test_search_goes_to_the_level_where_a_name_is_drawn(page, tmp_path):
    saw = quiet(
        visit(
            tmp_path,
            page,
            """
            key("/");
            saw.focused = document.activeElement.id;
            type("layer1/neuron3/w7");
            saw.found = text("found").split("\\n");
            key("Enter");
            saw.path = text("path");
            saw.details = text("details").split("\\n")[0];
            type("no such thing");
            saw.nothing = text("found");
            """,
        )
    )
    assert saw["focused"] == "query"
    assert saw["found"] == ["mlp/layer1/neuron3/w7"]
    assert saw["path"].endswith("layer1 › neuron0…15 × 16 neurons")
    assert saw["details"] == "256 parameters"
    assert saw["nothing"] == "no such name"


def test_everything_can_be_done_from_the_keyboard(page, tmp_path):
    saw = quiet(
        visit(
            tmp_path,
            page,
            """
            const label = () => document.activeElement.getAttribute("aria-label") ?? "";
            node("layer0").focus();
            key("Enter");
            saw.opened = !!node("w0…1");
            key("Escape");
            saw.closed = !node("w0…1");
            node("relu").focus();
            key("Enter");
            node("relu").focus();
            key(" ");
            saw.unlabelled = [...shown().querySelectorAll(".node[tabindex]")].filter(
              (item) => !item.getAttribute("aria-label") || item.getAttribute("role") !== "button"
            ).length;
            const box = () => shown().getAttribute("viewBox").split(" ").map(Number);
            const whole = box();
            key("+");
            saw.nearer = box()[2] < whole[2];
            key("0");
            saw.fits = Math.abs(box()[2] - whole[2]) < 0.1;
            key("Escape");
            key("ArrowRight");
            saw.moved = box()[0] > whole[0];
            click(node("loss").querySelector("path"));
            key("ArrowLeft");
            saw.operand = label().split(" ")[0];
            """,
        )
    )
    assert saw["opened"]
    assert saw["closed"]
    assert saw["unlabelled"] == 0
    assert saw["nearer"]
    assert saw["fits"]
    assert saw["moved"]
    assert saw["operand"].startswith("v")


def test_the_wheel_zooms_around_the_pointer_and_a_drag_moves(page, tmp_path):
    saw = quiet(
        visit(
            tmp_path,
            page,
            """
            const stage = document.getElementById("stage");
            const before = node("layer0").getBoundingClientRect();
            const [x, y] = [before.left, before.top];
            const at = { clientX: x, clientY: y, bubbles: true, cancelable: true };
            stage.dispatchEvent(new WheelEvent("wheel", { deltaY: -400, ...at }));
            const near = node("layer0").getBoundingClientRect();
            saw.larger = near.width > 1.5 * before.width;
            saw.stayed = Math.hypot(near.left - before.left, near.top - before.top) < 2;
            const drag = (name, clientX) => node("layer0").dispatchEvent(new PointerEvent(
              name, { ...at, clientX, pointerId: 1 }));
            drag("pointerdown", 300);
            drag("pointermove", 380);
            drag("pointerup", 380);
            node("layer0").dispatchEvent(new MouseEvent("click", at));
            saw.moved = node("layer0")?.getBoundingClientRect().left - near.left;
            """,
        )
    )
    assert saw["larger"]
    assert saw["stayed"]
    assert saw["moved"] == pytest.approx(80, abs=1)  # and the end of a drag opened nothing


@pytest.mark.parametrize("dark", [False, True])
def test_the_page_follows_the_theme_of_the_reader(page, tmp_path, dark):
    saw = quiet(
        visit(
            tmp_path,
            page,
            """
            const style = (item) => getComputedStyle(item);
            saw.paper = style(document.body).backgroundColor;
            saw.text = style(node("loss").querySelector("text")).fill;
            saw.fill = style(node("loss").querySelector("path")).fill;
            """,
            dark=dark,
        )
    )

    def light(colour):
        return sum(int(part) for part in colour[4:-1].split(",")) > 3 * 128

    assert [light(saw[part]) for part in ("paper", "text", "fill")] == [not dark, dark, not dark]


def test_labels_cannot_leave_their_place(tmp_path):
    nasty = "</script><img src=x onerror=ERRORS.push(1)><!-- {{data}} & \\N \"'"
    a = Value(1.0, label=nasty)
    with engine.scope(nasty):
        y = a * 2.0
    saw = visit(
        tmp_path,
        engine.draw(y, names={}).to_html(),
        """
        saw.images = document.images.length;
        const leaf = shown().querySelector(".node.leaf");
        click(leaf.querySelector("ellipse"));
        saw.details = document.getElementById("details").firstChild.textContent;
        """,
    )
    assert quiet(saw)["images"] == 0
    assert saw["details"] == nasty


def test_the_page_of_one_node_and_of_a_network_work(tmp_path):
    from nn import MLP

    for picture in (
        engine.draw(Value(1.0, label="a")),
        engine.draw(MLP(2, [3, 1], seed=0), sample=[1.0, 2.0]),
    ):
        script = 'saw.nodes = shown().querySelectorAll(".node").length; key("Escape"); key("+");'
        saw = quiet(visit(tmp_path, picture.to_html(), script))
        assert saw["nodes"] >= len(picture.diagram.nodes)
