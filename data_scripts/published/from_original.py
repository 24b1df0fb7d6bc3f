"""The original BIWI release becomes the layout of `data_scripts.biwi`: --from-original FOLDER.

FOLDER is what kinect_head_pose_db.tgz unpacks to: 01 … 24, maybe in a folder hpdb, each with
frame_NNNNN_rgb.png, frame_NNNNN_depth.bin, frame_NNNNN_pose.txt, rgb.cal and depth.cal. Pictures
become JPEG. Poses and calibrations stay as they are, byte for byte. Depth pictures and the heads'
.obj files are left out: no lesson needs them.
"""

import argparse
import os
import shutil
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from PIL import Image
from tqdm.auto import tqdm

from data_scripts.layouts import REAL
from data_scripts.storage import install

QUALITY = 95  # JPEG's steps stay below the camera's own noise
MEGABYTES = 2000
UNPACK = "Unpack kinect_head_pose_db.tgz completely"


def add_options(which: argparse._MutuallyExclusiveGroup) -> None:
    which.add_argument(
        "--from-original", type=Path, metavar="FOLDER", help="convert the original PNG release"
    )


def converted(chosen: argparse.Namespace, recordings: Collection[str]) -> Path | None:
    """The real set, converted and then in use; None without --from-original.

    recordings: the names of all its folders. Raises OSError or ValueError naming the file, the
    cause and the cure; nothing half-done stays.
    """
    if chosen.from_original is None:
        return None
    home = recordings_in(chosen.from_original.expanduser(), recordings)
    return install(REAL["biwi"], partial(convert, home, recordings), MEGABYTES)


def recordings_in(folder: Path, recordings: Collection[str]) -> Path:
    """The folder with all recordings: the one that is given, or hpdb in it."""
    home = folder / "hpdb" if (folder / "hpdb").is_dir() else folder
    missing = [name for name in recordings if not (home / name).is_dir()]
    if missing:
        raise FileNotFoundError(
            f"{home} lacks recordings: {', '.join(missing)}. {UNPACK}, and name the folder with "
            f"{min(recordings)} to {max(recordings)}."
        )
    return home


def convert(home: Path, recordings: Collection[str], folder: Path) -> None:
    """Write every recording of `home` into `folder`."""
    pictures = [picture for name in recordings for picture in pictures_in(home / name)]
    for name in recordings:
        (folder / name).mkdir()
        for file in ("rgb.cal", "depth.cal"):
            copy(home / name / file, folder / name)
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # Pillow works outside of Python's lock
        done = pool.map(partial(_convert_frame, folder), pictures)
        try:
            for _ in tqdm(done, "Converting pictures", len(pictures), unit="img"):
                pass
        except BaseException:  # Ctrl-C too: do not convert thousands that nobody wants
            pool.shutdown(cancel_futures=True)
            raise


def pictures_in(recording: Path) -> Iterator[Path]:
    """The PNG pictures of a recording. FileNotFoundError when it has none."""
    pictures = sorted(recording.glob("frame_*_rgb.png"))
    if not pictures:
        raise FileNotFoundError(f"{recording} has no pictures frame_NNNNN_rgb.png. {UNPACK}.")
    yield from pictures


def copy(file: Path, folder: Path) -> None:
    if not file.is_file():
        raise FileNotFoundError(f"{file} is missing. {UNPACK}.")
    shutil.copyfile(file, folder / file.name)


def _convert_frame(folder: Path, picture: Path) -> None:
    """A picture as JPEG, and its pose beside it."""
    place = folder / picture.parent.name
    stem = picture.name.removesuffix("rgb.png")
    copy(picture.with_name(f"{stem}pose.txt"), place)
    try:
        with Image.open(picture, formats=["PNG"]) as opened:
            if opened.mode != "RGB":  # a conversion would guess: 16-bit grey would become white
                raise ValueError(f"its mode is {opened.mode}, not RGB")
            pixels = opened.copy()
    except Exception as error:  # Pillow raises half a dozen kinds, and one of its own for bombs
        if getattr(error, "errno", None):  # the system's, which says itself what is wrong
            raise
        raise ValueError(f"{picture} cannot be read as PNG ({error}). {UNPACK}.") from error
    pixels.save(place / f"{stem}rgb.jpg", quality=QUALITY)
