"""Lesson 04: tempting wrong answers, written another way than in the exercise, are named."""

from math import log

import pytest
import torch
import torch.nn.functional as F
from lessons import hears

from lessonlib.course.exercises.asking import grade
from lessonlib.metrics import accuracy_multi


def right_cells(preds, targets, thresh):
    return ((preds.sigmoid() > thresh) == (targets == 1)).float()


@pytest.mark.parametrize(
    "name, answer, words",
    [
        ("logit", lambda p: -torch.logit(p), "sign is flipped"),
        ("logit", lambda p: p.log(), "Divide p by 1 − p"),
        ("logit", lambda p: 1 / (1 / p - 1), "These are the odds"),
        ("logit", lambda p: 1 / (1 + torch.exp(-p)), "not its inverse"),
        ("careless", 0.10536, "19 others are absent"),
        ("careless", 0.05 * (19 * -log(0.9) - log(0.1)), "Swapped"),
        ("careless", -log(0.9 * 0.1**19), "That is the sum"),
        ("cost_of_probabilities", F.binary_cross_entropy_with_logits, "one sigmoid too many"),
        ("cost_of_probabilities", lambda p, t: F.binary_cross_entropy(1 - p, t), "swapped"),
        ("cost_of_probabilities", lambda p, t: -(p.log() * t).sum() / t.numel(), "cost nothing"),
        (
            "cost_of_probabilities",
            lambda p, t: F.binary_cross_entropy(p, t, reduction="sum"),
            "added the cells up",
        ),
        ("accuracy_per_class", lambda i, t, h=0.5: right_cells(i, t, h).mean(1), "per picture"),
        ("accuracy_per_class", lambda i, t, h=0.5: right_cells(i, t, h).mean(), "for everything"),
        ("accuracy_per_class", lambda i, t, h=0.5: right_cells(i, t, 0.5).mean(0), "not used"),
        (
            "accuracy_per_class",
            lambda i, t, h=0.5: right_cells(torch.logit(i.clamp(0, 1)), t, h).mean(0),
            "compared logits",
        ),
        (
            "skill",
            lambda p, t, h=0.5: ((p > h) == t.bool()).float().mean() - (1 - t.mean()),
            "Divide by 1 − baseline",
        ),
        (
            "skill",
            lambda p, t, h=0.5: ((p > h) == t.bool()).float().mean() / (1 - t.mean()),
            "1 would mean no skill",
        ),
        (
            "skill",
            lambda p, t, h=0.5: 1 - (1 - accuracy_multi(p, t, h)) / t.mean(),
            "sigmoid=False",
        ),
    ],
)
def test_a_tempting_wrong_answer_hears_its_mistake(name, answer, words):
    assert words in hears(f"04.{name}", answer)


@pytest.mark.parametrize(
    "name, answer",
    [
        ("logit", torch.logit),
        ("careless", 2.193),
        ("cost_of_probabilities", F.binary_cross_entropy),
        ("accuracy_per_class", lambda i, t, h=0.5: right_cells(i, t, h).sum(0) / len(i)),
        (
            "skill",
            lambda p, t, h=0.5: 1 - ((p > h) != t.bool()).sum() / t.sum(),
        ),
    ],
)
def test_another_right_way_is_right_too(name, answer):
    assert grade(f"04.{name}", answer) == f"✓ 04.{name}: right"
