"""The progress file: nothing is lost, whoever writes, whatever it is, whenever it is killed."""

import errno
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import datetime

import pytest
from filelock import FileLock
from fuzzing import cases, fuzz
from learners import forget

from lessonlib.course.progress import store
from lessonlib.course.progress.history import history, latest, learner_seed, record

NASTY = "\x00 \"quotes\" 'and' \\ </script><b>&amp; \u2028 \ud83d half an emoji 🐻‍❄️ é\r\n"


pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def file(home):
    return home / "progress.json"


def run(code, *arguments):
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE)


def refuse(monkeypatch, number):
    """Let the system refuse every new file with this error."""

    def refused(*arguments, **options):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(store, "write_whole", refused)


# --- the events


def test_events_come_back_in_order_with_their_facts_and_the_time(file):
    begin = datetime.now().astimezone().replace(microsecond=0)
    record("exercise", "04.logit", right=False, mistake="The sign is flipped.")
    record("question", "04.2", right=True, answer=[1, "a", None], confidence=0.75)
    forget()
    first, second = history()
    assert begin <= datetime.fromisoformat(first.pop("when")) <= datetime.now().astimezone()
    assert first == {
        "kind": "exercise",
        "id": "04.logit",
        "right": False,
        "mistake": "The sign is flipped.",
    }
    assert second["answer"] == [1, "a", None] and second["confidence"] == 0.75
    assert history("question") == [second] and history("guess") == []


def test_the_latest_event_is_the_newest_of_its_kind_and_id():
    assert latest("exercise", "04.logit") is None
    for right in (False, True):
        record("exercise", "04.logit", right=right)
    record("exercise", "04.skill", right=False)
    record("hint", "04.logit", number=1)
    assert latest("exercise", "04.logit")["right"] is True
    assert latest("question", "04.logit") is None


def test_the_file_is_json_that_people_can_read(file):
    record("exercise", "04.logit", right=True)
    record("question", "04.1", answer="Bär 🐻")
    data = json.loads(file.read_text(encoding="utf-8"))
    assert data == {"schema": 1, "seed": learner_seed(), "history": history()}
    lines = file.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 4 and "Bär 🐻" in lines[2]


def test_looking_makes_no_file(home):
    assert history() == [] and latest("exercise", "04.logit") is None
    assert not list(home.iterdir())


def test_the_seed_is_drawn_once_for_each_learner(monkeypatch, tmp_path):
    seeds = []
    for name in ("anna", "anna", "bob"):
        monkeypatch.setenv("LESSONLIB_HOME", str(tmp_path / name))
        forget()
        record("exercise", "04.logit", right=True)
        seeds.append(learner_seed())
    assert seeds[0] == seeds[1] != seeds[2]


@pytest.mark.parametrize("answer", [NASTY, {"a": NASTY}, [NASTY] * 3, "", "]}", "\n]}\n"])
def test_any_text_comes_back_as_it_was(answer):
    record("question", "04.1", answer=answer)
    record("question", "04.2", answer=answer)
    forget()
    assert [event["answer"] for event in history()] == [answer, answer]


def test_of_ten_megabytes_the_beginning_is_kept_with_a_note(file):
    for answer in ("x" * 10_000_000, ["🐻"] * 2_500_000):
        record("question", "04.1", answer=answer)
        kept = latest("question", "04.1")["answer"]
        assert len(kept) < 11_000 and kept.endswith("000 characters)")
    assert history()[0]["answer"].startswith("xxx") and file.stat().st_size < 100_000


def test_what_fits_no_json_is_stored_as_a_text():
    circle, spoilt = [], type("Spoilt", (), {"__repr__": lambda self: 1 / 0})
    circle.append(circle)
    for answer in (circle, float("nan"), 10**5000, spoilt()):
        record("question", "04.1", answer=answer)
        assert latest("question", "04.1")["answer"].startswith("(cannot be stored")
    record("question", "04.1", answer={1, 2}, path=os)
    assert latest("question", "04.1")["answer"] == "{1, 2}"
    forget()
    assert len(history()) == 5


