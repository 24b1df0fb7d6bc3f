"""Exercises that answer: `check`, `hint` and `solution`. What happened goes into the progress."""

import inspect
from dataclasses import replace
from typing import Any

from IPython.display import Code

from lessonlib.course.exercises.comparing import brief
from lessonlib.course.exercises.grading import Exercise, Verdict, judge
from lessonlib.course.exercises.tasks import Task, code_of, tasks
from lessonlib.course.exercises.trial import Stopped, limited
from lessonlib.course.folders import python_command
from lessonlib.course.progress.history import latest, record


def check(exercise_id: str, answer: Any) -> None:
    """Say whether the answer is right, not yet right, or not tried yet. Never raises.

    The outcome is kept in the learner's progress.
    """
    verdict = verdict_on(exercise_id, answer)
    if verdict.state != "not checked":
        facts = {"right": verdict.state == "right", "tried": verdict.state != "not tried yet"}
        if facts["tried"]:
            facts |= {"mistake": verdict.mistake.text, "mistake_id": verdict.mistake.id}
            facts |= {"answer": written(answer)}
        record("exercise", exercise_id, revision=task(exercise_id).revision, **facts)
    print(verdict.text)  # last: what was said is stored, even if an interrupt comes


def hint(exercise_id: str, number: int | None = None) -> None:
    """Print one hint: this number, or the one after the last that was seen."""
    hints, again = task(exercise_id).hints, number is None
    if again:
        seen = latest("hint", exercise_id)
        number = seen.get("number", 0) + 1 if seen else 1
    number = min(max(number, 1), len(hints))
    record("hint", exercise_id, number=number)
    print(f"Hint {number} of {len(hints)}: {hints[number - 1]}")
    if number < len(hints):
        further = "Run this cell again." if again else f'hint("{exercise_id}", {number + 1})'
        print(f"Still stuck? {further}")
    else:
        print(f'That was the last hint. To see a solution: solution("{exercise_id}")')


def solution(exercise_id: str) -> Code:
    """The solution's source, highlighted. From then on the exercise counts as seen."""
    exercise = find(exercise_id)
    record("solution", exercise_id)
    if callable(exercise.solution):
        return Code(inspect.getsource(exercise.solution), language="python")
    return Code(exercise.working or repr(exercise.solution), language="python")


def task(exercise_id: str) -> Task:
    """The texts of an exercise. KeyError when there is none of this id."""
    try:
        return tasks()[str(exercise_id)]
    except KeyError:
        raise KeyError(f"There is no exercise {exercise_id!r}. Is the name spelt right?") from None


def find(exercise_id: str) -> Exercise:
    """The exercise "04.logit": LOGIT of lesson 04's exercises.py, with its texts.

    KeyError when there is none of this id, ImportError when the lesson lacks a package.
    """
    texts = task(exercise_id)
    lesson, _, name = texts.id.partition(".")
    return replace(vars(code_of(lesson))[name.upper()], told=texts.mistakes)


def grade(exercise_id: str, answer: Any) -> str:
    """The text that `check` prints."""
    return verdict_on(exercise_id, answer).text


def verdict_on(exercise_id: str, answer: Any) -> Verdict:
    """The verdict on an answer; "not checked" when there is no such exercise."""
    try:
        exercise = find(exercise_id)
    except KeyError as error:
        return Verdict("not checked", f"? {error.args[0]}")
    except ImportError as error:
        cure = python_command("-m", "lessonlib", "doctor")
        return Verdict("not checked", f"? {exercise_id}: {error}. To see what is missing: {cure}")
    return judge(exercise_id, exercise, answer)


def written(answer: Any) -> str:
    """The answer as text: a function's source, or the value. Only a real Ctrl-C gets out."""
    try:
        return limited(lambda: source(answer) or brief(answer))
    except Stopped:
        raise KeyboardInterrupt from None
    except BaseException as error:  # its own __repr__ may do anything
        return f"(cannot be shown: {type(error).__name__})"


def source(answer: Any) -> str:
    """A function's source; "" when there is none, in a cell or a file."""
    try:
        return inspect.getsource(answer) if callable(answer) else ""
    except (OSError, TypeError):
        return ""
