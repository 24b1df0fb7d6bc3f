"""Checks of what a splitter gives, with the cause, the cure and the lesson.

As in tensors.py, the lessons' own versions leave these lines out.
"""

import numbers
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from lessonlib.guards.teaching import teach
from lessonlib.guards.tensors import shortened


def leaves_both_sides(valid_pct: float) -> None:
    """TeachingError unless a share of the items may go to validation, and the rest to training."""
    if not isinstance(valid_pct, numbers.Real) or not 0 < valid_pct < 1:
        raise teach(
            f"valid_pct is {valid_pct!r}, but it is the share of the items for validation: above "
            "0 and below 1, so that something is left for training.",
            "give RandomSplitter(0.2) for a fifth; 20 % is 0.2.",
            "03, Splitters",
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
    if not hasattr(splits, "__len__") or len(splits) != 2 or not all(map(is_sized, splits)):
        raise teach(
            f"The splitter gave {shortened(splits)}, not two lists of positions.",
            "return (training positions, validation positions).",
            "03, Splitters",
        )
    for name, split in zip(names, splits, strict=True):
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
    try:
        as_labels = [[items.index[position] for position in split] for split in anew]
        given = [list(split) for split in splits]
    except (TypeError, IndexError):  # no positions at all: splits_are_sound says so
        return
    if given == as_labels and given != [list(split) for split in anew]:
        raise teach(
            f"The splitter returns labels of the index, such as {given[0][0]!r} for the row at "
            f"position {anew[0][0]}. After filtering or shuffling a DataFrame they differ.",
            "return positions: np.flatnonzero(df['is_valid']), or use ColSplitter('is_valid').",
            "03, Splitters",
        )


def is_sized(value: Any) -> bool:
    return hasattr(value, "__len__")


def yes_or_no(is_valid: Sequence[Any]) -> None:
    """TeachingError unless every answer of a splitter's function or column is True or False."""
    for position, answer in enumerate(is_valid):
        if not isinstance(answer, bool | np.bool_):
            raise teach(
                f"For the item at position {position} the splitter's answer is "
                f"{shortened(answer)}, not True or False.",
                cure_of_answer(answer),
                "03, Splitters",
            )


def cure_of_answer(answer: Any) -> str:
    """What makes True or False of a splitter's answer."""
    if answer in ("True", "False", ""):
        return "a blank cell makes texts of the column: df['is_valid'] = df['is_valid'] == 'True'."
    if isinstance(answer, numbers.Number) and answer in (0, 1):
        return "make True and False of 1 and 0: df['is_valid'] = df['is_valid'] == 1."
    return (
        "compare: lambda path: path.parent.name == '13'. A blank cell in is_valid has to "
        "become True or False first."
    )


def groups_exist(valid: Collection, groups: Sequence) -> None:
    """TeachingError unless `valid` is a collection of names that occur among the groups."""
    known = ", ".join(repr(name) for name in list(dict.fromkeys(groups))[:8])
    if isinstance(valid, str) or not isinstance(valid, Collection):
        cause = f"valid is {shortened(valid)}, but it must be a collection of group names."
    elif missing := [name for name in valid if name not in groups]:
        cause = f"valid names {missing[0]!r}, which is no group here."
    else:
        return
    raise teach(
        f"{cause} Groups are: {known}, …",
        f"give the names of the groups for validation as a set, such as {{{groups[0]!r}}}."
        if groups
        else "look at the items: there are none.",
        "03, Splitters",
    )