# --- a file that something happened to


@pytest.fixture
def three_events(file):
    for number in range(3):
        record("question", f"04.{number}", right=True)
    return history()


def truncate(text):
    return text[:-40]


@pytest.mark.parametrize(
    "damage",
    [
        truncate,
        lambda text: "",
        lambda text: "\0" * len(text),
        lambda text: "no JSON",
        lambda text: "[" * 100_000,
        lambda text: "[1, 2]",
        lambda text: text.replace('"schema": 1', '"schema": 2'),
        lambda text: text.replace('"schema": 1', '"schema": 0'),
        lambda text: text.replace('"seed"', '"seeds"'),
        lambda text: text.replace('"kind"', '"sort"'),
    ],
)
def test_a_damaged_file_is_kept_and_named_and_the_backup_restored(
    damage, file, three_events, capsys
):
    seed, damaged = learner_seed(), damage(file.read_text(encoding="utf-8"))
    file.write_text(damaged, encoding="utf-8")
    forget()
    assert history() == three_events and learner_seed() == seed
    (kept,) = file.parent.glob("progress.damaged-*.json")
    assert kept.read_text(encoding="utf-8") == damaged
    said = capsys.readouterr().err
    assert kept.name in said and "3 events" in said and len(said.splitlines()) == 1
    record("question", "04.9", right=True)
    forget()
    assert len(history()) == 4 and not capsys.readouterr().err


def test_recording_over_a_damaged_file_loses_nothing(file, three_events):
    file.write_bytes(b"{")
    record("question", "04.9", right=True)
    forget()
    assert [event["id"] for event in history()] == ["04.0", "04.1", "04.2", "04.9"]


def test_a_file_that_is_gone_comes_back_from_the_backup(file, three_events, capsys):
    file.unlink()
    assert history() == three_events
    assert "was missing" in capsys.readouterr().err


def test_without_a_backup_both_damaged_files_are_kept_and_a_new_one_begins(
    file, three_events, capsys
):
    store.backup_of(file).write_bytes(b"half")
    file.write_bytes(b"half as well")
    assert history() == []
    kept = {kept.read_bytes() for kept in file.parent.glob("progress*.damaged-*.json")}
    assert kept == {b"half", b"half as well"}
    assert "begun anew" in capsys.readouterr().err


def test_two_damaged_files_of_one_second_are_both_kept(file, three_events):
    for content in (b"one", b"two"):
        file.write_bytes(content)
        history()
    kept = {kept.read_bytes() for kept in file.parent.glob("progress.damaged-*.json")}
    assert kept == {b"one", b"two"}


@pytest.mark.parametrize(
    "layout",
    [
        lambda text: json.dumps(json.loads(text), indent=4),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: json.dumps(dict(reversed(json.loads(text).items()))),
    ],
)
def test_a_file_that_an_editor_laid_out_anew_is_added_to(layout, file, three_events, capsys):
    file.write_bytes(layout(file.read_text(encoding="utf-8")).encode())
    record("question", "04.9", right=True)
    forget()
    assert history()[:3] == three_events and len(history()) == 4
    assert not capsys.readouterr().err


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_refuses_is_said_once_and_nothing_is_lost(
    number, monkeypatch, file, three_events, capsys
):
    with monkeypatch.context() as patch:
        refuse(patch, number)
        for _ in range(2):
            record("question", "04.9", right=True)
        said = capsys.readouterr().err
        assert str(file) in said and "LESSONLIB_HOME" in said and len(said.splitlines()) == 1
        assert len(history()) == 5  # while this notebook runs
        assert learner_seed() == json.loads(file.read_bytes())["seed"]
    record("question", "04.9", right=False)
    forget()
    assert len(history()) == 6 and not capsys.readouterr().err
    refuse(monkeypatch, number)  # for the second time
    record("question", "04.9", right=True)
    assert capsys.readouterr().err == said


