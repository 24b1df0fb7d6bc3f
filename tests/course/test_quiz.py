"""The questionnaire's widgets, driven without a browser: answer, score, run again, repeat."""

import asyncio
import errno
import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from lessonlib.course.progress import history as progress
from lessonlib.course.progress import store
from lessonlib.course.quizzes import widgets as quiz_widgets
from lessonlib.course.quizzes.cards import SOON
from lessonlib.course.quizzes.drawing import STYLE, draw_verdict
from lessonlib.course.quizzes.marking import Mark
from lessonlib.course.quizzes.questions import evaluate, find, numbers, sections
from lessonlib.course.quizzes.widgets import quiz, score
from lessonlib.course.reports.review import review
from lessonlib.show.markup import markup

SOLUTIONS = {  # to the questions that ask for code
    "01.columns.code": "def file_names(df):\n    return df['fname']",
    "03.multi-hot.code": "def multi_hot(labels, vocab): return [float(v in labels) for v in vocab]",
    "03.getters.code": "def labels_of(row):\n    return row['labels'].split()",
}
NUMBER = next(one.id for part in sections() for one in part.questions if one.kind == "number")
HOSTILE = "</textarea><script>alert('x')</script>\"' & `code` 🐻 {seed} ${x}"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LESSONLIB_HOME", str(tmp_path))
    return tmp_path


def answer_right(card):
    question = card.question
    if question.kind == "choice":
        for option in question.options:
            card.boxes[option.text].value = option.right
    elif question.kind == "number":
        card.text.value = repr(evaluate(question.answer, numbers(question, card.seed)))
    elif question.kind == "code":
        card.text.value = SOLUTIONS[question.id]
    else:
        card.text.value = "my words"
        card.compare()
        for box in card.points.values():
            box.value = True
    card.submit()


def card_of(name):
    """The card of one question."""
    shown = quiz(name.rpartition(".")[0])
    return next(card for card in shown.cards if card.question.id == name)


def score_of(shown):
    return shown.heading.value.partition("quiz-score")[2]


def test_answering_everything_right_fills_the_score():
    board, shown = score(), quiz_widgets.questionnaire()
    assert f"✓ 0 of {len(shown.cards)} right" in score_of(shown)
    for card in shown.cards:
        answer_right(card)
        assert card.right is True, (card.question.id, card.said.value)
    full = f"✓ {len(shown.cards)} of {len(shown.cards)} right"
    assert full in score_of(shown) and full in board.value
    assert "○" not in board.value


def test_running_the_cell_again_shows_the_same_answers_and_score():
    shown = quiz("09.tables")
    for number, card in enumerate(shown.cards):
        if number % 3:
            answer_right(card)
        else:
            next(iter(getattr(card, "boxes", {}).values()), card).value = True
            card.submit()
    again = quiz("09.tables")
    assert score_of(again) == score_of(shown) and "to repeat" in score_of(again)
    for before, after in zip(shown.cards, again.cards, strict=True):
        assert after.right is before.right
        if before.right is not None:
            assert after.facts() == before.facts()
            assert after.said.value.count("✓") >= (before.right is True)


def test_a_wrong_choice_hears_why_and_where_to_read():
    card = card_of("01.rows.first")
    card.boxes["`df.loc[0]`"].value = True
    card.submit()
    assert "row <em>label</em> 0" in card.said.value
    told = progress.latest("question", "01.rows.first")["mistake"]
    assert told.startswith("“`df.loc[0]`” looks for")
    assert "↩ lesson 01, “2 · Rows, columns, cells”" in card.said.value
    assert "quiz-wrong" in card._dom_classes and "quiz-open" not in card._dom_classes
    answer_right(card)
    assert "quiz-right" in card._dom_classes and "↩" not in card.said.value
    assert progress.latest("question", "01.rows.first")["mistake"] == ""


def test_what_cannot_be_judged_is_not_kept():
    for card in quiz("09.tables").cards:
        if card.question.kind == "text":
            card.compare()
            assert card.rubric.layout.display == "none"
        else:
            card.submit()
        assert card.right is None and "○" in card.said.value
    assert progress.history() == []


