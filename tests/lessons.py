"""What holds for the exercises of every lesson; the tests of each lesson call these."""

from lessonlib.course.exercises import find, grade


def stub(*_arguments):
    """A function as it stands in the notebook before anybody has touched it."""
    raise NotImplementedError


def solution_passes(exercise_id):
    return grade(exercise_id, find(exercise_id).solution) == f"✓ {exercise_id}: right"


def stub_is_not_tried_yet(exercise_id):
    untouched = stub if callable(find(exercise_id).solution) else None
    return grade(exercise_id, untouched) == f"○ {exercise_id}: not tried yet"


def hears(exercise_id, answer):
    """What a wrong answer is told."""
    said = grade(exercise_id, answer)
    assert said.startswith(f"✗ {exercise_id}: not yet"), said
    return said
