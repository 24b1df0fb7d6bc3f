"""The course around the lessons: exercises, questions, guesses, progress, commands."""

from importlib import import_module
from typing import Any

NAMES = {
    "session": ("start",),
    "exercises": ("check", "hint", "solution"),
    "guesses": ("guess", "reveal"),
    "calibration": ("calibration_page",),
    "page": ("progress_page", "mutants"),
    "quiz_widgets": ("quiz", "questionnaire", "score", "review"),
}
MODULES = {name: module for module, names in NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import what a lesson asks for only then: the commands have to run where torch does not."""
    if name not in MODULES:
        raise AttributeError(f"lessonlib.course has no {name!r}")
    return getattr(import_module(f"lessonlib.course.{MODULES[name]}"), name)
