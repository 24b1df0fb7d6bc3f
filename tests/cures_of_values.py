"""What test_cures.py tries out: messages about values, scores and batches."""

import torch
from cures import Case

from lessonlib.data import DataLoader, Datasets, collate
from lessonlib.engine.transforms import RandomResizedCrop, aug_transforms
from lessonlib.explorers.cockpit import Predictions
from lessonlib.losses import binary_cross_entropy, mse_loss
from lessonlib.metrics import (
    accuracy,
    accuracy_multi,
    average_precision,
    calibration_curve,
    f1_multi,
    mean_average_precision,
    precision_multi,
    wilson_interval,
)
from lessonlib.thresholds import best_threshold, threshold_curve

RANDOM = torch.Generator().manual_seed(0)
PROBS = torch.rand(12, 3, generator=RANDOM)
TARGETS = (torch.rand(12, 3, generator=RANDOM) < PROBS).float()
NAN = float("nan")
RARE = PROBS**3  # most classes are not there


def one_hot(numbers, n):
    return torch.nn.functional.one_hot(numbers, n).float()


NUMBERS = torch.arange(12) % 3
VALUES = [
    Case(
        "guards.tensors.same_shape",
        lambda: binary_cross_entropy(PROBS, TARGETS.view(12, 1, 3)),
        r"targets\.view\(predictions\.shape\)",
        lambda: binary_cross_entropy(PROBS, TARGETS.view(12, 1, 3).view(PROBS.shape)),
    ),
    Case(
        "guards.tensors.same_shape",
        lambda: binary_cross_entropy(PROBS, NUMBERS),
        r"one_hot\(targets, 3\)\.float\(\)",
        lambda: binary_cross_entropy(PROBS, one_hot(NUMBERS, 3)),
    ),
    Case(
        "guards.tensors.same_shape",
        lambda: accuracy(PROBS, TARGETS),
        "multi-hot rows need accuracy_multi",
        lambda: accuracy_multi(PROBS, TARGETS),
    ),
    Case(
        "guards.tensors.same_shape",
        lambda: accuracy_multi(PROBS[:4], TARGETS[:5]),
        "targets of the same items",
        lambda: accuracy_multi(PROBS[:4], TARGETS[:4]),
    ),
    Case(
        "guards.tensors.are_tensors",
        lambda: accuracy_multi(PROBS.numpy(), TARGETS.numpy()),
        r"torch\.as_tensor\(values\)",
        lambda: accuracy_multi(torch.as_tensor(PROBS.numpy()), torch.as_tensor(TARGETS.numpy())),
    ),
    Case(
        "guards.tensors.are_tensors",
        lambda: mse_loss([1.0], [2.0]),
        r"torch\.as_tensor\(values\)",
        lambda: mse_loss(torch.as_tensor([1.0]), torch.as_tensor([2.0])),
    ),
    Case(
        "guards.tensors.not_empty",
        lambda: accuracy_multi(PROBS[:0], TARGETS[:0]),
        "needs one item at least",
        lambda: accuracy_multi(PROBS[:1], TARGETS[:1]),
    ),
    Case(
        "guards.tensors.no_nan",
        lambda: accuracy_multi(PROBS / 0 * 0, TARGETS),
        "nothing may be divided by zero",
        lambda: accuracy_multi(PROBS, TARGETS),
    ),
    Case(
        "guards.tensors.are_floats",
        lambda: binary_cross_entropy(TARGETS.long(), TARGETS),
        r"\.float\(\)",
        lambda: binary_cross_entropy(TARGETS.long().float(), TARGETS),
    ),
    Case(
        "guards.tensors.no_bools",
        lambda: binary_cross_entropy(PROBS, TARGETS.bool()),
        r"\.float\(\)",
        lambda: binary_cross_entropy(PROBS, TARGETS.bool().float()),
    ),
    Case(
        "guards.tensors.zero_or_one",
        lambda: accuracy_multi(PROBS[:, 0], NUMBERS),
        "one_hot makes rows of class numbers",
        lambda: accuracy_multi(PROBS, one_hot(NUMBERS, 3)),
    ),
    Case(
        "guards.pictures.share_of_area",
        lambda: RandomResizedCrop(32, min_scale=0),
        r"Give 0\.5 for crops",
        lambda: RandomResizedCrop(32, min_scale=0.5),
    ),
    Case(
        "guards.pictures.at_least",
        lambda: aug_transforms(32, max_zoom=0),
        "Give 1, which changes nothing",
        lambda: aug_transforms(32, max_zoom=1),
    ),
    Case(
        "guards.tensors.positive_integer",
        lambda: DataLoader([1, 2], 0),
        r"such as 1; round\(x\) makes one of 8.0",
        lambda: [DataLoader([1, 2], n) for n in (1, round(8.0))],
    ),
    Case(
        "guards.tensors.same_length",
        lambda: collate([(1, 2), (1,)]),
        "the same parts",
        lambda: collate([(1, 2), (1, 2)]),
    ),
    Case(
        "guards.tensors.stackable",
        lambda: collate([torch.zeros(3, 8, 8), torch.zeros(3, 8, 9)]),
        r"item_tfms=Resize\(128\)",
        lambda: collate([torch.zeros(3, 128, 128)] * 2),
    ),
    Case(
        "guards.tensors.stackable",
        lambda: collate([torch.zeros(2), torch.zeros(4)]),
        "equally many numbers",
        lambda: collate([torch.zeros(2), torch.zeros(2)]),
    ),
    Case(
        "guards.tensors.stackable",
        lambda: collate([torch.zeros(3, 8, 8), None]),
        "let every item give a tensor",
        lambda: collate([torch.zeros(3, 8, 8), torch.zeros(3, 8, 8)]),
    ),
    Case(
        "guards.tensors.all_numbers",
        lambda: collate([["cat"], ["dog"]]),
        "a list of labels into a multi-hot tensor",
        lambda: collate([torch.tensor([1.0, 0]), torch.tensor([0, 1.0])]),
    ),
    Case(
        "guards.scores.are_rows",
        lambda: f1_multi(PROBS[0], TARGETS[0]),
        r"predictions\[None\]",
        lambda: f1_multi(PROBS[0][None], TARGETS[0][None]),
    ),
    Case(
        "guards.scores.are_rows",
        lambda: f1_multi(PROBS[:, 0], TARGETS[:, 0]),
        r"predictions\[:, None\]",
        lambda: f1_multi(PROBS[:, 0][:, None], TARGETS[:, 0][:, None]),
    ),
    Case(
        "guards.scores.is_one_class",
        lambda: average_precision(PROBS, TARGETS),
        r"scores\[:, 0\], or take mean_average_precision",
        lambda: (
            average_precision(PROBS[:, 0], TARGETS[:, 0]),
            mean_average_precision(PROBS, TARGETS),
        ),
    ),
    Case(
        "guards.scores.are_probabilities",
        lambda: threshold_curve(PROBS[:0], TARGETS[:0]),
        "needs one picture at least",
        lambda: threshold_curve(PROBS[:1], TARGETS[:1]),
    ),
    Case(
        "guards.scores.are_probabilities",
        lambda: threshold_curve(PROBS / 0 * 0, TARGETS),
        "made and trained anew",
        lambda: threshold_curve(PROBS, TARGETS),
    ),
    Case(
        "guards.scores.are_probabilities",
        lambda: threshold_curve(PROBS.logit(), TARGETS),
        r"give probs\.sigmoid\(\)",
        lambda: threshold_curve(PROBS.logit().sigmoid(), TARGETS),
    ),
    Case(
        "guards.scores.are_probabilities",
        lambda: calibration_curve(RARE.logit().sigmoid().sigmoid(), TARGETS),
        "the sigmoid once only",
        lambda: calibration_curve(RARE.logit().sigmoid(), TARGETS),
    ),
    Case(
        "guards.scores.can_be_sorted",
        lambda: threshold_curve(PROBS.bfloat16(), TARGETS),
        r"probs\.float\(\)",
        lambda: threshold_curve(PROBS.bfloat16().float(), TARGETS),
    ),
    Case(
        "guards.scores.can_be_sorted",
        lambda: threshold_curve(PROBS.clone().requires_grad_(), TARGETS),
        r"probs\.detach\(\)",
        lambda: threshold_curve(PROBS.clone().requires_grad_().detach(), TARGETS),
    ),
    Case(
        "guards.scores.is_threshold",
        lambda: f1_multi(PROBS, TARGETS, [0.5, 0.4, 0.3], sigmoid=False),
        r"give 0\.5, or torch\.tensor\(thresholds\)",
        lambda: [
            f1_multi(PROBS, TARGETS, thresh, sigmoid=False)
            for thresh in (0.5, torch.tensor([0.5, 0.4, 0.3]))
        ],
    ),
    Case(
        "guards.scores.known_average",
        lambda: precision_multi(PROBS, TARGETS, average="weighted"),
        "Choose 'macro'.*'micro'.*None",
        lambda: [precision_multi(PROBS, TARGETS, average=a) for a in ("macro", "micro", None)],
    ),
    Case(
        "guards.teaching.one_of",
        lambda: best_threshold(threshold_curve(PROBS, TARGETS), "auc"),
        "one of 'accuracy', 'precision', 'recall', 'f1'",
        lambda: [
            best_threshold(threshold_curve(PROBS, TARGETS), metric)
            for metric in ("accuracy", "f1", "precision", "recall")
        ],
    ),
    Case(
        "guards.scores.one_for_each",
        lambda: Predictions(PROBS, TARGETS, ["cat"], [None] * 12),
        "give one entry for each class",
        lambda: Predictions(PROBS, TARGETS, ["cat", "dog", "bear"], [None] * 12),
    ),
    Case(
        "guards.scores.some_of",
        lambda: wilson_interval(5, 3),
        "how many are right, and how many there are",
        lambda: wilson_interval(3, 5),
    ),
    Case(
        "data.subset",
        lambda: Datasets([1, 2]).valid,
        r"splits=\(train_positions, valid_positions\)",
        lambda: Datasets([1, 2], splits=([0], [1])).valid,
    ),
]
