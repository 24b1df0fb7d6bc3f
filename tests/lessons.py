"""What the tests of every lesson's exercises use."""

from lessonlib.course.exercises import grade


def hears(exercise_id, answer):
    """What a wrong answer is told."""
    said = grade(exercise_id, answer)
    assert said.startswith(f"✗ {exercise_id}: not yet"), said
    return said
