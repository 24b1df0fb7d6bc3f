"""What holds for the exercises of every lesson."""

import time

import pytest
from lessons import EXERCISES, stub

from lessonlib.course.exercises import grade
from lessonlib.course.killing import Kill


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


def test_there_are_hints_and_names_for_three_mistakes(exercise):
    assert len(exercise.hints) >= 2
    if not isinstance(exercise, Kill):  # weak tests are in test_mutants.py
        assert len(exercise.mistakes) >= 3


def test_every_mistake_hears_its_own_message(exercise_id, exercise):
    for wrong, message in exercise.mistakes:
        said = grade(exercise_id, wrong)
        assert "not yet" in said and said.endswith(message)


def test_every_answer_is_checked_within_200_ms(exercise_id, exercise):
    for answer in (exercise.solution, *(wrong for wrong, _ in exercise.mistakes)):
        assert min(seconds(exercise_id, answer) for _ in range(3)) < 0.2


def seconds(exercise_id, answer):
    begin = time.process_time()  # of this program alone: others may be busy
    grade(exercise_id, answer)
    return time.process_time() - begin
