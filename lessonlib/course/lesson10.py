"""The exercises of lesson 10: what is asked, what people really write, what to tell them."""

import math

import pandas as pd

from lessonlib.course.exercises import Exercise
from lessonlib.scalar import Scalar, backward, exp, inverse

# Task 1: a table of one's own


def share_by(df, by, flag):
    return df.groupby(by, dropna=False)[flag].mean().sort_values(ascending=False)


FRUIT = pd.DataFrame(
    {"kind": ["pear", "fig", "pear", "plum", "fig"], "ripe": [True, True, False, False, True]}
)
ROOMS = pd.DataFrame(
    {"floor": [2, 1, None, 2, 2, 2, None, None], "warm": [1, 0, 1, 0, 0, 0, 1, 0]},
    index=[7, 3, 5, 1, 0, 2, 4, 6],
)
SHARE_BY = Exercise(
    solution=share_by,
    cases=((FRUIT, "kind", "ripe"), (ROOMS, "floor", "warm")),
    hints=(
        "Put the rows into heaps with groupby. True counts as 1 and False as 0, so which average "
        "is the share?",
        "What happens to rows whose heap has no name? groupby has an argument for them: dropna.",
        "df.groupby(by, dropna=False)[flag], then its mean, then sort_values.",
    ),
    mistakes=(
        (
            lambda df, by, flag: df.groupby(by)[flag].mean().sort_values(ascending=False),
            "Rows whose group is blank are gone: groupby drops them unless it is told not to.",
        ),
        (
            lambda df, by, flag: df.groupby(by, dropna=False)[flag].mean(),
            "The shares are right, but the largest does not come first.",
        ),
        (
            lambda df, by, flag: df.groupby(by, dropna=False)[flag].mean().sort_values(),
            "Sorted, but the smallest comes first.",
        ),
        (
            lambda df, by, flag: (
                df.groupby(by, dropna=False)[flag].sum().sort_values(ascending=False)
            ),
            "These are counts. A share is the count over the size of its group: the mean.",
        ),
        (
            lambda df, by, flag: df[by].value_counts(normalize=True, dropna=False),
            "That is how large each group is. How often is the flag true within it?",
        ),
        (
            lambda df, by, flag: df[df[flag] == 1][by].value_counts(normalize=True, dropna=False),
            "That is the share of each group among the true rows: divided by the wrong total.",
        ),
    ),
)

# Task 2: nothing, or two


def all_new(trained, tested):
    seen = {kind for kinds in trained for kind in kinds}
    return [kinds for kinds in tested if not seen & set(kinds)]


TRAINED = [("circle",), ("square",), ("circle", "ring")]
ALL_NEW = Exercise(
    solution=all_new,
    cases=(
        (TRAINED, [("cross",), ("ring",)]),
        (TRAINED, [("ring", "square"), ("moon", "cross"), ("cross", "circle")]),
        (TRAINED, [("moon",), ("cross", "moon"), ("square",), ("moon",)]),
        ([("bar",)], [("circle",), ("bar", "bar")]),
    ),
    hints=(
        "First collect every single kind that training shows, alone or beside another.",
        "A test picture stays if none of its kinds is among them. Keep the order.",
    ),
    mistakes=(
        (
            lambda trained, tested: [kinds for kinds in tested if kinds not in trained],
            "A new combination of kinds that training has shown is not new. Look at each kind.",
        ),
        (
            lambda trained, tested: [
                kinds for kinds in tested if set(kinds) - {k for one in trained for k in one}
            ],
            "One new kind is not enough: the other was in training and gives it away.",
        ),
        (
            lambda trained, tested: [
                kinds
                for kinds in tested
                if not set(kinds) & {one[0] for one in trained if len(one) == 1}
            ],
            "Training also shows the kinds in its pictures with two. Collect those as well.",
        ),
        (
            lambda trained, tested: list(dict.fromkeys(all_new(trained, tested))),
            "Two test pictures may show the same: keep both.",
        ),
        (
            lambda trained, tested: [kind for kinds in all_new(trained, tested) for kind in kinds],
            "These are single kinds. Give the pictures, as they were: tuples.",
        ),
        (
            lambda trained, tested: [
                kinds for kinds in tested if kinds not in all_new(trained, tested)
            ],
            "The other way round: these are the ones that training gives away.",
        ),
    ),
)

# The museum


def train_positions(df):
    return [k for k, value in enumerate(df["is_valid"]) if str(value) != "True"]


