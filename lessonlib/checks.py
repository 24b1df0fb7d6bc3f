"""Checks of values that raise with words: what is wrong, where, the cure, the lesson.

The lessons' own versions of a function leave these lines out; nothing else may differ.
"""

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from lessonlib.teaching import teach


def same_shape(inp: torch.Tensor, targ: torch.Tensor) -> None:
    """ValueError unless predictions and targets have one shape.

    Torch would stretch [64, 2] against [64, 1, 2] to [64, 64, 2] and give a number all the same.
    """
    if inp.shape != targ.shape:
        raise teach(
            f"The predictions have shape {list(inp.shape)} and the targets {list(targ.shape)}, "
            "but every prediction needs exactly one target.",
            "give both one shape, such as targets.view(predictions.shape); labels become "
            "multi-hot rows first.",
            "03, Other targets",
        )


def no_nan(values: torch.Tensor, name: str) -> None:
    """ValueError when a float tensor holds NaN."""
    bad = int(values.isnan().sum())
    if bad:
        raise ValueError(
            f"{bad} of {values.numel()} values in {name} are NaN (not a number). Often the "
            "learning rate was too high or something was divided by zero: look at what made them."
        )


def zero_or_one(targets: torch.Tensor) -> None:
    """ValueError when a target lies outside 0 to 1."""
    if targets.numel() and not 0 <= targets.min() <= targets.max() <= 1:
        raise ValueError(
            f"The targets run from {targets.min():g} to {targets.max():g}, but each must be from "
            "0 (absent) to 1 (present). Class numbers have to become multi-hot rows first."
        )


def no_missing_labels(labels: Any) -> None:
    """ValueError when a pandas column of labels holds NaN."""
    missing = np.flatnonzero(labels.isna())
    if len(missing):
        raise ValueError(
            f"{len(missing)} rows of the column {labels.name!r} hold NaN, the first at position "
            f"{missing[0]}. An empty cell of a csv file becomes NaN unless it is read with "
            "pd.read_csv(path, keep_default_na=False)."
        )


def positive_integer(value: Any, name: str) -> None:
    """ValueError unless value is a whole number of at least 1."""
    if not isinstance(value, numbers.Integral) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} is {value!r}, but it must be a whole number of at least 1.")


def same_length(items: Sequence[tuple]) -> None:
    """ValueError unless every item of a batch is a tuple with as many parts as the first."""
    if set(map(type, items)) == {tuple} and len(set(map(len, items))) == 1:  # quick, as below
        return
    for position, item in enumerate(items):
        if not isinstance(item, tuple) or len(item) != len(items[0]):
            raise ValueError(
                f"Item {position} of the batch is {shortened(item)}, but item 0 is a tuple of "
                f"{len(items[0])} parts. Every item of a dataset must have the same parts."
            )


def stackable(items: Sequence[torch.Tensor]) -> None:
    """ValueError unless every tensor of a batch has the shape of the first."""
    expected = items[0].shape
    for position, item in enumerate(items):
        if not isinstance(item, torch.Tensor) or item.shape != expected:
            found = list(item.shape) if isinstance(item, torch.Tensor) else shortened(item)
            raise teach(
                f"Item {position} of the batch is {found}, but item 0 is {list(expected)}: "
                "only tensors of one shape can be stacked.",
                "give all pictures one size first, for example with item_tfms=Resize(128).",
                "02, Pictures of different sizes",
            )


def all_numbers(items: Sequence[Any]) -> None:
    """TypeError unless every item of a batch is a number."""
    if set(map(type, items)) <= {int, float, bool}:  # quick, since it runs for every batch
        return
    for position, item in enumerate(items):
        if not isinstance(item, numbers.Number | np.bool_):
            raise TypeError(
                f"Item {position} of the batch is {shortened(item)}. A batch can be made of "
                "tensors, numbers, strings and tuples of them. Turn a picture into a tensor "
                "and a list of labels into a multi-hot tensor first."
            )


def shortened(value: Any) -> str:
    """A value's type and its first characters, for an error message."""
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) <= 40 else text[:40] + '…'}"


# What a threshold is chosen on


def are_probabilities(probs: torch.Tensor) -> None:
    """TeachingError when values are NaN, outside 0 to 1, or went through the sigmoid twice.

    From 0 to 1 the sigmoid gives .5 to .7311. Eight different values or more that all lie there
    are taken for its work: of probabilities that fill the range, one set in 100,000 looks so.
    """
    if probs.numel() == 0:
        raise teach(
            "There are no predictions: the tensor of probabilities is empty.",
            "look at the length of the validation split.",
            "06, The sweep",
        )
    if probs.isnan().any():
        raise teach(
            f"{int(probs.isnan().sum())} of {probs.numel()} probabilities are NaN.",
            "look at the training's loss: often the learning rate was too high.",
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
        raise teach(
            f"All {probs.numel()} values lie between {low:.3g} and {high:.3g}. The sigmoid of a "
            "probability lies between 0.5 and 0.731: this looks like a double sigmoid.",
            "take the sigmoid once only: learn.get_preds() has done it.",
            "06, The sigmoid, twice",
        )


def known_average(average: str | None) -> None:
    """ValueError unless average is "macro", "micro" or None."""
    if average not in ("macro", "micro", None):
        raise ValueError(
            f"average is {average!r}. Choose 'macro' (the mean over the classes), 'micro' (all "
            "cells together) or None (one number for each class)."
        )


def known_metric(metric: str) -> None:
    """ValueError unless metric is a column of a threshold curve that a threshold can maximise."""
    if metric not in ("accuracy", "precision", "recall", "f1"):
        raise ValueError(f"metric is {metric!r}. Choose 'accuracy', 'f1', 'precision' or 'recall'.")


def one_for_each(values: Sequence, count: int, name: str, what: str) -> None:
    """TeachingError unless there are as many values as classes or pictures."""
    if len(values) != count:
        raise teach(
            f"{name} has {len(values)} entries, but the probabilities are of {count} "
            f"{'classes' if what == 'class' else 'pictures'}.",
            f"give one entry for each {what}, in the order of the probabilities.",
            "06, The sweep",
        )