def test_a_file_that_cannot_be_read_is_said_each_time_that_it_begins(
    monkeypatch, file, three_events, capsys
):
    def refused(path):
        raise PermissionError(errno.EACCES, "Permission denied")

    for _ in range(2):
        with monkeypatch.context() as patch:
            patch.setattr(store, "stamp", refused)
            assert history() == history() == []
        assert capsys.readouterr().err == f"{file} cannot be read (Permission denied). Allow it.\n"
        assert history() == three_events


def test_on_a_disk_without_locks_answers_last_as_long_as_the_notebook(monkeypatch, file, capsys):
    def refused(*arguments, **options):
        raise NotImplementedError("no locks here")

    monkeypatch.setattr(FileLock, "_acquire", refused)
    store.backup_of(file).write_bytes(b"{")
    record("question", "04.1", right=True)
    assert "(the disk knows no locks)" in capsys.readouterr().err
    assert len(history()) == 1 and learner_seed() == learner_seed()


def test_a_program_that_holds_the_lock_forever_is_said_and_nothing_is_lost(
    monkeypatch, file, capsys
):
    monkeypatch.setattr(store, "PATIENCE", 0.1)
    with FileLock(file.with_suffix(".lock")):
        record("question", "04.1", right=True)
        assert "cannot be saved" in capsys.readouterr().err and len(history()) == 1
    record("question", "04.2", right=True)
    forget()
    assert [event["id"] for event in history()] == ["04.1", "04.2"]


def test_without_room_for_the_backup_an_answer_is_stored_once(monkeypatch, file, capsys):
    real = store.write_whole

    def full(path, content, alone):
        if path == store.backup_of(file):
            raise OSError(errno.ENOSPC, "full")
        real(path, content, alone)

    monkeypatch.setattr(store, "write_whole", full)
    for number in range(2):
        record("question", "04.1", number=number)
    forget()
    assert [event["number"] for event in history()] == [0, 1]
    assert not capsys.readouterr().err


def test_a_learner_on_a_disk_that_refuses_keeps_one_seed(monkeypatch):
    refuse(monkeypatch, errno.EROFS)
    assert learner_seed() == learner_seed()


def test_a_home_that_is_a_file_is_a_sentence(monkeypatch, tmp_path, capsys):
    (tmp_path / "home").write_text("x")
    monkeypatch.setenv("LESSONLIB_HOME", str(tmp_path / "home"))
    record("question", "04.1", right=True)
    assert len(history()) == 1
    assert "cannot be saved" in capsys.readouterr().err


# --- a file that somebody edited, linked or made private


def laid_out(data):
    """As the course lays it out, the events aside: the history comes last, and it is empty."""
    head = json.dumps({name: value for name, value in data.items() if name != "history"})
    return head[:-1] + ', "history": [' + ",".join(map(json.dumps, data["history"])) + "\n\n]}\n"


@pytest.mark.parametrize(
    "edit",
    [
        lambda data: data | {"history": []},
        lambda data: data | {"notes": ["mine", "\ud83d"]},
        lambda data: {"name": "Anna", **data},
        lambda data: data | {"seed": True},
        lambda data: data | {"history": [*data["history"], {"kind": 5, "id": None, "when": NASTY}]},
    ],
)
@pytest.mark.parametrize("layout", [json.dumps, laid_out])
def test_after_any_edit_that_is_valid_file_and_backup_hold_every_answer(
    edit, layout, file, three_events, capsys
):
    edited = edit(json.loads(file.read_bytes()))
    file.write_text(layout(edited), encoding="utf-8")
    forget()
    for number in range(3):
        record("question", "04.9", number=number)
    for whole in (file, store.backup_of(file)):
        kept = json.loads(whole.read_bytes())
        assert [event["number"] for event in kept["history"][-3:]] == [0, 1, 2]
        assert kept["history"][:-3] == edited["history"]
        assert kept | {"history": 0} == edited | {"history": 0}
    assert not capsys.readouterr().err


