"""Errors that teach: what is wrong, the learner's own line, the cure, the lesson."""

import linecache
import sys
import sysconfig
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

# This library's folders, Python's own, and those of installed packages: no learner's line is there.
OURS = {
    Path(__file__).parents[1],
    Path(__file__).parents[2] / "data_scripts",
    Path(__file__).parents[2] / "notebooks" / "src",  # the exercises' code
    Path(sysconfig.get_path("stdlib")),
    Path(sysconfig.get_path("stdlib")).resolve(),
}
PACKAGES = {"site-packages", "dist-packages"}


class TeachingError(ValueError):
    """A mistake that people really make, in four lines: cause, your line, cure, lesson."""


def teach(cause: str, cure: str, lesson: str, line: str | None = None) -> TeachingError:
    """The error to raise; line: the learner's line, by default the innermost that led here."""
    line = line or callers_line(sys._getframe(1))
    return TeachingError(f"{cause}\nYour line: {line}\nCure: {cure}\nLesson: {lesson}")


def callers_line(frame: FrameType | None) -> str:
    """The innermost line of the calls that led here which is not the library's."""
    while frame and not is_learners(frame.f_code.co_filename):
        frame = frame.f_back
    return shown_line(frame.f_code.co_filename, frame.f_lineno) if frame else "(not found)"


def failing_line(error: BaseException) -> str | None:
    """The learner's line that led to an error, or None if there is none.

    It is the innermost of the cell or file whose code was called first: what that calls may stand
    in a cell of the lesson.
    """
    own = [one for one in traceback.extract_tb(error.__traceback__) if is_learners(one.filename)]
    lines = [step for step in own if step.filename == own[0].filename]
    return shown_line(lines[-1].filename, lines[-1].lineno) if lines else None


def is_learners(filename: str) -> bool:
    """Whether a file is neither this library's nor Python's nor an installed package's.

    Nor may it be made while the program runs, as the methods of a dataclass are: "<string>". That
    is also what Python 3.13 calls the text of `python -c`, and then it has lines.
    """
    if filename.startswith("<"):
        return filename != "<string>" and bool(linecache.getline(filename, 1))
    path = Path(filename)
    return not (OURS & set(path.parents) or PACKAGES & set(path.parts))


def shown_line(filename: str, number: int) -> str:
    return f"{linecache.getline(filename, number).strip() or filename} (line {number})"


def one_of(value: Any, choices: Sequence, name: str) -> None:
    """ValueError unless an argument is one of a few."""
    if value not in choices:
        known = ", ".join(map(repr, choices))
        raise ValueError(f"{name} is {value!r}, but it must be one of {known}.")
