"""What the course trains, in one place, so that later lessons load it. Built in notebook 05."""

from collections.abc import Collection
from functools import partial
from pathlib import Path

import pandas as pd

from lessonlib.block import DataBlock, ImageBlock, MultiCategoryBlock, PointBlock
from lessonlib.engine.catalog import is_as_published
from lessonlib.engine.learner import Learner
from lessonlib.engine.saving import files_of
from lessonlib.engine.subset import in_proportion
from lessonlib.engine.transforms import Resize, aug_transforms
from lessonlib.engine.vision import vision_learner
from lessonlib.getters import ColReader, ColSplitter, GroupSplitter, get_image_files, parent_label
from lessonlib.guards.training import said_if_refused
from lessonlib.metrics import accuracy_multi, exact_match, mean_average_precision
from lessonlib.points import head_centre, person


def pascal_learner(folder: Path, most: int = 2000) -> Learner:
    """An untrained learner for the folder of `pascal()`, as in lesson 05. Built in notebook 05.

    most: how many pictures it takes of a larger set, training and validation in proportion.
    A folder of one's own has to have the same files; ValueError or FileNotFoundError says what is
    wrong there.
    """
    is_as_published(folder)
    df = pd.read_csv(folder / "train.csv", keep_default_na=False)
    df = df.iloc[in_proportion(df["is_valid"], most)]
    dblock = DataBlock(
        blocks=(ImageBlock, MultiCategoryBlock),
        get_x=ColReader("fname", pref=folder / "train"),
        get_y=ColReader("labels", label_delim=" "),
        splitter=ColSplitter(),
        item_tfms=Resize(144, "squish"),
        batch_tfms=aug_transforms(128, min_scale=0.6, max_lighting=0.1),
    )
    dls = dblock.dataloaders(df, batch_size=min(64, max(2, len(df) // 10 + 1)), seed=0)
    return vision_learner(dls, metrics=[accuracy_multi, mean_average_precision])


def trained(learn: Learner, path: Path, epochs: int = 3, base_lr: float = 3e-3) -> Learner:
    """The same learner, trained: read from path, or where nothing is saved there, trained now.

    Training takes about two minutes on two cores; its result is saved under path, and kept, with
    a warning, when the disk refuses that. Raises TeachingError when what is saved is damaged or
    of other data. Built in notebook 05.
    """
    if all(file.is_file() for file in files_of(path)):
        learn.load(path)
    else:
        learn.fine_tune(epochs, base_lr)
        with said_if_refused(path):
            learn.save(path)
    return learn


def biwi_frames(folder: Path, most: int = 600) -> list[Path]:
    """The pictures in the folder of `biwi()`; of more than `most` so many, the same share of each
    recording."""
    frames = get_image_files(folder)
    return [frames[k] for k in in_proportion(map(parent_label, frames), most)]


def biwi_learner(folder: Path, valid: Collection[str] = ("M07",), most: int = 600) -> Learner:
    """An untrained learner for the folder of `biwi()`, as in lesson 07. Built in notebook 07.

    valid: the people who are held out; M07, folder 13, is the one whom the book holds out.
    most: how many frames it takes of a larger set, people in proportion.
    """
    dblock = DataBlock(
        blocks=(ImageBlock, PointBlock),
        get_items=partial(biwi_frames, most=most),
        get_y=head_centre,
        splitter=GroupSplitter(person, valid),
        item_tfms=Resize((180, 240), "squish"),
        batch_tfms=aug_transforms((180, 240)),
    )
    return vision_learner(dblock.dataloaders(folder, batch_size=8, seed=0), y_range=(-1, 1))


def train_points(learn: Learner) -> None:
    """Six epochs of the head; the body stays as it is. Built in notebook 07."""
    learn.freeze()
    learn.fit_one_cycle(6, 1e-2)


def bear_learner(folder: Path) -> Learner:
    """An untrained learner for the folder of the twin's `bears()`, as in lesson 08: pictures with
    one bear, with two and with none. `trained(…, epochs=5, base_lr=2e-3)` trains it.

    Built in notebook 08.
    """
    df = pd.read_csv(folder.parent / "bears.csv", keep_default_na=False)
    groups = df["fname"].str.split("/").str[0]
    df = df[groups.isin(["bears", "pairs", "empty"]) & (df["split"] != "test")]
    dblock = DataBlock(
        blocks=(ImageBlock, MultiCategoryBlock),
        get_x=ColReader("fname", pref=folder.parent),
        get_y=ColReader("labels", label_delim=" "),
        splitter=ColSplitter(),
        item_tfms=Resize(176, "squish"),
        batch_tfms=aug_transforms(160, min_scale=0.7, max_lighting=0.1),
    )
    df = df.assign(is_valid=df["split"] == "valid").reset_index(drop=True)
    return vision_learner(
        dblock.dataloaders(df, batch_size=32, seed=0), metrics=[accuracy_multi, exact_match]
    )
