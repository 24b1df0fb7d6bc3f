"""The threshold cockpit: a model's real predictions, and a slider that decides about them.

What no slider changes is worked out once, in Predictions. `draw_cockpit` is a pure function of
it and of the sliders' values; `ThresholdExplorer` only puts the sliders above its page.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property, partial
from html import escape

import torch
from ipywidgets import FloatSlider, IntSlider
from PIL import Image
from torch import Tensor

from lessonlib.engine.images import as_image
from lessonlib.explorers.explorer import Explorer, slider
from lessonlib.explorers.widgets import as_data_uri
from lessonlib.guards.scores import are_probabilities, one_for_each
from lessonlib.guards.tensors import same_shape, zero_or_one
from lessonlib.metrics import baselines, confusion_2x2, exact_match
from lessonlib.show import charts
from lessonlib.thresholds import ThresholdCurve, best_threshold, bootstrap_band, threshold_curve

USUAL = 0.5  # the threshold that the pictures' labels are compared with
SHOWN = 6  # pictures
LABELS = 4  # of a picture


class Predictions:
    """A model's probabilities, with everything about them that no slider changes.

    probs: probabilities [pictures, classes], on the CPU; targets: multi-hot, same shape;
    vocab: a name for each class; images: a PIL picture or a path for each picture, if they are
    to be drawn. Raises ValueError for what is no probability, and when the lengths differ.
    """

    def __init__(self, probs: Tensor, targets: Tensor, vocab: Sequence[str], images: Sequence = ()):
        same_shape(probs, targets)
        are_probabilities(probs)
        zero_or_one(targets)
        one_for_each(vocab, probs.shape[1], "vocab", "class")
        self.probs, self.targets, self.vocab, self.images = probs, targets, vocab, images
        self.curve = threshold_curve(probs, targets)
        self.best = best_threshold(self.curve)
        self.nothing = baselines(targets)["nothing"]
        self.thumbnails: dict[int, str] = {}

    @cached_property
    def background(self) -> str:
        """The part of the chart that does not move."""
        return charts.background(self.curve, self.nothing, bootstrap_band(self.probs, self.targets))

    def skill(self, accuracy: float) -> float:
        """The share of the way from saying nothing (0) to perfect (1); below 0 for worse."""
        return (accuracy - self.nothing) / (1 - self.nothing) if self.nothing < 1 else 0.0

    def thumbnail(self, position: int) -> str:
        """A small copy of a picture as the text of an <img>'s src, kept from its first use on."""
        if position not in self.thumbnails:
            image = as_image(self.images[position], 80).copy()
            image.thumbnail((160, 120), Image.Resampling.BILINEAR)
            self.thumbnails[position] = as_data_uri(image)
        return self.thumbnails[position]


def metrics_at(curve: ThresholdCurve, threshold: float) -> dict[str, float]:
    """A curve's metrics at any threshold: those of the last row at or below it."""
    place = torch.tensor(threshold, dtype=curve.thresholds.dtype)
    row = max(0, int(torch.searchsorted(curve.thresholds, place, right=True)) - 1)
    return {name: getattr(curve, name)[row].item() for name in charts.NAMES}


def percent(share: float) -> str:
    return f"{round(share, 2) + 0.0:.0%}"  # + 0.0: never "-0%"


def cheapest(curve: ThresholdCurve, targets: Tensor, cost_fp: float, cost_fn: float) -> float:
    """The threshold where false positives and false negatives together cost least."""
    fn = ((1 - curve.recall) * targets.bool().sum()).round()
    fp = ((1 - curve.accuracy) * targets.numel()).round() - fn
    return best_threshold(replace(curve, accuracy=-(cost_fp * fp + cost_fn * fn)))


