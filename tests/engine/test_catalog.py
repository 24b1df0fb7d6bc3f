"""The catalog: which folder it gives, and what it says about one that is not whole."""

import re
import shutil

import pandas as pd
import pytest

from data_scripts import bears as bears_twin
from data_scripts import biwi as biwi_twin
from data_scripts import pascal as pascal_twin
from lessonlib.engine import catalog

KINDS = ("rgb.jpg", "pose.txt")


@pytest.fixture
def home(monkeypatch, tmp_path):
    """A data home of the test's own, and twins that take no time to build."""
    monkeypatch.setenv("LESSONLIB_DATA", str(tmp_path / "home"))
    monkeypatch.setattr(pascal_twin, "build", lambda folder, **settings: fill(folder))
    monkeypatch.setattr(biwi_twin, "build", lambda folder, **settings: fill_biwi(folder))
    return tmp_path / "home"


def fill(folder, with_test=True):
    """A data set of two pictures and, if wanted, one for testing."""
    (folder / "train").mkdir(parents=True, exist_ok=True)
    rows = "fname,labels,is_valid\n000001.jpg,cat dog,True\n000002.jpg,,False\n"
    (folder / "train.csv").write_text(rows, encoding="utf-8")
    for name in ("000001.jpg", "000002.jpg"):
        (folder / "train" / name).write_bytes(b"")
    if with_test:
        (folder / "test").mkdir(exist_ok=True)
        (folder / "test.csv").write_text("fname,labels\n000003.jpg,car\n", encoding="utf-8")
        (folder / "test" / "000003.jpg").write_bytes(b"")
    return folder


def fill_biwi(folder):
    """Two recordings of two pictures each, and the files that lie beside them in the real set."""
    for name in ("01", "02"):
        (folder / name).mkdir(parents=True)
        (folder / f"{name}.obj").write_bytes(b"")
        names = ["rgb.cal", "depth.cal"]
        names += [f"frame_{n}_{kind}" for n in ("00003", "00011") for kind in KINDS]
        for file in names:
            (folder / name / file).write_bytes(b"")
    return folder


def test_without_anything_the_twin_is_built_and_used(home):
    assert catalog.source("pascal") == "not built yet"
    assert catalog.pascal() == pascal_twin.twin_folder()
    assert catalog.source("pascal") == "twin"
    assert catalog.pascal() == pascal_twin.twin_folder()


def test_the_real_pascal_comes_before_the_twin(home):
    catalog.pascal()
    real = fill(home / "pascal_2007")
    assert catalog.pascal() == real and catalog.source("pascal") == "real"


@pytest.mark.parametrize("with_test", [True, False])
def test_a_folder_of_your_own_comes_first_and_needs_no_test_set(home, tmp_path, with_test):
    fill(home / "pascal_2007")
    mine = fill(tmp_path / "mine", with_test)
    assert catalog.pascal(mine) == catalog.pascal(str(mine)) == mine


def test_the_real_twin_passes_the_check(monkeypatch, tmp_path):
    pascal_twin.build(tmp_path, 4, 1, 0, progress=False)
    assert catalog.pascal(tmp_path) == tmp_path


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="'coco'.*'pascal', 'biwi', 'bears'"):
        catalog.source("coco")


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere is not a folder.*train\.csv"):
        catalog.pascal(tmp_path / "nowhere")


def test_a_missing_train_csv_is_named(tmp_path):
    (fill(tmp_path) / "train.csv").unlink()
    with pytest.raises(FileNotFoundError, match=r"train\.csv is missing.*fname, labels"):
        catalog.pascal(tmp_path)


