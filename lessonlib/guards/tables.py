"""Reading a csv of the learner's own, with a sentence for whatever is wrong with it. Lesson 10."""

import codecs
import warnings
import zipfile
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import pandas as pd
from pandas.errors import EmptyDataError, ParserError, ParserWarning

from lessonlib.guards.teaching import TeachingError, teach

LESSON = "10, Task 1"
WORKBOOK = "an Excel workbook", "open it in Excel or LibreOffice and save the sheet as CSV UTF-8."
ARCHIVE = "a zip archive", "unpack it, and give the path of the table that lies in it."
CUT_OFF = "a damaged zip archive", "copy or download it again."
PAGE = "a web page", "download the file again: open its address in a browser, log in if it asks."
OTHERS = {b"\xd0\xcf\x11\xe0": WORKBOOK, b"<!doctype html": PAGE, b"<html": PAGE}
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
    try:
        "".encode(encoding)
    except LookupError:
        raise teach(
            f"There is no encoding {encoding!r}.", 'try "utf-8", "cp1252" or "utf-16".', LESSON
        ) from None
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
    except EmptyDataError:
        raise teach(
            f"{path.name} has no header: it is empty, or all of it is skipped.",
            "skip fewer rows, or save it again from where it comes.",
            LESSON,
        ) from None
    except (ParserError, ParserWarning) as error:
        raise another_separator(path, sep, encoding) or ragged(path, sep, error) from None
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


def ragged(path: Path, sep: str | None, error: Exception) -> TeachingError:
    """What to say of rows that have more cells than the header."""
    if isinstance(error, ParserWarning):  # pandas warns of the first row, and fails in later ones
        error = "its first row has more cells than the header has names"
    mark = sep if sep in SEPARATORS else ","
    cause = str(error).strip().rstrip(".")
    if cause.startswith("Passed header"):
        return teach(f"{path.name}: {cause}.", "say header=0, or leave it out.", LESSON)
    return teach(
        f"{path.name} is no table: {cause}.",
        f"open it in a text editor and look at that line; a text with {mark!r} in it needs "
        f'quotes around it: "one{mark} two". A quote at its beginning needs one at its end.',
        LESSON,
    )


def another_encoding(path: Path, encoding: str) -> TeachingError:
    """What to say of bytes that are no text in this encoding: one in which they are."""
    content = content_of(path)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        usual = ["utf-16"]
    elif b"\0" in content:  # half of a letter, without a mark that says which half comes first
        high, low = (content[place::2].count(0) for place in (0, 1))
        usual = ["utf-16-be" if high > low else "utf-16-le"]
    else:
        usual = ["utf-8", "cp1252", "latin-1"]
    likely = next((one for one in usual if is_text(content, one)), None)
    excels = " (Excel in western Europe)" if likely == "cp1252" else ""
    return teach(
        f"{path.name} is not written in {encoding}.",
        f'try encoding="{likely}"{excels}; then look whether accents come out right.'
        if likely
        else "copy or download it again: it is damaged.",
        LESSON,
    )


def content_of(path: Path) -> bytes:
    """The bytes of a table, which may be the only file in a .zip."""
    if path.suffix.lower() != ".zip":
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return archive.read(archive.namelist()[0])


def is_text(content: bytes, encoding: str) -> bool:
    try:
        return "\0" not in content.decode(encoding)
    except UnicodeError:
        return False


def something_else(path: Path) -> tuple[str, str] | None:
    """What a file is that is no table, by how it begins, and the cure."""
    with path.open("rb") as file:
        start = file.read(100).removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if start.startswith(b"pk\x03\x04"):
        return zipped(path)
    return next((what for begin, what in OTHERS.items() if start.startswith(begin)), None)


def zipped(path: Path) -> tuple[str, str] | None:
    """A workbook or an archive to unpack; None for a .zip of one file, which pandas reads."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return CUT_OFF
    if any(name == "content.xml" or name.startswith("xl/") for name in names):
        return WORKBOOK
    return None if path.suffix.lower() == ".zip" and len(names) == 1 else ARCHIVE


def missing(path: Path) -> TeachingError:
    """What to say of a file that is not there: which of such a name, and which tables are."""
    folder = path if path.is_dir() else path.parent
    names = sorted(one.name for one in folder.glob("*") if one.is_file())
    tables = [name for name in names if ".csv" in name.lower()]  # Windows hides it: films.csv.txt
    beside = list(dict.fromkeys([*get_close_matches(path.name, names, 5, 0.8), *tables]))[:5]
    there = f"in that folder there are {', '.join(beside)}" if beside else "look where it really is"
    return teach(
        f"There is no file {path}{', but a folder' if path.is_dir() else ''}.",
        f"{there}. A path that does not begin at the disk's root is looked for beside this "
        'notebook. On Windows put an r before the quotes: r"data\\my.csv".',
        LESSON,
    )


def another_separator(path: Path, sep: str | None, encoding: str) -> TeachingError | None:
    """What to say if the top line is full of another separator than this one (None: any)."""
    if sep is None:
        return None
    top = content_of(path).decode(encoding, "replace").partition("\n")[0]
    counts = {mark: top.count(mark) for mark in SEPARATORS if mark != sep}
    best = max(counts, key=counts.get)
    if not counts[best] or counts[best] <= top.count(sep):
        return None
    return teach(
        f"{path.name} does not have {sep!r} between its columns.",
        f"say what is there instead: sep={SEPARATORS[best]}.",
        LESSON,
    )
