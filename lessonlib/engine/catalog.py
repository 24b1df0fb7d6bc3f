"""The data sets of the course: a folder of yours, the real one, or the offline twin."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

from data_scripts.layouts import REAL, check_biwi, check_pascal, is_hidden
from data_scripts.storage import data_home
from lessonlib.guards.teaching import one_of

LAYOUT = (
    "pascal(folder) needs train.csv with the columns fname, labels and is_valid, "
    "and the pictures that it names in train/."
)
BIWI_LAYOUT = (
    "biwi(folder) needs a folder for each recording, such as 01, with rgb.cal, pictures such as "
    "frame_00003_rgb.jpg and beside each its frame_00003_pose.txt."
)
BEARS_LAYOUT = (
    "bears(folder) needs a folder for each kind, and the pictures of a kind directly in its "
    "folder, such as grizzly/1.jpg: JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF."
)
SETS = ("pascal", "biwi", "bears")


def pascal(folder: str | Path | None = None) -> Path:
    """A folder with train.csv (fname,labels,is_valid), train/ and, mostly, test.csv and test/.

    folder: one of your own in that layout. Without it: the real PASCAL 2007 if it stands in
    data_home() / "pascal_2007", else its offline twin, which is built on first use.
    `python -m data_scripts.pascal --real` fetches the real one.
    Raises FileNotFoundError for a missing folder, csv or picture, ValueError for a csv that is
    empty or lacks a column, OSError when the twin cannot be built.
    """
    return _find("pascal", folder, LAYOUT, check_pascal)


def biwi(folder: str | Path | None = None) -> Path:
    """A folder of recordings 01, 02, …, each with rgb.cal, frame_*_rgb.jpg and frame_*_pose.txt.

    folder: one of your own in that layout. Without it: the real BIWI if it stands in
    data_home() / "biwi_head_pose", else its offline twin, which is built on first use.
    `python -m data_scripts.biwi --real` fetches the real one.
    Raises FileNotFoundError for a missing folder, a recording without rgb.cal and a picture
    without its pose file, OSError when the twin cannot be built. It does not read the files.
    """
    return _find("biwi", folder, BIWI_LAYOUT, check_biwi)


def bears(folder: str | Path | None = None) -> Path:
    """A folder with one folder of pictures for each kind: black, grizzly, teddy, or yours.

    folder: one of your own in that layout. Without it: the offline twin, which is built on first
    use; what it has besides, and its table bears.csv, lie in the folder above.
    Raises FileNotFoundError for a missing folder, ValueError for one without a kind, a kind
    without pictures and a picture outside, OSError when the twin cannot be built. It does not
    open the pictures: verify.verify_images does.
    """
    if folder is not None:
        return _checked_kinds(Path(folder).expanduser(), BEARS_LAYOUT)
    twin = _builder("bears").twin()
    return _checked_kinds(
        twin / "bears", f"Delete {twin}: then it is built anew when it is next needed."
    )


def is_as_published(folder: Path) -> None:
    """ValueError or FileNotFoundError where pandas would shift or rename what a train.csv holds.

    What passes, read_table and pd.read_csv(path, keep_default_na=False) read alike.
    """
    check_pascal(folder, "Mend that file, or read it with lesson 10's read_table.")


def source(name: str) -> str:
    """Which data `pascal()`, `biwi()` or `bears()` gives without an argument: "real", "twin" or
    "not built yet".

    Raises ValueError for another name.
    """
    one_of(name, SETS, "name")
    if name in REAL and _real(name).is_dir():
        return "real"
    return "twin" if _builder(name).twin_folder().is_dir() else "not built yet"


def _real(name: str) -> Path:
    return data_home() / REAL[name]


def _builder(name: str) -> ModuleType:
    """What builds the twin. It is imported only now: it brings all that draws."""
    return import_module(f"data_scripts.{name}")


def _find(
    name: str, folder: str | Path | None, layout: str, check: Callable[[Path, str], None]
) -> Path:
    """The folder of one's own, the real one or the twin, after the check of that data set."""
    if folder is not None:
        found, cure = Path(folder).expanduser(), layout
    elif _real(name).is_dir():
        found = _real(name)
        cure = f"Complete {found}, or move it away to use the offline twin."
    else:
        found = _builder(name).twin()
        cure = f"Delete {found}: then it is built anew when it is next needed."
    if not found.is_dir():
        raise FileNotFoundError(f"{found} is not a folder. {cure}")
    check(found, cure)
    return found


def _checked_kinds(folder: Path, cure: str) -> Path:
    """The folder, if each of its pictures lies in a kind's folder and each kind has pictures."""
    from lessonlib.getters import (
        get_image_files,  # here: the doctor needs this module without torch
    )

    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not a folder. {cure}")
    kinds = [path for path in sorted(folder.iterdir()) if path.is_dir() and _is_kind(path)]
    if not kinds:
        raise ValueError(f"{folder} has no folder for a kind. {cure}")
    pictures = get_image_files(folder)
    outside = [picture for picture in pictures if picture.parent not in kinds]
    if outside:
        raise ValueError(f"{outside[0]} does not lie directly in a kind's folder. {cure}")
    filled = {picture.parent for picture in pictures}
    for kind in kinds:
        if kind not in filled:
            raise ValueError(f"{kind} has no pictures{_but(kind)}. {cure} Or remove {kind.name}.")
    return folder


def _but(kind: Path) -> str:
    """What a folder without pictures has instead, as the end of a sentence."""
    others = sorted(path.name for path in kind.iterdir() if not is_hidden(path.name))
    return f", only {len(others)} × something else, such as {others[0]}" if others else ""


def _is_kind(folder: Path) -> bool:
    """Not what verify_images or a program such as Jupyter puts there."""
    return folder.name != "rejected" and not is_hidden(folder.name)
