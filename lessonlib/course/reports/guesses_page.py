"""How well calibrated the learner's guesses were: a picture, the score and its baselines."""

from collections.abc import Iterable

from ipywidgets import HTML

from lessonlib.course.progress.history import history
from lessonlib.course.reports.standing import brier, scored_guesses
from lessonlib.show.figures import COLOURS
from lessonlib.show.markup import safe

BINS = ((0.0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1.01))  # of the confidence
NONE_YET = (
    "<p>No guess has met its truth yet. In the lessons, the cells that begin with "
    "<code>guess(</code> ask for one: choose, say how sure you are, press <b>Keep my guess</b>, "
    "and run the cell below it. This lesson has some, too. Then run this cell again.</p>"
)


def reliability(events: Iterable[dict]) -> list[tuple[float, float, int]]:
    """For each bin with guesses: the mean confidence, the share that was right, how many."""
    rows = []
    scored = scored_guesses(events)
    for low, high in BINS:
        part = [event for event in scored if low <= event["confidence"] < high]
        if part:
            sure = sum(event["confidence"] for event in part) / len(part)
            right = sum(event["right"] for event in part) / len(part)
            rows.append((sure, right, len(part)))
    return rows


def draw_calibration(events: Iterable[dict]) -> str:
    """The page: score, baselines, the picture, and the guess that cost most."""
    events = list(events)
    scored, score = scored_guesses(events), brier(events)
    if score is None:
        return NONE_YET
    share = sum(event["right"] for event in scored) / len(scored)
    mean = sum(event["confidence"] for event in scored) / len(scored)
    lean = "more sure than right" if mean > share else "less sure than right"
    lean = "as sure as right" if abs(mean - share) < 0.05 else lean
    few = "" if len(scored) >= 20 else " With so few guesses, chance decides much of this."
    rows = "".join(
        f"<tr><th style='text-align:left;font-weight:normal'>{name}</th><td>{value:.3f}</td></tr>"
        for name, value in (
            ("<b>you (Brier score, 0 is perfect)</b>", score),
            ("always saying 50 %", 0.25),
            (f"always saying {share:.0%}, your share of right ones", share * (1 - share)),
        )
    )
    return (
        '<div style="display:flex;flex-wrap:wrap;gap:1.5em;align-items:center">'
        f"{draw_reliability(reliability(events))}<div><table>{rows}</table>"
        f"<p>{len(scored)} guesses, {share:.0%} right, {mean:.0%} sure on average: <b>{lean}</b>."
        f"{few}</p>{draw_dearest(scored)}</div></div>"
    )


def draw_dearest(scored: list[dict]) -> str:
    """The guess that cost most."""
    dearest = max(scored, key=lambda event: (event["confidence"] - event["right"]) ** 2)
    cost = (dearest["confidence"] - dearest["right"]) ** 2
    outcome = "right" if dearest["right"] else "not so"
    return (
        f"<p>The dearest, {cost:.2f}: {safe(dearest.get('ask', dearest['id']))} "
        f"({dearest['confidence']:.0%} sure, {outcome})</p>"
    )


def draw_reliability(rows: list[tuple[float, float, int]]) -> str:
    """Share right against confidence, a dot for each bin with the number of guesses in it."""

    def place(sure: float, right: float) -> tuple[float, float]:
        return 48 + 220 * sure, 238 - 220 * right

    dots = ""
    for sure, right, count in rows:
        x, y = place(sure, right)
        dots += (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{COLOURS[1]}"/>'
            f'<text x="{x + 9:.1f}" y="{min(max(y + 4, 24), 232):.1f}">{count}</text>'
        )
    ticks = "".join(
        f'<text x="{place(t, 0)[0]}" y="254" text-anchor="middle">{t:.0%}</text>'
        f'<text x="42" y="{place(0, t)[1] + 4}" text-anchor="end">{t:.0%}</text>'
        for t in (0, 0.5, 1)
    )
    alt = "; ".join(f"{sure:.0%} sure, {right:.0%} right, {n} guesses" for sure, right, n in rows)
    return f"""<svg viewBox="0 0 310 280" width="310" role="img" aria-label="{alt}" font-size="12">
<rect width="310" height="280" fill="white"/>
<path d="M48 18V238H268" fill="none" stroke="black"/>
<path d="M48 238L268 18" stroke="#666" stroke-dasharray="5 4"/>{ticks}{dots}
<text x="158" y="272" text-anchor="middle">how sure</text><text x="54" y="14">share right</text>
</svg>"""


class GuessesPage(HTML):
    """The page in a notebook."""

    def __repr__(self) -> str:  # what a notebook shows where widgets cannot run
        return "[ your guesses and how they came out — run this cell to see them ]"


def calibration_page() -> GuessesPage:
    """How the guesses of all lessons came out; run the cell again after more guesses."""
    return GuessesPage(draw_calibration(history()))
