"""Checks of arguments that raise with a sentence: what is wrong, why, and the cure.

The lessons' own versions of a function leave these lines out; nothing else may differ.
"""

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch


def same_shape(inp: torch.Tensor, targ: torch.Tensor) -> None:
    """ValueError unless predictions and targets have one shape.

    Torch would stretch [64, 2] against [64, 1, 2] to [64, 64, 2] and give a number all the same.
    """
    if inp.shape != targ.shape:
        raise ValueError(
            f"The predictions have shape {list(inp.shape)} and the targets {list(targ.shape)}, "
            "but every prediction needs exactly one target. "
            "Make the targets multi-hot rows, or reshape one of the two."
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
            raise ValueError(
                f"Item {position} of the batch is {found}, but item 0 is {list(expected)}: "
                "only tensors of one shape can be stacked. "
                "Give all pictures one size first, for example with Resize(128)."
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
