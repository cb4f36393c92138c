"""What displays draw: the content of the axes, legible and whole, and nothing else touched."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import OperandError
from nn import MLP, History
from nn.plots import (
    ConfusionMatrixDisplay,
    DecisionBoundaryDisplay,
    GradientFlowDisplay,
    LearningRateDisplay,
    LossCurveDisplay,
    LossLandscapeDisplay,
    PredictionErrorDisplay,
    WeightsDisplay,
)
from nn.plots.display import Display, figure_of, new_axes, png
from nn.plots.paint import literal

matplotlib = pytest.importorskip("matplotlib")

STRANGE = ("a $x$ and $y$", "_hidden <b>", "a name of more letters than there is room for")


def curves() -> LossCurveDisplay:
    """Return the curves of three epochs."""
    history = History()
    for epoch, (loss, held) in enumerate([(4.0, 3.0), (2.0, 1.0), (1.0, 2.0)], 1):
        history.append({"epoch": epoch, "loss": loss, "val_loss": held})
    return LossCurveDisplay.from_history(history)


def boundary() -> DecisionBoundaryDisplay:
    """Return the plane of three classes, one sample of each in its own and one of 0 in that of 1.

    Class 0 is where x and y are below 0.5, class 1 right of it, class 2 above, by the larger.
    """
    return DecisionBoundaryDisplay.from_model(
        lambda row: [0.5, row[0], row[1]],
        [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.9, 0.1]],
        [0, 1, 2, 0],
        resolution=11,
        margin=0.0,
        class_names=STRANGE,
        feature_names=("width in $", "_height"),
    )


def landscape() -> LossLandscapeDisplay:
    """Return a map with a path and a loss that is no number."""
    losses = [[3.0, 2.0, math.nan], [2.0, 1.0, 2.0], [math.inf, 2.0, 400.0]]
    steps = [-1.0, 0.0, 1.0]
    return LossLandscapeDisplay(
        steps, steps, losses, [(-0.5, -0.5), (0.5, 0.0), (0.0, 0.0)], ("along", "across")
    )


def flow() -> GradientFlowDisplay:
    """Return the gradients of a layer with dead neurons and of one without."""
    return GradientFlowDisplay(["layer0", "layer1"], [0.0, 0.5], [0.0, 2.0], [1.0, 0.0])


MAKERS: dict[str, Callable[[], Display]] = {
    "curves": curves,
    "boundary": boundary,
    "map": landscape,
    "slice": lambda: LossLandscapeDisplay([-1.0, 0.0, 1.0], None, [1.0, 0.5, 1.0], None, ("a", "")),
    "flow": flow,
    "rates": lambda: LearningRateDisplay([0.1, 1.0, 10.0], [3.0, 2.0, 9.0], [3.0, 2.5, 9.0], 1.0),
    "confusion": lambda: ConfusionMatrixDisplay([[9, 1, 0], [0, 5, 0], [0, 0, 0]], STRANGE),
    "weights": lambda: WeightsDisplay.from_model(MLP(4, [5, 1], seed=0), (2, 2)),
    "errors": lambda: PredictionErrorDisplay([1.0, 2.5], [1.0, 2.0], "price ($k$)"),
}

every_display = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


def texts_of(figure: Any) -> list[Any]:
    """Return the texts of a figure that are drawn: not those of ticks beyond the axis."""
    figure.draw_without_rendering()
    beyond = []
    for axis in [axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)]:
        low, high = sorted(axis.get_view_interval())
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            if not axis.axes.axison or not low <= tick.get_loc() <= high:
                beyond += [tick.label1, tick.label2]
    return [
        text
        for text in figure.findobj(matplotlib.text.Text)
        if text.get_visible() and text.get_text().strip() and text not in beyond
    ]


def luminance(colour: Any) -> float:
    """Return the relative luminance of a colour, as WCAG 2.1 defines it."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in matplotlib.colors.to_rgb(colour)
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


# ----- Every display -----------------------------------------------------------------------------


@every_display
def test_plot_returns_the_display_with_its_axes_and_touches_nothing_global(
    make: Callable[[], Display],
) -> None:
    from matplotlib import pyplot

    before = dict(matplotlib.rcParams)
    display = make()
    assert display.plot() is display
    assert display.ax_ in display.figure_.axes
    assert pyplot.get_fignums() == []
    assert dict(matplotlib.rcParams) == before


