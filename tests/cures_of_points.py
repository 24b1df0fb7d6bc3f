"""What test_cures.py tries out, in a folder: messages about points and BIWI's files."""

import torch
from cures import Case
from PIL import Image

from lessonlib.block import DataBlock, ImageBlock, PointBlock, TransformBlock
from lessonlib.getters import GroupSplitter
from lessonlib.points import (
    compare_with_mean,
    head_centre,
    img2pose,
    person,
    project,
    scale_points,
    to_points,
)

NAN = float("nan")


CAL = """517.679 0 320
0 517.679 240.5
0 0 1

0 0 0 0

1 0 0
0 1 0
0 0 1

-24 6 -13

64 48
"""
POSE = "1 0 0\n0 1 0\n0 0 1\n\n126.6 40.4 876.1\n"


def recording(folder, pose=POSE, name="13"):
    home = folder / name
    home.mkdir(exist_ok=True)
    (home / "rgb.cal").write_text(CAL, encoding="utf-8")
    (home / "frame_00012_pose.txt").write_text(pose, encoding="utf-8")
    Image.new("RGB", (64, 48)).save(home / "frame_00012_rgb.jpg")
    return home / "frame_00012_rgb.jpg"


def a_centre(pose):
    return lambda folder: head_centre(recording(folder, pose))


def no_pose(folder):
    frame = recording(folder)
    img2pose(frame).unlink()
    return head_centre(frame)


def inside(folder):
    return head_centre(recording(folder))


POINTS = [
    Case("guards.points.rows_are_numbers", no_pose, "copy it anew", inside),
    Case(
        "guards.points.rows_are_numbers",
        a_centre(POSE.replace("40.4", "x")),
        "copy the file anew",
        inside,
    ),
    Case(
        "guards.points.rows_are_numbers", a_centre(POSE + "1 2 3\n"), "copy the file anew", inside
    ),
    Case(
        "guards.points.pose_in_front",
        a_centre(POSE.replace("876", "-876")),
        "copy the file anew",
        inside,
    ),
    Case(
        "guards.points.in_front",
        lambda folder: project(torch.tensor([1.0, 2, NAN]), torch.eye(3)),
        "z has to be above 0",
        lambda folder: project(torch.tensor([1.0, 2, 3]), torch.eye(3)),
    ),
    Case(
        "guards.points.is_frame",
        lambda folder: img2pose(folder / "holiday.jpg"),
        "frame_NNNNN_rgb.jpg",
        lambda folder: img2pose(folder / "frame_00012_rgb.jpg"),
    ),
    Case(
        "guards.points.known_recording",
        lambda folder: DataBlock(splitter=GroupSplitter(person, {"me"})).datasets(["99/a_rgb.jpg"]),
        "write a function like `person`",
        lambda folder: DataBlock(
            splitter=GroupSplitter(lambda path: path.split("/")[0], {"99"})
        ).datasets(["99/a_rgb.jpg", "98/b_rgb.jpg"]),
    ),
    Case(
        "guards.points.are_points",
        lambda folder: to_points([1, 2, 3]),
        r"return \(x, y\), or a list of such pairs",
        lambda folder: [to_points((1, 2)), to_points([(1, 2), (3, 4)])],
    ),
    Case(
        "guards.points.some_seen",
        lambda folder: compare_with_mean(*[torch.full((3, 1, 2), 30.0)] * 3),
        r"scale_points\(points, size\)",
        lambda folder: compare_with_mean(
            *[scale_points(torch.full((3, 1, 2), 30.0), (48, 64))] * 3, (48, 64)
        ),
    ),
    Case(
        "guards.points.points_have_a_picture",
        lambda folder: DataBlock(
            (TransformBlock, PointBlock), get_y=lambda path: (1, 2)
        ).dataloaders([recording(folder)] * 5, batch_size=2),
        r"blocks=\(ImageBlock, PointBlock\)",
        lambda folder: (
            DataBlock((ImageBlock, PointBlock), get_y=lambda path: (1, 2))
            .dataloaders([recording(folder)] * 5, batch_size=2)
            .one_batch()
        ),
    ),
]
