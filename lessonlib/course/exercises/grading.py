"""Grades an answer: tries it on every case, compares with the solution, names the mistake."""

import copy
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lessonlib.course.exercises.comparing import alike, brief, matches
from lessonlib.course.exercises.trial import (
    SECONDS,
    OutOfTime,
    Printed,
    Stopped,
    attempt,
    ctrl_c_stops,
    is_stub,
    libraries_as_before,
    limited,
    usual_settings,
)
from lessonlib.guards.teaching import failing_line


class Mistake(NamedTuple):
    """A mistake that has a name, and what it is told; both "" where there is none."""

    id: str = ""
    text: str = ""


NONE = Mistake()
NO_RESULT = Mistake("no_result", "no result in time")
TEXT = Mistake("text_for_number", "That is a text. Write a number without quotes.")
SIGN = Mistake("sign_flipped", "The size is right, but the sign is not.")


@dataclass(frozen=True)
class Exercise:
    """What an exercise asks for.

    solution: the function asked for, or the plain value.
    cases: tuples of arguments to try it on, the smallest first.
    mistakes: pairs of a mistake's id and a wrong function (or value) that people really write.
        Several mistakes at once have their ids joined by "+".
    told: what each mistake is told, by its id.
    rtol: how close a number must come, as a share of the right one.
    working: how a plain value is found, for those who ask for the solution.
    compared: what to compare, out of a function's result and its arguments after the call; the
        result by default.
    """

    solution: Any
    cases: tuple[tuple, ...] = ((),)
    mistakes: tuple[tuple[str, Any], ...] = ()
    told: dict[str, str] = field(default_factory=dict)
    rtol: float = 1e-5
    working: str = ""
    compared: Callable[..., Any] | None = None

    def verdict(self, exercise_id: str, answer: Any) -> "Verdict":
        """What comes of an answer; other kinds of exercise have their own way to look at it."""
        return compare(exercise_id, self, answer)

    def mistake(self, id: str) -> Mistake:
        """The mistake with this id, or several joined by "+"."""
        return Mistake(id, " ".join(self.told[one] for one in id.split("+")))


@dataclass(frozen=True)
class Verdict:
    """What `check` found. state: "right", "not yet", "not tried yet" or "not checked".

    mistake: a well-known one, or what was raised.
    """

    state: str
    text: str
    mistake: Mistake = NONE


def judge(exercise_id: str, exercise: Exercise, answer: Any) -> Verdict:
    """Try the answer on every case, within a few seconds. Only a real Ctrl-C gets out."""
    try:
        with usual_settings(), ctrl_c_stops():
            return exercise.verdict(exercise_id, answer)
    except Stopped:
        raise KeyboardInterrupt from None
    except OutOfTime:  # what it gave, not the answer
        cause = f"what your answer gives cannot be looked at within {SECONDS} seconds"
        cure = "Run the cell again. If it is the same: is it what is asked for?"
        return Verdict("not checked", f"? {exercise_id}: {cause}. {cure}")
    except BaseException as error:
        cause = f"your answer cannot be looked at ({type(error).__name__})"
        return Verdict("not checked", f"? {exercise_id}: {cause}. Is it what is asked for?")


def compare(exercise_id: str, exercise: Exercise, answer: Any) -> Verdict:
    """The verdict over all cases; the first that fails is shown.

    Each step has its own time, so that an answer is charged with nothing but what it takes itself.
    """
    printed = Printed()
    # first what is right: an answer may change what it is computed with
    right = limited(lambda: [outcome(exercise, exercise.solution, case) for case in exercise.cases])
    outcomes = limited(lambda: outcomes_of(exercise, answer, printed))
    return limited(lambda: compared(exercise_id, exercise, answer, right, outcomes, printed))


