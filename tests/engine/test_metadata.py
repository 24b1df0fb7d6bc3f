"""Turning a picture needs its orientation, and nothing else of its metadata."""

import io
import random
import struct

import numpy as np
import pytest
from fuzzing import cases, fuzz
from PIL import Image, ImageOps

from lessonlib.block import DataBlock, ImageBlock, RegressionBlock, TransformBlock
from lessonlib.engine.images import as_image, open_image
from lessonlib.engine.photos import verify_images
from lessonlib.explorers.bear_app import read_upload

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")
SIX = 6, 0  # clockwise, as two shorts


def entry(tag, kind, value, count=1):
    return struct.pack("<HHI", tag, kind, count) + value


def block(*entries):
    return (
        b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4)
    )


LYING = entry(0x0112, 3, struct.pack("<HH", *SIX))
FLOAT, BIG = struct.pack("<f", 2.8), struct.pack("<I", 100_000)
CANNOT = AttributeError, TypeError, ValueError, struct.error
CANNOT_BE_WRITTEN = {  # Pillow reads them, and fails to write them into a new block
    "resolution as text": block(LYING, entry(0x011A, 2, b"72\0\0", 3)),
    "software as a float": block(LYING, entry(0x0131, 11, FLOAT)),
    "unit beyond a short": block(LYING, entry(0x0128, 4, BIG)),
    "width as text": block(entry(0x0100, 2, b"abc\0", 4), LYING),
    "byte counts as text": block(LYING, entry(0x0117, 2, b"abc\0", 4)),
}


def picture():
    """64 wide, 48 high: red left, blue right."""
    image = Image.new("RGB", (64, 48), "blue")
    image.paste("red", (0, 0, 32, 48))
    return image


def encoded(kind, exif):
    buffer = io.BytesIO()
    picture().save(buffer, kind, exif=exif)
    return buffer.getvalue()


def stands_upright(image):
    red, _, blue = image.getpixel((24, 5))
    return image.size == (48, 64) and red > 200 > 50 > blue


@pytest.mark.parametrize("name", CANNOT_BE_WRITTEN)
def test_a_photograph_is_turned_whatever_else_its_metadata_say(tmp_path, name):
    content = encoded("JPEG", CANNOT_BE_WRITTEN[name])
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    with Image.open(path) as opened, pytest.raises(CANNOT):
        ImageOps.exif_transpose(opened)  # why we do not use it
    assert stands_upright(open_image(path)) and stands_upright(open_image(path, shorter=48))
    assert stands_upright(read_upload("a.jpg", content, len(content)))
    assert verify_images(tmp_path).empty and path.read_bytes() == content


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_pictures_are_turned_as_pillow_turns_them(tmp_path, kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"a.{kind.lower()}"
    path.write_bytes(encoded(kind, exif))
    with Image.open(path) as opened:
        theirs = ImageOps.exif_transpose(opened)
    assert np.array_equal(open_image(path), theirs)


@fuzz
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_no_damage_of_the_metadata_keeps_pillows_pictures_from_opening(tmp_path, kind):
    chance, exif = random.Random(0), Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x011A], exif[0x0128] = 6, "maker", (72, 1), 2
    exif.get_ifd(0x8769)[0x829A] = (1, 30)
    exif.get_ifd(0x8825)[2] = (1.0, 2.0, 3.0)
    path = tmp_path / f"a.{kind.lower()}"
    for _ in cases(200):
        damaged = bytearray(exif.tobytes())
        for _ in range(chance.randint(1, 6)):
            damaged[chance.randrange(6, len(damaged))] = chance.randrange(256)
        path.write_bytes(encoded(kind, bytes(damaged[: chance.randint(60, 2 * len(damaged))])))
        with Image.open(path) as plain:
            plain.load()
        assert open_image(path).size in [(64, 48), (48, 64)]


@pytest.mark.parametrize("exif", [block(LYING), CANNOT_BE_WRITTEN["width as text"]])
def test_an_open_picture_is_the_same_as_its_path(tmp_path, exif):
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded("JPEG", exif))
    by_path = open_image(path)
    with Image.open(path) as opened:
        assert np.array_equal(as_image(opened), by_path)
    with Image.open(path) as opened:
        assert np.array_equal(as_image(opened.convert("RGB")), by_path)
    assert np.array_equal(as_image(by_path), by_path)  # never turned twice


def test_an_open_picture_that_ends_early_gets_the_sentence_of_its_path(tmp_path):
    path = tmp_path / "half.jpg"
    content = encoded("JPEG", block(LYING))
    path.write_bytes(content[:-20])
    with Image.open(path) as opened, pytest.raises(ValueError, match=r"half\.jpg cannot be read"):
        as_image(opened)


def test_a_loader_takes_pictures_that_a_getter_opened_itself(tmp_path):
    paths = [tmp_path / f"{k}.png" for k in range(6)]
    exif = Image.Exif()
    exif[0x0112] = 6
    for path in paths:
        picture().convert("L").save(path, exif=exif)
    shapes = []
    for first in (ImageBlock, TransformBlock(pictures=True)):
        get_x = None if first is ImageBlock else Image.open
        recipe = DataBlock((first, RegressionBlock), get_x=get_x, get_y=lambda path: 1.0)
        shapes.append(list(recipe.dataloaders(paths, batch_size=2).one_batch()[0].shape))
        assert "uint8 [1, 3, 64, 48]" in recipe.explain(paths).table.to_string()
    assert shapes == [[2, 3, 64, 48]] * 2
