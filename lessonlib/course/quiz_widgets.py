"""The questionnaire in a cell: cards below a score line, a score board, a review.

Answers are kept in the progress file, and the next run of a cell shows them again.
"""

from collections.abc import Sequence
from typing import ClassVar
from weakref import WeakSet

from ipywidgets import HTML, VBox

from lessonlib.course import marking, page
from lessonlib.course.progress import history, learner_seed
from lessonlib.course.question_kinds import Question
from lessonlib.course.questions import sections, select, topics
from lessonlib.course.quiz_cards import CARDS
from lessonlib.course.quiz_page import STYLE, draw_board, draw_score, markup
from lessonlib.course.standing import AGAIN, stand


class Quiz(VBox):
    """The cards of some questions below a title and a score line.

    groups: the questions of each topic with its title. fresh: show no earlier answers.
    """

    def __init__(
        self, title: str, groups: Sequence[tuple[str, Sequence[Question]]], fresh: bool = False
    ):
        self.title, self.fresh, self.heading = title, fresh, HTML()
        seed, events = learner_seed(), {} if fresh else newest()
        parts, self.cards = [], []
        for name, questions in groups:
            parts.append(HTML(f'<div class="quiz-topic">{markup(name)}</div>'))
            for question in questions:
                card = CARDS[question.kind](
                    question, len(self.cards) + 1, seed, events.get(question.id), self.count
                )
                parts.append(card)
                self.cards.append(card)
        super().__init__([self.heading, *parts])
        self.add_class("quiz")
        self.count()

    def count(self) -> None:
        """Write the score line, here and on every score board."""
        marks = [card.right for card in self.cards]
        self.heading.value = STYLE + draw_score(self.title, marks)
        for board in ScoreBoard.shown:
            board.refresh()

    def __repr__(self) -> str:  # what a notebook shows where widgets cannot run
        what = "what was wrong, again" if self.fresh else f"{len(self.cards)} questions"
        return f"[ interactive: {what} — run this cell to answer ]"


class ScoreBoard(HTML):
    """The score of a whole questionnaire, a line for each sitting; it follows the answers."""

    shown: ClassVar[WeakSet] = WeakSet()

    def __init__(self, lesson: str):
        self.lesson = lesson
        super().__init__()
        self.add_class("quiz")
        self.refresh()
        ScoreBoard.shown.add(self)

    def refresh(self) -> None:
        events = newest()
        rows = []
        for section in sections(self.lesson):
            found = (events.get(question.id) for question in section.questions)
            rows.append((section.title, [event and event["right"] for event in found]))
        self.value = STYLE + draw_board(rows)

    def __repr__(self) -> str:
        return "[ interactive: the score of all questions — run this cell to see it ]"


def answers() -> list[dict]:
    """Every answer so far. Events that miss something are left out: somebody edited the file."""
    return [event for event in history("question") if {"id", "when", "right"} <= event.keys()]


def newest() -> dict[str, dict]:
    """The newest answer to each question, by the question's id."""
    return {event["id"]: event for event in answers()}


def quiz(name: str) -> Quiz:
    """The questions of a sitting ("09.losses"), of a topic ("04.softmax") or of a lesson ("06").

    Raises QuestionError with the names that exist.
    """
    section = select(name)
    return Quiz(section.title, [(topic.title, topic.questions) for topic in section.topics])


def questionnaire(lesson: str = "09") -> Quiz:
    """Every question of a lesson's questionnaire at once."""
    groups = [(t.title, t.questions) for section in sections(lesson) for t in section.topics]
    return Quiz("The whole questionnaire", groups)


def score(lesson: str = "09") -> ScoreBoard:
    """The score of a lesson's questionnaire; it moves with every answer."""
    return ScoreBoard(lesson)


def review(limit: int = 10) -> Quiz:
    """What was wrong, again: at most so many questions, those that wait longest first.

    Below them are the exercises that are not right yet, with what to run.
    """
    questions = marking.due(answers())[:limit]
    title = "To repeat today" if questions else "Nothing to repeat today"
    shown = Quiz(title, [(topic_of(question), [question]) for question in questions], fresh=True)
    tasks = [one for one in stand() if one.kind == "exercise" and one.state == AGAIN]
    if tasks:
        shown.children += (HTML(f'{page.STYLE}<div class="pp">{page.draw_again(tasks)}</div>'),)
    return shown


def topic_of(question: Question) -> str:
    """The title of a question's topic, with its lesson."""
    topic = question.id.rpartition(".")[0]
    return f"Lesson {topic[:2]} · {topics()[topic].title}"
