"""An offline twin of PASCAL VOC 2007, in the layout in which fastai publishes it.

    train.csv    fname,labels,is_valid   labels space-delimited, may be empty; True or False
    train/       NNNNNN.jpg
    test.csv     fname,labels
    test/        NNNNNN.jpg
    objects.csv  fname,label,left,top,right,bottom: every pasted object of the 20 classes, in both
                 folders. Pixel edges, origin top left, clipped to the picture, hidden parts counted

`plan` decides the csv files: plain arithmetic on a fixed random stream, so one seed gives the
same rows with every version of every library. drawings/scene.py composes a picture's pixels.
Command: python -m data_scripts.pascal [--count N] [--seed S] | --real | --twin
Or, for the real one from an original VOCdevkit: --from-voc FOLDER [--difficult]
"""

import argparse
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from data_scripts.console import run
from data_scripts.drawings import scene
from data_scripts.published import from_voc
from data_scripts.published.real import PASCAL, add_options, switch
from data_scripts.storage import build_once, data_home, write_csv

VERSION = 1  # part of the folder's name: raise it whenever the recipe changes
COUNT, TEST_COUNT, SEED = 2000, 500, 42
EMPTY_SHARE = 0.04
MOST_LABELS = 4

# How often a class starts a picture, and how often each of the others then joins it. Together
# they give every class about its share of the pictures of VOC 2007.
CLASSES = {
    "aeroplane": (49, {"person": 0.17, "car": 0.07}),
    "bicycle": (46, {"person": 0.66, "car": 0.17}),
    "bird": (68, {"person": 0.07, "boat": 0.06}),
    "boat": (34, {"person": 0.44, "car": 0.04}),
    "bottle": (27, {"person": 0.44, "diningtable": 0.22, "tvmonitor": 0.09, "chair": 0.11}),
    "bus": (34, {"car": 0.5, "person": 0.39}),
    "car": (94, {"person": 0.28, "bus": 0.04}),
    "cat": (65, {"sofa": 0.13, "chair": 0.09, "person": 0.09}),
    "chair": (29, {"diningtable": 0.28, "tvmonitor": 0.13, "pottedplant": 0.22, "person": 0.33}),
    "cow": (29, {"person": 0.2}),
    "diningtable": (27, {"chair": 0.55, "person": 0.5, "bottle": 0.39}),
    "dog": (74, {"person": 0.33, "sofa": 0.09, "cat": 0.06, "chair": 0.04}),
    "horse": (59, {"person": 0.77, "dog": 0.08, "car": 0.06}),
    "motorbike": (50, {"person": 0.66, "car": 0.22}),
    "person": (132, {"bottle": 0.08, "chair": 0.07, "car": 0.06, "dog": 0.04, "bicycle": 0.03}),
    "pottedplant": (38, {"chair": 0.28, "sofa": 0.09, "person": 0.11}),
    "sheep": (20, {"person": 0.17, "dog": 0.11}),
    "sofa": (29, {"tvmonitor": 0.28, "chair": 0.22, "pottedplant": 0.22, "person": 0.33}),
    "train": (54, {"person": 0.28, "car": 0.04}),
    "tvmonitor": (39, {"chair": 0.28, "person": 0.17, "bottle": 0.07}),
}
VOCAB = list(CLASSES)


@dataclass(frozen=True)
class Picture:
    """One row of a csv: its file, its labels in alphabetical order, and train, valid or test."""

    fname: str
    labels: tuple[str, ...]
    split: str


def plan(count: int = COUNT, test_count: int = TEST_COUNT, seed: int = SEED) -> list[Picture]:
    """Every picture of the twin, without drawing one: train and valid by name, then test by name.

    A quarter of the `count` pictures are valid, spread evenly over the classes.
    Raises ValueError for a negative count or a seed that is not in 0 to 2**32 - 1.
    """
    if count < 1 or test_count < 0 or not 0 <= seed < 2**32:
        raise ValueError(
            f"count={count}, test_count={test_count}, seed={seed}: count must be at least 1, "
            "test_count at least 0, and seed between 0 and 4294967295."
        )
    rng = np.random.RandomState(seed)  # its stream is frozen: the same in every NumPy
    total = count + test_count
    numbers = _shuffled(rng, range(1, 4 * total + 1))[:total]  # with gaps, like PASCAL's
    empty = set(_shuffled(rng, numbers)[: round(EMPTY_SHARE * total)])
    labels = [() if number in empty else _labels(rng) for number in numbers]
    valid = _every_fourth(rng, labels[:count])
    splits = ["valid" if row in valid else "train" for row in range(count)] + ["test"] * test_count
    pictures = [
        Picture(f"{number:06}.jpg", *rest)
        for number, *rest in zip(numbers, labels, splits, strict=True)
    ]
    return sorted(pictures, key=lambda picture: (picture.split == "test", picture.fname))


