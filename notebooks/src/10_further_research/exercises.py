"""The exercises of lesson 10: what is right, what it is tried on, what people really write."""

import math

import pandas as pd

from lessonlib.course.exercises.grading import Exercise
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
    mistakes=(
        (
            "blank_group_lost",
            lambda df, by, flag: df.groupby(by)[flag].mean().sort_values(ascending=False),
        ),
        ("unsorted", lambda df, by, flag: df.groupby(by, dropna=False)[flag].mean()),
        (
            "smallest_first",
            lambda df, by, flag: df.groupby(by, dropna=False)[flag].mean().sort_values(),
        ),
        (
            "counts",
            lambda df, by, flag: (
                df.groupby(by, dropna=False)[flag].sum().sort_values(ascending=False)
            ),
        ),
        ("group_sizes", lambda df, by, flag: df[by].value_counts(normalize=True, dropna=False)),
        (
            "wrong_total",
            lambda df, by, flag: df[df[flag] == 1][by].value_counts(normalize=True, dropna=False),
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
    mistakes=(
        (
            "new_combination",
            lambda trained, tested: [kinds for kinds in tested if kinds not in trained],
        ),
        (
            "one_new_kind",
            lambda trained, tested: [
                kinds for kinds in tested if set(kinds) - {k for one in trained for k in one}
            ],
        ),
        (
            "pairs_of_training_ignored",
            lambda trained, tested: [
                kinds
                for kinds in tested
                if not set(kinds) & {one[0] for one in trained if len(one) == 1}
            ],
        ),
        ("repeated_lost", lambda trained, tested: list(dict.fromkeys(all_new(trained, tested)))),
        (
            "kinds_for_pictures",
            lambda trained, tested: [kind for kinds in all_new(trained, tested) for kind in kinds],
        ),
        (
            "known_for_new",
            lambda trained, tested: [
                kinds for kinds in tested if kinds not in all_new(trained, tested)
            ],
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
    mistakes=(
        ("text_is_true", lambda df: [k for k, value in enumerate(df["is_valid"]) if not value]),
        ("blank_is_no_bool", lambda df: [k for k, value in enumerate(~df["is_valid"]) if value]),
        (
            "row_labels_for_positions",
            lambda df: df.index[df["is_valid"].astype(str) != "True"].tolist(),
        ),
        (
            "blank_left_out",
            lambda df: [k for k, value in enumerate(df["is_valid"]) if str(value) == "False"],
        ),
        (
            "validation_rows",
            lambda df: [k for k, value in enumerate(df["is_valid"]) if str(value) == "True"],
        ),
        (
            "text_for_value",
            lambda df: [k for k, value in enumerate(df["is_valid"]) if value is not True],
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
    mistakes=(
        ("overflow", lambda x: inverse(Scalar(1.0, "1") + exp(-x))),
        ("not_a_parent", lambda x: with_slope(lambda v, p: p * (1 - p))(Scalar(x.value))),
        ("slope_p", with_slope(lambda v, p: p)),
        ("slope_of_log", with_slope(lambda v, p: 1 - p)),
        ("slope_of_logit", with_slope(lambda v, p: v * (1 - v))),
        ("slope_one", with_slope(lambda v, p: 1.0)),
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
    mistakes=(
        (
            "not_squared",
            lambda guesses: sum(abs(sure - right) for sure, right in guesses) / len(guesses),
        ),
        ("sum_for_mean", lambda guesses: sum((sure - right) ** 2 for sure, right in guesses)),
        ("root", lambda guesses: brier_score(guesses) ** 0.5),
        (
            "all_taken_as_right",
            lambda guesses: sum((1 - sure) ** 2 for sure, _ in guesses) / len(guesses),
        ),
        (
            "wrong_costs_nothing",
            lambda guesses: (
                sum((sure - right) ** 2 for sure, right in guesses if right) / len(guesses)
            ),
        ),
        ("reversed", lambda guesses: brier_score([(sure, not right) for sure, right in guesses])),
    ),
)
