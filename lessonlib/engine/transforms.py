"""Transforms: of one picture and its points, by a box; of a whole batch, on its device.

Sizes are whole numbers for a square, or (height, width) as in torchvision.
"""

from collections.abc import Sequence

import torch
from PIL import Image
from torch.nn.functional import affine_grid, grid_sample

from lessonlib.geometry import affine_matrices, center_box, move_points, random_crop_box
from lessonlib.guards.pictures import at_least, share_of_area
from lessonlib.guards.teaching import one_of


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
        """What this box of the picture shows, in the size of the result."""
        return image.resize(self.size[::-1], Image.Resampling.BILINEAR, box=box)


class Resize(BoxTransform):
    """Give every picture one size.

    method "crop" cuts the centre out in the right proportions, "pad" adds black edges,
    "squish" changes the proportions.
    """

    METHODS = ("crop", "pad", "squish")

    def __init__(self, size: int | tuple[int, int], method: str = "crop"):
        one_of(method, self.METHODS, "method")
        self.size, self.method = height_width(size), method

    def box(self, width: int, height: int) -> tuple:
        """The box that the method shows, (left, top, right, bottom)."""
        if self.method == "squish":
            return 0, 0, width, height
        out_height, out_width = self.size
        if self.method == "pad":
            return pad_box(width, height, out_width, out_height)
        return center_box(width, height, out_width / out_height)

    def cut(self, image: Image.Image, box: tuple) -> Image.Image:
        """The result: with "pad", black around the picture."""
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
        """A random box, (left, top, right, bottom)."""
        return random_crop_box(width, height, self.min_scale, self.ratio)


def int_to_float(x):
    """uint8 pictures as floats from 0 to 1.

    x: [n, 3, height, width]; the result lies on the same device. Built in notebook 03.
    """
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
        """Pictures [n, 3, height, width] as they were before."""
        return x * self.std.to(x.device) + self.mean.to(x.device)


class RandomGeometry:
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
        """What validation does instead: only the size changes."""
        return RandomGeometry(self.size, do_flip=False, max_rotate=0.0, max_zoom=1.0)

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
        """What validation does instead: nothing."""
        return RandomLighting(0.0)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        if self.max_lighting == 0:
            return x
        reach, each = self.max_lighting, (len(x), 1, 1, 1)
        shift, factor = (torch.empty(each).uniform_(-reach, reach).to(x.device) for _ in range(2))
        mean = x.mean(dim=(1, 2, 3), keepdim=True)
        return ((x - mean) * (1 + factor) + mean + shift).clamp(0, 1)


def aug_transforms(
    size, min_scale=1.0, do_flip=True, max_rotate=10.0, max_zoom=1.1, max_lighting=0.2
):
    """The usual random changes of a batch, as a list of batch transforms."""
    geometry = RandomGeometry(size, min_scale, do_flip, max_rotate, max_zoom)
    return [geometry, RandomLighting(max_lighting)]


def pad_box(width, height, out_width, out_height):
    """The box, larger than the picture, that a result with black edges shows.

    The picture takes whole pixels of the result, as with Pillow's ImageOps.pad, and at least one
    in each direction, however narrow it is.
    """
    scale = min(out_width / width, out_height / height)
    w, h = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = round((out_width - w) / 2), round((out_height - h) / 2)
    x, y = width / w, height / h  # pixels of the picture for one of the result
    return -left * x, -top * y, (out_width - left) * x, (out_height - top) * y


def box_matrix(box, width, height):
    """The sampling matrix [2, 3] of a result that shows this box of a picture, and nothing else.

    box: (left, top, right, bottom) in pixel edges: the whole picture is (0, 0, width, height).
    """
    left, top, right, bottom = box
    row_x = [(right - left) / width, 0.0, (left + right) / width - 1]
    row_y = [0.0, (bottom - top) / height, (top + bottom) / height - 1]
    return torch.tensor([row_x, row_y])
