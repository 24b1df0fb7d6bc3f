"""The exercises of lesson 01: what is asked, what people really write, what to tell them."""

import numpy as np
import pandas as pd

from lessonlib.course.exercises import Exercise
from lessonlib.course.killing import Kill


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
    hints=(
        "iloc takes rows first, then columns. A negative position counts from the end: -1 is the "
        "last.",
        "A slice that begins at -2 and names no end runs to the last row.",
        "df.iloc[-2:, 0] is the column that you want; .tolist() makes a list of it.",
    ),
    mistakes=(
        (
            lambda df: df.iloc[-2:, 0],
            "That is still a column (a Series). End with .tolist().",
        ),
        (
            lambda df: df.iloc[-2:, 0].array,
            "That is an array, pandas' store of a column. End with .tolist() instead of .values.",
        ),
        (
            lambda df: df.iloc[-2:],
            "The rows are right, but all their columns are there. Name the column too: "
            "iloc[rows, column].",
        ),
        (
            lambda df: df["fname"].tolist()[-2:],
            "That is right while the first column is called fname. Take it by its position: "
            "iloc[…, 0].",
        ),
        (
            lambda df: df.iloc[-2, 0],
            "-2 without a colon is one row, the last but one. A slice needs the colon: -2:",
        ),
        (
            lambda df: df.iloc[-2:-1, 0].tolist(),
            "A slice leaves its end out, so -2:-1 stops before the last row. Leave the end open.",
        ),
        (
            lambda df: df.iloc[0, -2:].tolist(),
            "These are the last two columns of the first row. Rows come first in iloc.",
        ),
        (
            lambda df: df.iloc[:-2, 0].tolist(),
            "Here the colon is on the other side: :-2 is all but the last two.",
        ),
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
    hints=(
        'Try the line with an empty text: what is "".split(" "), and what is added to found?',
        "split can also be called without an argument.",
        "text.split() cuts at any run of blanks and gives [] for an empty text.",
    ),
    mistakes=(
        (
            lambda texts: sorted({name for text in texts for name in text.split(" ")}),
            'There is a class without a name: "".split(" ") gives [""]. Use .split() without an '
            "argument.",
        ),
        (
            lambda texts: sorted({name for text in texts if text for name in text.split(" ")}),
            'The empty text is dealt with, but two spaces in a row still give a class "". Use '
            ".split() without an argument, and both are gone.",
        ),
        (
            lambda texts: sorted(set().union(*texts)),
            "These are letters: a text given to update is taken apart letter by letter. Split it "
            "first.",
        ),
        (
            lambda texts: sorted(set(texts)),
            "These are whole texts. Split each into its names first.",
        ),
        (
            lambda texts: sorted(name for text in texts for name in text.split()),
            "A class is named several times. Collect the names in a set.",
        ),
        (
            lambda texts: set(classes_in(texts)),
            "A set has no order. Give sorted(found), which is a list.",
        ),
        (
            lambda texts: list({name for text in texts for name in text.split()}),
            "Not in alphabetical order. Give sorted(found).",
        ),
        (
            lambda texts: list(dict.fromkeys(" ".join(texts).split())),
            "Not in alphabetical order. Give sorted(found).",
        ),
    ),
)

PREDICT = Exercise(
    solution=["e.jpg", "b.jpg", 1],
    hints=(
        "Write picked down on paper: three rows, each with its old row label to the left.",
        "The row labels of picked are 4, 3 and 1, from top to bottom.",
        "iloc counts rows from the top; loc and index speak of row labels.",
    ),
    mistakes=(
        (
            ["e.jpg", "d.jpg", 1],
            "The second is not right: loc[1] looks for the row label 1, not for the second row.",
        ),
        (
            ["e.jpg", "b.jpg", 2],
            "The third is not right: index[2] is the row label of the third row, and rows keep "
            "theirs.",
        ),
        (
            ["a.jpg", "b.jpg", 1],
            "The first is not right: positions are counted in picked, and it begins with another "
            "row.",
        ),
        (
            ["e.jpg", "d.jpg", 2],
            "The first is right. loc and index speak of row labels, and picked kept its old ones.",
        ),
    ),
)


