"""What holds for the exercises of every lesson."""

import time

import pytest
from lessons import EXERCISES, stub

from lessonlib.course.exercises.asking import grade, verdict_on
from lessonlib.course.exercises.killing import Kill
from lessonlib.course.exercises.tasks import tasks


@pytest.fixture(params=EXERCISES)
def exercise_id(request):
    return request.param


@pytest.fixture
def exercise(exercise_id):
    return EXERCISES[exercise_id]


def test_the_solution_passes(exercise_id, exercise):
    assert grade(exercise_id, exercise.solution) == f"✓ {exercise_id}: right"


def test_the_untouched_stub_is_not_tried_yet(exercise_id, exercise):
    untouched = stub if callable(exercise.solution) else None
    assert grade(exercise_id, untouched) == f"○ {exercise_id}: not tried yet"


def test_at_least_three_mistakes_have_names(exercise):
    if not isinstance(exercise, Kill):  # weak tests are in test_mutants.py
        assert len(exercise.mistakes) >= 3


def test_every_mistake_hears_its_own_message(exercise_id, exercise):
    for name, wrong in exercise.mistakes:
        verdict = verdict_on(exercise_id, wrong)
        assert verdict.state == "not yet" and verdict.mistake.id == name
        assert verdict.text.endswith(verdict.mistake.text)


def test_the_code_names_the_mistakes_of_the_text_in_their_order(exercise_id, exercise):
    pairs = (*exercise.mistakes, *getattr(exercise, "blind", ()))
    names = dict.fromkeys(part for name, _ in pairs for part in name.split("+"))
    lenient = ["lenient"] if isinstance(exercise, Kill) else []
    assert sorted([*names, *lenient]) == sorted(tasks()[exercise_id].mistakes)


def test_the_text_says_of_which_kind_the_exercise_is(exercise_id, exercise):
    kind = tasks()[exercise_id].kind
    assert (kind == "test") is isinstance(exercise, Kill)
    assert (kind == "value") is not callable(exercise.solution)


def test_every_answer_is_checked_within_200_ms(exercise_id, exercise):
    for answer in (exercise.solution, *(wrong for _, wrong in exercise.mistakes)):
        assert min(seconds(exercise_id, answer) for _ in range(3)) < 0.2


def seconds(exercise_id, answer):
    begin = time.process_time()  # of this program alone: others may be busy
    grade(exercise_id, answer)
    return time.process_time() - begin
