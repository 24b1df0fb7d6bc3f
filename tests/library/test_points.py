"""BIWI's files, the camera, scaling, errors in pixels."""

import random

import numpy as np
import pytest
import torch
from fuzzing import cases, fuzz
from PIL import Image

from data_scripts.biwi import PEOPLE
from lessonlib.engine.images import picture_size
from lessonlib.geometry import in_picture
from lessonlib.getters import GroupSplitter, get_image_files
from lessonlib.guards.points import intrinsics_fit
from lessonlib.guards.teaching import TeachingError
from lessonlib.points import (
    compare_with_mean,
    head_centre,
    img2pose,
    mean_point,
    median_px,
    person,
    pixel_errors,
    project,
    read_calibration,
    read_pose,
    scale_points,
    to_points,
    unscale_points,
)

RGB_CAL = """517.679 0 320
0 517.679 240.5
0 0 1

0 0 0 0

0.999947 0.00432361 0.00929419
-0.00446314 0.999877 0.0150443
-0.009228 -0.015085 0.999844

-24.0198 5.8896 -13.2308

640 480
"""
POSE = """0.98 -0.07 -0.16
0.05 0.99 -0.11
0.17 0.10 0.98

126.665 40.4515 876.198
"""
VARIANTS = {
    "as it is": lambda text: text,
    "Windows line ends": lambda text: text.replace("\n", "\r\n"),
    "trailing blanks": lambda text: text.replace("\n", " \t\n"),
    "no blank lines": lambda text: text.replace("\n\n", "\n"),
    "more blank lines": lambda text: "\n" + text.replace("\n", "\n\n"),
    "no line end at the end": lambda text: text.rstrip(),
    "a mark of Windows at its beginning": lambda text: "\ufeff" + text,
}