def positions_of(df, label):
    has_label = [label in text.split() for text in df["labels"]]
    return np.flatnonzero(has_label).tolist()


POSITIONS_OF = Exercise(
    solution=positions_of,
    cases=((PLAIN, "car"), (FILTERED, "car"), (SHUFFLED, "car"), (PLAIN, "horse")),
    hints=(
        "Make a mask first: one True or False for each row.",
        "A row has the label when label in text.split() is True.",
        "np.flatnonzero(mask).tolist() gives the positions of the True values.",
    ),
    mistakes=(
        (
            lambda df, label: df.index[[label in text.split() for text in df["labels"]]].tolist(),
            "These are row labels, not positions. They differ as soon as rows were taken out or "
            "moved. Use np.flatnonzero(mask).",
        ),
        (
            lambda df, label: np.flatnonzero([label in text for text in df["labels"]]).tolist(),
            'A "cart" is no "car": look for the label in text.split(), not in the text.',
        ),
        (
            lambda df, label: np.flatnonzero(df["labels"] == label).tolist(),
            "Pictures with several labels are missing: == compares the whole text.",
        ),
        (
            lambda df, label: [label in text.split() for text in df["labels"]],
            "That is the mask itself, one True or False for each row. np.flatnonzero(mask) gives "
            "the positions.",
        ),
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
    hints=(
        "Two counts: pictures that show the label, and pictures that show only the label.",
        "names == [label] is True when the label is alone.",
        "Divide the second count by the first, and give 0.0 when the first is 0.",
    ),
    mistakes=(
        (
            lambda df, label: (df["labels"] == label).sum() / len(df),
            "You divided by all pictures. Divide by those that show the label.",
        ),
        (
            lambda df, label: 1 - alone_share(df, label) if positions_of(df, label) else 0.0,
            "That is the share of pictures in which the label has company: the other part.",
        ),
        (
            alone_share_unguarded,
            "Nearly: no picture shows this label, so you divide by zero. Give 0.0 then.",
        ),
        (
            alone_share_with_nan,
            "Nearly: no picture shows this label, and 0 divided by 0 is NaN here. Give 0.0 then.",
        ),
        (
            alone_share_by_parts_of_words(if_none=0.0),
            'A "cart" is no "car": look for the label in text.split(), not in the text.',
        ),
        (
            alone_share_by_parts_of_words(if_none=np.nan),
            'A "cart" is no "car": look for the label in text.split(), not in the text. And give '
            "0.0 if no picture shows it.",
        ),
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
    hints=(
        'For "car person" both give ["car", "person"]. What else may stand in a cell of labels?',
        'Not every picture shows one of the 20 classes. Its cell is "". What must come out then?',
    ),
    blind=(
        (
            lambda text: text and text == " ".join(text.split()),
            "All your cells hold names, with one blank between. Does every picture show something?",
        ),
    ),
    lenient="The mutant's list holds a name without a letter, and your assert accepts it.",
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
    hints=(
        "In a fresh table the row labels are 0, 1, 2 …, just like the positions. When not?",
        "Take some rows out, or shuffle them, or give pd.DataFrame an index=[…] of your own.",
        "Count by hand at which positions the True values stand, and assert that list.",
    ),
    blind=(
        (
            lambda df: not df["is_valid"].any(),
            "No row of your table is for validation, so there is nothing to find.",
        ),
        (
            lambda df: df.index.tolist() == list(range(len(df))),
            "Your table has a fresh index: its row labels and its positions are the same numbers.",
        ),
    ),
    lenient="The numbers differ, and your assert accepts both. How many there are is not enough: "
    "assert which.",
)

EXERCISES = {
    "last_two": LAST_TWO,
    "classes_in": CLASSES_IN,
    "predict": PREDICT,
    "positions_of": POSITIONS_OF,
    "alone_share": ALONE_SHARE,
    "kill_blank": KILL_BLANK,
    "kill_row_labels": KILL_ROW_LABELS,
}
