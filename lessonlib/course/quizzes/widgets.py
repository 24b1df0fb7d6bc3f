"""The questionnaire in a cell: cards below a score line, a score board, a review.

Answers are kept in the progress file, and the next run of a cell shows them again.
"""

from collections.abc import Sequence
from typing import ClassVar
from weakref import WeakSet

from ipywidgets import HTML, VBox

from lessonlib.course.progress.history import learner_seed
from lessonlib.course.quizzes.cards import CARDS
from lessonlib.course.quizzes.drawing import STYLE, draw_board, draw_score
from lessonlib.course.quizzes.marking import answers
from lessonlib.course.quizzes.questions import Question, sections, select
from lessonlib.show.markup import markup


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
