"""Pictures per second of lessonlib's DataLoader against torch's, over one dataset and settings.

The two take turns, epoch by epoch, so that a busy computer slows both; the ratio that counts is
the median over the pairs of epochs. Target: 1.0 or more (ours is at least as quick), give or
take what the runs scatter. And how much quicker the second epoch of a recipe is, whose pictures its
two workers remember; target: 3 times. Command: python benchmarks/loader.py [--rounds N]
"""

import argparse
import time
from collections.abc import Callable, Iterable
from statistics import median

import pandas as pd
import torch
import torch.utils.data
from torchvision.transforms.functional import to_tensor

from lessonlib.block import DataBlock, ImageBlock, MultiCategoryBlock
from lessonlib.data import DataLoader
from lessonlib.engine.catalog import pascal
from lessonlib.engine.images import open_image
from lessonlib.engine.transforms import RandomResizedCrop, Resize
from lessonlib.getters import ColReader

BATCH = 64


class Pictures:
    """The first pictures of train.csv: (float tensor [3, 128, 128], labels as a text)."""

    def __init__(self, count: int):
        self.folder = pascal()
        self.df = pd.read_csv(self.folder / "train.csv", keep_default_na=False)[:count]
        self.resize = Resize(128)

    def __len__(self) -> int:
        return len(self.df)

    def __getitem__(self, i: int) -> tuple[torch.Tensor, str]:
        path = self.folder / "train" / self.df.iloc[i, 0]
        return to_tensor(self.resize(open_image(path, shorter=128))), self.df.iloc[i, 1]


def in_memory(count: int) -> list[tuple[torch.Tensor, int]]:
    """Small tensors that are ready, so that only the loader's own work is measured."""
    return [(torch.zeros(3, 8, 8), i) for i in range(count)]


def ours(dataset, workers: int) -> Iterable:
    return DataLoader(dataset, BATCH, shuffle=True, num_workers=workers, seed=0)


def torchs(dataset, workers: int) -> Iterable:
    generator = torch.Generator().manual_seed(0)
    return torch.utils.data.DataLoader(
        dataset, BATCH, shuffle=True, num_workers=workers, generator=generator
    )


def pictures_per_second(make: Callable, dataset, workers: int) -> float:
    """One epoch, with the time that starting the workers takes.

    Without workers it is this process's own time, which other programs do not disturb.
    """
    clock = time.perf_counter if workers else time.process_time
    begin = clock()
    count = sum(len(xs) for xs, _ in make(dataset, workers))
    return count / (clock() - begin)


def compare(name: str, dataset, workers: int, rounds: int) -> None:
    """Print the median speeds and the median ratio ours / torch's of alternating epochs."""
    pictures_per_second(torchs, dataset, workers)  # warms up the disk's cache
    pairs = [
        [pictures_per_second(make, dataset, workers) for make in (ours, torchs)]
        for _ in range(rounds)
    ]
    mine, theirs = (median(speeds) for speeds in zip(*pairs, strict=True))
    ratios = sorted(a / b for a, b in pairs)
    print(
        f"{name:9}  {workers} workers  ours {mine:8,.0f}/s  torch {theirs:8,.0f}/s  "
        f"ratio {median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})",
        flush=True,
    )


def second_epochs(transform: Callable, count: int, rounds: int) -> None:
    """Print how much quicker a recipe's second epoch is with two workers, which remember."""
    folder = pascal()
    df = pd.read_csv(folder / "train.csv", keep_default_na=False)[:count]
    dblock = DataBlock(
        (ImageBlock, MultiCategoryBlock),
        get_x=ColReader("fname", pref=folder / "train"),
        get_y=ColReader("labels", label_delim=" "),
        item_tfms=transform,
    )
    ratios = []
    for _ in range(rounds):
        loader = dblock.dataloaders(df, BATCH, seed=0, num_workers=2).train
        first, second = (seconds_of(loader) for _ in range(2))
        ratios.append(first / second)
    print(
        f"{type(transform).__name__}, 2 workers: the second epoch is {median(ratios):.1f} times as "
        f"quick as the first ({min(ratios):.1f} to {max(ratios):.1f})"
    )


def seconds_of(loader: Iterable) -> float:
    """How long an epoch takes."""
    begin = time.perf_counter()
    for _ in loader:
        pass
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9, help="pairs of epochs (default: 9)")
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)  # as in torch's workers: threads that wait for each other add noise
    pictures = Pictures(512)
    for workers in (0, 2):
        compare("pictures", pictures, workers, rounds)
    compare("in memory", in_memory(50_000), 0, rounds)
    for transform in (Resize(144, "squish"), RandomResizedCrop(128)):
        second_epochs(transform, 2000, min(rounds, 5))


if __name__ == "__main__":
    main()
