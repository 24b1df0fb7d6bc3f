"""Lesson 02: each exercise takes its solution, and names the mistakes that people make."""

import pytest
import torch
from lessons import hears

from lessonlib.course.exercises.asking import grade
from lessonlib.course.exercises.tasks import code_of
from lessonlib.data import BatchSampler, Datasets


def cut_by_counting(positions, batch_size):
    batches = len(positions) // batch_size + 1
    return [positions[i * batch_size : (i + 1) * batch_size] for i in range(batches)]


def cut_full_ones(positions, batch_size):
    batches = len(positions) // batch_size
    return [positions[i * batch_size : (i + 1) * batch_size] for i in range(batches)]


def cut_one_too_few(positions, batch_size):
    batches, start = [], 0
    while start < len(positions) - batch_size:
        batches.append(positions[start : start + batch_size])
        start += batch_size
    return batches


def cut_before_the_last(positions, batch_size):
    starts = range(0, len(positions) - 1, batch_size)
    return [positions[start : start + batch_size] for start in starts]


def cut_one_too_many(positions, batch_size):
    return [*code_of("02").cut(positions, batch_size), []]


def pad(picture, height, width, front=False):
    """torch's own padding: the numbers are left, right, top, bottom."""
    down, right = height - picture.shape[1], width - picture.shape[2]
    edges = (right, 0, down, 0) if front else (0, right, 0, down)
    return torch.nn.functional.pad(picture, edges)


def largest(pictures):
    return max(p.shape[1] for p in pictures), max(p.shape[2] for p in pictures)


def padded_by_torch(pictures, front=False):
    return torch.stack([pad(p, *largest(pictures), front) for p in pictures])


def padded_square(pictures):
    return torch.stack([pad(p, *[max(largest(pictures))] * 2) for p in pictures])


def padded_like_the_first(pictures):
    batch = pictures[0].new_zeros(len(pictures), *pictures[0].shape)
    for number, p in enumerate(pictures):
        batch[number, :, : p.shape[1], : p.shape[2]] = p
    return batch


def padded_for_grey(pictures):
    batch = torch.zeros(len(pictures), 1, *largest(pictures))
    for number, p in enumerate(pictures):
        batch[number, :, : p.shape[1], : p.shape[2]] = p
    return batch


def cropped(pictures):
    height, width = (min(p.shape[side] for p in pictures) for side in (1, 2))
    return torch.stack([p[:, :height, :width] for p in pictures])


def name(row):
    return row["fname"]


def letters(row):
    return len(row["labels"])


def pieces(row):
    return len(row["labels"].split(" "))


def count(row):
    return len(row["labels"].split())


def items(*chains):
    return lambda df: [item for item in Datasets(df, chains)]


@pytest.mark.parametrize(
    "name, answer, words",
    [
        ("predict", [20, 20, 40], "are a batch too"),
        ("predict", [21, 21, 40], "leaves the short batch out"),
        ("predict", [21, 20, 8], "what the short batch lacks"),
        ("cut", cut_one_too_few, "even where it would be full"),
        ("cut", cut_full_ones, "that is drop_last"),
        ("cut", cut_before_the_last, "A last batch of one is lost"),
        ("cut", cut_by_counting, "one step too far"),
        ("cut", cut_one_too_many, "always an empty batch"),
        ("columns", lambda rows: [list(c) for c in zip(*rows, strict=True)], "inside are lists"),
        (
            "columns",
            lambda rows: [tuple(r[i] for r in rows) for i, _ in enumerate(rows)],
            "You count the rows",
        ),
        (
            "columns",
            lambda rows: [tuple(r[i] for i in range(len(r))) for r in rows],
            "Swap the two loops",
        ),
        (
            "columns",
            lambda rows: [row[i] for i in range(len(rows[0])) for row in rows],
            "one flat list",
        ),
        ("padded", lambda pictures: torch.stack(pictures), "one shape only"),
        ("padded", padded_like_the_first, "maximum over all"),
        ("padded", padded_square, "a maximum each"),
        ("padded", lambda pictures: padded_by_torch(pictures, front=True), "above and to the left"),
        ("padded", padded_for_grey, "a colour picture has three"),
        ("padded", cropped, "Nothing may be lost"),
        ("name_and_count", lambda df: Datasets(df, [[name], [count]]), "Put list(…) around"),
        ("name_and_count", items(name, count), "A chain is a list"),
        ("name_and_count", items([name], count), "A chain is a list"),
        ("name_and_count", items([name], [letters]), "letters of the text"),
        ("name_and_count", items([name], [pieces]), 'but "".split(" ") has one part'),
        ("name_and_count", items([name, count]), "no row any more"),
        ("name_and_count", items([lambda row: (name(row), count(row))]), "tuples of one part"),
    ],
)
def test_a_tempting_wrong_answer_hears_its_mistake(name, answer, words):
    assert words in hears(f"02.{name}", answer)


def test_another_right_way_is_right_too():
    def cut_by_our_sampler(positions, batch_size):
        return list(BatchSampler(positions, batch_size))

    assert "right" in grade("02.cut", cut_by_our_sampler)
    assert "right" in grade("02.columns", lambda rows: list(zip(*rows, strict=True)))
    assert "right" in grade("02.padded", padded_by_torch)
    assert "right" in grade("02.name_and_count", items([name], [count]))


def test_a_prediction_that_is_wrong_is_not_given_away():
    assert "expected" not in hears("02.predict", [1, 1, 1])
