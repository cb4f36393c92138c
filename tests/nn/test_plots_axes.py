"""What displays draw on their axes: lines, marks, names and units."""

from __future__ import annotations

import math

import pytest
from displays import MAKERS, STRANGE, boundary, curves, flow, landscape

from nn.plots import DecisionBoundaryDisplay, WeightsDisplay
from nn.plots.paint import literal

matplotlib = pytest.importorskip("matplotlib")


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
