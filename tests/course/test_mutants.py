"""Kill the mutant: what a test is told, and the board of the mutants."""

import builtins
import re
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from learners import forget
from lessons import EXERCISES, hears, pretend, stub
from sources import NOTEBOOKS

from lessonlib.course import check, mutants, progress_page, solution
from lessonlib.course.exercises import killing, trial
from lessonlib.course.exercises.asking import grade
from lessonlib.course.exercises.killing import Kill
from lessonlib.course.progress.history import history
from lessonlib.course.reports.page import draw_mutants
from lessonlib.course.reports.standing import DONE, Standing, exercises

pytestmark = pytest.mark.usefixtures("home")

KILLS = {name: one for name, one in EXERCISES.items() if isinstance(one, Kill)}
BCE = "04.kill_swapped_where"
ZEROS, ONES = torch.zeros(3), torch.ones(3)
FIVE = torch.tensor([5.0])


@pytest.fixture(params=KILLS)
def name(request):
    return request.param


# --- what holds for all of them


def test_there_are_ten_mutants_and_each_lesson_has_one():
    assert len(KILLS) == 10
    assert {name[:2] for name in KILLS} == {f"0{lesson}" for lesson in range(1, 9)}


def test_the_solution_kills_and_a_stub_is_not_tried_yet(name):
    assert grade(name, KILLS[name].solution) == f"✓ {name}: right"
    assert grade(name, stub) == grade(name, None) == f"○ {name}: not tried yet"


def test_a_test_that_asks_nothing_kills_nothing(name):
    def calls_nothing(function):
        assert 1 + 1 == 2

    def fails_without_a_call(function):
        assert 1 + 1 == 3

    for test in (calls_nothing, fails_without_a_call, lambda function: None):
        assert hears(name, test).endswith(killing.NEVER_CALLED.text)


def test_a_test_that_fails_on_both_kills_nothing(name):
    def test(function):
        KILLS[name].solution(function)
        raise AssertionError("always")

    said = hears(name, test)
    assert f"{killing.RIGHT_FAILS}: AssertionError: always\n" in said
    assert 'in:       raise AssertionError("always") (line ' in said
    assert said.endswith(killing.FAILS_ON_BOTH.text)


def test_a_test_that_demands_the_mistake_is_told_so(name):
    def test(function):
        try:
            KILLS[name].solution(function)
        except AssertionError:
            return
        raise AssertionError

    assert hears(name, test).endswith(killing.DEMANDS_IT.text)


def test_what_every_mutant_is_told_about_tells_no_other_mutant_apart():
    told = [words for one in KILLS.values() for words in one.told.values()]
    assert len(set(told)) == len(told)


# --- the tempting tests, each with what it is told: a condition's number, or how it is too kind

LENIENT = "lenient"
PATHS = [Path("13/a.jpg"), Path("02/a.jpg")]
FRESH = pd.DataFrame({"is_valid": [True, False, True]})
MIXED = pd.DataFrame({"is_valid": [False, True, True]}, index=[5, 9, 7])
PROBS, HALF = torch.tensor([[0.9, 0.2]]), torch.tensor([[1.0, 0.0]])
CORNERS = torch.tensor([[-1.0, -1.0], [1.0, 1.0]])
TEDDY = Path("bears/teddy/1.jpg")


def holds(claim):
    """A test with one assert."""

    def test(function):
        assert claim(function)

    return test


