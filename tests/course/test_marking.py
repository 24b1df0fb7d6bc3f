"""What an answer hears, whatever was typed, and when its question comes back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lessonlib.course.exercises import trial
from lessonlib.course.quizzes import marking
from lessonlib.course.quizzes.questions import find

NUMBER, CODE, TEXT = map(find, ("01.rows.slice", "01.columns.code", "02.datasets.why"))
CHOICE = find("01.rows.first")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HUGE = "x" * 10_000_000


NO_NUMBERS = ["", "  ", "abc", "1 2", "nan", "inf", "<b>1</b>", "“1”", "🐻", "9" * 20_000, HUGE]


@pytest.mark.parametrize("text", NO_NUMBERS, ids=range(len(NO_NUMBERS)))
def test_what_is_no_number_is_not_counted_as_wrong(text):
    verdict = marking.mark_number(NUMBER, text, seed=0)
    assert verdict.right is None
    assert len(verdict.lines[0][1]) < 200


@pytest.mark.parametrize("text", ["-5", "−5", "-5,0", " -5.0 ", "-5e0"])
def test_a_number_may_be_written_in_many_ways(text):
    said = marking.mark_number(NUMBER, text, seed=0)
    assert said.right is False and "steps" in said.lines[0][1]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("8,192", "8192"),
        ("8,192", "8.192"),
        ("−8,192.50", "-8192.5"),
        ("1,234,567", "1234567"),
        ("+12,345", "12345"),
        ("0,125", "0.125"),
        ("0,125", None),
        ("12,34", "12.34"),
    ],
)
def test_a_comma_may_part_thousands_as_in_the_lessons(text, right):
    question = replace(NUMBER, answer=right or "125", slips=(), tolerance=0, draw={}, why="")
    assert marking.mark_number(question, text, seed=0).right is bool(right)


def test_a_slip_that_is_typed_with_a_comma_is_named():
    slip = replace(NUMBER.slips[0], value="8192")
    question = replace(NUMBER, answer="1", slips=(slip,), draw={})
    assert marking.mark_number(question, "8,192", seed=0).mistake == slip.say


def test_nothing_ticked_is_nothing_answered():
    assert marking.mark_choice(CHOICE, []).right is None


@pytest.mark.parametrize(
    "code",
    ["def file_names(df):\n    return df['fname']", "file_names = lambda df: df.fname"],
)
def test_code_that_does_what_is_asked_is_right(code):
    assert marking.mark_code(CODE, code).right is True


HOSTILE = {
    "def file_names(df:": "SyntaxError",
    "x = 1": "defines no function file_names",
    "file_names = 3": "defines no function file_names",
    "import sys\nsys.exit()": "SystemExit",
    "raise RuntimeError('<b>no</b>')": "RuntimeError",
    "def file_names(df):\n    del df\n    return df": "df",
    "def file_names(df):\n    print('z' * 10_000_000)\n    return 3": "you gave: 3",
    "def file_names(df):\n    return [print]": "you gave",
    "def file_names(df):\n    while True:\n        pass": "5 seconds",
}


@pytest.mark.parametrize("code", HOSTILE)
def test_hostile_code_is_wrong_and_harms_nothing(code, capsys, monkeypatch):
    monkeypatch.setattr(trial, "SECONDS", 1 if "while True" in code else 5)
    before = set(vars(marking))
    verdict = marking.mark_code(CODE, code)
    assert verdict.right is False
    assert HOSTILE[code] in verdict.lines[0][1]
    assert len(verdict.lines[0][1]) < 5000
    assert capsys.readouterr().out == "" and set(vars(marking)) == before


def test_the_line_of_a_typed_answer_that_fails_is_shown():
    for name in ("labels", "texts"):
        code = f"def file_names(df):\n    names = df.{name}_of_all\n    return names"
        said = marking.mark_code(CODE, code).lines[0][1]
        assert f"in:       names = df.{name}_of_all (line 2)" in said


def test_endless_texts_are_refused_before_anything_reads_them():
    assert marking.mark_code(CODE, "def file_names(df):\n" + HUGE).right is None
    assert "longer than 10,000" in marking.mark_words(HUGE).lines[0][1]
    assert marking.mark_words(" \n").lines and not marking.mark_words("words").lines


# --- when a question comes back


def events(*answers, name="01.rows.first"):
    """(day, right) pairs as the progress file has them."""
    return [
        {
            "kind": "question",
            "id": name,
            "when": (NOW + timedelta(days=day)).isoformat(),
            "right": r,
        }
        for day, r in answers
    ]


def comes_back(history, day):
    return [question.id for question in marking.due(history, NOW + timedelta(days=day))]


def test_what_was_wrong_comes_back_at_once_and_what_was_right_never():
    assert comes_back(events((0, False)), day=0) == ["01.rows.first"]
    assert comes_back(events((0, True)), day=99) == []


@pytest.mark.parametrize("day, due", [(0.5, False), (1.1, True)])
def test_after_a_right_answer_it_rests_for_a_day(day, due):
    assert bool(comes_back(events((0, False), (0, True)), day)) is due


def test_each_right_answer_in_a_row_makes_the_wait_longer_until_it_rests():
    answered, day = [(0.0, False), (0.0, True)], 0.0
    for wait in marking.WAITS:
        assert not comes_back(events(*answered), day + wait - 0.1)
        day += wait
        assert comes_back(events(*answered), day)
        answered.append((day, True))
    assert not comes_back(events(*answered), day + 10_000)


def test_an_answer_before_its_time_does_not_count():
    early = events((0, False), (0, True), (0.1, True), (0.2, True))
    assert comes_back(early, day=1.1) == ["01.rows.first"]


def test_a_new_mistake_begins_again():
    assert comes_back(events((0, False), (0, True), (1, True), (4, False)), day=4)


def test_the_longest_overdue_comes_first_and_what_is_gone_does_not_come():
    history = [
        *events((2, False), name="04.bce.names"),
        *events((1, False)),
        *events((0, False), name="04.gone.gone"),
    ]
    assert comes_back(history, day=3) == ["01.rows.first", "04.bce.names"]
