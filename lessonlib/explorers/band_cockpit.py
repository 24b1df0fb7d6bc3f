"""A threshold for each class, and a band around them in which the model asks a person.

`draw_band` is a pure function of the predictions, the thresholds and the band; `BandExplorer`
puts a slider for each above its page.
"""

from collections.abc import Sequence
from functools import partial
from html import escape

import torch
from ipywidgets import FloatSlider
from torch import Tensor

from lessonlib.explorers.cockpit import SHOWN, Predictions, percent
from lessonlib.explorers.explorer import Explorer, slider
from lessonlib.guards.scores import one_for_each
from lessonlib.metrics import confusion_2x2
from lessonlib.show import charts
from lessonlib.thresholds import unsure

NOTHING = "no label"


def names(vocab: Sequence[str], row: Tensor) -> str:
    """The classes of one row of yes and no, escaped."""
    return escape(" + ".join(vocab[k] for k in row.nonzero().flatten())) or NOTHING


def draw_counts(right: Tensor, asked: Tensor) -> str:
    """How many pictures are answered, rightly and wrongly, and how many are a person's."""
    answered = int((~asked).sum())
    good = int((right & ~asked).sum())
    share = f"{percent(good / answered)} exact match" if answered else "nothing is answered"
    return (
        f'<p class="tc-changes"><b>{answered:,} of {len(asked):,} pictures answered</b>: '
        f"✓ {good:,} rightly, ✗ {answered - good:,} wrongly ({share}). "
        f"? {int(asked.sum()):,} for a person, of which {int((asked & ~right).sum()):,} would have "
        "been wrong.</p>"
    )


def draw_rows(predictions: Predictions, thresholds: Tensor, asked: Tensor) -> str:
    """Found, missed and false for each class, on the pictures that are answered."""
    tables = confusion_2x2(
        predictions.probs[~asked], predictions.targets[~asked], thresholds, sigmoid=False
    )
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{line:.2f}</td><td>{tp}</td><td>{fn}</td><td>{fp}</td></tr>"
        for name, line, ((_, fp), (fn, tp)) in zip(
            predictions.vocab, thresholds.tolist(), tables.tolist(), strict=True
        )
    )
    return (
        '<table class="tc-rows"><tr><th>answered</th><td>threshold</td><td>found</td>'
        f"<td>missed</td><td>false</td></tr>{rows}</table>"
    )


def draw_picture(predictions: Predictions, position: int, thresholds: Tensor, asked: bool) -> str:
    """A picture with its probabilities, what is said of it and what it shows."""
    probs = predictions.probs[position]
    said, truth = (names(predictions.vocab, row) for row in
                   (probs > thresholds, predictions.targets[position]))  # fmt: skip
    mark = "? ask a person" if asked else f"✗ {said}"
    numbers = "<br>".join(
        f"{escape(name)} {prob:.2f}"
        for name, prob in zip(predictions.vocab, probs.tolist(), strict=True)
    )
    return (
        f'<figure><img src="{predictions.thumbnail(position)}" alt="It shows: {truth}">'
        f'<figcaption><span class="tc-{"good" if asked else "bad"}">{mark}</span>'
        f"shows: {truth}<br>{numbers}</figcaption></figure>"
    )


def draw_band(predictions: Predictions, band: float, **lines: float) -> str:
    """The whole page. lines: a threshold for each class, in the vocabulary's order."""
    thresholds = torch.tensor(list(lines.values()), dtype=predictions.probs.dtype)
    asked = unsure(predictions.probs, thresholds, band)
    right = ((predictions.probs > thresholds) == predictions.targets.bool()).all(dim=1)
    nearest = (predictions.probs - thresholds).abs().amin(dim=1).argsort()
    wrong = [k for k in nearest.tolist() if not asked[k] and not right[k]]
    shown = [*wrong[: SHOWN // 2], *[k for k in nearest.tolist() if asked[k]]][:SHOWN]
    figures = "".join(draw_picture(predictions, k, thresholds, bool(asked[k])) for k in shown)
    return (
        f'{charts.STYLE}<div class="tc">{draw_counts(right, asked)}'
        f"{draw_rows(predictions, thresholds, asked)}<br>"
        f'<div class="tc-strip">{figures}</div></div>'
    )


class BandExplorer(Explorer):
    """Move each class's threshold and the band in which the model asks a person.

    Arguments as for cockpit.Predictions, with an image for each picture.
    """

    def __init__(self, probs: Tensor, targets: Tensor, vocab: Sequence[str], images: Sequence):
        one_for_each(images, len(probs), "images", "picture")
        line = {"value": 0.5, "min": 0.0, "max": 1.0, "step": 0.01}
        lines = {f"line{k}": slider(FloatSlider, name, **line) for k, name in enumerate(vocab)}
        band = slider(FloatSlider, "band: ask within", value=0.0, min=0.0, max=0.5, step=0.01)
        predictions = Predictions(probs, targets, vocab, images)
        super().__init__(partial(draw_band, predictions), **lines, band=band)
