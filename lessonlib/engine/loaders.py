"""Loaders of a DataBlock: what stands between its datasets and a network."""

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from PIL import Image

from lessonlib.data import (
    BatchSampler,
    DataLoader,
    DataLoaders,
    Datasets,
    SequentialSampler,
    collate,
)
from lessonlib.engine.items import (
    GIB,
    ItemTransforms,
    PictureTransforms,
    channels_last,
    transform_part,
)
from lessonlib.engine.workers import Workers
from lessonlib.geometry import in_picture
from lessonlib.guards.blocks import batch_fits
from lessonlib.guards.points import points_have_a_picture
from lessonlib.guards.teaching import failing_line, teach
from lessonlib.points import to_points
from lessonlib.show.figures import show_images

if TYPE_CHECKING:
    from lessonlib.block import TransformBlock


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


class TfmdDL(DataLoader):
    """A DataLoader over one split of a DataBlock's Datasets, with its transforms.

    blocks: one for each part of an item. item_tfms: of its pictures. batch_tfms: of each part.
    train: the training split, shuffled, in full batches, with transforms as in training; else
        the validation split, in order and whole, with their counterparts.
    cache_bytes: how much memory the prepared pictures may take. Other options as in DataLoader.
    points_left: how many points the transforms have moved out of their pictures since the last
        pass began.
    """

    def __init__(
        self,
        dsets: Datasets,
        blocks: "Sequence[TransformBlock]",
        item_tfms: Sequence[Callable],
        batch_tfms: Sequence[Sequence[Callable]],
        train: bool,
        batch_size: int = 64,
        cache_bytes: int = GIB,
        **options,
    ):
        self.dsets, self.item_tfms = dsets, for_split(item_tfms, train)
        self.batch_tfms = [for_split(tfms, train) for tfms in batch_tfms]
        self.pictures = [k for k, block in enumerate(blocks) if block.pictures]
        self.points = [k for k, block in enumerate(blocks) if to_points in block.type_tfms]
        points_have_a_picture(self.points, self.pictures)
        self.points_left, self.workers = 0, None
        split = dsets.train if train else dsets.valid
        items = ItemTransforms(split, self.item_tfms, cache_bytes, self.points)
        super().__init__(items, batch_size, shuffle=train, drop_last=train, **options)

    def __iter__(self) -> Iterator[tuple]:
        self.points_left = 0
        yield from map(self.transform, self.loaded())

    def loaded(self) -> Iterator[tuple]:
        """The collated batches of an epoch, before the batch transforms.

        Processes that load items stay for the next epoch, with what they remember of them. Who
        asks while another epoch goes on gets new ones.
        """
        if self.num_workers > 0:
            if self.workers is None:
                self.workers = Workers(self.dataset, self.batches, self.num_workers)
            if not self.workers.busy:
                return iter(self.workers)
        return super().__iter__()

    def over(
        self, dataset: Sequence[tuple], n_parts: int | None = None, cache_bytes: int = GIB
    ) -> "TfmdDL":
        """A loader like this one over other items, in order; n_parts: so many parts they have."""
        other = copy(self)
        other.batch_tfms, other.workers = self.batch_tfms[:n_parts], None
        other.points = [p for p in self.points if p < len(other.batch_tfms)]
        other.dataset = ItemTransforms(dataset, self.item_tfms, cache_bytes, other.points)
        other.batches = BatchSampler(SequentialSampler(dataset), self.batches.batch_size)
        return other

    def transform(self, batch: Sequence) -> tuple:
        """A collated batch after the batch transforms."""
        parts = [channels_last(part) for part in batch]  # quicker while uint8
        for k, tfms in enumerate(self.batch_tfms):
            for tfm in tfms:
                transform_part(tfm, parts, k, self.points if k in self.pictures[:1] else ())
        self.points_left += sum(int((~in_picture(parts[p])).sum()) for p in self.points)
        return tuple(map(channels_last, parts))

    def batch_of(self, positions: Sequence[int]) -> tuple:
        """These items of the dataset as one batch."""
        return self.transform(collate([self.dataset[i] for i in positions]))

    def decode(self, part: torch.Tensor, k: int) -> torch.Tensor:
        """Part k of a batch without what can be undone, such as Normalize.

        part: such as pictures, float [n, 3, height, width].
        """
        for tfm in reversed(self.batch_tfms[k]):
            part = tfm.decode(part) if hasattr(tfm, "decode") else part
        return part

    def show_batch(self, max_n: int = 9) -> None:
        """Draw the first pictures of a batch, with their decoded targets as titles or points."""
        batch, k = self.one_batch(), self.pictures[0]
        images = self.decode(batch[k][:max_n], k).clamp(0, 1)
        titles = [self.title([part[i] for part in batch], k) for i in range(len(images))]
        columns = 3 if max_n <= 9 else 6
        points = {"target": torch.cat([batch[p] for p in self.points], 1)} if self.points else {}
        show_images(images, titles, columns=columns, points=points)

    @property
    def picture_tfms(self) -> PictureTransforms:
        """What becomes of a picture on its way into a model."""
        batch_tfms = self.batch_tfms[self.pictures[0]] if self.pictures else []
        return PictureTransforms(self.item_tfms, batch_tfms)

    def picture_batch(self, pictures: Sequence[str | Path | Image.Image]) -> torch.Tensor:
        """These pictures (or their paths) as a batch, as if they were items of this loader.

        Float [n, 3, height, width] on the CPU. Raises what open_image raises.
        """
        return self.picture_tfms.batch(pictures)

    def title(self, parts: Sequence, picture: int) -> str:
        """The decoded parts of one item other than picture and points, one on each line."""
        decoded = {k: self.dsets.decode_part(part, k) for k, part in enumerate(parts)}
        drawn = {picture, *self.points}
        return "\n".join(as_title(value) for k, value in decoded.items() if k not in drawn)


