"""Opening every kind of picture, and transforms against torchvision's."""

import io
import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image, ImageOps
from torchvision.transforms import RandomResizedCrop as TorchvisionCrop

from lessonlib.engine.images import open_image
from lessonlib.engine.transforms import (
    RandomGeometry,
    RandomLighting,
    RandomResizedCrop,
    Resize,
    aug_transforms,
)
from lessonlib.geometry import affine_matrices, random_crop_box
from lessonlib.show.pixels import Guess, eight_bits, say_once


@pytest.fixture
def picture():
    """64 wide, 48 high: red left, blue right."""
    pixels = np.zeros((48, 64, 3), np.uint8)
    pixels[:, :32, 0] = pixels[:, 32:, 2] = 255
    return Image.fromarray(pixels)


def saved(image, path, **options):
    image.save(path, **options)
    return path


def test_exif_rotation_is_applied(picture, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # stored lying on its side: turn clockwise to view
    upright = open_image(saved(picture, tmp_path / "a.jpg", exif=exif))
    assert upright.size == (48, 64)
    red, _, blue = upright.getpixel((24, 5))
    assert red > 200 > 50 > blue


@pytest.mark.parametrize(
    "mode, suffix",
    [("CMYK", "jpg"), ("P", "png"), ("P", "gif"), ("L", "png"), ("LA", "png"), ("RGBA", "webp")],
)
def test_every_mode_becomes_rgb_of_the_same_brightness(picture, tmp_path, mode, suffix):
    grey = picture.convert("L")
    image = open_image(saved(grey.convert(mode), tmp_path / f"a.{suffix}"))
    assert (image.mode, image.size) == ("RGB", (64, 48))
    difference = np.asarray(image.convert("L"), int) - np.asarray(grey, int)
    assert abs(difference).mean() < 6


def test_sixteen_bit_grey_keeps_its_brightness(tmp_path):
    ramp = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    opened = np.asarray(open_image(saved(Image.fromarray(ramp), tmp_path / "a.png")))
    assert abs(opened[..., 0].astype(int) - ramp // 256).max() <= 1


RAMP = np.linspace(0, 1, 64)[None].repeat(8, 0)
RANGES = {
    "16 bits, signed file": (RAMP * 65535).astype(np.int32),
    "8 bits in a wide file": (RAMP * 255).astype(np.int32),
    "24 bits": (RAMP * 0xFFFFFF).astype(np.int32),
    "signed": (RAMP * 200 - 100).astype(np.int32),
    "floats to 1": RAMP.astype(np.float32),
    "floats to 65535": (RAMP * 65535).astype(np.float32),
    "floats around 0": (RAMP * 2e30 - 1e30).astype(np.float32),
}


@pytest.mark.parametrize("name", RANGES)
def test_grey_of_any_range_goes_from_black_to_white_and_the_guess_is_said(tmp_path, name):
    say_once.cache_clear()
    path = saved(Image.fromarray(RANGES[name]), tmp_path / "a.tif")
    with pytest.warns(Guess, match="white"):
        opened = np.asarray(open_image(path))
    assert abs(opened[..., 0] - RAMP * 255).max() < 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        open_image(path)  # said once


def test_dark_grey_stays_dark_and_a_single_grey_is_no_error():
    dark = eight_bits(np.array([[0.0, 0.1, 0.2]]))
    assert dark.tolist() == [[0, 26, 51]]
    assert eight_bits(np.full((2, 2), -7)).max() == 0
    assert eight_bits(np.full((2, 2), np.nan)).max() == 0


def test_what_is_no_number_in_grey_is_black_and_infinity_is_white():
    values = np.array([[np.nan, 0, 128, 255, np.inf, -np.inf]], np.float32)
    assert eight_bits(values).tolist() == [[0, 0, 128, 255, 255, 0]]


def test_transparent_parts_become_white(tmp_path):
    clear = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    assert open_image(saved(clear, tmp_path / "a.png")).getpixel((4, 4)) == (255, 255, 255)


def test_shrink_on_load_keeps_the_shorter_side_that_is_needed(picture, tmp_path):
    path = saved(picture.resize((1600, 1200)), tmp_path / "a.jpg")
    assert open_image(path, shorter=150).size == (200, 150)
    assert open_image(path, shorter=151).size == (400, 300)
    assert open_image(path).size == (1600, 1200)


def broken(tmp_path, kind, picture):
    buffer = io.BytesIO()
    picture.resize((640, 480)).save(buffer, "JPEG")
    content = {
        "empty": b"",
        "truncated": buffer.getvalue()[: len(buffer.getvalue()) // 2],
        "text": b"this is a letter, not a picture",
    }[kind]
    path = tmp_path / f"{kind}.jpg"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "kind, words", [("empty", "is empty"), ("truncated", "truncated"), ("text", "cannot be read")]
)
def test_a_bad_picture_is_named_with_the_cure(tmp_path, picture, kind, words):
    path = broken(tmp_path, kind, picture)
    with pytest.raises(ValueError, match=f"{kind}.jpg .*{words}.*remove its row or the file"):
        open_image(path)


def test_a_missing_picture_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="gone.jpg is missing. Does the file name"):
        open_image(tmp_path / "gone.jpg")


def test_a_folder_is_not_called_a_missing_picture(tmp_path):
    with pytest.raises(FileNotFoundError, match="is a folder, not a file. Is a cell blank"):
        open_image(tmp_path / "")


def test_a_link_to_nowhere_is_called_one(tmp_path):
    (tmp_path / "a.jpg").symlink_to(tmp_path / "gone.jpg")
    with pytest.raises(FileNotFoundError, match=r"a\.jpg is a link to .*gone\.jpg, which"):
        open_image(tmp_path / "a.jpg")


def test_a_name_that_lost_its_zeros_hears_how_they_stay(tmp_path, picture):
    saved(picture, tmp_path / "000005.png")
    (tmp_path / "my.csv").write_text("fname\n000005\n", encoding="utf-8")
    first = pd.read_csv(tmp_path / "my.csv")["fname"][0]
    with pytest.raises(FileNotFoundError, match=r'000005\.png is there.* dtype=\{"fname": str\}'):
        open_image(tmp_path / f"{first}.png")
    first = pd.read_csv(tmp_path / "my.csv", dtype={"fname": str})["fname"][0]  # the cure
    assert open_image(tmp_path / f"{first}.png").size == picture.size


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), MemoryError("full")])
def test_what_is_not_the_pictures_fault_is_not_laid_on_it(tmp_path, picture, monkeypatch, error):
    def refuse(*_, **__):
        raise error

    path = saved(picture, tmp_path / "a.png")
    monkeypatch.setattr(Image, "open", refuse)
    with pytest.raises(ValueError, match="The picture may be fine"):
        open_image(path)


