"""Every piece of lessonlib.data against torch's own, over many random cases."""

import random
import string

import numpy as np
import pandas as pd
import pytest
import torch
from fuzzing import cases, fuzz
from torch.utils import data as oracle

from lessonlib.data import (
    BatchSampler,
    DataLoader,
    DataLoaders,
    Datasets,
    RandomSampler,
    SequentialSampler,
    collate,
)

LETTERS = list(enumerate(string.ascii_lowercase))


def same(ours, theirs):
    """Equal values, types and nesting (torch gives lists where we give tuples)."""
    if isinstance(theirs, torch.Tensor):
        return ours.dtype == theirs.dtype and torch.equal(ours, theirs)
    if isinstance(theirs, list | tuple):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return ours == theirs


def random_item(rng, depth=0):
    """One maker of random values of one fixed kind, nested up to two levels."""
    kind = rng.randrange(6 if depth < 2 else 5)
    shape = [rng.randrange(1, 4) for _ in range(rng.randrange(3))]
    makers = [
        lambda: torch.randn(shape),
        lambda: rng.randrange(100),
        lambda: rng.random(),
        lambda: rng.random() < 0.5,
        lambda: rng.choice(["cat", "dog"]),
    ]
    if kind < 5:
        return makers[kind]
    parts = [random_item(rng, depth + 1) for _ in range(rng.randrange(1, 4))]
    return lambda: tuple(part() for part in parts)


@fuzz
@pytest.mark.parametrize("case", cases(200))
def test_batches_and_lengths_equal_those_of_torch(case):
    rng = random.Random(case)
    make = random_item(rng)
    dataset = [make() for _ in range(rng.randrange(1, 40))]
    batch_size, drop_last = rng.randrange(1, 12), rng.random() < 0.5
    ours = DataLoader(dataset, batch_size, rng.random() < 0.5, drop_last, seed=case)
    again = DataLoader(dataset, batch_size, ours.batches.sampler.__class__ is RandomSampler,
                       drop_last, seed=case)  # fmt: skip
    theirs = oracle.DataLoader(dataset, batch_sampler=again.batches)
    for _ in range(2):  # two epochs
        our_batches, their_batches = list(ours), list(theirs)
        assert len(ours) == len(theirs) == len(our_batches) == len(their_batches)
        assert all(map(same, our_batches, their_batches))


@pytest.mark.parametrize("n", [1, 2, 7, 64, 501])
def test_random_sampler_gives_torchs_orders_epoch_for_epoch(n):
    ours = RandomSampler(range(n), torch.Generator().manual_seed(n))
    theirs = oracle.RandomSampler(range(n), generator=torch.Generator().manual_seed(n))
    assert [list(ours) for _ in range(4)] == [list(theirs) for _ in range(4)]
    assert len(ours) == len(theirs)


def test_random_sampler_without_generator_follows_torchs_global_seed():
    torch.manual_seed(3)
    ours = list(RandomSampler(range(50)))
    torch.manual_seed(3)
    assert ours == list(oracle.RandomSampler(range(50)))


@pytest.mark.parametrize("n", range(12))
@pytest.mark.parametrize("batch_size", range(1, 7))
@pytest.mark.parametrize("drop_last", [False, True])
def test_batch_sampler_equals_torchs(n, batch_size, drop_last):
    ours = BatchSampler(SequentialSampler(range(n)), batch_size, drop_last)
    theirs = oracle.BatchSampler(oracle.SequentialSampler(range(n)), batch_size, drop_last)
    assert list(ours) == list(theirs)
    assert len(ours) == len(theirs)


@pytest.mark.parametrize("batch_size", [0, -1, 2.5, "8", True])
def test_a_batch_size_that_is_no_positive_number_is_refused_by_name(batch_size):
    with pytest.raises(ValueError, match="batch_size is .* at least 1"):
        DataLoader(LETTERS, batch_size)


def test_collate_keeps_strings_as_a_tuple_and_stacks_numbers():
    numbers, letters = collate(LETTERS[:3])
    assert numbers.tolist() == [0, 1, 2]
    assert letters == ("a", "b", "c")


def test_collate_takes_numpy_numbers_as_torch_does():
    for kind in (np.int64, np.float32, np.bool_):
        items = [kind(1), kind(0)]
        assert same(collate(items), oracle.default_collate(items))


def test_collate_names_the_item_whose_shape_differs():
    items = [(torch.zeros(3, 4, 5), 0), (torch.zeros(3, 4, 5), 1), (torch.zeros(3, 5, 4), 2)]
    with pytest.raises(ValueError, match=r"(?s)Item 2 .*\[3, 5, 4\].*\[3, 4, 5\].*Resize"):
        collate(items)


@pytest.mark.parametrize("bad", [None, ["cat"], {"a": 1}])
def test_collate_names_the_item_that_cannot_be_stacked(bad):
    with pytest.raises(TypeError, match="Item 0 of the batch is .*multi-hot"):
        collate([bad, bad])


def test_collate_names_an_item_with_other_parts():
    with pytest.raises(ValueError, match="Item 1 .* 2 parts"):
        collate([(1, 2), (1, 2, 3)])


def test_the_same_seed_gives_the_same_epochs_and_each_epoch_a_new_order():
    first, second = (DataLoader(LETTERS, 8, shuffle=True, seed=1) for _ in range(2))
    epochs = [[letters for _, letters in first] for _ in range(3)]
    assert epochs == [[letters for _, letters in second] for _ in range(3)]
    assert epochs[0] != epochs[1] != epochs[2]


def test_workers_change_nothing_but_the_process():
    alone = list(DataLoader(LETTERS, 4, shuffle=True, seed=5))
    helped = list(DataLoader(LETTERS, 4, shuffle=True, seed=5, num_workers=2))
    assert all(map(same, helped, alone)) and len(helped) == len(alone)


def test_datasets_apply_one_chain_of_functions_for_each_part():
    def add_a(o):
        return o + "a"

    def add_b(o):
        return o + "b"

    letters = list(string.ascii_lowercase)
    assert Datasets(letters)[0] == ("a",)
    assert Datasets(letters, [[add_a]])[0] == ("aa",)
    assert Datasets(letters, [[add_a, add_b]])[0] == ("aab",)
    assert Datasets(letters, [[add_a], [add_b]])[0] == ("aa", "ab")


def test_datasets_of_a_frame_count_rows_by_position():
    df = pd.DataFrame({"n": [10, 20, 30]}, index=[7, 8, 9])
    dsets = Datasets(df, [[lambda row: row["n"]]], splits=([2, 0], [1]))
    assert dsets[0] == (10,)
    assert [item for (item,) in dsets.train] == [30, 10]
    assert [item for (item,) in dsets.valid] == [20]


def test_datasets_without_splits_say_that_validation_is_missing():
    dsets = Datasets("abc")
    assert len(dsets.train) == 3
    with pytest.raises(IndexError, match="no validation split.*splits="):
        _ = dsets.valid


def test_loaders_shuffle_only_training_and_keep_all_of_validation():
    dsets = Datasets(range(50), splits=(range(40), range(40, 50)))
    dls = DataLoaders.from_dsets(dsets.train, dsets.valid, batch_size=16, seed=0)
    assert [len(batch) for (batch,) in dls.train] == [16, 16]
    assert torch.cat([batch for (batch,) in dls.valid]).tolist() == list(range(40, 50))
    assert dls.one_batch()[0].tolist() != list(range(16))


def test_a_batch_larger_than_the_training_set_is_refused():
    with pytest.raises(ValueError, match="batch size is 64, but there are only 5"):
        DataLoaders.from_dsets(range(5), range(5))
