"""The lessons' exercises: their texts, which are read without torch, and their code."""

import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from lessonlib.course.folders import LESSONS, lesson_folder, lesson_texts


@dataclass(frozen=True)
class Task:
    """What of an exercise is text: the head of its lesson's questions.toml.

    number: "02.1", its place in the lesson; "" for what only a question's card asks for.
    kind: "value", "function", "test" (it has to kill a mutant) or "card".
    revision: grows when the text gets another meaning.
    hints: one sentence each, from a nudge to nearly the answer.
    mistakes: what each mistake is told, by its id.
    """

    id: str
    number: str
    title: str
    kind: str
    revision: int
    hints: tuple[str, ...]
    mistakes: dict[str, str]

    @property
    def heading(self) -> str:
        return f"{self.number} · {self.title}"


@cache
def tasks(lessons: Path = LESSONS) -> dict[str, Task]:
    """Every exercise by its id, in the order of the lessons."""
    found = {}
    for lesson, texts in lesson_texts(lessons).items():
        count = 0
        for one in texts.get("exercise", []):
            count += one["kind"] != "card"
            task = Task(
                id=f"{lesson}.{one['name']}",
                number="" if one["kind"] == "card" else f"{lesson}.{count}",
                title=one["title"],
                kind=one["kind"],
                revision=one["revision"],
                hints=tuple(one["hints"]),
                mistakes=one["mistakes"],
            )
            found[task.id] = task
    return found


@cache
def code_of(lesson: str, lessons: Path = LESSONS) -> ModuleType:
    """The module exercises.py of a lesson, "02". ImportError when it lacks a package."""
    path = lesson_folder(lesson, lessons) / "exercises.py"
    name = f"lessonlib.lessons.{path.parent.name}"
    spec = spec_from_file_location(name, path)
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
