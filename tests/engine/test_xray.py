"""The X-ray tells what really happens; the difference names what differs; leaks are counted."""

import shutil

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from lessonlib.block import DataBlock, ImageBlock, MultiCategoryBlock, PointBlock
from lessonlib.engine.leaks import leaks
from lessonlib.engine.loaders import TfmdDL
from lessonlib.engine.transforms import Normalize, RandomResizedCrop, Resize, aug_transforms
from lessonlib.engine.xray import stages
from lessonlib.getters import ColReader, ColSplitter, RandomSplitter
from lessonlib.guards.teaching import TeachingError


@pytest.fixture
def df(tmp_path):
    for k in range(6):
        Image.new("RGB", (60 + k, 40), (40 * k, 200, 10)).save(tmp_path / f"{k}.png")
    return pd.DataFrame(
        {
            "fname": [str(tmp_path / f"{k}.png") for k in range(6)],
            "labels": ["cat", "dog", "cat dog", "cat", "", "dog"],
            "is_valid": [False] * 4 + [True] * 2,
        }
    )


def recipe(**changes):
    arguments = {
        "blocks": (ImageBlock, MultiCategoryBlock),
        "get_x": ColReader("fname"),
        "get_y": ColReader("labels", label_delim=" "),
        "splitter": ColSplitter(),
        "item_tfms": RandomResizedCrop(32, min_scale=0.5),
        "batch_tfms": Normalize([0.5] * 3, [0.5] * 3),
    }
    return DataBlock(**(arguments | changes))


def test_every_stage_has_its_type_and_shape_for_both_splits(df):
    table = recipe().explain(df, 2).table
    assert table["training"].tolist() == [
        "ColReader → str '" + df["fname"][2][:39] + "…",
        "open_image → RGB picture 62×40",
        "RandomResizedCrop → RGB picture 32×32",
        "a batch of one → uint8 [1, 3, 32, 32]",
        "int_to_float → float32 [1, 3, 32, 32]",
        "Normalize → float32 [1, 3, 32, 32]",
        "ColReader → list ['cat', 'dog']",
        "MultiCategorize → float32 [2]",
        "a batch of one → float32 [1, 2]",
    ]
    differs = table[table["training"] != table["validation"]]
    assert differs["validation"].tolist() == ["Resize → RGB picture 32×32"]
    assert [stage for _, stage in table.index][:4] == [
        "getter",
        "type_tfms",
        "item_tfms",
        "collate",
    ]


def test_the_ranges_are_those_of_the_pixels(df):
    ranges = recipe(item_tfms=Resize(32)).explain(df, 1).ranges["training"].tolist()
    assert ranges[1:6] == ["10 … 200"] * 3 + ["0.03922 … 0.7843", "-0.9216 … 0.5686"]
    assert ranges[0] == ranges[6] == ""


def test_every_stage_that_is_a_picture_is_shown_for_both_splits(df, monkeypatch):
    drawn, shown = [], []
    monkeypatch.setattr("lessonlib.engine.xray.show_images", lambda *args, **_: drawn.append(args))
    monkeypatch.setattr("IPython.display.display", shown.append)
    explanation = recipe().explain(df, 0)
    explanation._ipython_display_()
    assert [(len(images), len(titles)) for images, titles in drawn] == [(5, 5), (5, 5)]
    (_, training), (_, validation) = drawn
    assert training[1].startswith("training: RandomResizedCrop\n")
    assert validation[1].startswith("validation: Resize\n")
    assert shown == [explanation.table]


def test_an_empty_block_can_be_explained(df):
    table = DataBlock().explain(df, 0).table
    assert table["training"].str.startswith("the item → Series").sum() == 2
    assert table["training"].str.startswith("impossible → Series").sum() == 2


def test_the_difference_names_what_differs_and_nothing_else():
    other = recipe(item_tfms=Resize(32), splitter=RandomSplitter(0.3, seed=5))
    difference = recipe().diff(other)
    assert sorted(difference.index) == ["item_tfms", "splitter"]
    assert difference.loc["item_tfms", "other"] == "[Resize(size=(32, 32), method='crop')]"
    assert "ColSplitter('is_valid')" in difference.loc["splitter", "this"]
    assert "0.3" in difference.loc["splitter", "other"]
    assert recipe().diff(recipe()).empty


def test_leaks_count_the_groups_on_both_sides(df):
    df["scene"] = list("aabbac")
    dsets = recipe().datasets(df)
    found = leaks(dsets, key=lambda row: row["scene"])
    assert found.to_dict("index") == {"a": {"training": 2, "validation": 1}}


def test_leaks_find_identical_pictures_under_other_names(df):
    dsets = recipe().datasets(df)
    assert leaks(dsets).empty
    shutil.copy(df["fname"][0], df["fname"][5])
    assert leaks(dsets).to_numpy().tolist() == [[1, 1]]


def test_leaks_without_a_path_ask_for_a_key(df):
    with pytest.raises(TeachingError, match="no path of a file"):
        leaks(DataBlock(splitter=ColSplitter()).datasets(df))


def test_points_pass_through_the_stages_of_their_picture(df):
    block = DataBlock(
        (ImageBlock, PointBlock),
        get_x=ColReader("fname"),
        get_y=lambda row: [(0.0, 0.0), (10.0, 5.0)],
        splitter=ColSplitter(),
        item_tfms=Resize(8, "squish"),
        batch_tfms=aug_transforms(8, do_flip=False, max_rotate=0, max_zoom=1),
    )
    table = block.explain(df, 0).table
    stages = [cell.split(" → ")[0] for cell in table.loc[1, "training"]]
    passed = "<lambda>", "to_points", "scale_points", "Resize", "a batch of one", "RandomGeometry"
    assert stages == list(passed)
    assert table["training"].tolist()[-1].endswith("float32 [1, 2, 2]")
    low, high = block.explain(df, 0).ranges["training"].tolist()[-1].split(" … ")
    assert (float(low), float(high)) == pytest.approx((1 / 60 - 1, 21 / 60 - 1), abs=1e-3)


@pytest.mark.parametrize("size", [(200, 150), (60, 40)])
@pytest.mark.parametrize("item_tfms", [RandomResizedCrop(32), Resize(40), [Resize(48)]])
def test_the_pictures_are_those_that_the_loader_makes(tmp_path, item_tfms, size):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 255, (*size[::-1], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    table = pd.DataFrame({"fname": [str(tmp_path / "a.png")] * 4, "labels": "cat"})
    table["is_valid"] = [False, False, False, True]
    dblock = recipe(item_tfms=item_tfms, batch_tfms=aug_transforms(24))
    loaders = dblock.dataloaders(table, batch_size=1, seed=0)
    for loader, split in ((loaders.train, "training"), (loaders.valid, "validation")):
        torch.manual_seed(1)
        found = list(stages(TfmdDL(*dblock.steps(table), split == "training"), 0))
        torch.manual_seed(1)
        expected = loader.batch_of([0])
        shown = [stage.value for stage in found if stage.kind == "batch_tfms"]
        torch.testing.assert_close(shown[-1], expected[0])
