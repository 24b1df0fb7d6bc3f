"""PointBlock from the file to the prediction: pictures with three blobs, which are the points."""

import re

import numpy as np
import pytest
import torch
from blobs import blob_picture, centroid, well_inside
from PIL import Image
from torch import nn

from lessonlib.block import DataBlock, ImageBlock, PointBlock
from lessonlib.engine.learner import Learner
from lessonlib.engine.loaders import GIB
from lessonlib.engine.transforms import (
    Normalize,
    RandomLighting,
    RandomResizedCrop,
    Resize,
    aug_transforms,
)
from lessonlib.engine.vision import vision_learner
from lessonlib.geometry import in_picture
from lessonlib.getters import FuncSplitter, get_image_files
from lessonlib.guards.teaching import TeachingError
from lessonlib.losses import point_loss
from lessonlib.points import median_px, scale_points, unscale_points

SIZES = [(120, 160), (160, 120), (131, 187)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """18 pictures of three sizes whose names end in their points; the last six for validation."""
    folder, rng = tmp_path_factory.mktemp("blobs"), np.random.default_rng(0)
    for k in range(18):
        height, width = SIZES[k % 3]
        points = rng.uniform([38, 38], [width - 39, height - 39], (3, 2)).round(1)
        name = "_".join(f"{number:.1f}" for number in points.flatten())
        blob_picture(points, height, width, sigma=5).save(folder / f"{k:02}_{name}.png")
    return folder


def turned_and_cropped(size, min_scale=0.8, max_rotate=20):
    """Every change of geometry, none of light, which would weigh a blob's pixels anew."""
    return aug_transforms(size, min_scale, max_rotate=max_rotate, max_lighting=0)


def points_of(path):
    return np.array(path.stem.split("_")[1:], dtype=float).reshape(3, 2)


def block(item_tfms, batch_tfms=(), get_y=points_of):
    return DataBlock(
        (ImageBlock, PointBlock),
        get_items=get_image_files,
        get_y=get_y,
        splitter=FuncSplitter(lambda path: path.stem[:2] >= "12"),
        item_tfms=item_tfms,
        batch_tfms=batch_tfms,
    )


def loaders(folder, item_tfms, batch_tfms=(), batch_size=6, **options):
    return block(item_tfms, batch_tfms).dataloaders(
        folder, batch_size=batch_size, seed=0, **options
    )


def farthest(batch):
    """How far blobs are from their points at most, in pixels, and how many were looked at."""
    pictures, points = batch
    height, width = pictures.shape[2:]
    errors = [
        np.linalg.norm(centroid(blob, 20) - place.numpy())
        for picture, of_it in zip(pictures, unscale_points(points, (height, width)), strict=True)
        for blob, place in zip(picture, of_it, strict=True)
        if well_inside(place, height, width, 22)
    ]
    return max(errors, default=0), len(errors)


# From file to batch

EVERY = {
    "crop": Resize((112, 128)),
    "pad": Resize((112, 128), "pad"),
    "squish": Resize((112, 128), "squish"),
    "random crop": RandomResizedCrop((112, 128), min_scale=0.6),
    "two of them": [Resize(150, "pad"), RandomResizedCrop(120, min_scale=0.7)],
}


@pytest.mark.parametrize("item_tfms", EVERY.values(), ids=EVERY)
@pytest.mark.parametrize("aug", [False, True], ids=["plain", "augmented"])
def test_every_blob_is_where_its_point_is(folder, item_tfms, aug):
    torch.manual_seed(0)
    batch_tfms = turned_and_cropped((112, 128)) if aug else []
    dls = loaders(folder, item_tfms, batch_tfms)
    found = [
        farthest(batch) for _ in range(4) for loader in (dls.train, dls.valid) for batch in loader
    ]
    errors, counts = zip(*found, strict=True)
    assert max(errors) < 0.2 and sum(counts) > 60


def test_each_pass_draws_anew_and_validation_never_draws(folder):
    dls = loaders(folder, RandomResizedCrop(96, 0.6), aug_transforms(96))
    one, other = (torch.cat([points for _, points in dls.train]) for _ in range(2))
    assert not torch.equal(one.sort(dim=0)[0], other.sort(dim=0)[0])
    (first, at_first), (again, at_again) = dls.valid.one_batch(), dls.valid.one_batch()
    assert torch.equal(first, again) and torch.equal(at_first, at_again)


def test_points_are_those_of_the_file_scaled(folder):
    dls = loaders(folder, Resize((96, 128), "squish"))
    files = get_image_files(folder)[12:]
    for path, points in zip(files, dls.valid.one_batch()[1], strict=True):
        width, height = Image.open(path).size
        expected = scale_points(torch.tensor(points_of(path)), (height, width))
        torch.testing.assert_close(points, expected.float())


def test_the_memory_and_workers_change_nothing(folder):
    tfms = RandomResizedCrop(96, 0.6), turned_and_cropped(96)
    kept, read = (loaders(folder, *tfms, cache_bytes=size) for size in (GIB, 0))
    for _ in range(2):
        for loader in (kept.train, read.train):
            assert max(farthest(batch)[0] for batch in loader) < 0.2
    assert len(kept.train.dataset.cache) == 12 and not read.train.dataset.cache
    helped = loaders(folder, *tfms, num_workers=2).valid.one_batch()
    assert all(torch.equal(x, y) for x, y in zip(helped, kept.valid.one_batch(), strict=True))


def test_light_does_not_move_points(folder):
    plain = loaders(folder, Resize(96)).valid.one_batch()[1]
    dls = loaders(folder, Resize(96), [RandomLighting(0.3), Normalize([0.5] * 3, [0.5] * 3)])
    assert torch.equal(dls.valid.one_batch()[1], plain)


def test_two_parts_of_points_share_one_draw(folder):
    dls = DataBlock(
        (ImageBlock, PointBlock, PointBlock),
        get_items=get_image_files,
        getters=[None, points_of, lambda path: points_of(path)[::-1].copy()],
        item_tfms=RandomResizedCrop(112, 0.6),
        batch_tfms=aug_transforms(112),
    ).dataloaders(folder, batch_size=6)
    for _, points, reversed_points in dls.train:
        torch.testing.assert_close(points, reversed_points.flip(1))


def test_points_without_a_picture_are_refused(folder):
    with pytest.raises(TeachingError, match="PointBlock but no ImageBlock"):
        DataBlock(
            (PointBlock, PointBlock), get_items=get_image_files, get_x=points_of, get_y=points_of
        ).dataloaders(folder, batch_size=2)


# Points that leave


def test_points_that_left_are_counted_masked_and_not_clamped(folder):
    torch.manual_seed(0)
    dls = loaders(folder, Resize(112), aug_transforms(112, min_scale=0.1))
    assert dls.train.points_left == 0
    points = torch.cat([points for _, points in dls.train])
    outside = ~in_picture(points)
    assert dls.train.points_left == outside.sum() > 5
    assert points.abs().max() > 1.05
    preds = points.clone()
    preds[outside] = 99.0  # whatever is said about them
    assert point_loss(preds, points) == 0 == median_px(preds, points)
    list(dls.valid)
    assert dls.valid.points_left == 0
    list(dls.train)
    assert dls.train.points_left < 3 * outside.sum()  # counted anew in each pass


# A learner


class FindsBlobs(nn.Module):
    """The brightest place of each colour, to a fraction of a pixel, as scaled points."""

    def __init__(self):
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(2))

    def forward(self, pictures):
        found = [[centroid(blob + 1e-6, 20) for blob in picture] for picture in pictures]
        points = scale_points(torch.tensor(np.array(found)), pictures.shape[2:]).float()
        return points + self.shift


