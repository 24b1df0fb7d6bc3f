"""threshold_curve against a loop of accuracy_multi over 29 thresholds, and a slider's move.

Both are timed on a made-up prediction of the size of PASCAL's validation split, 2,510 × 20, in
one thread and as this process's own time, which other programs hardly disturb. Curve and loop
take turns; the ratio that counts is the median over the pairs. Targets: a ratio of 1 at most, a
move under 10 ms.
Command: python benchmarks/thresholds.py [--rounds N]
"""

import argparse
import time
from collections.abc import Callable, Iterable
from statistics import median

import pandas as pd
import torch

from data_scripts.pascal import VOCAB
from lessonlib.engine.catalog import pascal
from lessonlib.explorers.class_cockpit import ClassThresholdExplorer
from lessonlib.explorers.cockpit import ThresholdExplorer
from lessonlib.metrics import accuracy_multi
from lessonlib.thresholds import threshold_curve

PICTURES = 2510
WALK = [step / 100 for step in range(100)]  # as the arrow keys move
JUMPS = [step * 37 % 100 / 100 for step in range(1, 100)]  # to and fro, as a pointer drags


def prediction() -> tuple[torch.Tensor, torch.Tensor]:
    """Probabilities and targets like a trained model's: 7 % positives, well parted."""
    random = torch.Generator().manual_seed(0)
    targets = (torch.rand(PICTURES, len(VOCAB), generator=random) < 0.072).float()
    logits = 6 * targets - 4 + 1.5 * torch.randn(PICTURES, len(VOCAB), generator=random)
    return logits.sigmoid(), targets


def milliseconds(function: Callable) -> float:
    begin = time.process_time()
    function()
    return 1000 * (time.process_time() - begin)


def compare_curves(probs: torch.Tensor, targets: torch.Tensor, rounds: int) -> None:
    """Print the median times of curve and loop, and the median of their ratios."""
    sweep = torch.linspace(0.05, 0.95, 29)

    def curve():
        threshold_curve(probs, targets)

    def loop():
        for thresh in sweep:
            accuracy_multi(probs, targets, thresh, sigmoid=False)

    pairs = [[milliseconds(curve), milliseconds(loop)] for _ in range(rounds)]
    ours, theirs = (median(times) for times in zip(*pairs, strict=True))
    ratios = sorted(a / b for a, b in pairs)
    print(
        f"threshold_curve {ours:.2f} ms, 29 × accuracy_multi {theirs:.2f} ms, "
        f"ratio {median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    )


def move(name: str, control, positions: Iterable[float]) -> None:
    """Print the median and the longest time of a walk over a slider's positions."""
    times = [milliseconds(lambda to=to: control.set_trait("value", to)) for to in positions]
    print(f"{name}: median {median(times):.2f} ms, longest {max(times):.2f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=101, help="pairs of runs (default: 101)")
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)  # threads that wait for each other add noise
    probs, targets = prediction()
    compare_curves(probs, targets, rounds)
    folder = pascal()
    names = pd.read_csv(folder / "train.csv", keep_default_na=False)["fname"]
    paths = [folder / "train" / names[i % len(names)] for i in range(PICTURES)]
    explorer = ThresholdExplorer(probs, targets, VOCAB, paths)
    threshold = explorer.controls["threshold"]
    move("threshold, step by step, pictures new", threshold, WALK)
    move("threshold, step by step again", threshold, WALK)
    fresh = ThresholdExplorer(probs, targets, VOCAB, paths).controls["threshold"]
    move("threshold, in jumps, pictures new", fresh, JUMPS)
    move("a cost", explorer.controls["cost_fp"], range(2, 21))
    by_class = ClassThresholdExplorer(probs, targets, VOCAB).controls
    move("threshold of one class", by_class["threshold"], WALK)


if __name__ == "__main__":
    main()
