"""The original PNG release of BIWI becomes the JPEG layout, or a sentence names the file."""

import errno
import os
import shutil
import time

import numpy as np
import pytest
from PIL import Image

from data_scripts.biwi import PEOPLE, main
from data_scripts.people.camera import SHIFT, TURN
from data_scripts.published import from_original
from lessonlib.engine import catalog
from lessonlib.points import head_centre

# as published: a blank at the end of each row, and lines that end like Windows'
RGB_CAL = (
    "517.679 0 320 \r\n0 517.679 240.5 \r\n0 0 1 \r\n\r\n0 0 0 0 \r\n\r\n"
    "0.999947 0.00432361 0.00929419 \r\n-0.00446314 0.999877 0.0150443 \r\n"
    "-0.009228 -0.015085 0.999844 \r\n\r\n-24.0198 5.8896 -13.2308 \r\n\r\n640 480\r\n"
)
DEPTH_CAL = (
    "575.816 0 320 \r\n0 575.816 240 \r\n0 0 1 \r\n\r\n0 0 0 0 \r\n\r\n"
    "1 0 0 \r\n0 1 0 \r\n0 0 1 \r\n\r\n0 0 0 \r\n\r\n640 480\r\n"
)
POSE = (
    "0.988397 0.0731349 0.133128 \r\n-0.0441539 0.976945 -0.208876 \r\n"
    "-0.145334 0.200575 0.968838 \r\n\r\n126.665 40.4515 876.198 \r\n"
)
FRAMES = [3, 4, 17]


def write(path, text):
    path.write_bytes(text.encode())


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """hpdb: 24 recordings of three frames, with heads and a readme beside them."""
    home = tmp_path_factory.mktemp("kinect_head_pose_db") / "hpdb"
    across = np.linspace(0, 255, 640, dtype=np.uint8)[None].repeat(480, axis=0)
    for number, name in enumerate(PEOPLE):
        (home / name).mkdir(parents=True)
        write(home / f"{name}.obj", "v 0 0 0\n")
        write(home / name / "rgb.cal", RGB_CAL)
        write(home / name / "depth.cal", DEPTH_CAL)
        picture = Image.fromarray(np.stack([across, across[:, ::-1], across * 0 + number], -1))
        for frame in FRAMES:
            stem = home / name / f"frame_{frame:05}"
            picture.save(f"{stem}_rgb.png", compress_level=1)
            write(stem.with_name(f"{stem.name}_pose.txt"), POSE)
            stem.with_name(f"{stem.name}_depth.bin").write_bytes(
                b"\x80\x02\x00\x00\xe0\x01\x00\x00"
            )
    write(home / "readme.txt", "Biwi Kinect Head Pose Database\n")
    return home


@pytest.fixture(autouse=True)
def data(monkeypatch, tmp_path):
    monkeypatch.setenv("LESSONLIB_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def own(release, tmp_path):
    """A release that a test may spoil."""
    return shutil.copytree(release, tmp_path / "hpdb", copy_function=os.link)


def refused(capsys, folder):
    with pytest.raises(SystemExit) as caught:
        main(["--from-original", str(folder)])
    assert caught.value.code == 1
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return said.splitlines()[-1]


def test_each_recording_has_pictures_poses_and_calibrations_and_nothing_else(release, data, capsys):
    main(["--from-original", str(release)])
    home = data / "biwi_head_pose"
    assert capsys.readouterr().out == f"{home}\n"
    assert sorted(os.listdir(home)) == list(PEOPLE)
    frames = {f"frame_{n:05}_{end}" for n in FRAMES for end in ("rgb.jpg", "pose.txt")}
    for name in PEOPLE:
        assert set(os.listdir(home / name)) == frames | {"rgb.cal", "depth.cal"}


def test_poses_and_calibrations_are_the_originals_byte_for_byte(release, data):
    main(["--from-original", str(release)])
    for file in ("rgb.cal", "depth.cal", "frame_00017_pose.txt"):
        for name in PEOPLE:
            original, kept = release / name / file, data / "biwi_head_pose" / name / file
            assert kept.read_bytes() == original.read_bytes()


def test_pictures_are_jpegs_that_look_like_the_originals(release, data):
    main(["--from-original", str(release)])
    for name in PEOPLE:
        with Image.open(data / "biwi_head_pose" / name / "frame_00003_rgb.jpg") as picture:
            assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (640, 480))
            pixels = np.asarray(picture).astype(int)
        with Image.open(release / name / "frame_00003_rgb.png") as original:
            assert np.abs(pixels - np.asarray(original)).mean() < 2


