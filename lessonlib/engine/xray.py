"""Looking into a DataBlock: the pipeline's X-ray, and the difference of two."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import torch
from PIL import Image
from torchvision.transforms.functional import pil_to_tensor

from lessonlib.data import Datasets, collate
from lessonlib.engine.items import ItemTransforms, is_pictures
from lessonlib.engine.loaders import Getter, TfmdDL
from lessonlib.guards.tensors import shortened
from lessonlib.show.figures import show_images

if TYPE_CHECKING:
    from lessonlib.block import TransformBlock

SPLITS = {"training": True, "validation": False}


@dataclass
class Explanation:
    """What becomes of one item. In a notebook it shows its pictures, then its table.

    table: one row per stage and part; for each split the value's type and shape.
    ranges: the same rows with the smallest and the largest number.
    pictures: (title, picture or tensor) for every stage that is a picture.
    """

    table: pd.DataFrame
    ranges: pd.DataFrame
    pictures: list[tuple[str, Any]]

    def _ipython_display_(self) -> None:
        from IPython.display import display

        half = len(self.pictures) // len(SPLITS)
        for split in filter(None, (self.pictures[:half], self.pictures[half:])):
            titles, images = zip(*split, strict=True)
            show_images(images, titles)  # a figure of its own: all in one are too small to read
        display(self.table)


def explain(
    dsets: Datasets,
    blocks: "Sequence[TransformBlock]",
    item_tfms: Sequence[Callable],
    batch_tfms: Sequence[Sequence[Callable]],
    i: int,
) -> Explanation:
    """Send item i through the training and the validation pipeline, stage by stage."""
    loaders = {
        split: TfmdDL(dsets, blocks, item_tfms, batch_tfms, train)
        for split, train in SPLITS.items()
    }
    found = {split: list(stages(loader, i)) for split, loader in loaders.items()}
    rows = pd.MultiIndex.from_tuples(
        [(stage.part, stage.kind) for stage in found["training"]], names=["part", "stage"]
    )

    def table(cell: Callable) -> pd.DataFrame:
        return pd.DataFrame({split: list(map(cell, steps)) for split, steps in found.items()}, rows)

    pictures = [
        (f"{split}: {stage.name}\n{span(stage.value)}", viewable(stage.value))
        for split, steps in found.items()
        for stage in steps
        if isinstance(stage.value, Image.Image) or is_pictures(stage.value)
    ]
    return Explanation(
        table(lambda stage: f"{stage.name} → {describe(stage.value)}"),
        table(lambda stage: span(stage.value)),
        pictures,
    )


@dataclass
class Stage:
    """One step of the pipeline: its kind, the number of the part, what acted, what came out."""

    kind: str
    part: int
    name: str
    value: Any


class Traced:
    """A transform that tells what it makes, to `note`; else it is the transform itself."""

    def __init__(self, tfm: Callable, note: Callable):
        self.tfm, self.note = tfm, note

    def __call__(self, value: Any) -> Any:
        made = self.tfm(value)
        self.note(self.tfm, made)
        return made

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.tfm, name)
        return partial(self.moved, found) if name == "move" else found

    def moved(self, move: Callable, value: Any, *points: torch.Tensor) -> tuple:
        """The transform of a picture with its points, told too."""
        made, *moved = move(value, *points)
        self.note(self.tfm, made, moved)
        return made, *moved


def stages(loader: TfmdDL, i: int) -> Iterator[Stage]:
    """Every step of item i, part by part, on the loader's own way from an item to a batch.

    The loader is of no other use then: its transforms tell what they make.
    """
    dsets = loader.dsets
    found: list[list[Stage]] = [[] for _ in dsets.tfms]

    def add(kind: str, k: int, acted: Callable | str, made: Any, moved: Sequence = ()) -> None:
        for part, value in [(k, made), *zip(loader.points, moved, strict=False)]:
            found[part].append(Stage(kind, part, name_of(acted), value))

    def traced(kind: str, k: int, tfms: Sequence[Callable]) -> list[Traced]:
        return [Traced(tfm, partial(add, kind, k)) for tfm in tfms]

    chains = [
        [*traced("getter", k, chain[:1]), *traced("type_tfms", k, chain[1:])]
        for k, chain in enumerate(dsets.tfms)
    ]
    parts = list(Datasets(dsets.items, chains)[i])
    scaled = ItemTransforms([parts], [], 0, loader.points).prepare(list(parts))
    for p in loader.points:
        add("item_tfms", p, "scale_points", scaled[p])
    pictures = [k for k, part in enumerate(parts) if isinstance(part, Image.Image)]
    items = loader.dataset
    for tfms in (items.fixed, items.random):
        # each picture in turn goes through all of them
        tfms[:] = [Traced(tfm, in_turn(partial(add, "item_tfms"), pictures)) for tfm in tfms]
    parts = list(items.finish(list(items.prepare(parts))))
    for k, part in enumerate(parts):
        try:
            parts[k] = collate([part])
            add("collate", k, "a batch of one", parts[k])
        except TypeError:  # such as a row: an empty DataBlock is still worth looking into
            add("collate", k, "impossible", part)
    loader.batch_tfms = [traced("batch_tfms", k, tfms) for k, tfms in enumerate(loader.batch_tfms)]
    loader.transform(parts)
    return (stage for steps in found for stage in steps)


def in_turn(note: Callable, parts: Sequence[int]) -> Callable:
    """A note of what a transform makes of these parts, one after the other."""
    turns = iter(parts)
    return lambda tfm, made, moved=(): note(next(turns), tfm, made, moved)


def name_of(function: Callable | str) -> str:
    """How a step is called in the table."""
    if isinstance(function, str):
        return function
    if isinstance(function, Getter):
        return "the item" if function.func is None else name_of(function.func)
    return getattr(function, "__name__", type(function).__name__)


def describe(value: Any) -> str:
    """A value's type and shape (a picture's is width × height)."""
    if isinstance(value, Image.Image):
        return f"{value.mode} picture {value.width}×{value.height}"
    if isinstance(value, torch.Tensor):
        return f"{str(value.dtype).removeprefix('torch.')} {list(value.shape)}"
    if isinstance(value, Path):
        return f"Path …/{value.name}"
    return shortened(value)


def span(value: Any) -> str:
    """The smallest and the largest number in a picture or a tensor."""
    if isinstance(value, Image.Image):
        value = pil_to_tensor(value)
    if not isinstance(value, torch.Tensor) or value.numel() == 0:
        return ""
    return f"{value.min():.4g} … {value.max():.4g}"


def viewable(picture: Any) -> Any:
    """A picture, or a batch of one as a tensor that can be shown; normalised: spread to 0…1."""
    if isinstance(picture, Image.Image):
        return picture
    picture = picture[0]
    if picture.is_floating_point() and not 0 <= picture.min() <= picture.max() <= 1:
        picture = (picture - picture.min()) / (picture.max() - picture.min())
    return picture


def difference(one: dict[str, Any], other: dict[str, Any]) -> pd.DataFrame:
    """The arguments in which two DataBlocks differ: a row each, this one's and the other's."""
    rows = {
        name: (spelled(value), spelled(other[name]))
        for name, value in one.items()
        if spelled(value) != spelled(other[name])
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["this", "other"])


def spelled(value: Any) -> str:
    """An argument as text: names of functions, and of objects with what they were made of."""
    if isinstance(value, list | tuple):
        inside = ", ".join(map(spelled, value))
        return f"[{inside}]" if isinstance(value, list) else f"({inside})"
    if isinstance(value, float):
        return f"{value:.6g}"  # a float32 of 0.485 is 0.48500001430511475
    if callable(value) and hasattr(value, "__name__"):
        inside = [spelled(cell.cell_contents) for cell in getattr(value, "__closure__", None) or ()]
        name = value.__qualname__.split(".")[0] if inside else value.__name__
        return f"{name}({', '.join(inside)})" if inside else name
    if isinstance(value, torch.Tensor):
        return spelled(value.flatten().tolist())
    if hasattr(value, "__dict__") and not isinstance(value, Path):
        options = ", ".join(f"{name}={spelled(part)}" for name, part in vars(value).items())
        return f"{type(value).__name__}({options})"
    return repr(value)