@every_display
def test_given_axes_are_drawn_on_and_no_figure_is_made(make: Callable[[], Display]) -> None:
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2)
    try:
        display = make().plot(ax=right)
        assert display.ax_ is right
        assert display.figure_ is figure
        assert not left.has_data()
        assert right.has_data()
        assert pyplot.get_fignums() == [figure.number]
        assert list(display._repr_mimebundle_()[0]) == ["text/plain"]  # the user's own figure
    finally:
        pyplot.close(figure)


@every_display
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_all_text_is_inside_the_figure_and_stands_out(
    make: Callable[[], Display], dark: bool
) -> None:
    figure = make().plot(dark=dark).figure_
    paper = luminance(figure.get_facecolor())
    assert (paper < 0.1) is dark
    whole = figure.bbox
    for text in texts_of(figure):
        box = text.get_window_extent()
        label = text.get_text()
        assert box.x0 >= whole.x0 - 0.5, label  # half a pixel, for glyphs are not on the grid
        assert box.y0 >= whole.y0 - 0.5, label
        assert box.x1 <= whole.x1 + 0.5, label
        assert box.y1 <= whole.y1 + 0.5, label
        if text.axes is None or not text.axes.images or text not in text.axes.texts:
            own = luminance(text.get_color())
            ratio = (max(own, paper) + 0.05) / (min(own, paper) + 0.05)
            assert ratio >= 4.5, label  # WCAG 2.1, level AA


@every_display
def test_the_same_display_gives_the_same_bytes(make: Callable[[], Display]) -> None:
    display = make()
    assert png(display.plot().figure_, 0.5) == png(display.plot().figure_, 0.5)


@every_display
def test_a_notebook_shows_the_picture_at_the_size_of_its_figure(
    make: Callable[[], Display],
) -> None:
    display = make()
    data, details = display._repr_mimebundle_()
    assert sorted(data) == ["image/png", "text/plain"]
    assert data["text/plain"] == repr(display)
    assert repr(display).startswith(f"<{type(display).__name__}: ")
    width = int.from_bytes(data["image/png"][16:20], "big")  # of a PNG's header
    assert width == 2 * details["image/png"]["width"]


@every_display
def test_on_dark_axes_of_the_user_the_colours_are_the_dark_ones(
    make: Callable[[], Display],
) -> None:
    (ax,) = new_axes((5.0, 4.0), dark=True)
    (other,) = new_axes((5.0, 4.0), dark=False)
    make().plot(ax=ax)
    make().plot(ax=other)
    dark = {str(line.get_color()) for line in ax.lines}
    light = {str(line.get_color()) for line in other.lines}
    assert dark.isdisjoint(light)


def test_what_is_no_axes_is_an_error() -> None:
    with pytest.raises(OperandError, match=r"ax takes axes, .* got str"):
        curves().plot(ax="left")  # type: ignore[arg-type]


def test_axes_of_a_part_of_a_figure_know_the_whole() -> None:
    figure = figure_of(new_axes((4.0, 3.0))[0])
    part, _ = figure.subfigures(1, 2)
    assert curves().plot(ax=part.subplots()).figure_ is figure


# ----- What is on the axes -----------------------------------------------------------------------


def test_loss_curves_are_lines_over_the_epochs() -> None:
    ax = curves().plot().ax_
    training, validation, best = ax.lines
    assert training.get_xydata().tolist() == [[1, 4.0], [2, 2.0], [3, 1.0]]
    assert validation.get_xydata().tolist() == [[1, 3.0], [2, 1.0], [3, 2.0]]
    assert best.get_xydata().tolist() == [[2, 1.0]]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss (mean per sample)")
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["training", "validation", "best: 1 at epoch 2"]
    assert ax.get_yscale() == "linear"
    assert curves().plot(log=True).ax_.get_yscale() == "log"
    assert training.get_linestyle() != validation.get_linestyle()  # told apart without colours


def test_the_border_of_a_linear_model_is_its_line() -> None:
    display = DecisionBoundaryDisplay.from_model(
        lambda row: row[0] + 2 * row[1] - 1, [[0.0, 0.0], [1.0, 1.0]], [0, 1], resolution=21
    )
    borders = [
        collection
        for collection in display.plot().ax_.collections
        if isinstance(collection, matplotlib.contour.QuadContourSet) and not collection.filled
    ]
    assert len(borders) == 2  # that of each class, at the same place
    for border in borders:
        points = [point for path in border.get_paths() for point in path.vertices]
        assert len(points) > 10
        # Between points 0.06 apart tanh is interpolated as if it were straight; off by (0.03)³.
        assert max(abs(x + 2 * y - 1) for x, y in points) < 3e-5


