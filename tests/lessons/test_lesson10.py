"""Lesson 10: tempting wrong answers, written another way than in the exercise, are named."""

import math

import pandas as pd
import pytest
import torch
from lessons import hears

from lessonlib.course.exercises.asking import grade
from lessonlib.course.quizzes.questions import evaluate, find, numbers
from lessonlib.scalar import Scalar, backward


def heaps(df, by, flag, blanks=True):
    """The flags of each group, collected row by row; NaN is a group as well."""
    found = {}
    for key, value in zip(df[by], df[flag], strict=True):
        if blanks or not pd.isna(key):
            found.setdefault(None if pd.isna(key) else key, []).append(float(value))
    return found


def as_series(values, df, by, order=-1):
    """Values of groups as a Series, from large to small (order −1), or small to large (1)."""
    pairs = sorted(values.items(), key=lambda pair: order * pair[1])
    return pd.Series([v for _, v in pairs], pd.Index([k for k, _ in pairs], dtype=df[by].dtype))


def shares(df, by, flag, order=-1, **how):
    found = {key: sum(flags) / len(flags) for key, flags in heaps(df, by, flag, **how).items()}
    return as_series(found, df, by, order)


def kept(trained, tested, wanted):
    """Those tested pictures of which `wanted` holds, given whether each kind is new."""
    seen = [kind for kinds in trained for kind in kinds]
    return [kinds for kinds in tested if wanted([kind not in seen for kind in kinds])]


def where(df, wanted):
    return [place for place in range(len(df)) if wanted(df["is_valid"].iloc[place])]


def logistic(slope, parents=lambda x: (x,)):
    """A sigmoid through tanh, which never overflows."""

    def answer(x):
        p = (1 + math.tanh(x.value / 2)) / 2
        return Scalar(p, "p", parents(x), (slope(p),))

    return answer


def mean(costs):
    costs = list(costs)
    return sum(costs) / len(costs)


@pytest.mark.parametrize(
    "name, answer, words",
    [
        ("share_by", lambda df, by, flag: shares(df, by, flag, blanks=False), "are gone"),
        ("share_by", lambda df, by, flag: shares(df, by, flag, order=1), "smallest comes first"),
        (
            "share_by",
            lambda df, by, flag: df.pivot_table(flag, by, aggfunc="mean", dropna=False)[flag],
            "the largest does not come first",
        ),
        (
            "share_by",
            lambda df, by, flag: df[by].value_counts(dropna=False) / len(df),
            "how large each group is",
        ),
        ("all_new", lambda old, new: [k for k in new if old.count(k) == 0], "Look at each kind"),
        ("all_new", lambda old, new: kept(old, new, any), "One new kind is not enough"),
        ("all_new", lambda old, new: kept(old, new, lambda new: not all(new)), "other way round"),
        ("all_new", lambda old, new: sum(kept(old, new, all), ()), "not yet"),
        ("train_positions", lambda df: where(df, lambda v: not bool(v)), "'False' is not empty"),
        ("train_positions", lambda df: where(df, lambda v: v in (False, "False")), "A blank is"),
        ("train_positions", lambda df: where(df, lambda v: v in (True, "True")), "validation rows"),
        (
            "train_positions",
            lambda df: [k for k, v in df["is_valid"].items() if str(v) != "True"],
            "row labels",
        ),
        ("sigmoid", logistic(lambda p: p), "not p."),
        ("sigmoid", logistic(lambda p: 1 - p), "slope of log p"),
        ("sigmoid", logistic(lambda p: p - p * p, lambda x: (Scalar(0.0),)), "among the parents"),
        (
            "sigmoid",
            lambda x: logistic(lambda p: p - p * p)(x) if x.value > -700 else math.exp(-x.value),
            "OverflowError",
        ),
        ("brier_score", lambda gs: mean(abs(c - r) for c, r in gs), "not squared"),
        ("brier_score", lambda gs: len(gs) * mean((c - r) ** 2 for c, r in gs), "is the sum"),
        ("brier_score", lambda gs: mean((1 - c) ** 2 for c, _ in gs), "treated as right"),
        ("brier_score", lambda gs: mean((c + r - 1) ** 2 for c, r in gs), "other way round"),
    ],
)  # fmt: skip
def test_a_tempting_wrong_answer_hears_its_mistake(name, answer, words):
    assert words in hears(f"10.{name}", answer)


@pytest.mark.parametrize(
    "name, answer",
    [
        ("share_by", shares),
        ("all_new", lambda old, new: kept(old, new, all)),
        ("train_positions", lambda df: where(df, lambda v: v not in (True, "True"))),
        ("sigmoid", logistic(lambda p: p - p * p)),
        ("brier_score", lambda gs: mean((1 - c if r else c) ** 2 for c, r in gs)),
    ],
)
def test_another_right_way_is_right_too(name, answer):
    assert grade(f"10.{name}", answer) == f"✓ 10.{name}: right"


@pytest.mark.parametrize("seed", range(6))
def test_the_formulas_of_the_questions_are_what_torch_and_counting_give(seed):
    question = find("10.graph.twice")
    drawn = numbers(question, seed)
    x = torch.tensor(float(drawn["b"]), requires_grad=True)
    (x * x + drawn["a"] * x).backward()
    assert evaluate(question.answer, drawn) == x.grad.item()
    ours = Scalar(float(drawn["b"]))
    backward(ours * ours + Scalar(float(drawn["a"])) * ours)
    assert ours.grad == x.grad.item()
    question = find("10.brier.number")
    drawn = numbers(question, seed)
    right = [1.0] * drawn["k"] + [0.0] * (4 - drawn["k"])
    score = torch.nn.functional.mse_loss(torch.full((4,), drawn["c"]), torch.tensor(right)).item()
    assert evaluate(question.answer, drawn) == pytest.approx(score)
