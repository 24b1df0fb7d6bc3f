"""Lesson 03: the exercises name the mistakes that people make (see also test_lessons.py)."""

import re

import numpy as np
import pytest
import torch
from lessons import hears

from lessonlib.block import DataBlock
from lessonlib.course.exercises.asking import grade
from lessonlib.course.exercises.tasks import code_of
from lessonlib.engine.transforms import Normalize
from lessonlib.getters import FuncSplitter, GroupSplitter, split_by

LESSON = code_of("03")
every_third = LESSON.every_third


def scene(name):
    return name[: name.rindex("_")]


@pytest.mark.parametrize(
    "name, answer, words",
    [
        ("predict", [1004 - round(200.8), 12, 4], "int cuts that"),
        ("predict", [804, -(-804 // 64), 4], "drops its last short batch"),
        ("predict", [804, 804 // 64, 200 // 64], "keeps its last short batch"),
        ("predict", [200, 200 // 64, -(-804 // 64)], "wrong way round"),
        ("predict", [1004, 1004 // 64, 4], "validation items do not train"),
        ("predict", [803, 13, 4], "int cuts that to 200. The second"),
        ("predict", [803, 13, 3], "its last short batch. The third"),
        ("predict", [804, 1004 // 64, 4], "only the training items"),
        ("get_tags", lambda row: list(row.tags.split(";")), "Use strip()"),
        ("get_tags", lambda row: list(map(str.strip, row["tags"].split(";"))), "an empty tag"),
        (
            "get_tags",
            lambda row: [t.strip() for t in filter(None, row["tags"].split(";"))],
            "Strip first",
        ),
        (
            "get_tags",
            lambda row: [w for tag in row["tags"].split(";") for w in tag.split()],
            "one tag",
        ),
        (
            "get_tags",
            lambda row: sorted(t.strip() for t in row["tags"].split(";") if t.strip()),
            "Keep the order",
        ),
        ("get_tags", lambda row: str(row["tags"]), "the text itself"),
        ("decode", lambda p, vocab, t: [vocab[p.tolist().index(max(p.tolist()))]], "one name"),
        ("decode", lambda p, vocab, t: [i for i, x in enumerate(p) if x > t], "positions"),
        ("decode", lambda p, vocab, t: [bool(x > t) for x in p], "the mask itself"),
        (
            "decode",
            lambda p, vocab, t: [v for v, x in zip(vocab, p, strict=True) if not x < t],
            "use >",
        ),
        (
            "decode",
            lambda p, vocab, t: [v for v, x in zip(vocab, p.round(), strict=True) if x],
            "not used",
        ),
        ("decode", lambda p, vocab, t: list(vocab), "Every probability above zero"),
        ("is_13", lambda path: str(13), "published bug"),
        ("is_13", lambda path: path.parts[-2], "name of the folder"),
        ("is_13", lambda path: "13" in path.as_posix(), "Look at the folder only"),
        ("is_13", lambda path: "13" in str(path.parent).split("/"), "Look at the last folder"),
        ("is_13", lambda path: path.parts[-2].endswith("13"), "whole name"),
        ("is_13", lambda path: path.parent == "13", "never True"),
        ("is_13", lambda path: 13 == path.parts[-2], "never True"),
        ("is_13", lambda path: not path.match("13/*.jpg"), "wrong way round"),
        (
            "every_third",
            lambda items: split_by(np.arange(len(items)) % 3 == 0),
            "The third one is at position 2",
        ),
        (
            "every_third",
            lambda items: split_by([i > 0 and i % 3 == 0 for i in range(len(items))]),
            "the fourth item",
        ),
        (
            "every_third",
            lambda items: split_by(np.arange(len(items)) % 3 < 2),
            "training comes first",
        ),
        (
            "every_third",
            lambda items: tuple(
                [getattr(items, "index", range(99))[i] for i in split]
                if hasattr(items, "iloc")
                else split
                for split in every_third(items)
            ),
            "row labels",
        ),
        (
            "every_third",
            lambda items: tuple(
                [items.iloc[i] if hasattr(items, "iloc") else items[i] for i in split]
                for split in every_third(items)
            ),
            "These are the items",
        ),
        (
            "every_third",
            lambda items: ([*range(len(items))], [*range(len(items))][2::3]),
            "Training has every position",
        ),
        (
            "every_third",
            lambda items: split_by([i % 3 == 2 and i < len(items) - 1 for i in range(len(items))]),
            "The last item is lost",
        ),
        ("every_third", lambda items: [(i + 1) % 3 == 0 for i in range(len(items))], "a mask"),
        (
            "split_scenes",
            lambda names, scenes: split_by([n.partition("_")[0] in scenes for n in names]),
            'first "_"',
        ),
        (
            "split_scenes",
            lambda names, scenes: split_by([n.startswith(tuple(scenes)) for n in names]),
            "begin alike",
        ),
        (
            "split_scenes",
            lambda names, scenes: split_by(
                [re.search("|".join(scenes), n) is not None for n in names]
            ),
            "part of another's",
        ),
        (
            "split_scenes",
            lambda names, scenes: split_by([scene(n) not in scenes for n in names]),
            "training comes first",
        ),
        (
            "split_scenes",
            lambda names, scenes: (
                [n for n in names if scene(n) not in scenes],
                [n for n in names if scene(n) in scenes],
            ),
            "These are the names",
        ),
        ("split_scenes", lambda names, scenes: (list(range(len(names))), []), "take off"),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(name, answer, words):
    assert words in hears(f"03.{name}", answer)


@pytest.mark.parametrize(
    "name, answer",
    [
        ("get_tags", lambda row: [t.strip() for t in row.tags.split(";") if not t.isspace() and t]),
        ("decode", lambda p, vocab, t: [vocab[i] for i in torch.where(p > t)[0]]),
        ("is_13", lambda path: path.parts[-2] == "13"),
        ("every_third", lambda items: split_by([i % 3 == 2 for i in range(len(items))])),
        ("split_scenes", lambda names, scenes: GroupSplitter(scene, scenes)(names)),
        ("every_third", lambda items: [*every_third(items)]),
        ("every_third", lambda items: tuple(map(np.array, every_third(items)))),
        ("every_third", lambda items: (every_third(items)[0], range(2, len(items), 3))),
        ("split_scenes", lambda names, scenes: [*GroupSplitter(scene, scenes)(names)]),
    ],
)
def test_another_right_way_is_right_too(name, answer):
    assert grade(f"03.{name}", answer) == f"✓ 03.{name}: right"


def test_the_right_answer_of_the_spotted_bug_is_a_splitter():
    paths = [case[0] for case in LESSON.IS_13.cases]
    assert FuncSplitter(LESSON.IS_13.solution)(paths) == ([1, 2, 3, 4, 5], [0])


def test_the_difference_writes_numbers_as_people_do():
    one = DataBlock(batch_tfms=Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    cell = one.diff(DataBlock()).loc["batch_tfms", "this"]
    assert cell == "[Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])]"
