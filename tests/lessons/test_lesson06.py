"""Lesson 06: tempting wrong answers, written another way than in the exercise, are named."""

import numpy as np
import pytest
import torch
from lessons import hears
from sklearn.metrics import f1_score

from lessonlib.course.exercises.asking import grade
from lessonlib.thresholds import best_threshold, threshold_curve


def share_right(logits, targets, thresh, finish=torch.sigmoid):
    return ((finish(logits) > thresh).int() == targets.int()).double().mean().item()


def f1(tp, fp, fn):
    """scikit-learn's, from items that have these counts."""
    truth = [1] * tp + [0] * fp + [1] * fn + [0]
    return f1_score(truth, [1] * tp + [1] * fp + [0] * fn + [0], zero_division=0)


def f1_together(batches):
    return f1(*np.sum(batches, axis=0))


def f1_apart(batches):
    return np.mean([f1(*batch) for batch in batches]).item()


def f1_as_written_in_books(batches):
    tp, fp, fn = map(sum, zip(*batches, strict=True))
    precision, recall = tp / (tp + fp), tp / (tp + fn)
    return 2 / (1 / precision + 1 / recall)


def cheapest(probs, targets, cost_fp, cost_fn, thresholds=(-1, 2), more=True):
    tried = [*thresholds, *(probs.tolist() if more else ())]
    return min(
        sum(
            cost_fp if p > t and not there else cost_fn if p <= t and there else 0
            for p, there in zip(probs.tolist(), targets.tolist(), strict=True)
        )
        for t in tried
    )


def score(split, thresh):
    probs, targets = split
    return ((probs > thresh) == (targets == 1)).float().mean().item()


def best(split):
    return best_threshold(threshold_curve(*split))


def joined(a, b):
    return torch.cat([a[0], b[0]]), torch.cat([a[1], b[1]])


def first_of_the_best(split):
    places = sorted([-1.0, *split[0].tolist()])
    return max(places, key=lambda place: score(split, place))


@pytest.mark.parametrize(
    "name, answer, words",
    [
        (
            "score_logits",
            lambda z, t, h: share_right(z, t, h, lambda x: x.sigmoid().sigmoid()),
            "still taken twice",
        ),
        ("score_logits", lambda z, t, h: share_right(z, t, h, lambda x: x), "no sigmoid"),
        ("score_logits", lambda z, t, h: share_right(z, t, 0.5), "thresh is not used"),
        ("lower", [2, 3], "Swapped"),
        ("lower", (4, 1), "counts at 0.2"),
        ("lower", (3, 1), "0.22 is above"),
        ("lower", (3, 3), "still missed"),
        ("f1_of_batches", f1_apart, "average of the batches' F1"),
        (
            "f1_of_batches",
            lambda b: np.average([f1(*x) for x in b], weights=np.sum(b, 1) + 1e-9).item(),
            "Weights do not help",
        ),
        (
            "f1_of_batches",
            lambda b: (lambda x: x / (2 - x))(f1_together(b)),
            "That is Jaccard",
        ),
        ("f1_of_batches", f1_as_written_in_books, "mind 0 / 0"),
        ("least_cost", lambda p, t, a, b: cheapest(p, t, b, a), "costs are swapped"),
        ("least_cost", lambda p, t, a, b: cheapest(p, t, a, b, (2,)), "never say everything"),
        ("least_cost", lambda p, t, a, b: cheapest(p, t, a, b, (0.5,), False), "cost at 0.5"),
        (
            "least_cost",
            lambda p, t, a, b: cheapest(p, t, a, b, np.linspace(0, 1, 1001), False),
            "points of a grid",
        ),
        ("least_cost", lambda p, t, a, b: cheapest(p, t, a, b, (best((p, t)),), False), "unequal"),
        ("report", lambda v, t: score(v, best(v)), "still scored on the pictures"),
        ("report", lambda v, t: score(t, best(t)), "now test flatters it"),
        ("report", lambda v, t: score(t, best(joined(v, t))), "took part in the choice"),
        ("report", lambda v, t: score(v, best(t)), "swapped"),
        ("report", lambda v, t: score(t, 0.5), "score at 0.5"),
        ("report", lambda v, t: score((t[0].sigmoid(), t[1]), best(v)), "Pass sigmoid=False"),
        ("report", lambda v, t: score(t, first_of_the_best(v)), "edge of the flat top"),
    ],
)
def test_a_tempting_wrong_answer_hears_its_mistake(name, answer, words):
    assert words in hears(f"06.{name}", answer)


@pytest.mark.parametrize(
    "name, answer",
    [
        ("score_logits", share_right),
        ("lower", [3, 2]),
        ("f1_of_batches", f1_together),
        ("least_cost", cheapest),
        ("report", lambda v, t: score(t, best(v))),
    ],
)
def test_another_right_way_is_right_too(name, answer):
    assert grade(f"06.{name}", answer) == f"✓ 06.{name}: right"
