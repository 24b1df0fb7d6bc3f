"""An offline twin of the BIWI Kinect head pose data set, in the layout in which it is published.

    01/ … 24/               one recording each
      frame_NNNNN_rgb.jpg   640 x 480, numbered with gaps
      frame_NNNNN_pose.txt  the head's rotation, 3 x 3; then its centre x y z in mm, both in the
                            frame of the depth camera
      rgb.cal, depth.cal    focal lengths, distortion, and the way from the depth camera's frame
    truth.csv               folder,frame,x_px,y_px: the head's true centre in the picture.
                            Only the twin has it

Four of the 20 people were recorded twice, in the same room and clothes (`layouts.PEOPLE`). Each
person's labels are off the true centre by an offset of their own that turns with the head, as if
each had been fitted with another template: 9 to 11 mm, and 4 mm for person 13 (M07), whose pictures
are held out. Nobody can predict the offset of a person they have never seen, and 10 mm are 5
pixels.

`plan` decides the rotations and places on a frozen random stream. In the folder people, heads.py
models the people, rooms.py what is behind them, and camera.py draws them.
Command: python -m data_scripts.biwi [--count N] [--seed S] | --real | --twin
Or, for the real one from the original release of PNG pictures: --from-original FOLDER
"""

import argparse
import csv
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from math import cos, pi, radians, sin, sqrt
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from data_scripts.console import run
from data_scripts.drawings.scene import between, jpeg
from data_scripts.layouts import PEOPLE
from data_scripts.people import camera
from data_scripts.people.heads import person
from data_scripts.people.rooms import Room, room
from data_scripts.published import from_original
from data_scripts.published.real import BIWI, add_options, switch
from data_scripts.storage import build_once, data_home

VERSION = 3  # part of the folder's name: raise it whenever the recipe changes
COUNT, SEED = 600, 42

NAMES = sorted(set(PEOPLE.values()))
HELD_OUT = "M07"
RGB_CAL = [
    [[camera.FOCAL, 0, camera.MIDDLE[0]], [0, camera.FOCAL, camera.MIDDLE[1]], [0, 0, 1]],
    [[0, 0, 0, 0]],
    camera.TURN,
    [camera.SHIFT],
]
DEPTH_CAL = [
    [[575.816, 0, 320], [0, 575.816, 240], [0, 0, 1]],
    [[0, 0, 0, 0]],
    np.eye(3),
    [[0, 0, 0]],
]


@dataclass(frozen=True)
class Frame:
    """One picture: folder, number, the head's rotation [3, 3] and true centre [3] in mm."""

    folder: str
    number: int
    rotation: np.ndarray
    centre: np.ndarray

    @property
    def stem(self) -> str:
        return f"frame_{self.number:05}"


def plan(count: int = COUNT, seed: int = SEED) -> list[Frame]:
    """Every frame of the twin, without drawing one: by folder, then by number.

    Raises ValueError for less than a frame a folder or a seed that is not in 0 to 2**32 - 1.
    """
    if count < len(PEOPLE) or not 0 <= seed < 2**32:
        raise ValueError(
            f"count={count}, seed={seed}: count must be at least {len(PEOPLE)}, one frame for each "
            "folder, and seed between 0 and 4294967295."
        )
    share, more = divmod(count, len(PEOPLE))
    return [
        frame
        for place, folder in enumerate(PEOPLE)
        for frame in _recording(folder, share + (place < more), seed)
    ]


def _recording(folder: str, count: int, seed: int) -> list[Frame]:
    """A smooth walk: the person looks about and leans to and fro, frame after frame."""
    rng = np.random.RandomState([seed, 1, int(folder)])  # its stream is the same in every NumPy
    numbers = np.cumsum([3 + int(24 * rng.random_sample()) for _ in range(count)])
    yaw, pitch = _swing(rng, 1.1, 1.9, 55, 75), _swing(rng, 1.8, 2.9, 38, 60)
    roll = _swing(rng, 1, 3, 4, 12)
    lean = [_swing(rng, 0.7, 1.6, reach / 2, reach) for reach in (65, 25, 25)]  # x, y, z
    chair = seat(PEOPLE[folder], seed)
    frames = []
    for number in numbers.tolist():
        time = number / max(numbers[-1], 300)
        rest = chair + [swing(time) for swing in lean]
        rotation = turned(yaw(time), pitch(time), roll(time))
        centre = rest + camera.PIVOT - rotation @ camera.PIVOT
        frames.append(Frame(folder, number, rotation, centre))
    return frames


def _swing(rng, least: float, most: float, low: float, high: float):
    """A function of time 0 to 1: so many swings to and fro, so far."""
    speed, reach, start = between(rng, least, most), between(rng, low, high), rng.random_sample()
    return lambda time: reach * sin(2 * pi * (speed * time + start))


