"""Opening pictures of any kind, and transforms of a single picture.

Sizes are whole numbers for a square, or (height, width) as in torchvision. Built in notebook 03.
"""

import warnings
from math import exp, log, sqrt
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps

BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def open_image(path: str | Path, shorter: int | None = None) -> Image.Image:
    """Open a picture upright and as RGB, whatever it was stored as.

    shorter: how many pixels the shorter side has to keep. A JPEG is then decoded at half, a
        quarter or an eighth of its size where that is enough, which is several times as quick.
    EXIF rotation is applied, 16-bit grey is scaled to 8 bits, transparent parts become white.
    Raises FileNotFoundError when the file is missing, ValueError when it is empty, truncated,
    too large to be safe, or not a picture.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"The picture {path} is missing. Does the file name in the csv match the folder?"
        )
    if path.stat().st_size == 0:
        raise ValueError(f"The picture {path} is empty (0 bytes). Copy it anew or remove its row.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                if shorter:
                    image.draft(None, (shorter, shorter))
                return to_rgb(ImageOps.exif_transpose(image))
    except BOMBS:
        raise ValueError(
            f"The picture {path} has more than {Image.MAX_IMAGE_PIXELS:,} pixels and could fill "
            "the memory (a decompression bomb). Make it smaller or remove its row."
        ) from None
    except Exception as error:  # Pillow's decoders raise half a dozen kinds
        raise ValueError(
            f"{path} cannot be read as a picture ({error}). It is truncated or something else; "
            "copy it anew or remove its row."
        ) from error


def to_rgb(image: Image.Image) -> Image.Image:
    """Convert any of Pillow's modes to 8-bit RGB."""
    if image.mode.startswith("I"):  # 16-bit grey: Pillow's own conversion would cut it at 255
        image = Image.fromarray((np.asarray(image) // 256).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def height_width(size: int | tuple[int, int]) -> tuple[int, int]:
    """A size as (height, width)."""
    return (size, size) if isinstance(size, int) else size


class Resize:
    """Give every picture one size.

    method "crop" cuts the centre out in the right proportions, "pad" adds black edges,
    "squish" changes the proportions.
    """

    METHODS = ("crop", "pad", "squish")

    def __init__(self, size: int | tuple[int, int], method: str = "crop"):
        if method not in self.METHODS:
            raise ValueError(f"method is {method!r}, but it must be one of {self.METHODS}.")
        self.size, self.method = height_width(size), method

    def __call__(self, image: Image.Image) -> Image.Image:
        height, width = self.size
        if self.method == "squish":
            return image.resize((width, height), Image.Resampling.BILINEAR)
        fit = ImageOps.fit if self.method == "crop" else ImageOps.pad
        return fit(image, (width, height), Image.Resampling.BILINEAR)


class RandomResizedCrop:
    """Cut out a random part of the picture and resize it.

    min_scale: the smallest share of the picture's area that a part may have.
    ratio: the range of its width / height.
    """

    def __init__(
        self,
        size: int | tuple[int, int],
        min_scale: float = 0.08,
        ratio: tuple[float, float] = (3 / 4, 4 / 3),
    ):
        if not 0 < min_scale <= 1:
            raise ValueError(f"min_scale is {min_scale}, but it must be above 0 and at most 1.")
        self.size, self.min_scale, self.ratio = height_width(size), min_scale, ratio

    def __call__(self, image: Image.Image) -> Image.Image:
        height, width = self.size
        box = random_crop_box(*image.size, self.min_scale, self.ratio)
        return image.resize((width, height), Image.Resampling.BILINEAR, box=box)


def random_crop_box(width, height, min_scale=0.08, ratio=(3 / 4, 4 / 3)):
    """A random box (left, top, right, bottom) in pixels inside a picture.

    Its area is min_scale to 1 of the picture's, evenly drawn; its width / height lies in ratio,
    evenly drawn on a logarithmic scale, so that 4:3 is as likely as 3:4. When ten draws do not
    fit, the largest centred box of an allowed ratio. torch's random numbers are used as in
    torchvision's RandomResizedCrop, so one seed gives the same box.
    """
    low, high = ratio
    for _ in range(10):
        area = width * height * torch.empty(1).uniform_(min_scale, 1).item()
        aspect = exp(torch.empty(1).uniform_(log(low), log(high)).item())
        w, h = round(sqrt(area * aspect)), round(sqrt(area / aspect))
        if 0 < w <= width and 0 < h <= height:
            top = torch.randint(0, height - h + 1, (1,)).item()
            left = torch.randint(0, width - w + 1, (1,)).item()
            return left, top, left + w, top + h
    w, h = min(width, round(height * high)), min(height, round(width / low))
    left, top = (width - w) // 2, (height - h) // 2
    return left, top, left + w, top + h
