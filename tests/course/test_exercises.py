"""The exercise engine: what `check` says, and that it never raises."""

import sys
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import pytest
import torch
from learners import forget
from lessons import pretend
from torch.nn import functional
from torch.utils.data import Dataset

from lessonlib.course import folders
from lessonlib.course.exercises import asking as exercises
from lessonlib.course.exercises import tasks
from lessonlib.course.exercises.asking import check, grade, hint, solution, verdict_on
from lessonlib.course.exercises.comparing import same
from lessonlib.course.exercises.grading import Exercise
from lessonlib.course.progress.history import history

pytestmark = pytest.mark.usefixtures("home")


def double(x):
    return 2 * x


CODE = """
from lessonlib.course.exercises.grading import Exercise

def double(x):
    return 2 * x

DOUBLE = Exercise(double, ((1,), (5,)), (("squared", lambda x: x * x),))
COUNT = Exercise(26, mistakes=(("from_zero", 25),))
PAIR = Exercise([1, 2], working="[1, 1 + 1]  # so many")
"""
TEXTS = """
[[exercise]]
name = "double"
title = "twice"
kind = "function"
revision = 3
hints = ["Think of two.", "Multiply."]
[exercise.mistakes]
squared = "You squared the number."

[[exercise]]
name = "count"
title = "letters"
kind = "value"
revision = 1
hints = ["The alphabet."]
[exercise.mistakes]
from_zero = "Count from one."

[[exercise]]
name = "pair"
title = "two"
kind = "value"
revision = 1
hints = ["Count."]
[exercise.mistakes]
"""


@pytest.fixture(autouse=True)
def lesson(monkeypatch, tmp_path):
    """A lesson 99 with three exercises, beside those that there are."""
    folder = tmp_path / "lessons" / "99_test"
    folder.mkdir(parents=True)
    (folder / "questions.toml").write_text(TEXTS, encoding="utf-8")
    (folder / "exercises.py").write_text(CODE, encoding="utf-8")
    own = tasks.tasks() | tasks.tasks(folder.parent)
    places = {"99": folder.parent}
    monkeypatch.setattr(exercises, "tasks", lambda: own)
    monkeypatch.setattr(
        exercises,
        "code_of",
        lambda name: tasks.code_of(name, places.get(name, folders.LESSONS)),
    )


def test_a_right_answer_is_right():
    assert grade("99.double", lambda x: x + x) == "✓ 99.double: right"
    assert grade("99.count", 26) == "✓ 99.count: right"
    assert grade("99.pair", (1, 2)) == grade("99.pair", [1, 2]) == "✓ 99.pair: right"


def test_a_stub_is_not_tried_yet():
    def stub(x):
        raise NotImplementedError

    assert grade("99.double", stub) == "○ 99.double: not tried yet"
    assert grade("99.count", None) == "○ 99.count: not tried yet"


def test_an_error_of_torch_is_no_stub():
    """A kernel that lacks a dtype raises NotImplementedError as well."""

    def whole_numbers(x):
        return functional.mse_loss(torch.tensor([x]), torch.tensor([2]))

    said = grade("99.double", whole_numbers)
    assert "✗ 99.double: not yet" in said and "NotImplementedError: " in said
    assert "in:       return functional.mse_loss(torch.tensor([x])" in said


def test_a_stub_that_an_answer_calls_or_a_case_that_it_leaves_out_is_an_attempt():
    def stub(x):
        raise NotImplementedError

    def calls_another(x):
        return stub(x)

    def half(x):
        if x > 1:
            raise NotImplementedError("large numbers")
        return 2 * x

    for answer in (calls_another, half):
        said = grade("99.double", answer)
        assert "✗ 99.double: not yet" in said and "you gave: NotImplementedError" in said
    assert grade("99.double", Dataset().__getitem__).startswith("✗")  # torch's own


def test_a_stub_may_say_something():
    def stub(x):
        print("soon")
        raise NotImplementedError("Your code here")

    assert grade("99.double", stub) == "○ 99.double: not tried yet"


class EqualToAll(str):
    """Equal to everything, and of several kinds."""

    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


class Twenty(int):
    __eq__ = EqualToAll.__eq__
    __hash__ = int.__hash__


@pytest.mark.parametrize(
    "right", [3, True, None, "a", 0.5, (1, "a"), [], {"a": 1}, {1}, torch.ones(2), pd.Index([1])]
)
def test_what_calls_itself_equal_to_everything_is_not(right, monkeypatch):
    pretend(Exercise(lambda: right), monkeypatch)
    kinds = [mock.ANY, EqualToAll("?"), Twenty(20), mock.MagicMock(__eq__=lambda *_: True)]
    for wrong in kinds:
        for nested in (wrong, [wrong], (1, wrong), {"a": wrong}):
            assert "not yet" in grade("any", lambda nested=nested: nested), nested
    assert grade("any", lambda: right) == "✓ any: right"


