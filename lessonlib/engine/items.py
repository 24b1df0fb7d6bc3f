"""From a dataset's pictures to tensors of one size: item transforms, and a memory."""

from collections.abc import Callable, Sequence
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torchvision.transforms.functional import pil_to_tensor

from lessonlib.data import apply, collate
from lessonlib.engine.images import as_image
from lessonlib.points import scale_points, unscale_points

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
        """Keep what is always the same, if there is room."""
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


class PictureTransforms:
    """What becomes of pictures on their way into a model: item transforms, then batch transforms.

    item_tfms, batch_tfms: those of a validation loader, or of a saved model.
    """

    def __init__(self, item_tfms: Sequence[Callable], batch_tfms: Sequence[Callable]):
        self.item_tfms, self.batch_tfms = item_tfms, batch_tfms

    @property
    def size(self) -> tuple[int, int] | None:
        """(height, width) of what goes into the model; None where no transform sets it."""
        sizes = [tfm.size for tfm in (*self.item_tfms, *self.batch_tfms) if hasattr(tfm, "size")]
        return sizes[-1] if sizes else None

    def batch(self, pictures: Sequence[str | Path | Image.Image]) -> torch.Tensor:
        """These pictures (or their paths) as one batch, float [n, 3, height, width]."""
        opened = ItemTransforms([(as_image(one),) for one in pictures], self.item_tfms, 0)
        batch = channels_last(collate([opened[i][0] for i in range(len(opened))]))
        return channels_last(apply(self.batch_tfms, batch))

    def in_pixels_of(self, picture: str | Path | Image.Image, points: torch.Tensor) -> torch.Tensor:
        """Scaled points in the result of `batch` as pixels of the picture itself, [n, 2].

        The picture's own corners are sent along as points: where they come out says what the
        item transforms did to it.
        """
        image = as_image(picture)
        size = image.height, image.width
        corners = unscale_points(torch.tensor([[-1.0, -1.0], [1.0, 1.0]]), size)
        _, (first, last) = ItemTransforms([(image, corners)], self.item_tfms, 0, points=[1])[0]
        return unscale_points(2 * (points - first) / (last - first) - 1, size)


def channels_last(part: Any) -> Any:
    """Pictures in the memory order that convolutions are quickest with; other parts as they are."""
    return part.contiguous(memory_format=torch.channels_last) if is_pictures(part) else part


def is_pictures(part: Any) -> bool:
    """Whether a part of a batch is a tensor [batch, 3, height, width]."""
    return isinstance(part, torch.Tensor) and part.ndim == 4 and part.shape[1] == 3
