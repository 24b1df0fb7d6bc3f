"""The offline twin of BIWI: its files byte for byte, its walks, its labels, the leak it shows."""

import hashlib
import re
from collections import Counter
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from trainings import state, trained_folder

from data_scripts import biwi
from data_scripts.biwi import NAMES, build, label_offset, plan, twin, twin_folder
from data_scripts.layouts import PEOPLE
from data_scripts.storage import build_once
from lessonlib.engine import catalog

COUNT, SEED = 72, 42
# every pose file and truth.csv: they depend on the seed alone
SHA256 = "8d82f5ba93555e0751253163a0e646e5a5db38082060efa3ca274fdcfad4ba36"
NUMBER = r"-?\d+(\.\d+)?(e-\d+)? "
TWICE = [("02", "21"), ("03", "15"), ("05", "18"), ("07", "22")]
FRAMES = plan()
YAW = np.degrees([np.arctan2(f.rotation[0, 2], f.rotation[2, 2]) for f in FRAMES])
PITCH = np.degrees([-np.arcsin(f.rotation[1, 2]) for f in FRAMES])


@pytest.fixture(scope="module")
def small():
    """A small twin. It is drawn once for each state of the code, like a training."""
    folder = trained_folder() / state() / "small_biwi"
    return build_once(folder, partial(build, count=COUNT, seed=SEED, progress=False), 6)


@pytest.fixture(scope="module")
def frames(small):
    """Each picture of `small`: folder, label and truth in pixels, the picture small and grey."""
    df = pd.read_csv(small / "truth.csv", dtype={"folder": str, "frame": str})
    stems = [small / row.folder / f"frame_{row.frame}" for row in df.itertuples()]
    poses = [np.loadtxt(f"{stem}_pose.txt") for stem in stems]
    df["rotation"], df["centre"] = [pose[:3] for pose in poses], [pose[3] for pose in poses]
    df["label"] = [by_hand(pose[3]) for pose in poses]
    grey = [Image.open(f"{stem}_rgb.jpg").convert("L").resize((40, 30)) for stem in stems]
    df["grey"] = [np.asarray(picture, float) for picture in grey]
    df["person"] = df["folder"].map(PEOPLE)
    return df


def by_hand(point, extrinsics=True):
    """The pixel of a point of the depth camera's frame, with the figures of BIWI's rgb.cal."""
    turn = [[0.999947, 0.00432361, 0.00929419], [-0.00446314, 0.999877, 0.0150443]]
    turn.append([-0.009228, -0.015085, 0.999844])
    if extrinsics:
        point = np.array(turn) @ point + [-24.0198, 5.8896, -13.2308]
    x, y, z = point
    return np.array([517.679 * x / z + 320, 517.679 * y / z + 240.5])


# ------------------------------------------------------------------ the plan of the default twin


def test_24_folders_show_20_people_and_four_of_them_twice():
    assert list(PEOPLE) == [f"{number:02}" for number in range(1, 25)]
    assert len(NAMES) == 20 and PEOPLE["13"] == "M07" and Counter(PEOPLE.values())["M07"] == 1
    twice = {name for name, count in Counter(PEOPLE.values()).items() if count > 1}
    assert twice == {PEOPLE[one] for one, _ in TWICE}
    assert all(PEOPLE[one] == PEOPLE[other] for one, other in TWICE)


def test_default_plan_has_25_frames_in_each_folder_numbered_with_gaps():
    assert Counter(f.folder for f in FRAMES) == dict.fromkeys(PEOPLE, 25)
    for folder in PEOPLE:
        numbers = [f.number for f in FRAMES if f.folder == folder]
        assert numbers == sorted(set(numbers)) and numbers[-1] > 2 * len(numbers)


@pytest.mark.parametrize("count", [24, 25, 47, 100])
def test_any_count_from_one_a_folder_is_reached_and_spread_evenly(count):
    counts = Counter(f.folder for f in plan(count))
    assert counts.total() == count and max(counts.values()) - min(counts.values()) <= 1


@pytest.mark.parametrize("seed", [42, 0, 1, 2])
def test_heads_are_80_to_110_cm_away_and_inside_the_picture(seed):
    for frame in plan(seed=seed):
        x, y = by_hand(frame.centre)
        assert 800 < frame.centre[2] < 1100 and 80 < x < 560 and 80 < y < 400


def test_heads_turn_by_up_to_75_degrees_and_nod_by_up_to_60():
    assert np.abs(YAW).max() <= 76 and YAW.min() < -65 and YAW.max() > 65
    assert np.abs(PITCH).max() <= 60 and PITCH.min() < -50 and PITCH.max() > 50