def test_a_number_with_a_comma_is_told_that_it_is_several():
    said = grade("99.count", (8, 192))
    assert "[8, 192]" in said and said.endswith("Write 8192 for 8,192, and 0.5 for 0,5.")


def test_a_wrong_answer_gets_the_first_failing_case():
    text = grade("99.double", lambda x: 2 if x == 1 else 0)
    assert "not yet" in text and "for:      5" in text
    assert "you gave: 0" in text and "expected: 10" in text


def test_a_known_mistake_gets_its_name():
    assert "You squared the number." in grade("99.double", lambda x: x**2)
    assert "Count from one." in grade("99.count", 25)
    assert "squared" not in grade("99.double", lambda x: x + 5)


def test_a_wrong_number_does_not_give_the_answer_away():
    assert "26" not in grade("99.count", 25)


def test_an_exception_is_shown_and_does_not_get_out(capsys):
    def fails(x):
        raise KeyError("labels")

    def leaves(x):
        sys.exit(3)

    check("99.double", fails)
    assert "KeyError: 'labels'" in capsys.readouterr().out
    assert "SystemExit: 3" in grade("99.double", leaves)


def test_a_missing_return_is_named():
    assert "`return` missing" in grade("99.double", lambda x: None)


def test_an_unknown_name_is_a_sentence():
    assert "no exercise '99.nothing'" in grade("99.nothing", 1)
    assert "no exercise '98.x'" in grade("98.x", 1)


def test_a_lesson_that_lacks_a_package_is_not_a_name_spelt_wrong(monkeypatch):
    monkeypatch.setattr(exercises, "code_of", tasks.code_of.__wrapped__)
    monkeypatch.setitem(sys.modules, "lessonlib.thresholds", None)  # as if it were missing
    said = grade("06.lower", (3, 2))
    assert "lessonlib.thresholds" in said and said.endswith("-m lessonlib doctor")


def test_an_answer_that_changes_its_argument_does_not_spoil_the_cases(monkeypatch):
    exercise = Exercise(lambda xs: sum(xs), cases=(([1, 2],),))
    pretend(exercise, monkeypatch)

    def empties(xs):
        total = sum(xs)
        xs.clear()
        return total

    assert [grade("any", empties) for _ in range(2)] == ["✓ any: right"] * 2


def test_what_is_compared_may_be_more_than_the_result(monkeypatch):
    exercise = Exercise(
        lambda xs: sum(xs),
        cases=(([1, 2],),),
        mistakes=(("emptied", lambda xs: sum(xs) + bool(xs.clear())),),
        told={"emptied": "You emptied the list."},
        compared=lambda total, xs: (total, len(xs)),
    )
    pretend(exercise, monkeypatch)

    def empties(xs):
        total = sum(xs)
        del xs[:]
        return total

    assert grade("any", sum) == "✓ any: right"
    assert grade("any", empties).endswith("You emptied the list.")
    assert "`return` missing" in grade("any", lambda xs: None)


@pytest.mark.parametrize(
    ("answer", "said"), [("26", "Write a number without quotes."), (-26, "but the sign is not.")]
)
def test_slips_that_any_number_knows_are_named(answer, said):
    assert grade("99.count", answer).endswith(said)
    assert verdict_on("99.count", answer).mistake.text.endswith(said)


def test_values_that_cannot_be_compared_are_simply_not_equal():
    assert "not yet" in grade("99.double", lambda x: {"a": torch.zeros(2)})
    assert "not yet" in grade("99.double", lambda x: [torch.zeros(2, requires_grad=True), x])


def test_a_numbered_hint_names_the_next_and_the_solution_shows_its_source(capsys):
    hint("99.double", 1)
    assert capsys.readouterr().out.splitlines() == [
        "Hint 1 of 2: Think of two.",
        'Still stuck? hint("99.double", 2)',
    ]
    hint("99.double", 7)
    assert capsys.readouterr().out.splitlines() == [
        "Hint 2 of 2: Multiply.",
        'That was the last hint. To see a solution: solution("99.double")',
    ]
    assert "return 2 * x" in solution("99.double").data
    assert "26" in solution("99.count").data
    assert solution("99.pair").data == "[1, 1 + 1]  # so many"


def test_hints_come_one_at_a_time_also_after_a_restart(capsys):
    for number in (1, 2, 2):
        hint("99.double")
        forget()
        assert capsys.readouterr().out.startswith(f"Hint {number} of 2: ")
    hint("99.count")
    first, last = capsys.readouterr().out.splitlines()
    assert first == "Hint 1 of 1: The alphabet." and last.endswith('solution("99.count")')


