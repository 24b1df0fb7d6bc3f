"""The course around the lessons: `start`, `check`, `hint`, `solution` and the command line."""

from importlib import import_module
from typing import Any

MODULES = {"start": "session", "check": "exercises", "hint": "exercises", "solution": "exercises"}


def __getattr__(name: str) -> Any:
    """Import what a lesson asks for only then: the commands have to run where torch does not."""
    if name not in MODULES:
        raise AttributeError(f"lessonlib.course has no {name!r}")
    return getattr(import_module(f"lessonlib.course.{MODULES[name]}"), name)