TEMPTING = [
    ("01.kill_blank", 0, lambda f: f("car person") == ["car", "person"]),
    ("01.kill_blank", 0, lambda f: f("car") == ["car"]),
    ("01.kill_blank", LENIENT, lambda f: isinstance(f(""), list)),
    ("01.kill_blank", LENIENT, lambda f: not any(f(""))),
    ("01.kill_row_labels", 1, lambda f: f(FRESH) == [0, 2]),
    ("01.kill_row_labels", 1, lambda f: f(FRESH[:2]) == [0]),
    ("01.kill_row_labels", 0, lambda f: f(MIXED[:1]) == []),
    ("01.kill_row_labels", LENIENT, lambda f: len(f(MIXED)) == 2),
    ("02.kill_lost_batch", 0, lambda f: f([3, 1, 2, 0], 2) == [[3, 1], [2, 0]]),
    ("02.kill_lost_batch", 0, lambda f: f(list("abc"), 1) == [["a"], ["b"], ["c"]]),
    ("02.kill_lost_batch", LENIENT, lambda f: f([4, 5, 6], 2)[0] == [4, 5]),
    ("02.kill_lost_batch", LENIENT, lambda f: all(len(b) <= 2 for b in f([4, 5, 6], 2))),
    ("03.kill_thirteen", LENIENT, lambda f: len(f(PATHS)[1]) > 0),
    ("03.kill_thirteen", LENIENT, lambda f: not set(f(PATHS)[0]) & set(f(PATHS)[1])),
    ("03.kill_thirteen", 0, lambda f: len(f(PATHS[:1])[1]) == 1),
    (BCE, 0, lambda f: abs(f(ZEROS, ONES) - np.log(2)) < 1e-4),
    (BCE, 0, lambda f: f(ZEROS, ONES) == f(ZEROS, ZEROS)),
    (BCE, 1, lambda f: f(torch.tensor([4.0, 4.0]), torch.tensor([0.0, 1.0])) > 2),
    (BCE, LENIENT, lambda f: f(FIVE, torch.tensor([1.0])) > 0),
    (BCE, LENIENT, lambda f: f(FIVE, torch.tensor([1.0])) != f(FIVE, torch.tensor([0.0]))),
    ("05.kill_mean_of_means", 0, lambda f: f([ZEROS, ONES]) == 0.5),
    ("05.kill_mean_of_means", 0, lambda f: f([FIVE]) == 5),
    ("05.kill_mean_of_means", 1, lambda f: f([ONES, torch.ones(1)]) == 1),
    ("05.kill_mean_of_means", LENIENT, lambda f: 0 < f([ZEROS, FIVE]) < 5),
    ("06.kill_second_sigmoid", 0, lambda f: f(torch.tensor([[2.0, -2.0]]), HALF) == 1),
    ("06.kill_second_sigmoid", 1, lambda f: f(PROBS[:, :1], HALF[:, :1], sigmoid=False) == 1),
    ("06.kill_second_sigmoid", LENIENT, lambda f: 0 <= f(PROBS, HALF, sigmoid=False) <= 1),
    ("07.kill_every_pair", 0, lambda f: f(CORNERS, CORNERS) == 0),
    ("07.kill_every_pair", 1, lambda f: f(torch.zeros(1, 2), torch.ones(1, 1, 2)) == 1),
    ("07.kill_every_pair", 2, lambda f: f(torch.zeros(4, 2), torch.ones(4, 1, 2)) == 1),
    ("07.kill_every_pair", LENIENT, lambda f: f(CORNERS, CORNERS.view(2, 1, 2)) >= 0),
    ("07.kill_flipped_y", 0, lambda f: not f(torch.tensor([9.5, 4.5]), (10, 20)).any()),
    ("07.kill_flipped_y", LENIENT, lambda f: f(torch.tensor([19.5, 0.0]), (10, 20))[0] == 1),
    ("07.kill_flipped_y", LENIENT, lambda f: (f(torch.tensor([3.0, 2.0]), (9, 9)).abs() < 1).all()),
    ("08.kill_bare_word", LENIENT, lambda f: "teddy" in f(TEDDY)),
    ("08.kill_bare_word", LENIENT, lambda f: len(f(TEDDY)) > 0),
    ("08.kill_bare_word", 0, lambda f: len(f(Path("bears/x/1.jpg"))) == 1),
]


@pytest.mark.parametrize("name, why, claim", TEMPTING)
def test_a_tempting_test_lets_the_mutant_live_and_hears_why(name, why, claim):
    exercise, said = KILLS[name], hears(name, holds(claim))
    expected = exercise.told[LENIENT if why == LENIENT else exercise.blind[why][0]]
    lines = said.splitlines()
    assert lines[1] == f"  {killing.SURVIVES}" and lines[-1] == f"  {expected}"
    for shown in ("  for:      ", "  right:    ", "  mutant:   "):
        assert sum(line.startswith(shown) for line in lines) == 1


def test_every_message_of_every_mutant_is_heard():
    heard = {(name, why) for name, why, _ in TEMPTING}
    assert heard == {(name, LENIENT) for name in KILLS} | {
        (name, number) for name, one in KILLS.items() for number in range(len(one.blind))
    }
    assert all(sum(row[0] == name for row in TEMPTING) >= 3 for name in KILLS)


