"""Checks of what a training is given and what it gives, with the cause, the cure and the lesson.

As in tensors.py, the lessons' own versions leave these lines out.
"""

import numbers
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import inf
from typing import Any

import torch
from torch import nn

from lessonlib.guards.teaching import teach
from lessonlib.guards.tensors import positive_integer, shortened

OTHER_SHAPE = re.compile(  # what torch's layers say to an input of another shape
    r"cannot be multiplied|expected .*input|running_mean should contain|output size is too small"
    r"|size of tensor|Sizes of tensors|invalid for input|Kernel size|number of channels"
    r"|\(unbatched\)|does not broadcast|multiply up to",
    re.IGNORECASE,
)


def known_range(y_range: tuple[float, float] | None) -> None:
    """TeachingError unless a range is two numbers that rise."""
    rises = isinstance(y_range, tuple | list) and len(y_range) == 2 and y_range[0] < y_range[1]
    if y_range is not None and not rises:
        raise teach(
            f"y_range is {y_range!r}, but it must be two numbers, the lower one first.",
            "give y_range=(-1, 1) for points, or the least and the largest value of the targets.",
            "07, A range for the answer",
        )


def are_rates(lr: float | slice) -> None:
    """TeachingError unless a learning rate is a positive number, or a slice of them."""
    rates = [lr.stop if lr.start is None else lr.start, lr.stop] if isinstance(lr, slice) else [lr]
    for rate in rates:
        if not isinstance(rate, numbers.Real) or not 0 < rate < inf:
            raise teach(
                f"The learning rate is {lr!r}, but a rate is a number above 0.",
                "give lr=1e-3, slice(1e-3), or slice(1e-5, 1e-3) from the early layers to the "
                "head.",
                "05, A rate for each group of layers",
            )


def are_epochs(epochs: int, name: str = "epochs") -> None:
    """TeachingError unless a training can take so many passes over its items."""
    positive_integer(epochs, name, "05, A training loop by hand")


def has_a_cycle(pct_start: float, div: float) -> None:
    """TeachingError unless a rate can rise for a share of the steps, from a part of its highest."""
    if not isinstance(pct_start, numbers.Real) or not 0 <= pct_start < 1:
        raise teach(
            f"pct_start is {pct_start!r}, but it is the share of the steps in which the rate "
            "rises: at least 0, and below 1, since it has to fall, too.",
            "give pct_start=0.25 for a quarter of the steps; 25 % is 0.25.",
            "05, One cycle",
        )
    if not isinstance(div, numbers.Real) or not 1 <= div < inf:
        raise teach(
            f"div is {div!r}, but the rate begins at the highest divided by div: a number of at "
            "least 1.",
            "give div=25.0, or div=1.0 to begin at the highest rate.",
            "05, One cycle",
        )


def rising_rates(start: float, end: float, steps: int) -> None:
    """TeachingError unless rates can grow from start to end, each a constant factor."""
    are_rates(slice(start, end))
    positive_integer(steps, "steps", "05, The learning rate")
    if not start < end or steps < 2:
        raise teach(
            f"lr_find is to go from {start} to {end} in {steps} steps.",
            "let end be above start, and take two steps at least.",
            "05, The learning rate",
        )


def has_a_loss(loss_func: Any) -> None:
    """TeachingError unless there is one loss to train by."""
    if not callable(loss_func):
        several = f"{len(loss_func)} targets with a loss each" if loss_func else "no loss"
        raise teach(
            f"The loaders bring {several}, but a Learner trains by one.",
            "give one that takes the predictions and all targets: Learner(dls, model, loss_func).",
            "03, Several targets",
        )


def something_learns(model: nn.Module) -> None:
    """TeachingError when no weight of a network may change."""
    if not any(param.requires_grad for param in model.parameters()):
        raise teach(
            "No weight of the network can learn: there is none, or all are frozen.",
            "model.requires_grad_(True) lets all of them learn.",
            "05, Frozen: what learns, and what does not",
        )


