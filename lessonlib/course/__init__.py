"""The course around the lessons: `start`, `check`, `hint`, `solution` and the command line."""

from lessonlib.course.exercises import check, hint, solution
from lessonlib.course.start import start

__all__ = ["check", "hint", "solution", "start"]
