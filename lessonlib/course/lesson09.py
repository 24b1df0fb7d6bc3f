"""The code questions of the questionnaire: what is asked, what people write, what to tell them."""

from lessonlib.course.exercises import Exercise

VOCAB = ["cat", "dog", "sofa"]


def multi_hot(labels, vocab):
    return [1.0 if name in labels else 0.0 for name in vocab]


def positions(labels, vocab):
    return [vocab.index(name) for name in labels]


def in_order_of_labels(labels, vocab):
    return [1.0 if name in vocab else 0.0 for name in labels]


def letters_too(labels, vocab):
    return [1.0 if name in " ".join(labels) else 0.0 for name in vocab]


def always_one(labels, vocab):
    return multi_hot(labels[:1], vocab)


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
        (positions, "These are positions. Write a one at each of them, in a row of zeros."),
        (in_order_of_labels, "Walk over vocab, not over labels: every class has its place."),
        (letters_too, "A name inside another name is found too. Ask the list, not a text."),
        (always_one, "Only the first label counts here. There may be several."),
    ),
)

EXERCISES = {"multi_hot": MULTI_HOT}
