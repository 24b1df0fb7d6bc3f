"""Predict before you run: the guess is kept, meets the truth once, and is scored."""

import ast

import pytest
import torch
from learners import forget
from sources import REPO

from lessonlib.course.exercises.guesses import guess, reveal
from lessonlib.course.progress.history import history, record
from lessonlib.course.reports.standing import brier

LESSONS = sorted((REPO / "notebooks" / "src").glob("[0-9]*/lesson.py"))

pytestmark = pytest.mark.usefixtures("home")


def make(value, confidence=80, id="04.loss", **options):
    """Guess like a learner."""
    widget = guess(id, "What will it be?", **options)
    widget.control.value, widget.confidence.value = value, confidence
    widget.button.click()
    return widget


def test_unguessed_both_cells_show_the_same_text_in_every_run_and_store_nothing():
    widget, answer = guess("04.loss", "How large?", low=0, high=5), reveal("04.loss", 0.693)
    assert repr(widget) == "[ your guess: How large? — run this cell to make it ]"
    assert repr(answer) == "[ guess 04.loss and the truth — run this cell to see them ]"
    assert "Not guessed yet" in answer.value and "0.693" not in answer.value
    assert not history()


def test_a_guess_is_kept_with_its_confidence_and_meets_the_truth():
    widget = make(0.7, 80, low=0, high=5)
    assert "<b>0.7</b>, 80% sure" in widget.page.value
    answer = reveal("04.loss", torch.tensor(0.693), within=0.05)
    for words in ("✓ Right", "<b>0.7</b>", "80% sure", "<b>0.693</b>"):
        assert words in answer.value
    event = history("guess")[-1]
    assert event["right"] is True and event["confidence"] == 0.8 and event["guess"] == 0.7
    assert event["ask"] == "What will it be?" and event["truth"] == pytest.approx(0.693)


@pytest.mark.parametrize(
    "value, truth, within, right",
    [
        (3.0, 3.5, 0.5, True),
        (3.0, 3.6, 0.5, False),
        (2.0, 2, 0.0, True),
        (2.0, 2.01, 0.0, False),
        (0.9, 0.85, 0.05, True),  # as floats 0.05000000000000004 apart
        (0.3, 0.1 + 0.2, 0.0, True),
    ],
)
def test_a_number_is_right_within_its_distance(value, truth, within, right):
    make(value)
    reveal("04.loss", truth, within)
    assert history()[-1]["right"] is right


def test_one_of_several_options_has_to_be_the_one():
    widget = guess("04.up", "Up or down?", options=["up", "down"])
    widget.button.click()
    assert "Choose an answer first" in widget.page.value and not history()
    widget.control.value = "up"
    widget.button.click()
    assert "✗ Not so" in reveal("04.up", "down").value
    assert history()[-1]["right"] is False


def test_a_kept_guess_is_there_again_after_a_restart():
    make(4.0, 65, low=0, high=5)
    forget()
    widget = guess("04.loss", "What will it be?", low=0, high=5)
    assert (widget.control.value, widget.confidence.value) == (4.0, 65)
    assert "65% sure" in widget.page.value


def test_before_the_truth_the_newest_guess_counts_and_after_it_none():
    for value in (1.0, 2.0):
        make(value)
    assert "<b>2</b>" in reveal("04.loss", 3.0).value
    widget = make(3.0)
    assert "The truth is out" in widget.page.value and widget.control.value == 2.0
    assert "✗ Not so" in reveal("04.loss", 3.0).value
    assert [event.get("right") for event in history()] == [None, None, False]


def test_a_guess_of_another_kind_than_today_is_no_obstacle():
    make(7.5)
    guess("04.loss", "Up or down?", options=["up", "down"])
    assert "Not so" in reveal("04.loss", "up").value


