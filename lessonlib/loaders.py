"""What stands between datasets and a network: item transforms, a memory, batch transforms."""

import pickle
from collections.abc import Callable, Iterator, Sequence
from math import ceil
from multiprocessing import get_start_method
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torchvision.transforms.functional import pil_to_tensor

from lessonlib.block_checks import batch_fits
from lessonlib.data import DataLoader, DataLoaders, Datasets, apply, collate
from lessonlib.image import open_image
from lessonlib.show import show_images
from lessonlib.teaching import failing_line, teach

GIB = 2**30
SPARE = 1.25  # how much larger than a random crop a picture is kept


class Getter:
    """A function of an item (None: the item itself) whose failure names the item."""

    def __init__(self, func: Callable | None):
        self.func = func

    def __call__(self, item: Any) -> Any:
        if self.func is None:
            return item
        try:
            return self.func(item)
        except Exception as error:
            shown = item.to_dict() if hasattr(item, "to_dict") else item  # a row of a DataFrame
            raise teach(
                f"A getter failed with {type(error).__name__}: {error}. The item is {shown}.",
                "try the getter on this one item in a cell of its own.",
                "03, Getters",
                line=failing_line(error),
            ) from error


def for_split(tfms: Sequence[Callable], train: bool) -> list[Callable]:
    """The transforms as they are in training, or their counterparts for validation."""
    return list(tfms) if train else [getattr(tfm, "valid", tfm) for tfm in tfms]


def is_random(tfm: Callable) -> bool:
    """Whether a transform gives something new each time: then it has one for validation."""
    return hasattr(tfm, "valid")


class ItemTransforms:
    """A dataset whose pictures have gone through the item transforms and are uint8 tensors.

    What comes before the first random transform is the same in every epoch, so it is kept in
    memory, up to cache_bytes; what does not fit is made anew each time. Before a random crop a
    picture is kept at 1.25 times the crop's size, in its own proportions.
    """

    def __init__(self, dataset: Sequence, tfms: Sequence[Callable], cache_bytes: int = GIB):
        self.dataset, self.cache = dataset, {}
        self.free_bytes, self.keeps = cache_bytes, cache_bytes > 0
        first = next((k for k, tfm in enumerate(tfms) if is_random(tfm)), len(tfms))
        self.fixed, self.random = tfms[:first], tfms[first:]

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, i: int) -> tuple:
        parts = self.cache.get(i)
        if parts is None:
            parts = tuple(self.prepare(part) for part in self.dataset[i])
            self.remember(i, parts)
        return tuple(self.finish(part) for part in parts)

    def prepare(self, part: Any) -> Any:
        """The steps that are always the same; a picture becomes uint8 [height, width, 3]."""
        if not isinstance(part, Image.Image):
            return part
        for tfm in self.fixed:
            part = tfm(part)
        size = getattr(self.random[0], "size", None) if self.random else None
        if size and self.keeps:
            part = shrink(part, ceil(SPARE * max(size)))
        return np.array(part)

    def finish(self, part: Any) -> Any:
        """The random steps; a picture becomes a uint8 tensor [3, height, width]."""
        if not isinstance(part, np.ndarray):
            return part
        if not self.random:
            return torch.from_numpy(part).permute(2, 0, 1)
        image = Image.fromarray(part)
        for tfm in self.random:
            image = tfm(image)
        return pil_to_tensor(image)

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


