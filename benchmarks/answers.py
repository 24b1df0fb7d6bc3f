"""Milliseconds until an answer is checked and recorded, with a long history behind it.

Every solution and every well-known mistake of the lessons is checked three times; the fastest of
the three counts. Targets: a check 200 ms, a record 20 ms with 5,000 events.
Command: python benchmarks/answers.py [--events N]
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from io import StringIO
from statistics import median

from lessonlib.course import check
from lessonlib.course.exercises.asking import find
from lessonlib.course.exercises.tasks import tasks
from lessonlib.course.progress import history as progress
from lessonlib.course.progress import store


def milliseconds(function: Callable, *arguments) -> float:
    begin = time.perf_counter()
    function(*arguments)
    return 1000 * (time.perf_counter() - begin)


def answers() -> Iterator[tuple]:
    """Every exercise's id with its solution, and with each mistake that has a name."""
    for name in tasks():
        exercise = find(name)
        for answer in (exercise.solution, *(wrong for _, wrong in exercise.mistakes)):
            yield name, answer


def as_after_another_program() -> None:
    store.last_read.clear()
    progress.record("exercise", "04.logit", right=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=5000, help="in the history (default: 5000)")
    count = parser.parse_args().events
    with tempfile.TemporaryDirectory() as home:
        os.environ["LESSONLIB_HOME"] = home
        event = {"when": "2030-01-02T03:04:05+00:00", "kind": "question", "answer": "x" * 150}
        store.add(progress.progress_file(), [event | {"id": f"04.{n}"} for n in range(count)])
        size = progress.progress_file().stat().st_size / 1e6
        own = [milliseconds(progress.record, "question", "04.1") for _ in range(50)]
        other = [milliseconds(as_after_another_program) for _ in range(50)]
        print(f"record, {count} events, {size:.1f} MB: {median(own):.0f} ms; ", end="")
        print(f"after another program wrote: {median(other):.0f} ms")
        with redirect_stdout(StringIO()):
            times = [(min(milliseconds(check, *one) for _ in range(3)), *one) for one in answers()]
    slowest = max(times, key=lambda row: row[0])
    print(f"check, {len(times)} answers: median {median(row[0] for row in times):.0f} ms, ", end="")
    print(f"slowest {slowest[0]:.0f} ms ({slowest[1]})")


if __name__ == "__main__":
    main()
