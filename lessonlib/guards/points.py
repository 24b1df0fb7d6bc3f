"""Checks of points and of BIWI's files, with the file, the line and the cure.

As in tensors.py, the lessons' own versions leave these lines out.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

import torch

from lessonlib.guards.teaching import teach

LARGEST = 3.4e38  # that float32 holds, nearly
LEAVE_OUT = "copy the file anew, or leave its frame out"


def rows_are_numbers(path: str | Path, widths: Sequence[int]) -> None:
    """ValueError unless the lines that are not blank hold this many finite numbers each."""
    path = Path(path)
    if not path.is_file():
        whose = "its folder" if path.suffix == ".cal" else "its picture"
        raise FileNotFoundError(f"{path} is missing: copy it anew, or move {whose} elsewhere.")
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    lines = [(k, line.split()) for k, line in enumerate(text.splitlines(), 1) if line.strip()]
    for (number, words), width in zip(lines, widths, strict=False):
        if len(words) != width or not all(map(is_finite, words)):
            raise ValueError(
                f"{path}, line {number} is {' '.join(words)!r}, but {width} finite numbers "
                f"belong there: {LEAVE_OUT}."
            )
    if len(lines) != len(widths):
        raise ValueError(
            f"{path} has {len(lines)} lines with numbers, but {len(widths)} belong there"
            f"{f'; line {lines[len(widths)][0]} is too many' if len(lines) > len(widths) else ''}: "
            f"{LEAVE_OUT}."
        )


def is_finite(word: str) -> bool:
    """Whether a word is a number that float32 holds: not NaN, not infinite, not Python's 1_000."""
    try:
        return "_" not in word and abs(float(word)) < LARGEST  # false for NaN, too
    except ValueError:
        return False


def pose_in_front(path: str | Path, position: Sequence[float]) -> None:
    """ValueError when the position in a pose file does not lie in front of the camera."""
    if position[2] <= 0:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
        number = max(k for k, line in enumerate(lines, 1) if line.strip())
        raise ValueError(
            f"{path}, line {number}: the head is at z = {position[2]:g} mm, which is not in front "
            f"of the camera (z must be above 0): {LEAVE_OUT}."
        )


def seen_by_colour(frame: str | Path, xyz: Sequence[float]) -> None:
    """ValueError when a head is in front of the depth camera, but not of the colour camera."""
    if xyz[2] <= 0:
        raise ValueError(
            f"{frame}: seen from the colour camera, its head is at z = {xyz[2]:g} mm, which is not "
            "in front of it. Look at the last line of its pose file and at the rotation and "
            f"translation in {Path(frame).parent / 'rgb.cal'}: {LEAVE_OUT}."
        )


def in_front(xyz: torch.Tensor) -> None:
    """TeachingError when points in space do not lie in front of the camera."""
    if not (xyz[..., 2] > 0).all():  # NaN is not in front either
        raise teach(
            f"A point has z = {xyz[..., 2].min():g} mm: it is beside or behind the camera, which "
            "cannot see it.",
            "look at the pose file and at the transform between the cameras; z has to be above 0.",
            "07, A camera with a pinhole",
        )


def is_frame(path: Path) -> None:
    """ValueError unless a picture's name is one of a frame."""
    if not path.stem.endswith("_rgb"):
        raise ValueError(
            f"{path} is no frame: their names are frame_NNNNN_rgb.jpg. Move other pictures out of "
            "the data set's folder."
        )


def known_recording(folder: str, people: Collection[str]) -> None:
    """ValueError unless a folder is one of BIWI's recordings."""
    if folder not in people:
        raise ValueError(
            f"The folder {folder!r} is no recording of BIWI, whose folders are 01 to 24, so who is "
            "in it is not known. For recordings of your own write a function like `person`."
        )


def intrinsics_fit(frame: str | Path, found: tuple[int, int], size: tuple[int, int]) -> None:
    """ValueError when a picture, of `found` (width, height), has another size (height, width) than
    the calibration is for."""
    height, width = size
    if found != (width, height):
        raise ValueError(
            f"{frame} has {found[0]} × {found[1]} pixels, but the calibration is for "
            f"{width} × {height} (the last line of {Path(frame).parent / 'rgb.cal'}): use the "
            "calibration of this camera, or the pictures as they were published."
        )


def no_distortion(frame: str | Path, distortion: torch.Tensor) -> None:
    """ValueError for a lens that bends straight lines, which no pinhole does."""
    if distortion.any():
        raise ValueError(
            f"The calibration of {frame} has a distortion of {distortion.tolist()} (line 4 or 5 of "
            "the file), but a pinhole has none: undistort the pictures first and write zeros there."
        )


def are_points(points: torch.Tensor) -> None:
    """TeachingError unless a tensor holds points: pairs of finite numbers."""
    if points.numel() == 0 or points.numel() % 2:
        raise teach(
            f"A target of {points.numel()} numbers cannot be points: each needs an x and a y.",
            "let get_y return (x, y), or a list of such pairs.",
            "07, Two numbers instead of a name",
        )


def some_seen(targets: torch.Tensor) -> None:
    """TeachingError unless a scaled target lies in its picture: without one nothing is off."""
    if not (targets.abs() <= 1).all(dim=-1).any():
        raise teach(
            f"Of {targets[..., 0].numel()} targets none lies in its picture.",
            "scale them first, scale_points(points, size): in the picture they run from −1 to 1.",
            "07, Coordinates without pixels",
        )


def points_have_a_picture(points: Sequence[int], pictures: Sequence[int]) -> None:
    """TeachingError when a DataBlock has points but no picture in which they could lie."""
    if points and not pictures:
        raise teach(
            "There is a PointBlock but no ImageBlock: points are pixels of a picture.",
            "give blocks=(ImageBlock, PointBlock).",
            "07, Points that leave the picture",
        )
