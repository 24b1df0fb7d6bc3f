"""Seconds to feed an epoch: a DataBlock's loader against torch's over an equal Dataset.

The three take turns, epoch by epoch; the ratios that count are medians over the rounds.
Targets: at most 1.1 times torch's seconds without the memory, at most 0.2 times with it (from
the second epoch on). Command: python benchmarks/feed.py [--rounds N]
"""

import argparse
import time
from collections.abc import Iterable
from statistics import median

import pandas as pd
import torch
import torch.utils.data
from PIL import Image
from torchvision.transforms.functional import to_tensor

from lessonlib.block import DataBlock, ImageBlock, MultiCategoryBlock
from lessonlib.engine.catalog import pascal
from lessonlib.engine.loaders import GIB
from lessonlib.engine.transforms import Resize
from lessonlib.getters import ColReader, ColSplitter

BATCH = 64


class ByHand:
    """The same items without a DataBlock: picture opened, resized, float; multi-hot target."""

    def __init__(self, paths: list, labels: list[list[str]], vocab: list[str]):
        self.paths, self.labels, self.vocab = paths, labels, vocab
        self.resize = Resize(128)

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, i: int) -> tuple[torch.Tensor, torch.Tensor]:
        image = self.resize(Image.open(self.paths[i]).convert("RGB"))
        return to_tensor(image), torch.tensor(
            [float(name in self.labels[i]) for name in self.vocab]
        )


def seconds(batches: Iterable) -> float:
    """This process's own time for one epoch, which other programs do not disturb."""
    begin = time.process_time()
    for pictures, _ in batches:
        assert pictures.shape[1:] == (3, 128, 128)
    return time.process_time() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="rounds of epochs (default: 7)")
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)

    folder = pascal()
    df = pd.read_csv(folder / "train.csv", keep_default_na=False)
    block = DataBlock(
        (ImageBlock, MultiCategoryBlock),
        get_x=ColReader("fname", pref=folder / "train"),
        get_y=ColReader("labels", label_delim=" "),
        splitter=ColSplitter(),
        item_tfms=Resize(128),
    )
    read, kept = (block.dataloaders(df, BATCH, cache_bytes=size).train for size in (0, GIB))
    rows = df[~df["is_valid"]]
    by_hand = ByHand(
        [folder / "train" / name for name in rows["fname"]],
        [labels.split() for labels in rows["labels"]],
        read.dsets.vocab,
    )
    torchs = torch.utils.data.DataLoader(by_hand, BATCH, shuffle=True, drop_last=True)

    seconds(torchs), seconds(kept)  # warm the disk's cache; the first epoch fills the memory
    rows = [[seconds(loader) for loader in (torchs, read, kept)] for _ in range(rounds)]
    for k, name in enumerate(("torch, by hand", "DataBlock, no memory", "DataBlock, memory")):
        ratios = sorted(row[k] / row[0] for row in rows)
        print(
            f"{name:21} {median(row[k] for row in rows):6.2f} s  "
            f"ratio {median(ratios):.3f} ({ratios[0]:.3f} to {ratios[-1]:.3f})"
        )


if __name__ == "__main__":
    main()