def compared(
    exercise_id: str,
    exercise: Exercise,
    answer: Any,
    right: list,
    outcomes: list,
    printed: Printed,
) -> Verdict:
    """The verdict on what came of an answer."""
    if answer is None or all(map(is_stub, outcomes)):
        return Verdict("not tried yet", f"○ {exercise_id}: not tried yet")
    note = [f"  printed:  {printed}"] if printed.count else []
    for case, came, expected in zip(exercise.cases, outcomes, right, strict=True):
        if not alike(came, expected, exercise.rtol):
            mistake = mistake_of(exercise, outcomes) or slip(came, expected, exercise.rtol)
            shown = failure(exercise, answer, case, came, expected)
            lines = [f"✗ {exercise_id}: not yet", *shown, *note]
            if mistake:
                lines.append(f"  {mistake.text}")
            elif isinstance(came, OutOfTime):
                mistake = NO_RESULT
            elif isinstance(came, BaseException):
                mistake = Mistake("raised", f"raised {type(came).__name__}")
            return Verdict("not yet", "\n".join(lines), mistake or NONE)
    return Verdict("right", "\n".join([f"✓ {exercise_id}: right", *note]))


def failure(exercise: Exercise, answer: Any, case: tuple, came: Any, expected: Any) -> list[str]:
    """Lines about a case that failed: what went in, what came out, what was expected."""
    lines = ["  for:      " + ", ".join(brief(argument) for argument in case)] if case else []
    if isinstance(came, OutOfTime):
        lines.append(f"  you gave: nothing within {SECONDS} seconds. Does a loop never end?")
    else:
        lines.append(f"  you gave: {brief(came)}")
    if isinstance(came, BaseException) and (line := failing_line(came)):
        lines.append(f"  in:       {line}")
    if callable(exercise.solution):  # a plain value is a prediction: do not give it away
        lines.append(f"  expected: {brief(expected)}")
    if isinstance(answer, tuple) and isinstance(exercise.solution, int | float):
        lines.append(
            "  With a comma that is several numbers. Write 8192 for 8,192, and 0.5 for 0,5."
        )
    if callable(answer) and came is None:
        lines.append("  Your function gave None back: is the word `return` missing?")
    return lines


def slip(came: Any, expected: Any, rtol: float) -> Mistake | None:
    """The mistake that can happen with any number, if it is one."""
    if type(expected) in (int, float):
        if isinstance(came, str):
            return TEXT
        if type(came) in (int, float) and alike(-came, expected, rtol):
            return SIGN
    return None


def mistake_of(exercise: Exercise, outcomes: list) -> Mistake | None:
    """The well-known mistake with just these outcomes, if there is one."""
    for name, wrong in exercise.mistakes:
        tried = zip(exercise.cases, outcomes, strict=True)
        if all(
            matches(came, outcome(exercise, wrong, case), exercise.rtol) for case, came in tried
        ):
            return exercise.mistake(name)
    return None


def outcomes_of(exercise: Exercise, answer: Any, printed: Printed) -> list:
    """What the learner's answer gives for each case; once the time is up, for none of the rest."""
    outcomes = []
    for case in exercise.cases:
        late = outcomes and isinstance(outcomes[-1], OutOfTime)
        outcomes.append(outcomes[-1] if late else outcome(exercise, answer, case, printed))
    return outcomes


def outcome(exercise: Exercise, answer: Any, case: tuple, printed: Printed | None = None) -> Any:
    """What an answer gives for one case: its value, or the exception that it raised.

    printed: of a learner's answer, which may do anything.
    """
    if not callable(answer):
        return list(answer) if isinstance(answer, tuple) else answer
    arguments = copy.deepcopy(case)
    try:
        with libraries_as_before() if printed else nullcontext():
            result = attempt(answer, arguments, printed or Printed())
        if exercise.compared is None or result is None or isinstance(result, BaseException):
            return result
        return attempt(exercise.compared, (result, *arguments), printed or Printed())
    except OutOfTime as error:
        if printed is None:  # on a busy computer even what is right may be late
            raise
        return error
