"""Figures of scores: thresholds, intervals and 2×2 tables."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lessonlib.metrics import wilson_interval
from lessonlib.show.figures import show_figure
from lessonlib.show.looks import BAND, COLOURS, NAMES, PAPER, look


def plot_intervals(
    intervals: dict[str, tuple[float, float, float]], title: str, xlabel: str
) -> None:
    """Draw for each name a dot, with an error bar from the lowest value to the highest.

    intervals: by name (lowest, middle, highest); the first name is on top.
    """
    import matplotlib.pyplot as plt

    _, axis = plt.subplots(figsize=(7, 1.2 + 0.5 * len(intervals)))
    low, middle, high = np.array(list(intervals.values())).T
    places = np.arange(len(intervals))
    axis.errorbar(middle, places, xerr=(middle - low, high - middle), fmt="o", capsize=6)
    axis.set_yticks(places, intervals)
    axis.set(title=title, xlabel=xlabel, ylim=(len(intervals) - 0.5, -0.5))
    show_figure(f"{title}: a dot with an error bar for {', '.join(intervals)}. Across: {xlabel}")


def plot_reliability(binned: dict[str, tuple[Any, Any, Any]], title: str) -> None:
    """Draw what came true over what was said, with Wilson's intervals and the number of decisions.

    binned: by name what calibration_curve gives. Numbers of the first stand above its dots, of the
    second below.
    """
    import matplotlib.pyplot as plt

    _, axis = plt.subplots()
    axis.plot([0, 1], [0, 1], color="black", linewidth=0.8, linestyle="-", label="calibrated")
    heights = (7, -16)
    for (name, bins), colour, height in zip(binned.items(), COLOURS, heights, strict=False):
        came_true, said, count = map(np.asarray, bins)
        pairs = zip((count * came_true).round(), count, strict=True)
        low, high = np.array([wilson_interval(right, n) for right, n in pairs]).T
        errors = np.clip((came_true - low, high - came_true), 0, 1)  # or one is −1e-17
        marker = "o" if height > 0 else "s"
        axis.errorbar(said, came_true, errors, fmt=marker, capsize=4, color=colour, label=name)
        for x, y, n in zip(said, came_true, count, strict=True):
            axis.annotate(f"{n:,}", (x, y), (6, height), textcoords="offset points", color=colour)
    axis.set(title=title, xlabel="mean probability", ylabel="share that is there")
    axis.set(xlim=(-0.04, 1.08), ylim=(-0.14, 1.14))
    axis.legend()
    show_figure(f"{title}: {', '.join(binned)}, with the number of decisions at each dot")


def show_2x2(tables: dict[str, Any], vocab: Sequence[str]) -> None:
    """Draw the 2×2 tables of each class side by side, one row of them for each name.

    tables: by name what confusion_2x2 gives, [classes, 2, 2]; vocab: the names of the classes.
    """
    import matplotlib.pyplot as plt

    shape = len(tables), len(vocab)
    _, axes = plt.subplots(*shape, figsize=(3.2 * shape[1], 1.3 * shape[0]), squeeze=False)
    for row, (model, counts) in zip(axes, tables.items(), strict=True):
        for axis, name, ((tn, fp), (fn, tp)) in zip(row, vocab, counts.tolist(), strict=True):
            axis.set_axis_off()
            axis.set_title(f"{model}: {name}", fontsize=10)
            cells = [[f"✓ {tp} found", f"✗ {fn} missed"], [f"✗ {fp} false", f"✓ {tn}"]]
            names = {"rowLabels": ["there", "not there"], "colLabels": ["said", "not said"]}
            table = axis.table(cells, cellLoc="center", bbox=(0.22, 0, 0.78, 1), **names)
            table.auto_set_font_size(False)
            table.set_fontsize(9)
    show_figure(f"A 2×2 table for each of {', '.join(vocab)}, with {', '.join(tables)}")


def plot_thresholds(
    curve: Any,
    nothing: float,
    positions: Sequence[float] = (),
    band: tuple[float, float] | None = None,
) -> None:
    """Draw a ThresholdCurve: accuracy near its baseline, beside precision, recall and F1.

    nothing: the accuracy of predicting nothing; positions: thresholds to mark with their
    values; band: between which two thresholds the one of best accuracy lies.
    """
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(1, 2, figsize=(9, 3.8))
    x = np.clip(np.asarray(curve.thresholds), 0, 1)
    for axis, names in zip(axes, (["accuracy"], ["precision", "recall", "f1"]), strict=True):
        scores = [np.asarray(getattr(curve, name)) for name in names]
        for name, y in zip(names, scores, strict=True):
            axis.step(x, y, where="post", label=NAMES[name], **look(NAMES[name]))
        for place in positions:
            axis.axvline(place, color="black", linewidth=0.8)
            row = np.searchsorted(x, place, side="right") - 1
            mark_values(axis, place, sorted(y[row] for y in scores))
        axis.set(xlabel="threshold", ylabel="share", xlim=(0, 1))
    if band:  # only of the best accuracy
        axes[0].axvspan(*band, color=BAND, alpha=0.35, label="best threshold, 90 %")
    best = np.asarray(curve.accuracy).max()
    reach = max(best - nothing, 0.005)
    axes[0].axhline(nothing, label="saying nothing", **look("saying nothing"))
    axes[0].set(title="Accuracy", ylim=(best - 1.8 * reach, best + 0.3 * reach))
    axes[1].set(title="Precision, recall, F1 (micro)", ylim=(0, 1.08))
    for axis in axes:
        axis.legend(fontsize=8)
    show_figure("Two figures over the threshold: accuracy; precision, recall and F1 (micro)")


def mark_values(axis: Any, place: float, values: Sequence[float]) -> None:
    """Dots at one place with their numbers: of several, the lowest has its number below it."""
    heights = [-13] * (len(values) > 1) + [5] * len(values)
    for value, height in zip(values, heights, strict=False):
        axis.plot(place, value, marker="o", color="black", linestyle="none")
        label, spot = f"{value:.3f}", (place, value)
        axis.annotate(label, spot, (5, height), textcoords="offset points", bbox=PAPER)
