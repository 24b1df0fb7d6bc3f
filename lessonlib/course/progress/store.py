"""The file of the learner's progress: read, mended, and added to so that it is always whole."""

import json
import random
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

from data_scripts.storage import behind_link, locked, rename, write_whole

SCHEMA = 1
PATIENCE = 10  # seconds to wait for other programs that write
PARTED = (
    "{} was one file with another name (a hard link). To be whole at any moment, it was replaced: "
    "the other name keeps the answers until now and gets no more. Replace that by a symbolic link "
    "to this file."
)
END = b"\n]}\n"


@dataclass(frozen=True)
class State:
    """What a file holds. stamp: tells whether the file changed since it was read.

    others: what somebody wrote beside the history. content: the bytes, if this process wrote them.
    """

    seed: int
    events: list[dict]
    others: dict = field(default_factory=dict)
    content: bytes = b""
    stamp: tuple = ()


last_read: dict[Path, State] = {}


def add(path: Path, new: list[dict]) -> State:
    """Add events under the lock. Returns what the file then holds; OSError if the disk refuses.

    new: is emptied in the moment in which the events are safe.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with undisturbed(), lock(path):
        state, said = read(path), ""
        if state is None:
            state, said = mended(path)
        content, events = with_events(state, new), [*state.events, *new]
        parted = PARTED.format(path) if has_other_names(path) else ""
        write_whole(path, content, alone=True)
        new.clear()
        last_read[path] = State(state.seed, events, state.others, content, stamp(path))
        if parted:
            print(parted, file=sys.stderr)
        if said:
            print(said, file=sys.stderr)
            same_readers(backup_of(path), path)
        with suppress(OSError):  # the file itself is safe; after it, so that one is always whole
            backup_of(path).touch()
            same_readers(path, backup_of(path))
            write_whole(backup_of(path), content, alone=True)
    return last_read[path]


def has_other_names(path: Path) -> bool:
    """Whether the file has hard links elsewhere: a new one takes the place of this name alone."""
    with suppress(OSError):
        return path.stat().st_nlink > 1
    return False


def same_readers(like: Path, path: Path) -> None:
    """Whoever may not read the one file shall not read the other."""
    with suppress(OSError):
        shutil.copymode(like, path)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let Ctrl-C or ■ wait until the block is done; only the main thread can be interrupted."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    previous = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous or signal.default_int_handler)
        if came:
            signal.raise_signal(came[0])


def lock(path: Path) -> AbstractContextManager:
    """The lock between programs. OSError when it cannot be had."""
    return locked(path.with_suffix(".lock"), timeout=PATIENCE, poll_interval=0.01)


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
    if not (isinstance(data, dict) and data.pop("schema", None) == SCHEMA):
        raise ValueError("another schema")
    seed, events = data.pop("seed", None), data.pop("history", None)
    if not (isinstance(seed, int) and isinstance(events, list)):
        raise ValueError("no seed or no history")
    if not all(isinstance(event, dict) and {"kind", "id"} <= event.keys() for event in events):
        raise ValueError("not a list of events")
    return State(int(seed), events, data, stamp=now)  # True is an int as well


def mended(path: Path) -> tuple[State, str]:
    """What to go on with where the file is missing or damaged, and what to say about it.

    That is the backup's state, or nothing. What is damaged is kept.
    """
    backup = backup_of(path)
    saved = read(backup)
    kept = [keep(bad) for bad in (path, backup) if bad.exists() and read(bad) is None]
    begun = State(drawn_seed(), [])
    if not kept and saved is None:
        return begun, ""  # the very first time
    cause = f"{path} was missing"
    if kept:
        names = " and ".join(map(str, kept))
        cause = f"{path} was damaged or of another version, and is kept as {names}"
    cure = f"restored from {backup.name}: {len(saved.events)} events" if saved else "begun anew"
    return saved or begun, f"{cause}. Your progress was {cure}."


def keep(path: Path) -> Path:
    """Rename a damaged file, never over another one. Returns the new path."""
    path = behind_link(path)
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
    if state.content:
        head = state.content.removesuffix(END)
    else:  # new, or written by another program
        facts = {"schema": SCHEMA, "seed": state.seed, **state.others}
        head, new = as_line(facts)[:-1].encode("utf-8", "backslashreplace"), [*state.events, *new]
        head += b', "history": ['
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
