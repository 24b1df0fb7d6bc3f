"""Opening pictures of any kind, and transforms of a single picture.

Sizes are whole numbers for a square, or (height, width) as in torchvision. Built in notebook 03.
"""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import torch
from PIL import Image
from torch.nn.functional import affine_grid, grid_sample

from lessonlib.geometry import (
    affine_matrices,
    box_matrix,
    center_box,
    move_points,
    pad_box,
    random_crop_box,
    uniform,
)
from lessonlib.picture_checks import at_least, explained, is_open, is_there, share_of_area
from lessonlib.pixels import to_rgb, upright


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

    formats: those that are tried, by Pillow's names; None for all. One of picture_checks.BOMBS is
    raised for a picture that is too large to be safe.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(source, formats=formats) as image:
            if shorter:
                image.draft(None, (shorter, shorter))
            return to_rgb(upright(image))


def as_image(picture: str | Path | Image.Image, shorter: int | None = None) -> Image.Image:
    """The picture of a path, or one that is open already: either as open_image gives it.

    shorter: as in open_image; a picture that is open already keeps its size.
    """
    if not isinstance(picture, Image.Image):
        return open_image(picture, shorter)
    is_open(picture)
    with explained(getattr(picture, "filename", "") or "The picture"):
        return to_rgb(upright(picture))


def height_width(size: int | tuple[int, int]) -> tuple[int, int]:
    """A size as (height, width)."""
    return (size, size) if isinstance(size, int) else size


class BoxTransform:
    """An item transform: a box of the picture becomes the whole result.

    `box` says which one for a picture of this width and height, `cut` makes the result.
    """

    size: tuple[int, int]

    def __call__(self, image: Image.Image) -> Image.Image:
        return self.move(image)[0]

    def move(self, image: Image.Image, *points: torch.Tensor) -> tuple:
        """The result and, by the same box, where in it these points are ([n, 2], −1…1)."""
        box = self.box(*image.size)
        matrix = box_matrix(box, *image.size)
        return self.cut(image, box), *(move_points(part, matrix) for part in points)

    def cut(self, image: Image.Image, box: tuple) -> Image.Image:
        return image.resize(self.size[::-1], Image.Resampling.BILINEAR, box=box)


class Resize(BoxTransform):
    """Give every picture one size.

    method "crop" cuts the centre out in the right proportions, "pad" adds black edges,
    "squish" changes the proportions.
    """

    METHODS = ("crop", "pad", "squish")

    def __init__(self, size: int | tuple[int, int], method: str = "crop"):
        if method not in self.METHODS:
            raise ValueError(f"method is {method!r}, but it must be one of {self.METHODS}.")
        self.size, self.method = height_width(size), method

    def box(self, width: int, height: int) -> tuple:
        if self.method == "squish":
            return 0, 0, width, height
        out_height, out_width = self.size
        if self.method == "pad":
            return pad_box(width, height, out_width, out_height)
        return center_box(width, height, out_width / out_height)

    def cut(self, image: Image.Image, box: tuple) -> Image.Image:
        if self.method != "pad":
            return super().cut(image, box)
        left, top, right, bottom = box  # larger than the picture, which gets black edges
        height, width = self.size
        w = round(width * image.width / (right - left))
        h = round(height * image.height / (bottom - top))
        padded = Image.new(image.mode, (width, height))
        corner = round(-left * w / image.width), round(-top * h / image.height)
        padded.paste(image.resize((w, h), Image.Resampling.BILINEAR), corner)
        return padded


class RandomResizedCrop(BoxTransform):
    """Cut out a random part of the picture and resize it.

    min_scale: the smallest share of the picture's area that is drawn for a part.
    ratio: the range of its width / height.
    Its counterpart for validation, `valid`, cuts out the centre.
    """

    def __init__(
        self,
        size: int | tuple[int, int],
        min_scale: float = 0.08,
        ratio: tuple[float, float] = (3 / 4, 4 / 3),
    ):
        share_of_area(min_scale)
        self.size, self.min_scale, self.ratio = height_width(size), min_scale, ratio

    @property
    def valid(self) -> Resize:
        """What validation does instead: always the centre."""
        return Resize(self.size)

    def box(self, width: int, height: int) -> tuple:
        return random_crop_box(width, height, self.min_scale, self.ratio)