def test_every_control_has_a_label_and_texts_are_escaped():
    widget = guess("04.loss", "Is a < b?", options=["<i>yes</i>", "no"])
    assert "a &lt; b" in widget.children[0].value
    controls = [child for child in widget.children if hasattr(child, "description")]
    assert all(child.description for child in controls if not hasattr(child, "placeholder"))
    widget.control.value = "<i>yes</i>"
    widget.button.click()
    assert "<i>" not in widget.page.value + reveal("04.loss", "<u>").value


def test_the_brier_score_is_the_mean_squared_distance_of_confidence_and_outcome():
    assert brier([]) is None
    for name, confidence, right in (("a", 0.9, True), ("b", 0.6, False), ("c", 0.5, True)):
        record("guess", name, guess=1, confidence=confidence, truth=1, right=right)
    record("guess", "d", guess=1, confidence=0.3)  # no truth yet
    record("guess", "a", guess=1, confidence=0.0, truth=1, right=True)  # only the first counts
    assert brier(history()) == pytest.approx((0.1**2 + 0.6**2 + 0.5**2) / 3)


@pytest.mark.parametrize(
    "confidence, right, score", [(1, True, 0), (1, False, 1), (0.5, True, 0.25)]
)
def test_the_brier_score_knows_its_landmarks(confidence, right, score):
    assert brier([{"kind": "guess", "id": "a", "confidence": confidence, "right": right}]) == score


# --- what the scale measures


@pytest.mark.parametrize(
    "options, words",
    [
        ({"low": 0, "high": 50, "within": 3}, "right: within 3 of the truth?"),
        ({"low": 0, "high": 1, "within": 0.05}, "right: within 0.05 of the truth?"),
        ({"within": 0.0}, "right: exactly the truth?"),
        ({"options": ["up", "down"]}, "How sure are you?"),
    ],
)
def test_above_the_scale_stands_what_counts_as_right(options, words):
    widget = guess("04.loss", "What?", **options)
    scale = widget.children[widget.children.index(widget.confidence) - 1]
    assert words in scale.value


def lines_of_lessons(name):
    """The calls of a function in the lessons' sources, by the id that they are given."""
    trees = [ast.parse(lesson.read_text(encoding="utf-8")) for lesson in LESSONS]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    ours = [call for call in calls if getattr(call.func, "id", None) == name]
    return {call.args[0].value: {word.arg: word.value for word in call.keywords} for call in ours}


def test_every_lesson_says_with_a_guess_what_it_counts_as_right():
    guesses, truths = lines_of_lessons("guess"), lines_of_lessons("reveal")
    assert len(guesses) > 20 and guesses.keys() == truths.keys()
    for name, words in guesses.items():
        promised, kept = (one.get("within", ast.Constant(0)) for one in (words, truths[name]))
        assert ast.dump(promised) == ast.dump(kept), name
        assert ("within" in words) == ("low" in words), name


def test_after_run_all_the_card_says_that_the_truth_may_be_known():
    widget = guess("04.late", "How large?", low=0, high=5, within=1)
    assert widget.page.value == ""
    reveal("04.late", 0.693)  # nobody has guessed
    assert "have run already" in widget.page.value and "no guess any more" in widget.page.value
    again = guess("04.late", "How large?", low=0, high=5, within=1)
    assert "no guess any more" in again.page.value
    again.button.click()
    assert "Kept:" in again.page.value and "no guess any more" in again.page.value
    reveal("04.late", 0.693)
    again.button.click()
    assert "The truth is out" in again.page.value


def test_who_guesses_first_hears_nothing_of_being_late():
    widget = make(0.7, id="04.early", low=0, high=5)
    reveal("04.early", 0.693)
    assert "no guess any more" not in widget.page.value


def test_no_placeholder_is_so_long_that_its_end_is_cut_off():
    for ask in ("Up?", "How many of these, and " * 9):
        page = guess("04.long", ask, low=0, high=5)._repr_mimebundle_()["text/plain"]
        assert page.endswith(" — run this cell to make it ]") and len(page) <= 110