@pytest.fixture
def folder(tmp_path):
    """Recordings 01 and 13 with a calibration and two frames each."""
    for name in ("01", "13"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rgb.cal").write_text(RGB_CAL, encoding="utf-8")
        for number in (3, 12):
            stem = tmp_path / name / f"frame_{number:05}"
            Image.new("RGB", (640, 480)).save(f"{stem}_rgb.jpg")
            stem.with_name(f"{stem.name}_pose.txt").write_text(POSE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def frame(folder):
    return folder / "13" / "frame_00012_rgb.jpg"


def rewrite(path, text):
    path.write_bytes(text.encode("utf-8"))  # write_text would change line ends on Windows
    return path


# Reading


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_a_pose_is_read_however_its_lines_end(frame, variant):
    rotation, position = read_pose(rewrite(img2pose(frame), variant(POSE)))
    numbers = np.array(POSE.split(), dtype=np.float32)
    assert (rotation.numpy() == numbers[:9].reshape(3, 3)).all()
    assert (position.numpy() == numbers[9:]).all()


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_a_calibration_is_read_however_its_lines_end(frame, variant):
    cal = read_calibration(rewrite(frame.parent / "rgb.cal", variant(RGB_CAL)))
    assert cal.intrinsics[0].tolist() == pytest.approx([517.679, 0, 320])
    assert cal.intrinsics[1].tolist() == pytest.approx([0, 517.679, 240.5])
    assert cal.distortion.tolist() == [0, 0, 0, 0]
    assert cal.rotation[2].tolist() == pytest.approx([-0.009228, -0.015085, 0.999844])
    assert cal.translation.tolist() == pytest.approx([-24.0198, 5.8896, -13.2308])
    assert cal.size == (480, 640)


@pytest.mark.parametrize(
    "old, new, words",
    [
        ("0.05 0.99", "nan 0.99", "line 2 is 'nan 0.99 -0.11', but 3 finite numbers"),
        ("0.05 0.99", "0.05 inf", "line 2 is '0.05 inf -0.11', but 3 finite numbers"),
        ("0.17 0.10", "0.17 0.10 0 1", "line 3 is '0.17 0.10 0 1 0.98', but 3 finite numbers"),
        ("40.4515", "40_4515", "line 5 is '126.665 40_4515 876.198', but 3 finite numbers"),
        ("40.4515", "40.e198", "line 5 is '126.665 40.e198 876.198', but 3 finite numbers"),
        ("40.4515", "forty", "line 5 is '126.665 forty 876.198', but 3 finite numbers"),
        ("126.665 40.4515 876.198\n", "", "has 3 lines with numbers, but 4 belong there"),
        ("876.198\n", "876.198\n1 2 3\n", "has 5 lines .* but 4 belong there; line 6 is too many"),
        ("876.198", "0", "line 5: the head is at z = 0 mm, which is not in front"),
        ("876.198", "-876.198", "line 5: the head is at z = -876.198 mm"),
    ],
)
def test_a_wrong_pose_names_file_line_and_cure(frame, old, new, words):
    assert old in POSE
    path = rewrite(img2pose(frame), POSE.replace(old, new))
    before = path.read_bytes()
    with pytest.raises(ValueError, match=f"frame_00012_pose.txt.*{words}.*leave its frame out"):
        read_pose(path)
    assert path.read_bytes() == before


@fuzz
@pytest.mark.parametrize("name", ["rgb.cal", "frame_00012_pose.txt"])
def test_a_mutated_file_is_read_or_refused_by_its_name(frame, name):
    file, numbers = frame.with_name(name), random.Random(name)
    whole = file.read_bytes()
    for _ in cases(60):
        content = bytearray(whole)
        for _ in range(numbers.randint(1, 4)):
            at = numbers.randrange(len(content) + 1)
            new = numbers.choices(b"0189 \n\r\t-+._eEnaif\x00\xff\xef\xbb\xbf\xc2\x85", k=2)
            content[at : at + numbers.randint(0, 3)] = bytes(new)
        file.write_bytes(content)
        try:
            assert head_centre(frame).isfinite().all()
        except ValueError as error:
            assert str(frame.parent) in str(error)


def test_a_number_with_an_underscore_is_no_number_of_a_file(frame):
    rewrite(img2pose(frame), POSE.replace("876.198", "8_76.198"))
    with pytest.raises(ValueError, match="line 5 is.*8_76"):
        head_centre(frame)


def test_a_head_that_only_the_depth_camera_could_see_is_named_with_its_file(frame):
    rewrite(img2pose(frame), POSE.replace("126.665 40.4515 876.198", "10 10 10"))
    with pytest.raises(ValueError, match="frame_00012_rgb.jpg: seen from the colour camera.*z = -"):
        head_centre(frame)


def test_a_missing_calibration_concerns_the_whole_folder(frame):
    (frame.parent / "rgb.cal").unlink()
    with pytest.raises(FileNotFoundError, match="rgb.cal is missing: .* move its folder elsewhere"):
        head_centre(frame)


def test_a_line_with_five_numbers_in_a_calibration_is_named(frame):
    path = rewrite(frame.parent / "rgb.cal", RGB_CAL.replace("0 0 0 0\n", "0 0 0 0 0\n"))
    with pytest.raises(ValueError, match="rgb.cal, line 5 is '0 0 0 0 0', but 4 finite numbers"):
        read_calibration(path)


def test_a_frame_without_a_pose_file_is_named(frame):
    img2pose(frame).unlink()
    with pytest.raises(FileNotFoundError, match="frame_00012_pose.txt is missing"):
        head_centre(frame)


def test_a_picture_that_is_no_frame_is_named(frame):
    assert img2pose(str(frame)) == frame.with_name("frame_00012_pose.txt")
    with pytest.raises(ValueError, match="sheet.jpg is no frame.*frame_NNNNN_rgb.jpg"):
        img2pose(frame.with_name("sheet.jpg"))


def test_frames_are_found_among_other_files(folder):
    (folder / "13" / "depth.cal").write_text("", encoding="utf-8")
    (folder / "13.obj").write_text("", encoding="utf-8")
    names = [file.name for file in get_image_files(folder)]
    assert names == ["frame_00003_rgb.jpg", "frame_00012_rgb.jpg"] * 2


# The camera


def test_projecting_is_the_rule_of_three():
    intrinsics = torch.tensor([[517.679, 0, 320], [0, 500, 240.5], [0, 0, 1]])
    torch.manual_seed(0)
    xyz = torch.rand(20, 3) * 400 + torch.tensor([-200.0, -200, 700])
    for (x, y, z), pixel in zip(xyz.tolist(), project(xyz, intrinsics), strict=True):
        expected = [517.679 * x / z + 320, 500 * y / z + 240.5]
        assert pixel.tolist() == pytest.approx(expected, abs=1e-3)


def test_the_way_between_the_cameras_moves_the_label_by_about_fourteen_pixels(frame):
    right, biased = head_centre(frame), head_centre(frame, extrinsics=False)
    x, y, z = 126.665, 40.4515, 876.198
    assert biased.tolist() == pytest.approx([517.679 * x / z + 320, 517.679 * y / z + 240.5])
    assert (right - biased).tolist() == pytest.approx([-8, 11], abs=1)


def test_a_calibration_can_be_given(frame):
    cal = read_calibration(frame.parent / "rgb.cal")
    (frame.parent / "rgb.cal").unlink()
    assert head_centre(frame, cal).shape == (2,)
    with pytest.raises(FileNotFoundError, match="rgb.cal is missing"):
        head_centre(frame)


def test_a_calibration_for_another_resolution_is_refused(frame):
    Image.new("RGB", (320, 240)).save(frame)
    with pytest.raises(ValueError, match="rgb.jpg has 320 × 240 .*for 640 × 480.*rgb.cal"):
        head_centre(frame)


def test_a_lens_that_bends_lines_is_refused(frame):
    rewrite(frame.parent / "rgb.cal", RGB_CAL.replace("0 0 0 0\n", "0 0.1 0 0\n"))
    with pytest.raises(ValueError, match="distortion .*undistort the pictures"):
        head_centre(frame)


def test_a_broken_frame_says_what_is_wrong_with_it(frame):
    frame.write_bytes(b"no picture")
    with pytest.raises(ValueError, match="frame_00012_rgb.jpg cannot be read as a picture"):
        head_centre(frame)


def test_a_point_behind_the_camera_is_refused():
    with pytest.raises(TeachingError, match="z = -1 mm.*cannot see"):
        project(torch.tensor([[0.0, 0, 5], [0, 0, -1]]), torch.eye(3))


# People


def test_twenty_people_are_in_twenty_four_folders(frame):
    assert len(PEOPLE) == 24 and len(set(PEOPLE.values())) == 20
    twice = [("02", "21"), ("03", "15"), ("05", "18"), ("07", "22")]
    assert all(PEOPLE[one] == PEOPLE[other] for one, other in twice)
    assert person(frame) == PEOPLE["13"] == "M07"
    assert list(PEOPLE.values()).count("M07") == 1
    with pytest.raises(ValueError, match="folder 'me' is no recording"):
        person("me/frame_00001_rgb.jpg")


def test_a_split_by_person_keeps_both_recordings_together():
    files = [f"{folder}/frame_00001_rgb.jpg" for folder in PEOPLE]
    train, valid = GroupSplitter(person, {"F03"})(files)
    assert [files[i][:2] for i in valid] == ["03", "15"] and len(train) == 22


def test_a_person_who_does_not_exist_is_refused_with_names():
    files = [f"{folder}/frame_00001_rgb.jpg" for folder in PEOPLE]
    with pytest.raises(TeachingError, match="valid names 'M99'.*Groups are: 'F01', 'F02'"):
        GroupSplitter(person, {"M07", "M99"})(files)


# Scaling


def test_minus_one_is_the_left_and_top_edge():
    edges = torch.tensor([[-0.5, -0.5], [39.5, 29.5], [19.5, 14.5]])
    assert scale_points(edges, (30, 40)).tolist() == [[-1, -1], [1, 1], [0, 0]]


def test_scaling_there_and_back_changes_nothing():
    torch.manual_seed(0)
    points = torch.rand(7, 3, 2) * 500
    torch.testing.assert_close(unscale_points(scale_points(points, (480, 640)), (480, 640)), points)


@pytest.mark.parametrize("value", [(3, 4), [3.0, 4.0], torch.tensor([3, 4]), np.array([[3, 4]])])
def test_a_point_becomes_a_float_row(value):
    points = to_points(value)
    assert points.dtype == torch.float32 and points.tolist() == [[3, 4]]


def test_what_is_no_point_is_refused():
    assert to_points([(1, 2), (3, 4), (5, 6)]).shape == (3, 2)
    for value, words in [([1, 2, 3], "3 numbers"), ([], "0 numbers"), ([1, np.nan], "NaN")]:
        with pytest.raises(TeachingError, match=words):
            to_points(value)


# Errors


def test_errors_are_distances_in_pixels():
    targets, preds = (
        torch.tensor([[[100.0, 50.0]], [[7, 9]]]),
        torch.tensor([[[103.0, 54.0]], [[7, 9]]]),
    )
    scaled = [scale_points(points, (480, 640)) for points in (preds, targets)]
    assert pixel_errors(*scaled).tolist() == pytest.approx([5, 0], abs=1e-3)
    assert pixel_errors(*scaled, size=(240, 320)).tolist() == pytest.approx([2.5, 0], abs=1e-3)


def test_targets_outside_the_picture_do_not_count():
    preds = torch.zeros(3, 1, 2)
    targets = torch.tensor([[[0.1, 0.0]], [[1.2, 0.0]], [[0.3, -7.0]]])
    assert in_picture(targets).tolist() == [[True], [False], [False]]
    assert pixel_errors(preds, targets).tolist() == pytest.approx([32])
    assert median_px(preds, targets).item() == pytest.approx(32)
    assert mean_point(targets).tolist()[0] == pytest.approx([0.1, 0])


def test_the_model_stands_beside_the_mean_point():
    torch.manual_seed(0)
    train, targets = torch.rand(50, 2, 2) - 0.5, torch.rand(40, 2, 2) - 0.5
    table = compare_with_mean(targets + 0.01, targets, train)
    off = np.hypot(0.01 * 320, 0.01 * 240)
    assert table.loc["model"].tolist() == pytest.approx([off] * 3, abs=1e-3)
    apart = (targets - train.mean(dim=0)).numpy() * [320, 240]
    errors = np.hypot(*apart.reshape(-1, 2).T)
    expected = [errors.mean(), np.quantile(errors, 0.9)]
    assert table.loc["mean point", ["mean", "90 %"]].tolist() == pytest.approx(expected, rel=1e-4)
    assert table.loc["mean point", "median"] == pytest.approx(np.median(errors), rel=0.02)


def test_a_missing_dimension_is_refused():
    with pytest.raises(TeachingError, match=r"\[4, 2\].*\[4, 1, 2\]"):
        pixel_errors(torch.zeros(4, 2), torch.zeros(4, 1, 2))


@fuzz
def test_damaged_files_of_a_frame_give_finite_points_or_are_named(frame):
    chance, cal = random.Random(0), frame.with_name("rgb.cal")
    texts = {cal: RGB_CAL.encode(), img2pose(frame): POSE.encode()}
    for _ in cases(150):
        path = chance.choice(list(texts))
        content = bytearray(texts[path])
        place = chance.randrange(len(content))
        content[place : place + chance.randint(0, 2)] = bytes([chance.choice(b"0e-_. \n\0\xe9n")])
        path.write_bytes(content)
        try:
            assert head_centre(frame).isfinite().all(), bytes(content)
        except ValueError as error:
            assert path.name in str(error) or frame.name in str(error)
        path.write_bytes(texts[path])


def test_a_frame_that_is_too_large_to_be_safe_is_named(tmp_path, monkeypatch):
    frame = tmp_path / "frame_00003_rgb.jpg"
    Image.new("RGB", (64, 48)).save(frame)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 64 * 48 // 3)
    with pytest.raises(ValueError, match=r"frame_00003_rgb\.jpg has more than 1,024 pixels"):
        intrinsics_fit(frame, picture_size(frame), (48, 64))
