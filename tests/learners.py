"""What the tests of the learner's progress use."""

from lessonlib.course.progress import store


def forget() -> None:
    """Forget what a restarted kernel would no longer know."""
    store.last_read.clear()
    store.drawn_seed.cache_clear()