class TfmdDL(DataLoader):
    """A DataLoader over one split of a DataBlock's Datasets, with the block's transforms.

    train: the training split, shuffled, in full batches, with transforms as in training; else
        the validation split, in order and whole, with their counterparts.
    cache_bytes: how much memory the prepared pictures may take. Other options as in DataLoader.
    """

    def __init__(
        self,
        dblock: Any,
        dsets: Datasets,
        train: bool,
        bs: int = 64,
        cache_bytes: int = GIB,
        **options,
    ):
        self.dsets, self.item_tfms = dsets, for_split(dblock.item_tfms, train)
        self.batch_tfms = [
            for_split(dblock.batch_tfms_of(k), train) for k in range(len(dblock.blocks))
        ]
        self.pictures = [k for k, block in enumerate(dblock.blocks) if block.pictures]
        split = dsets.train if train else dsets.valid
        items = ItemTransforms(split, self.item_tfms, cache_bytes)
        super().__init__(items, bs, shuffle=train, drop_last=train, **options)
        can_be_sent(items, self.num_workers)

    def __iter__(self) -> Iterator[tuple]:
        yield from map(self.transform, super().__iter__())

    def transform(self, batch: Sequence) -> tuple:
        """A collated batch after the batch transforms."""
        batch = map(apply, self.batch_tfms, map(channels_last, batch))  # quicker while uint8
        return tuple(map(channels_last, batch))

    def batch_of(self, positions: Sequence[int]) -> tuple:
        """These items of the dataset as one batch."""
        return self.transform(collate([self.dataset[i] for i in positions]))

    def decode(self, part: torch.Tensor, k: int) -> torch.Tensor:
        """Part k of a batch without what can be undone, such as Normalize."""
        for tfm in reversed(self.batch_tfms[k]):
            part = tfm.decode(part) if hasattr(tfm, "decode") else part
        return part

    def show_batch(self, max_n: int = 9) -> None:
        """Draw the first pictures of a batch, with their decoded targets as titles."""
        batch, k = self.one_batch(), self.pictures[0]
        images = self.decode(batch[k][:max_n], k).clamp(0, 1)
        titles = [self.title([part[i] for part in batch], k) for i in range(len(images))]
        show_images(images, titles, columns=3 if max_n <= 9 else 6)

    def picture_batch(self, paths: Sequence[str | Path]) -> torch.Tensor:
        """These pictures as a batch, as if they were items of this loader."""
        opened = ItemTransforms([(open_image(path),) for path in paths], self.item_tfms, 0)
        batch = channels_last(collate([opened[i][0] for i in range(len(opened))]))
        return channels_last(apply(self.batch_tfms[self.pictures[0]], batch))

    def title(self, parts: Sequence, picture: int) -> str:
        """The decoded parts of one item other than its picture, one on each line."""
        decoded = (self.dsets.decode_part(part, k) for k, part in enumerate(parts))
        return "\n".join(as_title(value) for k, value in enumerate(decoded) if k != picture)


def channels_last(part: Any) -> Any:
    """Pictures in the memory order that convolutions are quickest with; other parts as they are."""
    return part.contiguous(memory_format=torch.channels_last) if is_pictures(part) else part


def is_pictures(part: Any) -> bool:
    """Whether a part of a batch is a tensor [batch, 3, height, width]."""
    return isinstance(part, torch.Tensor) and part.ndim == 4 and part.shape[1] == 3


def as_title(value: Any) -> str:
    """A decoded target as the title of its picture."""
    if isinstance(value, list):
        return " ".join(value) or "(no label)"
    return str(value.tolist()) if isinstance(value, torch.Tensor) else str(value)


def can_be_sent(dataset: Any, num_workers: int) -> None:
    """TeachingError when worker processes need to receive something that cannot be pickled."""
    if num_workers == 0 or get_start_method() == "fork":
        return
    try:
        pickle.dumps(dataset)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise teach(
            f"Worker processes get the dataset by pickling it, and that failed: {error}. "
            "A lambda, or a function defined inside another, has no name to be found by.",
            "define getters with def at the top of a cell or module, or use num_workers=0.",
            "03, Getters",
        ) from error


class TfmdDataLoaders(DataLoaders):
    """The training and the validation loader of a DataBlock, its vocabulary and its loss."""

    def __init__(self, dblock: Any, dsets: Datasets, bs: int = 64, **options):
        batch_fits(bs, len(dsets.train))
        super().__init__(
            TfmdDL(dblock, dsets, True, bs, **options), TfmdDL(dblock, dsets, False, bs, **options)
        )
        self.dsets, self.vocab, self.n_inp = dsets, dsets.vocab, dblock.n_inp
        losses = [block.loss_func for block in dblock.blocks[dblock.n_inp :]]
        self.loss_func = losses[0] if len(losses) == 1 else losses

    def train_targets(self) -> torch.Tensor:
        """The first target of every training item, stacked; no picture is opened."""
        dsets, k = self.dsets, self.n_inp
        return collate([t for (t,) in Datasets(dsets.items, [dsets.tfms[k]], dsets.splits).train])

    def show_batch(self, max_n: int = 9) -> None:
        """Draw the first pictures of a training batch, with their targets."""
        self.train.show_batch(max_n)