@pytest.mark.parametrize("factor", [1.5, 3])  # Pillow warns up to twice its limit, then refuses
def test_a_decompression_bomb_is_refused(tmp_path, picture, monkeypatch, factor):
    path = saved(picture, tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", int(64 * 48 / factor))
    with pytest.raises(ValueError, match="bomb.png has more than .* pixels"):
        open_image(path)


@pytest.mark.parametrize("method", Resize.METHODS)
def test_resize_gives_the_size_asked_for(picture, method):
    assert Resize(32, method)(picture).size == (32, 32)
    assert Resize((20, 30), method)(picture).size == (30, 20)


def test_resize_methods_keep_what_they_promise(picture):
    assert Resize(48)(picture).getpixel((0, 24)) == (255, 0, 0)  # crop: no black edge
    assert Resize(48, "pad")(picture).getpixel((24, 0)) == (0, 0, 0)
    with pytest.raises(ValueError, match="method is 'zoom'"):
        Resize(48, "zoom")


@pytest.mark.parametrize("method", Resize.METHODS)
@pytest.mark.parametrize("size", [(1, 600), (600, 1), (2, 1000), (3000, 10), (1, 1)])
def test_a_strip_gets_the_size_asked_for_and_its_points_stay(size, method):
    image, point = Resize(128, method).move(Image.new("RGB", size, "red"), torch.zeros(1, 2))
    assert image.size == (128, 128) and point.isfinite().all()
    assert np.asarray(image)[..., 0].max() == 255  # and something of it is to be seen


def test_padding_equals_pillows(picture):
    for size in [(32, 32), (20, 30), (97, 31), (48, 64)]:
        for turned in (picture, picture.rotate(90, expand=True), picture.resize((61, 17))):
            theirs = ImageOps.pad(turned, size[::-1], Image.Resampling.BILINEAR)
            assert np.array_equal(Resize(size, "pad")(turned), theirs)


@pytest.mark.parametrize("width, height", [(500, 375), (375, 500), (300, 20), (20, 300), (1, 1)])
@pytest.mark.parametrize("min_scale", [0.05, 0.35, 1.0])
def test_crop_boxes_equal_torchvisions_for_the_same_seed(width, height, min_scale):
    image, ratio = torch.empty(3, height, width), [3 / 4, 4 / 3]
    for seed in range(100):
        torch.manual_seed(seed)
        left, top, right, bottom = random_crop_box(width, height, min_scale)
        torch.manual_seed(seed)
        theirs = TorchvisionCrop.get_params(image, [min_scale, 1.0], ratio)
        assert (top, left, bottom - top, right - left) == tuple(theirs)


def test_a_random_crop_has_the_size_asked_for_and_differs_each_time(picture):
    torch.manual_seed(0)
    crop = RandomResizedCrop((24, 32), min_scale=0.1)
    crops = [np.asarray(crop(picture)) for _ in range(4)]
    assert crops[0].shape == (24, 32, 3)
    assert any((one != crops[0]).any() for one in crops[1:])


@pytest.mark.parametrize("transform", [RandomResizedCrop, RandomGeometry, aug_transforms])
@pytest.mark.parametrize("min_scale", [0, -1, 1.5, float("nan"), "1"])
def test_an_impossible_min_scale_is_refused(transform, min_scale):
    with pytest.raises(ValueError, match="min_scale is .* Give 0.5"):
        transform(32, min_scale=min_scale)
    transform(32, min_scale=0.5)


@pytest.mark.parametrize(
    ("name", "least"), [("max_rotate", 0), ("max_zoom", 1), ("max_lighting", 0)]
)
def test_a_change_that_cannot_be_drawn_is_refused(batch, name, least):
    for value in (least - 0.5, float("nan"), float("inf"), "1"):
        with pytest.raises(ValueError, match=f"{name} is .* Give {least}, which changes nothing"):
            aug_transforms(32, **{name: value})
    for transform in aug_transforms(32, **{name: least}):
        batch = transform(batch)
    assert batch.isfinite().all()


# Batch transforms


@pytest.fixture
def batch():
    torch.manual_seed(0)
    return torch.rand(8, 3, 40, 60)


def test_a_matrix_of_a_crop_cuts_out_what_torchvision_would(batch):
    affine = RandomGeometry((20, 30))
    matrix = torch.tensor([[[0.5, 0.0, -0.5], [0.0, 0.5, 0.5]]]).repeat(8, 1, 1)
    made = affine.resample(batch, matrix)  # the lower left quarter, pixel by pixel
    torch.testing.assert_close(made, batch[:, :, 20:, :30])


def test_a_flip_is_the_mirror_image(batch):
    matrix = torch.tensor([[[-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]).repeat(8, 1, 1)
    torch.testing.assert_close(RandomGeometry((40, 60)).resample(batch, matrix), batch.flip(-1))


def test_a_turn_keeps_its_angle_in_pixels():
    torch.manual_seed(0)
    height, width = 40, 60
    matrices = affine_matrices(100, (height, width), do_flip=False, max_zoom=1.0, max_rotate=30)
    scale = torch.tensor([width / 2, height / 2])
    in_pixels = matrices[:, :, :2] * scale.view(1, 2, 1) / scale.view(1, 1, 2)
    identity = torch.eye(2).expand(100, 2, 2)
    torch.testing.assert_close(in_pixels @ in_pixels.transpose(1, 2), identity)
    assert in_pixels[:, 0, 0].min() > 0.86  # the cosine of 30 degrees


def test_crops_stay_inside_and_keep_their_share_of_the_area():
    torch.manual_seed(0)
    matrices = affine_matrices(2000, (32, 32), min_scale=0.3, max_rotate=0, max_zoom=1.0)
    half = matrices[:, [0, 1], [0, 1]].abs()
    assert (half + matrices[:, :, 2].abs()).max() <= 1 + 1e-6
    shares = half.prod(dim=1)
    assert 0.25 < shares.min() and 0.6 < shares.mean() < 0.7
    assert 0.4 < (matrices[:, 0, 0] < 0).float().mean() < 0.6  # half of them are flipped


def test_without_anything_random_the_picture_is_only_resized(batch):
    torch.testing.assert_close(RandomGeometry((40, 60), min_scale=0.4).valid(batch), batch)
    assert RandomGeometry((20, 30)).valid(batch).shape == (8, 3, 20, 30)


def test_every_picture_of_a_batch_gets_its_own_changes(batch):
    same = batch[:1].repeat(6, 1, 1, 1)
    for transform in aug_transforms(32, min_scale=0.5):
        same = transform(same)
    assert same.shape == (6, 3, 32, 32) and 0 <= same.min() and same.max() <= 1
    assert all((same[0] != other).any() for other in same[1:])


def test_lighting_does_nothing_in_validation(batch):
    assert torch.equal(RandomLighting(0.5).valid(batch), batch)


def test_lighting_changes_brightness_and_contrast_only(batch):
    torch.manual_seed(1)
    made = RandomLighting(0.1)(batch * 0.2 + 0.4)  # far from the edges, so nothing is cut off
    for before, after in zip(batch, made, strict=True):
        slope, shift = np.polyfit(before.flatten(), after.flatten(), 1)
        np.testing.assert_allclose(before * slope + shift, after, atol=1e-5)
