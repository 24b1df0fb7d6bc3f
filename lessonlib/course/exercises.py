"""Exercises that answer: `check` compares with the solution and names well-known mistakes."""

import copy
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import torch
from IPython.display import Code


@dataclass(frozen=True)
class Exercise:
    """What an exercise asks for.

    solution: the function asked for, or the plain value.
    cases: tuples of arguments to try it on, the smallest first.
    hints: one sentence each, from a nudge to nearly the answer.
    mistakes: pairs of a wrong function (or value) that people really write and what to tell them.
    rtol: how close a number must come, as a share of the right one.
    working: how a plain value is found, for those who ask for the solution.
    compared: what to compare, out of a function's result and its arguments after the call; the
        result by default.
    """

    solution: Any
    hints: tuple[str, ...]
    cases: tuple[tuple, ...] = ((),)
    mistakes: tuple[tuple[Any, str], ...] = ()
    rtol: float = 1e-5
    working: str = ""
    compared: Callable[..., Any] | None = None


def check(exercise_id: str, answer: Any) -> None:
    """Say whether the answer is right, not yet right, or not tried yet. Never raises."""
    print(grade(exercise_id, answer))


def hint(exercise_id: str, number: int = 1) -> None:
    """Print one hint; the last line says how to see the next one."""
    hints = find(exercise_id).hints
    number = min(max(number, 1), len(hints))
    print(f"Hint {number} of {len(hints)}: {hints[number - 1]}")
    if number < len(hints):
        print(f'Still stuck? hint("{exercise_id}", {number + 1})')


def solution(exercise_id: str) -> Code:
    """The solution's source, highlighted."""
    exercise = find(exercise_id)
    if callable(exercise.solution):
        return Code(inspect.getsource(exercise.solution), language="python")
    return Code(exercise.working or repr(exercise.solution), language="python")


def find(exercise_id: str) -> Exercise:
    """The exercise "04.name" out of lessonlib/course/lesson04.py. KeyError when there is none."""
    lesson, _, name = exercise_id.partition(".")
    try:
        return import_module(f"lessonlib.course.lesson{lesson}").EXERCISES[name]
    except (ImportError, KeyError):
        raise KeyError(f"There is no exercise {exercise_id!r}. Is the name spelt right?") from None


def grade(exercise_id: str, answer: Any) -> str:
    """The text that `check` prints."""
    try:
        exercise = find(exercise_id)
    except KeyError as error:
        return f"? {error.args[0]}"
    outcomes = [outcome(exercise, answer, case) for case in exercise.cases]
    if answer is None or any(isinstance(one, NotImplementedError) for one in outcomes):
        return f"○ {exercise_id}: not tried yet"
    for case, came in zip(exercise.cases, outcomes, strict=True):
        if not alike(came, outcome(exercise, exercise.solution, case), exercise.rtol):
            return f"✗ {exercise_id}: not yet\n" + failure(exercise, answer, case, came, outcomes)
    return f"✓ {exercise_id}: right"


def failure(exercise: Exercise, answer: Any, case: tuple, came: Any, outcomes: list) -> str:
    """What the first case that failed gave, with the mistake's name where it is known."""
    lines = []
    if case:
        lines.append("  for:      " + ", ".join(brief(argument) for argument in case))
    lines.append(f"  you gave: {brief(came)}")
    if callable(exercise.solution):  # a plain value is a prediction: do not give it away
        lines.append(f"  expected: {brief(outcome(exercise, exercise.solution, case))}")
    if callable(answer) and came is None:
        lines.append("  Your function gave None back: is the word `return` missing?")
    for wrong, message in exercise.mistakes:
        made = [outcome(exercise, wrong, case) for case in exercise.cases]
        if all(alike(a, b, exercise.rtol) for a, b in zip(made, outcomes, strict=True)):
            lines.append(f"  {message}")
            break
    return "\n".join(lines)


def outcome(exercise: Exercise, answer: Any, case: tuple) -> Any:
    """What the answer gives for one case: its value, or the exception that it raised."""
    if not callable(answer):
        return list(answer) if isinstance(answer, tuple) else answer
    try:
        arguments = copy.deepcopy(case)
        result = answer(*arguments)
    except (Exception, SystemExit) as error:
        return error
    if exercise.compared is None or result is None:
        return result
    return exercise.compared(result, *arguments)


def alike(a: Any, b: Any, rtol: float) -> bool:
    """`same`, and False where two values cannot even be compared."""
    try:
        return same(a, b, rtol)
    except Exception:
        return False


def same(a: Any, b: Any, rtol: float = 1e-5) -> bool:
    """Equality that forgives rounding and looks into tensors, frames and nested containers."""
    if isinstance(a, BaseException) or isinstance(b, BaseException):
        return type(a) is type(b) and str(a) == str(b)
    if isinstance(a, pd.DataFrame | pd.Series) or isinstance(b, pd.DataFrame | pd.Series):
        return type(a) is type(b) and a.equals(b)
    if isinstance(a, Callable) or isinstance(b, Callable):
        return a is b
    if isinstance(a, torch.Tensor | np.ndarray) or isinstance(b, torch.Tensor | np.ndarray):
        listed = isinstance(a, list | tuple) or isinstance(b, list | tuple)
        return not listed and same_numbers(a, b, rtol)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return (
            type(a) is type(b)
            and len(a) == len(b)
            and all(same(x, y, rtol) for x, y in zip(a, b, strict=True))
        )
    if isinstance(a, float) or isinstance(b, float):
        return same_numbers(a, b, rtol)
    return bool(a == b)


def same_numbers(a: Any, b: Any, rtol: float) -> bool:
    """Equal shapes and nearly equal values; False for anything that is not numbers."""
    a, b = (np.asarray(x.detach().cpu() if isinstance(x, torch.Tensor) else x) for x in (a, b))
    if a.dtype.kind not in "biuf" or b.dtype.kind not in "biuf" or a.shape != b.shape:
        return False
    return np.allclose(a, b, rtol=rtol, atol=1e-6, equal_nan=True)


def brief(value: Any) -> str:
    """A value in at most 300 characters; a frame on lines of its own."""
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}"
    if isinstance(value, pd.DataFrame | pd.Series):
        return "\n" + value.to_string(max_rows=8)
    text = repr(value)
    return text if len(text) <= 300 else text[:300] + " …"
