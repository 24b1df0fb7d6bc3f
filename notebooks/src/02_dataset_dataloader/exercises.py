"""The exercises of lesson 02: what is right, what it is tried on, what people really write."""

from operator import itemgetter

import torch

from lessonlib.course.exercises.comparing import AnyOf
from lessonlib.course.exercises.grading import Exercise
from lessonlib.course.exercises.killing import Kill
from lessonlib.course.exercises.tasks import code_of
from lessonlib.data import BatchSampler, Datasets

table = code_of("01").pictures

PREDICT = Exercise(
    solution=[21, 20, 40],
    mistakes=(
        ("short_batch_forgotten", [20, 20, 40]),
        ("drop_last_forgotten", [21, 21, 40]),
        ("lack_for_rest", [21, 20, 8]),
    ),
)


def cut(positions, batch_size):
    return [positions[i : i + batch_size] for i in range(0, len(positions), batch_size)]


def cut_until(stop):
    """The exercise's loop with another end of the range."""

    def wrong(positions, batch_size):
        starts = range(0, stop(len(positions), batch_size), batch_size)
        return [positions[i : i + batch_size] for i in starts]

    return wrong


CUT = Exercise(
    solution=cut,
    cases=(([0, 1, 2], 2), ([3, 0, 2, 1], 2), (list(range(10)), 4), ([5], 3), ([], 2)),
    mistakes=(
        ("stops_a_batch_early", cut_until(lambda n, batch_size: n - batch_size)),
        ("drops_short_batch", cut_until(lambda n, batch_size: n - batch_size + 1)),
        ("loses_a_last_one", cut_until(lambda n, batch_size: n - 1)),
        ("empty_batch_where_it_divides", cut_until(lambda n, batch_size: n + 1)),
        ("empty_batch_always", cut_until(lambda n, batch_size: n + batch_size)),
    ),
)


def columns(rows):
    return [tuple(row[part] for row in rows) for part in range(len(rows[0]))]


COLUMNS = Exercise(
    solution=columns,
    cases=(
        ([(1, "a"), (2, "b")],),
        ([(1, "a"), (2, "b"), (3, "c")],),
        ([(1, 2, 3), (4, 5, 6)],),
        ([("a",), ("b",)],),
        ([(1, "a", 2)],),
    ),
    mistakes=(
        (
            "lists_inside",
            lambda rows: [[row[part] for row in rows] for part in range(len(rows[0]))],
        ),
        (
            "rows_counted",
            lambda rows: [tuple(row[part] for row in rows) for part in range(len(rows))],
        ),
        ("rows_again", lambda rows: [tuple(row) for row in rows]),
        ("flat", lambda rows: [value for part in columns(rows) for value in part]),
    ),
)


def picture(height, width, channels=1):
    """A picture [channels, height, width] whose values are 1, 2, 3, …"""
    return torch.arange(1.0, channels * height * width + 1).reshape(channels, height, width)


def padded(pictures):
    height = max(picture.shape[1] for picture in pictures)
    width = max(picture.shape[2] for picture in pictures)
    batch = torch.zeros(len(pictures), pictures[0].shape[0], height, width)
    for page, picture in zip(batch, pictures, strict=True):
        page[:, : picture.shape[1], : picture.shape[2]] = picture
    return batch


def largest(pictures):
    return [max(sizes) for sizes in zip(*(picture.shape[1:] for picture in pictures), strict=True)]


def padded_into(size_of, in_front=False, channels=None):
    """An answer with pages of another size, or with the zeros above and to the left."""

    def wrong(pictures):
        depth = channels or pictures[0].shape[0]
        batch = torch.zeros(len(pictures), depth, *size_of(pictures))
        for page, picture in zip(batch, pictures, strict=True):
            h, w = picture.shape[1:]
            (page[:, -h:, -w:] if in_front else page[:, :h, :w])[:] = picture
        return batch

    return wrong


def cut_to_the_smallest(pictures):
    h, w = (min(picture.shape[side] for picture in pictures) for side in (1, 2))
    return torch.stack([picture[:, :h, :w] for picture in pictures])


PADDED = Exercise(
    solution=padded,
    cases=(
        ([picture(1, 2), picture(1, 2)],),
        ([picture(1, 2), picture(1, 1)],),
        ([picture(1, 3), picture(2, 1)],),
        ([picture(2, 2), picture(3, 2), picture(1, 4)],),
        ([picture(1, 2, channels=3), picture(2, 1, channels=3)],),
        ([picture(1, 2)],),
    ),
    mistakes=(
        ("stacked", torch.stack),
        ("first_is_largest", padded_into(lambda pictures: pictures[0].shape[1:])),
        ("square", padded_into(lambda pictures: [max(largest(pictures))] * 2)),
        ("zeros_in_front", padded_into(largest, in_front=True)),
        ("one_channel", padded_into(largest, channels=1)),
        ("cut_to_smallest", cut_to_the_smallest),
    ),
)


def name_and_count(df):
    def name(row):
        return row["fname"]

    def labels(row):
        return row["labels"].split()

    return list(Datasets(df, [[name], [labels, len]]))


def items_with(*chains):
    """An answer with other chains of functions."""
    return lambda df: list(Datasets(df, chains))


NAME_AND_COUNT = Exercise(
    solution=name_and_count,
    cases=(
        (table(["dog", "cat dog"]),),
        (table(["person", "", "car person dog"]),),
        (table(["car person", "car"], index=[4, 7]),),
    ),
    mistakes=(
        ("datasets_for_list", lambda df: AnyOf(Datasets)),
        (
            "chain_is_no_list",
            items_with(lambda row: row["fname"], lambda row: len(row["labels"].split())),
        ),
        ("letters_counted", items_with([itemgetter("fname")], [itemgetter("labels"), len])),
        (
            "empty_text_counts",
            items_with([itemgetter("fname")], [lambda row: len(row["labels"].split(" "))]),
        ),
        ("one_chain", items_with([itemgetter("fname"), itemgetter("labels"), len])),
        ("pair_in_a_chain", items_with([lambda row: (row["fname"], len(row["labels"].split()))])),
    ),
)


def batches_of(positions, batch_size):
    return list(BatchSampler(positions, batch_size))


def full_batches_of(positions, batch_size):
    return list(BatchSampler(positions, batch_size, drop_last=True))


def test_batches(batches):
    assert batches([0, 1, 2], 2) == [[0, 1], [2]]


KILL_LOST_BATCH = Kill(
    right=batches_of,
    mutant=full_batches_of,
    solution=test_batches,
    blind=(
        ("divides_without_rest", lambda positions, batch_size: len(positions) % batch_size == 0),
    ),
)
