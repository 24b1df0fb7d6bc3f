"""The learner's copy of the lessons: brought, kept up to date, never overwritten once edited."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import nbformat

from data_scripts.storage import write_whole
from lessonlib.course.folders import (
    MY_COURSE,
    NOTEBOOKS,
    CourseError,
    python_command,
    restore_command,
)

# file name -> fingerprints of the lesson as it was copied; of two, the last was about to be
RECORD = ".lessons.json"
Notebook = nbformat.NotebookNode
Record = dict[str, list[str]]
LESSON_NAME = re.compile(r"(\d\d)_(.+)")
COUNTED = re.compile(rb'"execution_count": \d')  # in the file of a notebook of which a cell was run


@dataclass
class Update:
    """What `bring_lessons` did: names of files brought, and of edited ones left alone."""

    brought: list[str] = field(default_factory=list)
    left_alone: list[str] = field(default_factory=list)


def bring_lessons(folder: Path = MY_COURSE, source: Path = NOTEBOOKS) -> Update:
    """Copy every lesson that is new, or newer than a copy the learner has not edited.

    Notebooks are copied without outputs; pictures beside them come along. Raises CourseError
    when the folder cannot be written or a lesson of the course cannot be read.
    """
    update, outdated = Update(), []
    with clear_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        record = read_record(folder)
        for lesson in lessons(source):
            notebook, copy = read_lesson(lesson), folder / lesson.name
            latest, known = fingerprint(notebook), record.get(lesson.name, [])
            current = fingerprint_of(copy)
            if current == latest:
                record[lesson.name] = [latest]
            elif current in known or not copy.exists():
                outdated.append((notebook, copy))
            elif known != [latest]:
                update.left_alone.append(lesson.name)
        replace(outdated, folder, record)
        update.brought += [copy.name for _, copy in outdated]
        bring_pictures(source / "images", folder / "images")
    return update


def replace(copies: list[tuple[Notebook, Path]], folder: Path, record: Record) -> None:
    """Write lessons to their copies. Whenever it ends, the record knows each copy as unedited."""
    latest = {copy.name: fingerprint(notebook) for notebook, copy in copies}
    planned = {name: [*record.get(name, []), new] for name, new in latest.items()}
    write_record(folder, record | planned)
    for notebook, copy in copies:
        write_lesson(notebook, copy)
    write_record(folder, record | {name: [new] for name, new in latest.items()})


def bring_pictures(source: Path, folder: Path) -> None:
    """Copy the pictures that the lessons show, where they are missing or differ."""
    for picture in sorted(source.rglob("*.*")):
        copy = folder / picture.relative_to(source)
        with of_the_course(picture):
            content = picture.read_bytes()
        if not copy.exists() or copy.read_bytes() != content:
            copy.parent.mkdir(parents=True, exist_ok=True)
            write_whole(copy, content)


def reset_lesson(
    name: str, folder: Path = MY_COURSE, source: Path = NOTEBOOKS, now: datetime | None = None
) -> tuple[Path, Path | None]:
    """Bring a lesson ("06") anew. Returns its path and where the learner's version is kept.

    An unedited copy is replaced and the second value is None. Raises CourseError for an unknown
    lesson and for a folder that cannot be written.
    """
    lesson = find_lesson(name, source)
    notebook, copy, kept = read_lesson(lesson), folder / lesson.name, None
    with clear_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        record = read_record(folder)
        unedited = {*record.get(lesson.name, []), fingerprint(notebook)}
        if copy.exists() and fingerprint_of(copy) not in unedited:
            kept = keep_aside(copy, now or datetime.now())
        replace([(notebook, copy)], folder, record)
    return copy, kept


def lessons(source: Path = NOTEBOOKS) -> list[Path]:
    """The course's notebooks in lesson order. CourseError when there are none."""
    found = sorted(source.glob("*.ipynb"))
    if not found:
        raise CourseError(
            f"{source} has no notebooks. Download the course anew, or bring them back: "
            f"{restore_command(source)}"
        )
    return found