def as_title(value: Any) -> str:
    """A decoded target as the title of its picture."""
    if isinstance(value, list):
        return " ".join(value) or "(no label)"
    return str(value.tolist()) if isinstance(value, torch.Tensor) else str(value)


class TfmdDataLoaders(DataLoaders):
    """The training and the validation loader of a DataBlock, its vocabulary and its loss."""

    def __init__(
        self,
        dsets: Datasets,
        blocks: "Sequence[TransformBlock]",
        item_tfms: Sequence[Callable],
        batch_tfms: Sequence[Sequence[Callable]],
        n_inp: int = 1,
        batch_size: int = 64,
        **options,
    ):
        batch_fits(batch_size, len(dsets.train))
        super().__init__(
            *(
                TfmdDL(dsets, blocks, item_tfms, batch_tfms, train, batch_size, **options)
                for train in (True, False)
            )
        )
        self.dsets, self.vocab, self.n_inp = dsets, dsets.vocab, n_inp
        losses = [block.loss_func for block in blocks[n_inp:]]
        self.loss_func = losses[0] if len(losses) == 1 else losses

    def test_dl(self, items: Any, with_labels: bool = False) -> TfmdDL:
        """A loader of new items, in order, with the transforms of validation.

        items: such as the recipe's own, a table or a list. with_labels: whether they have targets;
        without, `learn.get_preds(loader)` gives None for them.
        """
        tfms = self.dsets.tfms if with_labels else self.dsets.tfms[: self.n_inp]
        return self.valid.over(Datasets(items, tfms), len(tfms))

    def train_targets(self) -> torch.Tensor:
        """The first target of every training item, stacked; no picture is opened.

        Points are those of the items before batch transforms: for them pictures are opened. Returns
        [items, …] on the CPU.
        """
        dsets, k = self.dsets, self.n_inp
        if k in self.train.points:
            return collate([self.train.dataset[i][k] for i in range(len(dsets.train))])
        return collate([t for (t,) in Datasets(dsets.items, [dsets.tfms[k]], dsets.splits).train])

    def show_batch(self, max_n: int = 9) -> None:
        """Draw the first pictures of a training batch, with their targets."""
        self.train.show_batch(max_n)


def has_points(dls: TfmdDataLoaders) -> bool:
    """Whether the (first) target is points."""
    return dls.n_inp in dls.train.points
