"""The layout of the real sets that benchmarks/real_layout.py runs the lessons on."""

import importlib.util
import shutil
from collections import Counter

import pandas as pd
import pytest
from PIL import Image
from sources import REPO

from data_scripts import biwi, pascal
from data_scripts.biwi import PEOPLE
from lessonlib.engine import catalog
from lessonlib.engine.subset import in_proportion
from lessonlib.points import head_centre
from lessonlib.recipes import biwi_frames

PATH = REPO / "benchmarks" / "real_layout.py"
SPEC = importlib.util.spec_from_file_location("real_layout", PATH)
real_layout = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(real_layout)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    twins = [shutil.copytree(twin, folder / twin.name) for twin in (pascal.twin(), biwi.twin())]
    real_layout.lay_out_pascal(folder / "pascal_2007", twins[0], distinct=60)
    real_layout.lay_out_biwi(folder / "biwi_head_pose", twins[1], frames=1500)
    return folder


@pytest.fixture(autouse=True)
def in_use(home, monkeypatch):
    monkeypatch.setenv("LESSONLIB_DATA", str(home))


def test_the_table_has_the_published_numbers_of_pictures_and_labels():
    folder = catalog.pascal()
    assert catalog.source("pascal") == "real"
    df = pd.read_csv(folder / "train.csv", keep_default_na=False)
    assert list(df.columns) == ["fname", "labels", "is_valid"] and len(df) == 5011
    labels = df["labels"].str.split()
    assert Counter(df["is_valid"]) == {False: 2501, True: 2510}
    assert labels.str.len().groupby(df["is_valid"]).sum().to_dict() == {False: 3688, True: 3618}
    assert labels.explode().value_counts().index[0] == "person"
    assert len(pd.read_csv(folder / "test.csv")) == 4952
    with Image.open(folder / "train" / df["fname"][0]) as picture:
        assert sorted(picture.size) == [375, 500]


def test_lessons_take_2000_of_its_pictures_the_official_split_in_proportion():
    df = pd.read_csv(catalog.pascal() / "train.csv", keep_default_na=False)
    taken = df.iloc[in_proportion(df["is_valid"], 2000)]
    assert Counter(taken["is_valid"]) == {False: 998, True: 1002}


def test_recordings_have_hundreds_of_frames_windows_line_ends_and_files_beside():
    folder = catalog.biwi()
    assert catalog.source("biwi") == "real"
    assert sorted(p.name for p in folder.iterdir() if p.is_dir()) == list(PEOPLE)
    assert len(list(folder.glob("*.obj"))) == 24
    assert len(list(folder.glob("*/*_rgb.jpg"))) == len(list(folder.glob("*/*_pose.txt"))) == 1500
    assert b" \r\n" in (folder / "01" / "rgb.cal").read_bytes()


def test_labels_are_read_from_such_files_as_from_the_twins():
    real, twin = biwi_frames(catalog.biwi())[0], min(biwi.twin().glob("01/*_rgb.jpg"))
    first = min(real.parent.glob("*_rgb.jpg"))
    assert head_centre(first).tolist() == head_centre(twin).tolist()
