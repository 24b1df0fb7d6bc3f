"""The file of the learner's progress: read, mended, and added to so that it is always whole."""

import json
import random
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from filelock import FileLock

from data_scripts.storage import rename, write_whole

SCHEMA = 1
PATIENCE = 10  # seconds to wait for other programs that write
END = b"\n]}\n"


@dataclass(frozen=True)
class State:
    """What a file holds. stamp: tells whether the file changed since it was read."""

    seed: int
    events: list[dict]
    content: bytes = b""
    stamp: tuple = ()


last_read: dict[Path, State] = {}


def add(path: Path, new: list[dict]) -> State:
    """Add events under the lock. Returns what the file then holds; OSError if the disk refuses."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock"), timeout=PATIENCE, poll_interval=0.01):
        state = read(path) or mended(path) or State(drawn_seed(), [])
        content = with_events(state, new)
        write_whole(path, content, locked=True)
        last_read[path] = State(state.seed, [*state.events, *new], content, stamp(path))
        with suppress(OSError):  # the file itself is safe; after it, so that one is always whole
            write_whole(backup_of(path), content, locked=True)
    return last_read[path]


def load(path: Path) -> State | None:
    """What the file holds, mended if it is damaged; None when there is no file yet."""
    state, backup = read(path), backup_of(path)
    if state is None and (path.exists() or backup.exists()):
        try:
            return add(path, [])
        except OSError:  # a disk that cannot be written to can still be read
            return read(backup)
    return state


def read(path: Path) -> State | None:
    """A progress file, or None if it is missing or damaged. Unchanged, it is not read again."""
    try:
        now = stamp(path)
        if path not in last_read or last_read[path].stamp != now:
            last_read[path] = parse(patient_read(path), now)
    except (FileNotFoundError, ValueError, RecursionError):
        return None
    return last_read[path]


def parse(content: bytes, now: tuple = ()) -> State:
    """The content of a progress file. ValueError when it is not one, or of another schema."""
    data = json.loads(content)
    if not (isinstance(data, dict) and data.get("schema") == SCHEMA):
        raise ValueError("another schema")
    seed, events = data.get("seed"), data.get("history")
    if not (isinstance(seed, int) and isinstance(events, list)):
        raise ValueError("no seed or no history")
    if not all(isinstance(event, dict) and {"kind", "id"} <= event.keys() for event in events):
        raise ValueError("not a list of events")
    return State(seed, events, content, now)


def mended(path: Path) -> State | None:
    """The backup's state where the file is missing or damaged; what is damaged is kept."""
    backup = backup_of(path)
    saved = read(backup)
    kept = [keep(bad) for bad in (path, backup) if bad.exists() and read(bad) is None]
    if not kept and saved is None:
        return None  # the very first time
    cause = f"{path} was missing"
    if kept:
        names = " and ".join(file.name for file in kept)
        cause = f"{path} was damaged or of another version, and is kept as {names}"
    cure = f"restored from {backup.name}: {len(saved.events)} events" if saved else "begun anew"
    print(f"{cause}. Your progress was {cure}.", file=sys.stderr)
    return saved


def keep(path: Path) -> Path:
    """Rename a damaged file, never over another one. Returns the new path."""
    name, number = f"{path.stem}.damaged-{datetime.now():%Y-%m-%d_%H-%M-%S}", 1
    kept = path.with_name(f"{name}.json")
    while kept.exists():
        number += 1
        kept = path.with_name(f"{name}_{number}.json")
    rename(path, kept)
    return kept


def backup_of(path: Path) -> Path:
    """The copy of the last good state, beside the file."""
    return path.with_suffix(".backup.json")


@cache
def drawn_seed() -> int:
    """The seed of a learner without a file; the same again in this process."""
    return random.SystemRandom().randrange(2**31)


def with_events(state: State, new: list[dict]) -> bytes:
    """The file's content with more events; each on a line of its own, so that people can read it.

    Only the new lines are written out: a long history costs hardly more than a short one.
    """
    start = f'{{"schema": {SCHEMA}, "seed": {state.seed}, "history": ['.encode()
    if state.content.startswith(start) and state.content.endswith(END):
        head = state.content.removesuffix(END)
    else:  # new, or laid out by another program
        head, new = start, [*state.events, *new]
    lines = [("," if i else "") + "\n" + as_line(event) for i, event in enumerate(new)]
    if lines and not head.endswith(b"["):
        lines[0] = "," + lines[0]
    # half an emoji is no UTF-8, but as \ud83d it is JSON
    return head + "".join(lines).encode("utf-8", "backslashreplace") + END


def as_line(event: dict) -> str:
    return json.dumps(event, ensure_ascii=False)


def patient_read(path: Path) -> bytes:
    """The content; on Windows a file that is just being replaced cannot be opened for a moment."""
    for pause in (0.01, 0.1, 0.5):
        try:
            return path.read_bytes()
        except PermissionError:
            time.sleep(pause)
    return path.read_bytes()


def stamp(path: Path) -> tuple:
    facts = path.stat()
    return facts.st_ino, facts.st_mtime_ns, facts.st_size