def test_every_outcome_is_recorded_with_the_name_of_the_mistake():
    def stub(x):
        raise NotImplementedError

    def squares(x):
        return x * x

    def fails(x):
        raise KeyError(x)

    for answer in (stub, squares, fails, lambda x: 0, double):
        check("99.double", answer)
    check("99.nothing", 1)
    assert [(e["tried"], e["right"], e.get("mistake")) for e in history("exercise")] == [
        (False, False, None),
        (True, False, "You squared the number."),
        (True, False, "raised KeyError"),
        (True, False, ""),
        (True, True, ""),
    ]
    assert "return x * x" in history()[1]["answer"]


def test_whoever_is_told_right_has_it_stored_even_if_an_interrupt_comes(monkeypatch):
    def interrupted(text):
        raise KeyboardInterrupt

    monkeypatch.setattr(exercises, "print", interrupted, raising=False)
    with pytest.raises(KeyboardInterrupt):
        check("99.count", 26)
    assert [event["right"] for event in history()] == [True]


@pytest.mark.parametrize(
    "answer",
    ["x" * 10_000_000, "<script>alert(1)</script>\"'🐻\0\ud83d", b"\xff", 10**5000, float("nan")],
    ids=["long", "nasty", "bytes", "number", "nan"],
)
def test_no_answer_harms_the_progress_file(answer, capsys, home):
    def fails(x):
        raise ValueError("\ud83d")

    check("99.count", answer)
    check("99.double", lambda x: print("\ud83d") or answer)
    check("99.double", fails)
    check("99.count", 26)
    forget()
    assert [event["right"] for event in history()] == [False, False, False, True]
    assert (home / "progress.json").stat().st_size < 10_000
    said = capsys.readouterr().out
    assert len(said.encode("utf-8")) < 2_000


def test_a_mistake_is_kept_with_its_id_and_the_revision_of_what_was_asked():
    check("99.double", lambda x: x * x)
    check("99.double", lambda x: x / 0)
    check("99.double", double)
    check("01.alone_share", lambda df, label: 1.0)
    kept = [(event["revision"], event["mistake_id"]) for event in history("exercise")]
    assert kept == [(3, "squared"), (3, "raised"), (3, ""), (1, "")]


def test_several_mistakes_at_once_have_all_their_ids():
    verdict = verdict_on("03.predict", [803, 13, 4])
    assert verdict.mistake.id == "not_cut_to_200+short_batch_kept"
    assert "The first is not right" in verdict.text and "The second is not right" in verdict.text


def test_a_hint_and_a_solution_that_were_seen_are_recorded():
    hint("99.double", 2)
    solution("99.double")
    assert [(event["kind"], event["id"]) for event in history()] == [
        ("hint", "99.double"),
        ("solution", "99.double"),
    ]


@pytest.mark.parametrize(
    "a, b, equal",
    [
        (0.1 + 0.2, 0.3, True),
        (1, 1.0, True),
        ((1, "a"), (1, "a"), True),
        ([1], (1,), False),
        (torch.tensor([1, 0]), torch.tensor([1.0, 0.0]), True),
        (torch.zeros(2), torch.zeros(2, 1), False),
        (torch.zeros(2), "zeros", False),
        (torch.zeros(2), [0.0, 0.0], False),
        (float("nan"), float("nan"), True),
        (pd.Series([1]), pd.Series([1]), True),
        (pd.Series([1]), [1], False),
        (KeyError("a"), KeyError("a"), True),
        (KeyError("a"), KeyError("b"), False),
        (KeyError("a"), ValueError("a"), False),
        (None, 0, False),
        (True, 1, True),
        (np.int64(3), 3, True),
        (np.float32(0.1), 0.1, True),
        (np.bool_(True), True, True),
        (100_000, 100_001, False),
        ({"a": 0.1 + 0.2}, {"a": 0.3}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ({1, 2}, {2, 1}, True),
        (Path("a"), Path("a"), True),
        (pd.Index([1]), pd.Index([1]), True),
        (torch.device("cpu"), torch.device("cpu"), True),
        ("1", 1.0, False),
    ],
)
def test_equality_forgives_rounding_only(a, b, equal):
    assert same(a, b) is same(b, a) is equal


def test_answers_are_tried_in_one_thread_and_the_notebook_has_its_own_again(monkeypatch):
    exercise = Exercise(lambda: 1)
    pretend(exercise, monkeypatch)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert grade("any", torch.get_num_threads) == "✓ any: right"
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
