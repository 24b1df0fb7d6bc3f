"""What the text of a lesson's exercises and questions has to have: the file, the place, the cause.

The course itself reads questions.toml without asking; a test asks all this of every lesson.
"""

import string
from collections import Counter

from lessonlib.course.folders import LESSONS, CourseError, lesson_texts
from lessonlib.course.quizzes.questions import evaluate, numbers, read_question

NUMBERS = tuple(f"{number:02}" for number in range(11))
NEEDED = {
    "choice": {"options"},
    "number": {"draw", "answer", "why", "tolerance", "slips"},
    "code": {"exercise", "starter"},
    "text": {"model", "points"},
}
COMMON = {"name", "kind", "ask", "short", "back"}
EXERCISE = {"name", "title", "kind", "revision", "hints", "mistakes"}
KINDS = ("value", "function", "test", "card")


class TextError(ValueError):
    """A text that is wrong."""


def proofread(lessons=LESSONS):
    """TextError names what is wrong, and where."""
    try:
        found = lesson_texts(lessons)
    except CourseError as error:
        raise TextError(str(error)) from error
    topics = {}
    for lesson, texts in found.items():
        need(f"lesson {lesson}", texts, set(), {"exercise", "topic", "section"})
        for table in texts.get("exercise", []):
            proofread_exercise(f"lesson {lesson}, exercise {table.get('name')!r}", table)
        once(f"lesson {lesson}", "exercises", texts.get("exercise", []))
        once(f"lesson {lesson}", "topics", texts.get("topic", []))
        for table in texts.get("topic", []):
            proofread_topic(f"lesson {lesson}, topic {table.get('name')!r}", lesson, table)
            topics[f"{lesson}.{table['name']}"] = table
    for lesson, texts in found.items():
        for table in texts.get("section", []):
            where = f"lesson {lesson}, section {table.get('name')!r}"
            need(where, table, {"name", "title", "topics"})
            if unknown := set(table["topics"]) - set(topics):
                raise TextError(f"{where}: no lesson has the topic {min(unknown)!r}.")


def proofread_exercise(where, table):
    need(where, table, EXERCISE)
    if table["kind"] not in KINDS:
        raise TextError(f"{where}: the kind {table['kind']!r} is none of {', '.join(KINDS)}.")
    if len(table["hints"]) < 2:
        raise TextError(f"{where}: give two hints or more.")
    strange = [name for name in table["mistakes"] if not name.isidentifier()]
    if strange:
        raise TextError(f"{where}: {strange[0]!r} is no id; use letters, digits and _.")
    told = Counter(table["mistakes"].values())
    if not all(told) or max(told.values()) > 1:
        raise TextError(f"{where}: every mistake needs a text of its own.")


def proofread_topic(where, lesson, table):
    need(where, table, {"name", "title", "back", "question"}, {"chapter"})
    for one in table["question"]:
        there = f"{where}, question {one.get('name')!r}"
        kind = one.get("kind")
        if kind not in NEEDED:
            raise TextError(f"{there}: the kind {kind!r} is none of {', '.join(NEEDED)}.")
        need(there, one, {"name", "kind", "ask"} | NEEDED[kind], COMMON)
        try:
            question = read_question(f"{lesson}.{table['name']}", {"back": table["back"], **one})
        except TypeError as error:
            raise TextError(f"{there}: {error}.") from error
        if len(question.back) != 2 or question.back[0] not in NUMBERS or not question.back[1]:
            raise TextError(f"{there}: back = {list(question.back)} is no lesson and section.")
        VALID[question.kind](there, question)
    once(where, "questions", table["question"])


def once(where, what, tables):
    twice = [name for name, n in Counter(table["name"] for table in tables).items() if n > 1]
    if twice:
        raise TextError(f"{where}: there are two {what} {twice[0]!r}; rename one.")


def need(where, table, needed, allowed=frozenset()):
    """TextError unless a table has what it needs and nothing that nobody reads."""
    missing, unknown = needed - set(table), set(table) - needed - allowed
    if missing:
        raise TextError(f"{where}: {', '.join(sorted(missing))} is missing.")
    if unknown:
        raise TextError(f"{where}: nobody reads {', '.join(sorted(unknown))}. A typo?")


def valid_choice(where, question):
    texts = Counter(option.text for option in question.options)
    if not any(option.right for option in question.options):
        raise TextError(f"{where}: no option is right; write right = true at one.")
    if all(option.right for option in question.options):
        raise TextError(f"{where}: no option is wrong; add one that people fall for.")
    if max(texts.values()) > 1:
        raise TextError(f"{where}: the option {texts.most_common(1)[0][0]!r} is there twice.")
    said = Counter(option.say for option in question.options)
    if not all(said) or max(said.values()) > 1:
        raise TextError(f"{where}: every option needs a `say` of its own.")


def valid_number(where, question):
    drawn, asked, told = set(question.draw), fields(question.ask), fields(question.why)
    if asked != drawn or told - drawn:
        named = f"asked with {sorted(asked)}, explained with {sorted(told)}"
        raise TextError(f"{where}: {named}, but drawn are {sorted(drawn)}.")
    if not question.slips:
        raise TextError(f"{where}: add a slip, a wrong number that people really give.")
    for formula in (question.answer, *(slip.value for slip in question.slips)):
        try:
            evaluate(formula, numbers(question, seed=0))
        except Exception as error:
            raise TextError(f"{where}: the formula {formula!r} fails: {error}.") from error


def fields(text):
    """The names in the curly braces of a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def valid_code(where, question):
    if not question.starter.startswith("def "):
        raise TextError(f"{where}: starter has to begin with the line `def name(…):`.")


def valid_text(where, question):
    if not question.model or len(question.points) < 2:
        raise TextError(f"{where}: a text needs a model answer and two points to tick.")


VALID = {"choice": valid_choice, "number": valid_number, "code": valid_code, "text": valid_text}
