"""Where the course keeps things, and how it prints a command that works on this computer."""

import os
import sys
import tomllib
from functools import cache
from pathlib import Path

from platformdirs import user_data_path

from data_scripts.console import quoted
from data_scripts.storage import ROOT, chosen_folder

NOTEBOOKS = ROOT / "notebooks"
INSTALLED = Path(__file__).parents[1] / "lessons"  # where a wheel has what a clone has in src
LESSONS = INSTALLED if INSTALLED.is_dir() else NOTEBOOKS / "src"
MY_COURSE = ROOT / "my_course"


class CourseError(Exception):
    """Something the learner can mend: the message is a sentence with the cause and the cure."""


def lesson_folder(lesson: str, lessons: Path = LESSONS) -> Path:
    """Where a lesson's text, exercises and questions are. KeyError when there is no such lesson."""
    for folder in lessons.glob("[0-9][0-9]_*"):
        if folder.name[:2] == lesson:
            return folder
    raise KeyError(lesson)


@cache
def lesson_texts(lessons: Path = LESSONS) -> dict[str, dict]:
    """What stands in each lesson's questions.toml, by its number, in order.

    CourseError names the file that is no TOML.
    """
    found = {}
    for path in sorted(lessons.glob("[0-9][0-9]_*/questions.toml")):
        try:
            found[path.parent.name[:2]] = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise CourseError(f"{path} is not valid TOML: {error}.") from error
    return found


def course_home() -> Path:
    """The folder of progress and trained models: LESSONLIB_HOME, or the user's own default."""
    return chosen_folder("LESSONLIB_HOME") or user_data_path("lessonlib") / "home"


def model_path(name: str, folder: Path) -> Path:
    """Where a lesson keeps the model that it trained on the pictures in folder.

    Real pictures and drawn ones lie in folders of other names, so their models never mix.
    """
    return course_home() / "models" / f"{name}-{folder.name}"


def python_command(*arguments) -> str:
    """A line for the terminal that runs this very Python."""
    return quoted(sys.executable, *arguments)


def restore_command(path: Path) -> str:
    """The command that brings a file or folder of the course back, from wherever it is run."""
    return quoted("git", "-C", path.parent, "checkout", "--", path.name)


def setting_command(variable: str, folder: Path) -> str:
    """What sets an environment variable. `set` would do in one of Windows' two terminals only."""
    if os.name == "nt":
        return f"{quoted('setx', variable, folder)} and open a new terminal"
    return f"export {variable}={quoted(folder)}"


def install_command() -> str:
    """The command that installs everything the course needs."""
    return python_command("-m", "pip", "install", "-r", ROOT / "requirements.txt", "-e", ROOT)
