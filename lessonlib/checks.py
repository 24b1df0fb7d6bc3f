"""Checks of arguments that raise with words: what is wrong, where, the cure, the lesson.

The lessons' own versions of a function leave these lines out; nothing else may differ.
"""

import linecache
import numbers
import sys
import sysconfig
import traceback
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import torch

# This library, Python's own and the installed packages: where no learner's line is.
INSTALLED = {
    Path(__file__).parent,
    *(Path(sysconfig.get_path(kind)) for kind in ("stdlib", "purelib", "platlib")),
}


class TeachingError(ValueError):
    """A mistake that people really make, in four lines: cause, your line, cure, lesson."""


def teach(cause: str, cure: str, lesson: str, line: str | None = None) -> TeachingError:
    """The error to raise; line: the learner's line, by default the innermost that led here."""
    line = line or callers_line(sys._getframe(1))
    return TeachingError(f"{cause}\nYour line: {line}\nCure: {cure}\nLesson: {lesson}")


def callers_line(frame: FrameType | None) -> str:
    """The innermost line of the calls that led here which is not the library's."""
    while frame and not is_learners(frame.f_code.co_filename):
        frame = frame.f_back
    return shown_line(frame.f_code.co_filename, frame.f_lineno) if frame else "(not found)"


def failing_line(error: BaseException) -> str:
    """The innermost line of an error's traceback which is the learner's."""
    steps = traceback.extract_tb(error.__traceback__)
    own = [step for step in steps if is_learners(step.filename)] or steps
    return shown_line(own[-1].filename, own[-1].lineno)


def is_learners(filename: str) -> bool:
    """Whether a file is neither this library's nor an installed package's."""
    return not INSTALLED & set(Path(filename).parents)


def shown_line(filename: str, number: int) -> str:
    return f"{linecache.getline(filename, number).strip() or filename} (line {number})"


