"""Where a learner stands, computed from the history: what is done, what to come back to."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from lessonlib.course.exercises.tasks import tasks
from lessonlib.course.progress.history import history, learner_seed
from lessonlib.course.quizzes.questions import topics, wording

DONE, AGAIN, OPEN = "done", "come back to it", "not tried yet"


@dataclass
class Standing:
    """One exercise or question of a learner.

    asked: a question's text, with this learner's numbers. state, answer and told: of the newest
    try. mistakes: what wrong tries were told, how often.
    solution: whether it was looked at. back: the lesson and section to read again.
    test: whether a test is asked for, which has to kill a mutant.
    """

    kind: str
    id: str
    title: str = ""
    asked: str = ""
    back: tuple[str, str] | None = None
    test: bool = False
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
        return self.title.partition(": ")[2] if self.test else ""

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


def exercises() -> list[Standing]:
    """Every exercise of the lessons, in their order, not tried yet."""
    return [
        Standing("exercise", task.id, task.heading, test=task.kind == "test")
        for task in tasks().values()
        if task.kind != "card"
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
