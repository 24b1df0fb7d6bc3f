"""The progress page: pure functions that draw it, a widget for a cell, a document for a file.

Whatever a learner typed goes through `safe`.
"""

from collections.abc import Iterable
from datetime import datetime

from ipywidgets import HTML

from lessonlib.course.progress.history import history
from lessonlib.course.reports.standing import (
    AGAIN,
    DONE,
    OPEN,
    Standing,
    brier,
    by_lesson,
    exercises,
    scored_guesses,
    stand,
    standings,
)
from lessonlib.show.markup import clean, markup, rounded, safe, style

MARKS = {DONE: "✓", AGAIN: "✗", OPEN: "○"}
STYLE = style("progress")


def draw_page(found: list[Standing], events: list[dict]) -> str:
    """Everything: what is done, what to come back to, which mistakes were made, the guesses."""
    return (
        f'{STYLE}<div class="pp"><p>{"<br>".join(totals(found))}</p>{draw_again(found)}'
        f"{draw_mistakes(found)}<h2>Mutants</h2>{draw_mutants(found)}<h2>Lesson by lesson</h2>"
        + "".join(draw_lesson(lesson, ones) for lesson, ones in by_lesson(found).items())
        + f"{draw_guesses(events)}</div>"
    )


def draw_document(found: list[Standing], events: list[dict], now: datetime) -> str:
    """The page as an HTML file that needs nothing else."""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>My progress</title>'
        '<meta name="viewport" content="width=device-width">'
        "<style>body { font-family: sans-serif; margin: 1.5em 1em }</style></head>"
        f"<body><h1>My progress, {now:%Y-%m-%d %H:%M}</h1>{draw_page(found, events)}</body></html>"
    )


def totals(found: Iterable[Standing]) -> list[str]:
    """How much is done, a phrase for each kind there is."""
    found, phrases = list(found), []
    for kind in ("exercise", "question"):
        states = [one.state for one in found if one.kind == kind]
        if states:
            of = "exercises" if kind == "exercise" else "answered questions"
            again = f", {states.count(AGAIN)} to come back to" if AGAIN in states else ""
            phrases.append(f"{states.count(DONE)} of {len(states)} {of} done{again}")
    return phrases


def draw_again(found: Iterable[Standing]) -> str:
    """What is not right yet, and what to do."""
    rows = "".join(
        f"<li>{safe(one.name)}{draw_asked(one)} → {safe(one.cure)}</li>"
        for one in found
        if one.state == AGAIN
    )
    return f"<h2>To come back to</h2><ul>{rows or '<li>Nothing is waiting.</li>'}</ul>"


def draw_asked(one: Standing) -> str:
    """What a question asks, after its title: a topic may have several."""
    return f': <span class="asked">{markup(one.asked)}</span>' if one.asked else ""


def draw_mistakes(found: Iterable[Standing]) -> str:
    """The mistakes with a name, the most frequent first."""
    made = [(times, one, text) for one in found for text, times in one.mistakes.items()]
    rows = "".join(
        f'<tr><td>{times} ×</td><td class="wide">{safe(one.name)}<br>{draw_told(one, text)}</td>'
        "</tr>"
        for times, one, text in sorted(made, key=lambda row: -row[0])
    )
    return f"<h2>Mistakes that had a name</h2><table>{rows}</table>" if rows else ""


def draw_mutants(found: Iterable[Standing]) -> str:
    """The board: every mutant of the lessons, and whether the learner's newest test kills it."""
    board = [one for one in found if one.mutant]
    killed = sum(one.state == DONE for one in board)
    head = "".join(f'<th scope="col">{name}</th>' for name in ("State", "Mutant", "Lesson"))
    rows = "".join(
        f'<tr><td>{fate(one)}</td><td class="wide">{safe(one.mutant)}</td>'
        f"<td>{safe(one.lesson)}</td></tr>"
        for one in board
    )
    return (
        f"<p>{killed} of {len(board)} mutants killed</p>"
        f"<table><thead><tr>{head}</tr></thead>{rows}</table>"
    )


def fate(one: Standing) -> str:
    """What became of a mutant."""
    seen = ["solution seen"] if one.solution else []
    if one.state == DONE:
        return ", ".join([f"{MARKS[DONE]} killed", *seen])
    return f"{MARKS[OPEN]} {seen[0] if seen else 'alive'}"


def draw_told(one: Standing, text: str) -> str:
    """What a mistake was told; the texts of questions have marks such as `code`."""
    return markup(clean(text)) if one.kind == "question" else safe(text)


def draw_lesson(lesson: str, ones: list[Standing]) -> str:
    """A lesson's exercises and questions, with the newest answer of each."""
    head = "".join(f'<th scope="col">{name}</th>' for name in ("State", "What", "Tries", "Help"))
    rows = "".join(draw_standing(one) for one in ones)
    tried = " open" if any(one.tries for one in ones) else ""
    return (
        f"<details{tried}><summary>Lesson {safe(lesson)}: {'; '.join(totals(ones))}</summary>"
        f"<table><thead><tr>{head}</tr></thead>{rows}</table></details>"
    )


def draw_standing(one: Standing) -> str:
    """One row of a lesson's table."""
    answer = ""
    if one.answer is not None:
        answer = f"<details><summary>answer</summary><pre>{safe(one.answer)}</pre></details>"
    hints = f"{one.hints} hint{'s' * (one.hints > 1)}" if one.hints else ""
    helped = ", ".join(filter(None, [hints, "solution seen" if one.solution else ""]))
    return (
        f'<tr><td>{MARKS[one.state]} {one.state}</td><td class="wide">{safe(one.name)}'
        f"{draw_asked(one)}{answer}</td>"
        f"<td>{one.often if one.tries else ''}</td><td>{helped}</td></tr>"
    )


def draw_guesses(events: list[dict]) -> str:
    """The predictions that met their truth, and how well the confidence fits."""
    score = brier(events)
    if score is None:
        return ""
    rows = "".join(
        f"<tr><td>{MARKS[DONE if event['right'] else AGAIN]}</td>"
        f'<td class="wide">{safe(event.get("ask", event["id"]))}</td>'
        f"<td>{event['confidence']:.0%} sure of {rounded(event.get('guess', ''))}</td>"
        f"<td>it is {rounded(event.get('truth', ''))}</td></tr>"
        for event in scored_guesses(events)
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("", "What", "Your guess", "Truth"))
    return (
        f"<h2>Guesses</h2><p>Brier score {score:.3f}: 0 is perfect; 0.25 is what always saying "
        f"50 % gives.</p><table><thead><tr>{head}</tr></thead>{rows}</table>"
    )


class Page(HTML):
    """The page in a notebook."""

    def __repr__(self) -> str:  # what a notebook shows where widgets cannot run
        return "[ your progress — run this cell to see it ]"


def progress_page() -> Page:
    """What is done, what to come back to; run the cell again to bring it up to date."""
    return Page(draw_page(stand(), history()))


class MutantBoard(HTML):
    """The board of the mutants in a notebook."""

    def __repr__(self) -> str:
        return "[ the mutants and who is still alive — run this cell to see the board ]"


def mutants() -> MutantBoard:
    """Which mutants are alive; run the cell again to bring it up to date."""
    found = standings(history(), exercises())
    return MutantBoard(f'{STYLE}<div class="pp">{draw_mutants(found)}</div>')