PLAIN = pd.DataFrame({"is_valid": [True, False, False]})
OBJECTS = pd.DataFrame({"is_valid": pd.Series([False, True, None, False], dtype=object)})
MIXED = pd.DataFrame({"is_valid": [True, False, False]}, index=[5, 9, 0])
TEXTS = pd.DataFrame({"is_valid": ["False", "True", "", "True"]})
TRAIN_POSITIONS = Exercise(
    solution=train_positions,
    cases=((PLAIN,), (OBJECTS,), (MIXED,), (TEXTS,)),
    hints=(
        "What differs from table to table is what stands in the cells: True, 'True', a blank. "
        "What is the same for all, once it is a text?",
        "str(value) == 'True' is safe. enumerate gives positions, whatever the row labels are.",
    ),
    mistakes=(
        (
            lambda df: [k for k, value in enumerate(df["is_valid"]) if not value],
            "The text 'False' is not empty, so it counts as true. Compare texts with texts.",
        ),
        (
            lambda df: [k for k, value in enumerate(~df["is_valid"]) if value],
            "~ is a not only where every cell is a real True or False. With a blank the column "
            "is of dtype object or text.",
        ),
        (
            lambda df: df.index[df["is_valid"].astype(str) != "True"].tolist(),
            "These are row labels. After shuffling or filtering they are not positions.",
        ),
        (
            lambda df: [k for k, value in enumerate(df["is_valid"]) if str(value) == "False"],
            "A blank is not marked for validation, so its row is for training.",
        ),
        (
            lambda df: [k for k, value in enumerate(df["is_valid"]) if str(value) == "True"],
            "These are the validation rows.",
        ),
        (
            lambda df: [k for k, value in enumerate(df["is_valid"]) if value is not True],
            "Cells may hold the text 'True' as well: it is not the value True.",
        ),
    ),
)

# The microscope


def sigmoid(x):
    small = math.exp(-abs(x.value))
    p = 1 / (1 + small) if x.value > 0 else small / (1 + small)
    return Scalar(p, "sigmoid", (x,), (p * (1 - p),))


def with_slope(slope):
    """The sigmoid with another slope, out of x and p."""

    def wrong(x):
        p = sigmoid(x).value
        return Scalar(p, "sigmoid", (x,), (slope(x.value, p),))

    return wrong


def value_and_slope(result, x):
    """What comes out of an operation: its value, and the slope that reaches its input."""
    backward(result)
    return [result.value, x.grad]


SIGMOID = Exercise(
    solution=sigmoid,
    cases=tuple((Scalar(value, "x"),) for value in (0.0, 2.0, -1.0, -0.5, 40.0, -800.0)),
    compared=value_and_slope,
    hints=(
        "A Scalar takes its value, a name, the tuple of its parents and the tuple of its slopes. "
        "Lesson 04: what is the slope of the sigmoid, written with p alone?",
        "The slope is p · (1 − p).",
        "For x below 0 use e^x / (1 + e^x), which is the same: no exponent above 0 appears.",
    ),
    mistakes=(
        (
            lambda x: inverse(Scalar(1.0, "1") + exp(-x)),
            "Right for most numbers. But e^800 is more than a float holds: below 0 use "
            "e^x / (1 + e^x).",
        ),
        (
            lambda x: with_slope(lambda v, p: p * (1 - p))(Scalar(x.value)),
            "x is not among the parents, so no slope reaches it.",
        ),
        (with_slope(lambda v, p: p), "The value is right. The slope is p · (1 − p), not p."),
        (
            with_slope(lambda v, p: 1 - p),
            "The value is right. 1 − p is the slope of log p; that of p is p times as large.",
        ),
        (
            with_slope(lambda v, p: v * (1 - v)),
            "The value is right. In the slope, put in p = the result, not the logit.",
        ),
        (with_slope(lambda v, p: 1.0), "The value is right, but the slope is not 1 everywhere."),
    ),
)

# The calibration


def brier_score(guesses):
    return sum((sure - right) ** 2 for sure, right in guesses) / len(guesses)


BRIER_SCORE = Exercise(
    solution=brier_score,
    cases=(
        ([(0.9, True), (0.6, False)],),
        ([(0.2, False)],),
        ([(1.0, True), (0.5, False), (0.8, True), (0.0, False)],),
    ),
    hints=(
        "True counts as 1 and False as 0. How far is the confidence from that, squared?",
        "The mean of (sure − right) ** 2 over all guesses.",
    ),
    mistakes=(
        (
            lambda guesses: sum(abs(sure - right) for sure, right in guesses) / len(guesses),
            "The distances are not squared. Then saying 100 % would pay when 70 % is honest.",
        ),
        (
            lambda guesses: sum((sure - right) ** 2 for sure, right in guesses),
            "That is the sum. The score is the mean.",
        ),
        (
            lambda guesses: brier_score(guesses) ** 0.5,
            "That is the root of the score.",
        ),
        (
            lambda guesses: sum((1 - sure) ** 2 for sure, _ in guesses) / len(guesses),
            "Each guess is treated as right. A wrong one costs sure ** 2.",
        ),
        (
            lambda guesses: (
                sum((sure - right) ** 2 for sure, right in guesses if right) / len(guesses)
            ),
            "The wrong guesses cost nothing here. They cost sure ** 2.",
        ),
        (
            lambda guesses: brier_score([(sure, not right) for sure, right in guesses]),
            "The other way round: whoever is sure and right pays nothing.",
        ),
    ),
)

EXERCISES = {
    "share_by": SHARE_BY,
    "all_new": ALL_NEW,
    "train_positions": TRAIN_POSITIONS,
    "sigmoid": SIGMOID,
    "brier_score": BRIER_SCORE,
}
