"""Checks of what a DataBlock is given: batch size, getters, labels.

As in tensors.py, the lessons' own versions leave these lines out.
"""

import numbers
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lessonlib.guards.teaching import teach
from lessonlib.guards.tensors import positive_integer, shortened

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
    positive_integer(batch_size, "the batch size", "02, A batch sampler: which ones together?")
    if batch_size > n_train:
        raise teach(
            f"The batch size is {batch_size}, but there are only {n_train} training items: not "
            "one batch would be full.",
            f"take a batch size of at most {n_train}, batch_size={n_train}."
            if n_train > 1
            else "put more items into training; a network needs two at least.",
            "02, A batch sampler: which ones together?",
        )


def one_getter_each(getters: Sequence, blocks: Sequence) -> None:
    """TeachingError unless there are as many getters as blocks."""
    if not isinstance(getters, list | tuple):
        raise teach(
            f"getters is {shortened(getters)}, not a list.",
            "give getters=[get_x, get_y], a function for each block.",
            "03, Getters",
        )
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
            raise no_text(labels, "The labels of an item are", "a list of texts")
        if "" in labels:
            raise teach(
                "One of the classes has no name: ''. ''.split(' ') gives [''], a list of one.",
                "split without an argument: row['labels'].split() gives [] for an empty text.",
                "01, Labels are a text",
            )


def no_text(value: Any, subject: str, needed: str) -> Exception:
    """The error for labels that are no texts: a blank cell, numbers, or something else."""
    cause, cure = f"{subject} {shortened(value)}, not {needed}.", f"let get_y return {needed}."
    if isinstance(value, float) and value != value:
        cause += " An empty cell of a csv file becomes NaN."
        cure = "read the csv with pd.read_csv(path, keep_default_na=False), so that it is ''."
        cure += " Split a list's text; of items with one label each leave those without one out."
    elif isinstance(value, numbers.Number):
        cause += " A column of numbers in a csv file is read as numbers."
        cure = "read it as texts: pd.read_csv(path, dtype={'label': str}, keep_default_na=False)."
    return teach(cause, cure, "01, Holes in the table")


def labels_are_texts(labels: Sequence[Any]) -> None:
    """TeachingError unless every label is a text that is not empty."""
    for label in labels:
        if not isinstance(label, str):
            raise no_text(label, "A label is", "a text")
        if label == "":
            raise teach(
                "One of the labels is an empty text: ''. An item with one label needs a name.",
                "leave the items without a label out, df[df['label'] != ''], or take "
                "MultiCategoryBlock, where a list may be empty.",
                "03, Labels are lists",
            )


def classes_have_names(vocab: Sequence[Any]) -> None:
    """TeachingError unless a vocabulary is a list of different texts."""
    if not isinstance(vocab, list | tuple):
        raise teach(
            f"vocab is {shortened(vocab)}, not a list of the classes' names.",
            "give a list, such as vocab=['cat', 'dog'] or vocab=sorted(names).",
            "03, The vocabulary",
        )
    if not vocab:
        raise teach(
            "There is not one class: no training item has a label.",
            "look at what get_y returns, or name the classes in the block's vocab=[…].",
            "03, The vocabulary",
        )
    known: set[str] = set()
    for name in vocab:
        if not isinstance(name, str) or not name or name in known:
            raise teach(
                f"One of the classes is {shortened(name)}, but each must be a text of its own.",
                "name each class once in vocab=[…], by a text that is not empty.",
                "03, The vocabulary",
            )
        known.add(name)


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
