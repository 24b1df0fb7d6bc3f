"""What a question is, and what of it differs from learner to learner."""

import math
import random
from dataclasses import dataclass, field

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