def test_samples_are_marked_by_class_and_the_wrong_ones_ringed() -> None:
    ax = boundary().plot().ax_
    scattered = {
        str(collection.get_label()): collection.get_offsets().tolist()
        for collection in ax.collections
        if isinstance(collection, matplotlib.collections.PathCollection)
    }
    assert scattered == {
        literal(STRANGE[0]): [[0.0, 0.0], [0.9, 0.1]],
        literal(STRANGE[1]): [[1.0, 0.0]],
        literal(STRANGE[2]): [[0.0, 1.0]],
        "wrong (1)": [[0.9, 0.1]],
    }
    assert ax.get_xlim() == (0.0, 1.0)
    shown = {text.get_text() for text in ax.get_legend().get_texts()}
    assert len(shown) == 4  # that with the underscore, too


def test_names_are_shown_as_they_are_and_not_as_formulas() -> None:
    ax = boundary().plot().ax_
    for text in (ax.xaxis.label, ax.yaxis.label, *ax.get_legend().get_texts()):
        assert text._preprocess_math(text.get_text())[1] is False


def test_a_map_holds_its_losses_and_the_path() -> None:
    display = landscape().plot()
    ax = display.ax_
    path, start, end = ax.lines
    assert path.get_xydata().tolist() == [[-0.5, -0.5], [0.5, 0.0], [0.0, 0.0]]
    assert start.get_xydata().tolist() == [[-0.5, -0.5]]
    assert end.get_xydata().tolist() == [[0.0, 0.0]]
    filled = next(c for c in ax.collections if getattr(c, "filled", False))
    assert (filled.levels[0], filled.levels[-1]) == (1.0, 400.0)
    assert filled.levels[1] / filled.levels[0] == pytest.approx(400 ** (1 / 14), rel=1e-12)
    assert display.figure_.axes[1].get_ylabel() == "loss (mean per sample)"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("along", "across")


def test_a_layer_without_gradients_has_no_bar_and_says_so() -> None:
    ax = flow().plot().ax_
    dead, alive = ax.patches
    assert math.isnan(dead.get_height())
    assert alive.get_height() == 0.5
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["layer0\n100% are 0", "layer1"]
    assert ax.get_yscale() == "log"


def test_the_suggested_rate_is_marked_on_the_smoothed_curve() -> None:
    ax = MAKERS["rates"]().plot().ax_
    batch, smoothed, suggestion = ax.lines
    assert batch.get_ydata().tolist() == [3.0, 2.0, 9.0]
    assert smoothed.get_ydata().tolist() == [3.0, 2.5, 9.0]
    assert suggestion.get_xydata().tolist() == [[1.0, 2.5]]
    assert ax.get_xscale() == "log"


def test_a_confusion_matrix_is_coloured_by_share_and_counted_in_words() -> None:
    ax = MAKERS["confusion"]().plot().ax_
    (image,) = ax.images
    assert image.get_array().tolist() == [[0.9, 0.1, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    counts = {text.get_position(): text.get_text() for text in ax.texts}
    assert counts == {(0, 0): "9", (1, 0): "1", (1, 1): "5"}
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted class", "true class")


def test_images_of_weights_share_one_scale_around_0() -> None:
    display = WeightsDisplay([[[1.0, -4.0]], [[2.0, 3.0]]], ["neuron0", "neuron1"])
    (image,) = display.plot(columns=2).ax_.images
    assert image.get_clim() == (-4.0, 4.0)
    mosaic = image.get_array()
    assert mosaic.shape == (2, 5)
    assert mosaic[1].tolist()[:2] == [1.0, -4.0]
    assert mosaic[1].tolist()[3:] == [2.0, 3.0]


# ----- Without matplotlib ------------------------------------------------------------------------


def run(program: str) -> str:
    """Run a program in a process of its own, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_importing_plots_imports_neither_matplotlib_nor_numpy() -> None:
    program = "import sys, nn.plots, nn.report; print({'matplotlib', 'numpy'} & set(sys.modules))"
    assert run(program) == "set()\n"


def test_without_matplotlib_displays_compute_and_the_error_names_the_extra() -> None:
    program = """
import sys
sys.modules["matplotlib"] = None  # so that importing it fails
from nn.plots import ConfusionMatrixDisplay
display = ConfusionMatrixDisplay.from_predictions([0, 1], [0, 0])
print(display.counts)
try:
    display.plot()
except ImportError as error:
    print(type(error).__name__, error)
"""
    assert run(program).splitlines() == [
        "[[1, 1], [0, 0]]",
        'MissingPackageError plots are drawn with matplotlib: pip install "stepgrad[plots]"',
    ]
