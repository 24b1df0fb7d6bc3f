"""The questions: what they are, where to find them, and what differs from learner to learner.

They stand in the lessons' folders: of a lesson's questions.toml each [[topic]] is read here. A
question's id is "lesson.topic.name": "04.softmax.pair".
"""

import math
import random
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from lessonlib.course.folders import LESSONS, lesson_texts

# What an answer's formula may use besides the drawn numbers.
FORMULA = {"__builtins__": {}, "len": len, "set": set} | {
    name: getattr(math, name) for name in ("exp", "log", "sqrt", "floor", "ceil")
}


@dataclass(frozen=True)
class Option:
    """One thing to tick: whether it is right, and what to say to who ticks it."""

    text: str
    say: str
    right: bool = False


@dataclass(frozen=True)
class Slip:
    """A typical wrong number: its formula, and what to say to who gives it."""

    value: str
    say: str


@dataclass(frozen=True)
class Question:
    """What is asked, of which kind, and where to read it up again.

    kind: "choice" (tick all that is right), "number" (drawn for each learner), "code" (an
    exercise) or "text" (compared by the learner with a model answer, point by point).
    back: the lesson and the section to go back to. short: asked at the end of the lesson too.
    """

    id: str
    kind: str
    ask: str
    back: tuple[str, str]
    short: bool = False
    options: tuple[Option, ...] = ()
    draw: dict[str, list] = field(default_factory=dict)
    answer: str = ""
    why: str = ""
    tolerance: float = 0.0
    slips: tuple[Slip, ...] = ()
    exercise: str = ""
    starter: str = ""
    model: str = ""
    points: tuple[str, ...] = ()


@dataclass(frozen=True)
class Topic:
    """A few questions about one thing. chapter: its number, 1–17, in the chapter; 0: an extra."""

    id: str
    title: str
    questions: tuple[Question, ...]
    chapter: int = 0


@dataclass(frozen=True)
class Section:
    """A sitting of the questionnaire: some topics under one title."""

    id: str
    title: str
    topics: tuple[Topic, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(question for topic in self.topics for question in topic.questions)


class QuestionError(ValueError):
    """There are no questions of this name: the message says which exist."""


@cache
def topics(lessons: Path = LESSONS) -> dict[str, Topic]:
    """Every topic by its id, in lesson order."""
    found = {}
    for lesson, texts in lesson_texts(lessons).items():
        for table in texts.get("topic", []):
            topic = read_topic(f"{lesson}.{table['name']}", table)
            found[topic.id] = topic
    return found


def read_topic(topic_id: str, table: dict) -> Topic:
    questions = tuple(
        read_question(topic_id, {"back": table["back"], **one}) for one in table["question"]
    )
    return Topic(topic_id, table["title"], questions, table.get("chapter", 0))


def read_question(topic_id: str, table: dict) -> Question:
    facts = {key: value for key, value in table.items() if key != "name"}
    for key, make in (("options", Option), ("slips", Slip)):
        facts[key] = tuple(make(**part) for part in facts.get(key, ()))
    for key in ("back", "points"):
        facts[key] = tuple(facts.get(key, ()))
    return Question(id=f"{topic_id}.{table['name']}", **facts)


@cache
def sections(lesson: str = "09", lessons: Path = LESSONS) -> tuple[Section, ...]:
    """The sittings of a lesson's questionnaire: its file lists the topics of each."""
    known = topics(lessons)
    return tuple(
        Section(
            f"{lesson}.{table['name']}",
            table["title"],
            tuple(known[name] for name in table["topics"]),
        )
        for table in lesson_texts(lessons)[lesson].get("section", [])
    )


def select(name: str, lessons: Path = LESSONS) -> Section:
    """The questions "09.losses" (a section), "04.softmax" (a topic) or "06" (a lesson's end).

    Raises QuestionError with the names that exist.
    """
    lesson = name[:2]
    known = {section.id: section for section in sections("09", lessons)}
    known |= {
        topic.id: Section(topic.id, topic.title, (topic,)) for topic in topics(lessons).values()
    }
    if name in known:
        return known[name]
    if name == lesson and lesson in lesson_texts(lessons):
        ends = [
            Topic(topic.id, topic.title, tuple(q for q in topic.questions if q.short))
            for topic in topics(lessons).values()
            if topic.id.startswith(f"{lesson}.")
        ]
        if asked := tuple(topic for topic in ends if topic.questions):
            return Section(lesson, f"Lesson {lesson}", asked)
    names = ", ".join(sorted(one for one in known if one.startswith(f"{lesson}.")) or sorted(known))
    raise QuestionError(f"There are no questions {name!r}. These exist: {names}.")


def find(question_id: str, lessons: Path = LESSONS) -> Question | None:
    """The question with this id, or None if there is none (any more)."""
    topic = topics(lessons).get(question_id.rpartition(".")[0])
    named = topic.questions if topic else ()
    return next((question for question in named if question.id == question_id), None)


# What differs from learner to learner


def numbers(question: Question, seed: int) -> dict[str, float]:
    """What this learner's question is about: one value of each list in `draw`."""
    pick = random.Random(f"{seed}/{question.id}")
    return {name: pick.choice(values) for name, values in question.draw.items()}


def wording(question: Question, seed: int) -> str:
    """The question as this learner is asked it, always with the same numbers."""
    drawn = numbers(question, seed)
    return question.ask.format(**drawn) if drawn else question.ask


def evaluate(formula: str, drawn: dict[str, float]) -> float:
    """The value of a formula of the question files, which are part of the course."""
    return float(eval(formula, FORMULA | drawn))


def shuffled(question: Question, seed: int) -> list[Option]:
    """The options in this learner's order."""
    options = list(question.options)
    random.Random(f"{seed}/{question.id}").shuffle(options)
    return options