def test_the_catalog_and_the_lessons_labels_read_it(release, data):
    main(["--from-original", str(release.parent)])
    assert catalog.biwi() == data / "biwi_head_pose" and catalog.source("biwi") == "real"
    point = head_centre(data / "biwi_head_pose" / "13" / "frame_00003_rgb.jpg")
    x, y, z = TURN @ [126.665, 40.4515, 876.198] + SHIFT
    by_hand = [517.679 * x / z + 320, 517.679 * y / z + 240.5]
    assert np.allclose(point, by_hand, atol=1e-3)


def test_a_real_set_that_is_there_is_never_overwritten(release, data, capsys):
    (data / "biwi_head_pose" / "01").mkdir(parents=True)
    said = refused(capsys, release)
    assert f"{data / 'biwi_head_pose'} is there already. Move it away" in said
    assert os.listdir(data / "biwi_head_pose") == ["01"]


@pytest.mark.parametrize(
    ("file", "content", "cause"),
    [
        ("09/frame_00004_pose.txt", None, "is missing"),
        ("09/rgb.cal", None, "is missing"),
        ("09/depth.cal", None, "is missing"),
        ("09/frame_00004_rgb.png", b"\x89PNG\r\n\x1a\n cut off", "cannot be read as PNG"),
        ("09/frame_00004_rgb.png", b"", "cannot be read as PNG"),
    ],
)
def test_what_is_wrong_in_a_release_is_one_sentence(own, data, capsys, file, content, cause):
    (own / file).unlink()
    if content is not None:
        (own / file).write_bytes(content)
    said = refused(capsys, own)
    assert str(own / file) in said and cause in said and "Unpack kinect_head_pose_db.tgz" in said
    assert [p.name for p in data.glob("biwi_head_pose*") if p.suffix != ".lock"] == []


def test_a_picture_that_ends_early_is_named(own, data, capsys):
    picture = own / "24" / "frame_00017_rgb.png"
    whole = picture.read_bytes()
    picture.unlink()
    picture.write_bytes(whole[: len(whole) // 2])
    said = refused(capsys, own)
    assert str(picture) in said and "cannot be read as PNG" in said
    assert not (data / "biwi_head_pose").exists()


@pytest.mark.parametrize("mode", ["I;16", "RGBA"])
def test_a_picture_that_would_have_to_be_guessed_is_named(own, data, capsys, mode):
    picture = own / "24" / "frame_00017_rgb.png"
    picture.unlink()
    Image.new(mode, (640, 480)).save(picture)
    assert f"{picture} cannot be read as PNG (its mode is {mode}" in refused(capsys, own)
    assert not (data / "biwi_head_pose").exists()


def test_a_decompression_bomb_is_named(own, data, capsys, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 640 * 480 // 3)
    said = refused(capsys, own)
    assert "frame_00003_rgb.png cannot be read as PNG" in said and "exceeds limit" in said


def test_of_an_error_of_the_system_the_original_is_not_accused(own, capsys, monkeypatch):
    def refuse(picture, **_):
        raise PermissionError(errno.EACCES, "Permission denied", str(picture))

    monkeypatch.setattr(Image, "open", refuse)
    said = refused(capsys, own)
    assert "Permission denied" in said and "rgb.png" in said and "Unpack" not in said


def test_missing_recordings_are_counted_up(own, capsys):
    shutil.rmtree(own / "05")
    shutil.rmtree(own / "21")
    assert "lacks recordings: 05, 21. Unpack" in refused(capsys, own)


def test_a_recording_without_pictures_is_named(own, capsys):
    for picture in (own / "07").glob("*.png"):
        picture.unlink()
    assert f"{own / '07'} has no pictures" in refused(capsys, own)


def test_after_an_error_no_further_picture_is_converted(own, monkeypatch):
    converted = []

    def convert(folder, picture):
        converted.append(picture)
        if len(converted) == 1:
            raise ValueError("the first one")
        time.sleep(0.05)

    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(from_original, "_convert_frame", convert)
    with pytest.raises(SystemExit):
        main(["--from-original", str(own)])
    assert len(converted) < len(PEOPLE) * len(FRAMES)
