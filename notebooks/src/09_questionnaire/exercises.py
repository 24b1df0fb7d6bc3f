"""The code of lesson 09: the questionnaire's three functions, and three longer exercises."""

import pandas as pd
import torch

from lessonlib.course.exercises.grading import Exercise

VOCAB = ["cat", "dog", "sofa"]

# Asked by the questionnaire


def file_names(df):
    return df["fname"]


TABLE = pd.DataFrame({"fname": ["a.jpg", "b.jpg"], "labels": ["cat", "dog sofa"]})
FILE_NAMES = Exercise(
    solution=file_names,
    cases=((TABLE,), (TABLE[["labels", "fname"]],), (TABLE.iloc[::-1],), (TABLE.iloc[:0],)),
    mistakes=(
        ("leftmost_column", lambda df: df.iloc[:, 0]),
        ("table_for_column", lambda df: df[["fname"]]),
        ("list_for_series", lambda df: df["fname"].tolist()),
        ("new_row_labels", lambda df: df["fname"].reset_index(drop=True)),
    ),
)


def multi_hot(labels, vocab):
    return [1.0 if name in labels else 0.0 for name in vocab]


MULTI_HOT = Exercise(
    solution=multi_hot,
    cases=(
        (["sofa", "cat"], VOCAB),
        ([], VOCAB),
        (["sofa"], ["cat", "dog", "sofa", "so"]),
        (["dog"], VOCAB),
    ),
    mistakes=(
        ("positions_for_row", lambda labels, vocab: [vocab.index(name) for name in labels]),
        (
            "walks_over_labels",
            lambda labels, vocab: [1.0 if name in vocab else 0.0 for name in labels],
        ),
        ("name_within_a_name", lambda labels, vocab: multi_hot(" ".join(labels), vocab)),
        ("first_label_only", lambda labels, vocab: multi_hot(labels[:1], vocab)),
    ),
)


def labels_of(row):
    return row["labels"].split()


LABELS_OF = Exercise(
    solution=labels_of,
    cases=(({"labels": "chair person"},), ({"labels": ""},), ({"labels": "cat"},)),
    mistakes=(
        ("text_for_list", lambda row: row["labels"]),
        ("empty_class_name", lambda row: row["labels"].split(" ")),
        ("one_text", lambda row: [row["labels"]]),
        ("letters_for_names", lambda row: list(row["labels"])),
    ),
)

# Asked in cells


def decide(activations, vocab, thresh=0.5):
    said = activations.sigmoid() > thresh
    return [[name for name, yes in zip(vocab, row, strict=True) if yes] for row in said]


def named(said, vocab):
    return [[name for name, yes in zip(vocab, row, strict=True) if yes] for row in said]


ACTIVATIONS = torch.tensor([[0.3, -2.0, 4.0], [-1.0, -3.0, -0.2], [2.0, 0.7, 1.5]])
DECIDE = Exercise(
    solution=decide,
    cases=(
        (torch.tensor([[2.0, -2.0, 2.0]]), VOCAB),
        (ACTIVATIONS, VOCAB),
        (ACTIVATIONS, VOCAB, 0.8),
        (ACTIVATIONS, VOCAB, 0.2),
        (torch.zeros(1, 3), VOCAB),
    ),
    mistakes=(
        (
            "equal_counts",
            lambda activations, vocab, thresh=0.5: named(activations.sigmoid() >= thresh, vocab),
        ),
        (
            "sigmoid_missing",
            lambda activations, vocab, thresh=0.5: named(activations > thresh, vocab),
        ),
        (
            "only_the_likeliest",
            lambda activations, vocab, thresh=0.5: [[vocab[k]] for k in activations.argmax(dim=1)],
        ),
        (
            "softmax",
            lambda activations, vocab, thresh=0.5: named(
                activations.softmax(dim=1) > thresh, vocab
            ),
        ),
        (
            "threshold_ignored",
            lambda activations, vocab, thresh=0.5: named(activations.sigmoid() > 0.5, vocab),
        ),
        (
            "sigmoid_twice",
            lambda activations, vocab, thresh=0.5: named(
                activations.sigmoid().sigmoid() > thresh, vocab
            ),
        ),
    ),
)


def cost(logits, targets):
    p = logits.sigmoid()
    return -torch.where(targets == 1, p, 1 - p).log().mean()


def with_softmax(logits, targets):
    p = logits.softmax(dim=1)
    return -torch.where(targets == 1, p, 1 - p).log().mean()


def swapped(logits, targets):
    return cost(logits, 1 - targets)


def both_bugs(logits, targets):
    return with_softmax(logits, 1 - targets)


LOGITS = torch.tensor([[2.0, -1.0, 0.5], [-2.0, 0.3, 1.0]])
TARGETS = torch.tensor([[1.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
COST = Exercise(
    solution=cost,
    cases=(
        (torch.tensor([[3.0, -3.0]]), torch.tensor([[1.0, 0.0]])),
        (LOGITS, TARGETS),
        (LOGITS.T, TARGETS.T),
    ),
    mistakes=(
        ("both_bugs", both_bugs),
        ("softmax", with_softmax),
        ("cases_swapped", swapped),
        ("sum_for_mean", lambda logits, targets: cost(logits, targets) * logits.numel()),
        ("sigmoid_twice", lambda logits, targets: cost(logits.sigmoid(), targets)),
    ),
)

TWO_UNITS = Exercise(
    solution=(0.75, 0.25),
    working="(9 / 12, 1 / 4)  # three wrong cells of 12; only the last picture is all right",
    rtol=1e-2,
    mistakes=(
        ("wrong_for_right", (0.25, 0.75)),
        ("cells_not_counted", (0.25, 0.25)),
        ("pictures_not_counted", (0.75, 0.75)),
        ("pictures_miscounted", (0.75, 0.5)),
    ),
)