def draw_chart(predictions: Predictions, threshold: float, cheap: float) -> str:
    """The curves with the slider's threshold, the best one and the cheapest one on them."""
    alt = (
        f"Accuracy, precision, recall and F1 against the threshold, which is at {threshold:.2f}. "
        f"Accuracy is best at {abs(predictions.best):.2f}."
    )
    panel = charts.accuracy_panel(predictions.curve, predictions.nothing)
    here = metrics_at(predictions.curve, threshold)
    return charts.picture(
        352,
        alt,
        predictions.background,
        charts.upright(threshold, panel.top, charts.SHARES.bottom),
        charts.dot(panel, threshold, here.pop("accuracy"), "accuracy"),
        *(charts.dot(charts.SHARES, threshold, value, name) for name, value in here.items()),
        charts.best_mark(predictions.best, panel.top),
        charts.cheap_mark(cheap, charts.SHARES.bottom),
    )


# The numbers


def draw_numbers(predictions: Predictions, threshold: float) -> str:
    """Accuracy between its baseline and 1, and the metrics that have no zeros to hide behind."""
    here = metrics_at(predictions.curve, threshold)
    skill = predictions.skill(here["accuracy"])
    whole = exact_match(predictions.probs, predictions.targets, threshold, sigmoid=False).item()
    shares = "".join(
        f'<tr><th><svg width="28" height="8"><path d="M0 4h28" {charts.stroke(name)}/></svg> '
        f'{charts.NAMES[name]}</th><td class="tc-{name}">{here[name]:.3f}</td></tr>'
        for name in ("precision", "recall", "f1")
    )
    return (
        f'<table><tr><th>accuracy</th><td class="tc-accuracy"><b>{here["accuracy"]:.4f}</b></td>'
        f"</tr><tr><th>saying nothing</th><td>{predictions.nothing:.4f}</td></tr>"
        f'<tr><th>skill between them</th><td class="tc-skill"><b>{percent(skill)}</b></td></tr>'
        '<tr><td colspan="2"><div class="tc-track">'
        f'<div style="width:{min(max(skill, 0), 1):.1%}"></div></div></td></tr>'
        f'{shares}<tr><th>exact match</th><td class="tc-exact">{whole:.3f}</td></tr></table>'
    )


def draw_costs(
    predictions: Predictions, threshold: float, cost_fp: int, cost_fn: int, cheap: float
) -> str:
    """Both kinds of error, what they cost together, and where they would cost least."""

    def errors(at: float) -> tuple[int, int]:
        table = confusion_2x2(predictions.probs, predictions.targets, at, sigmoid=False).sum(dim=0)
        return int(table[0, 1]), int(table[1, 0])

    fp, fn = errors(threshold)
    cheap_fp, cheap_fn = errors(cheap)
    return (
        "<table><tr><th>errors</th><td>count</td><td>× each</td><td>cost</td></tr>"
        f'<tr><th>false positives</th><td class="tc-fp">{fp:,}</td><td>{cost_fp}</td>'
        f"<td>{fp * cost_fp:,}</td></tr>"
        f'<tr><th>false negatives</th><td class="tc-fn">{fn:,}</td><td>{cost_fn}</td>'
        f"<td>{fn * cost_fn:,}</td></tr>"
        '<tr class="tc-total"><th>total</th><td></td><td></td>'
        f'<td class="tc-cost">{fp * cost_fp + fn * cost_fn:,}</td></tr>'
        f'<tr><th colspan="3"><span style="color:{charts.CHEAP}">▲</span> cheapest, at '
        f'{abs(cheap):.2f}</th><td class="tc-cheapest">'
        f"{cheap_fp * cost_fp + cheap_fn * cost_fn:,}</td></tr>"
        f'<tr><th colspan="4">▼ best accuracy, at {abs(predictions.best):.2f}</th></tr></table>'
    )


# The pictures


def changed_cells(probs: Tensor, threshold: float) -> Tensor:
    """Which cells are decided otherwise than at the usual threshold; bool, probs' shape."""
    return (probs > threshold) != (probs > USUAL)


def nearest_pictures(probs: Tensor, changed: Tensor, threshold: float) -> list[int]:
    """The pictures that changed last on the way to the threshold, the latest first."""
    rows, columns = changed.nonzero(as_tuple=True)
    distance = (probs[rows, columns] - threshold).abs()
    last = distance.topk(min(SHOWN * probs.shape[1], len(rows)), largest=False).indices
    return list(dict.fromkeys(rows[last].tolist()))[:SHOWN]


