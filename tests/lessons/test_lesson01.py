"""Lesson 01: the exercises name the mistakes that people make (see also test_lessons.py)."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from lessons import hears

from lessonlib.course.exercises.asking import grade
from lessonlib.course.exercises.tasks import code_of


@pytest.mark.parametrize(
    "name, answer, words",
    [
        ("last_two", lambda df: df.iloc[:, 0].tail(2), "still a column"),
        ("last_two", lambda df: df.iloc[-2:, 0].values, "instead of .values"),
        ("last_two", lambda df: df.tail(2), "all their columns are there"),
        ("last_two", lambda df: df["fname"].iloc[-2:].tolist(), "by its position"),
        ("last_two", lambda df: df.iloc[-2].iloc[0], "without a colon is one row"),
        ("last_two", lambda df: df.iloc[:, 0].tolist()[-2:-1], "leaves its end out"),
        ("last_two", lambda df: list(df.iloc[0, -2:]), "Rows come first in iloc"),
        ("last_two", lambda df: df.iloc[:, 0].tolist()[:-2], "all but the last two"),
        ("classes_in", lambda t: sorted({w for s in t for w in s.split(" ")}), "without a name"),
        ("classes_in", lambda t: sorted({w for s in t if s for w in s.split(" ")}), "two spaces"),
        ("classes_in", lambda t: sorted({letter for s in t for letter in s}), "letter by letter"),
        ("classes_in", lambda t: sorted(set(t)), "whole texts"),
        ("classes_in", lambda t: sorted(" ".join(t).split()), "several times"),
        ("classes_in", lambda t: set(" ".join(t).split()), "A set has no order"),
        ("classes_in", lambda t: list(set(" ".join(t).split())), "Not in alphabetical order"),
        ("classes_in", lambda t: list(Counter(" ".join(t).split())), "Not in alphabetical order"),
        ("predict", ["e.jpg", "d.jpg", 1], "row label 1, not for the second row"),
        ("predict", ["e.jpg", "b.jpg", 2], "the row label of the third row"),
        ("predict", ["a.jpg", "b.jpg", 1], "counted in picked"),
        ("predict", ["e.jpg", "d.jpg", 2], "picked kept its old ones"),
        (
            "positions_of",
            lambda df, label: df[[label in s.split() for s in df["labels"]]].index.tolist(),
            "row labels, not positions",
        ),
        (
            "positions_of",
            lambda df, label: [i for i, s in enumerate(df["labels"]) if label in s],
            'A "cart" is no "car"',
        ),
        (
            "positions_of",
            lambda df, label: [i for i, s in enumerate(df["labels"]) if s == label],
            "several labels are missing",
        ),
        (
            "positions_of",
            lambda df, label: [label in s.split() for s in df["labels"]],
            "the mask itself",
        ),
        (
            "alone_share",
            lambda df, label: np.mean([s.split() == [label] for s in df["labels"]]),
            "divided by all pictures",
        ),
        (
            "alone_share",
            lambda df, label: 1 - code_of("01").alone_share(df, label) if label != "horse" else 0.0,
            "has company",
        ),
        (
            "alone_share",
            lambda df, label: (
                [s.split() for s in df["labels"]].count([label])
                / [label in s.split() for s in df["labels"]].count(True)
            ),
            "divide by zero",
        ),
        (
            "alone_share",
            lambda df, label: (
                df[[label in s.split() for s in df["labels"]]]["labels"].eq(label).mean()
            ),
            "0 divided by 0 is NaN",
        ),
        (
            "alone_share",
            lambda df, label: df[df["labels"].str.contains(label)]["labels"].eq(label).mean(),
            "And give 0.0 if no picture shows it",
        ),
        (
            "alone_share",
            lambda df, label: (
                [s == label for s in df["labels"]].count(True)
                / max(1, [label in s for s in df["labels"]].count(True))
            ),
            'A "cart" is no "car"',
        ),
    ],
)
def test_a_tempting_wrong_answer_hears_its_mistake(name, answer, words):
    assert words in hears(f"01.{name}", answer)


def test_another_right_way_is_right_too():
    def enumerated(df, label):
        return [i for i, text in enumerate(df["labels"]) if label in text.split()]

    def by_pandas(texts):
        return sorted(pd.Series(texts, dtype=str).str.split().explode().dropna().unique())

    assert "right" in grade("01.positions_of", enumerated)
    assert "right" in grade("01.classes_in", by_pandas)
    assert "right" in grade("01.last_two", lambda df: list(df.iloc[:, 0].tail(2)))
