"""Where a learner stands, computed from the history: what is done, what to come back to."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from lessonlib.course.folders import NOTEBOOKS
from lessonlib.course.progress import history, learner_seed
from lessonlib.course.question_kinds import wording
from lessonlib.course.questions import topics

TASK = re.compile(
    r"^# ### Exercise (?P<number>\S+) · (?P<title>.+?) ·(?:(?!### Exercise).)*?"
    r'^check\("(?P<id>[^"]+)"',
    re.MULTILINE | re.DOTALL,
)
DONE, AGAIN, OPEN = "done", "come back to it", "not tried yet"


@dataclass
class Standing:
    """One exercise or question of a learner.

    asked: a question's text, with this learner's numbers. state, answer and told: of the newest
    try. mistakes: what wrong tries were told, how often.
    solution: whether it was looked at. back: the lesson and section to read again.
    """

    kind: str
    id: str
    title: str = ""
    asked: str = ""
    back: tuple[str, str] | None = None
    state: str = OPEN
    tries: int = 0
    hints: int = 0
    solution: bool = False
    answer: object = None
    told: str = ""
    mistakes: Counter = field(default_factory=Counter)

    @property
    def lesson(self) -> str:
        return self.id.partition(".")[0]

    @property
    def name(self) -> str:
        return f"{self.kind} {self.title or self.id}"

    @property
    def mutant(self) -> str:
        """What the mutant of a "kill the mutant: …" does; "" for other exercises."""
        return self.title.partition(": ")[2] if ".kill_" in self.id else ""

    @property
    def often(self) -> str:
        """How often it was tried."""
        return f"{self.tries} {'try' if self.tries == 1 else 'tries'}"

    @property
    def cure(self) -> str:
        """What to do while it is not right."""
        if self.back:
            lesson, section = self.back
            topic = self.id.rpartition(".")[0]
            return f'read lesson {lesson}, “{section}”, then run quiz("{topic}")'
        if not self.title:  # what the course no longer asks
            return f"look into lesson {self.lesson}"
        return f'run hint("{self.id}"), then check it again'


def exercises(folder: Path = NOTEBOOKS / "src") -> list[Standing]:
    """Every exercise of the lessons, in their order, not tried yet."""
    return [
        Standing("exercise", found["id"], f"{found['number']} · {found['title']}")
        for source in sorted(folder.glob("[0-9][0-9]_*.py"))
        for found in TASK.finditer(source.read_text(encoding="utf-8"))
    ]


def questions(answered: set[str]) -> list[Standing]:
    """These questions of the course, as the learner was asked them."""
    seed = learner_seed() if answered else 0  # who answered nothing yet has none
    return [
        Standing("question", one.id, topic.title, wording(one, seed), one.back)
        for topic in topics().values()
        for one in topic.questions
        if one.id in answered
    ]


def stand() -> list[Standing]:
    """Where the learner stands now, with every exercise and the questions that were answered."""
    events = history()
    answered = {event["id"] for event in events if event["kind"] == "question"}
    return standings(events, [*exercises(), *questions(answered)])


def standings(events: Iterable[dict], known: Iterable[Standing] = ()) -> list[Standing]:
    """Where the learner stands with what is known and whatever else was answered, by lesson."""
    found = {(one.kind, one.id): one for one in known}
    for event in events:
        kind = "question" if event["kind"] == "question" else "exercise"
        key = kind, str(event["id"])
        if event["kind"] in ("exercise", "question", "hint", "solution"):
            count(event, found.setdefault(key, Standing(*key)))
    return sorted(found.values(), key=lambda one: (one.lesson, one.kind))


def count(event: dict, one: Standing) -> None:
    """Take one event into account."""
    if event["kind"] == "hint":
        one.hints += 1
    elif event["kind"] == "solution":
        one.solution = True
    elif event.get("tried", True) and event.get("right") is not None:
        one.tries += 1
        one.state = DONE if event["right"] else AGAIN
        one.answer, one.told = event.get("answer"), str(event.get("mistake", ""))
        if one.told:
            one.mistakes[one.told] += 1


def by_lesson(found: Iterable[Standing]) -> dict[str, list[Standing]]:
    """The standings of each lesson."""
    lessons: dict[str, list[Standing]] = {}
    for one in found:
        lessons.setdefault(one.lesson, []).append(one)
    return lessons


def scored_guesses(events: Iterable[dict]) -> list[dict]:
    """The guesses that met their truth, of each prediction the first: later ones knew it."""
    first: dict[str, dict] = {}
    for event in events:
        if event["kind"] == "guess" and {"right", "confidence"} <= event.keys():
            first.setdefault(event["id"], event)
    return list(first.values())


def brier(events: Iterable[dict]) -> float | None:
    """The mean of (confidence − 1 if right, else 0)² over the learner's guesses.

    0 is perfect, 0.25 is what always saying 50 % gives, 1 is sure and wrong every time; None
    without a guess. events: `history()`. Source: Brier, Monthly Weather Review 78 (1950).
    """
    costs = [(event["confidence"] - event["right"]) ** 2 for event in scored_guesses(events)]
    return sum(costs) / len(costs) if costs else None
