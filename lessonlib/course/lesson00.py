"""The exercises of lesson 00: what is asked, what people really write, what to tell them."""

from lessonlib.course.exercises import Exercise

ABOVE = Exercise(
    solution=3,
    working="3  # horse, person and dog",
    hints=("Move the slider to 0.30 and count.", "0.93, 0.62 and 0.34 are above 0.3."),
    mistakes=(
        (1, "That is how many are below 0.3."),
        (2, "That is the count at 0.5. The line is lower now."),
        (4, "0.04 is not above 0.3."),
    ),
)


def labels_above(probabilities, threshold):
    return [name for name, probability in probabilities.items() if probability > threshold]


PROBABILITIES = {"person": 0.9, "cow": 0.5, "cat": 0.1}
LABELS_ABOVE = Exercise(
    solution=labels_above,
    cases=(
        ({"cow": 0.7, "cat": 0.2, "dog": 0.8}, 0.5),
        (PROBABILITIES, 0.05),
        (PROBABILITIES, 0.5),
        (PROBABILITIES, 0.95),
    ),
    hints=(
        "probabilities.items() gives pairs of a name and its probability.",
        "Begin with an empty list and append the name when its probability > threshold.",
    ),
    mistakes=(
        (
            lambda probabilities, threshold: [
                name for name, probability in probabilities.items() if probability >= threshold
            ],
            "Nearly: a probability equal to the threshold is not above it. Use > instead of >=.",
        ),
        (
            lambda probabilities, threshold: [
                name for name, probability in probabilities.items() if probability < threshold
            ],
            "These are the names below the threshold.",
        ),
        (
            lambda probabilities, threshold: [
                probability for probability in probabilities.values() if probability > threshold
            ],
            "These are the probabilities. The names are asked for.",
        ),
        (
            lambda probabilities, threshold: [max(probabilities, key=probabilities.get)],
            "That is always one name, the likeliest. It may be several, or none.",
        ),
        (
            lambda probabilities, threshold: sorted(labels_above(probabilities, threshold)),
            "Keep the order of the dictionary: do not sort.",
        ),
        (
            lambda probabilities, threshold: labels_above(probabilities, 0.5),
            "It works for 0.5, but the argument threshold is not used.",
        ),
    ),
)


def count_labels(texts):
    return sum(len(text.split()) for text in texts)


COUNT_LABELS = Exercise(
    solution=count_labels,
    cases=(([],), (["car"],), (["horse person", "", "car"],), (["dog", "dog cat", "cow sheep"],)),
    hints=(
        '"horse person".split() is a list of two names. What is "".split()?',
        "Add up len(text.split()) over all texts.",
    ),
    mistakes=(
        (len, "That is the number of pictures. A picture may have several labels, or none."),
        (
            lambda texts: sum(len(text.split(" ")) for text in texts),
            'An empty text counts as one here, since "".split(" ") is [""]. Use split().',
        ),
        (
            lambda texts: sum(len(text) for text in texts),
            "These are the letters. Split each text into names first.",
        ),
        (
            lambda texts: len({name for text in texts for name in text.split()}),
            "That counts each name once. A label that occurs twice counts twice.",
        ),
        (
            lambda texts: sum(text != "" for text in texts),
            "That is the number of pictures with any label. Some have two.",
        ),
    ),
)

EXERCISES = {"above": ABOVE, "labels_above": LABELS_ABOVE, "count_labels": COUNT_LABELS}
