"""The exercises of lesson 02: what is asked, what people really write, what to tell them."""

from operator import itemgetter

import torch

from lessonlib.course.comparing import AnyOf
from lessonlib.course.exercises import Exercise
from lessonlib.course.killing import Kill
from lessonlib.course.lesson01 import pictures as table
from lessonlib.data import BatchSampler, Datasets

PREDICT = Exercise(
    solution=[21, 20, 40],
    hints=(
        "How often does 48 go into 1,000, and how many pictures are left after that?",
        "20 times 48 is 960. The rest makes a batch as well, unless drop_last is set.",
    ),
    mistakes=(
        (
            [20, 20, 40],
            "The first is not right: the pictures that are left over are a batch too, a short one.",
        ),
        (
            [21, 21, 40],
            "The second is not right: drop_last leaves the short batch out.",
        ),
        (
            [21, 20, 8],
            "The third is not right: 8 is what the short batch lacks. How many are in it?",
        ),
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
    hints=(
        "Write down which numbers range gives for three positions and a batch size of 2.",
        "The numbers are where batches begin. The last batch may begin anywhere before the end.",
        "range(0, len(positions), batch_size) begins a batch as long as a position is left.",
    ),
    mistakes=(
        (
            cut_until(lambda n, batch_size: n - batch_size),
            "The last batch is missing, even where it would be full. Where does range stop?",
        ),
        (
            cut_until(lambda n, batch_size: n - batch_size + 1),
            "Full batches are all there, but a short last one is lost: that is drop_last.",
        ),
        (
            cut_until(lambda n, batch_size: n - 1),
            "A last batch of one is lost: range leaves its end out already, so there is no - 1.",
        ),
        (
            cut_until(lambda n, batch_size: n + 1),
            "Where the numbers divide, the last batch is empty: range goes one step too far.",
        ),
        (
            cut_until(lambda n, batch_size: n + batch_size),
            "There is always an empty batch at the end: range goes too far.",
        ),
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
    hints=(
        "How many tuples does the result have? As many as one row has parts: len(rows[0]).",
        "Tuple number `part` holds row[part] of every row.",
        "tuple(row[part] for row in rows) is one of them; do it for each part in "
        "range(len(rows[0])).",
    ),
    mistakes=(
        (
            lambda rows: [[row[part] for row in rows] for part in range(len(rows[0]))],
            "The values are right, but inside are lists. Make tuples of them: tuple(… for …).",
        ),
        (
            lambda rows: [tuple(row[part] for row in rows) for part in range(len(rows))],
            "You count the rows. There is one tuple for each part of a row: len(rows[0]).",
        ),
        (
            lambda rows: [tuple(row) for row in rows],
            "These are the rows again. Swap the two loops: outside the parts, inside the rows.",
        ),
        (
            lambda rows: [value for part in columns(rows) for value in part],
            "The order is right, but it is one flat list. Keep each part in a tuple of its own.",
        ),
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
    hints=(
        "First find the greatest height and the greatest width. They may come from two different "
        "pictures.",
        "torch.zeros(len(pictures), channels, height, width) is a batch of empty pages; channels "
        "is pictures[0].shape[0].",
        "Copy each picture into its page: page[:, :h, :w] = picture, with h and w its own size.",
    ),
    mistakes=(
        (
            torch.stack,
            "stack takes pictures of one shape only. Make a batch of zeros that is large enough, "
            "and copy each picture into it.",
        ),
        (
            padded_into(lambda pictures: pictures[0].shape[1:]),
            "That works as long as the first picture is the largest. Take the maximum over all.",
        ),
        (
            padded_into(lambda pictures: [max(largest(pictures))] * 2),
            "The batch is larger than needed: height and width have a maximum each.",
        ),
        (
            padded_into(largest, in_front=True),
            "The zeros are above and to the left. They belong below and to the right.",
        ),
        (
            padded_into(largest, channels=1),
            "That is right for one channel, but a colour picture has three: pictures[0].shape[0].",
        ),
        (
            cut_to_the_smallest,
            "You cut down to the smallest. Nothing may be lost: fill up to the largest.",
        ),
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
    hints=(
        "The items are tuples of two parts, so there are two chains: [[…], […]].",
        "A chain may have several functions. The second could make a list of names first.",
        "len is a function like any other, so it can be the last one of a chain.",
    ),
    mistakes=(
        (
            lambda df: AnyOf(Datasets),
            "These are the Datasets themselves. Put list(…) around them.",
        ),
        (
            items_with(lambda row: row["fname"], lambda row: len(row["labels"].split())),
            "A chain is a list, even of one function: [[name], [count]].",
        ),
        (
            items_with([itemgetter("fname")], [itemgetter("labels"), len]),
            "You counted the letters of the text. Split it first.",
        ),
        (
            items_with([itemgetter("fname")], [lambda row: len(row["labels"].split(" "))]),
            'A picture without labels has 0 of them, but "".split(" ") has one part. Use .split() '
            "without an argument.",
        ),
        (
            items_with([itemgetter("fname"), itemgetter("labels"), len]),
            "One chain: its second function gets what the first one gave, and that is no row any "
            "more. Make two chains: [[…], […]].",
        ),
        (
            items_with([lambda row: (row["fname"], len(row["labels"].split()))]),
            "One chain gives tuples of one part, with your pair in it. Make two chains.",
        ),
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
    hints=(
        "Four items in twos make two full batches, and both versions give them. What about five?",
        "Choose numbers that do not divide, and write down all batches, the short one too.",
    ),
    blind=(
        (
            lambda positions, batch_size: len(positions) % batch_size == 0,
            "Your numbers divide without a rest: no batch is short, so none can be lost.",
        ),
    ),
    lenient="Items are missing, and your assert does not notice. Where is each of them?",
)

EXERCISES = {
    "predict": PREDICT,
    "cut": CUT,
    "columns": COLUMNS,
    "padded": PADDED,
    "name_and_count": NAME_AND_COUNT,
    "kill_lost_batch": KILL_LOST_BATCH,
}