def test_the_example_in_each_lesson_lets_the_mutant_live():
    sources = NOTEBOOKS / "src"
    for name in KILLS:
        (source,) = sources.glob(f"{name[:2]}_*/lesson.py")
        text = source.read_text(encoding="utf-8")
        task = text[: text.index(f'check("{name}"')].rpartition("### Exercise")[2]
        found = re.search(r"`assert (.+?)`", task)
        if not found:  # lesson 05 says its example in words
            assert "both give 4" in task
            claim = "mean_loss([torch.tensor([1.0, 3.0]), torch.tensor([5.0, 7.0])]) == 4"
        else:
            claim = found[1].replace("len(valid)", "len(split(PATHS)[1])")
        argument = re.search(r"def \w+\((\w+)\)", task)[1]
        small = pd.DataFrame({"is_valid": [True, False, False, True, False, True]})
        names = {"torch": torch, "Path": Path, "PATHS": PATHS, "small": small}
        test = holds(eval(f"lambda {argument}: {claim}", names))
        assert killing.SURVIVES in hears(name, test), name


# --- the kinds of mistake that have nothing to do with a particular mutant


def says_nothing(loss):
    loss(FIVE, torch.tensor([1.0]))


def gives_back(loss):
    return loss(FIVE, torch.tensor([1.0])) < 0.1


def asserts_nothing(loss):
    cost = loss(FIVE, torch.tensor([1.0]))
    print("assert cost < 0.1", cost)


def always_true(loss):
    assert loss(torch.tensor([1.0, -3.0]), torch.tensor([1.0, 0.0])) is not None


def breaks(loss):
    assert [0.0067][int(loss(FIVE, torch.tensor([1.0])))]


@pytest.mark.parametrize(
    "test, expected",
    [
        (says_nothing, killing.NO_ASSERT),
        (asserts_nothing, killing.NO_ASSERT),
        (gives_back, killing.RETURNED),
        (always_true, KILLS[BCE].mistake("lenient")),
        (breaks, killing.STUMBLES),
        (True, killing.NO_FUNCTION),
        ("test_bce", killing.NO_FUNCTION),
    ],
)
def test_a_weak_test_hears_its_own_message(test, expected):
    assert hears(BCE, test).endswith(expected.text)


def test_a_test_with_several_blind_spots_is_told_that_all_it_tried_is_the_same():
    def test(loss):
        assert loss(CORNERS, CORNERS) == 0
        assert loss(torch.zeros(1, 2), torch.ones(1, 1, 2)) == 1

    assert hears("07.kill_every_pair", test).endswith(killing.SAME.text)


def test_a_test_that_breaks_is_shown_with_its_line():
    said = hears(BCE, breaks)
    assert f"{killing.BREAKS}: IndexError" in said and "in:       assert [0.0067]" in said


@pytest.mark.parametrize(
    "test", [lambda: None, lambda loss: loss(1, 2), lambda loss: loss.gone], ids=range(3)
)
def test_an_error_on_the_right_code_is_no_kill(test):
    said = hears(BCE, test)
    assert f"{killing.RIGHT_FAILS}: " in said and "before it could say anything" in said


def test_a_test_has_to_pass_on_the_right_code_again():
    count = iter(range(3))

    def passes_once(loss):
        loss(ZEROS, ONES)
        assert next(count) < 1

    assert hears(BCE, passes_once).endswith(killing.CHANGES.text)


def test_what_fails_in_the_second_run_whatever_the_function_gives_is_no_kill():
    def counts(loss, runs=[]):  # noqa: B006
        runs.append(loss(ZEROS, ONES))
        assert len(runs) % 3 != 2

    def only_counts(loss, runs=[]):  # noqa: B006
        runs.append(1)
        assert len(runs) % 3 != 2

    for test in (counts, only_counts):
        assert hears(BCE, test).endswith(killing.CHANGES.text)


def test_of_very_many_calls_a_late_one_kills_as_well():
    def test(loss):
        for _ in range(killing.CALLS):
            loss(ZEROS, ONES)
        assert loss(FIVE, torch.tensor([1.0])) < 0.1

    assert grade(BCE, test) == f"✓ {BCE}: right"


def test_other_ways_to_assert_kill_as_well():
    def with_torch(loss):
        cost = loss(FIVE, torch.tensor([1.0]))
        torch.testing.assert_close(cost, torch.tensor(0.0067), atol=1e-3, rtol=0)

    def with_raise(loss):
        if loss(FIVE, torch.tensor([1.0])) > 1:
            raise AssertionError("sure and right has to be cheap")

    class Test:
        def __call__(self, loss):
            with_raise(loss)

    for test in (with_torch, with_raise, Test()):
        assert grade(BCE, test) == f"✓ {BCE}: right"


def test_an_error_of_the_mutant_itself_kills(monkeypatch):
    def right(logits, targets):
        return logits

    def fails(logits, targets):
        raise ZeroDivisionError

    exercise = replace(KILLS[BCE], right=right, mutant=fails)
    pretend(exercise, monkeypatch)
    assert grade("any", lambda loss: loss(ZEROS, ONES)).endswith("right")


