"""Single-label accuracy on photographs (or the twin) with the packaged body, and its seconds.

One folder per kind; a random fifth is for validation, another one for each seed. Target for real
photographs: at least 0.95 in under 2 minutes on two cores.
Command: python benchmarks/bears.py [--folder FOLDER] [--seeds N]
"""

import argparse
import time
from pathlib import Path

import torch

from lessonlib.block import CategoryBlock, DataBlock, ImageBlock
from lessonlib.engine.catalog import bears
from lessonlib.engine.transforms import Resize, aug_transforms
from lessonlib.engine.vision import vision_learner
from lessonlib.getters import RandomSplitter, get_image_files, parent_label
from lessonlib.metrics import accuracy

EPOCHS = 5


def train(folder: Path, seed: int) -> tuple[float, int, int]:
    """Accuracy after a few epochs of the head alone, pictures for validation and for training."""
    torch.manual_seed(seed)
    dblock = DataBlock(
        blocks=(ImageBlock, CategoryBlock),
        get_items=get_image_files,
        get_y=parent_label,
        splitter=RandomSplitter(seed=seed),
        item_tfms=Resize(192, "squish"),
        batch_tfms=aug_transforms(160, min_scale=0.6),
    )
    dls = dblock.dataloaders(folder, batch_size=16, seed=seed)
    learn = vision_learner(dls, metrics=accuracy)
    learn.fit_one_cycle(EPOCHS, 1e-2)
    return learn.validate()["accuracy"], len(dls.valid.dataset), len(dls.train.dataset)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", help="one folder per kind (default: the twin)")
    parser.add_argument("--seeds", type=int, default=5, help="random splits (default: 5)")
    chosen = parser.parse_args()
    folder = bears(chosen.folder)
    for seed in range(chosen.seeds):
        begin, own = time.perf_counter(), time.process_time()
        right, valid, training = train(folder, seed)
        print(
            f"seed {seed}: accuracy {right:.4f} on {valid} pictures after training on {training}, "
            f"{time.perf_counter() - begin:.0f} s ({time.process_time() - own:.0f} s of this "
            f"process on {torch.get_num_threads()} threads)"
        )


if __name__ == "__main__":
    main()
