"""The questionnaire's questions: read from question_texts/*.toml, validated, found by name.

A file holds the topics of one lesson. A question's id is "lesson.topic.name": "04.softmax.pair".
"""

import string
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from lessonlib.course.question_kinds import (
    Option,
    Question,
    Section,
    Slip,
    Topic,
    evaluate,
    numbers,
)

TEXTS = Path(__file__).parent / "question_texts"
LESSONS = tuple(f"{number:02}" for number in range(11))
NEEDED = {
    "choice": {"options"},
    "number": {"draw", "answer", "why", "tolerance", "slips"},
    "code": {"exercise", "starter"},
    "text": {"model", "points"},
}
COMMON = {"name", "kind", "ask", "short", "back"}


class QuestionError(ValueError):
    """A question text that is wrong: the message names the file, the question and the cure."""


# Reading


@cache
def topics(folder: Path = TEXTS) -> dict[str, Topic]:
    """Every topic by its id, in lesson order. QuestionError names what is wrong where."""
    found = {}
    for path in sorted(folder.glob("lesson[0-9][0-9].toml")):
        for table in read_toml(path).get("topic", []):
            topic = read_topic(path, table)
            if topic.id in found:
                raise QuestionError(f"{path.name}: there are two topics {topic.id!r}; rename one.")
            found[topic.id] = topic
    return found


@cache
def sections(lesson: str = "09", folder: Path = TEXTS) -> tuple[Section, ...]:
    """The sittings of a lesson's questionnaire: its file lists the topics of each."""
    path, known = folder / f"lesson{lesson}.toml", topics(folder)
    result = []
    for table in read_toml(path).get("section", []):
        where = f"{path.name}, section {table.get('name')!r}"
        need(where, table, {"name", "title", "topics"})
        unknown = set(table["topics"]) - set(known)
        if unknown:
            raise QuestionError(f"{where}: no file has the topic {min(unknown)!r}.")
        chosen = tuple(known[name] for name in table["topics"])
        result.append(Section(f"{lesson}.{table['name']}", table["title"], chosen))
    return tuple(result)


def select(name: str, folder: Path = TEXTS) -> Section:
    """The questions "09.losses" (a section), "04.softmax" (a topic) or "06" (a lesson's end).

    Raises QuestionError with the names that exist.
    """
    lesson = name[:2]
    known = {section.id: section for section in sections("09", folder)}
    known |= {
        topic.id: Section(topic.id, topic.title, (topic,)) for topic in topics(folder).values()
    }
    if name in known:
        return known[name]
    if name == lesson and lesson in LESSONS:
        ends = [
            Topic(topic.id, topic.title, tuple(q for q in topic.questions if q.short))
            for topic in topics(folder).values()
            if topic.id.startswith(f"{lesson}.")
        ]
        if asked := tuple(topic for topic in ends if topic.questions):
            return Section(lesson, f"Lesson {lesson}", asked)
    names = ", ".join(sorted(one for one in known if one.startswith(f"{lesson}.")) or sorted(known))
    raise QuestionError(f"There are no questions {name!r}. These exist: {names}.")


def find(question_id: str, folder: Path = TEXTS) -> Question | None:
    """The question with this id, or None if there is none (any more)."""
    topic = topics(folder).get(question_id.rpartition(".")[0])
    named = topic.questions if topic else ()
    return next((question for question in named if question.id == question_id), None)


def read_toml(path: Path) -> dict:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise QuestionError(f"{path.name} is missing in {path.parent}.") from None
    except tomllib.TOMLDecodeError as error:
        raise QuestionError(f"{path.name} is not valid TOML: {error}.") from error


