"""The exercises of lesson 03: what is right, what it is tried on, what people really write."""

from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from lessonlib.course.exercises.grading import Exercise
from lessonlib.course.exercises.killing import Kill
from lessonlib.getters import FuncSplitter

# What people write at each of the three places, with the mistake that it is.
PLACES = (
    {804: "", 803: "not_cut_to_200", 1004: "validation_trains"},
    {12: "", 13: "short_batch_kept", 15: "all_items_in_batches"},
    {4: "", 3: "short_batch_lost"},
)
RIGHT, *WRONG = (
    ("+".join(name for _, name in places if name), [number for number, _ in places])
    for places in product(*(place.items() for place in PLACES))
)
PREDICT = Exercise(
    solution=RIGHT[1],
    mistakes=(
        ("parts_swapped", [200, 3, 13]),
        *WRONG,
    ),
)


def tags_row(text):
    """A row of the friend's table."""
    return pd.Series({"file": "7.jpg", "tags": text})


def get_tags(row):
    tags = [tag.strip() for tag in row["tags"].split(";")]
    return [tag for tag in tags if tag]


GET_TAGS = Exercise(
    solution=get_tags,
    cases=(
        (tags_row("cat"),),
        (tags_row("cat; dog"),),
        (tags_row(""),),
        (tags_row("dog ;cat;"),),
        (tags_row("polar bear; fish"),),
        (tags_row(" ; ;"),),
    ),
    mistakes=(
        ("blanks_kept", lambda row: row["tags"].split(";")),
        ("empty_tag", lambda row: [tag.strip() for tag in row["tags"].split(";")]),
        ("blank_tag", lambda row: [tag.strip() for tag in row["tags"].split(";") if tag]),
        ("cut_at_blanks", lambda row: row["tags"].replace(";", " ").split()),
        ("sorted", lambda row: sorted(get_tags(row))),
        ("text_for_list", lambda row: row["tags"]),
    ),
)

CLASSES = ["cat", "dog", "horse"]


def decode(probabilities, vocab, thresh):
    return [name for name, p in zip(vocab, probabilities, strict=True) if p > thresh]


DECODE = Exercise(
    solution=decode,
    cases=(
        (torch.tensor([0.9, 0.2, 0.6]), CLASSES, 0.5),
        (torch.tensor([0.9, 0.2, 0.6]), CLASSES, 0.75),
        (torch.tensor([0.1, 0.2, 0.3]), CLASSES, 0.5),
        (torch.tensor([0.5, 0.75, 0.25]), CLASSES, 0.5),
        (torch.tensor([0.25, 0.125]), ["b", "a"], 0.125),
    ),
    mistakes=(
        (
            "only_the_likeliest",
            lambda probabilities, vocab, thresh: [vocab[int(probabilities.argmax())]],
        ),
        (
            "positions_for_names",
            lambda probabilities, vocab, thresh: torch.where(probabilities > thresh)[0].tolist(),
        ),
        ("mask_for_names", lambda probabilities, vocab, thresh: (probabilities > thresh).tolist()),
        (
            "equal_counts",
            lambda probabilities, vocab, thresh: [
                name for name, p in zip(vocab, probabilities, strict=True) if p >= thresh
            ],
        ),
        (
            "threshold_ignored",
            lambda probabilities, vocab, thresh: decode(probabilities, vocab, 0.5),
        ),
        (
            "any_above_zero",
            lambda probabilities, vocab, thresh: [
                name for name, p in zip(vocab, probabilities, strict=True) if p
            ],
        ),
    ),
)


def is_13(path):
    return path.parent.name == "13"


IS_13 = Exercise(
    solution=is_13,
    cases=(
        (Path("biwi/13/frame_00003_rgb.jpg"),),
        (Path("biwi/02/frame_00003_rgb.jpg"),),
        (Path("biwi/02/frame_00013_rgb.jpg"),),
        (Path("biwi/113/frame_00003_rgb.jpg"),),
        (Path("set13/04/frame_00003_rgb.jpg"),),
        (Path("13/04/frame_00003_rgb.jpg"),),
    ),
    mistakes=(
        ("always_13", lambda path: "13"),
        ("name_for_answer", lambda path: path.parent.name),
        ("frame_13", lambda path: "13" in str(path)),
        ("any_folder_13", lambda path: "13" in path.parts),
        ("folder_113", lambda path: "13" in path.parent.name),
        ("never_true", lambda path: path.parent.name == 13),
        ("parts_swapped", lambda path: path.parent.name != "13"),
    ),
)


def rows(n, index=None):
    """A frame of n rows."""
    return pd.DataFrame({"fname": [f"{k}.jpg" for k in range(n)]}, index=index)


