"""Fine-tuning as in lesson 05: seconds, and how good it gets on the validation pictures.

Targets on the twin with two cores: at most 240 s, mean average precision at least 0.85, less
than half the mistakes of predicting nothing. Command: python benchmarks/fine_tune.py
[--folder FOLDER] [--epochs N], where FOLDER has pictures of yours in PASCAL's layout.
"""

import argparse
import time
from pathlib import Path

import torch

from lessonlib.engine.catalog import pascal
from lessonlib.metrics import accuracy_multi, baselines, mean_average_precision
from lessonlib.recipes import pascal_learner


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="pictures of yours (default: pascal())")
    parser.add_argument("--epochs", type=int, default=3, help="after one frozen (default: 3)")
    options = parser.parse_args()
    torch.manual_seed(42)
    learn = pascal_learner(pascal(options.folder))
    begin = time.perf_counter()
    learn.fine_tune(options.epochs, 3e-3)
    seconds = time.perf_counter() - begin
    preds, targets = learn.raw_preds()
    right, nothing = accuracy_multi(preds, targets).item(), baselines(targets)["nothing"]
    print(
        f"{seconds:.0f} s on {torch.get_num_threads()} threads, "
        f"mAP {mean_average_precision(preds, targets):.3f}, accuracy_multi {right:.4f} "
        f"(predict nothing {nothing:.4f}): {(1 - right) / (1 - nothing):.0%} of its mistakes left"
    )


if __name__ == "__main__":
    main()