def test_an_answer_is_sent_before_the_button_is_pressed():
    for card in quiz_widgets.questionnaire().cards:
        if hasattr(card, "text"):
            assert card.text.continuous_update is False


def test_every_control_has_a_label():
    for card in quiz_widgets.questionnaire().cards:
        controls = [child for child in card.children if hasattr(child, "description")]
        assert controls
        for control in controls:
            assert getattr(control, "description", "") or control.value


def test_a_mistake_in_code_is_kept_by_its_name():
    card = card_of("01.columns.code")
    card.text.value = "def file_names(df): return df.iloc[:, 0]"
    card.submit()
    told = progress.latest("question", "01.columns.code")["mistake"]
    assert told.startswith("That is the leftmost column")
    again = card_of("01.columns.code")
    assert again.right is False and again.text.value == card.text.value
    assert "when you checked it" in again.said.value


def test_a_text_is_kept_with_its_points():
    card = card_of("02.datasets.why")
    card.text.value = HOSTILE
    card.compare()
    next(iter(card.points.values())).value = True
    card.submit()
    again = card_of("02.datasets.why")
    assert again.text.value == HOSTILE and again.right is False
    assert [box.value for box in again.points.values()] == [True, False, False]
    assert again.rubric.layout.display is None


@pytest.mark.parametrize(
    "typed", [HOSTILE, "🐻" * 3, "<img src=x onerror=alert(1)>", "x" * 10_000_000]
)
def test_whatever_is_typed_is_escaped_and_the_file_stays_whole(typed, home):
    shown = quiz("09.tables")
    for card in shown.cards:
        if hasattr(card, "text"):
            card.text.value = typed
            getattr(card, "compare", card.submit)()
            assert "<script" not in card.said.value and "<img" not in card.said.value
            assert len(card.said.value) < 20_000
    kept = home / "progress.json"
    assert not kept.exists() or kept.stat().st_size < 100_000
    assert not kept.exists() or json.loads(kept.read_text(encoding="utf-8"))
    assert quiz("09.tables").cards


def test_on_a_disk_that_refuses_the_answers_last_as_long_as_the_notebook(monkeypatch, capsys):
    def full(path, content, alone):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(progress, "unsaved", [])
    monkeypatch.setattr(store, "write_whole", full)
    board = score()
    for card in quiz("09.tables").cards:
        answer_right(card)
    assert "✓ 10 of 10 right" in score_of(quiz("09.tables")) and "✓ 10 of" in board.value
    assert capsys.readouterr().err.count("cannot be saved") <= 1  # said once in a process


def test_the_review_asks_what_was_wrong_without_the_old_answer():
    assert "Nothing to repeat" in review().heading.value
    before = repr(review())
    card = card_of("01.rows.first")
    card.boxes["`df[0]`"].value = True
    card.submit()
    again = review()
    assert [card.question.id for card in again.cards] == ["01.rows.first"]
    assert not any(box.value for box in again.cards[0].boxes.values())
    assert repr(again) == before, "a notebook would differ from learner to learner"
    answer_right(again.cards[0])
    assert "Nothing to repeat" in review().heading.value
    assert card_of("01.rows.first").right is True


def test_the_board_follows_each_answer():
    board = score()
    before = board.value
    answer_right(card_of("01.rows.first"))
    assert board.value != before and "✓ 1 of" in board.value


def test_in_a_notebook_without_widgets_a_text_stands_in():
    assert repr(quiz("09.tables")).startswith("[ interactive: 10 questions")
    assert repr(score()).startswith("[ interactive: ")
    answer_right(card_of("01.rows.first"))
    assert repr(quiz("09.tables")).startswith("[ interactive: 10 questions")


def test_markup_is_safe_and_leaves_code_alone():
    assert markup("`a * b * c` *so* **it** <b>") == (
        "<code>a * b * c</code> <em>so</em> <b>it</b> &lt;b&gt;"
    )
    assert markup("2 * 3 * 4") == "2 * 3 * 4"
    assert markup("a\nb") == "a<br>b"


def test_a_verdict_of_several_lines_keeps_its_columns():
    verdict = Mark(False, (("✗", "not yet\n  you gave: <3"),))
    assert "<pre>not yet\n  you gave: &lt;3</pre>" in draw_verdict(verdict, ("01", "Recap"))


