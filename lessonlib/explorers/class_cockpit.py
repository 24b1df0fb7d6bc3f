"""The threshold cockpit with a threshold for each class.

`draw_classes` is a pure function of the predictions, all thresholds and the chosen class;
`ClassThresholdExplorer` remembers the thresholds and puts the controls above the page.
"""

from collections.abc import Sequence
from html import escape

import torch
from ipywidgets import Dropdown, FloatSlider, ToggleButtons
from torch import Tensor

from lessonlib.explorers.cockpit import USUAL, Predictions, metrics_at, percent
from lessonlib.explorers.explorer import Explorer, slider
from lessonlib.metrics import (
    accuracy_multi,
    confusion_2x2,
    exact_match,
    f1_multi,
    precision_multi,
    recall_multi,
)
from lessonlib.show import charts
from lessonlib.thresholds import ThresholdCurve, per_class_thresholds, threshold_curve

PANEL = charts.Panel(26, 186, 0, 1)
SHARES = ("precision", "recall", "f1")


class ClassPredictions(Predictions):
    """Predictions with each class's own curve, and the scores of two single thresholds."""

    def __init__(self, probs: Tensor, targets: Tensor, vocab: Sequence[str]):
        super().__init__(probs, targets, vocab)
        columns = zip(probs.T, targets.T, strict=True)
        self.curves = [threshold_curve(prob, target) for prob, target in columns]
        self.single = {
            f"{USUAL:.2f} for all": overall(self, USUAL),
            f"{abs(self.best):.2f}, the best one": overall(self, self.best),
        }


def draw_class_chart(curve: ThresholdCurve, name: str, threshold: float) -> str:
    """Precision, recall and F1 of one class, with the slider's threshold on them."""
    here = metrics_at(curve, threshold)
    return charts.picture(
        232,
        f"Precision, recall and F1 of {escape(name)} against its threshold, now {threshold:.2f}",
        charts.frame(PANEL, (0, 0.5, 1)),
        charts.threshold_axis(PANEL.bottom),
        charts.key(charts.LEFT, 16, SHARES),
        charts.curve_lines(PANEL, curve, SHARES),
        charts.upright(threshold, PANEL.top, PANEL.bottom),
        *(charts.dot(PANEL, threshold, here[share], share) for share in SHARES),
        font=14,  # it is shrunk
    )


def draw_table_of_two(table: list[list[int]], name: str) -> str:
    """The 2×2 table of one class."""
    (tn, fp), (fn, tp) = table
    name = escape(name)
    return (
        f'<table class="tc-2x2"><tr><th></th><td>said {name}</td><td>not said</td></tr>'
        f"<tr><th>{name} is there</th><td>✓ {tp:,}</td><td>✗ {fn:,} missed</td></tr>"
        f"<tr><th>it is not</th><td>✗ {fp:,} false</td><td>✓ {tn:,}</td></tr></table>"
    )


def overall(predictions: Predictions, thresh: float | Tensor) -> dict[str, str]:
    """What one threshold, or one for each class, comes to over all classes."""
    scored = (predictions.probs, predictions.targets, thresh, False)
    accuracy = accuracy_multi(*scored).item()
    return {
        "accuracy": f"{accuracy:.4f}",
        "skill": percent(predictions.skill(accuracy)),
        "F1, all cells": f"{f1_multi(*scored, average='micro').item():.3f}",
        "F1, mean of classes": f"{f1_multi(*scored).item():.3f}",
        "exact match": f"{exact_match(*scored).item():.3f}",
    }


def draw_overall(predictions: ClassPredictions, thresholds: Tensor) -> str:
    """These thresholds beside two single ones that need no tuning by class."""
    columns = {"these thresholds": overall(predictions, thresholds)} | predictions.single
    head = "".join(f"<td>{name}</td>" for name in columns)
    rows = "".join(
        f"<tr><th>{name}</th>{''.join(f'<td>{column[name]}</td>' for column in columns.values())}"
        "</tr>"
        for name in columns["these thresholds"]
    )
    return f'<table class="tc-overall"><tr><th>all classes</th>{head}</tr>{rows}</table>'


