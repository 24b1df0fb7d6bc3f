"""Checks of what a metric or a threshold is computed from, with the cause, the cure and the lesson.

As in tensors.py, the lessons' own versions leave these lines out.
"""

import numbers
import warnings
from collections.abc import Sequence

import torch

from lessonlib.guards.teaching import teach
from lessonlib.guards.tensors import no_nan, on_the_cpu, same_shape, shortened, zero_or_one


def are_predictions(preds: torch.Tensor, targets: torch.Tensor) -> None:
    """TeachingError unless a metric can compare them: one shape, all of them numbers."""
    same_shape(preds, targets)
    no_nan(preds, "the predictions")
    zero_or_one(targets)


def are_rows(preds: torch.Tensor) -> None:
    """TeachingError unless there is a row of predictions for each picture."""
    if preds.ndim != 2:
        raise teach(
            f"The predictions have shape {list(preds.shape)}, but a row for each picture and a "
            "column for each class are needed.",
            "give those of one picture as predictions[None], those of one class as "
            "predictions[:, None], and the targets likewise.",
            "06, Precision, recall, F1",
        )


def is_one_class(preds: torch.Tensor) -> None:
    """TeachingError unless scores are those of one class."""
    if preds.ndim != 1:
        raise teach(
            f"The scores have shape {list(preds.shape)}, but average_precision ranks those of one "
            "class.",
            "give one column, such as scores[:, 0], or take mean_average_precision.",
            "06, A number without any threshold",
        )


def are_probabilities(probs: torch.Tensor) -> None:
    """TeachingError when values are NaN, outside 0 to 1, or went through the sigmoid twice.

    From 0 to 1 the sigmoid gives .5 to .7311, and .5 for what is not there. Where eight values or
    more of several classes all lie there, and some of them at .5, it was taken twice. Other values
    that all lie there may be honest, such as those of one frequent class: a UserWarning.
    """
    if probs.numel() == 0:
        raise teach(
            "There are no predictions: the tensor of probabilities is empty.",
            "look at the selection or the split that they are of; it needs one picture at least.",
            "06, The sweep",
        )
    if probs.isnan().any():
        raise teach(
            f"{int(probs.isnan().sum())} of {probs.numel()} probabilities are NaN.",
            "look at the pictures that they are of, and at the training's loss: a model whose "
            "weights are NaN has to be made and trained anew.",
            "06, The sweep",
        )
    low, high = probs.min().item(), probs.max().item()
    if low < 0 or high > 1:
        raise teach(
            f"The values run from {low:.3g} to {high:.3g}, but probabilities lie between 0 and "
            "1. These look like logits: activations before the sigmoid.",
            "give probs.sigmoid(), or the probabilities that learn.get_preds() returns.",
            "04, Sigmoid: every class gets its own yes or no",
        )
    if probs.numel() >= 8 and 0.5 <= low < high <= 0.73106:
        cause = (
            f"All {probs.numel():,} values lie between {low:.3g} and {high:.3g}. The sigmoid of a "
            "probability lies between 0.5 and 0.731: this looks like a double sigmoid."
        )
        cure = "take the sigmoid once only: learn.get_preds() has done it."
        if probs.ndim == 2 and probs.shape[1] > 1 and (probs < 0.51).float().mean() >= 0.1:
            raise teach(cause, cure, "06, The sigmoid, twice")
        warnings.warn(f"{cause} If it is, {cure}", stacklevel=3)


def can_be_sorted(probs: torch.Tensor, targets: torch.Tensor) -> None:
    """TeachingError unless NumPy can take probabilities and targets as they are."""
    on_the_cpu(probs, targets)
    if not probs.is_floating_point() or probs.dtype == torch.bfloat16:
        raise teach(
            f"The probabilities are {probs.dtype}, which cannot be sorted and cut between.",
            "give probs.float(); what is only 0 and 1 is decided already.",
            "06, The sweep",
        )
    if probs.requires_grad:
        raise teach(
            "The probabilities carry a graph for gradients.",
            "give probs.detach(), or take learn.get_preds().",
            "06, The sweep",
        )


def is_threshold(thresh: float | torch.Tensor, preds: torch.Tensor) -> None:
    """TeachingError unless a threshold is a number, or a tensor with one for each class."""
    if isinstance(thresh, numbers.Real) and thresh == thresh:
        return
    if isinstance(thresh, torch.Tensor) and not thresh.isnan().any():
        if thresh.numel() == 1 or thresh.shape == preds.shape[-1:]:
            return
    raise teach(
        f"The threshold is {shortened(thresh)}, but a number or a tensor of {preds.shape[-1]} "
        "numbers is needed, one for each class.",
        "give 0.5, or torch.tensor(thresholds) in the order of the classes.",
        "06, The sweep",
    )


def known_average(average: str | None) -> None:
    """ValueError unless average is "macro", "micro" or None."""
    if average not in ("macro", "micro", None):
        raise ValueError(
            f"average is {average!r}. Choose 'macro' (the mean over the classes), 'micro' (all "
            "cells together) or None (one number for each class)."
        )


def one_for_each(values: Sequence, count: int, name: str, what: str) -> None:
    """TeachingError unless there are as many values as classes or pictures."""
    if len(values) != count:
        raise teach(
            f"{name} has {len(values)} entries, but the probabilities are of {count} "
            f"{'classes' if what == 'class' else 'pictures'}.",
            f"give one entry for each {what}, in the order of the probabilities.",
            "06, The sweep",
        )


def some_of(right: int, total: int) -> None:
    """TeachingError unless `right` of `total` items can be right."""
    if not 0 <= right <= total or total == 0:
        raise teach(
            f"{right} of {total} items cannot be right.",
            "give two counts: how many are right, and how many there are, at least one.",
            "08, Single against multi, in one unit",
        )
