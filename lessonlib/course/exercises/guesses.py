"""Predict before you run: a guess with a confidence, and later the truth beside it."""

import math
from collections.abc import Sequence
from html import escape
from textwrap import shorten
from typing import Any, ClassVar

from ipywidgets import HTML, Button, FloatSlider, FloatText, IntSlider, RadioButtons, VBox

from lessonlib.course.progress.history import history, record
from lessonlib.explorers.explorer import LOOK
from lessonlib.show.markup import rounded

LATE = (
    "The cells below have run already. If you have seen the truth there, a guess is no guess any "
    "more."
)
SHOWN = 66  # letters of a question in the placeholder; ipywidgets cuts a placeholder at 110


class Guess(VBox):
    """The question, a control for the guess, one for the confidence, and a button.

    within: how far from the truth a right number may lie; None where that is not said.
    """

    newest: ClassVar[dict[str, "Guess"]] = {}  # of each id, in this kernel

    def __init__(self, id: str, ask: str, control: Any, within: float | None = None):
        self.id, self.ask, self.control = id, ask, control
        self.late = id in Guess.newest and Guess.newest[id].late
        Guess.newest[id] = self
        self.confidence = IntSlider(
            50, 0, 100, 5, description="How sure, in %", readout=True, **LOOK
        )
        self.button = Button(description="Keep my guess", tooltip="Keep the guess before you run")
        self.button.on_click(self.keep)
        self.page = HTML()
        kept = kept_guess(id)
        if kept:
            self.show(kept)
        elif self.late:
            self.come_late()
        scale = HTML("How sure are you?" if within is None else how_sure(within))
        parts = [HTML(f"<b>{escape(ask)}</b>"), control, scale, self.confidence, self.button]
        super().__init__([*parts, self.page])

    def keep(self, _button=None) -> None:
        """Store what the controls say, unless the truth is already out."""
        kept = kept_guess(self.id)
        if kept is None or "right" not in kept:
            kept = {"guess": self.control.value, "confidence": self.confidence.value / 100}
            if kept["guess"] is None:
                self.page.value = status("Choose an answer first.")
                return
            record("guess", self.id, ask=self.ask, **kept)
        self.show(kept)

    def come_late(self) -> None:
        """Say that the truth may be on the page before anybody has guessed, as after Run All."""
        self.late = True
        self.page.value = status(LATE)

    def show(self, kept: dict) -> None:
        """Say which guess is kept, and set the controls to it as far as they can be."""
        try:
            self.control.value = kept["guess"]
        except Exception:  # since then the lesson asks for something else
            return
        self.confidence.value = round(kept["confidence"] * 100)
        now = "The truth is out, so it stays." if "right" in kept else "Now run the next cell."
        if self.late and "right" not in kept:
            now = f"{LATE} {now}"
        self.page.value = status(f"Kept: {said(kept)}. {now}")

    def __repr__(self) -> str:  # what a notebook shows where widgets cannot run
        ask = shorten(self.ask, SHOWN, placeholder=" …")
        return f"[ your guess: {ask} — run this cell to make it ]"


class Reveal(HTML):
    """The guess beside the truth."""

    def __init__(self, id: str, page: str):
        super().__init__(status(page))
        self.id = id

    def __repr__(self) -> str:
        return f"[ guess {self.id} and the truth — run this cell to see them ]"


def guess(
    id: str,
    ask: str,
    options: Sequence[str] = (),
    low: float | None = None,
    high: float | None = None,
    within: float | None = None,
) -> Guess:
    """Ask for a guess before the next cell is run: one of options, or a number.

    A number is slid from low to high where both are given, else typed. within: how far from the
    truth a right number may lie, the same as for `reveal`. The guess is kept with its confidence;
    `reveal` with the same id shows the truth.
    """
    if options:
        control = RadioButtons(options=options, value=None, description="Your guess", **LOOK)
    elif low is not None and high is not None:
        middle, step = (low + high) / 2, (high - low) / 100
        control = FloatSlider(
            middle,
            min=low,
            max=high,
            step=step,
            readout_format=".3",  # 50, not 50.0
            description="Your guess",
            **LOOK,
        )
    else:
        control = FloatText(description="Your guess", **LOOK)
    return Guess(id, ask, control, within)


def reveal(id: str, truth: Any, within: float = 0.0) -> Reveal:
    """Show the guess beside the truth, and store whether it was right.

    within: how far from the truth a number may lie. Only the first time counts for the
    calibration of lesson 10: after that the truth is known.
    """
    kept = kept_guess(id)
    if kept is None:
        if id in Guess.newest:
            Guess.newest[id].come_late()
        return Reveal(id, "Not guessed yet. Make your guess above, then run this cell again.")
    truth = truth if isinstance(truth, str) else float(truth)
    right = is_near(kept["guess"], truth, within)
    if "right" not in kept:
        facts = {fact: kept[fact] for fact in ("ask", "guess", "confidence")}
        record("guess", id, **facts, truth=truth, right=right)
    mark = "✓ Right" if right else "✗ Not so"
    return Reveal(id, f"{mark}. You said {said(kept)}. It is <b>{rounded(truth)}</b>.")


def is_near(guess: Any, truth: Any, within: float) -> bool:
    """Whether a guess counts as right; texts have to be the same."""
    if isinstance(guess, str) or isinstance(truth, str):
        return guess == truth
    distance = abs(guess - truth)
    return distance <= within or math.isclose(distance, within, abs_tol=1e-9)


def kept_guess(id: str) -> dict | None:
    """The guess that counts: the one the truth was shown to, or else the newest."""
    needed = {"ask", "guess", "confidence"}
    events = [event for event in history("guess") if event["id"] == id and needed <= event.keys()]
    scored = [event for event in events if "right" in event]
    return (scored or events[::-1] or [None])[0]


def how_sure(within: float) -> str:
    """What the scale measures: that the guess will count as right."""
    near = f"within {within:g} of the truth" if within else "exactly the truth"
    return f"How sure are you that it is right: {near}?"


def status(page: str) -> str:
    """Something that a screen reader is to say when it appears."""
    return f'<div role="status">{page}</div>'


def said(kept: dict) -> str:
    return f"<b>{rounded(kept['guess'])}</b>, {kept['confidence']:.0%} sure"