@fuzz
def test_whatever_happens_to_the_bytes_no_answer_of_today_is_lost(file, three_events):
    """Cut, doubled, swapped and overwritten bytes, with a fixed seed."""
    whole, chance = file.read_bytes(), random.Random(15)
    for attempt in cases(80):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 3)):
            begin, end = sorted(chance.randrange(len(damaged) + 1) for _ in range(2))
            piece = chance.choice([b"", b'"', b"]", b"[", b"null", b"\xff", damaged[begin:end] * 2])
            damaged[begin : chance.choice([begin, begin + 1, end])] = piece
        file.write_bytes(damaged)
        forget()
        for number in range(2):
            record("question", "today", attempt=attempt, number=number)
        forget()
        today = [event for event in history() if event.get("attempt") == attempt]
        assert [event["number"] for event in today] == [0, 1], bytes(damaged)
        store.parse(file.read_bytes())
        store.parse(store.backup_of(file).read_bytes())
        for kept in file.parent.glob("*damaged*"):
            assert kept.read_bytes() == damaged
            kept.unlink()


POSIX = pytest.mark.skipif(os.name == "nt", reason="links and permissions are others on Windows")


@POSIX
@pytest.mark.parametrize("damaged", [False, True])
def test_behind_a_link_the_file_gets_the_answers_and_the_link_stays(damaged, file, three_events):
    behind = file.parent / "synchronised" / "mine.json"
    behind.parent.mkdir()
    file.rename(behind)
    file.symlink_to(behind)
    if damaged:
        behind.write_bytes(b"{")
    record("question", "04.9", right=True)
    assert file.is_symlink() and len(json.loads(behind.read_bytes())["history"]) == 4
    assert len(list(behind.parent.glob("mine.damaged-*.json"))) == damaged


@POSIX
def test_a_link_whose_disk_is_away_is_said_and_nothing_is_lost(file, three_events, capsys):
    away = file.parent / "away"
    file.rename(file.parent / "mine.json")
    file.symlink_to(away / "mine.json")
    record("question", "04.9", right=True)
    said = capsys.readouterr().err
    assert "cannot be saved" in said and "restored" not in said
    assert file.is_symlink() and len(history()) == 4
    away.mkdir()
    (file.parent / "mine.json").rename(away / "mine.json")
    record("question", "04.9", right=False)
    forget()
    assert file.is_symlink() and len(history()) == 5


def test_a_second_name_of_the_file_is_parted_from_it_with_a_word(file, three_events, capsys):
    other = file.parent / "synchronised.json"
    os.link(file, other)
    record("question", "04.9", right=True)
    said = capsys.readouterr().err
    assert f"{file} was one file with another name" in said and "symbolic link" in said
    assert len(json.loads(other.read_bytes())["history"]) == 3
    record("question", "04.9", right=True)
    assert len(history()) == 5 and not capsys.readouterr().err  # said once


@POSIX
def test_a_second_name_becomes_a_link_as_the_sentence_says(file, three_events, capsys):
    other = file.parent / "synchronised.json"
    os.link(file, other)
    record("question", "04.9", right=True)
    other.unlink()
    other.symlink_to(file)
    record("question", "04.9", right=True)
    assert other.read_bytes() == file.read_bytes()
    assert capsys.readouterr().err.count("hard link") == 1


@POSIX
def test_what_is_private_stays_private_and_so_does_its_backup(file, three_events):
    backup = store.backup_of(file)
    file.chmod(0o600)
    for gone in (None, backup, file):
        if gone:
            gone.unlink()
        record("question", "04.9", right=True)
        assert [one.stat().st_mode & 0o777 for one in (file, backup)] == [0o600, 0o600]
    assert len(history()) == 6


# --- interrupts


def test_an_answer_whose_backup_is_interrupted_is_stored_once(monkeypatch, file):
    real = store.write_whole

    def interrupted(path, content, alone):
        if path == store.backup_of(file):
            raise KeyboardInterrupt
        real(path, content, alone)

    with monkeypatch.context() as patch:
        patch.setattr(store, "write_whole", interrupted)
        for number in range(3):
            with pytest.raises(KeyboardInterrupt):
                record("question", "04.1", number=number)
    record("question", "04.1", number=3)
    assert [event["number"] for event in history()] == [0, 1, 2, 3]
    forget()
    assert [event["number"] for event in history()] == [0, 1, 2, 3]


