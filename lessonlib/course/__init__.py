"""The course around the lessons: exercises, questions, guesses, progress, commands."""

from importlib import import_module
from typing import Any

NAMES = {
    "commands.session": ("start",),
    "exercises.asking": ("check", "hint", "solution"),
    "exercises.guesses": ("guess", "reveal"),
    "quizzes.widgets": ("quiz", "questionnaire", "score"),
    "reports.guesses_page": ("calibration_page",),
    "reports.page": ("progress_page", "mutants"),
    "reports.review": ("review",),
}
MODULES = {name: module for module, names in NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import what a lesson asks for only then: the commands have to run where torch does not."""
    if name not in MODULES:
        raise AttributeError(f"lessonlib.course has no {name!r}")
    return getattr(import_module(f"lessonlib.course.{MODULES[name]}"), name)