# Batch transforms: whole batches of pictures [batch, 3, height, width] at once


def int_to_float(x):
    """uint8 pictures as floats from 0 to 1. Built in notebook 03."""
    return x.to(torch.float32, copy=True).div_(255)


class Normalize:
    """Subtract a mean and divide by a standard deviation, for each of the three colours.

    mean, std: three numbers each, of pictures from 0 to 1. Built in notebook 03.
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float]):
        self.mean, self.std = (torch.tensor(three).view(1, 3, 1, 1) for three in (mean, std))

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return (x - self.mean.to(x.device)) / self.std.to(x.device)

    def decode(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.std.to(x.device) + self.mean.to(x.device)


class RandomAffine:
    """A random crop, flip, turn and zoom for each picture of a batch, as one resampling.

    size: of the result. min_scale: the smallest share of the area that a crop may have.
    max_rotate: degrees to either side. max_zoom: at most this much closer.
    Its counterpart for validation, `valid`, only resizes the whole picture.
    """

    def __init__(self, size, min_scale=1.0, do_flip=True, max_rotate=10.0, max_zoom=1.1):
        share_of_area(min_scale)
        at_least(0, max_rotate=max_rotate)
        at_least(1, max_zoom=max_zoom)
        self.size, self.min_scale = height_width(size), min_scale
        self.do_flip, self.max_rotate, self.max_zoom = do_flip, max_rotate, max_zoom

    @property
    def valid(self):
        return RandomAffine(self.size, do_flip=False, max_rotate=0.0, max_zoom=1.0)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return self.move(x)[0]

    def move(self, x: torch.Tensor, *points: torch.Tensor) -> tuple:
        """The pictures and, by the same draw, where in them these points are ([n, k, 2])."""
        matrices = self.draw(len(x))
        return self.resample(x, matrices), *(move_points(part, matrices) for part in points)

    def draw(self, n: int) -> torch.Tensor:
        """Random matrices [n, 2, 3] from places in the result to places in the picture.

        Places are (x, y) from −1, the left and top edge, to 1 (align_corners=False).
        """
        return affine_matrices(
            n, self.size, self.min_scale, self.do_flip, self.max_rotate, self.max_zoom
        )

    def resample(self, x: torch.Tensor, matrices: torch.Tensor) -> torch.Tensor:
        """The pictures [n, 3, *size] that these matrices cut out of x."""
        grid = affine_grid(matrices.to(x.device), [len(x), 3, *self.size], align_corners=False)
        return grid_sample(x, grid, padding_mode="reflection", align_corners=False)


class RandomLighting:
    """Random brightness and contrast for each picture of a batch of floats from 0 to 1.

    max_lighting: the largest change of either. For validation nothing happens.
    """

    def __init__(self, max_lighting: float = 0.2):
        at_least(0, max_lighting=max_lighting)
        self.max_lighting = max_lighting

    @property
    def valid(self):
        return RandomLighting(0.0)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        if self.max_lighting == 0:
            return x
        shift, factor = (
            uniform(len(x), -self.max_lighting, self.max_lighting).view(-1, 1, 1, 1).to(x.device)
            for _ in range(2)
        )
        mean = x.mean(dim=(1, 2, 3), keepdim=True)
        return ((x - mean) * (1 + factor) + mean + shift).clamp(0, 1)


def aug_transforms(
    size, min_scale=1.0, do_flip=True, max_rotate=10.0, max_zoom=1.1, max_lighting=0.2
):
    """The usual random changes of a batch, as a list of batch transforms."""
    geometry = RandomAffine(size, min_scale, do_flip, max_rotate, max_zoom)
    return [geometry, RandomLighting(max_lighting)]