def newest_lesson(folder: Path, source: Path = NOTEBOOKS) -> str:
    """The file name of the copy that was saved last with a cell run; before any, of the first."""
    names = [lesson.name for lesson in lessons(source)]
    copies = [copy for name in names if was_run(copy := folder / name)]
    return max(copies, key=lambda copy: copy.stat().st_mtime).name if copies else names[0]


def was_run(copy: Path) -> bool:
    try:
        return bool(COUNTED.search(copy.read_bytes()))
    except OSError:
        return False


def find_lesson(name: str, source: Path = NOTEBOOKS) -> Path:
    """The notebook with this number ("06" or "6") or file name. CourseError lists the lessons."""
    wanted = {name.removesuffix(".ipynb"), name.zfill(2) if name.isdigit() else name}
    for lesson in lessons(source):
        numbered = LESSON_NAME.fullmatch(lesson.stem)
        if lesson.stem in wanted or (numbered and numbered[1] in wanted):
            return lesson
    known = ", ".join(lesson.stem for lesson in lessons(source))
    raise CourseError(f"There is no lesson {name}. The lessons are: {known}.")


def read_lesson(path: Path) -> Notebook:
    """A lesson of the course. CourseError when the file cannot be read."""
    with of_the_course(path):
        return nbformat.read(path, as_version=4)


@contextmanager
def of_the_course(path: Path) -> Iterator[None]:
    """CourseError when this file of the course cannot be read inside."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise CourseError(
            f"{path} cannot be read ({error}). Download the course anew, or bring it back: "
            f"{restore_command(path)}"
        ) from error


def fingerprint(notebook: Notebook) -> str:
    """A hash of what a person edits: cell types and sources.

    Outputs and metadata do not count, nor do empty cells: JupyterLab adds one when the last cell
    is run, and running a lesson is not editing it.
    """
    cells = [(cell.cell_type, cell.source) for cell in notebook.cells if cell.source.strip()]
    return hashlib.sha256(json.dumps(cells).encode("utf-8")).hexdigest()


def fingerprint_of(path: Path) -> str | None:
    """The fingerprint of a file, or None where there is no notebook that can be read."""
    try:
        return fingerprint(nbformat.read(path, as_version=4))
    except Exception:  # a learner's file may be broken in any way, and is then not ours to touch
        return None


def write_lesson(notebook: Notebook, path: Path) -> None:
    """Write a lesson without its outputs."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    write_whole(path, (nbformat.writes(notebook) + "\n").encode("utf-8"))


def keep_aside(path: Path, now: datetime) -> Path:
    """Copy a file beside itself with the date in its name; never over an earlier one."""
    stamp, number = f"{path.stem}_{now:%Y-%m-%d_%H-%M-%S}", 1
    while True:
        ending = f"_{number}" if number > 1 else ""
        kept = path.with_name(f"{stamp}{ending}{path.suffix}")
        try:
            with kept.open("xb") as target, path.open("rb") as original:
                shutil.copyfileobj(original, target)
            return kept
        except FileExistsError:
            number += 1


def read_record(folder: Path) -> Record:
    """What was copied. A missing or damaged record is an empty one: then nothing is overwritten."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        facts = {name: [one] if isinstance(one, str) else one for name, one in record.items()}
        return {name: [str(one) for one in known] for name, known in facts.items()}
    except (OSError, ValueError, RecursionError, AttributeError, TypeError):
        return {}


def write_record(folder: Path, record: Record) -> None:
    write_whole(folder / RECORD, json.dumps(record, indent=1).encode("utf-8"))


@contextmanager
def clear_errors(folder: Path) -> Iterator[None]:
    """Turn a refusal of the system to write into a sentence with the cure."""
    try:
        yield
    except OSError as error:
        elsewhere = python_command("-m", "lessonlib", "study", "--folder", Path.home() / "lessons")
        raise CourseError(
            f"{folder} cannot be written ({error.strerror or error}). "
            f"Allow it and free some room there, or choose another folder: {elsewhere}"
        ) from error
