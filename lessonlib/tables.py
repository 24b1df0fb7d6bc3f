"""Reading a csv of the learner's own, with a sentence for whatever is wrong with it. Lesson 10."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from pandas.errors import EmptyDataError, ParserError

from lessonlib.teaching import TeachingError, teach

LESSON = "10, Task 1"
SEPARATORS = {",": '","', ";": '";"', "\t": '"\\t"', "|": '"|"'}


def read_table(
    path: str | Path,
    sep: str = ",",
    encoding: str = "utf-8",
    columns: Sequence[str] = (),
    **options,
) -> pd.DataFrame:
    """A csv as a frame, its blank cells as empty texts; each of columns has to be there.

    options: more for pd.read_csv. Raises TeachingError, which says what to write instead, when
    the file is missing, empty, of another encoding or separator, or not a table.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise missing(path)
    if is_workbook(path):
        raise teach(
            f"{path.name} is an Excel workbook, whatever it is called.",
            "open it in Excel or LibreOffice and save the sheet as CSV UTF-8.",
            LESSON,
        )
    try:
        df = pd.read_csv(path, sep=sep, encoding=encoding, **({"keep_default_na": False} | options))
    except UnicodeError:
        raise teach(
            f"{path.name} is not written in {encoding}.",
            'try encoding="cp1252" (Excel in western Europe) or encoding="utf-16"; then look '
            "whether accents come out right.",
            LESSON,
        ) from None
    except EmptyDataError:
        raise teach(
            f"{path.name} is empty.", "save it again from where it comes.", LESSON
        ) from None
    except ParserError as error:
        raise another_separator(path, sep, encoding) or teach(
            f"{path.name} is no table: {str(error).strip()}.",
            "open it in a text editor and look at that line; a text with a comma in it needs "
            'quotes around it: "one, two".',
            LESSON,
        ) from None
    if df.shape[1] == 1 and (error := another_separator(path, sep, encoding)):
        raise error
    absent = [name for name in columns if name not in df.columns]
    if absent:
        raise teach(
            f"{path.name} has no column {absent[0]!r}.",
            f"choose among {', '.join(map(str, df.columns))}.",
            LESSON,
        )
    return df


def is_workbook(path: Path) -> bool:
    """Whether a file begins like a zip, which every .xlsx is."""
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def missing(path: Path) -> TeachingError:
    """What to say of a file that is not there: which tables lie beside it."""
    beside = sorted(one.name for one in path.parent.glob("*.csv"))[:5]
    there = f"in that folder there are {', '.join(beside)}" if beside else "look where it really is"
    return teach(
        f"There is no file {path}.",
        f"{there}. A path that does not begin at the disk's root is looked for beside this "
        'notebook. On Windows put an r before the quotes: r"data\\my.csv".',
        LESSON,
    )


def another_separator(path: Path, sep: str, encoding: str) -> TeachingError | None:
    """What to say if the top line is full of another separator than this one."""
    with path.open(encoding=encoding, errors="replace") as file:
        top = file.readline()
    counts = {mark: top.count(mark) for mark in SEPARATORS if mark != sep}
    best = max(counts, key=counts.get)
    if not counts[best] or counts[best] <= top.count(sep):
        return None
    return teach(
        f"{path.name} does not have {sep!r} between its columns.",
        f"say what is there instead: sep={SEPARATORS[best]}.",
        LESSON,
    )
