"""The learner's progress: every answer is an event in one file, `progress.json`."""

import json
import sys
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

from lessonlib.course.folders import course_home
from lessonlib.course.progress import store

LONGEST = 10_000  # characters of one fact: room for an essay, not for a pasted file

FACTS = {  # the kind of each fact that the course computes with
    **dict.fromkeys(("kind", "id", "mistake", "mistake_id"), str),
    **dict.fromkeys(("right", "tried"), bool),
    **dict.fromkeys(("number", "revision"), int),
    "guess": (str, int, float),
    "confidence": (int, float),
}

unsaved: list[dict] = []  # events that the disk refused; the next record tries them again
one_at_a_time = Lock()  # threads of this process; the file has a lock between processes
warned: dict[str, str] = {}  # what does not work at the moment, and what was said about it


def record(kind: str, id: str, **facts: Any) -> None:
    """Add one event to the history. When the disk refuses, say so once and go on.

    Whenever an interrupt comes, the event is stored once: now, or with the next one.
    kind: "exercise", "question", "guess", "hint" or "solution". facts: whatever fits into JSON;
    of a text (or list …) longer than 10,000 characters the beginning is kept, with a note.
    """
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    facts = {name: storable(value) for name, value in facts.items()}
    try:
        with one_at_a_time:
            unsaved.append({"when": now, "kind": kind, "id": str(id), **facts})
            store.add(progress_file(), unsaved)
        warned.pop("saving", None)
    except OSError as error:
        warn(
            "saving",
            f"Your progress cannot be saved in {progress_file()} ({error.strerror or error}). Free "
            "room there, allow writing, or set the environment variable LESSONLIB_HOME to another "
            "folder. Until then it lasts only as long as this notebook runs.",
        )


def history(kind: str | None = None) -> list[dict]:
    """The events so far, the oldest first; of one kind, if it is named.

    Somebody may have edited the file: an event that is none any more stays there, and is left out.
    """
    return [event for event in stored() if kind in (None, event["kind"]) and sound(event)]


def sound(event: dict) -> bool:
    """Whether the facts of an event are of the kind that `record` writes."""
    try:
        dated = "when" not in event or datetime.fromisoformat(event["when"]).tzinfo
        typed = all(isinstance(event[name], FACTS[name]) for name in FACTS.keys() & event.keys())
        return dated is not None and typed and 0 <= event.get("confidence", 0) <= 1
    except (TypeError, ValueError):  # not even a date, or a number
        return False


def stored() -> list[dict]:
    """Whatever is in the file, and what the disk refused."""
    try:
        state = store.load(progress_file())
        warned.pop("reading", None)
    except OSError as error:
        cause = error.strerror or error
        warn("reading", f"{progress_file()} cannot be read ({cause}). Allow it.")
        state = None
    return [*(state.events if state else ()), *unsaved]


def latest(kind: str, id: str) -> dict | None:
    """The newest event of this kind about this exercise or question."""
    return next((event for event in reversed(history(kind)) if event["id"] == id), None)


def learner_seed() -> int:
    """A number that is drawn once for each learner, so that the same questions come again."""
    path = progress_file()
    try:
        return (store.load(path) or store.add(path, [])).seed
    except OSError:  # `record` is what complains
        return store.drawn_seed()


def content() -> bytes:
    """All that is stored, in the layout of the file."""
    return store.with_events(store.State(learner_seed(), []), stored())


def progress_file() -> Path:
    """Where the progress is: `progress.json` under LESSONLIB_HOME."""
    return course_home() / "progress.json"


def storable(value: Any) -> Any:
    """The value as JSON gives it back; what is too long or fits no JSON, as a text that says so."""
    try:
        text = value if isinstance(value, str) else json.dumps(value, allow_nan=False, default=repr)
    except Exception as error:  # a circle, infinity, a repr that fails: never the learner's trouble
        return f"(cannot be stored: {type(error).__name__})"
    if len(text) > LONGEST:
        return f"{text[:LONGEST]} … (cut here: there were {len(text):,} characters)"
    return text if isinstance(value, str) else json.loads(text)


def warn(topic: str, sentence: str) -> None:
    """Say something once, until what it is about has succeeded again."""
    if warned.get(topic) != sentence:
        warned[topic] = sentence
        print(sentence, file=sys.stderr)
