"""Figures show what they were given."""

import io

import IPython.display
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from lessonlib.show import (
    as_array,
    plot_bars,
    plot_curves,
    plot_thresholds,
    show_heatmap,
    show_images,
)
from lessonlib.thresholds import threshold_curve


@pytest.fixture(autouse=True)
def no_window():
    plt.switch_backend("agg")
    yield
    plt.close("all")


def test_a_heatmap_writes_each_number_into_its_cell_and_leaves_nan_blank():
    table = pd.DataFrame({"cat": [np.nan, 3], "dog": [3, 12]}, index=["cat", "dog"])
    show_heatmap(table, "Pairs", "class", "other class")
    axis = plt.gca()
    cells = {text.get_position(): text.get_text() for text in axis.texts}
    assert cells == {(1, 0): "3", (0, 1): "3", (1, 1): "12"}
    assert [text.get_text() for text in axis.get_xticklabels()] == ["cat", "dog"]
    assert (axis.get_title(), axis.get_xlabel(), axis.get_ylabel()) == (
        "Pairs",
        "class",
        "other class",
    )


def test_the_numbers_of_a_heatmap_stand_out_from_their_cells():
    show_heatmap(pd.DataFrame({"a": [0, 10]}), "t", "x", "y")
    assert [text.get_color() for text in plt.gca().texts] == ["white", "black"]


def test_pictures_are_shown_as_one_small_jpeg_with_their_titles_as_text(monkeypatch):
    shown = []
    monkeypatch.setattr(IPython.display, "display", shown.append)
    noise = np.random.default_rng(0).integers(0, 256, (150, 200, 3), dtype=np.uint8)
    show_images([noise, noise, noise], ["cat", "dog\nperson", "(no label)"])
    assert [picture.alt for picture in shown] == ["cat · dog person · (no label)"]
    assert Image.open(io.BytesIO(shown[0].data)).format == "JPEG"
    assert plt.get_fignums() == []  # the inline backend would show an open figure again


@pytest.mark.parametrize("mode", ["L", "P", "1", "I;16", "RGBA"])
def test_a_picture_of_any_mode_is_drawn_as_rgb(mode):
    assert as_array(Image.new(mode, (8, 6))).shape == (6, 8, 3)


def test_a_figure_has_a_text_for_those_who_cannot_see_it_and_is_shown_once(monkeypatch):
    shown = []
    monkeypatch.setattr(IPython.display, "display", lambda _, metadata: shown.append(metadata))
    monkeypatch.setattr(plt, "get_backend", lambda: "module://matplotlib_inline.backend_inline")
    plot_curves([1, 2], {"loss": [3, 2]}, title="Training", xlabel="step", ylabel="cost")
    plot_bars({"one\nbear": 1, "two": 2}, "Found", "share", lines={"coin": 0.5})
    show_heatmap(pd.DataFrame({"cat": [0, 1]}, index=["a", "b"]), "Pairs", "x", "y")
    plot_thresholds(threshold_curve(torch.tensor([0.2, 0.9]), torch.tensor([0, 1])), 0.5)
    assert [metadata["image/png"]["alt"] for metadata in shown] == [
        "Training: loss. Across: step; up: cost",
        "Found: bars for one bear, two; lines for coin. Up: share",
        "Pairs: a table with the rows a, b and the columns cat",
        "Two figures over the threshold: accuracy; precision, recall and F1 (micro)",
    ]
    assert plt.get_fignums() == []


def test_the_text_of_a_point_leaves_its_place_only_where_it_would_meet_another():
    points = [(0, 0, "far"), (50, 1, "first"), (51, 1, "second"), (52, 1, "third"), (90, 2, "off")]
    plot_curves(range(100), {"y": range(100)}, "t", "x", "y", points=points)
    assert [text.xyann[1] for text in plt.gca().texts] == [6, 6, -14, 6, 6]


@pytest.mark.parametrize("x, whole", [(range(1, 4), True), ([0.5, 1.0, 1.5], False)])
def test_whole_numbers_get_ticks_at_whole_numbers(x, whole):
    plot_curves(x, {"loss": [3, 2, 1]}, title="t", xlabel="x", ylabel="y")
    ticks = plt.gca().get_xticks()
    assert all(tick == int(tick) for tick in ticks) is whole


def test_points_are_drawn_on_their_pixels_in_two_shapes_and_colours(monkeypatch):
    kept = []
    monkeypatch.setattr(IPython.display, "display", lambda picture: None)
    monkeypatch.setattr(plt, "close", kept.append)
    pictures = [np.zeros((30, 40, 3)), np.zeros((60, 80, 3))]
    targets = torch.tensor([[[0.0, 0.0], [1.5, 0.0]], [[-1.0, -1.0], [0.5, 0.5]]])
    show_images(pictures, ["a", "b"], points={"target": targets, "prediction": targets[:, :1]})
    (figure,) = kept
    left, right = figure.axes
    target, prediction = left.get_lines()
    assert target.get_xydata().tolist() == [[19.5, 14.5], [49.5, 14.5]]
    assert right.get_lines()[0].get_xydata().tolist() == [[-0.5, -0.5], [59.5, 44.5]]
    assert target.get_marker() != prediction.get_marker()
    assert target.get_color() != prediction.get_color()
    assert left.get_xlim() == (-0.5, 39.5) and left.get_ylim() == (29.5, -0.5)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.texts] == ["target", "prediction"]


def test_the_threshold_figure_marks_the_curves_at_the_positions():
    curve = threshold_curve(torch.tensor([0.2, 0.4, 0.9]), torch.tensor([0, 1, 1]))
    plot_thresholds(curve, 1 / 3, positions=(0.1, 0.5), band=(0.2, 0.4))
    accuracy, shares = plt.gcf().axes
    marks = {(round(text.xy[0], 3), text.get_text()) for text in accuracy.texts}
    assert marks == {(0.1, "0.667"), (0.5, "0.667")}
    found = sorted((round(text.xy[0], 3), text.get_text()) for text in shares.texts)
    assert found == [
        (0.1, "0.667"), (0.1, "0.800"), (0.1, "1.000"),
        (0.5, "0.500"), (0.5, "0.667"), (0.5, "1.000"),
    ]  # fmt: skip
    below = {text.get_text() for text in shares.texts if text.get_position()[1] < 0}
    assert below == {"0.667", "0.500"}  # the lowest of three, so that no number hides another
    assert all(text.get_position()[1] > 0 for text in accuracy.texts)
    low, high = accuracy.get_ylim()
    assert low < 1 / 3 < 1 < high
    band_is_named = [
        "best threshold, 90 %" in [text.get_text() for text in axis.get_legend().texts]
        for axis in (accuracy, shares)
    ]
    assert band_is_named == [True, False]  # the band is that of the best accuracy
    assert "(micro)" in shares.get_title()
    assert all(
        axis.get_xlabel() and axis.get_ylabel() and axis.get_title() for axis in (accuracy, shares)
    )
