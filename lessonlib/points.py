"""Points in pictures: BIWI's files, the pinhole camera, scaling to −1…1, errors in pixels.

A point is (x, y), x to the right and y downwards, in pixel-centre coordinates: the centre of the
pixel in column k is at x = k. Scaled, −1 is the left or top edge of the picture and 1 the right or
bottom edge, so that its size plays no part any more. Sizes are (height, width).
Built in notebook 07.
"""

from pathlib import Path
from typing import NamedTuple

import pandas as pd
import torch

from data_scripts.layouts import PEOPLE
from lessonlib.engine.images import picture_size
from lessonlib.geometry import in_picture
from lessonlib.guards.points import (
    are_points,
    in_front,
    intrinsics_fit,
    is_frame,
    known_recording,
    no_distortion,
    pose_in_front,
    rows_are_numbers,
    seen_by_colour,
    some_seen,
)
from lessonlib.guards.tensors import are_numbers, on_the_cpu, same_numbers

BIWI_SIZE = 480, 640


# The files


class Pose(NamedTuple):
    """rotation: of the head, float [3, 3]. position: of its centre in mm, float [3]."""

    rotation: torch.Tensor
    position: torch.Tensor


class Calibration(NamedTuple):
    """A camera. intrinsics: float [3, 3]. distortion: float [4]. rotation [3, 3], translation [3]
    in mm: from the depth camera to this one. size: (height, width) of its pictures."""

    intrinsics: torch.Tensor
    distortion: torch.Tensor
    rotation: torch.Tensor
    translation: torch.Tensor
    size: tuple[int, int]


def read_rows(path, widths):
    """The numbers of a text file, a list for each line that is not blank.

    widths: how many numbers each line must have. Raises FileNotFoundError, and ValueError naming
    file and line for a wrong count, a NaN or a word. Built in notebook 07.
    """
    rows_are_numbers(path, widths)
    lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    return [[float(word) for word in line.split()] for line in lines if line.strip()]


def read_pose(path):
    """The Pose in a frame_NNNNN_pose.txt: three rows of a rotation, a blank line, x y z in mm.

    In the coordinates of the depth camera: x to the right, y downwards, z away from it. Raises as
    read_rows, and ValueError for a head that is not in front. Both are float tensors, [3, 3] and
    [3]. Built in notebook 07.
    """
    *rotation, position = read_rows(path, [3, 3, 3, 3])
    pose_in_front(path, position)
    return Pose(torch.tensor(rotation), torch.tensor(position))


def read_calibration(path):
    """The Calibration in an rgb.cal or depth.cal. Raises as read_rows.

    Its matrices are float tensors [3, 3], its translation is [3]. Built in notebook 07.
    """
    rows = read_rows(path, [3, 3, 3, 4, 3, 3, 3, 3, 2])
    intrinsics, rotation = torch.tensor(rows[:3]), torch.tensor(rows[4:7])
    width, height = map(int, rows[8])
    distortion, translation = torch.tensor(rows[3]), torch.tensor(rows[7])
    return Calibration(intrinsics, distortion, rotation, translation, (height, width))


def img2pose(path):
    """The path of a picture's pose: frame_00003_rgb.jpg to frame_00003_pose.txt.

    Raises ValueError for a picture that is no frame. Built in notebook 07.
    """
    path = Path(path)
    is_frame(path)
    return path.with_name(path.stem.removesuffix("rgb") + "pose.txt")


def person(path):
    """Who is in a frame, by its folder: 20 people in 24 folders. "F03" is in 03 and in 15.

    Raises ValueError for another folder than BIWI's. Built in notebook 07.
    """
    folder = Path(path).parent.name
    known_recording(folder, PEOPLE)
    return PEOPLE[folder]


# The camera


def project(xyz, intrinsics):
    """Where a pinhole camera sees points in space: fx·x/z + cx and fy·y/z + cy, in pixels.

    xyz: float [..., 3] in mm, in the camera's coordinates. Returns float [..., 2]. The published
    intrinsics are used as they are, for pixel-centre coordinates. Raises ValueError when a point
    is not in front of the camera. Built in notebook 07.
    """
    in_front(xyz)
    seen = xyz @ intrinsics.T
    return seen[..., :2] / seen[..., 2:]


