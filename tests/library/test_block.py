"""DataBlock, its splitters, getters and vocabulary; and every error that teaches, by its words."""

import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from fuzzing import cases, fuzz
from PIL import Image

from lessonlib.block import (
    CategoryBlock,
    DataBlock,
    ImageBlock,
    MultiCategoryBlock,
    PointBlock,
    RegressionBlock,
    TransformBlock,
)
from lessonlib.engine.transforms import Resize
from lessonlib.getters import (
    ColReader,
    ColSplitter,
    FuncSplitter,
    GroupSplitter,
    RandomSplitter,
    get_image_files,
    parent_label,
    parent_labels,
)
from lessonlib.guards.teaching import TeachingError

LABELS = ["cat", "dog cat", "", "person", "dog", "person dog", "cat", "", "dog", "person"]


@pytest.fixture
def df(tmp_path):
    """Ten pictures of several shapes; the last three are for validation."""
    for k in range(10):
        Image.new("RGB", (40 + k, 30), (20 * k, 0, 0)).save(tmp_path / f"{k}.png")
    names = [str(tmp_path / f"{k}.png") for k in range(10)]
    return pd.DataFrame({"fname": names, "labels": LABELS, "is_valid": [False] * 7 + [True] * 3})


def labels_of(row):
    return row["labels"].split()


def recipe(**changes):
    """A block for the frame above, with something changed."""
    arguments = {
        "blocks": (ImageBlock, MultiCategoryBlock),
        "get_x": ColReader("fname"),
        "get_y": labels_of,
        "splitter": ColSplitter(),
        "item_tfms": Resize(16),
    }
    return DataBlock(**(arguments | changes))


# What it makes


def test_an_empty_block_gives_the_item_twice_and_a_fifth_for_validation():
    dsets = DataBlock().datasets(list(range(5011)))
    assert (len(dsets.train), len(dsets.valid)) == (4009, 1002)
    first, second = dsets.train[0]
    assert first == second


def test_getters_as_lambda_def_or_list_give_the_same(df):
    one = DataBlock(get_x=lambda r: r["fname"], get_y=labels_of, splitter=ColSplitter())
    two = DataBlock(getters=[ColReader("fname"), labels_of], splitter=ColSplitter())
    assert list(one.datasets(df).train) == list(two.datasets(df).train)


def test_the_vocabulary_is_the_sorted_labels_of_training(df):
    dsets = recipe().datasets(df)
    assert dsets.vocab == ["cat", "dog", "person"]
    expected = df["labels"][:7].str.get_dummies(" ")
    made = torch.stack([target for _, target in dsets.train])
    assert made.tolist() == expected.to_numpy().tolist() and list(expected) == dsets.vocab


def test_decoding_a_target_gives_its_labels_back(df):
    dsets = recipe().datasets(df)
    for position, (_, target) in enumerate(dsets):
        assert dsets.decode_part(target, 1) == sorted(LABELS[position].split())
    single = DataBlock((CategoryBlock,), get_x=lambda n: "abc"[n % 3], n_inp=1).datasets(range(30))
    for position, (number,) in enumerate(single):
        assert number.dtype == torch.int64
        assert single.decode_part(number, 0) == "abc"[position % 3]


def test_a_second_source_does_not_change_the_vocabulary_of_the_first(df):
    block = recipe()
    first = block.datasets(df)
    block.datasets(df.assign(labels="horse"))
    assert first.vocab == ["cat", "dog", "person"]


def test_the_target_block_brings_the_loss(df):
    target = torch.tensor([[1.0, 0.0, 1.0]])
    loss = recipe().dataloaders(df, batch_size=2).loss_func(torch.zeros(1, 3), target)
    assert loss.item() == pytest.approx(np.log(2))
    category = recipe(blocks=(ImageBlock, CategoryBlock), get_y=lambda r: r["labels"] or "none")
    one = torch.zeros(1, 4), torch.tensor([2])
    assert category.dataloaders(df, batch_size=2).loss_func(*one).item() == pytest.approx(np.log(4))