def draw_label(predictions: Predictions, position: int, column: int, threshold: float) -> str:
    """A label that a picture won or lost, and whether that is right."""
    added = threshold < USUAL
    right = bool(predictions.targets[position, column]) == added
    return (
        f'<span class="tc-{"good" if right else "bad"}">{"✓" if right else "✗"} '
        f"{'+' if added else '−'}{escape(predictions.vocab[column])} "
        f"{predictions.probs[position, column].item():.2f}</span>"
    )


def draw_picture(predictions: Predictions, position: int, changed: Tensor, threshold: float) -> str:
    """A picture, the last of its labels to change, and what it really shows."""
    columns = changed.nonzero().flatten()
    nearest = (predictions.probs[position, columns] - threshold).abs().argsort()
    columns = columns[nearest].tolist()
    marks = "".join(
        draw_label(predictions, position, column, threshold) for column in columns[:LABELS]
    )
    more = f"and {len(columns) - LABELS} more<br>" if len(columns) > LABELS else ""
    truth = [predictions.vocab[c] for c in predictions.targets[position].nonzero().flatten()]
    shown = escape(", ".join(truth)) or "none of the classes"
    return (
        f'<figure><img src="{predictions.thumbnail(position)}" '
        f'alt="Picture {position}, which shows: {shown}">'
        f"<figcaption>{marks}{more}shows: {shown}</figcaption></figure>"
    )


def draw_pictures(predictions: Predictions, threshold: float) -> str:
    """How many labels differ from those at 0.5, and the pictures where the last of them changed."""
    changed, added = changed_cells(predictions.probs, threshold), threshold < USUAL
    cells = int(changed.sum())
    if not cells:
        return (
            f'<p class="tc-changes">At {threshold:.2f} every picture has the labels that it has '
            f"at {USUAL:.2f}. Move the threshold away.</p>"
        )
    right = int((predictions.targets.bool()[changed] == added).sum())
    figures = "".join(
        draw_picture(predictions, position, changed[position], threshold)
        for position in nearest_pictures(predictions.probs, changed, threshold)
    )
    return (
        f'<p class="tc-changes">From {USUAL:.2f} to {threshold:.2f}, '
        f"<b>{cells:,} labels are {'added' if added else 'removed'}</b>, on "
        f"{int(changed.any(dim=1).sum()):,} pictures: ✓ {right:,} rightly, ✗ {cells - right:,} "
        f'wrongly. The last to change:</p><div class="tc-strip">{figures}</div>'
    )


def draw_cockpit(predictions: Predictions, threshold: float, cost_fp: int, cost_fn: int) -> str:
    """The whole page for one position of the sliders, as HTML."""
    cheap = cheapest(predictions.curve, predictions.targets, cost_fp, cost_fn)
    return (
        f'{charts.STYLE}<div class="tc"><div class="tc-side">'
        f"{draw_chart(predictions, threshold, cheap)}<div>{draw_numbers(predictions, threshold)}"
        f"<br>{draw_costs(predictions, threshold, cost_fp, cost_fn, cheap)}</div></div>"
        f"{draw_pictures(predictions, threshold)}</div>"
    )


class ThresholdExplorer(Explorer):
    """Move a threshold over a model's predictions, and say what each kind of error costs.

    Arguments as for Predictions; probs and targets come from learn.get_preds().
    """

    def __init__(self, probs: Tensor, targets: Tensor, vocab: Sequence[str], images: Sequence):
        one_for_each(images, len(probs), "images", "picture")
        super().__init__(
            partial(draw_cockpit, Predictions(probs, targets, vocab, images)),
            threshold=slider(FloatSlider, "threshold", value=0.2, min=0, max=1, step=0.01),
            cost_fp=slider(IntSlider, "cost of false positive", value=1, min=0, max=20),
            cost_fn=slider(IntSlider, "cost of false negative", value=1, min=0, max=20),
        )
        for control in self.controls.values():
            control.style.description_width = "11em"