@pytest.mark.parametrize("name", ["train", "test"])
def test_a_missing_folder_of_pictures_is_named(tmp_path, name):
    (fill(tmp_path) / name).rename(tmp_path / "moved")
    with pytest.raises(FileNotFoundError, match=f"{name} is missing"):
        catalog.pascal(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read as a csv file"),
        ("fname,labels,is_valid\n", "no rows"),
        ('fname,labels,is_valid\n"000001.jpg,cat,True\n', "cannot be read as a csv file"),
        ("fname;labels;is_valid\n1.jpg;cat;True\n", "no column 'fname', only: 'fname;labels"),
    ],
)
def test_a_csv_without_content_or_commas_is_a_value_error(tmp_path, text, message):
    (fill(tmp_path) / "train.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message) as caught:
        catalog.pascal(tmp_path)
    assert str(tmp_path / "train.csv") in str(caught.value)


def test_a_csv_that_is_not_text_is_a_value_error(tmp_path):
    (fill(tmp_path) / "train.csv").write_bytes(b"fname,labels,is_valid\n\xff\xfe\xfa,cat,True\n")
    with pytest.raises(ValueError, match=r"train\.csv cannot be read"):
        catalog.pascal(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("000001.jpg,cat,True,\n", "first row has more cells than the header"),
        ("000001.jpg,cat,dog,True\n", "first row has more cells than the header"),
        ("000001,cat,True\n", "'fname' was read as int, such as 1, .* lose their zeros"),
        ("000001.jpg,5,True\n", "'labels' was read as int, such as 5"),
        ("000001.jpg,cat,yes\n", "'is_valid' was read as str, such as 'yes', .* True or False"),
        ("000001.jpg,cat,1\n", "'is_valid' was read as int, such as 1, .* True or False"),
        ("000001.jpg,cat,True\n000002.jpg,dog,\n", "'is_valid' was read as str, such as 'True'"),
    ],
)
def test_a_csv_that_pandas_would_falsify_is_refused(tmp_path, text, message):
    (fill(tmp_path) / "train.csv").write_text(f"fname,labels,is_valid\n{text}", encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        catalog.pascal(tmp_path)


def test_pictures_may_lie_in_subfolders(tmp_path):
    fill(tmp_path)
    (tmp_path / "train" / "cats").mkdir()
    (tmp_path / "train" / "000001.jpg").rename(tmp_path / "train" / "cats" / "1.jpg")
    text = "fname,labels,is_valid\ncats/1.jpg,cat,True\n000002.jpg,,False\n"
    (tmp_path / "train.csv").write_text(text, encoding="utf-8")
    assert catalog.pascal(tmp_path) == tmp_path
    (tmp_path / "train.csv").write_text(text.replace("s/1", "s/2"), encoding="utf-8")
    with pytest.raises(FileNotFoundError, match=r"names 1 picture .* 'cats/2\.jpg'"):
        catalog.pascal(tmp_path)


@pytest.mark.parametrize("column", ["fname", "labels", "is_valid"])
def test_a_missing_column_is_named(tmp_path, column):
    path = fill(tmp_path) / "train.csv"
    pd.read_csv(path).drop(columns=column).to_csv(path, index=False)
    with pytest.raises(ValueError, match=f"no column '{column}'"):
        catalog.pascal(tmp_path)


def test_missing_pictures_are_counted_and_the_first_is_named(tmp_path):
    fill(tmp_path)
    (tmp_path / "train" / "000002.jpg").unlink()
    with pytest.raises(FileNotFoundError, match=r"names 1 picture .* '000002\.jpg'"):
        catalog.pascal(tmp_path)
    (tmp_path / "train" / "000001.jpg").unlink()
    with pytest.raises(FileNotFoundError, match=r"names 2 pictures .* '000001\.jpg'"):
        catalog.pascal(tmp_path)


def test_a_damaged_twin_is_reported_with_its_cure(home):
    twin = catalog.pascal()
    (twin / "test" / "000003.jpg").unlink()
    with pytest.raises(FileNotFoundError, match=re.escape(f"'000003.jpg'. Delete {twin}: ")):
        catalog.pascal()
    shutil.rmtree(twin)
    assert catalog.pascal() == twin


def test_a_real_set_that_is_not_whole_is_reported_with_its_cure(home):
    (fill(home / "pascal_2007") / "train.csv").unlink()
    with pytest.raises(FileNotFoundError, match="move it away to use the offline twin"):
        catalog.pascal()
    (home / "pascal_2007").rename(home / "away")
    assert catalog.pascal() == pascal_twin.twin_folder()


# BIWI


def test_without_anything_the_biwi_twin_is_built_and_used(home):
    assert catalog.source("biwi") == "not built yet"
    assert catalog.biwi() == biwi_twin.twin_folder()
    assert catalog.source("biwi") == "twin"
    assert catalog.source("pascal") == "not built yet"


def test_the_real_biwi_comes_before_the_twin_and_a_folder_of_your_own_first(home, tmp_path):
    catalog.biwi()
    real = fill_biwi(home / "biwi_head_pose")
    assert catalog.biwi() == real and catalog.source("biwi") == "real"
    mine = fill_biwi(tmp_path / "mine")
    assert catalog.biwi(mine) == catalog.biwi(str(mine)) == mine


def test_a_folder_without_recordings_is_told_the_layout(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere is not a folder.*frame_00003_pose\.txt"):
        catalog.biwi(tmp_path / "nowhere")
    (tmp_path / "obj").mkdir()
    with pytest.raises(FileNotFoundError, match=r"no folder with pictures.*rgb\.cal"):
        catalog.biwi(tmp_path)


def test_a_file_instead_of_a_folder_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileNotFoundError, match="file is not a folder"):
        catalog.biwi(tmp_path / "file")


def test_a_folder_without_pictures_needs_no_calibration(tmp_path):
    (fill_biwi(tmp_path) / "notes").mkdir()
    assert catalog.biwi(tmp_path) == tmp_path


def test_a_recording_without_calibration_is_named(tmp_path):
    (fill_biwi(tmp_path) / "02" / "rgb.cal").unlink()
    with pytest.raises(FileNotFoundError) as caught:
        catalog.biwi(tmp_path)
    assert str(tmp_path / "02" / "rgb.cal") in str(caught.value)


def test_missing_pose_files_are_counted_and_the_first_is_named(tmp_path):
    fill_biwi(tmp_path)
    (tmp_path / "02" / "frame_00011_pose.txt").unlink()
    with pytest.raises(FileNotFoundError, match=r"02 lacks 1 pose file .*'frame_00011_pose\.txt'"):
        catalog.biwi(tmp_path)
    (tmp_path / "02" / "frame_00003_pose.txt").unlink()
    with pytest.raises(FileNotFoundError, match=r"02 lacks 2 pose files .*'frame_00003_pose\.txt'"):
        catalog.biwi(tmp_path)


def test_a_damaged_biwi_is_reported_with_the_cure_for_the_twin_or_the_real_one(home):
    (catalog.biwi() / "01" / "rgb.cal").unlink()
    with pytest.raises(FileNotFoundError, match=r"Delete .* built anew"):
        catalog.biwi()
    shutil.rmtree(biwi_twin.twin_folder())
    assert catalog.biwi() == biwi_twin.twin_folder()
    (fill_biwi(home / "biwi_head_pose") / "01" / "rgb.cal").unlink()
    with pytest.raises(FileNotFoundError, match="move it away to use the offline twin"):
        catalog.biwi()


# ------------------------------------------------------------------ bears


def fill_kinds(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


def test_without_a_folder_the_twin_of_bears_is_built_and_used(home, monkeypatch):
    def build(folder, **settings):
        fill_kinds(folder, "bears/black/1.jpg", "bears/teddy/2.jpg", "bears.csv", "empty/3.jpg")

    monkeypatch.setattr(bears_twin, "build", build)
    assert catalog.source("bears") == "not built yet"
    assert catalog.bears() == catalog.bears() == bears_twin.twin_folder() / "bears"
    assert (catalog.bears().parent / "bears.csv").is_file()
    assert catalog.source("bears") == "twin"


def test_a_folder_of_photographs_may_have_any_names_and_formats(tmp_path):
    names = ("Braunbär/Foto 1.JPG", "Braunbär/b.jpeg", "黒熊/c.webp", "teddy bear/d.gif",
             "teddy bear/e.PNG", "notes.txt", "teddy bear/notes.txt")  # fmt: skip
    mine = fill_kinds(tmp_path / "my bears", *names)
    assert catalog.bears(mine) == catalog.bears(str(mine)) == mine


def test_what_programs_put_beside_the_kinds_is_no_kind(tmp_path):
    fill_kinds(tmp_path, "black/1.jpg", "rejected/black/2.jpg.rejected", ".git/config")
    assert catalog.bears(tmp_path) == tmp_path


def test_a_missing_folder_of_bears_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere is not a folder.*grizzly/1\.jpg"):
        catalog.bears(tmp_path / "nowhere")


@pytest.mark.parametrize("names", [[], ["1.jpg", "2.jpg"], ["rejected/a/1.jpg.rejected"]])
def test_a_folder_without_kinds_is_refused_with_the_layout(tmp_path, names):
    with pytest.raises(ValueError, match=r"no folder for a kind.*directly in its folder"):
        catalog.bears(fill_kinds(tmp_path, *names))


@pytest.mark.parametrize("inside", ["notes.txt", "clip.mp4", "1.jpg.rejected"])
def test_a_kind_without_pictures_is_named(tmp_path, inside):
    fill_kinds(tmp_path, "black/1.jpg", f"teddy/{inside}")
    with pytest.raises(ValueError, match=r"teddy has no pictures.*Or remove teddy"):
        catalog.bears(tmp_path)


@pytest.mark.parametrize("outside", ["7.jpg", "black/2020/7.jpg", "rejected/black/7.jpg"])
def test_a_picture_outside_the_kinds_is_named(tmp_path, outside):
    fill_kinds(tmp_path, "black/1.jpg", outside)
    with pytest.raises(ValueError, match=r"7\.jpg does not lie directly in a kind's folder"):
        catalog.bears(tmp_path)


def test_a_damaged_twin_of_bears_is_reported_with_its_cure(home, monkeypatch):
    monkeypatch.setattr(bears_twin, "build", lambda folder, **settings: None)
    with pytest.raises(FileNotFoundError, match=re.escape(f"Delete {bears_twin.twin_folder()}: ")):
        catalog.bears()
    shutil.rmtree(bears_twin.twin_folder())
    monkeypatch.setattr(
        bears_twin, "build", lambda folder, **_: fill_kinds(folder, "bears/teddy/2.jpg")
    )
    assert catalog.bears() == bears_twin.twin_folder() / "bears"
