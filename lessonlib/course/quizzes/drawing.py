"""What the questionnaire shows, as HTML: the texts are data or a learner's, so all is escaped."""

from collections.abc import Sequence
from html import escape

from lessonlib.course.quizzes.marking import Mark
from lessonlib.course.quizzes.questions import Question, wording
from lessonlib.show.figures import COLOURS
from lessonlib.show.markup import markup, style

BLUE, ORANGE = COLOURS[:2]
STATES = {None: ("○", "open"), True: ("✓", "right"), False: ("✗", "wrong")}
STYLE = style("quiz")


def draw_ask(question: Question, number: int, seed: int, right: bool | None) -> str:
    """The question with its number and its mark."""
    text, (mark, state) = wording(question, seed), STATES[right]
    return (
        f'<span role="img" aria-label="{state}">{mark}</span> <b>{number}.</b>&ensp;{markup(text)}'
    )


def draw_verdict(verdict: Mark, back: tuple[str, str]) -> str:
    """What is said about an answer; to who was wrong also where to read it up."""
    said = "".join(
        # in the page's own colour: no blue has enough contrast on light and on dark pages
        f"<li><b>{mark}</b><div>{draw_line(text)}</div></li>"
        for mark, text in verdict.lines
    )
    page = f'<ul class="quiz-said">{said}</ul>' if said else ""
    if verdict.right is False:
        page += f'<div class="quiz-back">↩ lesson {back[0]}, “{markup(back[1])}”</div>'
    return f'<div role="status">{page}</div>'


def draw_line(text: str) -> str:
    """One line of a verdict; several lines, such as a check's, keep their columns."""
    return f"<pre>{escape(text)}</pre>" if "\n" in text else markup(text)


def tally(marks: Sequence[bool | None]) -> str:
    """The score line: how many are right, to repeat and open."""
    right, wrong = marks.count(True), marks.count(False)
    still = len(marks) - right - wrong
    parts = [f"✓ {right} of {len(marks)} right"]
    parts += [f"✗ {wrong} to repeat"] if wrong else []
    parts += [f"○ {still} open"] if still else []
    return " · ".join(parts)


def draw_score(title: str, marks: Sequence[bool | None]) -> str:
    return (
        f'<div class="quiz-title"><b>{markup(title)}</b>'
        f'<span class="quiz-score">{tally(marks)}</span></div>'
    )


def draw_board(rows: Sequence[tuple[str, Sequence[bool | None]]]) -> str:
    """A line for each sitting: its title, its score, a mark for each question; and their sum."""
    lines = "".join(
        f"<tr><th>{markup(title)}</th><td>{sum(mark is True for mark in marks)} of {len(marks)}"
        f'</td><td aria-hidden="true">{"".join(STATES[mark][0] for mark in marks)}</td></tr>'
        for title, marks in rows
    )
    every = [mark for _, marks in rows for mark in marks]
    return draw_score("Your score", every) + f"<table>{lines}</table>"