@pytest.fixture
def finder(folder):
    def make(item_tfms=None, batch_tfms=()):
        dls = loaders(folder, item_tfms or EVERY["squish"], batch_tfms)
        return Learner(dls, FindsBlobs(), metrics=[median_px])

    return make


@pytest.mark.parametrize("name", EVERY)
def test_predict_answers_in_pixels_of_the_original(finder, folder, name):
    learn, looked_at = finder(EVERY[name], aug_transforms((112, 128))), 0
    for path in get_image_files(folder)[:9]:
        points, scaled = learn.predict(path)
        result = unscale_points(scaled, (112, 128))
        for found, target, place in zip(points, points_of(path), result, strict=True):
            if well_inside(place, 112, 128, 20):
                looked_at += 1
                assert np.linalg.norm(found.numpy() - target) < 0.3
    assert looked_at > 12


def test_predict_works_for_a_picture_of_any_size(finder, tmp_path):
    point = (400.0, 300.0)
    picture = blob_picture([point] * 3, 900, 700, sigma=40)
    picture.save(tmp_path / "large.png")
    answer = finder().predict(tmp_path / "large.png")
    assert (answer.points - torch.tensor(point)).norm(dim=1).max() < 1
    scaled = scale_points(torch.tensor(point), (900, 700))
    assert (answer.scaled - scaled).abs().max() < 0.01
    assert list(answer._fields) == ["points", "scaled"]


def test_predictions_are_scaled_and_the_epoch_knows_how_many_points_left(finder):
    learn = finder(Resize(112), aug_transforms(112, min_scale=0.1))
    learn.fit(2, 1e-3)
    names = ["train_loss", "valid_loss", "median_px", "points_left"]
    assert [list(epoch) for epoch in learn.history] == [names] * 2
    assert all(epoch["points_left"] > 5 for epoch in learn.history)
    preds, targets = learn.get_preds()
    assert preds.shape == targets.shape == (6, 3, 2)
    inside = in_picture(targets)
    assert (preds - targets)[inside].abs().median() < 0.05