def draw_class_rows(predictions: Predictions, thresholds: Tensor, chosen: int) -> str:
    """One line for each class: threshold, precision, recall and both kinds of error."""
    scored = (predictions.probs, predictions.targets, thresholds, False, None)
    lines = zip(
        predictions.vocab,
        thresholds.tolist(),
        precision_multi(*scored).tolist(),
        recall_multi(*scored).tolist(),
        confusion_2x2(*scored[:4]).tolist(),
        strict=True,
    )
    rows = "".join(
        f"<tr{' class=tc-chosen' if place == chosen else ''}>"
        f"<th>{'▶ ' if place == chosen else ''}{escape(name)}</th><td>{abs(thresh):.2f}</td>"
        f"<td>{precision:.2f}</td><td>{recall:.2f}</td><td>{fp}</td><td>{fn}</td></tr>"
        for place, (name, thresh, precision, recall, ((_, fp), (fn, _))) in enumerate(lines)
    )
    return (
        '<table class="tc-rows"><tr><th>class</th><td>threshold</td><td>precision</td>'
        f"<td>recall</td><td>false</td><td>missed</td></tr>{rows}</table>"
    )


def draw_classes(predictions: ClassPredictions, thresholds: Tensor, chosen: int) -> str:
    """The whole page: overall numbers, the chosen class, all classes.

    thresholds: one for each class, probs' type; chosen: a position in the vocab.
    """
    name = predictions.vocab[chosen]
    thresh = thresholds[chosen].item()
    table = confusion_2x2(predictions.probs, predictions.targets, thresholds, False)[chosen]
    return (
        f'{charts.STYLE}<div class="tc">{draw_overall(predictions, thresholds)}<br>'
        f'<div class="tc-side"><div style="max-width:318px;min-width:0"><b>{escape(name)}</b><br>'
        f"{draw_class_chart(predictions.curves[chosen], name, thresh)}"
        f"{draw_table_of_two(table.tolist(), name)}</div>"
        f"{draw_class_rows(predictions, thresholds, chosen)}</div><p>The pictures that choose a "
        "threshold flatter it: believe what a split says that did not choose.</p></div>"
    )


class ClassThresholdExplorer(Explorer):
    """Choose a class, move its threshold, and watch that class and the whole.

    probs, targets, vocab: as for ThresholdExplorer. The buttons set all classes at once.
    """

    def __init__(self, probs: Tensor, targets: Tensor, vocab: Sequence[str]):
        self.predictions = ClassPredictions(probs, targets, vocab)
        self.presets = {
            f"{USUAL:.2f}": torch.full_like(probs[0], USUAL),
            "the best one": torch.full_like(probs[0], self.predictions.best),
            "each its own best": per_class_thresholds(probs, targets),
        }
        self.thresholds = self.presets[f"{USUAL:.2f}"].clone()
        names = [(name, place) for place, name in enumerate(vocab)]
        super().__init__(
            self.draw_page,
            preset=ToggleButtons(options=list(self.presets), description="set all to"),
            chosen=Dropdown(
                options=names, value=0, description="class", layout={"max_width": "95%"}
            ),
            threshold=slider(FloatSlider, "its threshold", value=USUAL, min=0, max=1, step=0.01),
        )

    def draw_page(self, chosen: int, **_) -> str:
        return draw_classes(self.predictions, self.thresholds, chosen)

    def refresh(self, change=None) -> None:
        """Let the moved control set thresholds, or the slider follow; then draw once."""
        preset, chosen, threshold = self.controls.values()
        moved = change and change["owner"]
        if moved is threshold and self.slider_differs():
            self.thresholds[chosen.value] = threshold.value
            preset.value = None
        elif moved is preset and preset.value:
            self.thresholds = self.presets[preset.value].clone()
        if self.slider_differs():
            threshold.value = self.thresholds[chosen.value].item()  # comes back here, and draws
        elif moved is not preset or preset.value:
            super().refresh()

    def slider_differs(self) -> bool:
        """Whether the slider is elsewhere than the chosen class's threshold, rounding aside."""
        threshold = self.thresholds[self.controls["chosen"].value].item()
        return abs(self.controls["threshold"].value - threshold) > 1e-6
