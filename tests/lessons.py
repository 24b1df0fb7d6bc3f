"""What the tests of every lesson's exercises use."""

from lessonlib.course.exercises import asking
from lessonlib.course.exercises.asking import find, grade
from lessonlib.course.exercises.tasks import Task, tasks

LESSONS = sorted({name[:2] for name in tasks()})
EXERCISES = {name: find(name) for name in tasks()}


def hears(exercise_id, answer):
    """What a wrong answer is told."""
    said = grade(exercise_id, answer)
    assert said.startswith(f"✗ {exercise_id}: not yet"), said
    return said


def pretend(exercise, monkeypatch):
    """Let every id be that of this exercise."""
    texts = Task("any", "", "", "function", 1, (), exercise.told)
    monkeypatch.setattr(asking, "find", lambda _: exercise)
    monkeypatch.setattr(asking, "task", lambda _: texts)


def stub(*arguments):
    raise NotImplementedError