@pytest.fixture
def drawn(monkeypatch):
    calls = []
    for module in ("results", "loaders"):
        monkeypatch.setattr(
            f"lessonlib.engine.{module}.show_images",
            lambda images, titles, points=None, **_: calls.append((images, titles, points)),
        )
    return calls


def test_results_are_drawn_on_the_pictures(finder, drawn):
    learn = finder()
    learn.show_results(max_n=4)
    ((images, titles, points),) = drawn
    assert len(images) == 4 and all(re.fullmatch(r"\d+ px off", title) for title in titles)
    assert points["target"].shape == points["prediction"].shape == (4, 3, 2)
    assert (points["target"] - points["prediction"]).abs().max() < 0.01


def test_the_worst_come_first_in_top_losses(finder, drawn):
    learn = finder()
    learn.model.shift.data = torch.tensor([0.5, 0.0])
    values, positions = learn.top_losses(3)
    assert values.tolist() == pytest.approx([0.125] * 3, abs=1e-3) and len(set(positions)) == 3
    learn.show_top_losses(2)
    assert drawn[0][1] == ["160 px off"] * 2


def test_a_batch_is_shown_with_its_points_and_without_titles(finder, drawn):
    finder().dls.train.show_batch(3)
    ((images, titles, points),) = drawn
    assert titles == [""] * 3 and list(points) == ["target"]
    assert farthest((images, points["target"][:3]))[0] < 0.2


def test_a_corrupt_picture_in_the_middle_of_an_epoch_is_named(folder, tmp_path):
    for path in get_image_files(folder):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    bad = get_image_files(tmp_path)[7]
    dls = loaders(tmp_path, Resize(96), batch_size=3)
    bad.write_bytes(bad.read_bytes()[:300])
    before = bad.read_bytes()
    learn = Learner(dls, FindsBlobs())
    with pytest.raises(ValueError, match=re.escape(bad.name) + ".*cannot be read.*copy it anew"):
        learn.fit(1)
    assert not learn.model.training and bad.read_bytes() == before


def test_a_getter_that_fails_names_its_frame(folder):
    def missing(path):
        if path.stem.startswith("05"):
            raise FileNotFoundError(f"{path.stem}_pose.txt is missing")
        return points_of(path)

    dls = block(Resize(96), get_y=missing).dataloaders(folder, batch_size=6)
    with pytest.raises(TeachingError, match="A getter failed.*05_.*_pose.txt is missing"):
        list(dls.train)


def test_vision_learner_gives_points_a_head_that_keeps_positions(folder, tmp_path):
    torch.manual_seed(0)
    dls = loaders(folder, Resize(96), aug_transforms(96))
    learn = vision_learner(dls, y_range=(-1, 1))
    preds, targets = learn.get_preds()
    assert preds.shape == targets.shape == (6, 3, 2)
    assert preds.abs().max() < 1 and learn.loss_func is point_loss
    assert [metric.__name__ for metric in learn.metrics] == ["median_px"]
    before = learn.validate()["valid_loss"]
    learn.fit_one_cycle(3, 3e-2)
    assert learn.history[-1]["valid_loss"] < before
    learn.save(tmp_path / "points")
    again = vision_learner(dls, y_range=(-1, 1))
    again.load(tmp_path / "points")
    torch.testing.assert_close(again.get_preds()[0], learn.get_preds()[0])


def test_two_looks_are_the_mean_with_the_points_of_the_mirror_image_mirrored_back(folder):
    torch.manual_seed(0)
    learn = vision_learner(loaders(folder, Resize(96), aug_transforms(96)), y_range=(-1, 1))
    preds, targets = learn.tta()
    once, same_targets = learn.get_preds()
    assert torch.equal(targets, same_targets) and not torch.equal(preds, once)
    inputs = torch.cat([inputs for (inputs,), _ in learn.batches(learn.dls.valid)])
    with torch.no_grad():
        mirrored = learn.model(torch.from_numpy(inputs.numpy()[..., ::-1].copy()))
    expected = torch.stack([once[..., 0] - mirrored[..., 0], once[..., 1] + mirrored[..., 1]], -1)
    torch.testing.assert_close(preds, expected / 2)


def test_a_rotated_jpeg_is_answered_as_it_is_seen(finder, tmp_path):
    upright = blob_picture([(60.0, 90.0)] * 3, 160, 120, sigma=5)
    exif = Image.Exif()
    exif[0x0112] = 6  # stored lying on its side: turn clockwise to view
    lying = upright.transpose(Image.Transpose.ROTATE_90)
    lying.save(tmp_path / "phone.jpg", exif=exif, quality=95)
    points = finder().predict(tmp_path / "phone.jpg").points
    assert (points - torch.tensor([60.0, 90.0])).norm(dim=1).max() < 0.3
