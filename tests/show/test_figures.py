"""Figures show what they were given."""

import io

import IPython.display
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.colors import to_rgba
from PIL import Image

from lessonlib.show.figures import (
    as_array,
    plot_bars,
    plot_curves,
    show_figure,
    show_heatmap,
    show_images,
    style,
)


@pytest.fixture(autouse=True)
def no_window():
    plt.switch_backend("agg")
    yield
    plt.close("all")


@pytest.fixture
def shown(monkeypatch):
    """What a notebook shows."""
    outputs = []
    monkeypatch.setattr(IPython.display, "display", outputs.append)
    monkeypatch.setattr(plt, "get_backend", lambda: "module://matplotlib_inline.backend_inline")
    return outputs


def test_a_heatmap_writes_each_number_into_its_cell_and_leaves_nan_grey():
    table = pd.DataFrame({"cat": [np.nan, 3], "dog": [3, 12]}, index=["cat", "dog"])
    show_heatmap(table, "Pairs", "class", "other class")
    axis = plt.gca()
    cells = {text.get_position(): text.get_text() for text in axis.texts}
    assert cells == {(1, 0): "3", (0, 1): "3", (1, 1): "12"}
    assert axis.get_facecolor() == to_rgba("lightgrey")
    assert [text.get_text() for text in axis.get_xticklabels()] == ["cat", "dog"]
    assert (axis.get_title(), axis.get_xlabel(), axis.get_ylabel()) == (
        "Pairs",
        "class",
        "other class",
    )


def test_the_numbers_of_a_heatmap_stand_out_from_their_cells():
    show_heatmap(pd.DataFrame({"a": [0, 10]}), "t", "x", "y")
    assert [text.get_color() for text in plt.gca().texts] == ["white", "black"]


def test_pictures_are_shown_as_one_small_jpeg_with_their_titles_as_text(shown):
    noise = np.random.default_rng(0).integers(0, 256, (150, 200, 3), dtype=np.uint8)
    show_images([noise, noise, noise], ["cat", "dog\nperson", "(no label)"])
    assert [picture.alt for picture in shown] == ["cat · dog person · (no label)"]
    assert Image.open(io.BytesIO(shown[0].data)).format == "JPEG"
    assert plt.get_fignums() == []  # the inline backend would show an open figure again


@pytest.mark.parametrize("mode", ["L", "P", "1", "I;16", "RGBA"])
def test_a_picture_of_any_mode_is_drawn_as_rgb(mode):
    assert as_array(Image.new(mode, (8, 6))).shape == (6, 8, 3)


def test_a_portrait_stands_in_the_middle_of_its_column(shown):
    portrait, landscape = Image.new("RGB", (60, 160), "black"), Image.new("RGB", (160, 60), "red")
    with plt.rc_context():
        style()
        show_images([portrait, landscape])
    pixels = np.asarray(Image.open(io.BytesIO(shown[0].data)).convert("RGB"), dtype=int)
    (black,) = np.nonzero((pixels.sum(axis=2) < 100).any(axis=0))
    assert abs(black.mean() / pixels.shape[1] - 1 / 4) < 0.02


def test_lines_have_two_pixels_for_one_and_photographs_are_jpeg(shown):
    plot_curves([1, 2], {"loss": [3, 2]}, "t", "x", "y")
    plt.imshow(np.zeros((9, 9, 3)))
    show_figure("a photograph")
    lines, photograph = (Image.open(io.BytesIO(output.data)) for output in shown)
    assert (lines.format, lines.width // 2) == ("PNG", shown[0].width)
    assert (photograph.format, shown[1].width) == ("JPEG", None)


def test_the_key_of_bars_lies_on_none_of_them():
    plot_bars({"one": 1, "two": 2}, "t", "y", lines={"coin": 1.9})
    figure = plt.gcf()
    (key,) = figure.legends
    figure.draw_without_rendering()
    assert key.get_window_extent().y1 < figure.axes[0].get_window_extent().y0


def test_a_figure_has_a_text_for_those_who_cannot_see_it_and_is_shown_once(shown):
    plot_curves([1, 2], {"loss": [3, 2]}, title="Training", xlabel="step", ylabel="cost")
    plot_bars({"one\nbear": 1, "two": 2}, "Found", "share", lines={"coin": 0.5})
    show_heatmap(pd.DataFrame({"cat": [0, 1]}, index=["a", "b"]), "Pairs", "x", "y")
    assert [output.alt for output in shown] == [
        "Training: loss. Across: step; up: cost",
        "Found: bars for one bear, two; lines for coin. Up: share",
        "Pairs: a table with the rows a, b and the columns cat",
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
