"""From a dataset's pictures to tensors of one size: item transforms, and a memory."""

from collections.abc import Callable, Sequence
from math import ceil

import numpy as np
import torch
from PIL import Image
from torchvision.transforms.functional import pil_to_tensor

from lessonlib.engine.images import as_image
from lessonlib.points import scale_points

GIB = 2**30
SPARE = 1.25  # how much larger than a random crop a picture is kept


def is_random(tfm: Callable) -> bool:
    """Whether a transform gives something new each time: then it has one for validation."""
    return hasattr(tfm, "valid")


def transform_part(tfm: Callable, parts: list, k: int, points: Sequence[int] = ()) -> None:
    """Send part k of an item or a batch through a transform; what moves pixels moves points too.

    points: the parts that belong to part k. One draw decides for it and for them.
    """
    if points and hasattr(tfm, "move"):
        parts[k], *moved = tfm.move(parts[k], *(parts[p] for p in points))
        for p, part in zip(points, moved, strict=True):
            parts[p] = part
    else:
        parts[k] = tfm(parts[k])


class ItemTransforms:
    """A dataset whose pictures have gone through the item transforms and are uint8 tensors.

    What comes before the first random transform is the same in every epoch, so it is kept in
    memory, up to cache_bytes; what does not fit is made anew each time. Before a random crop a
    picture is kept at 1.25 times the crop's size, in its own proportions.
    points: the parts that are points in the item's first picture: from pixels of the picture as
    it was opened they become −1…1, and then go where its transforms move them.
    """

    def __init__(
        self,
        dataset: Sequence,
        tfms: Sequence[Callable],
        cache_bytes: int = GIB,
        points: Sequence[int] = (),
    ):
        self.dataset, self.points, self.cache = dataset, points, {}
        self.free_bytes, self.keeps = cache_bytes, cache_bytes > 0
        first = next((k for k, tfm in enumerate(tfms) if is_random(tfm)), len(tfms))
        self.fixed, self.random = tfms[:first], tfms[first:]

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, i: int) -> tuple:
        parts = self.cache.get(i)
        if parts is None:
            parts = self.prepare(list(self.dataset[i]))
            self.remember(i, parts)
        return self.finish(list(parts))

    def prepare(self, parts: list) -> tuple:
        """The steps that are always the same; a picture becomes uint8 [height, width, 3]."""
        pictures = [k for k, part in enumerate(parts) if isinstance(part, Image.Image)]
        for k in pictures:
            parts[k] = as_image(parts[k])  # whoever opened it
        for p in self.points:
            width, height = parts[pictures[0]].size
            parts[p] = scale_points(parts[p], (height, width))
        self.transform(self.fixed, parts, pictures)
        size = getattr(self.random[0], "size", None) if self.random else None
        for k in pictures:
            if size and self.keeps:  # scaled points do not care
                parts[k] = shrink(parts[k], ceil(SPARE * max(size)))
            parts[k] = np.array(parts[k])
        return tuple(parts)

    def finish(self, parts: list) -> tuple:
        """The random steps; a picture becomes a uint8 tensor [3, height, width]."""
        pictures = [k for k, part in enumerate(parts) if isinstance(part, np.ndarray)]
        if not self.random:
            for k in pictures:
                parts[k] = torch.from_numpy(parts[k]).permute(2, 0, 1)
            return tuple(parts)
        for k in pictures:
            parts[k] = Image.fromarray(parts[k])
        self.transform(self.random, parts, pictures)
        for k in pictures:
            parts[k] = pil_to_tensor(parts[k])
        return tuple(parts)

    def transform(self, tfms: Sequence[Callable], parts: list, pictures: Sequence[int]) -> None:
        """Send the pictures through some transforms, and the points with the first of them."""
        for k in pictures:
            for tfm in tfms:
                transform_part(tfm, parts, k, self.points if k == pictures[0] else ())

    def remember(self, i: int, parts: tuple) -> None:
        needed = sum(part.nbytes for part in parts if isinstance(part, np.ndarray | torch.Tensor))
        if needed <= self.free_bytes:
            self.cache[i] = parts
            self.free_bytes -= needed


def shrink(image: Image.Image, shorter: int) -> Image.Image:
    """Make the shorter side this long, in proportion; never larger than it is."""
    scale = shorter / min(image.size)
    if scale >= 1:
        return image
    size = [max(shorter, round(side * scale)) for side in image.size]
    return image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2)
