"""Checks of what a DataBlock is given: batch size, getters, labels, splits.

As in checks.py, the lessons' own versions leave these lines out.
"""

import numbers
import warnings
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lessonlib.checks import shortened
from lessonlib.teaching import teach

# of phones, of cameras and of drawing programs
UNREAD = set(".heic .heif .jxl .dng .cr2 .cr3 .nef .arw .orf .raf .rw2 .raw .psd .svg".split())


def nothing_passed_over(files: Sequence[Path]) -> None:
    """Warns of photographs among the files that are in a format which Pillow does not read."""
    unread = sorted(file for file in files if file.suffix.lower() in UNREAD)
    if unread:
        kinds = ", ".join(sorted({file.suffix.lower() for file in unread}))
        warnings.warn(
            f"Left out, for Pillow does not read {kinds}: {len(unread)} "
            f"{'file' if len(unread) == 1 else 'files'}, the first is {unread[0]}. Save as JPEG "
            "what you want to keep.",
            stacklevel=3,
        )


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
                "move one such item to training, leave these items out, or name all classes in "
                "the block's vocab=[…].",
                "03, The vocabulary",
            )


def splits_are_sound(items: Sequence, splits: Any) -> None:
    """TeachingError unless splits are two lists of positions without overlap, both with items."""
    if len(items) == 0:
        raise teach(
            "There are no items: the source holds none, or get_items finds none in it.",
            "look at len(get_items(source)). get_image_files leaves out what is hidden and what "
            "Pillow does not read.",
            "03, Splitters",
        )
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
                "compare: lambda path: path.parent.name == '13', or for a column of texts "
                "df['is_valid'] = df['is_valid'] == 'True', which makes blank cells False.",
                "03, Splitters",
            )


def are_numbers(target: Any) -> None:
    """TeachingError unless a target is a number, or a list of numbers and of such lists."""
    if isinstance(target, list | tuple):
        for part in target:
            are_numbers(part)
    elif isinstance(target, str) or target is None or target is pd.NA:
        raise teach(
            f"A target is {shortened(target)}, not a number. With one blank cell among them, "
            "keep_default_na=False makes texts of all numbers of a column.",
            "df['x'] = pd.to_numeric(df['x'], errors='coerce') makes numbers again, and then "
            "df = df.dropna(subset=['x']) leaves out the rows without one.",
            "03, Other targets",
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
            f"give the names of the groups for validation as a set, such as {{{groups[0]!r}}}.",
            "03, Splitters",
        )