def test_a_question_that_is_gone_does_no_harm():
    progress.record("question", "01.rows.gone", right=False, answer=["x"])
    assert find("01.rows.gone") is None and review().cards == []
    progress.record("question", "01.rows.first", right=False, answer=["an option of last year"])
    assert card_of("01.rows.first").right is None


def test_edited_events_do_no_harm():
    progress.record("question", "01.rows.slice")
    progress.record("question", "01.rows.first", right=True)
    progress.record("question", "01.columns.code", right=True, answer=["no text"])
    progress.record("question", "02.datasets.why", right=True, answer=7, words="w")
    shown = quiz("09.tables")
    assert "✓ 0 of 10 right" in score_of(shown)
    assert sum("cannot be shown" in card.said.value for card in shown.cards) == 3


def test_what_cannot_be_judged_leaves_the_answer_before():
    card = card_of("01.rows.slice")
    answer_right(card)
    card.text.value = "what?"
    card.submit()
    assert card.right is True and "is not a number" in card.said.value
    assert card_of("01.rows.slice").right is True


# --- colours


GROUNDS = ("#ffffff", "#111111")  # of JupyterLab's light and dark theme


def contrast(one, other):
    """As the Web Content Accessibility Guidelines reckon it; 4.5 is needed for text."""
    lights = []
    for colour in (one, other):
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        lights.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    low, high = sorted(lights)
    return (high + 0.05) / (low + 0.05)


def test_every_mark_and_text_can_be_read_on_the_light_and_on_the_dark_theme():
    verdict = Mark(False, (("✓", "right"), ("✗", "wrong"), ("↩", "see there")))
    for colour in re.findall(
        r"(?<![-\w])color: ?(#\w{6})", STYLE + draw_verdict(verdict, ("01", "A"))
    ):
        assert min(contrast(colour, ground) for ground in GROUNDS) >= 4.5, colour


def test_every_edge_can_be_seen_on_the_light_and_on_the_dark_theme():
    colours = re.findall(r"(?:border|outline)[-\w]*: ?[\w ]*(#\w{6})", STYLE)
    assert colours
    for colour in colours:
        assert min(contrast(colour, ground) for ground in GROUNDS) >= 3, colour


# --- Enter


def press_enter(card, typed):
    """What the browser does: first it says that Enter was pressed, then it sends a new text."""
    card.text._handle_custom_msg({"event": "submit"}, [])
    if typed != card.text.value:
        card.text.value = typed


def in_a_loop_of_its_own(coroutine):
    """Run it in another thread: a browser that an earlier test started keeps this one's loop."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, coroutine).result()


def entered(card, *typed):
    """The kept answers after Enter was pressed with each of these texts in the field."""

    async def type_all():
        for text in typed:
            press_enter(card, text)
            await asyncio.sleep(1.5 * SOON)

    in_a_loop_of_its_own(type_all())
    return [event["answer"] for event in progress.history("question")]


def test_enter_answers_a_number_with_the_text_that_comes_after_it():
    card = card_of(NUMBER)
    assert entered(card, "-77", "-78") == ["-77", "-78"] and card.right is False
    right = repr(evaluate(card.question.answer, numbers(card.question, card.seed)))
    assert entered(card, right)[-1] == right and card.right is True


def test_enter_answers_a_text_that_was_sent_before():
    card = card_of(NUMBER)
    card.text.value = "-77"
    assert entered(card, "-77") == ["-77"]


def test_leaving_the_field_answers_nothing_also_after_enter():
    card = card_of(NUMBER)
    card.text.value = "-77"
    assert card.right is None and not progress.history("question")
    entered(card, "-77")
    card.text.value = "-78"
    assert len(progress.history("question")) == 1


def test_enter_in_an_empty_field_asks_for_a_number():
    card = card_of(NUMBER)
    assert entered(card, "") == [] and "Type a number" in card.said.value


def test_enter_that_is_held_down_answers_once():
    card = card_of(NUMBER)

    async def hold():
        for _ in range(5):
            press_enter(card, "")
        card.text.value = "-77"
        await asyncio.sleep(1.5 * SOON)

    in_a_loop_of_its_own(hold())
    assert len(progress.history("question")) == 1
