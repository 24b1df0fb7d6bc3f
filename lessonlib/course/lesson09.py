"""The code of lesson 09: the questionnaire's three functions, and three longer exercises."""

import pandas as pd
import torch

from lessonlib.course.exercises import Exercise

VOCAB = ["cat", "dog", "sofa"]

# Asked by the questionnaire


def file_names(df):
    return df["fname"]


TABLE = pd.DataFrame({"fname": ["a.jpg", "b.jpg"], "labels": ["cat", "dog sofa"]})
FILE_NAMES = Exercise(
    solution=file_names,
    cases=((TABLE,), (TABLE[["labels", "fname"]],), (TABLE.iloc[::-1],), (TABLE.iloc[:0],)),
    hints=("A column has a name.", "A name in square brackets behind the table: df[…]."),
    mistakes=(
        (lambda df: df.iloc[:, 0], "That is the leftmost column, whichever it is. Use the name."),
        (lambda df: df[["fname"]], "Two pairs of brackets give a table with one column."),
        (lambda df: df["fname"].tolist(), "That is a plain list. A Series keeps its row labels."),
        (
            lambda df: df["fname"].reset_index(drop=True),
            "The row labels are new. Leave the column as it is.",
        ),
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
    hints=(
        "The result is as long as vocab and in its order.",
        "Walk over vocab; write 1.0 where the name is in labels, else 0.0.",
    ),
    mistakes=(
        (
            lambda labels, vocab: [vocab.index(name) for name in labels],
            "These are positions. Write a 1 at each of them, in a row of zeros.",
        ),
        (
            lambda labels, vocab: [1.0 if name in vocab else 0.0 for name in labels],
            "Walk over vocab, not over labels: every class has its place.",
        ),
        (
            lambda labels, vocab: multi_hot(" ".join(labels), vocab),
            "A name inside another name is found too. Look into the list, not into a text.",
        ),
        (
            lambda labels, vocab: multi_hot(labels[:1], vocab),
            "Only the first label counts here. There may be several, or none.",
        ),
    ),
)


def labels_of(row):
    return row["labels"].split()


LABELS_OF = Exercise(
    solution=labels_of,
    cases=(({"labels": "chair person"},), ({"labels": ""},), ({"labels": "cat"},)),
    hints=("A multi-category target is a list of texts.", "What does ''.split() give?"),
    mistakes=(
        (lambda row: row["labels"], "That is a text. Walked over, it becomes single letters."),
        (
            lambda row: row["labels"].split(" "),
            "Split at a blank, an empty text gives ['']: a class without a name.",
        ),
        (
            lambda row: [row["labels"]],
            "That is a list with one text in it, two labels glued together.",
        ),
        (lambda row: list(row["labels"]), "list() of a text gives its letters."),
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
    hints=(
        "First a probability for each cell, then a yes or no, then names.",
        "said = activations.sigmoid() > thresh; then a list comprehension for each row of said.",
    ),
    mistakes=(
        (
            lambda activations, vocab, thresh=0.5: named(activations.sigmoid() >= thresh, vocab),
            "Nearly: a probability equal to the threshold is not above it. Use > instead of >=.",
        ),
        (
            lambda activations, vocab, thresh=0.5: named(activations > thresh, vocab),
            "Activations are compared with a probability here: the sigmoid is missing.",
        ),
        (
            lambda activations, vocab, thresh=0.5: [[vocab[k]] for k in activations.argmax(dim=1)],
            "argmax names exactly one class. There may be several, or none.",
        ),
        (
            lambda activations, vocab, thresh=0.5: named(
                activations.softmax(dim=1) > thresh, vocab
            ),
            "Softmax makes the classes compete. Each is a yes or no of its own: sigmoid.",
        ),
        (
            lambda activations, vocab, thresh=0.5: named(activations.sigmoid() > 0.5, vocab),
            "It works for 0.5, but the argument thresh is not used.",
        ),
        (
            lambda activations, vocab, thresh=0.5: named(
                activations.sigmoid().sigmoid() > thresh, vocab
            ),
            "The sigmoid is taken twice. Then everything is above 0.5.",
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
    hints=(
        "Which function makes an independent probability out of each activation?",
        "There is a second bug: which cost does torch.where give where the target is 1?",
    ),
    mistakes=(
        (both_bugs, "Both bugs are still there. Look at the two lines one by one."),
        (with_softmax, "One bug is gone. The other: softmax makes the classes compete."),
        (swapped, "One bug is gone. The other: where the target is 1 the cost is −log p."),
        (
            lambda logits, targets: cost(logits, targets) * logits.numel(),
            "You added the cells up. The loss is their mean.",
        ),
        (
            lambda logits, targets: cost(logits.sigmoid(), targets),
            "The sigmoid is taken twice.",
        ),
    ),
)

TWO_UNITS = Exercise(
    solution=(0.75, 0.25),
    working="(9 / 12, 1 / 4)  # three wrong cells of 12; only the last picture is all right",
    rtol=1e-2,
    hints=(
        "Decide each of the 12 cells at 0.5, and mark those that differ from the target.",
        "Cells: the right ones of 12. Pictures: those of the 4 without any wrong cell.",
    ),
    mistakes=(
        ((0.25, 0.75), "The other way round, or the shares that are wrong."),
        ((0.25, 0.25), "The first number: count the cells that are right."),
        ((0.75, 0.75), "The second number: a picture counts only if all its cells are right."),
        ((0.75, 0.5), "Which pictures have no wrong cell at all? Look at the second once more."),
    ),
)

EXERCISES = {
    "file_names": FILE_NAMES,
    "multi_hot": MULTI_HOT,
    "labels_of": LABELS_OF,
    "decide": DECIDE,
    "cost": COST,
    "two_units": TWO_UNITS,
}