def are_functions(metrics: Sequence[Any]) -> None:
    """TeachingError unless every metric can be called."""
    for metric in metrics:
        if not callable(metric):
            raise teach(
                f"A metric is {shortened(metric)}, not a function of predictions and targets.",
                "give the function itself: from lessonlib.metrics import accuracy_multi.",
                "05, The real run",
            )


def one_number(value: Any, name: str) -> None:
    """TeachingError unless a loss or a metric gives one number."""
    if torch.as_tensor(value).numel() != 1:
        raise teach(
            f"{name} gives {torch.as_tensor(value).numel()} numbers, but one is needed.",
            "take their mean, such as with reduction='mean' or average='macro'.",
            "05, The real run",
        )


def finite(values: torch.Tensor, what: str, given: Sequence[torch.Tensor]) -> None:
    """TeachingError when predictions or their loss hold a NaN or an infinity.

    given: the inputs and the targets. If these are no numbers either, it is not the training.
    """
    if values.isfinite().all():
        return
    if not all(part.isfinite().all() for part in given):
        raise teach(
            f"{what} is NaN or infinite, because the pictures or the targets of the batch are.",
            "leave the items out whose target or picture holds NaN. No learning rate helps.",
            "03, Other targets",
        )
    raise teach(
        f"{what} is NaN or infinite, so training stopped, though all pictures and targets are "
        "numbers. Most often the learning rate is too high.",
        "make the model anew and take a tenth of the learning rate; lr_find suggests one.",
        "05, The learning rate",
    )


@contextmanager
def batch_norm_has_enough(count: int) -> Iterator[None]:
    """TeachingError when a batch norm learns from a batch of one, and torch refuses."""
    try:
        yield
    except ValueError as error:
        if count > 1 or "more than 1 value per channel" not in str(error):
            raise
        raise teach(
            "The network's batch norm compares the pictures of a batch, but the batch size is 1.",
            "take a batch size of 2 or more, batch_size=2, and two training items at least.",
            "05, A new head",
        ) from error


@contextmanager
def takes(inputs: Sequence[torch.Tensor]) -> Iterator[None]:
    """TeachingError when a layer inside is built for another size, or for other channels."""
    try:
        yield
    except (RuntimeError, ValueError) as error:
        if not OTHER_SHAPE.search(str(error)):
            raise
        raise teach(
            f"The network cannot take inputs of shape {brief_shapes(inputs)}: one of its layers is "
            f"built for another size or another number of channels ({error}).",
            "give all pictures the size that the network is built for, such as with "
            "item_tfms=Resize(…), or build the layer anew: the first for the channels of the "
            "pictures, a linear one for as many numbers as the layer before it gives.",
            "05, A new head",
        ) from error


def brief_shapes(tensors: Sequence[torch.Tensor]) -> str:
    return ", ".join(str(list(tensor.shape)) for tensor in tensors)


def one_for_each_class(preds: torch.Tensor, n_classes: int) -> None:
    """TeachingError unless a network gives each item one activation for each class."""
    if preds.ndim != 2 or preds.shape[1] != n_classes:
        raise teach(
            f"The network gives {list(preds.shape)}, but [items, {n_classes}] is needed: one "
            "activation for each class.",
            f"let its last layer give {n_classes} numbers, as create_head(channels, {n_classes}) "
            "does.",
            "05, A new head",
        )


@contextmanager
def said_if_refused(path: Any) -> Iterator[None]:
    """A warning when the disk refuses to save what was trained: it is too dear to be lost."""
    try:
        yield
    except OSError as error:
        warnings.warn(
            f"The model is trained, but could not be saved as {path} ({error.strerror or error}). "
            "You have it until this notebook ends. Free room there, allow writing, or set the "
            "environment variable LESSONLIB_HOME to another folder; learn.save(path) saves it.",
            stacklevel=4,
        )
