"""What the learner did: one readable file, appended to, never rewritten in part."""

import json
import os
import random
from datetime import UTC, datetime
from typing import Any

from lessonlib.course.folders import course_home


def record(kind: str, id: str, **facts: Any) -> None:
    """Append one event, such as record("question", "04.softmax.none", right=True)."""
    progress = read()
    when = datetime.now(UTC).isoformat(timespec="seconds")
    progress["events"].append({"kind": kind, "id": id, "when": when, **facts})
    write(progress)


def history(kind: str | None = None) -> list[dict]:
    """All events of a kind, the oldest first; of every kind by default."""
    return [event for event in read()["events"] if kind in (None, event["kind"])]


def latest(kind: str, id: str) -> dict | None:
    """The newest event with this kind and id."""
    return next((event for event in reversed(history(kind)) if event["id"] == id), None)


def learner_seed() -> int:
    """The number that makes this learner's questions differ from another's."""
    progress = read()
    if "seed" not in progress:
        progress["seed"] = random.SystemRandom().randrange(2**31)
        write(progress)
    return progress["seed"]


def read() -> dict:
    path = course_home() / "progress.json"
    if not path.exists():
        return {"schema": 1, "events": []}
    return json.loads(path.read_text(encoding="utf-8"))


def write(progress: dict) -> None:
    path = course_home() / "progress.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(progress, indent=1, ensure_ascii=False), encoding="utf-8")
    os.replace(draft, path)