def two_lists(splits: Any, *arguments: Any) -> Any:
    """Two lists of positions as they are compared: tuples, ranges and arrays are as good."""
    if not isinstance(splits, list | tuple) or len(splits) != 2:
        return splits
    listed = (part.tolist() if hasattr(part, "tolist") else part for part in splits)
    return tuple(list(part) if isinstance(part, tuple | range) else part for part in listed)


def every_third(items):
    valid = list(range(2, len(items), 3))
    train = [position for position in range(len(items)) if position % 3 != 2]
    return train, valid


def third_items(items):
    """The items themselves in place of their positions."""
    rows = getattr(items, "iloc", items)
    return tuple([rows[position] for position in split] for split in every_third(items))


def third_labels(items):
    """Row labels of a frame, positions of a list."""
    labels = items.index if hasattr(items, "iloc") else range(len(items))
    return tuple([int(labels[position]) for position in split] for split in every_third(items))


def thirds_from(first, end=0):
    """The answer with another first validation item, and without the last `end` positions."""

    def wrong(items):
        valid = list(range(first, len(items) - end, 3))
        return [position for position in range(len(items)) if position not in valid], valid

    return wrong


EVERY_THIRD = Exercise(
    solution=every_third,
    compared=two_lists,
    cases=(
        (list("abcde"),),
        (list("ab"),),
        (list("abcdef"),),
        (rows(7),),
        (rows(6, index=[3, 5, 0, 2, 4, 1]),),
        (rows(4, index=[10, 20, 30, 40]),),
    ),
    mistakes=(
        ("from_the_first", thirds_from(0)),
        ("from_the_fourth", thirds_from(3)),
        ("parts_swapped", lambda items: every_third(items)[::-1]),
        ("row_labels_for_positions", third_labels),
        ("items_for_positions", third_items),
        ("trains_on_everything", lambda items: (list(range(len(items))), every_third(items)[1])),
        ("last_lost", thirds_from(2, end=1)),
        ("mask_for_positions", lambda items: [position % 3 == 2 for position in range(len(items))]),
    ),
)


def split_scenes(names, scenes):
    held_out = [name.rsplit("_", 1)[0] in scenes for name in names]
    train = [position for position, held in enumerate(held_out) if not held]
    valid = [position for position, held in enumerate(held_out) if held]
    return train, valid


def split_where(is_valid):
    """The answer with another question for each name."""

    def wrong(names, scenes):
        held_out = [bool(is_valid(name, scenes)) for name in names]
        return tuple(
            [position for position, held in enumerate(held_out) if held == side]
            for side in (False, True)
        )

    return wrong


SPLIT_SCENES = Exercise(
    solution=split_scenes,
    compared=two_lists,
    cases=(
        (["hall_1.jpg", "yard_1.jpg", "hall_2.jpg"], {"hall"}),
        (["hall_1.jpg", "yard_1.jpg", "den_1.jpg"], {"hall", "den"}),
        (["back_yard_1.jpg", "back_1.jpg", "yard_1.jpg"], {"back"}),
        (["back_yard_1.jpg", "hall_1.jpg"], {"back_yard"}),
        (["hallway_1.jpg", "hall_1.jpg"], {"hall"}),
        (["town_hall_1.jpg", "hall_1.jpg"], {"hall"}),
    ),
    mistakes=(
        ("first_underscore", split_where(lambda name, scenes: name.split("_")[0] in scenes)),
        (
            "alike_beginning",
            split_where(lambda name, scenes: any(name.startswith(scene) for scene in scenes)),
        ),
        (
            "part_of_a_name",
            split_where(lambda name, scenes: any(scene in name for scene in scenes)),
        ),
        ("parts_swapped", lambda names, scenes: split_scenes(names, scenes)[::-1]),
        (
            "names_for_positions",
            lambda names, scenes: tuple(
                [names[position] for position in split] for split in split_scenes(names, scenes)
            ),
        ),
        ("number_kept", split_where(lambda name, scenes: name in scenes)),
    ),
)


def take_13_as_a_position(paths):
    """What fastai makes of `lambda o: "13"`: a list of positions, each of them 13."""
    return [position for position in range(len(paths)) if position != 13], [13] * len(paths)


def test_split(split):
    paths = [Path("02/a.jpg"), Path("13/a.jpg"), Path("02/b.jpg")]
    assert split(paths) == ([0, 2], [1])


KILL_THIRTEEN = Kill(
    right=FuncSplitter(is_13),
    mutant=take_13_as_a_position,
    solution=test_split,
    blind=(("only_person_13", lambda paths: all(map(is_13, paths))),),
)
