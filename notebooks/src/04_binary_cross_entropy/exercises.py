"""The exercises of lesson 04: what is right, what it is tried on, what people really write."""

import math
from math import log

import torch

from lessonlib.course.exercises.grading import Exercise
from lessonlib.course.exercises.killing import Kill
from lessonlib.losses import binary_cross_entropy
from lessonlib.metrics import accuracy_multi, baselines

P = torch.tensor([0.9, 0.5])
Y = torch.tensor([1.0, 0.0])
LOGITS = torch.tensor([[2.0, 2.0], [-2.0, 2.0]])
TARGETS = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
MORE_LOGITS = torch.tensor(
    [[0.3, -3.0, 1.0], [-0.5, 0.2, 2.0], [-2.0, 0.7, -1.0], [4.0, -1.0, 0.1]]
)
MORE_TARGETS = torch.tensor([[1.0, 0.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 1.0, 0.0]])
ON_THE_LINE = torch.tensor([[0.0, 2.0], [0.0, -1.0]])  # a logit of 0 is a probability of 0.5


def logit(p):
    return torch.log(p / (1 - p))


LOGIT = Exercise(
    solution=logit,
    cases=((torch.tensor(0.5),), (torch.tensor(0.9),), (torch.tensor([0.1, 0.75]),)),
    mistakes=(
        ("sign_flipped", lambda p: torch.log((1 - p) / p)),
        ("log_of_p", lambda p: torch.log(p)),
        ("odds", lambda p: p / (1 - p)),
        ("sigmoid_itself", torch.sigmoid),
        ("log10", lambda p: torch.log10(p / (1 - p))),
        ("log_of_one_number", lambda p: torch.tensor(math.log(p / (1 - p)))),
    ),
)

CARELESS = Exercise(
    solution=-(log(0.9) + 19 * log(0.1)) / 20,
    rtol=1e-3,
    working="-(log(0.9) + 19 * log(0.1)) / 20  # far above ln 2: wrong and sure in 19 cells",
    mistakes=(
        ("present_class_only", -log(0.9)),
        ("one_absent_class", -log(0.1)),
        ("present_and_absent_swapped", -(19 * log(0.9) + log(0.1)) / 20),
        ("sum_for_mean", -(log(0.9) + 19 * log(0.1))),
        ("sign_missing", (log(0.9) + 19 * log(0.1)) / 20),
    ),
)


def cost_of_probabilities(p, targets):
    cost = targets * p.log() + (1 - targets) * (1 - p).log()
    return -cost.mean()


COST_OF_PROBABILITIES = Exercise(
    solution=cost_of_probabilities,
    cases=((P, Y), (torch.tensor([[0.2, 0.7], [0.6, 0.01]]), TARGETS)),
    mistakes=(
        ("sigmoid_twice", lambda p, targets: cost_of_probabilities(p.sigmoid(), targets)),
        ("cases_swapped", lambda p, targets: cost_of_probabilities(p, 1 - targets)),
        ("absent_costs_nothing", lambda p, targets: -(targets * p.log()).mean()),
        ("sum_for_mean", lambda p, targets: cost_of_probabilities(p, targets) * p.numel()),
        ("sign_missing", lambda p, targets: -cost_of_probabilities(p, targets)),
    ),
)


def accuracy_per_class(preds, targets, thresh=0.5):
    right = (preds.sigmoid() > thresh) == targets.bool()
    return right.float().mean(dim=0)


ACCURACY_PER_CLASS = Exercise(
    solution=accuracy_per_class,
    cases=(
        (LOGITS, TARGETS),
        (MORE_LOGITS, MORE_TARGETS),
        (MORE_LOGITS, MORE_TARGETS, 0.2),
        (ON_THE_LINE, torch.zeros(2, 2)),
    ),
    mistakes=(
        (
            "per_picture",
            lambda preds, targets, thresh=0.5: (
                ((preds.sigmoid() > thresh) == targets.bool()).float().mean(dim=1)
            ),
        ),
        (
            "equal_counts",
            lambda preds, targets, thresh=0.5: (
                ((preds.sigmoid() >= thresh) == targets.bool()).float().mean(dim=0)
            ),
        ),
        ("one_number", accuracy_multi),
        (
            "sigmoid_missing",
            lambda preds, targets, thresh=0.5: (
                ((preds > thresh) == targets.bool()).float().mean(dim=0)
            ),
        ),
        (
            "threshold_ignored",
            lambda preds, targets, thresh=0.5: accuracy_per_class(preds, targets),
        ),
        (
            "mean_of_bools",
            lambda preds, targets, thresh=0.5: ((preds.sigmoid() > thresh) == targets.bool()).mean(
                dim=0
            ),
        ),
        (
            "flag_rate",
            lambda preds, targets, thresh=0.5: (preds.sigmoid() > thresh).float().mean(dim=0),
        ),
    ),
)


def skill(probabilities, targets, thresh=0.5):
    baseline = baselines(targets)["nothing"]
    score = accuracy_multi(probabilities, targets, thresh, sigmoid=False).item()
    return (score - baseline) / (1 - baseline)


def scores(probabilities, targets, thresh, sigmoid=False):
    """The baseline's accuracy and the prediction's."""
    score = accuracy_multi(probabilities, targets, thresh, sigmoid=sigmoid).item()
    return baselines(targets)["nothing"], score


def skill_as_difference(probabilities, targets, thresh=0.5):
    baseline, score = scores(probabilities, targets, thresh)
    return score - baseline


def skill_as_ratio(probabilities, targets, thresh=0.5):
    baseline, score = scores(probabilities, targets, thresh)
    return score / baseline


def skill_over_accuracy(probabilities, targets, thresh=0.5):
    baseline, score = scores(probabilities, targets, thresh)
    return (score - baseline) / baseline


def skill_with_two_sigmoids(probabilities, targets, thresh=0.5):
    baseline, score = scores(probabilities, targets, thresh, sigmoid=True)
    return (score - baseline) / (1 - baseline)


FOUR = torch.tensor([[1.0, 1.0, 0.0, 0.0]])
SKILL = Exercise(
    solution=skill,
    cases=(
        (torch.tensor([[0.9, 0.1, 0.2, 0.3]]), FOUR),
        (torch.tensor([[0.1, 0.7, 0.8, 0.6]]), FOUR),
        (MORE_LOGITS.sigmoid(), MORE_TARGETS, 0.3),
    ),
    mistakes=(
        ("gain_only", skill_as_difference),
        ("ratio", skill_as_ratio),
        ("baseline_accuracy_below", skill_over_accuracy),
        ("sigmoid_twice", skill_with_two_sigmoids),
        (
            "threshold_ignored",
            lambda probabilities, targets, thresh=0.5: skill(probabilities, targets),
        ),
    ),
)


def swapped_where(logits, targets):
    p = logits.sigmoid()
    return -torch.where(targets == 1, 1 - p, p).log().mean()


def test_bce(loss):
    sure, there = torch.tensor([5.0]), torch.tensor([1.0])
    assert loss(sure, there) < 0.1


KILL_SWAPPED_WHERE = Kill(
    right=binary_cross_entropy,
    mutant=swapped_where,
    solution=test_bce,
    blind=(
        ("logits_of_zero", lambda logits, targets: not logits.any()),
        (
            "balanced_logits",
            lambda logits, targets: ((2 * targets - 1) * logits).sum().abs() < 1e-5,
        ),
    ),
)