def turned(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """The rotation [3, 3] of a head, in degrees: to the left of the picture with yaw > 0,
    down with pitch > 0; first rolled, then pitched, then yawed."""
    (a, b), (c, d), (e, f) = ((cos(r), sin(r)) for r in map(radians, (yaw, pitch, roll)))
    about_y = np.array([[a, 0, b], [0, 1, 0], [-b, 0, a]])
    about_x = np.array([[1, 0, 0], [0, c, -d], [0, d, c]])
    about_z = np.array([[e, -f, 0], [f, e, 0], [0, 0, 1]])
    return np.round(about_y @ about_x @ about_z, 6)  # what fits into a file is exact


def seat(name: str, seed: int = SEED) -> np.ndarray:
    """Where the head of a person rests, in mm [3]: all seats are spread evenly over the picture."""
    start = np.random.RandomState([seed, 18]).random_sample(3)  # with 42, M07 sits amid others
    across, down, away = (start + (NAMES.index(name) + 1) * np.array([0.7549, 0.5698, 0.6180])) % 1
    return np.array([360 * (across - 0.5), 220 * (down - 0.5) - 25, 905 + 80 * away])


def label_offset(name: str, seed: int = SEED) -> np.ndarray:
    """What a person's labels add to the true centre, in mm [3], in the frame of the head."""
    rng = np.random.RandomState([seed, 3])
    order = sorted(NAMES, key=lambda _: rng.random_sample())
    lengths = {other: between(rng, 9, 11) for other in NAMES} | {HELD_OUT: 4.0}
    place = order.index(name) + 0.5  # directions spread evenly over a sphere: they average to zero
    y, angle = 1 - 2 * place / len(NAMES), pi * (3 - sqrt(5)) * place
    flat = sqrt(1 - y * y)
    return lengths[name] * np.array([flat * cos(angle), y, flat * sin(angle)])


def build(folder: Path, count: int = COUNT, seed: int = SEED, progress: bool = True) -> None:
    """Write the whole twin into `folder`: less than a minute and about 40 MB at the default count.

    `twin` is the safe way to call it: it never leaves a half-built folder.
    """
    frames = plan(count, seed)
    for name in PEOPLE:
        (folder / name).mkdir(parents=True, exist_ok=True)
        _write(folder / name / "rgb.cal", calibration(RGB_CAL))
        _write(folder / name / "depth.cal", calibration(DEPTH_CAL))
    people = sorted(NAMES, key=lambda name: -sum(PEOPLE[f.folder] == name for f in frames))
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:  # 250 MB each
        done = pool.map(partial(record, folder, frames, seed), people)
        list(tqdm(done, "Recording people", len(people), disable=not progress, unit="person"))
    _write_truth(folder, frames)


def record(folder: Path, frames: Sequence[Frame], seed: int, name: str) -> None:
    """Draw and save every frame of one person."""
    number = NAMES.index(name)
    cloud = person(name, np.random.RandomState([seed, 4, number]))
    behind = _room(name, seed)
    for frame in frames:
        if PEOPLE[frame.folder] == name:
            # a generator of its own: whichever thread draws it, the picture is the same
            rng = np.random.RandomState([seed, 6, int(frame.folder), frame.number])
            picture = camera.photograph(cloud, frame.rotation, frame.centre, behind, rng)
            place = folder / frame.folder / frame.stem
            place.with_name(f"{frame.stem}_rgb.jpg").write_bytes(jpeg(picture))
            _write(place.with_name(f"{frame.stem}_pose.txt"), pose(frame, seed))


def _room(name: str, seed: int) -> Room:
    x, y, _ = camera.project(seat(name, seed))
    return room(np.random.RandomState([seed, 8, NAMES.index(name)]), (x, y))


def pose(frame: Frame, seed: int = SEED) -> str:
    """The text of a pose.txt: the rotation and, after a blank line, the label of the centre."""
    label = frame.centre + frame.rotation @ label_offset(PEOPLE[frame.folder], seed)
    return _rows(frame.rotation) + "\n" + _rows([label]) + "\n"


def calibration(parts: Sequence) -> str:
    """The text of a .cal: intrinsics, distortion, rotation, translation, size of the picture."""
    return "\n".join(_rows(part) for part in parts) + f"\n{camera.WIDTH} {camera.HEIGHT}\n"


def _rows(matrix) -> str:
    """A line for each row and a blank after each number, as in BIWI's files."""
    return "".join("".join(f"{value:g} " for value in row) + "\n" for row in matrix)


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode())  # the same bytes on every system


def _write_truth(folder: Path, frames: Sequence[Frame]) -> None:
    with (folder / "truth.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["folder", "frame", "x_px", "y_px"])
        for frame in frames:
            x, y, _ = camera.project(frame.centre)
            writer.writerow([frame.folder, f"{frame.number:05}", f"{x:.3f}", f"{y:.3f}"])


def twin_folder(count: int = COUNT, seed: int = SEED) -> Path:
    """Where the twin of these settings stands; other settings never share the default's folder."""
    name = f"biwi_twin_v{VERSION}"
    if (count, seed) != (COUNT, SEED):
        name += f"_{count}_seed{seed}"
    return data_home() / name


def twin(count: int = COUNT, seed: int = SEED, progress: bool = True) -> Path:
    """The folder of the finished twin, built on first use. Errors: storage.build_once, plan."""
    build_it = partial(build, count=count, seed=seed, progress=progress)
    return build_once(twin_folder(count, seed), build_it, max(1, count // 12))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        "python -m data_scripts.biwi", description="Build the twin, or bring the real data set."
    )
    parser.add_argument("--count", type=int, default=COUNT, help="pictures in all 24 folders")
    parser.add_argument("--seed", type=int, default=SEED, help="another seed, other recordings")
    from_original.add_options(add_options(parser))

    def folder(chosen: argparse.Namespace) -> Path:
        real = switch(BIWI, chosen, twin) or from_original.converted(chosen, PEOPLE)
        return real or twin(chosen.count, chosen.seed)

    run(parser, arguments, folder)


if __name__ == "__main__":
    main()
