"""Opening pictures of any kind, upright and as RGB."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from lessonlib.guards.pictures import explained, is_open, is_there
from lessonlib.show.pixels import to_rgb, upright


def open_image(path: str | Path, shorter: int | None = None) -> Image.Image:
    """Open a picture upright and as RGB, whatever it was stored as.

    shorter: how many pixels the shorter side has to keep. A JPEG is then decoded at half, a
        quarter or an eighth of its size where that is enough, which is several times as quick.
    EXIF rotation is applied, wider grey is scaled to 8 bits, transparent parts become white.
    Raises FileNotFoundError when the file is missing, ValueError when it is empty, truncated,
    too large to be safe, or not a picture.
    """
    path = Path(path)
    is_there(path)
    with explained(path):
        return decode_image(path, shorter)


def decode_image(
    source: Path | BinaryIO, shorter: int | None = None, formats: Sequence[str] | None = None
) -> Image.Image:
    """The picture in a file or in memory as `open_image` gives it; what Pillow raises is raised.

    formats: those that are tried, by Pillow's names; None for all. One of guards.pictures.BOMBS is
    raised for a picture that is too large to be safe.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(source, formats=formats) as image:
            if shorter:
                image.draft(None, (shorter, shorter))
            return to_rgb(upright(image))


def picture_size(path: str | Path) -> tuple[int, int]:
    """(width, height) of a picture as its file says. Raises what open_image raises."""
    try:
        with Image.open(path) as picture:  # reads the file's first bytes only
            return picture.size
    except Exception:
        return open_image(path).size  # says what is wrong with the file


def as_image(picture: str | Path | Image.Image, shorter: int | None = None) -> Image.Image:
    """The picture of a path, or one that is open already: either as open_image gives it.

    shorter: as in open_image; a picture that is open already keeps its size. Raises what open_image
    raises.
    """
    if not isinstance(picture, Image.Image):
        return open_image(picture, shorter)
    is_open(picture)
    with explained(getattr(picture, "filename", "") or "The picture"):
        return to_rgb(upright(picture))


# Batch transforms: whole batches of pictures [batch, 3, height, width] at once
