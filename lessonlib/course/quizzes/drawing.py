"""What the questionnaire shows, as HTML: the texts are data or a learner's, so all is escaped."""

from collections.abc import Sequence
from html import escape

from lessonlib.course.quizzes.marking import Mark
from lessonlib.course.quizzes.questions import Question, wording
from lessonlib.show.figures import COLOURS
from lessonlib.show.markup import markup

BLUE, ORANGE = COLOURS[:2]
STATES = {None: ("○", "open"), True: ("✓", "right"), False: ("✗", "wrong")}
STYLE = f"""<style>
.quiz {{ max-width: 50em }}
.quiz-title {{ display: flex; justify-content: space-between; flex-wrap: wrap; gap: 1em;
  font-size: 1.15em; line-height: 1.6; border-bottom: 2px solid var(--jp-border-color1, #bbb) }}
.quiz-topic {{ font-weight: 600; line-height: 1.6; margin-top: .9em }}
.quiz-card {{ border: 1px solid var(--jp-border-color2, #ccc); border-left-width: 6px;
  border-radius: 4px; padding: .5em 1em .7em; margin: .4em 0; overflow: visible }}
.quiz-right {{ border-left-color: {BLUE} }}
.quiz-wrong {{ border-left-color: {ORANGE} }}
.quiz .widget-html, .quiz .widget-html-content {{ height: auto; line-height: 1.5 }}
.quiz-card .widget-checkbox {{ height: auto; width: auto; margin: 1px 0 }}
.quiz-card .widget-checkbox label {{ white-space: normal; line-height: 1.5; height: auto;
  display: flex; align-items: baseline; gap: .5em; width: auto }}
.quiz code {{ background: var(--jp-layout-color2, #eee); padding: 0 .25em; border-radius: 3px }}
.quiz-code textarea {{ font-family: var(--jp-code-font-family, monospace) }}
.quiz-card pre {{ white-space: pre-wrap; overflow-wrap: anywhere; margin: 0 }}
.quiz-model {{ border-left: 3px solid {BLUE}; padding: .1em .8em; margin: .3em 0 .5em }}
.quiz-said {{ margin: .4em 0 0; padding: 0; list-style: none }}
.quiz-said li {{ display: flex; margin: .2em 0 }}
.quiz-said li > b {{ flex: 0 0 1.3em }}
.quiz-back {{ color: var(--jp-ui-font-color2, #555) }}
.quiz button:focus-visible, .quiz input:focus-visible, .quiz textarea:focus-visible {{
  outline: 3px solid {BLUE}; outline-offset: 1px }}
.quiz td, .quiz th {{ text-align: left; padding: .1em 1em .1em 0; font-weight: normal }}
</style>"""


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
