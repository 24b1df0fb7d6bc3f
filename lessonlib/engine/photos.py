"""Looking through a folder of photographs before it trains anything: broken files, doubles."""

import csv
import errno
import os
import shutil
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image
from tqdm.auto import tqdm

from lessonlib.engine.images import open_image
from lessonlib.getters import get_image_files
from lessonlib.guards.pictures import is_the_computers
from lessonlib.show.pixels import Guess

REJECTED = "rejected"
SET_ASIDE = ".rejected"  # after the name: no search for pictures finds the file any more
LONGEST = 255  # bytes of a name that the usual file systems take
COLUMNS = ["fname", "reason", "moved_to"]
HASH = 16  # a fingerprint has 16 × 16 bits


def verify_images(
    folder: str | Path, workers: int | None = None, progress: bool = True
) -> pd.DataFrame:
    """Decode every picture below a folder; move what cannot be decoded to folder/rejected/.

    A row for each of those: fname, its path in the folder; reason, why it cannot be decoded;
    moved_to, its new path in the folder, which is the old one below rejected/ and with .rejected
    after its name. rejected/rejected.csv keeps the rows of all runs; each is written before its
    file is moved. Nothing is deleted, overwritten or changed: to take a file back, move it and
    cut .rejected off. What counts is the content: a PNG that is called .jpg is fine, and a text
    is not. A file that Pillow can show, that this computer may not read or move, or for which its
    memory does not suffice, may be fine: it stays where it is, and its moved_to is "". Letters
    of a name that are no Unicode are written as their numbers, such as \\udce9.
    workers: threads, by default as many as cores. progress: a bar, once it takes two seconds.
    Raises FileNotFoundError for a missing folder.
    """
    folder = Path(folder).expanduser()
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not a folder. Which one holds your pictures?")
    paths = get_image_files(folder)
    faults = in_threads(fault, paths, workers, "Opening pictures", progress)
    rows = [
        (shown(path, folder), reason, "") if stays else set_aside(path, folder, reason)
        for path, (reason, stays) in zip(paths, faults, strict=True)
        if reason
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def fault(path: Path) -> tuple[str, bool]:
    """Why a picture cannot be opened, "" if it can; and whether the file may be fine, and stays.

    Raises nothing: an error becomes the answer.
    """
    try:
        open_image(path)
    except (ValueError, OSError) as error:
        why = error.__context__  # what Python or Pillow said; none for an empty file
        stays = (
            is_the_computers(why or error)
            or isinstance(why, Image.DecompressionBombWarning)  # only large: Pillow would show it
            or pillow_shows(path)
        )
        reason = f"cannot be read as a picture: {why}" if error.__cause__ else str(error)
        return printable(reason).replace(printable(str(path)), printable(path.name)), stays
    return "", False


def pillow_shows(path: Path) -> bool:
    """Whether Pillow by itself decodes a file: then the fault is not the file's."""
    try:
        with Image.open(path) as image:
            image.load()
    except Exception:
        return False
    return True


def set_aside(path: Path, folder: Path, reason: str) -> tuple[str, str, str]:
    """Record a file and move it to its place below rejected/, onto no other file. Returns the row.

    Recorded first: of a program that is killed in between, a row too many remains, and not a
    file that nobody finds. A file that cannot be moved stays, and the row says why.
    """
    row = (shown(path, folder), reason)
    try:
        place = free_place(path, folder)
        note(folder / REJECTED / "rejected.csv", (*row, shown(place, folder)))
        move(path, place)
    except OSError as error:
        return row[0], f"{reason}; and it cannot be moved: {error.strerror or error}", ""
    return *row, shown(place, folder)


def free_place(path: Path, folder: Path) -> Path:
    """Where below rejected/ a file of the folder goes: a name that is free, and not too long."""
    place = folder / REJECTED / path.relative_to(folder)
    place.parent.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        end = f"{f'-{number}' if number > 1 else ''}{place.suffix}{SET_ASIDE}"
        stem = place.stem
        while len(os.fsencode(stem + end)) > LONGEST:
            stem = stem[:-1]
        free = place.with_name(stem + end)
        if not os.path.lexists(free):  # a link to nowhere is something, too
            return free


def move(path: Path, place: Path) -> None:
    """Move a file in one step; from another disk, which a linked folder may be, in two.

    Raises OSError where the system refuses.
    """
    try:
        path.rename(place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.move(path, place)


def note(table: Path, row: Sequence[str]) -> None:
    """Add a row to rejected.csv."""
    is_new = not table.exists()
    with table.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([COLUMNS, row] if is_new else [row])


def shown(path: Path, folder: Path) -> str:
    """A file's path in the folder, as a text that every file and console takes."""
    return printable(path.relative_to(folder).as_posix())


def printable(text: str) -> str:
    """A text whose letters that are no Unicode, as in old archives' names, are numbers."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def near_duplicates(
    paths: Sequence[str | Path],
    splits: Sequence[Any] | None = None,
    most: int = 24,
    workers: int | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Pairs of pictures that look alike: smaller, recompressed, brightened, but not mirrored.

    splits: for each path the name of its split, or whether it is for validation.
    most: of the 256 bits of two fingerprints, how many may differ.
    A row for each pair, the most alike first: one, other (positions in paths), distance (bits),
    and with splits across, True when the pair lies in two splits: then the validation set holds
    what was trained on. Raises ValueError for a picture that cannot be opened (verify_images
    finds them), or when there are not as many splits as paths.
    """
    if splits is not None and len(splits) != len(paths):
        raise ValueError(f"splits has {len(splits)} entries, but there are {len(paths)} paths.")
    found = in_threads(fingerprint, paths, workers, "Comparing pictures", progress)
    bits = np.array(found, bool).reshape(len(paths), HASH * HASH)
    rows = []
    for one in range(len(bits) - 1):
        distances = (bits[one] != bits[one + 1 :]).sum(axis=1)
        for step in np.flatnonzero(distances <= most):
            rows.append((one, one + 1 + int(step), int(distances[step])))
    table = pd.DataFrame(rows, columns=["one", "other", "distance"]).astype(int)
    if splits is not None:
        table["across"] = [splits[one] != splits[other] for one, other, _ in rows]
    return table.sort_values("distance", kind="stable", ignore_index=True)


def fingerprint(path: str | Path) -> np.ndarray:
    """Where a picture gets brighter from left to right, bool [256]: the "difference hash".

    Shrunk to 17 × 16 grey pixels, of which each is compared with its neighbour. Size, quality
    and light change few of the bits.
    """
    small = open_image(path, shorter=4 * HASH).convert("L")
    grey = np.asarray(small.resize((HASH + 1, HASH), Image.Resampling.BOX), np.int16)
    return (grey[:, 1:] > grey[:, :-1]).ravel()


def in_threads(
    function: Callable, items: Sequence, workers: int | None, title: str, progress: bool
) -> list:
    """function of each item, in order. Threads, which are safe in a Windows notebook too."""
    with warnings.catch_warnings(), ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        warnings.simplefilter("ignore", UserWarning)  # such as odd EXIF in a picture that opens
        warnings.simplefilter("default", Guess)
        # filters are common to all threads: each open_image restores what another may still need
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        done = pool.map(function, items)
        return list(tqdm(done, title, len(items), delay=2, disable=not progress, unit="img"))