def test_one_input_and_several_targets(df):
    block = recipe(
        blocks=(ImageBlock, MultiCategoryBlock, RegressionBlock),
        get_y=[labels_of, lambda row: len(labels_of(row))],
        n_inp=1,
    )
    dls = block.dataloaders(df, batch_size=4)
    pictures, targets, counts = dls.one_batch()
    assert pictures.shape == (4, 3, 16, 16) and targets.shape == (4, 3)
    assert counts.dtype == torch.float32 and counts.tolist() == targets.sum(1).tolist()
    assert len(dls.loss_func) == 2 and dls.n_inp == 1


def test_column_reader_adds_cuts_and_joins():
    row = {"name": "a", "labels": "cat  dog", "none": ""}
    assert ColReader("name")(row) == "a"
    assert ColReader("name", pref="x/", suff=".jpg")(row) == "x/a.jpg"
    assert ColReader("name", pref=Path("x"), suff=".jpg")(row) == Path("x/a.jpg")
    assert ColReader("labels", label_delim=" ")(row) == ["cat", "", "dog"]
    assert ColReader("none", label_delim=" ")(row) == []
    assert ColReader(["name", "labels"], suff="!")(row) == ["a!", "cat  dog!"]


def test_image_files_are_found_in_every_folder_and_sorted(tmp_path):
    for name in ("b/2.JPG", "a/1.png", "a/deep/3.webp", "a/notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    files = get_image_files(tmp_path)
    assert [file.name for file in files] == ["1.png", "3.webp", "2.JPG"]
    assert [parent_label(file) for file in files] == ["a", "deep", "b"]
    assert parent_labels(files[0]) == ["a"]


# Splitters: every item once, on one side


@fuzz
@pytest.mark.parametrize("case", cases(30))
def test_splitters_cover_all_without_overlap_whatever_the_index(case):
    rng = random.Random(case)
    n = rng.randrange(4, 60)
    frame = pd.DataFrame(
        {"is_valid": [rng.random() < 0.4 for _ in range(n)], "scene": rng.choices("abcd", k=n)}
    ).sample(frac=rng.uniform(0.5, 1), random_state=case)
    for splitter in (
        RandomSplitter(0.3, seed=case),
        ColSplitter(),
        FuncSplitter(lambda row: row["is_valid"]),
        GroupSplitter("scene", set(frame["scene"][:1])),
    ):
        train, valid = splitter(frame)
        assert sorted(train + valid) == list(range(len(frame)))
        assert splitter(frame) == (train, valid)  # the same again
    by_column = frame["is_valid"].to_numpy()
    train, valid = ColSplitter()(frame)
    assert by_column[valid].all() and not by_column[train].any()


def test_random_splitter_depends_on_its_seed_only():
    one, other = RandomSplitter(0.2, seed=42), RandomSplitter(0.2, seed=43)
    assert one(range(100)) == one(range(100)) != other(range(100))
    torch.manual_seed(0)
    state = torch.random.get_rng_state()
    one(range(100))
    assert torch.equal(state, torch.random.get_rng_state())


@pytest.mark.parametrize("valid_pct", [-0.2, 0, 1, 1.5, 20, float("nan"), "0.2", None])
def test_a_random_split_that_leaves_nothing_on_a_side_is_refused(valid_pct):
    with pytest.raises(TeachingError, match="valid_pct is"):
        RandomSplitter(valid_pct)


@pytest.mark.parametrize("valid_pct", [0.01, 0.5, 0.99])
def test_a_split_of_any_share_keeps_something_for_training(valid_pct):
    for n in range(1, 200):
        train, valid = RandomSplitter(valid_pct, seed=0)(range(n))
        assert train and len(valid) == int(valid_pct * n)


def test_group_splitter_keeps_a_group_on_one_side():
    items = [f"{person:02}/{frame}" for person in range(5) for frame in range(4)]
    train, valid = GroupSplitter(lambda item: item[:2], {"01", "03"})(items)
    assert {items[i][:2] for i in valid} == {"01", "03"}
    assert {items[i][:2] for i in train} == {"00", "02", "04"}


# Errors that teach


def error_of(function, *arguments):
    """The four lines of the error that a call raises."""
    with pytest.raises(TeachingError) as caught:
        function(*arguments)
    cause, line, cure, lesson = str(caught.value).rsplit("\n", 3)
    assert line.startswith("Your line: ") and cure.startswith("Cure: ")
    assert lesson.startswith("Lesson: 0")
    return cause, line, cure


def test_text_labels_would_become_letters(df):
    cause, line, cure = error_of(recipe(get_y=lambda r: r["labels"]).datasets, df)
    assert "letter by letter: ['a', 'c', 't']" in cause
    assert "function(*arguments)" in line  # the innermost line that is not the library's
    assert "return a list" in cure


def test_a_label_of_validation_only_is_found_at_once(df):
    df.loc[9, "labels"] = "zebra"
    cause, _, cure = error_of(recipe().datasets, df)
    assert "'zebra' is not in the vocabulary of the 3 classes" in cause
    assert "the block's vocab=[…]" in cure


def test_the_class_without_a_name_from_split(df):
    cause, _, cure = error_of(recipe(get_y=lambda r: r["labels"].split(" ")).datasets, df)
    assert "no name" in cause and ".split()" in cure


@pytest.mark.parametrize("block", [MultiCategoryBlock, CategoryBlock])
def test_nan_labels(df, block):
    df["labels"] = df["labels"].where(df["labels"] != "")
    cause, _, cure = error_of(
        recipe(blocks=(ImageBlock, block), get_y=lambda r: r["labels"]).datasets,
        df[df["labels"].isna()].assign(is_valid=[True, False]).reset_index(drop=True),
    )
    assert "float nan" in cause and "keep_default_na=False" in cure


def test_pictures_of_different_sizes_in_a_batch(df):
    cause, _, cure = error_of(recipe(item_tfms=None).dataloaders(df, 4).one_batch)
    assert "Item 1 of the batch is [3, 30, 4" in cause and "item_tfms=Resize(128)" in cure


def test_an_empty_split(df):
    cause, *_ = error_of(recipe().datasets, df.assign(is_valid=False))
    assert "validation split is empty: 0 of 10" in cause
    cause, *_ = error_of(recipe().datasets, df.assign(is_valid=True))
    assert "training split is empty" in cause


def test_overlapping_splits(df):
    cause, *_ = error_of(recipe(splitter=lambda df: ([0, 1, 2], [2, 3])).datasets, df)
    assert "1 items are in training and in validation, the first at position 2" in cause


def by_labels(df):
    """The splitter that the chapter shows."""
    valid = df["is_valid"]
    return df.index[~valid].tolist(), df.index[valid].tolist()


def test_labels_of_a_shuffled_index_instead_of_positions(df):
    shuffled = df.sample(frac=1, random_state=1)
    cause, _, cure = error_of(recipe(splitter=by_labels).datasets, shuffled)
    assert "labels of the index" in cause and "np.flatnonzero" in cure
    assert len(recipe(splitter=by_labels).datasets(df).valid) == 3  # here both are the same


def test_labels_of_a_filtered_index_instead_of_positions(df):
    cause, *_ = error_of(recipe(splitter=by_labels).datasets, df[df["labels"] != "person"])
    assert "labels of the index" in cause


def test_positions_that_do_not_exist(df):
    cause, *_ = error_of(recipe(splitter=lambda df: ([0, 1], [99])).datasets, df)
    assert "99 for validation" in cause and "from 0 to 9" in cause


def test_a_splitter_function_that_gives_a_text(df):
    cause, _, cure = error_of(recipe(splitter=FuncSplitter(lambda o: "13")).datasets, df)
    assert "str '13', not True or False" in cause and "path.parent.name == '13'" in cure


def test_a_blank_in_is_valid(df):
    df["is_valid"] = [False] * 6 + [float("nan")] + [True] * 3
    cause, *_ = error_of(recipe().datasets, df)
    assert "position 6" in cause and "nan" in cause


def test_a_getter_that_fails_names_the_item_and_its_own_line(df):
    def get_y(row):
        return row["lables"].split()

    cause, line, cure = error_of(recipe(get_y=get_y).datasets, df)
    assert "A getter failed with KeyError: 'lables'" in cause and "0.png" in cause
    assert 'return row["lables"].split()' in line and "in a cell of its own" in cure


def test_a_point_too_many_in_the_shape():
    from lessonlib.losses import mse_loss

    cause, *_ = error_of(mse_loss, torch.zeros(8, 2), torch.zeros(8, 1, 2))
    assert "[8, 2]" in cause and "[8, 1, 2]" in cause


def test_a_lambda_cannot_be_sent_to_a_worker(df, monkeypatch):
    monkeypatch.setattr("lessonlib.guards.workers.get_start_method", lambda: "spawn")

    def make():
        recipe(get_y=lambda r: r["labels"].split()).dataloaders(df, batch_size=2, num_workers=1)

    cause, _, cure = error_of(make)
    assert "pickling" in cause and "def" in cure
    recipe().dataloaders(df, batch_size=2, num_workers=1)  # a function with a name can


def test_a_folder_without_pictures_is_the_cause_of_no_items(tmp_path):
    empty = recipe(get_items=get_image_files, get_x=None, splitter=None)
    cause, _, cure = error_of(empty.datasets, tmp_path)
    assert "There are no items" in cause and "get_image_files leaves out" in cure


def test_a_group_that_does_not_exist(df):
    splitter = GroupSplitter("labels", {"13"})
    cause, *_ = error_of(recipe(splitter=splitter).datasets, df)
    assert "'13', which is no group" in cause and "'cat'" in cause
    cause, *_ = error_of(recipe(splitter=GroupSplitter("labels", "cat")).datasets, df)
    assert "collection of group names" in cause


def test_getters_and_blocks_that_do_not_match():
    def make():
        DataBlock((ImageBlock, CategoryBlock), get_y=[parent_label, parent_label])

    cause, _, cure = error_of(make)
    assert "2 blocks but 3 getters" in cause and "n_inp" in cure


def test_a_batch_larger_than_the_training_set(df):
    cause, *_ = error_of(lambda: recipe().dataloaders(df, batch_size=64))
    assert "The batch size is 64, but there are only 7 training items" in cause


def test_a_mistake_in_a_worker_process_arrives_with_its_words(df, tmp_path):
    (tmp_path / "3.png").write_bytes(b"")
    dls = recipe().dataloaders(df, batch_size=7, num_workers=1)
    with pytest.raises(ValueError, match=r"3\.png is empty"):
        dls.one_batch()


@pytest.mark.parametrize("block, cols", [(RegressionBlock, "x"), (PointBlock, ["x", "y"])])
def test_numbers_that_became_texts_are_named_and_the_cure_cures(df, block, cols):
    df = df.assign(x=[str(k) for k in range(len(df) - 1)] + [""], y=1.0)

    def made(df):
        numbers = recipe(blocks=(ImageBlock, block), get_y=ColReader(cols))
        return numbers.dataloaders(df, batch_size=2).one_batch()[1]

    cause, _, cure = error_of(made, df)
    assert "A target is" in cause and "not a number" in cause and "pd.to_numeric" in cure
    df["x"] = pd.to_numeric(df["x"], errors="coerce")
    assert made(df.dropna(subset=["x"])).dtype == torch.float32


def test_texts_in_is_valid_are_refused_and_the_cure_cures(df):
    df["is_valid"] = ["True", "False", ""] * 3 + ["False"] * (len(df) - 9)
    cause, _, cure = error_of(recipe(splitter=ColSplitter()).datasets, df)
    assert "str 'True', not True or False" in cause and "== 'True'" in cure
    df["is_valid"] = df["is_valid"] == "True"
    assert len(recipe(splitter=ColSplitter()).datasets(df).valid) == 3


def test_a_transform_block_of_ones_own(df):
    upper = TransformBlock([str.upper])
    dsets = DataBlock((upper,), get_x=ColReader("labels"), n_inp=1).datasets(df)
    assert dsets[1] == ("DOG CAT",)
