"""Item transforms, the memory, batch transforms, and what differs for validation."""

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from lessonlib.block import DataBlock, ImageBlock, MultiCategoryBlock
from lessonlib.engine.loaders import GIB, ItemTransforms
from lessonlib.engine.transforms import Normalize, RandomResizedCrop, Resize, aug_transforms
from lessonlib.getters import ColReader, ColSplitter


@pytest.fixture
def df(tmp_path):
    rng = np.random.default_rng(0)
    rows = []
    for k in range(12):
        pixels = rng.integers(0, 255, (60, 80 + 10 * (k % 2), 3), np.uint8)
        Image.fromarray(pixels).resize((240, 180)).save(tmp_path / f"{k}.png")
        rows.append((str(tmp_path / f"{k}.png"), ["cat", "dog cat", ""][k % 3], k >= 8))
    return pd.DataFrame(rows, columns=["fname", "labels", "is_valid"])


def loaders(df, item_tfms, batch_tfms=(), **options):
    block = DataBlock(
        (ImageBlock, MultiCategoryBlock),
        get_x=ColReader("fname"),
        get_y=ColReader("labels", label_delim=" "),
        splitter=ColSplitter(),
        item_tfms=item_tfms,
        batch_tfms=batch_tfms,
    )
    return block.dataloaders(df, batch_size=4, **options)


def test_batches_are_floats_from_0_to_1_in_channels_last(df):
    pictures, targets = loaders(df, Resize(32)).one_batch()
    assert pictures.dtype == torch.float32 and pictures.shape == (4, 3, 32, 32)
    assert 0 <= pictures.min() < pictures.max() <= 1
    assert pictures.is_contiguous(memory_format=torch.channels_last)
    assert targets.shape == (4, 2)


def test_batches_equal_those_of_a_hand_written_dataset(df):
    dls = loaders(df, Resize(32))
    (pictures, _), *_ = list(dls.valid)
    for row, picture in zip(df["fname"][8:], pictures, strict=True):
        by_hand = np.asarray(Resize(32)(Image.open(row).convert("RGB")))
        assert torch.equal(picture, torch.tensor(by_hand).permute(2, 0, 1) / 255)


def test_the_memory_changes_nothing_but_the_time(df):
    kept, read = (loaders(df, Resize(32), seed=1, cache_bytes=size) for size in (GIB, 0))
    for _ in range(3):
        for (one, _), (other, _) in zip(kept.train, read.train, strict=True):
            assert torch.equal(one, other)
    assert len(kept.train.dataset.cache) == 8 and not read.train.dataset.cache


def test_files_are_opened_once_when_they_fit_and_each_time_when_they_do_not(df, monkeypatch):
    opened = []
    real = Image.open
    monkeypatch.setattr(Image, "open", lambda path, **_: opened.append(path) or real(path))
    dls = loaders(df, Resize(32))
    list(dls.train), list(dls.train)
    assert len(opened) == 8
    opened.clear()
    half = loaders(df, Resize(32), cache_bytes=4 * (32 * 32 * 3 + 8))
    list(half.train), list(half.train)
    assert len(opened) == 8 + 4


def test_a_random_crop_is_new_each_time_though_the_picture_is_kept(df):
    dls = loaders(df, RandomResizedCrop(32, min_scale=0.3), seed=0)
    items = dls.train.dataset
    first, second = items[0][0], items[0][0]
    assert first.shape == (3, 32, 32) and not torch.equal(first, second)
    assert items.cache[0][0].shape == (40, 53, 3)  # 1.25 times the crop, in proportion


def test_validation_takes_the_centre_and_is_the_same_each_time(df):
    dls = loaders(df, RandomResizedCrop(32, min_scale=0.3), aug_transforms(24, min_scale=0.5))
    (first, _), (second, _) = next(iter(dls.valid)), next(iter(dls.valid))
    assert torch.equal(first, second) and first.shape == (4, 3, 24, 24)
    (one, _), (other, _) = next(iter(dls.train)), next(iter(dls.train))
    assert not torch.equal(one, other)


def test_training_is_shuffled_in_full_batches_and_validation_whole_in_order(df):
    dls = loaders(df.iloc[:11], Resize(16))
    assert [len(x) for x, _ in dls.train] == [4, 4]
    assert [len(x) for x, _ in dls.valid] == [3]
    expected = [dls.dsets.valid[i][1].tolist() for i in range(3)]
    assert next(iter(dls.valid))[1].tolist() == expected


def test_normalize_is_undone_for_showing(df):
    mean, std = [0.5, 0.4, 0.3], [0.2, 0.3, 0.4]
    plain = next(iter(loaders(df, Resize(16)).valid))[0]
    dls = loaders(df, Resize(16), Normalize(mean, std))
    normal = next(iter(dls.valid))[0]
    for colour in range(3):
        expected = (plain[:, colour] - mean[colour]) / std[colour]
        torch.testing.assert_close(normal[:, colour], expected)
    torch.testing.assert_close(dls.valid.decode(normal, 0), plain)


@pytest.fixture
def drawn(monkeypatch):
    """What show_images is asked to draw."""
    calls = []
    monkeypatch.setattr(
        "lessonlib.engine.loaders.show_images",
        lambda images, titles, **_: calls.append((images, titles)),
    )
    return calls


def test_show_batch_shows_pictures_with_their_labels(df, drawn):
    dls = loaders(df, Resize(16), Normalize([0.5] * 3, [0.5] * 3))
    dls.valid.show_batch(max_n=3)
    ((images, titles),) = drawn
    assert titles == ["(no label)", "cat", "cat dog"]
    torch.testing.assert_close(images, next(iter(loaders(df, Resize(16)).valid))[0][:3])
    dls.show_batch()
    assert len(drawn[1][1]) == 4  # a training batch


def test_workers_give_the_same_validation_batches(df):
    alone, helped = (loaders(df, Resize(16), num_workers=n).valid for n in (0, 2))
    for (one, target), (other, same_target) in zip(alone, helped, strict=True):
        assert torch.equal(one, other) and torch.equal(target, same_target)


def test_two_epochs_of_one_loader_at_once_do_not_disturb_each_other(df):
    alone, helped = (loaders(df, Resize(16), num_workers=n).valid for n in (0, 1))
    for (one, _), (first, _), (second, _) in zip(alone, helped, helped, strict=True):
        assert torch.equal(one, first) and torch.equal(one, second)
    assert helped.workers is not None and not helped.workers.busy


def test_a_part_that_is_no_picture_is_left_alone():
    items = ItemTransforms([("a", 1), ("b", 2)], [Resize(8)])
    assert items[1] == ("b", 2) and len(items) == 2


def test_a_batch_of_chosen_items_is_what_the_loader_makes_of_them(df):
    dls = loaders(df, Resize(32), aug_transforms(16))
    (pictures, targets) = dls.valid.one_batch()
    some, their_targets = dls.valid.batch_of([3, 1])
    torch.testing.assert_close(some, pictures[[3, 1]])
    assert torch.equal(their_targets, targets[[3, 1]])