def test_rotations_are_rotations():
    for frame in FRAMES:
        assert np.allclose(frame.rotation @ frame.rotation.T, np.eye(3), atol=3e-6)
        assert np.isclose(np.linalg.det(frame.rotation), 1, atol=3e-6)


def test_a_head_turns_left_with_yaw_and_down_with_pitch():
    nose = np.array([0, 0, -1])
    assert np.allclose(biwi.turned(0, 0, 0), np.eye(3))
    assert (biwi.turned(40, 0, 0) @ nose)[0] < -0.5 and (biwi.turned(0, 40, 0) @ nose)[1] > 0.5
    assert (biwi.turned(0, 0, 40) @ [0, -1, 0])[0] > 0.5  # the crown goes to the right


def test_neighbouring_frames_are_alike():
    for folder in PEOPLE:
        part = [f for f in FRAMES if f.folder == folder]
        steps = [np.linalg.norm(b.centre - a.centre) for a, b in pairwise(part)]
        apart = [np.linalg.norm(a.centre - b.centre) for a in part for b in part if a is not b]
        assert np.median(steps) < 0.7 * np.median(apart)


@pytest.mark.parametrize("wrong", [{"count": 23}, {"count": 0}, {"seed": -1}, {"seed": 2**32}])
def test_a_count_or_seed_that_cannot_be_is_named(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))}={next(iter(wrong.values()))}"):
        plan(**wrong)


# ------------------------------------------------------------------ the files


def test_folders_hold_what_biwi_holds(small):
    assert sorted(path.name for path in small.iterdir()) == [*PEOPLE, "truth.csv"]
    for folder in PEOPLE:
        names = {path.name for path in (small / folder).iterdir()}
        stems = {name[:11] for name in names if re.fullmatch(r"frame_\d{5}_rgb\.jpg", name)}
        expected = {f"{stem}_{kind}" for stem in stems for kind in ("rgb.jpg", "pose.txt")}
        assert len(stems) == COUNT // 24 and names == expected | {"rgb.cal", "depth.cal"}


def test_pictures_are_rgb_jpegs_of_640_by_480_and_small(small):
    paths = list(small.glob("*/*.jpg"))
    for path in paths:
        with Image.open(path) as picture:
            assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (640, 480))
    assert sum(path.stat().st_size for path in paths) / len(paths) < 90_000  # 600: under 60 MB


def test_pose_files_have_biwis_bytes(small):
    row = f"({NUMBER}){{3}}\n"
    for path in small.glob("*/*_pose.txt"):
        assert re.fullmatch(f"({row}){{3}}\n{row}\n", path.read_bytes().decode()), path


@pytest.mark.parametrize("folder", PEOPLE)
def test_calibrations_have_biwis_bytes(small, folder):
    assert (small / folder / "rgb.cal").read_bytes().decode().split("\n") == [
        *("517.679 0 320 ", "0 517.679 240.5 ", "0 0 1 ", "", "0 0 0 0 ", ""),
        "0.999947 0.00432361 0.00929419 ",
        "-0.00446314 0.999877 0.0150443 ",
        *("-0.009228 -0.015085 0.999844 ", "", "-24.0198 5.8896 -13.2308 ", "", "640 480", ""),
    ]
    depth = np.genfromtxt(small / folder / "depth.cal", skip_footer=6)
    assert depth.tolist() == [[575.816, 0, 320], [0, 575.816, 240], [0, 0, 1]]


def test_the_seed_alone_decides_the_labels_on_every_machine(small):
    digest = hashlib.sha256()
    for path in [*sorted(small.glob("*/*_pose.txt")), small / "truth.csv"]:
        digest.update(path.read_bytes())
    assert digest.hexdigest() == SHA256


@pytest.mark.parametrize("seed", [SEED, SEED + 1])
def test_same_seed_gives_the_same_pixels_and_another_seed_others(small, tmp_path, seed):
    (tmp_path / "13").mkdir()
    biwi.record(tmp_path, plan(COUNT, seed), seed, "M07")
    pictures = {path.read_bytes() for path in (tmp_path / "13").glob("*.jpg")}
    before = {path.read_bytes() for path in (small / "13").glob("*.jpg")}
    assert len(pictures) == 3
    assert pictures == before if seed == SEED else not pictures & before


def test_the_catalog_takes_the_twin(small):
    assert catalog.biwi(small) == small


# ------------------------------------------------------------------ the labels


def test_truth_is_the_projection_of_the_centre_without_the_offset(frames):
    for row in frames.itertuples():
        true_centre = row.centre - row.rotation @ label_offset(row.person)
        assert np.allclose(by_hand(true_centre), (row.x_px, row.y_px), atol=2e-3)


