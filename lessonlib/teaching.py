"""Errors that teach: what is wrong, the learner's own line, the cure, the lesson."""

import linecache
import sys
import sysconfig
import traceback
from pathlib import Path
from types import FrameType

# This library, Python's own and the installed packages: where no learner's line is.
INSTALLED = {
    Path(__file__).parent,
    *(Path(sysconfig.get_path(kind)) for kind in ("stdlib", "purelib", "platlib")),
}


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


def failing_line(error: BaseException) -> str:
    """The innermost line of an error's traceback which is the learner's."""
    steps = traceback.extract_tb(error.__traceback__)
    own = [step for step in steps if is_learners(step.filename)] or steps
    return shown_line(own[-1].filename, own[-1].lineno)


def is_learners(filename: str) -> bool:
    """Whether a file is neither this library's nor an installed package's."""
    return not INSTALLED & set(Path(filename).parents)


def shown_line(filename: str, number: int) -> str:
    return f"{linecache.getline(filename, number).strip() or filename} (line {number})"
