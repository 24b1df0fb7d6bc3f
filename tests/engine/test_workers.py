"""Processes that load items: the same batches as without, and what they remember is of use."""

import os
from itertools import islice

import pytest
import torch

from lessonlib.data import BatchSampler, RandomSampler, collate
from lessonlib.engine.workers import Workers, rows


class Letters:
    """(number, letter, (vector, length)) of 23 items."""

    def __len__(self):
        return 23

    def __getitem__(self, i):
        return torch.tensor(i), "abcdefghijklmnopqrstuvw"[i], (torch.full((2,), float(i)), i)


class Who:
    """Each item's position, the process that loads it, and whether it knew it before."""

    def __init__(self):
        self.known = set()

    def __len__(self):
        return 24

    def __getitem__(self, i):
        known = i in self.known
        self.known.add(i)
        return i, os.getpid(), int(known)


def batches(dataset, batch_size=5, shuffle=True, drop_last=False):
    generator = torch.Generator().manual_seed(3)
    sampler = RandomSampler(dataset, generator) if shuffle else range(len(dataset))
    return BatchSampler(sampler, batch_size, drop_last)


def without(dataset, cut):
    return [collate([dataset[i] for i in positions]) for positions in cut]


def alike(one, other):
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and torch.equal(one, other)
    if isinstance(one, str):
        return one == other
    return len(one) == len(other) and all(map(alike, one, other))


@pytest.mark.parametrize("batch_size, n", [(5, 2), (1, 3), (23, 2), (4, 1)])
def test_the_batches_are_those_of_one_process_epoch_for_epoch(batch_size, n):
    workers, again = (
        Workers(Letters(), batches(Letters(), batch_size), n),
        batches(Letters(), batch_size),
    )
    for _ in range(3):
        assert alike(list(workers), without(Letters(), again))


def test_each_item_is_always_loaded_by_the_same_process_which_remembers_it():
    workers = Workers(Who(), batches(Who()), 2)
    epochs = []
    for _ in range(3):
        positions, processes, known = (torch.cat(parts) for parts in zip(*workers, strict=True))
        epochs.append(dict(zip(positions.tolist(), processes.tolist(), strict=True)))
        assert bool(known.all()) is (len(epochs) > 1) and len(epochs[-1]) == 24
    assert epochs[0] == epochs[1] == epochs[2]
    assert len({*epochs[0].values()}) == 2 and os.getpid() not in epochs[0].values()


def test_an_epoch_that_is_left_early_does_not_spoil_the_next():
    workers = Workers(Letters(), batches(Letters(), shuffle=False), 2)
    first = list(islice(workers, 2))
    assert alike(first, without(Letters(), batches(Letters(), shuffle=False))[:2])
    assert alike(list(workers), without(Letters(), batches(Letters(), shuffle=False)))


@pytest.mark.parametrize("items", [[(torch.zeros(2), "a")] * 3, [torch.ones(1)] * 2, ["a", "b"]])
def test_the_rows_of_a_batch_are_its_items(items):
    assert alike(list(rows(collate(items))), items)
