"""Figures of scores show what they were given, and each quantity as everywhere else."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex

from lessonlib.engine.score_figures import (
    plot_intervals,
    plot_reliability,
    plot_thresholds,
    show_2x2,
)
from lessonlib.metrics import calibration_curve, confusion_2x2, wilson_interval
from lessonlib.show import charts
from lessonlib.show.figures import plot_curves
from lessonlib.show.looks import LOOKS, NAMES
from lessonlib.thresholds import threshold_curve

PROBS = torch.tensor([[0.1, 0.9], [0.15, 0.85], [0.9, 0.2], [0.95, 0.1]])
TARGETS = torch.tensor([[0.0, 1], [1, 1], [1, 0], [1, 1]])


@pytest.fixture(autouse=True)
def no_window():
    plt.switch_backend("agg")
    yield
    plt.close("all")


def lines_of(figure):
    """Colour and pattern of every named line; the pattern in widths of the line."""
    return {
        line.get_label(): (to_hex(line.get_color(), keep_alpha=False).upper(), pattern(line))
        for axis in figure.axes
        for line in axis.get_lines()
    }


def pattern(line):
    dashes = line._dash_pattern[1] or ()
    return tuple(width / line.get_linewidth() for width in dashes)


def test_a_quantity_looks_the_same_in_every_figure_and_widget():
    plot_thresholds(threshold_curve(PROBS, TARGETS), 0.5)
    seen = lines_of(plt.gcf())
    plot_curves([0, 1], {"accuracy": [0, 1], "saying nothing": [0, 0]}, "t", "x", "y")
    again = lines_of(plt.gcf())
    for name, label in NAMES.items():
        colour, dashes = seen[label]
        in_svg = " ".join(f"{2 * width:g}" for width in dashes)
        assert f'stroke="{colour}"' in charts.stroke(name)
        assert f'stroke-dasharray="{in_svg}"' in charts.stroke(name)
    assert all(again[name] == seen[name] == LOOKS[name] for name in ("accuracy", "saying nothing"))


def test_the_curves_after_one_with_a_look_of_its_own_do_not_share_its_colour():
    plot_curves([0, 1], {"accuracy": [0, 1], "a": [1, 2], "b": [2, 3]}, "t", "x", "y")
    assert len({colour for colour, _ in lines_of(plt.gcf()).values()}) == 3


def test_an_interval_is_a_dot_with_an_error_bar_and_the_first_is_on_top():
    plot_intervals({"one": (1, 2, 4), "two": (3, 5, 6)}, "Errors", "pixels")
    axis = plt.gca()
    (bars,) = axis.containers
    ends = [segment[:, 0].tolist() for segment in bars.lines[2][0].get_segments()]
    assert ends == [[1, 4], [3, 6]] and bars.lines[0].get_xdata().tolist() == [2, 5]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["one", "two"]
    assert axis.yaxis_inverted() and axis.get_xlabel() == "pixels"


def test_a_reliability_figure_has_every_bin_its_count_and_its_interval():
    binned = {
        "known": calibration_curve(PROBS, TARGETS, 5),
        "unseen": calibration_curve(PROBS, 1 - TARGETS, 5),
    }
    plot_reliability(binned, "Reliability")
    axis = plt.gca()
    came_true, said, count = map(np.asarray, binned["known"])
    known, unseen = axis.containers
    assert known.lines[0].get_xydata() == pytest.approx(np.stack([said, came_true], axis=1))
    ends = [segment[:, 1].tolist() for segment in known.lines[2][0].get_segments()]
    assert ends == [
        pytest.approx(wilson_interval(round(n * x), int(n)), abs=1e-6)
        for n, x in zip(count, came_true, strict=True)
    ]
    counts = [text.get_text() for text in axis.texts]
    assert counts == [f"{n}" for n in [*count, *count]]
    heights = [text.xyann[1] > 0 for text in axis.texts]
    assert heights == [True] * len(count) + [False] * len(count)
    assert known.lines[0].get_marker() != unseen.lines[0].get_marker()


def test_two_by_two_tables_say_what_each_number_is():
    said = (PROBS > 0.5).float()
    tables = confusion_2x2(said, TARGETS, 0.5, sigmoid=False)
    show_2x2({"single": tables}, ["cat", "dog"])
    cat, dog = plt.gcf().axes
    (table,) = cat.tables
    cells = {place: cell.get_text().get_text() for place, cell in table.get_celld().items()}
    assert cells[1, 0] == "✓ 2 found" and cells[1, 1] == "✗ 1 missed"
    assert cells[2, 0] == "✗ 0 false" and cells[2, 1] == "✓ 1"
    assert (cells[0, 0], cells[0, 1], cells[1, -1], cells[2, -1]) == (
        "said", "not said", "there", "not there",
    )  # fmt: skip
    assert [axis.get_title() for axis in (cat, dog)] == ["single: cat", "single: dog"]


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