def head_centre(frame, cal=None, extrinsics=True):
    """Where the centre of the head is in a frame: (x, y) in its pixels, float [2].

    frame: path of the picture; its pose lies beside it. cal: a Calibration, by default that of
    the frame's own folder. extrinsics: lead the position from the depth camera, which measured
    it, to the colour camera; without that the point is off by some 14 pixels.
    Raises what read_pose and read_calibration raise, and ValueError when the picture has another
    size than the calibration. Built in notebook 07.
    """
    cal = cal or read_calibration(Path(frame).parent / "rgb.cal")
    intrinsics_fit(frame, picture_size(frame), cal.size)
    no_distortion(frame, cal.distortion)
    xyz = read_pose(img2pose(frame)).position
    if extrinsics:
        xyz = cal.rotation @ xyz + cal.translation
    seen_by_colour(frame, xyz)
    return project(xyz, cal.intrinsics)


# Scaling


def to_points(value):
    """One point (x, y) or several as a float tensor [n, 2].

    Raises ValueError for an odd count of numbers, a text, NaN or infinity. Built in notebook 07.
    """
    are_numbers(value)
    points = torch.as_tensor(value, dtype=torch.float32)
    are_points(points)
    return points.reshape(-1, 2)


def scale_points(points, size):
    """Pixels to −1…1: (2x + 1) / width − 1, and y likewise with the height.

    points: float [..., 2]. size: (height, width) of the picture. Built in notebook 07.
    """
    height, width = size
    return (2 * points + 1) / torch.tensor([width, height]) - 1


def unscale_points(points, size):
    """−1…1 to pixels of a picture of this size (height, width).

    points: float [..., 2]. Built in notebook 07.
    """
    height, width = size
    return ((points + 1) * torch.tensor([width, height]) - 1) / 2


# How good is it?


def pixel_errors(preds, targets, size=BIWI_SIZE):
    """How many pixels each prediction is away from its target, float [points in the picture].

    preds, targets: scaled, float [..., 2]. size: (height, width) of the picture whose pixels are
    meant. Targets outside the picture are left out. Raises TeachingError for two shapes, or tensors
    elsewhere than on the CPU. Built in notebook 07.
    """
    same_numbers(preds, targets)
    on_the_cpu(preds, targets)
    height, width = size
    apart = (preds - targets) * torch.tensor([width, height]) / 2
    return apart[in_picture(targets)].norm(dim=-1)


def off_by(preds, targets):
    """How far predicted points are from their targets at 640 × 480, as their picture's title."""
    errors = pixel_errors(preds, targets)
    return f"{errors.mean():.0f} px off" if len(errors) else "target outside"


def median_px(preds, targets, size=BIWI_SIZE):
    """The metric: half of the predictions are at most this many pixels off. As pixel_errors.

    Built in notebook 07.
    """
    return pixel_errors(preds, targets, size).median()


def mean_point(targets):
    """The mean of scaled targets [items, n, 2], float [n, 2], without those outside the picture.

    What a model that never looks at a picture should answer. Built in notebook 07.
    """
    seen = in_picture(targets).unsqueeze(-1)
    return (targets * seen).sum(dim=0) / seen.sum(dim=0)


def compare_with_mean(preds, targets, train_targets, size=BIWI_SIZE):
    """Errors in pixels of the predictions, and of the training targets' mean point beside them.

    All three scaled, float [items, n, 2]. Returns a DataFrame with the columns mean, median and
    90 % (nine of ten errors are smaller). TeachingError where no target lies in its picture.
    """
    some_seen(targets)
    some_seen(train_targets)
    guesses = {"model": preds, "mean point": mean_point(train_targets).expand_as(targets)}
    errors = {name: pixel_errors(guess, targets, size) for name, guess in guesses.items()}
    return pd.DataFrame(
        {
            "mean": {name: error.mean().item() for name, error in errors.items()},
            "median": {name: error.median().item() for name, error in errors.items()},
            "90 %": {name: error.quantile(0.9).item() for name, error in errors.items()},
        }
    )
