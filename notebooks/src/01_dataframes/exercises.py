"""The exercises of lesson 01: what is right, what it is tried on, what people really write."""

import numpy as np
import pandas as pd

from lessonlib.course.exercises.grading import Exercise
from lessonlib.course.exercises.killing import Kill


def pictures(labels: list[str], index: list[int] | None = None) -> pd.DataFrame:
    """A frame like train.csv: pictures a.jpg, b.jpg, … with these labels."""
    names = [f"{letter}.jpg" for letter in "abcdefgh"[: len(labels)]]
    return pd.DataFrame({"fname": names, "labels": labels, "is_valid": False}, index=index)


PLAIN = pictures(["car person", "cart", "", "person", "car"])
FILTERED = pictures(["cart", "car", "dog person", "person car"], index=[2, 5, 6, 9])
SHUFFLED = pictures(["person", "car", "", "car dog", "cart", "dog car"], index=[3, 0, 5, 1, 4, 2])


def last_two(df):
    return df.iloc[-2:, 0].tolist()


LAST_TWO = Exercise(
    solution=last_two,
    cases=((PLAIN,), (FILTERED,), (SHUFFLED,), (PLAIN[["labels", "fname"]],)),
    mistakes=(
        ("series_for_list", lambda df: df.iloc[-2:, 0]),
        ("array_for_list", lambda df: df.iloc[-2:, 0].array),
        ("all_columns", lambda df: df.iloc[-2:]),
        ("column_by_name", lambda df: df["fname"].tolist()[-2:]),
        ("one_row_without_colon", lambda df: df.iloc[-2, 0]),
        ("slice_stops_early", lambda df: df.iloc[-2:-1, 0].tolist()),
        ("rows_and_columns_swapped", lambda df: df.iloc[0, -2:].tolist()),
        ("all_but_the_last_two", lambda df: df.iloc[:-2, 0].tolist()),
    ),
)


def classes_in(texts):
    found = set()
    for text in texts:
        found.update(text.split())
    return sorted(found)


CLASSES_IN = Exercise(
    solution=classes_in,
    cases=(
        (["dog", "cat dog"],),
        (["dog person", "", "person"],),
        (["person  dog", " cat "],),
        (["sheep dog", "person cat", "horse bus car"],),
        ([],),
    ),
    mistakes=(
        (
            "empty_class_name",
            lambda texts: sorted({name for text in texts for name in text.split(" ")}),
        ),
        (
            "two_spaces_give_a_class",
            lambda texts: sorted({name for text in texts if text for name in text.split(" ")}),
        ),
        ("letters_for_names", lambda texts: sorted(set().union(*texts))),
        ("whole_texts", lambda texts: sorted(set(texts))),
        ("repeated", lambda texts: sorted(name for text in texts for name in text.split())),
        ("set_for_list", lambda texts: set(classes_in(texts))),
        ("unsorted", lambda texts: list({name for text in texts for name in text.split()})),
        ("unsorted", lambda texts: list(dict.fromkeys(" ".join(texts).split()))),
    ),
)

PREDICT = Exercise(
    solution=["e.jpg", "b.jpg", 1],
    mistakes=(
        ("position_for_row_label", ["e.jpg", "d.jpg", 1]),
        ("renumbered_index", ["e.jpg", "b.jpg", 2]),
        ("old_table_counted", ["a.jpg", "b.jpg", 1]),
        ("labels_and_positions_mixed", ["e.jpg", "d.jpg", 2]),
    ),
)


def positions_of(df, label):
    has_label = [label in text.split() for text in df["labels"]]
    return np.flatnonzero(has_label).tolist()


POSITIONS_OF = Exercise(
    solution=positions_of,
    cases=((PLAIN, "car"), (FILTERED, "car"), (SHUFFLED, "car"), (PLAIN, "horse")),
    mistakes=(
        (
            "row_labels_for_positions",
            lambda df, label: df.index[[label in text.split() for text in df["labels"]]].tolist(),
        ),
        (
            "name_within_a_name",
            lambda df, label: np.flatnonzero([label in text for text in df["labels"]]).tolist(),
        ),
        ("whole_text_compared", lambda df, label: np.flatnonzero(df["labels"] == label).tolist()),
        ("mask_for_positions", lambda df, label: [label in text.split() for text in df["labels"]]),
    ),
)


def alone_share(df, label):
    lists = [text.split() for text in df["labels"]]
    shown = sum(label in names for names in lists)
    alone = sum(names == [label] for names in lists)
    return alone / shown if shown else 0.0


def alone_share_unguarded(df, label):
    lists = [text.split() for text in df["labels"]]
    return lists.count([label]) / sum(label in names for names in lists)


def alone_share_with_nan(df, label):
    return alone_share(df, label) if positions_of(df, label) else np.nan


def alone_share_by_parts_of_words(if_none):
    """An answer with another value where no picture shows the label."""

    def wrong(df, label):
        shown = sum(label in text for text in df["labels"])
        return df["labels"].tolist().count(label) / shown if shown else if_none

    return wrong


ALONE_SHARE = Exercise(
    solution=alone_share,
    cases=((PLAIN, "car"), (FILTERED, "person"), (SHUFFLED, "person"), (PLAIN, "horse")),
    mistakes=(
        ("all_pictures_below", lambda df, label: (df["labels"] == label).sum() / len(df)),
        (
            "share_with_company",
            lambda df, label: 1 - alone_share(df, label) if positions_of(df, label) else 0.0,
        ),
        ("divided_by_zero", alone_share_unguarded),
        ("nan_for_nothing", alone_share_with_nan),
        ("name_within_a_name", alone_share_by_parts_of_words(if_none=0.0)),
        ("name_within_a_name_and_division", alone_share_by_parts_of_words(if_none=np.nan)),
    ),
)


def split_at_blanks(text):
    return text.split()


def split_at_each_blank(text):
    return text.split(" ")


def test_names(names_in):
    assert names_in("") == []


KILL_BLANK = Kill(
    right=split_at_blanks,
    mutant=split_at_each_blank,
    solution=test_names,
    blind=(("every_cell_one_blank", lambda text: text and text == " ".join(text.split())),),
)


def valid_positions(df):
    return np.flatnonzero(df["is_valid"]).tolist()


def valid_row_labels(df):
    return df.index[df["is_valid"]].tolist()


def test_positions(valid_positions):
    df = pd.DataFrame({"is_valid": [True, False, True]}, index=[7, 8, 9])
    assert valid_positions(df) == [0, 2]


KILL_ROW_LABELS = Kill(
    right=valid_positions,
    mutant=valid_row_labels,
    solution=test_positions,
    blind=(
        ("nothing_for_validation", lambda df: not df["is_valid"].any()),
        ("fresh_index", lambda df: df.index.tolist() == list(range(len(df)))),
    ),
)