def test_whoever_looks_for_the_name_of_the_function_finds_none():
    def cheats(loss):
        loss(ZEROS, ONES)
        assert "swapped" not in repr(loss) + loss.__name__ + loss.__qualname__

    assert killing.SURVIVES in hears(BCE, cheats)


# --- hostile tests


def endless(loss):
    while True:
        loss(ZEROS, ONES)


def endless_on_the_mutant(loss):
    while loss(FIVE, torch.tensor([1.0])) > 1:
        pass


def leaves(loss):
    sys.exit(3)


def deletes(loss):
    global FIVE
    del FIVE, builtins.zip
    globals()["grade"] = None
    if loss(torch.tensor([5.0]), torch.tensor([1.0])) > 0.1:
        raise AssertionError  # pytest's own assert needs zip


def floods(loss):
    print("🐻<script>" * 100_000)
    assert loss(FIVE, torch.tensor([1.0])) < 0.1


def recurs(loss):
    recurs(loss)


def a_million_calls(loss):
    for _ in range(2 * killing.CALLS):
        loss(ZEROS, ONES)
    assert loss(ZEROS, ONES) < 1


@pytest.mark.parametrize(
    "test, words",
    [
        (endless, killing.LATE.text),
        (endless_on_the_mutant, killing.LATE.text),
        (leaves, "SystemExit: 3"),
        (recurs, "RecursionError"),
        (deletes, "right"),
        (floods, "more characters)"),
        (a_million_calls, "At logits of 0"),
    ],
)
def test_a_hostile_test_does_no_harm(test, words, monkeypatch, capsys, home):
    monkeypatch.setattr(trial, "SECONDS", 1 if test in (endless, endless_on_the_mutant) else 3)
    begin = time.perf_counter()
    check(BCE, test)
    assert time.perf_counter() - begin < 20
    said = capsys.readouterr().out
    assert words in said and len(said) < 2000
    assert FIVE.item() == 5 and grade is not None and list(zip([1], [2], strict=True)) == [(1, 2)]
    forget()
    assert history()[-1]["right"] is (test in (deletes, floods))
    assert (home / "progress.json").stat().st_size < 10_000


# --- the board


def rows(page):
    """The board as lists of texts."""
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", page)]
    return [row for row in cells if row]


def test_at_first_all_ten_are_alive_in_the_order_of_the_lessons():
    board = mutants()
    assert "0 of 10 mutants killed" in board.value
    assert [row[2] for row in rows(board.value)] == sorted(name[:2] for name in KILLS)
    assert all(row[0] == "○ alive" for row in rows(board.value))
    assert repr(board) == "[ the mutants and who is still alive — run this cell to see the board ]"
    assert not history()


def test_the_board_knows_the_killed_and_the_seen_also_after_a_restart(capsys):
    check(BCE, KILLS[BCE].solution)
    check("05.kill_mean_of_means", holds(lambda f: f([ZEROS]) == 0))
    solution("06.kill_second_sigmoid")
    solution("08.kill_bare_word")
    check("08.kill_bare_word", KILLS["08.kill_bare_word"].solution)
    forget()
    value = mutants().value
    assert "2 of 10 mutants killed" in value
    fates = {lesson: fate for fate, _, lesson in rows(value)}
    assert fates["04"] == "✓ killed" and fates["08"] == "✓ killed, solution seen"
    assert fates["05"] == "○ alive" and fates["06"] == "○ solution seen"
    assert "2 of 10 mutants killed" in progress_page().value


def test_a_stub_that_is_run_again_brings_nobody_back_to_life(capsys):
    check(BCE, KILLS[BCE].solution)
    check(BCE, stub)
    assert "1 of 10" in mutants().value


def test_the_board_gives_no_solution_away_and_names_every_mutant():
    titles = {one.id: one.mutant for one in exercises() if one.mutant}
    assert titles.keys() == KILLS.keys() and len(set(titles.values())) == 10
    assert "assert" not in mutants().value


def test_the_board_escapes_whatever_it_shows():
    title = "01.1 · Kill: <script>\0\ud83d'"
    hostile = Standing("exercise", "<i>.kill_<b>", title, state=DONE, test=True)
    value = draw_mutants([hostile])
    assert "<script>" not in value and "<i>" not in value and "1 of 1" in value
    value.encode("utf-8")


def test_the_solutions_of_the_mutants_are_there():
    for name in KILLS:
        assert solution(name).data.startswith("def test_")