def same_shape(inp: torch.Tensor, targ: torch.Tensor) -> None:
    """ValueError unless predictions and targets have one shape.

    Torch would stretch [64, 2] against [64, 1, 2] to [64, 64, 2] and give a number all the same.
    """
    if inp.shape != targ.shape:
        raise teach(
            f"The predictions have shape {list(inp.shape)} and the targets {list(targ.shape)}, "
            "but every prediction needs exactly one target.",
            "make the targets multi-hot rows, or reshape one of the two, such as "
            "targets.view(predictions.shape).",
            "04, What a wrong answer should cost",
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


# What a DataBlock is given


def batch_fits(batch_size: int, n_train: int) -> None:
    """TeachingError when not one full batch can be made of the training items."""
    if batch_size > n_train:
        raise teach(
            f"The batch size is {batch_size}, but there are only {n_train} training items: not "
            "one batch would be full.",
            f"take a batch size of at most {n_train}.",
            "02, A batch sampler: which ones together?",
        )


def one_getter_each(getters: Sequence, blocks: Sequence) -> None:
    """TeachingError unless there are as many getters as blocks."""
    if len(getters) != len(blocks):
        raise teach(
            f"There are {len(blocks)} blocks but {len(getters)} getters.",
            "give get_x one function per input and get_y one per target (a list where there are "
            "several), or all of them as getters=[…]. n_inp says how many blocks are inputs.",
            "03, Several targets",
        )


def labels_are_a_list(lists: Sequence[Any]) -> None:
    """TeachingError unless every item's labels are a list of texts."""
    for labels in lists:
        if isinstance(labels, str):
            raise teach(
                f"The labels of an item are the text {labels!r}, which Python reads letter by "
                f"letter: {sorted(set(labels))[:6]} would become classes.",
                "let get_y return a list, such as row['labels'].split() or [parent_label(path)].",
                "03, Labels are lists",
            )
        if not isinstance(labels, list | tuple):
            raise teach(
                f"The labels of an item are {shortened(labels)}, not a list of texts. An empty "
                "cell of a csv file becomes NaN.",
                "read the csv with pd.read_csv(path, keep_default_na=False) and split the text.",
                "01, Holes in the table",
            )


def classes_have_names(vocab: Sequence[Any]) -> None:
    """TeachingError unless every class of a vocabulary is a text that is not empty."""
    if "" in vocab:
        raise teach(
            "One of the classes has no name: ''. ''.split(' ') gives [''], a list of one.",
            "split without an argument: row['labels'].split() gives [] for an empty text.",
            "01, Labels are a text",
        )
    for name in vocab:
        if not isinstance(name, str):
            raise teach(
                f"One of the classes is {shortened(name)}, not a text. An empty cell of a csv "
                "file becomes NaN.",
                "read the csv with pd.read_csv(path, keep_default_na=False).",
                "01, Holes in the table",
            )


def known_labels(labels: Sequence[str], vocab: Sequence[str]) -> None:
    """TeachingError when a label is not in the vocabulary."""
    for label in labels:
        if label not in vocab:
            raise teach(
                f"The label {label!r} is not in the vocabulary of the {len(vocab)} classes that "
                "occur in training. It may occur in validation only.",
                "move one such item to training, leave these items out, or name all classes: "
                "MultiCategoryBlock(vocab=[…]).",
                "03, The vocabulary",
            )


def splits_are_sound(items: Sequence, splits: Any) -> None:
    """TeachingError unless splits are two lists of positions without overlap, both with items."""
    names = ("training", "validation")
    for name, split in zip(names, splits, strict=False):
        if len(split) == 0:
            raise teach(
                f"The {name} split is empty: 0 of {len(items)} items.",
                "look at what the splitter's function or column gives; for a random split take "
                "a larger valid_pct or more items.",
                "03, Splitters",
            )
        for position in split:
            if not isinstance(position, numbers.Integral) or not 0 <= position < len(items):
                raise teach(
                    f"The splitter gave {position!r} for {name}, but a position is a whole "
                    f"number from 0 to {len(items) - 1}.",
                    "return positions, not labels of the index: np.flatnonzero(mask), or use "
                    "ColSplitter.",
                    "03, Splitters",
                )
    both = set(splits[0]) & set(splits[1])
    if both:
        raise teach(
            f"{len(both)} items are in training and in validation, the first at position "
            f"{min(both)}: validation would repeat what training has seen.",
            "let every position occur in one of the two lists.",
            "03, Splitters",
        )


def positions_not_labels(items: Any, splits: Any, splitter: Callable) -> None:
    """TeachingError when a splitter answers with a DataFrame's index labels.

    Numbered anew, the same rows have the same positions but other labels. A splitter whose
    answer follows the labels gives itself away.
    """
    if not hasattr(items, "iloc") or items.index.tolist() == list(range(len(items))):
        return
    anew = splitter(items.reset_index(drop=True))
    as_labels = [[items.index[position] for position in split] for split in anew]
    given = [list(split) for split in splits]
    if given == as_labels and given != [list(split) for split in anew]:
        raise teach(
            f"The splitter returns labels of the index, such as {given[0][0]!r} for the row at "
            f"position {anew[0][0]}. After filtering or shuffling a DataFrame they differ.",
            "return positions: np.flatnonzero(df['is_valid']), or use ColSplitter('is_valid').",
            "03, Splitters",
        )


def yes_or_no(is_valid: Sequence[Any]) -> None:
    """TeachingError unless every answer of a splitter's function or column is True or False."""
    for position, answer in enumerate(is_valid):
        if not isinstance(answer, bool | np.bool_):
            raise teach(
                f"For the item at position {position} the splitter's answer is "
                f"{shortened(answer)}, not True or False.",
                "compare: lambda path: path.parent.name == '13'. A blank cell in is_valid has to "
                "become True or False first.",
                "03, Splitters",
            )


def groups_exist(valid: Collection, groups: Sequence) -> None:
    """TeachingError unless `valid` is a collection of names that occur among the groups."""
    missing = [valid] if isinstance(valid, str) else [name for name in valid if name not in groups]
    if missing:
        known = ", ".join(repr(name) for name in list(dict.fromkeys(groups))[:8])
        raise teach(
            f"valid names {missing[0]!r}, which is no group here. Groups are: {known}, …"
            if not isinstance(valid, str)
            else f"valid is the text {valid!r}, but it must be a collection of group names.",
            "give the names of the groups for validation as a set, such as {'13'}.",
            "03, Splitters",
        )


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
            "04, Where people go wrong",
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
