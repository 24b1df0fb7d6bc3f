"""Is an answer right, what is said about it, and when does its question come back?"""

import linecache
import math
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from lessonlib.course.progress.history import history
from lessonlib.course.quizzes.questions import Option, Question, evaluate, find, numbers

LONGEST = 10_000  # characters of an answer; the progress file keeps no more
THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?", re.ASCII)
WAITS = (1, 3, 9, 27)  # days until a question comes back: after 1, 2, 3 … right answers in a row


@dataclass(frozen=True)
class Mark:
    """What an answer is worth and what to say about it.

    right: None where there is nothing to judge yet. lines: pairs of a mark and a plain text.
    named: whether they name the mistake.
    """

    right: bool | None
    lines: tuple[tuple[str, str], ...]
    named: bool = True

    @property
    def mistake(self) -> str:
        """What the first thing that is wrong was told: the end of it names the mistake, if any."""
        bad = self.named and not self.right
        wrong = [text for mark, text in self.lines if mark == "✗" and bad]
        return wrong[0].splitlines()[-1].strip() if wrong else ""


def unread(text: str) -> Mark:
    return Mark(None, (("○", text),))


def mark_choice(question: Question, ticked: Iterable[str]) -> Mark:
    """ticked: the texts of the options. Whoever is right also hears why the others are not."""
    ticked = set(ticked)
    if not ticked:
        return unread("Tick what is right, then press Check.")
    wrong = [option for option in question.options if (option.text in ticked) != option.right]
    lines = [
        (mark_of(option, ticked), f"“{option.text}” {option.say}")
        for option in question.options
        if not wrong or option.text in ticked
    ]
    if wrong and not any(option.text in ticked for option in wrong):
        lines.append(("…", "What you ticked is right, and there is more that is right."))
    return Mark(not wrong, tuple(lines))


def mark_of(option: Option, ticked: set[str]) -> str:
    """Right, wrong, or rightly left alone."""
    if option.right:
        return "✓"
    return "✗" if option.text in ticked else "·"


def mark_number(question: Question, text: str, seed: int) -> Mark:
    """text: the number as it was typed, like 0.25, 0,25 or 8,192."""
    if not text.strip():
        return unread("Type a number, then press Check.")
    shown = text.strip()[:40]
    given = readings(shown.replace("−", "-"))
    if len(text) > LONGEST or not given:
        return unread(f"“{shown}” is not a number. Write it like 0.25 or -3.")
    drawn = numbers(question, seed)

    def close(formula: str) -> bool:
        right = evaluate(formula, drawn)
        return any(abs(one - right) <= question.tolerance for one in given)

    if close(question.answer):
        right = f"Yes, {evaluate(question.answer, drawn):.6g}. {question.why.format(**drawn)}"
        return Mark(True, (("✓", right),))
    said = [slip.say for slip in question.slips if close(slip.value)]
    told = said[0] if said else "Not that. Write the steps down once."
    return Mark(False, (("✗", told),), named=bool(said))


def readings(text: str) -> list[float]:
    """The numbers that a text may mean: a comma is a point or, as in 8,192, parts thousands."""
    texts = [text.replace(",", ".")]
    if THOUSANDS.fullmatch(text):
        texts.append(text.replace(",", ""))
    found = []
    for one in texts:
        with suppress(ValueError):
            found.append(float(one))
    return [number for number in found if math.isfinite(number)]


def mark_code(question: Question, code: str) -> Mark:
    """code: a definition of the function that the exercise asks for."""
    from lessonlib.course.exercises.asking import grade  # needs torch, to read a question does not

    if not code.strip() or code.strip() == question.starter.strip():
        return unread("Finish the function, then press Check.")
    if len(code) > LONGEST:
        return unread(f"That is longer than {LONGEST:,} characters. A few lines are enough.")
    said = grade(question.exercise, typed(code, question.exercise.partition(".")[2]))
    mark, text = said[0], said[1:].strip().removeprefix(f"{question.exercise}: ")
    return Mark({"✓": True, "✗": False}.get(mark), ((mark, text[:1].upper() + text[1:]),))


def typed(code: str, name: str) -> Callable[..., Any]:
    """The function of this name out of a text, defined anew in an empty namespace at each call.

    So nothing that the text does or forgets reaches the notebook, and whatever it raises, a
    mistake in the syntax as well, is an outcome of the call.
    """

    file = "your answer"
    linecache.cache[file] = (len(code), None, code.splitlines(), file)  # so that a line is shown

    def answer(*arguments):
        space = {"__name__": "answer"}
        exec(compile(code, file, "exec"), space)
        if not callable(space.get(name)):
            raise NameError(f"Your text defines no function {name}.")
        return space[name](*arguments)

    return answer


def mark_words(text: str) -> Mark:
    """Whether there are words to compare with a model answer; without lines there are."""
    if not text.strip():
        return unread("Write your answer first. What you cannot write down, you cannot compare.")
    if len(text) > LONGEST:
        return unread(f"That is longer than {LONGEST:,} characters. A few sentences are enough.")
    return Mark(None, ())


def mark_text(question: Question, ticked: Iterable[str]) -> Mark:
    """ticked: the points of the rubric that the learner found in the own answer."""
    missed = [point for point in question.points if point not in set(ticked)]
    if not missed:
        return Mark(True, (("✓", "Every point is in your answer."),))
    found = len(question.points) - len(missed)
    told = f"{found} of {len(question.points)} points. It comes back in the review."
    return Mark(False, (("✗", told),), named=False)


def due(events: list[dict], now: datetime | None = None) -> list[Question]:
    """The questions to ask again, the longest overdue first.

    events: progress.history("question"). A wrong answer is due at once. After that it takes 1, 3,
    9 and 27 days, a step further with each right answer in a row. What was never wrong, and what
    has been right more often than that since, does not come back.
    """
    now = now or datetime.now(UTC)
    waiting: dict[str, tuple[datetime, int]] = {}  # when it is due, right answers in a row
    for event in events:
        if not {"when", "right"} <= event.keys():
            continue  # somebody edited the file
        name, at = event["id"], datetime.fromisoformat(event["when"])
        if not event["right"]:
            waiting[name] = (at, 0)
        elif name in waiting and at >= waiting[name][0]:  # an earlier repetition does not count
            row = waiting.pop(name)[1]
            if row < len(WAITS):
                waiting[name] = (at + timedelta(days=WAITS[row]), row + 1)
    late = sorted((at, name) for name, (at, _) in waiting.items() if at <= now)
    return [question for _, name in late if (question := find(name))]


def answers() -> list[dict]:
    """Every answer so far. Events that miss something are left out: somebody edited the file."""
    return [event for event in history("question") if {"id", "when", "right"} <= event.keys()]
