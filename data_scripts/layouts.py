"""What the data sets look like on disk, and whether a folder is a whole one.

The catalog asks before a lesson, --real before it switches.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


# Which of the 20 people a folder of BIWI shows. The names are of this course.
PEOPLE = {
    **{"01": "F01", "02": "F02", "03": "F03", "04": "F04", "05": "F05", "06": "F06"},
    **{"07": "M01", "08": "M02", "09": "M03", "10": "M04", "11": "M05", "12": "M06"},
    **{"13": "M07", "14": "M08", "15": "F03", "16": "M09", "17": "M10", "18": "F05"},
    **{"19": "M11", "20": "M12", "21": "F02", "22": "M01", "23": "M13", "24": "M14"},
}
REAL = {"pascal": "pascal_2007", "biwi": "biwi_head_pose"}  # the folders of the real sets
ASIDE = {"__MACOSX", "@eaDir", "$RECYCLE.BIN"}  # macOS's archives, Synology's disks, Windows


def is_hidden(name: str) -> bool:
    """Whether a file or folder is none of the user's, but what a program keeps beside them.

    Such as .ipynb_checkpoints, .thumbnails, and ._1.jpg, which is no picture.
    """
    return name.startswith(".") or name in ASIDE


def check_biwi(folder: Path, cure: str) -> None:
    """There is a recording, and each has its calibration and a pose file beside every picture.

    cure: the end of the message. Raises FileNotFoundError. It does not read the files.
    """
    folders = [path for path in sorted(folder.iterdir()) if path.is_dir()]
    recordings = {path: set(os.listdir(path)) for path in folders if not is_hidden(path.name)}
    pictures = {
        path: sorted(name for name in names if name.endswith("_rgb.jpg") and not is_hidden(name))
        for path, names in recordings.items()
    }
    if not any(pictures.values()):
        raise FileNotFoundError(f"{folder} has no folder with pictures frame_*_rgb.jpg. {cure}")
    for path, names in pictures.items():
        if not names:
            continue
        if "rgb.cal" not in recordings[path]:
            raise FileNotFoundError(f"{path / 'rgb.cal'} is missing. {cure}")
        poses = [name.removesuffix("rgb.jpg") + "pose.txt" for name in names]
        missing = [name for name in poses if name not in recordings[path]]
        if missing:
            number = "1 pose file" if len(missing) == 1 else f"{len(missing)} pose files"
            raise FileNotFoundError(
                f"{path} lacks {number} for its pictures, the first is {missing[0]!r}. {cure}"
            )


def check_pascal(folder: Path, cure: str) -> None:
    """Both csv files and their pictures are whole; test.csv may be missing.

    cure: the end of the message. Raises FileNotFoundError, and ValueError for a csv that cannot
    be read, is empty or lacks a column.
    """
    _check_csv(folder, "train", ["fname", "labels", "is_valid"], cure)
    if (folder / "test.csv").exists():
        _check_csv(folder, "test", ["fname"], cure)


def _check_csv(folder: Path, name: str, columns: list[str], cure: str) -> None:
    """The csv has its columns and a row, and every picture that it names is there."""
    import pandas as pd  # not for a command that mends an installation

    path = folder / f"{name}.csv"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing. {cure}")
    try:
        df = pd.read_csv(path, keep_default_na=False)  # exactly as the lessons do
    except (ValueError, pd.errors.ParserError) as error:  # an empty file is a ValueError
        raise ValueError(
            f"{path} cannot be read as a csv file in UTF-8 ({error}). {cure}"
        ) from error
    if not isinstance(df.index, pd.RangeIndex):  # pandas then takes the first column for labels
        raise ValueError(
            f"{path}: the first row has more cells than the header, so that all would shift. Cut "
            f"commas off its rows' ends, or put quotes around texts with commas. {cure}"
        )
    for column in columns:
        if column not in df.columns:
            found = ", ".join(map(repr, df.columns))  # shows blanks and marks that nobody sees
            raise ValueError(f"{path} has no column {column!r}, only: {found}. {cure}")
    if df.empty:
        raise ValueError(f"{path} has a header but no rows. {cure}")
    _check_kinds(path, df, cure)
    _check_pictures(folder / name, path, df["fname"].tolist(), cure)


KINDS = {  # what the cells of a column must be, in words, and what spoils them
    "fname": (str, "texts: numbers lose their zeros, so write the whole name, such as 000005.jpg"),
    "labels": (str, "texts: name the classes by words"),
    "is_valid": (bool, "True or False in every row, without blanks or other words"),
}


def _check_kinds(path: Path, df: "pd.DataFrame", cure: str) -> None:
    """Each column came out as what it must be. A single other cell changes a whole column."""
    for column in KINDS.keys() & set(df.columns):
        kind, words = KINDS[column]
        if not all(isinstance(cell, kind) for cell in df[column].tolist()):
            example = df[column].tolist()[0]
            raise ValueError(
                f"{path}: the column {column!r} was read as {type(example).__name__}, such as "
                f"{example!r}, but it must be {words}. {cure}"
            )


def _check_pictures(pictures: Path, path: Path, fnames: list[str], cure: str) -> None:
    if not pictures.is_dir():
        raise FileNotFoundError(f"{pictures} is missing, the folder of {path.name}'s. {cure}")
    there = set(os.listdir(pictures))  # one listing for 5,000 questions; subfolders are not in it
    missing = [name for name in fnames if name not in there and not (pictures / name).is_file()]
    if missing:
        number = "1 picture that is" if len(missing) == 1 else f"{len(missing)} pictures that are"
        raise FileNotFoundError(
            f"{path} names {number} not in {pictures}, the first is {missing[0]!r}. {cure}"
        )
