"""The exercises of lesson 00: what is right, what it is tried on, what people really write."""

from lessonlib.course.exercises.grading import Exercise

ABOVE = Exercise(
    solution=3,
    working="3  # horse, person and dog",
    mistakes=(
        ("below_counted", 1),
        ("threshold_still_half", 2),
        ("too_small_counted", 4),
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
    mistakes=(
        (
            "equal_counts",
            lambda probabilities, threshold: [
                name for name, probability in probabilities.items() if probability >= threshold
            ],
        ),
        (
            "below_for_above",
            lambda probabilities, threshold: [
                name for name, probability in probabilities.items() if probability < threshold
            ],
        ),
        (
            "probabilities_for_names",
            lambda probabilities, threshold: [
                probability for probability in probabilities.values() if probability > threshold
            ],
        ),
        (
            "only_the_likeliest",
            lambda probabilities, threshold: [max(probabilities, key=probabilities.get)],
        ),
        ("sorted", lambda probabilities, threshold: sorted(labels_above(probabilities, threshold))),
        ("threshold_ignored", lambda probabilities, threshold: labels_above(probabilities, 0.5)),
    ),
)


def count_labels(texts):
    return sum(len(text.split()) for text in texts)


COUNT_LABELS = Exercise(
    solution=count_labels,
    cases=(([],), (["car"],), (["horse person", "", "car"],), (["dog", "dog cat", "cow sheep"],)),
    mistakes=(
        ("pictures_counted", len),
        ("empty_text_counts", lambda texts: sum(len(text.split(" ")) for text in texts)),
        ("letters_counted", lambda texts: sum(len(text) for text in texts)),
        ("each_name_once", lambda texts: len({name for text in texts for name in text.split()})),
        ("pictures_with_a_label", lambda texts: sum(text != "" for text in texts)),
    ),
)