def read_topic(path: Path, table: dict) -> Topic:
    where = f"{path.name}, topic {table.get('name')!r}"
    need(where, table, {"name", "title", "back", "question"}, {"chapter"})
    topic_id = f"{path.stem[-2:]}.{table['name']}"
    questions = tuple(
        read_question(f"{where}, question {one.get('name')!r}", topic_id, table["back"], one)
        for one in table["question"]
    )
    twice = [name for name, n in Counter(question.id for question in questions).items() if n > 1]
    if twice:
        raise QuestionError(f"{where}: there are two questions {twice[0]!r}; rename one.")
    return Topic(topic_id, table["title"], questions, table.get("chapter", 0))


def read_question(where: str, topic_id: str, back: list[str], table: dict) -> Question:
    kind = table.get("kind")
    if kind not in NEEDED:
        raise QuestionError(f"{where}: the kind {kind!r} is none of {', '.join(NEEDED)}.")
    need(where, table, {"name", "kind", "ask"} | NEEDED[kind], COMMON)
    facts = {key: value for key, value in table.items() if key not in {"name", "back"}}
    for key, make in (("options", Option), ("slips", Slip)):
        if key in facts:
            facts[key] = tuple(make_part(where, make, part) for part in facts[key])
    facts |= {"points": tuple(facts["points"])} if kind == "text" else {}
    back = tuple(table.get("back", back))
    question = Question(id=f"{topic_id}.{table['name']}", back=back, **facts)
    VALIDATE[kind](where, question)
    if len(back) != 2 or back[0] not in LESSONS or not back[1]:
        raise QuestionError(f"{where}: back = {list(back)} is no lesson (00 to 10) and section.")
    return question


def make_part(where: str, make: type, part: dict) -> Any:
    try:
        return make(**part)
    except TypeError as error:
        raise QuestionError(f"{where}: {make.__name__.lower()} {part}: {error}.") from error


def need(where: str, table: dict, needed: set, allowed: set = frozenset()) -> None:
    """QuestionError unless a table has what it needs and nothing that nobody reads."""
    missing, unknown = needed - set(table), set(table) - needed - allowed
    if missing:
        raise QuestionError(f"{where}: {', '.join(sorted(missing))} is missing.")
    if unknown:
        raise QuestionError(f"{where}: nobody reads {', '.join(sorted(unknown))}. A typo?")


# Validating


def valid_choice(where: str, question: Question) -> None:
    texts = Counter(option.text for option in question.options)
    if not any(option.right for option in question.options):
        raise QuestionError(f"{where}: no option is right; write right = true at one.")
    if all(option.right for option in question.options):
        raise QuestionError(f"{where}: no option is wrong; add one that people fall for.")
    if max(texts.values()) > 1:
        raise QuestionError(f"{where}: the option {texts.most_common(1)[0][0]!r} is there twice.")
    said = Counter(option.say for option in question.options)
    if not all(said) or max(said.values()) > 1:
        raise QuestionError(f"{where}: every option needs a `say` of its own.")


def valid_number(where: str, question: Question) -> None:
    drawn, asked, told = set(question.draw), fields(question.ask), fields(question.why)
    if asked != drawn or told - drawn:
        named = f"asked with {sorted(asked)}, explained with {sorted(told)}"
        raise QuestionError(f"{where}: {named}, but drawn are {sorted(drawn)}.")
    if not question.slips:
        raise QuestionError(f"{where}: add a slip, a wrong number that people really give.")
    for formula in (question.answer, *(slip.value for slip in question.slips)):
        try:
            evaluate(formula, numbers(question, seed=0))
        except Exception as error:
            raise QuestionError(f"{where}: the formula {formula!r} fails: {error}.") from error


def fields(text: str) -> set[str]:
    """The names in the curly braces of a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def valid_code(where: str, question: Question) -> None:
    if not question.starter.startswith("def "):
        raise QuestionError(f"{where}: starter has to begin with the line `def name(…):`.")


def valid_text(where: str, question: Question) -> None:
    if not question.model or len(question.points) < 2:
        raise QuestionError(f"{where}: a text needs a model answer and two points to tick.")


VALIDATE = {
    "choice": valid_choice,
    "number": valid_number,
    "code": valid_code,
    "text": valid_text,
}
