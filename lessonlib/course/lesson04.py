"""The exercises of lesson 04: what is asked, what people really write, what to tell them."""

import math
from math import log

import torch

from lessonlib.course.exercises import Exercise
from lessonlib.course.killing import Kill
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
    hints=(
        "Begin with p = 1 / (1 + e^−x) and solve for e^x.",
        "e^x is p / (1 − p): how much likelier yes is than no. A logarithm does the rest.",
    ),
    mistakes=(
        (lambda p: torch.log((1 - p) / p), "The sign is flipped: a high p needs a high logit."),
        (lambda p: torch.log(p), "That is log p. Divide p by 1 − p before the logarithm."),
        (lambda p: p / (1 - p), "These are the odds; their logarithm is the logit."),
        (torch.sigmoid, "That is the sigmoid itself, not its inverse."),
        (lambda p: torch.log10(p / (1 - p)), "The natural logarithm is torch.log, not log10."),
        (
            lambda p: torch.tensor(math.log(p / (1 - p))),
            "That is math.log, for one number. torch.log takes a whole tensor.",
        ),
    ),
)

CARELESS = Exercise(
    solution=-(log(0.9) + 19 * log(0.1)) / 20,
    rtol=1e-3,
    working="-(log(0.9) + 19 * log(0.1)) / 20  # far above ln 2: wrong and sure in 19 cells",
    hints=(
        "One cell is right with 0.9. In 19 cells the truth, absent, was given only 1 − 0.9.",
        "Add −log(0.9) once and −log(0.1) 19 times, then divide by 20.",
    ),
    mistakes=(
        (-log(0.9), "That is the cost of the one class that is there. 19 others are absent."),
        (-log(0.1), "That is the cost of one absent class. One of the 20 is there."),
        (-(19 * log(0.9) + log(0.1)) / 20, "Swapped: 19 classes are absent and only 1 is there."),
        (-(log(0.9) + 19 * log(0.1)), "That is the sum. The loss is the mean of the 20 cells."),
        ((log(0.9) + 19 * log(0.1)) / 20, "A cost is positive: minus the logarithm."),
    ),
)


def cost_of_probabilities(p, targets):
    cost = targets * p.log() + (1 - targets) * (1 - p).log()
    return -cost.mean()


COST_OF_PROBABILITIES = Exercise(
    solution=cost_of_probabilities,
    cases=((P, Y), (torch.tensor([[0.2, 0.7], [0.6, 0.01]]), TARGETS)),
    hints=(
        "The function is given probabilities. What does its first line do to them?",
        "A sigmoid turns a logit into a probability. These have had theirs already.",
    ),
    mistakes=(
        (
            lambda p, targets: cost_of_probabilities(p.sigmoid(), targets),
            "You applied the sigmoid to probabilities: that is one sigmoid too many.",
        ),
        (
            lambda p, targets: cost_of_probabilities(p, 1 - targets),
            "The two cases are swapped: where the target is 1 the cost is −log p.",
        ),
        (
            lambda p, targets: -(targets * p.log()).mean(),
            "Absent classes cost nothing here, so flagging everything would be perfect.",
        ),
        (
            lambda p, targets: cost_of_probabilities(p, targets) * p.numel(),
            "You added the cells up. The loss is their mean.",
        ),
        (
            lambda p, targets: -cost_of_probabilities(p, targets),
            "The sign is missing: the logarithm of a probability is negative, a cost is not.",
        ),
    ),
)


def accuracy_per_class(inp, targ, thresh=0.5):
    right = (inp.sigmoid() > thresh) == targ.bool()
    return right.float().mean(dim=0)


ACCURACY_PER_CLASS = Exercise(
    solution=accuracy_per_class,
    cases=(
        (LOGITS, TARGETS),
        (MORE_LOGITS, MORE_TARGETS),
        (MORE_LOGITS, MORE_TARGETS, 0.2),
        (ON_THE_LINE, torch.zeros(2, 2)),
    ),
    hints=(
        "accuracy_multi takes the mean over all cells. Here it is the mean over the pictures.",
        "mean(dim=0) averages over the first dimension, which is the batch.",
    ),
    mistakes=(
        (
            lambda inp, targ, thresh=0.5: (
                ((inp.sigmoid() > thresh) == targ.bool()).float().mean(dim=1)
            ),
            "That is one number per picture: dim=1 averages over the classes. Average over dim=0.",
        ),
        (
            lambda inp, targ, thresh=0.5: (
                ((inp.sigmoid() >= thresh) == targ.bool()).float().mean(dim=0)
            ),
            "Nearly: a probability equal to the threshold is not above it. Use > instead of >=.",
        ),
        (
            accuracy_multi,
            "That is one number for everything. Keep the classes apart with mean(dim=0).",
        ),
        (
            lambda inp, targ, thresh=0.5: ((inp > thresh) == targ.bool()).float().mean(dim=0),
            "You compared logits with the threshold. Take the sigmoid first.",
        ),
        (
            lambda inp, targ, thresh=0.5: accuracy_per_class(inp, targ),
            "It works for 0.5, but the argument thresh is not used.",
        ),
        (
            lambda inp, targ, thresh=0.5: ((inp.sigmoid() > thresh) == targ.bool()).mean(dim=0),
            "A mean needs numbers: turn True and False into 1 and 0 with .float().",
        ),
        (
            lambda inp, targ, thresh=0.5: (inp.sigmoid() > thresh).float().mean(dim=0),
            "That is how often each class is flagged. Compare with the targets.",
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
    hints=(
        "The baseline's mistakes are 1 − its accuracy. How many of them are gone?",
        "(score − baseline) / (1 − baseline), with accuracy_multi(…, sigmoid=False) as the score.",
    ),
    mistakes=(
        (skill_as_difference, "That is the gain in accuracy. Divide by 1 − baseline."),
        (skill_as_ratio, "That is one accuracy divided by the other: 1 would mean no skill."),
        (skill_over_accuracy, "Divide by the baseline's mistakes, not by its accuracy."),
        (skill_with_two_sigmoids, "These are probabilities: accuracy_multi needs sigmoid=False."),
        (
            lambda probabilities, targets, thresh=0.5: skill(probabilities, targets),
            "It works for 0.5, but the argument thresh is not used.",
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
    hints=(
        "Which answer should be cheap, and which expensive? Try one that is sure.",
        "A logit of 5 says yes with a probability of 0.993. If the object is there, the cost is "
        "−log 0.993, near 0. Assert that it is small.",
    ),
    blind=(
        (
            lambda logits, targets: not logits.any(),
            "At logits of 0 every probability is one half, so both versions cost ln 2. Try a "
            "logit that is sure.",
        ),
        (
            lambda logits, targets: ((2 * targets - 1) * logits).sum().abs() < 1e-5,
            "Your right and your wrong logits balance out, so swapping changes nothing. Try a "
            "single cell.",
        ),
    ),
    lenient="Both give a cost, and your assert accepts either. Which answer has to be cheap?",
)

EXERCISES = {
    "logit": LOGIT,
    "careless": CARELESS,
    "cost_of_probabilities": COST_OF_PROBABILITIES,
    "accuracy_per_class": ACCURACY_PER_CLASS,
    "skill": SKILL,
    "kill_swapped_where": KILL_SWAPPED_WHERE,
}
