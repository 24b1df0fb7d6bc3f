"""Features once: the same results, and never where something stands no longer still."""

import os

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from lessonlib.block import DataBlock, ImageBlock, MultiCategoryBlock, TransformBlock
from lessonlib.engine import features
from lessonlib.engine.images import as_image
from lessonlib.engine.transforms import (
    Normalize,
    RandomResizedCrop,
    Resize,
    aug_transforms,
    int_to_float,
)
from lessonlib.engine.vision import vision_learner
from lessonlib.getters import FuncSplitter


@pytest.fixture
def paths(tmp_path):
    """24 noisy pictures, a third of them for validation."""
    rng = np.random.default_rng(0)
    for k in range(24):
        pixels = rng.integers(0, 80 + 7 * k, (40, 52, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{k:02}.png")
    return sorted(tmp_path.glob("*.png"))


def labels(path):
    k = int(path.stem)
    return ["low"] * (k % 2) + ["high"] * (k > 11)


def make(paths, item_tfms=None, batch_tfms=(), **options):
    torch.manual_seed(0)
    dblock = DataBlock(
        (ImageBlock, MultiCategoryBlock),
        get_y=labels,
        splitter=FuncSplitter(lambda path: int(path.stem) % 3 == 0),
        item_tfms=item_tfms or Resize(40, "squish"),
        batch_tfms=batch_tfms,
    )
    return vision_learner(dblock.dataloaders(paths, batch_size=4, seed=0, **options))


@pytest.fixture
def passes(monkeypatch):
    """How many pictures went through a body, by call."""
    seen, real = [], features.computed

    def counted(learn, loader, state):
        seen.append(len(loader.dataset))
        return real(learn, loader, state)

    monkeypatch.setattr(features, "computed", counted)
    return seen


def trained(learn, epochs=3):
    torch.manual_seed(1)
    learn.fit_one_cycle(epochs, 1e-2)
    return learn


@pytest.mark.parametrize("num_workers", [0, 2])
def test_with_and_without_it_the_head_learns_the_same(paths, monkeypatch, passes, num_workers):
    once = trained(make(paths, num_workers=num_workers))
    assert passes == [16, 8]  # training and validation, in the first epoch
    monkeypatch.setattr(features, "stands_still", lambda *_: False)
    every = trained(make(paths))
    if num_workers == 0:  # else they draw random numbers of their own
        assert once.losses == pytest.approx(every.losses, abs=1e-5)
        for name, weights in every.model.state_dict().items():
            torch.testing.assert_close(once.model.state_dict()[name], weights, atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(once.get_preds()[0], every.get_preds()[0], atol=1e-5, rtol=0)
    kept = once.get_preds()[0]
    torch.testing.assert_close(once.get_preds(list(once.dls.valid))[0], kept, atol=1e-5, rtol=0)


def test_training_and_validation_never_mix(paths):
    learn = make(paths)
    learn.model.eval()
    for loader in (learn.dls.train, learn.dls.valid):
        for inputs, targets in learn.feed(loader):
            assert isinstance(inputs, features.Computed) and len(inputs[0]) == len(targets[0])
    kept = learn.features.kept
    assert [len(kept[loader].rows) for loader in (learn.dls.train, learn.dls.valid)] == [16, 8]
    ordered = torch.cat([x for x, _ in learn.dls.valid])
    with torch.no_grad():
        expected = features.parted(learn.model)[0](ordered)
    torch.testing.assert_close(kept[learn.dls.valid].rows, expected, atol=1e-5, rtol=1e-4)


MOVING = {
    "a layer that learns": lambda learn: learn.model.body[1].requires_grad_(True),
    "everything learns": lambda learn: learn.unfreeze(),
    "a batch norm in training": lambda learn: learn.model.body[0].train(),
}


@pytest.mark.parametrize("what", MOVING)
def test_while_something_moves_nothing_is_kept(paths, passes, what):
    learn = make(paths)
    learn.model.eval()
    assert isinstance(next(learn.feed(learn.dls.valid))[0], features.Computed) and passes == [8]
    MOVING[what](learn)
    inputs, _ = next(learn.feed(learn.dls.valid))
    assert not isinstance(inputs, features.Computed) and passes == [8]


@pytest.mark.parametrize(
    "options, validation",
    [({"item_tfms": RandomResizedCrop(40)}, True), ({"batch_tfms": aug_transforms(40)}, False)],
    ids=["item_tfms", "batch_tfms"],  # what validation does instead: a Resize; the same, without
)
def test_a_loader_with_a_random_kind_of_transform_is_not_kept(paths, options, validation):
    learn = make(paths, **options)
    learn.model.eval()
    loaders = learn.dls.train, learn.dls.valid
    kept = [isinstance(next(learn.feed(loader))[0], features.Computed) for loader in loaders]
    assert kept == [False, validation]


def heavier(learn, paths):
    with torch.no_grad():
        next(learn.model.body.parameters()).mul_(1.01)


def another_kind_of_head(learn, paths):
    pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    learn.model.head = nn.Sequential(pool, nn.Linear(1280, 2))


def smaller(learn, paths):
    learn.dls.valid.item_tfms[0].size = (36, 36)


def another_mean(learn, paths):
    learn.dls.valid.batch_tfms[0][-1] = Normalize([0.4] * 3, [0.2] * 3)


def other_items(learn, paths):
    items = learn.dls.dsets.items
    items[0], items[3] = items[3], items[0]


def another_picture(learn, paths):
    Image.new("RGB", (52, 40), "red").save(paths[0])


def touched(learn, paths):
    os.utime(paths[0], (1, 1))


CHANGES = [
    heavier,
    another_kind_of_head,
    smaller,
    another_mean,
    other_items,
    another_picture,
    touched,
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_makes_them_anew(paths, passes, change):
    learn = make(paths)
    before = learn.get_preds()[0]
    assert torch.equal(learn.get_preds()[0], before) and passes == [8]
    change(learn, paths)
    after = learn.get_preds()[0]
    assert passes == [8, 8]
    if change is not touched:
        assert not torch.equal(after, before)


def test_where_there_is_no_room_every_epoch_computes_them(paths, monkeypatch):
    monkeypatch.setattr(features, "ROOM", 1000)
    learn = trained(make(paths))
    assert not learn.features.kept and len(learn.history) == 3


def test_pictures_that_are_no_files_are_not_kept(paths):
    pictures = [Image.open(path).convert("RGB") for path in paths]
    dblock = DataBlock(
        (TransformBlock([as_image], [int_to_float], pictures=True), MultiCategoryBlock),
        get_x=lambda k: pictures[k],
        get_y=lambda k: labels(paths[k]),
        splitter=FuncSplitter(lambda k: k % 3 == 0),
        item_tfms=Resize(40),
    )
    learn = vision_learner(dblock.dataloaders(list(range(24)), batch_size=4))
    learn.fit(1)
    assert not learn.features.kept


def test_tta_looks_at_the_mirrored_pictures_still(paths, monkeypatch):
    learn = trained(make(paths), 1)
    once = learn.tta()[0]
    monkeypatch.setattr(features, "stands_still", lambda *_: False)
    torch.testing.assert_close(learn.tta()[0], once, atol=1e-5, rtol=0)
