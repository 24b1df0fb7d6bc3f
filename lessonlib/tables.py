"""Reading a csv of the learner's own, with a sentence for whatever is wrong with it. Lesson 10."""

import codecs
import warnings
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from pandas.errors import EmptyDataError, ParserError, ParserWarning

from lessonlib.teaching import TeachingError, teach

LESSON = "10, Task 1"
WORKBOOK = "an Excel workbook", "open it in Excel or LibreOffice and save the sheet as CSV UTF-8."
PAGE = "a web page", "download the file again: open its address in a browser, log in if it asks."
OTHERS = {b"pk\x03\x04": WORKBOOK, b"\xd0\xcf\x11\xe0": WORKBOOK,
          b"<!doctype html": PAGE, b"<html": PAGE}  # fmt: skip
SEPARATORS = {",": '","', ";": '";"', "\t": '"\\t"', "|": '"|"'}


def read_table(
    path: str | Path,
    sep: str | None = ",",
    encoding: str = "utf-8",
    columns: Sequence[str] = (),
    **options,
) -> pd.DataFrame:
    """A csv as a frame, its blank cells as empty texts; each of columns has to be there.

    Numbers of which one begins with a zero, such as 007, stay texts. Commas at the ends of the
    rows are left out. options: more for pd.read_csv. Raises TeachingError, which says what to
    write instead, when the file is missing, empty, of another encoding or separator, or not a
    table.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise missing(path)
    if found := something_else(path):
        what, cure = found
        raise teach(f"{path.name} is {what}, whatever it is called.", cure, LESSON)
    options = {"keep_default_na": False, "index_col": False, "encoding": encoding} | options
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", "Length of header", ParserWarning)
            df = pd.read_csv(path, sep=sep, **options)
    except UnicodeError:
        raise another_encoding(path, encoding) from None
    except LookupError:
        raise teach(
            f"There is no encoding {encoding!r}.", 'try "utf-8", "cp1252" or "utf-16".', LESSON
        ) from None
    except EmptyDataError:
        raise teach(
            f"{path.name} is empty.", "save it again from where it comes.", LESSON
        ) from None
    except (ParserError, ParserWarning) as error:
        raise another_separator(path, sep, encoding) or ragged(path, error) from None
    if any("\0" in str(name) for name in df.columns):
        raise another_encoding(path, encoding)
    if df.shape[1] == 1 and (error := another_separator(path, sep, encoding)):
        raise error
    absent = [name for name in columns if name not in df.columns]
    if absent:
        raise teach(
            f"{path.name} has no column {absent[0]!r}.",
            f"choose among {', '.join(map(repr, df.columns))}.",
            LESSON,
        )
    return with_zeros(df, path, {"sep": sep} | options)


def with_zeros(df: pd.DataFrame, path: Path, options: dict) -> pd.DataFrame:
    """The frame with the columns as texts whose numbers would lose zeros: 007 is no 7."""
    if {"dtype", "converters"} & options.keys():  # the learner says what each column is
        return df
    numbers = df.select_dtypes("number").columns
    texts = pd.read_csv(path, **options, dtype=dict.fromkeys(numbers, str))
    for name in numbers:
        if texts[name].str.match(r"\s*[+-]?0\d", na=False).any():
            df[name] = texts[name]
    return df


def ragged(path: Path, error: Exception) -> TeachingError:
    """What to say of rows that have more cells than the header."""
    if isinstance(error, ParserWarning):  # pandas warns of the first row, and fails in later ones
        error = "its first row has more cells than the header has names"
    return teach(
        f"{path.name} is no table: {str(error).strip().rstrip('.')}.",
        "open it in a text editor and look at that line; a text with a comma in it needs "
        'quotes around it: "one, two".',
        LESSON,
    )


def another_encoding(path: Path, encoding: str) -> TeachingError:
    """What to say of bytes that are no text in this encoding."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        likely = '"utf-16"'
    elif b"\0" in start:  # half of a letter, without a mark that says which half comes first
        likely = '"utf-16-be"' if start[0] == 0 else '"utf-16-le"'
    else:
        likely = '"cp1252" (Excel in western Europe)'
    return teach(
        f"{path.name} is not written in {encoding}.",
        f"try encoding={likely}; then look whether accents come out right.",
        LESSON,
    )


def something_else(path: Path) -> tuple[str, str] | None:
    """What a file is that is no table, by how it begins, and the cure. A .zip may hold a table."""
    with path.open("rb") as file:
        start = file.read(100).removeprefix(codecs.BOM_UTF8).lstrip().lower()
    found = next((what for begin, what in OTHERS.items() if start.startswith(begin)), None)
    return None if path.suffix.lower() == ".zip" else found


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


def another_separator(path: Path, sep: str | None, encoding: str) -> TeachingError | None:
    """What to say if the top line is full of another separator than this one (None: any)."""
    if sep is None:
        return None
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
