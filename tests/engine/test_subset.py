"""A part of a large data set: groups keep their shares, and a set that fits stays whole."""

import re
from collections import Counter

import pandas as pd
import pytest
import torch
from PIL import Image

from data_scripts.pascal import VOCAB
from lessonlib.engine.catalog import pascal
from lessonlib.engine.subset import in_proportion, tell_part
from lessonlib.points import person
from lessonlib.recipes import biwi_frames, pascal_learner

VOC = [True, True, True, False] * 1000 + [True] * 400 + [False] * 611
REAL_FRAMES = {f"{number:02}": 400 + 41 * (number % 13) for number in range(1, 25)}


@pytest.mark.parametrize("most", [10, 100, 999, 2000, 5010])
def test_every_group_keeps_its_share_and_the_number_is_exact(most):
    chosen = in_proportion(VOC, most)
    assert len(chosen) == len(set(chosen)) == most
    counts, before = Counter(VOC[k] for k in chosen), Counter(VOC)
    for group in (True, False):
        assert abs(counts[group] - before[group] * most / len(VOC)) < 1


@pytest.mark.parametrize("most", [5011, 5012, 10**9])
def test_what_fits_stays_whole(most):
    assert in_proportion(VOC, most) == list(range(5011))


def test_nothing_of_nothing():
    assert in_proportion([], 10) == []


def test_the_choice_is_always_the_same_and_in_order():
    assert (
        in_proportion(VOC, 700) == in_proportion(iter(VOC), 700) == sorted(in_proportion(VOC, 700))
    )


def test_a_group_is_taken_evenly_from_its_beginning_to_its_end():
    assert in_proportion("a" * 10 + "b" * 10, 4) == [2, 7, 12, 17]
    steps = pd.Series(in_proportion([0] * 653, 25)).diff().dropna()
    assert steps.min() >= 26 and steps.max() <= 27


def test_a_rare_group_is_never_lost():
    assert in_proportion(["common"] * 999 + ["rare"], 10)[-1] == 999


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    """A folder in BIWI's layout with thousands of frames; none is opened."""
    folder = tmp_path_factory.mktemp("biwi")
    for name, count in REAL_FRAMES.items():
        (folder / name).mkdir()
        for number in range(count):
            (folder / name / f"frame_{number:05}_rgb.jpg").touch()
    return folder


def test_of_thousands_of_frames_600_are_taken_people_in_proportion(frames):
    chosen = biwi_frames(frames)
    assert len(chosen) == 600
    total = sum(REAL_FRAMES.values())
    people = Counter()
    for name, count in REAL_FRAMES.items():
        people[person(frames / name / "x")] += count
    taken = Counter(map(person, chosen))
    assert set(taken) == set(people)
    assert all(abs(taken[name] - 600 * people[name] / total) < 2 for name in people)


def test_a_number_of_ones_own_takes_more_frames_or_all(frames):
    total = sum(REAL_FRAMES.values())
    assert len(biwi_frames(frames, most=5000)) == 5000
    assert len(biwi_frames(frames, most=total)) == total


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A folder in PASCAL's layout with 2,600 rows, half of them for validation; ten pictures."""
    folder = tmp_path_factory.mktemp("voc")
    (folder / "train").mkdir()
    for number in range(10):
        Image.new("RGB", (60, 40), (20 * number, 99, 50)).save(folder / "train" / f"{number}.jpg")
    rows = [
        {"fname": f"{k % 10}.jpg", "labels": VOCAB[k // 3 % 20], "is_valid": k % 2 == 0}
        for k in range(2600)
    ]
    pd.DataFrame(rows).to_csv(folder / "train.csv", index=False)
    return folder


def test_the_recipe_of_lesson_05_takes_2000_of_a_larger_table(large):
    learn = pascal_learner(large)
    assert len(learn.dls.train.dataset) == len(learn.dls.valid.dataset) == 1000
    items, (train, valid) = learn.dls.dsets.items, learn.dls.dsets.splits
    assert not items.iloc[train]["is_valid"].any() and items.iloc[valid]["is_valid"].all()
    assert len(pascal_learner(large, most=2600).dls.dsets) == 2600


def test_the_twin_is_used_whole_and_nothing_is_said_about_it(capsys):
    learn = pascal_learner(pascal())
    assert len(learn.dls.dsets) == 2000
    tell_part(learn, total=2000, epochs=4, recipe="pascal_learner")
    assert capsys.readouterr().out == ""


def test_of_a_larger_set_the_minutes_and_the_way_to_all_of_it_are_said(large, capsys):
    learn = pascal_learner(large, most=200)
    before = {name: weight.clone() for name, weight in learn.model.state_dict().items()}
    tell_part(learn, total=2600, epochs=4, recipe="pascal_learner")
    said = capsys.readouterr().out
    assert "Your data set has 2,600 pictures." in said and "takes 200 of them" in said
    assert re.search(r"about \d+ min here", said) and "pascal_learner(folder, most=2600)" in said
    after = learn.model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert learn.model.frozen and learn.losses == []


def test_the_estimate_grows_with_the_set_and_the_epochs(large, capsys, monkeypatch):
    monkeypatch.setattr("lessonlib.engine.subset.seconds_per_epoch", lambda learn, frozen: 30.0)
    learn = pascal_learner(large, most=200)
    tell_part(learn, total=2600, epochs=4, recipe="pascal_learner")
    assert "about 26 min here" in capsys.readouterr().out
