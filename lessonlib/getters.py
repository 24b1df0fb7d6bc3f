"""What a recipe finds in an item, and which items are for training. Built in notebook 03.

All splitters give positions, never labels of an index.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from lessonlib.data import Datasets
from lessonlib.engine.folder_walk import visible_files
from lessonlib.guards.blocks import nothing_passed_over
from lessonlib.guards.splits import groups_exist, leaves_both_sides, yes_or_no

IMAGE_SUFFIXES = set(
    ".jpg .jpeg .jpe .jfif .mpo .png .apng .webp .gif .bmp .dib .tif .tiff .avif .jp2".split()
)


class ColReader:
    """Reads a column of a row: with something put before or after it, or cut into labels.

    cols: the name of a column, or a list of names, which gives a list.
    pref: a text, or a folder as a Path, which is joined with a slash.
    label_delim: what separates the labels in the cell; an empty cell gives an empty list.
    """

    def __init__(self, cols, pref: str | Path = "", suff: str = "", label_delim=None):
        self.cols, self.pref, self.suff, self.label_delim = cols, pref, suff, label_delim

    def __call__(self, row: Any) -> Any:
        if isinstance(self.cols, list):
            return [self.read(row[col]) for col in self.cols]
        return self.read(row[self.cols])

    def read(self, value: Any) -> Any:
        """One cell as a path, a text or a list of labels."""
        if self.label_delim is not None:
            return value.split(self.label_delim) if value else []
        if isinstance(self.pref, Path):
            return self.pref / f"{value}{self.suff}"
        return f"{self.pref}{value}{self.suff}" if self.pref or self.suff else value


def get_image_files(folder):
    """All pictures in a folder and the folders in it, sorted by path.

    Linked folders count; hidden files and folders, such as .ipynb_checkpoints, do not. Warns of
    photographs in a format that Pillow does not read. Raises FileNotFoundError for no folder.
    """
    files = visible_files(folder)
    nothing_passed_over(files)
    return sorted(file for file in files if file.suffix.lower() in IMAGE_SUFFIXES)


def parent_label(path):
    """The name of the folder that a file lies in: one label."""
    return Path(path).parent.name


def parent_labels(path):
    """The same as a list of one label, as MultiCategoryBlock needs it."""
    return [parent_label(path)]


def split_by(is_valid):
    """Positions of the False and of the True: training and validation.

    is_valid: a bool for each item. Raises TeachingError for what is neither True nor False.
    """
    yes_or_no(is_valid)
    is_valid = np.asarray(is_valid, dtype=bool)
    return np.flatnonzero(~is_valid).tolist(), np.flatnonzero(is_valid).tolist()


def RandomSplitter(valid_pct=0.2, seed=None):
    """A random share of the items for validation; seed makes it repeatable.

    valid_pct: a number between 0 and 1; TeachingError for another. Gives a function from items to
    two lists of positions.
    """
    leaves_both_sides(valid_pct)

    def split(items):
        generator = None if seed is None else torch.Generator().manual_seed(seed)
        order = torch.randperm(len(items), generator=generator).tolist()
        cut = int(valid_pct * len(items))
        return order[cut:], order[:cut]

    return split


def ColSplitter(col="is_valid"):
    """A column of a DataFrame that is True for validation."""

    def split(df):
        return split_by(df[col].tolist())

    return split


def FuncSplitter(func):
    """A function of one item that is True for validation."""

    def split(items):
        return split_by([func(item) for (item,) in Datasets(items)])

    return split


def GroupSplitter(key, valid):
    """Every item of a group on one side: those whose key is in `valid` are for validation.

    key: a function of one item, or the name of a column. valid: the names of the groups. The
    function raises TeachingError for a group that no item has.
    """

    def split(items):
        get_key = key if callable(key) else ColReader(key)
        groups = [get_key(item) for (item,) in Datasets(items)]
        groups_exist(valid, groups)
        return split_by([group in valid for group in groups])

    return split
