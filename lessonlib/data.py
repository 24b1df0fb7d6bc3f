"""From single items to mini-batches: samplers, collate, DataLoader, Datasets, DataLoaders.

Built in notebook 02. Worker processes are torch's own; everything else is here.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
import torch
import torch.utils.data

from lessonlib.guards.blocks import batch_fits
from lessonlib.guards.tensors import (
    all_numbers,
    not_empty,
    positive_integer,
    same_length,
    stackable,
)
from lessonlib.guards.workers import can_be_sent


class SequentialSampler:
    """The positions 0, 1, 2, … of a dataset, in order."""

    def __init__(self, dataset: Sequence):
        self.dataset = dataset

    def __len__(self) -> int:
        return len(self.dataset)

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.dataset)))


class RandomSampler:
    """The positions of a dataset in a new random order each time.

    generator: a torch.Generator makes the orders repeatable; without one, torch's global
    random numbers choose. The orders are those of torch's RandomSampler, epoch for epoch.
    """

    def __init__(self, dataset: Sequence, generator: torch.Generator | None = None):
        self.dataset, self.generator = dataset, generator

    def __len__(self) -> int:
        return len(self.dataset)

    def __iter__(self) -> Iterator[int]:
        generator = self.generator
        if generator is None:
            seed = int(torch.empty((), dtype=torch.int64).random_())
            generator = torch.Generator().manual_seed(seed)
        yield from torch.randperm(len(self), generator=generator).tolist()
        torch.randperm(len(self), generator=generator)  # torch draws one more that it never uses


class BatchSampler:
    """Lists of `batch_size` positions, cut from what a sampler gives.

    The last list is shorter when the numbers do not divide; drop_last leaves it out.
    """

    def __init__(self, sampler: Sequence, batch_size: int, drop_last: bool = False):
        positive_integer(batch_size, "batch_size", "02, A batch sampler: which ones together?")
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __len__(self) -> int:
        full, rest = divmod(len(self.sampler), self.batch_size)
        return full if self.drop_last or rest == 0 else full + 1

    def __iter__(self) -> Iterator[list[int]]:
        positions = iter(self.sampler)
        while batch := list(islice(positions, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch


def collate(items: list) -> Any:
    """Turn a list of items into one batch: [(x0, y0), (x1, y1), …] to (xs, ys).

    Tensors are stacked along a new first dimension [batch, …]; numbers become a tensor [batch]
    of NumPy's type for them (whole numbers int64, floats float64, as in torch); strings
    stay a tuple; tuples are transposed and each part is collated, however deeply they nest.
    Raises ValueError when shapes or lengths differ, TypeError for anything else (a list, None,
    a picture). Built in notebook 02.
    """
    not_empty(items)
    first = items[0]
    if isinstance(first, tuple):
        same_length(items)
        return tuple(collate(part) for part in zip(*items, strict=True))
    if isinstance(first, torch.Tensor):
        stackable(items)
        return torch.stack(items)
    if isinstance(first, str):
        return tuple(items)
    all_numbers(items)
    return torch.as_tensor(np.asarray(items))


class DataLoader:
    """Walks over a dataset and yields collated mini-batches.

    dataset: anything with `dataset[i]` and `len(dataset)`.
    shuffle: a new order in each epoch; seed makes the sequence of orders repeatable.
    drop_last: leave out a last batch that is shorter than batch_size.
    num_workers: processes that load items (torch's machinery); 0 loads in this process, which
        always works. On Windows and macOS the dataset must be picklable (no lambdas).
    """

    def __init__(
        self,
        dataset: Sequence,
        batch_size: int = 64,
        shuffle: bool = False,
        drop_last: bool = False,
        num_workers: int = 0,
        seed: int | None = None,
    ):
        can_be_sent(dataset, num_workers)
        generator = None if seed is None else torch.Generator().manual_seed(seed)
        sampler = RandomSampler(dataset, generator) if shuffle else SequentialSampler(dataset)
        self.batches = BatchSampler(sampler, batch_size, drop_last)
        self.dataset, self.num_workers = dataset, num_workers

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Iterator:
        if self.num_workers > 0:
            yield from torch.utils.data.DataLoader(
                self.dataset,
                batch_sampler=self.batches,
                collate_fn=collate,
                num_workers=self.num_workers,
            )
        else:
            for positions in self.batches:
                yield collate([self.dataset[i] for i in positions])

    def one_batch(self) -> Any:
        """The first batch (of a new order, when shuffled). TeachingError when there is none."""
        not_empty(self)
        return next(iter(self))


class Datasets:
    """Items with one chain of functions for each part of the tuple that they become.

    items: a sequence, or a DataFrame whose rows are the items.
    tfms: [[f, g], [h]] turns an item into (g(f(item)), h(item)); without it, into (item,).
    splits: two lists of positions, (training, validation). Without it, all is training.
    Built in notebook 02.
    """

    def __init__(
        self,
        items: Sequence,
        tfms: Sequence[Sequence[Callable]] | None = None,
        splits: Sequence[Sequence[int]] | None = None,
    ):
        self.items, self.tfms = items, tfms or [[]]
        self.splits = [range(len(items))] if splits is None else splits

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, i: int) -> tuple:
        rows = getattr(self.items, "iloc", self.items)  # a DataFrame counts rows with iloc
        item = rows[i]
        return tuple(apply(functions, item) for functions in self.tfms)

    def subset(self, k: int) -> torch.utils.data.Subset:
        """The items of split k: 0 for training, 1 for validation. IndexError if there is none."""
        if k >= len(self.splits):
            raise IndexError(
                "These Datasets have no validation split. Give two lists of positions: "
                "Datasets(items, tfms, splits=(train_positions, valid_positions))."
            )
        return torch.utils.data.Subset(self, self.splits[k])

    def decode_part(self, value: Any, k: int) -> Any:
        """Part k of an item as a person reads it: its transforms undone, from last to first.

        Built in notebook 03.
        """
        for function in reversed(self.tfms[k]):
            value = function.decode(value) if hasattr(function, "decode") else value
        return value

    @property
    def vocab(self) -> Sequence[str] | None:
        """The vocabulary of the last part that has one, else None. Built in notebook 03."""
        functions = [function for chain in self.tfms for function in chain]
        found = [function.vocab for function in functions if hasattr(function, "vocab")]
        return found[-1] if found else None

    @property
    def train(self) -> torch.utils.data.Subset:
        """The items of the first split."""
        return self.subset(0)

    @property
    def valid(self) -> torch.utils.data.Subset:
        """The items of the second split. IndexError if there is none."""
        return self.subset(1)


def apply(functions: Sequence[Callable], item: Any) -> Any:
    """Send an item through the functions, one after the other. Built in notebook 02."""
    for function in functions:
        item = function(item)
    return item


class DataLoaders:
    """A training and a validation DataLoader that belong together. Built in notebook 02."""

    def __init__(self, train: DataLoader, valid: DataLoader):
        self.train, self.valid = train, valid

    @classmethod
    def from_dsets(
        cls, train: Sequence, valid: Sequence, batch_size: int = 64, **options
    ) -> "DataLoaders":
        """Shuffle the training set and drop its shorter last batch; keep all of validation.

        options: num_workers and seed, as in DataLoader. ValueError when the batch size is
        larger than the training set, since not one batch would be left.
        """
        batch_fits(batch_size, len(train))
        return cls(
            DataLoader(train, batch_size, shuffle=True, drop_last=True, **options),
            DataLoader(valid, batch_size, **options),
        )

    def one_batch(self) -> Any:
        """The first training batch."""
        return self.train.one_batch()
