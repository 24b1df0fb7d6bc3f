"""DataBlock: a recipe that turns any source into datasets and loaders. Built in notebook 03.

A block says what kind of thing a part of an item is; a getter finds it in an item; a splitter
says which items are for training (getters.py).
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import torch
from torch.nn.functional import cross_entropy

from lessonlib.data import Datasets
from lessonlib.engine.images import open_image
from lessonlib.engine.loaders import Getter, TfmdDataLoaders
from lessonlib.engine.transforms import int_to_float
from lessonlib.engine.xray import Explanation, difference, explain
from lessonlib.getters import RandomSplitter
from lessonlib.guards.blocks import (
    classes_have_names,
    known_labels,
    labels_are_a_list,
    labels_are_texts,
    one_getter_each,
)
from lessonlib.guards.splits import positions_not_labels, splits_are_sound
from lessonlib.guards.tensors import are_numbers
from lessonlib.losses import binary_cross_entropy, mse_loss, point_loss
from lessonlib.points import to_points

# Blocks


class Categorize:
    """One label and its number in the vocabulary, which is the sorted labels of training."""

    def __init__(self, vocab: Sequence[str] | None = None):
        self.vocab = vocab

    def setup(self, labels: Sequence[str]) -> None:
        """Learn the vocabulary from the labels of training. TeachingError for what is no name."""
        labels_are_texts(labels)
        if self.vocab is None:
            self.vocab = sorted(set(labels))
        classes_have_names(self.vocab)

    def __call__(self, label: str) -> torch.Tensor:
        known_labels([label], self.vocab)
        return torch.tensor(self.vocab.index(label))

    def decode(self, number: torch.Tensor) -> str:
        """The label of a number, a 0-d tensor."""
        return self.vocab[int(number)]


class MultiCategorize(Categorize):
    """A list of labels and its multi-hot tensor [classes]; an empty list is all zeros."""

    def setup(self, lists: Sequence[list[str]]) -> None:
        """Learn the vocabulary. TeachingError for what is no list of names."""
        labels_are_a_list(lists)
        super().setup([label for labels in lists for label in labels])

    def __call__(self, labels: list[str]) -> torch.Tensor:
        labels_are_a_list([labels])
        known_labels(labels, self.vocab)
        return torch.tensor([float(name in labels) for name in self.vocab])

    def decode(self, target: torch.Tensor) -> list[str]:
        """The labels of a multi-hot row [classes]."""
        return [name for name, present in zip(self.vocab, target, strict=True) if present]


def to_float(value: Any) -> torch.Tensor:
    """A number, or several, as a float tensor. TeachingError for a text or NaN.

    Built in notebook 03.
    """
    are_numbers(value)
    return torch.as_tensor(value, dtype=torch.float32)


@dataclass
class TransformBlock:
    """What one part of an item is: its type transforms, its batch transforms, its loss.

    pictures: whether the data block's own transforms of pictures are for this part.
    """

    type_tfms: Sequence[Callable] = ()
    batch_tfms: Sequence[Callable] = ()
    loss_func: Callable | None = None
    pictures: bool = False


def ImageBlock():
    """A path becomes an RGB picture; batches of pictures become floats from 0 to 1."""
    return TransformBlock([open_image], [int_to_float], pictures=True)


def CategoryBlock(vocab=None):
    """Exactly one label per item: its number, int64, and cross-entropy."""
    return TransformBlock([Categorize(vocab)], loss_func=cross_entropy)


def MultiCategoryBlock(vocab=None):
    """A list of labels per item, maybe empty: a multi-hot tensor, and binary cross-entropy."""
    return TransformBlock([MultiCategorize(vocab)], loss_func=binary_cross_entropy)


def RegressionBlock():
    """A number or several: a float tensor, and the mean squared error."""
    return TransformBlock([to_float], loss_func=mse_loss)


def PointBlock():
    """Points (x, y) in pixels of the item's first picture: a float tensor [n, 2].

    In batches they are scaled to −1…1 and go wherever the transforms move their pixels; the mean
    squared error leaves out those that left the picture. Built in notebook 07.
    """
    return TransformBlock([to_points], loss_func=point_loss)


# The recipe


class DataBlock:
    """A recipe for datasets and loaders; without arguments, each part is the item itself.

    blocks: one per part of an item. get_items: from the source to the items. get_x, get_y: a
    function of an item for each part, or a list of them; getters: all of them in one list.
    splitter: from the items to (training, validation) positions; default RandomSplitter().
    item_tfms: run on each picture by itself; batch_tfms: on whole batches of pictures.
    n_inp: how many of the parts are inputs; default all but the last.
    """

    def __init__(self, blocks=(TransformBlock, TransformBlock), get_items=None, get_x=None,
                 get_y=None, getters=None, splitter=None, item_tfms=(), batch_tfms=(),
                 n_inp=None):  # fmt: skip
        self.blocks = [block() if callable(block) else block for block in blocks]
        self.n_inp = n_inp or max(1, len(self.blocks) - 1)
        n_targets = len(self.blocks) - self.n_inp
        self.getters = getters or as_list(get_x, self.n_inp) + as_list(get_y, n_targets)
        one_getter_each(self.getters, self.blocks)
        self.get_items, self.splitter = get_items, splitter or RandomSplitter()
        self.item_tfms, self.batch_tfms = as_list(item_tfms), as_list(batch_tfms)

    def datasets(self, source: Any) -> Datasets:
        """Items, split, each part with its getter and its type transforms.

        Raises TeachingError for a split, a label or a getter that is not sound.
        """
        items = self.get_items(source) if self.get_items else source
        splits = self.splitter(items)
        positions_not_labels(items, splits, self.splitter)
        splits_are_sound(items, splits)
        tfms = [
            [Getter(getter), *copy.deepcopy(block.type_tfms)]
            for getter, block in zip(self.getters, self.blocks, strict=True)
        ]
        for chain in tfms:
            for k, tfm in enumerate(chain):
                if hasattr(tfm, "setup"):  # such as a vocabulary, from the training items only
                    before = Datasets(items, [chain[:k]], splits)
                    tfm.setup([value for (value,) in before.train])
                    for (value,) in before.valid:
                        tfm(value)  # a label that training never saw is found now, not in an hour
        return Datasets(items, tfms, splits)

    def batch_tfms_of(self, k: int) -> list[Callable]:
        """The batch transforms of part k: the block's own, then for pictures the recipe's."""
        block = self.blocks[k]
        return [*block.batch_tfms, *(self.batch_tfms if block.pictures else [])]

    def steps(self, source: Any) -> tuple:
        """The datasets, the blocks, and the transforms of items and of each part's batches."""
        batch_tfms = [self.batch_tfms_of(k) for k in range(len(self.blocks))]
        return self.datasets(source), self.blocks, self.item_tfms, batch_tfms

    def dataloaders(self, source: Any, batch_size: int = 64, **options) -> TfmdDataLoaders:
        """Loaders of shuffled training and of validation batches; options as in TfmdDL."""
        return TfmdDataLoaders(*self.steps(source), self.n_inp, batch_size, **options)

    def explain(self, source: Any, i: int = 0) -> Explanation:
        """The pipeline's X-ray: what becomes of item i, stage by stage."""
        return explain(*self.steps(source), i)

    def diff(self, other: "DataBlock") -> pd.DataFrame:
        """The arguments in which two recipes differ: a row each."""
        return difference(vars(self), vars(other))


def as_list(value, length=0):
    """A list of what may be one thing, several, or None, which is `length` times None."""
    if value is None:
        return [None] * length
    return list(value) if isinstance(value, list | tuple) else [value]