def _shuffled(rng: np.random.RandomState, items: Iterable) -> list:
    return sorted(items, key=lambda _: rng.random_sample())


def _labels(rng: np.random.RandomState) -> tuple[str, ...]:
    """The labels of one picture: a first class and those that join it."""
    weights = np.cumsum([weight for weight, _ in CLASSES.values()])
    first = VOCAB[np.searchsorted(weights, rng.random_sample() * weights[-1], side="right")]
    partners = CLASSES[first][1].items()
    joined = [label for label, share in partners if rng.random_sample() < share]
    return tuple(sorted([first, *joined][:MOST_LABELS]))


def _every_fourth(rng: np.random.RandomState, labels: Sequence[tuple[str, ...]]) -> set[int]:
    """Rows for validation: every fourth, after grouping the rows by their rarest label."""
    counts = Counter(label for row in labels for label in row)
    rarest = [min(row, key=lambda label: (counts[label], label), default="") for row in labels]
    rows = sorted(_shuffled(rng, range(len(labels))), key=lambda row: rarest[row])
    return set(rows[3::4])


def build(
    folder: Path,
    count: int = COUNT,
    test_count: int = TEST_COUNT,
    seed: int = SEED,
    progress: bool = True,
) -> None:
    """Write the whole twin into `folder`: about half a minute and 40 MB at the default counts.

    `twin` is the safe way to call it: it never leaves a half-built folder.
    """
    pictures = plan(count, test_count, seed)
    for name in ("train", "test"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # threads: safe from a Windows notebook
        boxes = pool.map(partial(_draw, folder, seed), pictures)
        bar = tqdm(boxes, "Composing pictures", len(pictures), disable=not progress, unit="img")
        objects = [box for picture in bar for box in picture]
    _write_csvs(folder, pictures, objects)


def _draw(folder: Path, seed: int, picture: Picture) -> list[tuple]:
    """Compose and save one picture; its rows of objects.csv."""
    number = int(Path(picture.fname).stem)
    # a generator of its own: whichever thread draws it, the picture is the same
    composed, boxes = scene.compose(np.random.RandomState([seed, number]), picture.labels)
    place = folder / ("test" if picture.split == "test" else "train") / picture.fname
    place.write_bytes(scene.jpeg(composed))
    return [(picture.fname, *box) for box in boxes]


def _write_csvs(folder: Path, pictures: Sequence[Picture], objects: Sequence[tuple]) -> None:
    train = [
        (p.fname, " ".join(p.labels), p.split == "valid") for p in pictures if p.split != "test"
    ]
    test = [(p.fname, " ".join(p.labels)) for p in pictures if p.split == "test"]
    write_csv(folder / "train.csv", "fname,labels,is_valid", train)
    if test:  # a table without rows is no whole data set
        write_csv(folder / "test.csv", "fname,labels", test)
    write_csv(folder / "objects.csv", "fname,label,left,top,right,bottom", objects)


def twin_folder(count: int = COUNT, test_count: int = TEST_COUNT, seed: int = SEED) -> Path:
    """Where the twin of these settings stands; other settings never share the default's folder."""
    name = f"pascal_twin_v{VERSION}"
    if (count, test_count, seed) != (COUNT, TEST_COUNT, SEED):
        name += f"_{count}_{test_count}_seed{seed}"
    return data_home() / name


def twin(
    count: int = COUNT, test_count: int = TEST_COUNT, seed: int = SEED, progress: bool = True
) -> Path:
    """The folder of the finished twin, built on first use. Errors: storage.build_once, plan."""
    settings = {"count": count, "test_count": test_count, "seed": seed, "progress": progress}
    megabytes = max(1, (count + test_count) // 40)
    folder = twin_folder(count, test_count, seed)
    return build_once(folder, partial(build, **settings), megabytes)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        "python -m data_scripts.pascal", description="Build the twin, or bring the real data set."
    )
    parser.add_argument("--count", type=int, default=COUNT, help="pictures in train.csv")
    parser.add_argument("--seed", type=int, default=SEED, help="another seed, other pictures")
    from_voc.add_options(parser, add_options(parser))

    def folder(chosen: argparse.Namespace) -> Path:
        real = switch(PASCAL, chosen, twin) or from_voc.converted(chosen, VOCAB)
        return real or twin(chosen.count, chosen.count // 4, chosen.seed)

    run(parser, arguments, folder)


if __name__ == "__main__":
    main()
