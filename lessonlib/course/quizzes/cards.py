"""A card for each kind of question: its controls, its answer, what is said about it.

As in lessonlib/explorers, what is shown comes from pure functions (quiz_page.py, marking.py); the
classes only hold controls.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from ipywidgets import HTML, Button, Checkbox, DOMWidget, Text, Textarea, VBox
from traitlets import TraitError

from lessonlib.course.progress.history import record
from lessonlib.course.quizzes import marking
from lessonlib.course.quizzes.drawing import STATES, draw_ask, draw_verdict
from lessonlib.course.quizzes.marking import Mark
from lessonlib.course.quizzes.questions import Question, shuffled
from lessonlib.show.markup import markup

SOON = 0.3  # seconds after Enter within which the browser sends the text, if that is new
WIDE = {"layout": {"width": "100%"}}


class Card(VBox):
    """One question with its controls, its button and what is said about the answer.

    A subclass has the controls, says what the answer is, shows an earlier one and marks it.
    event: the newest answer out of the progress file. on_answer: called after each answer.
    """

    def __init__(
        self,
        question: Question,
        number: int,
        seed: int,
        event: dict | None = None,
        on_answer: Callable[[], None] = lambda: None,
    ):
        self.question, self.number, self.seed, self.on_answer = question, number, seed, on_answer
        self.ask, self.said = HTML(), HTML()
        self.right: bool | None = None
        super().__init__([self.ask, *self.controls(), self.said])
        self.add_class("quiz-card")
        self.add_class("quiz-" + question.id.replace(".", "-"))
        self.show(self.remember(event) if event else Mark(None, ()))

    def controls(self) -> list[DOMWidget]:
        raise NotImplementedError

    def answer(self) -> Any:
        """The answer as `mark` reads it and the progress file keeps it."""
        raise NotImplementedError

    def restore(self, event: dict) -> None:
        """Put the answer of an event back into the controls."""
        raise NotImplementedError

    def mark(self, answer: Any) -> Mark:
        raise NotImplementedError

    def remember(self, event: dict) -> Mark:
        """Show an earlier answer. Returns what is said about it."""
        try:
            self.restore(event)
        except (KeyError, TypeError, TraitError):  # somebody edited the progress file
            return marking.unread("Your earlier answer cannot be shown. Answer once more.")
        return self.told(event)

    def told(self, event: dict) -> Mark:
        """What is said about the answer of an event that has been put back."""
        return self.mark(self.answer())

    def check_button(self, text: str = "Check") -> Button:
        button = Button(description=text, tooltip=f"{text} question {self.number}")
        button.on_click(lambda _button: self.submit())
        return button

    def facts(self) -> dict[str, Any]:
        """What of an answer is kept."""
        return {"answer": self.answer()}

    def submit(self) -> None:
        """Mark the answer, keep it if there is something to judge, and show what is said."""
        verdict = self.mark(self.answer())
        if verdict.right is not None:
            facts = {"right": verdict.right, "mistake": verdict.mistake, **self.facts()}
            record("question", self.question.id, **facts)
        self.show(verdict)
        self.on_answer()

    def show(self, verdict: Mark) -> None:
        """The verdict below, and its mark at the number and the edge.

        What cannot be judged leaves the mark of the answer before, which is the one that is kept.
        """
        self.right = self.right if verdict.right is None else verdict.right
        self.said.value = draw_verdict(verdict, self.question.back)
        self.ask.value = draw_ask(self.question, self.number, self.seed, self.right)
        for right, (_, state) in STATES.items():
            change = self.add_class if right is self.right else self.remove_class
            change(f"quiz-{state}")


class ChoiceCard(Card):
    """Tick everything that is right."""

    def controls(self) -> list[DOMWidget]:
        self.boxes = {one.text: tick_box(one.text) for one in shuffled(self.question, self.seed)}
        return [*self.boxes.values(), self.check_button()]

    def answer(self) -> list[str]:
        return ticked(self.boxes)

    def restore(self, event: dict) -> None:
        tick(self.boxes, event["answer"])

    def mark(self, answer: list[str]) -> Mark:
        return marking.mark_choice(self.question, answer)


class NumberCard(Card):
    """Work out a number. Enter answers as the button does."""

    def controls(self) -> list[DOMWidget]:
        self.text = field(Text, "Your answer", "", layout={"width": "22em"})
        self.entered: asyncio.TimerHandle | None = None
        self.text.on_msg(self.enter)
        self.text.observe(self.arrive, names="value")
        return [self.text, self.check_button()]

    def enter(self, _text: Text, message: dict, _buffers: list) -> None:
        """Enter was pressed. The browser says so first and sends the text after it, if at all."""
        if message.get("event") == "submit" and self.entered is None:
            self.entered = asyncio.get_running_loop().call_later(SOON, self.submit_entered)

    def arrive(self, _change: dict) -> None:
        """A text came; where Enter sent it, it is the answer."""
        if self.entered:
            self.submit_entered()

    def submit_entered(self) -> None:
        self.entered.cancel()
        self.entered = None
        self.submit()

    def answer(self) -> str:
        return self.text.value

    def restore(self, event: dict) -> None:
        self.text.value = event["answer"]

    def mark(self, answer: str) -> Mark:
        return marking.mark_number(self.question, answer, self.seed)


class CodeCard(Card):
    """Write a function; the exercise engine tries it."""

    def controls(self) -> list[DOMWidget]:
        self.text = field(Textarea, "Your code", self.question.starter, rows=6, **WIDE)
        self.text.add_class("quiz-code")
        return [self.text, self.check_button()]

    def answer(self) -> str:
        return self.text.value

    def restore(self, event: dict) -> None:
        self.text.value = event["answer"]

    def told(self, event: dict) -> Mark:
        said = "Right when you checked it." if event["right"] else "Not right when you checked it."
        return Mark(event["right"], ((STATES[event["right"]][0], said),))  # it is not run again

    def mark(self, answer: str) -> Mark:
        return marking.mark_code(self.question, answer)


class TextCard(Card):
    """Answer in your own words, compare with a model answer, tick the points that you have."""

    def controls(self) -> list[DOMWidget]:
        self.text = field(Textarea, "Your words", "", rows=4, **WIDE)
        self.points = {point: tick_box(point) for point in self.question.points}
        compare = Button(description="Compare", tooltip=f"Compare question {self.number}")
        compare.on_click(lambda _button: self.compare())
        model = HTML(
            f'<div class="quiz-model">{markup(self.question.model)}</div>'
            "Tick each point that is in <b>your</b> answer:"
        )
        self.rubric = VBox([model, *self.points.values(), self.check_button("Keep my points")])
        self.rubric.layout.display = "none"
        return [self.text, compare, self.rubric]

    def compare(self) -> None:
        """Show the model answer and its points, to who has written something."""
        written = marking.mark_words(self.text.value)
        if written.lines:
            self.said.value = draw_verdict(written, self.question.back)
            return
        self.said.value, self.rubric.layout.display = "", None

    def answer(self) -> list[str]:
        return ticked(self.points)

    def facts(self) -> dict[str, Any]:
        return {"answer": self.answer(), "words": self.text.value}

    def restore(self, event: dict) -> None:
        self.text.value, self.rubric.layout.display = event["words"], None
        tick(self.points, event["answer"])

    def mark(self, answer: list[str]) -> Mark:
        return marking.mark_text(self.question, answer)


CARDS = {"choice": ChoiceCard, "number": NumberCard, "code": CodeCard, "text": TextCard}


def tick_box(text: str) -> Checkbox:
    return Checkbox(description=markup(text), description_allow_html=True, indent=False)


def ticked(boxes: dict[str, Checkbox]) -> list[str]:
    return [text for text, box in boxes.items() if box.value]


def tick(boxes: dict[str, Checkbox], texts: list[str]) -> None:
    for text, box in boxes.items():
        box.value = text in texts


def field(kind: type, label: str, text: str, **options: Any) -> Text | Textarea:
    """A labelled field for text.

    It sends its text when the focus leaves it, so always before the button that reads it is
    pressed. Sent letter by letter, the last letters may come after the press.
    """
    style = {"description_width": "auto"}
    return kind(description=label, value=text, continuous_update=False, style=style, **options)