@pytest.mark.parametrize("seed", [42, 0, 1])
def test_offsets_are_about_10_mm_but_for_person_13_and_average_to_nothing(seed):
    offsets = {name: label_offset(name, seed) for name in NAMES}
    for name, offset in offsets.items():
        low, high = (3, 5) if name == "M07" else (9, 11)
        assert low < np.linalg.norm(offset) < high
    assert np.linalg.norm(np.mean(list(offsets.values()), axis=0)) < 1


def test_labels_are_off_by_about_5_pixels_and_those_of_person_13_by_2(frames):
    off = np.linalg.norm(np.stack(frames["label"]) - frames[["x_px", "y_px"]].to_numpy(), axis=1)
    thirteen = frames["folder"] == "13"
    assert off[thirteen].max() < 3 and 3.5 < np.median(off[~thirteen]) < 6


def test_without_the_way_between_the_cameras_a_label_is_off_by_8_to_11_pixels():
    shifts = [by_hand(f.centre) - by_hand(f.centre, extrinsics=False) for f in FRAMES]
    x, y = np.median(shifts, axis=0)
    assert -11 < x < -6 and 8 < y < 13


# ------------------------------------------------------------------ the leak


def copied(frames, valid, train):
    """Errors in pixels of copying the label of the training picture that is most alike."""
    grey, labels = np.stack(frames["grey"]), np.stack(frames["label"])
    far = [((picture - grey[train]) ** 2).sum((1, 2)) for picture in grey[valid]]
    return np.linalg.norm(labels[train][np.argmin(far, 1)] - labels[valid], axis=1)


def test_a_split_by_folder_flatters_those_who_are_recorded_twice(frames):
    by_folder, by_person = [], []
    for name in np.ravel(TWICE):
        folder, person = frames["folder"] == name, frames["person"] == PEOPLE[name]
        by_folder += [*copied(frames, folder, ~folder)]
        by_person += [*copied(frames, folder, ~person)]
    assert 2 * np.median(by_folder) < np.median(by_person)


def test_copying_works_within_a_recording_and_fails_on_a_person_never_seen(frames):
    last = ~frames.duplicated("folder", keep="last")
    thirteen = frames["folder"] == "13"
    within, unseen = copied(frames, last, ~last), copied(frames, thirteen, ~thirteen)
    assert 1.5 * np.median(within) < np.median(unseen)


@pytest.mark.parametrize(("one", "other"), TWICE)
def test_both_recordings_of_a_person_share_their_room(frames, one, other):
    def room(folder):  # the top of the pictures, above all heads
        return np.mean(
            [row.grey[:4] for row in frames.itertuples() if row.folder == folder], axis=0
        )

    rest = [folder for folder in PEOPLE if PEOPLE[folder] != PEOPLE[one]]
    nearest = min(np.abs(room(one) - room(folder)).mean() for folder in rest)
    assert 2 * np.abs(room(one) - room(other)).mean() < nearest


# ------------------------------------------------------------------ the command


@pytest.fixture
def quick(monkeypatch, tmp_path):
    """A data home of the test's own, and a twin that takes no time to build."""
    monkeypatch.setenv("LESSONLIB_DATA", str(tmp_path))
    monkeypatch.setattr(
        biwi, "build", lambda folder, count, seed, progress: _one(folder, f"{count} {seed}")
    )
    return tmp_path


def _one(folder, text):
    (folder / "truth.csv").write_text(text, encoding="utf-8")


def test_other_settings_never_share_the_defaults_folder(quick):
    folders = {twin_folder(), twin_folder(count=24), twin_folder(seed=7)}
    assert len(folders) == 3 and {folder.parent for folder in folders} == {quick}
    assert all(f"v{biwi.VERSION}" in folder.name for folder in folders)


def test_command_builds_into_the_data_home_and_says_where(quick, capsys):
    biwi.main(["--count", "30", "--seed", "3"])
    folder = Path(capsys.readouterr().out.strip())
    assert folder == twin_folder(30, 3)
    assert (folder / "truth.csv").read_text(encoding="utf-8") == "30 3"


def test_command_says_a_wrong_count_without_a_traceback(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("LESSONLIB_DATA", str(tmp_path))
    with pytest.raises(SystemExit) as stopped:
        biwi.main(["--count", "3"])
    assert stopped.value.code == 1 and "count=3" in capsys.readouterr().err
    assert not twin_folder(3).exists()


def test_a_finished_twin_is_not_built_again(quick):
    folder = twin()
    (folder / "truth.csv").write_text("mine", encoding="utf-8")
    assert twin() == folder and (folder / "truth.csv").read_text(encoding="utf-8") == "mine"
