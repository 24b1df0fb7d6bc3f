"""The exercises of lesson 03: what is asked, what people really write, what to tell them."""

from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from lessonlib.course.exercises import Exercise
from lessonlib.course.killing import Kill
from lessonlib.getters import FuncSplitter

# What people write at each of the three places, with the reason why it is wrong.
PLACES = (
    {
        804: "",
        803: "The first is not right: 0.2 · 1004 is 200.8, and int cuts that to 200.",
        1004: "The first is not right: the validation items do not train.",
    },
    {
        12: "",
        13: "The second is not right: training drops its last short batch.",
        15: "The second is not right: only the training items are in training batches.",
    },
    {
        4: "",
        3: "The third is not right: validation keeps its last short batch.",
    },
)
RIGHT, *WRONG = (
    ([number for number, _ in places], " ".join(why for _, why in places if why))
    for places in product(*(place.items() for place in PLACES))
)
PREDICT = Exercise(
    solution=RIGHT[0],
    hints=(
        "int(0.2 * 1004) rows are for validation. int cuts off what stands after the point.",
        "How many full batches of 64 can be made of the training items? In validation the short "
        "batch counts as well.",
    ),
    mistakes=(
        (
            [200, 3, 13],
            "Training and validation are the wrong way round: 0.2 is validation's share.",
        ),
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
    hints=(
        'row["tags"].split(";") cuts at each semicolon. What is wrong with the pieces?',
        "piece.strip() takes the blanks off both ends and leaves those inside.",
        "Keep a piece only if something is left of it after strip().",
    ),
    mistakes=(
        (
            lambda row: row["tags"].split(";"),
            "The pieces keep their blanks: ' dog' and 'dog' would be two classes. Use strip().",
        ),
        (
            lambda row: [tag.strip() for tag in row["tags"].split(";")],
            'There is an empty tag: "".split(";") is [\'\'], a class without a name. Leave it out.',
        ),
        (
            lambda row: [tag.strip() for tag in row["tags"].split(";") if tag],
            "A piece of blanks only is not empty before strip(). Strip first, then ask.",
        ),
        (
            lambda row: row["tags"].replace(";", " ").split(),
            "A tag may have a blank inside: 'polar bear' is one tag. Cut at the semicolons only.",
        ),
        (
            lambda row: sorted(get_tags(row)),
            "The tags are right, but sorted. Keep the order of the text.",
        ),
        (
            lambda row: row["tags"],
            "That is the text itself. A list is asked for: a text would become letters.",
        ),
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
    hints=(
        "probabilities > thresh is a mask. Which names belong to its True values?",
        "zip(vocab, probabilities) walks over both at once, in pairs of a name and a probability.",
        "A list comprehension with an if at its end keeps some of the names.",
    ),
    mistakes=(
        (
            lambda probabilities, vocab, thresh: [vocab[int(probabilities.argmax())]],
            "argmax gives exactly one name. There may be several, or none.",
        ),
        (
            lambda probabilities, vocab, thresh: torch.where(probabilities > thresh)[0].tolist(),
            "These are positions. Look each of them up in the vocabulary.",
        ),
        (
            lambda probabilities, vocab, thresh: (probabilities > thresh).tolist(),
            "That is the mask itself. Give the names where it is True.",
        ),
        (
            lambda probabilities, vocab, thresh: [
                name for name, p in zip(vocab, probabilities, strict=True) if p >= thresh
            ],
            "A probability exactly at the threshold is not above it: use >.",
        ),
        (
            lambda probabilities, vocab, thresh: decode(probabilities, vocab, 0.5),
            "It works for 0.5, but the argument thresh is not used.",
        ),
        (
            lambda probabilities, vocab, thresh: [
                name for name, p in zip(vocab, probabilities, strict=True) if p
            ],
            "Every probability above zero counts as True. Compare it with the threshold.",
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
    hints=(
        'lambda o: "13" gives a text for every path. What should it be asked instead?',
        "path.parent is the folder of a file, and .name the last part of a path.",
        "Compare the folder's name with the text '13': a comparison gives True or False.",
    ),
    mistakes=(
        (
            lambda path: "13",
            "That is the published bug: the text '13' for every path. Compare with it.",
        ),
        (
            lambda path: path.parent.name,
            "That is the name of the folder. Is it '13'? Compare: == gives True or False.",
        ),
        (
            lambda path: "13" in str(path),
            "Frame 13 of another person has 13 in its path too. Look at the folder only.",
        ),
        (
            lambda path: "13" in path.parts,
            "A folder 13 further up would count as well. Look at the last folder: path.parent.",
        ),
        (
            lambda path: "13" in path.parent.name,
            "A folder 113 would count as well. Compare the whole name with ==.",
        ),
        (
            lambda path: path.parent.name == 13,
            "That is never True. Compare two texts: the folder's name (path.parent.name) and '13'.",
        ),
        (
            lambda path: path.parent.name != "13",
            "The wrong way round: True means validation, and person 13 is to be held out.",
        ),
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
    hints=(
        "Positions count from 0. At which position is the third item?",
        "range(2, len(items), 3) are the positions for validation.",
        "position % 3 is what is left after dividing by 3. For which positions is that 2?",
    ),
    mistakes=(
        (
            thirds_from(0),
            "You begin with the first item. The third one is at position 2.",
        ),
        (
            thirds_from(3),
            "Position 3 is the fourth item: positions count from 0.",
        ),
        (
            lambda items: every_third(items)[::-1],
            "The two lists are the wrong way round: training comes first.",
        ),
        (
            third_labels,
            "Right for lists, but for a DataFrame these are row labels. Count with len(items).",
        ),
        (
            third_items,
            "These are the items. A splitter gives their positions.",
        ),
        (
            lambda items: (list(range(len(items))), every_third(items)[1]),
            "Training has every position: the validation items would be trained with.",
        ),
        (
            thirds_from(2, end=1),
            "The last item is lost when it is a third one. Where does range stop?",
        ),
        (
            lambda items: [position % 3 == 2 for position in range(len(items))],
            "That is a mask. Give two lists of positions: where it is False, where it is True.",
        ),
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
    hints=(
        'name.rsplit("_", 1) cuts a name in two at its last "_".',
        "Ask for each name whether its scene is in scenes: that makes a list of True and False.",
        "enumerate gives positions. Collect those with False, then those with True.",
    ),
    mistakes=(
        (
            split_where(lambda name, scenes: name.split("_")[0] in scenes),
            "You cut at the first \"_\": 'back_yard_1.jpg' is no picture of the scene 'back'.",
        ),
        (
            split_where(lambda name, scenes: any(name.startswith(scene) for scene in scenes)),
            "A name may begin alike and be another scene: 'hallway' is no 'hall'.",
        ),
        (
            split_where(lambda name, scenes: any(scene in name for scene in scenes)),
            "A scene's name may be part of another's: 'hall' is in 'town_hall'. Compare all of it.",
        ),
        (
            lambda names, scenes: split_scenes(names, scenes)[::-1],
            "The two lists are the wrong way round: training comes first.",
        ),
        (
            lambda names, scenes: tuple(
                [names[position] for position in split] for split in split_scenes(names, scenes)
            ),
            "These are the names. Give their positions.",
        ),
        (
            split_where(lambda name, scenes: name in scenes),
            "No name of a file is a scene: take off the number and '.jpg' first.",
        ),
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
    hints=(
        "Three paths are enough. Which of them are for training, and which for validation?",
        "Let one of three paths be in the folder 13, and not at position 13. Assert both lists.",
    ),
    blind=(
        (
            lambda paths: all(map(is_13, paths)),
            "All your paths are of person 13. Let there be others, who have to train.",
        ),
    ),
    lenient="Both hold something out, and your assert does not ask what. Assert the two lists of "
    "positions.",
)

EXERCISES = {
    "predict": PREDICT,
    "get_tags": GET_TAGS,
    "decode": DECODE,
    "is_13": IS_13,
    "every_third": EVERY_THIRD,
    "split_scenes": SPLIT_SCENES,
    "kill_thirteen": KILL_THIRTEEN,
}
