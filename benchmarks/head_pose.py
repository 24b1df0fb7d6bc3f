"""Finding heads as in lesson 07, looking twice: seconds, scaled MSE, pixels, and the mean point.

Targets on the twin with two cores, for person M07: at most 120 s, scaled MSE at most .0004,
median at most 6 px at 640 x 480. M07's figures had been seen before the recipe was chosen on
others. Command:
python benchmarks/head_pose.py [--people M07,M08] [--seed N] [--folder FOLDER], where FOLDER has
pictures in BIWI's layout. Each person is held out in a training of its own.
"""

import argparse
import time
from pathlib import Path

import torch

from lessonlib.engine.catalog import biwi
from lessonlib.losses import point_loss
from lessonlib.points import compare_with_mean
from lessonlib.recipes import biwi_learner, train_points


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", default="M07,M08", help="held out, one after the other")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--folder", type=Path, help="pictures of yours (default: biwi())")
    options = parser.parse_args()
    for name in options.people.split(","):
        torch.manual_seed(options.seed)
        learn = biwi_learner(biwi(options.folder), {name})
        begin = time.perf_counter()
        train_points(learn)
        seconds = time.perf_counter() - begin
        preds, targets = learn.tta()
        print(
            f"{name} held out ({len(targets)} frames): {seconds:.0f} s on "
            f"{torch.get_num_threads()} threads, scaled MSE {point_loss(preds, targets):.5f}. "
            "Errors in px:"
        )
        print(
            compare_with_mean(preds, targets, learn.dls.train_targets()).round(1).to_string(),
            flush=True,
        )


if __name__ == "__main__":
    main()