@pytest.fixture
def hears_ctrl_c():
    """Tests that run in the background ignore Ctrl-C; a notebook's kernel does not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("hears_ctrl_c")
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_an_interrupt_while_an_answer_is_written_waits_until_it_is_safe(step, monkeypatch, file):
    real = getattr(os, step)

    def interrupted(*arguments):
        signal.raise_signal(signal.SIGINT)
        real(*arguments)
        signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    with monkeypatch.context() as patch:
        patch.setattr(os, step, interrupted)
        with pytest.raises(KeyboardInterrupt):
            record("question", "04.1", right=True)
    assert signal.getsignal(signal.SIGINT) is before
    assert json.loads(file.read_bytes()) == json.loads(store.backup_of(file).read_bytes())
    record("question", "04.2", right=True)  # the lock is free
    forget()
    assert [event["id"] for event in history()] == ["04.1", "04.2"]


@pytest.mark.usefixtures("hears_ctrl_c")
@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="Windows sends no such signals")
def test_interrupted_at_any_instant_an_answer_is_stored_at_most_once():
    interrupts, main = 0, threading.main_thread().ident
    for number in range(60):
        kill = (main, signal.SIGINT)
        timer = threading.Timer(0.0001 + 0.0004 * (number % 30), signal.pthread_kill, kill)
        try:
            timer.start()
            record("question", "04.1", number=number)
            timer.cancel()
            timer.join()
        except KeyboardInterrupt:
            interrupts += 1
    record("question", "04.1", number=60)
    forget()
    numbers = [event["number"] for event in history()]
    assert interrupts and numbers == sorted(set(numbers)) and numbers[-1] == 60


# --- several programs, and programs that are killed

WRITE_MANY = """
import sys
from lessonlib.course.progress.history import record
for number in range(int(sys.argv[2])):
    record("question", sys.argv[1], number=number)
    print(number, flush=True)
"""


def test_several_programs_write_at_once_and_nothing_is_lost(file):
    processes = [run(WRITE_MANY, name, "40") for name in "abcd"]
    for number in range(40):
        record("question", "here", number=number)
    for process in processes:
        process.communicate(timeout=100)
        assert process.returncode == 0
    assert Counter(event["id"] for event in history()) == dict.fromkeys([*"abcd", "here"], 40)
    for name in "abcd":
        assert [e["number"] for e in history() if e["id"] == name] == list(range(40))


def test_several_threads_write_at_once_and_nothing_is_lost():
    def many(name):
        for _ in range(40):
            record("question", name)

    threads = [threading.Thread(target=many, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(event["id"] for event in history()) == {"a": 40, "b": 40}


def test_killed_at_any_instant_the_file_is_whole_and_at_most_the_last_answer_is_missing(file):
    answered = 0
    for attempt in range(12):
        process = run(WRITE_MANY, str(attempt), "100000")
        process.stdout.readline()
        time.sleep(0.013 * attempt)
        process.kill()
        said = 1 + len(process.communicate()[0].splitlines())
        if file.exists():
            store.parse(file.read_bytes())  # whole, without any mending
        numbers = [event["number"] for event in history() if event["id"] == str(attempt)]
        assert numbers == list(range(len(numbers)))
        assert said <= len(numbers) <= said + 1
        answered += len(numbers)
    assert len(history()) == answered > 12
    assert not list(file.parent.glob("*damaged*"))


# --- speed


def test_with_5000_events_an_answer_is_recorded_at_once(file):
    events = [{"when": "", "kind": "question", "id": f"04.{n}", "n": n} for n in range(5000)]
    store.add(file, events)
    seconds = []
    for _ in range(9):
        begin = time.perf_counter()
        record("question", "04.1", right=True)
        seconds.append(time.perf_counter() - begin)
    assert sorted(seconds)[4] < 0.1, seconds  # 20 ms on a quiet computer
