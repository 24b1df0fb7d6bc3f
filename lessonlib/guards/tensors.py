"""Checks of values that raise with words: what is wrong, where, the cure, the lesson.

The lessons' own versions of a function leave these lines out; nothing else may differ.
"""

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from lessonlib.guards.teaching import teach


def same_shape(preds: torch.Tensor, targets: torch.Tensor) -> None:
    """TeachingError unless predictions and targets have one shape.

    Torch would stretch [64, 2] against [64, 1, 2] to [64, 64, 2] and give a number all the same.
    """
    are_tensors(preds, targets)
    if preds.shape != targets.shape:
        raise teach(
            f"The predictions have shape {list(preds.shape)} and the targets "
            f"{list(targets.shape)}, but every prediction needs exactly one target.",
            cure_of_shapes(preds.shape, targets.shape),
            "03, Other targets",
        )


def same_numbers(preds: torch.Tensor, targets: torch.Tensor) -> None:
    """TeachingError unless these are numbers of one shape, the predictions floats."""
    same_shape(preds, targets)
    not_empty(preds)
    are_floats(preds, "the predictions")
    no_bools(targets, "the targets")


def are_tensors(*values: Any) -> None:
    """TeachingError for lists and for NumPy's arrays."""
    for value in values:
        if not isinstance(value, torch.Tensor):
            raise teach(
                f"One of the values is {shortened(value)}, not a tensor of torch.",
                "give torch.as_tensor(values).",
                "03, Other targets",
            )


def cure_of_shapes(preds: torch.Size, targets: torch.Size) -> str:
    """What brings predictions and targets to one shape."""
    if [n for n in preds if n != 1] == [n for n in targets if n != 1]:
        return "give both one shape: targets.view(predictions.shape)."
    if len(preds) == 2 and preds[:1] == targets:
        return (
            "class numbers become multi-hot rows first: "
            f"torch.nn.functional.one_hot(targets, {preds[1]}).float()."
        )
    if len(targets) == 2 and targets[:1] == preds:
        return "multi-hot rows need accuracy_multi, which takes one prediction for each class."
    return "compare the predictions with the targets of the same items and the same classes."


def not_empty(values: Sequence | torch.Tensor) -> None:
    """TeachingError when there is nothing to compute with."""
    if (values.numel() if isinstance(values, torch.Tensor) else len(values)) == 0:
        raise teach(
            "There is nothing here: 0 items.",
            "look at the selection or the split that they come from; it needs one item at least.",
            "03, Splitters",
        )


def no_nan(values: torch.Tensor, name: str) -> None:
    """TeachingError when a tensor holds NaN."""
    bad = int(values.isnan().sum())
    if bad:
        raise teach(
            f"{bad} of {values.numel()} values in {name} are NaN (not a number).",
            "look at what made them: what goes in must hold no NaN, nothing may be divided by "
            "zero, and a model whose weights are NaN has to be made anew.",
            "05, The learning rate",
        )


def on_the_cpu(*tensors: torch.Tensor) -> None:
    """TeachingError unless tensors lie in the computer's own memory."""
    for tensor in tensors:
        if tensor.device.type != "cpu":
            raise teach(
                f"A tensor lies on the device {tensor.device}, and this is computed on the CPU.",
                "give it as .cpu(), or take learn.get_preds(), which does.",
                "05, The real run",
            )


def are_floats(values: torch.Tensor, name: str) -> None:
    """TeachingError unless a tensor holds floats: torch has no logarithm of whole numbers."""
    if not values.is_floating_point():
        raise teach(
            f"{name} are {values.dtype}, but activations are floats.".capitalize(),
            "give them as .float().",
            "04, The stable version",
        )


def no_bools(values: torch.Tensor, name: str) -> None:
    """TeachingError when a tensor holds True and False, which torch does not subtract."""
    if values.dtype == torch.bool:
        raise teach(
            f"{name} are True and False, which torch does not subtract.".capitalize(),
            "give them as .float(): 0 and 1.",
            "04, The stable version",
        )


def zero_or_one(targets: torch.Tensor) -> None:
    """TeachingError when a target is NaN or lies outside 0 to 1."""
    if not targets.numel():
        return
    low, high = targets.min().item(), targets.max().item()
    if not (targets.isfinite().all() and low >= 0 and high <= 1):
        raise teach(
            f"The targets run from {low:g} to {high:g}, but each must be from 0 (absent) to 1 "
            "(present). Class numbers have to become multi-hot rows first; NaN is no target.",
            "torch.nn.functional.one_hot makes rows of class numbers; leave items with NaN out.",
            "03, Labels are lists",
        )


def are_numbers(value: Any) -> None:
    """TeachingError unless a target is a number or several, none of them NaN or infinite."""
    try:
        numbers_in = torch.as_tensor(value, dtype=torch.float32)
    except (TypeError, ValueError, RuntimeError) as error:
        raise teach(
            f"A target is {shortened(value)}, not a number or a list of numbers. One blank cell "
            "makes texts of a whole column that is read with keep_default_na=False.",
            "let get_y return numbers. Make them of a column with df[name] = "
            "pd.to_numeric(df[name], errors='coerce'), and leave out what is blank: "
            "df.dropna(subset=[name]).",
            "01, Holes in the table",
        ) from error
    if not numbers_in.isfinite().all():
        raise teach(
            f"A target is {numbers_in.tolist()}, which holds NaN or infinity.",
            "leave the item out, such as with df.dropna(subset=[name]): a loss with one NaN is "
            "NaN, and so are then all weights.",
            "03, Other targets",
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


def positive_integer(value: Any, name: str, lesson: str) -> None:
    """TeachingError unless value is a whole number of at least 1."""
    if not isinstance(value, numbers.Integral) or isinstance(value, bool) or value < 1:
        raise teach(
            f"{name} is {value!r}, but it must be a whole number of at least 1.",
            "give one without a decimal point, such as 1; round(x) makes one of 8.0.",
            lesson,
        )


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
                cure_of_stack(expected, item),
                "02, Pictures of different sizes",
            )


def cure_of_stack(expected: torch.Size, item: Any) -> str:
    """What makes a tensor of the expected shape of an item."""
    if not isinstance(item, torch.Tensor):
        return "let every item give a tensor in this part."
    if len(expected) == 3:
        return "give all pictures one size first, for example with item_tfms=Resize(128)."
    return "give every item equally many numbers, such as points; leave the others out."


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
