"""Building a data folder: whole or not at all, whatever happens on the way."""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import filelock
import pytest

from data_scripts import storage
from data_scripts.storage import ROOT, build_once, data_home, write_whole
from lessonlib.course.folders import course_home

SLOW_BUILDER = """
import sys, time
from pathlib import Path
from data_scripts.storage import build_once

def build(folder):
    for number in range(10):
        (folder / f"{number}.txt").write_text(sys.argv[2], encoding="utf-8")
        print(number, flush=True)
        time.sleep(float(sys.argv[3]))

build_once(Path(sys.argv[1]), build, 1)
"""


def start_builder(folder, text, pause):
    command = [sys.executable, "-c", SLOW_BUILDER, str(folder), text, str(pause)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def write_one(folder):
    (folder / "one.txt").write_text("whole", encoding="utf-8")


def beside(folder):
    """What lies beside the folder, lock file aside."""
    return sorted(p.name for p in folder.parent.iterdir() if p.suffix != ".lock")


def test_data_home_is_the_environment_variable(monkeypatch, tmp_path):
    monkeypatch.setenv("LESSONLIB_DATA", str(tmp_path))
    assert data_home() == tmp_path


@pytest.mark.parametrize("value", [None, ""])
def test_data_home_is_the_users_own_folder_without_the_variable(monkeypatch, value):
    monkeypatch.delenv("LESSONLIB_DATA", raising=False)
    if value is not None:
        monkeypatch.setenv("LESSONLIB_DATA", value)
    assert data_home().name == "data" and "lessonlib" in data_home().parts


def test_a_folder_is_built_once(tmp_path):
    folder, calls = tmp_path / "home" / "set", []

    def build(temporary):
        calls.append(temporary)
        write_one(temporary)

    assert build_once(folder, build, 1) == build_once(folder, build, 1) == folder
    assert (folder / "one.txt").read_text(encoding="utf-8") == "whole"
    assert len(calls) == 1 and beside(folder) == ["set"]


def test_a_killed_build_is_never_served_and_the_next_call_starts_over(tmp_path):
    folder = tmp_path / "set"
    with start_builder(folder, "killed", 30) as builder:
        assert builder.stdout.readline() == "0\n"  # the first file is written
        builder.kill()
    assert not folder.exists()
    assert beside(folder) == ["set.building"]  # what kill -9 leaves

    build_once(folder, write_one, 1)
    assert [p.name for p in folder.iterdir()] == ["one.txt"]
    assert beside(folder) == ["set"]


def test_two_processes_at_once_end_with_one_whole_folder(tmp_path):
    folder = tmp_path / "set"
    builders = [start_builder(folder, text, 0.05) for text in ("first", "second")]
    printed = [builder.communicate(timeout=60)[0] for builder in builders]
    assert [builder.returncode for builder in builders] == [0, 0]
    assert sorted(len(text.split()) for text in printed) == [0, 10]  # only one of them built
    contents = {p.read_text(encoding="utf-8") for p in folder.iterdir()}
    assert len(list(folder.iterdir())) == 10 and len(contents) == 1
    assert beside(folder) == ["set"]


def test_a_failed_build_leaves_nothing_and_raises_its_own_error(tmp_path):
    def build(temporary):
        write_one(temporary)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_once(tmp_path / "set", build, 1)
    assert beside(tmp_path / "set") == []


@pytest.mark.parametrize(
    ("code", "kind", "cause"),
    [
        (errno.EROFS, PermissionError, "may not be written to"),
        (errno.EACCES, PermissionError, "may not be written to"),
        (errno.ENOSPC, OSError, "the disk is full"),
    ],
)
def test_a_disk_that_refuses_is_one_clear_sentence(tmp_path, code, kind, cause):
    def build(temporary):
        write_one(temporary)
        raise OSError(code, os.strerror(code), str(temporary))

    with pytest.raises(kind, match=cause) as caught:
        build_once(tmp_path / "set", build, 77)
    message = str(caught.value)
    assert str(tmp_path / "set") in message
    assert "LESSONLIB_DATA" in message and "77 MB" in message
    assert beside(tmp_path / "set") == []


def test_a_source_that_may_not_be_read_is_named_and_not_the_disk(tmp_path):
    source = str(tmp_path / "elsewhere" / "000005.xml")

    def build(temporary):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), source)

    with pytest.raises(PermissionError) as caught:
        build_once(tmp_path / "home" / "set", build, 77)
    assert source in str(caught.value) and "LESSONLIB_DATA" not in str(caught.value)


def refuse(*args, **kwargs):
    raise OSError(errno.EROFS, "Read-only file system")


def test_a_place_where_not_even_the_lock_can_be_written_is_one_clear_sentence(
    monkeypatch, tmp_path
):
    monkeypatch.setattr(storage, "FileLock", refuse)
    with pytest.raises(PermissionError, match="LESSONLIB_DATA"):
        build_once(tmp_path / "set", write_one, 1)


@pytest.mark.parametrize(
    "error", [NotImplementedError("use SoftFileLock"), OSError(errno.ENOLCK, "No locks available")]
)
def test_a_disk_without_locks_is_one_clear_sentence(monkeypatch, tmp_path, error):
    def acquire(self):
        raise error

    monkeypatch.setattr(filelock.FileLock, "_acquire", acquire)
    with pytest.raises(OSError, match="knows no locks") as caught:
        build_once(tmp_path / "set", write_one, 77)
    assert "LESSONLIB_DATA to a folder with 77 MB" in str(caught.value)
    assert str(tmp_path / "set") in str(caught.value)


def test_an_error_of_a_builder_is_not_taken_for_a_missing_lock(tmp_path):
    def build(temporary):
        raise NotImplementedError("a drawing")

    with pytest.raises(NotImplementedError, match="a drawing"):
        build_once(tmp_path / "set", build, 1)


def test_a_finished_folder_in_a_read_only_place_is_used(monkeypatch, tmp_path):
    build_once(tmp_path / "set", write_one, 1)
    monkeypatch.setattr(storage, "FileLock", refuse)
    monkeypatch.setattr(Path, "mkdir", refuse)
    assert build_once(tmp_path / "set", write_one, 1) == tmp_path / "set"


def test_a_file_where_the_data_home_should_be_is_named(tmp_path):
    (tmp_path / "home").write_text("", encoding="utf-8")
    with pytest.raises(OSError, match="is a file") as caught:
        build_once(tmp_path / "home" / "set", write_one, 1)
    assert str(tmp_path / "home") in str(caught.value)


def test_a_rename_that_a_virus_scanner_holds_up_is_tried_again(monkeypatch, tmp_path):
    real, tries = os.replace, []

    def held_up(source, target):
        tries.append(source)
        if len(tries) < 3:
            raise PermissionError(errno.EACCES, "in use")
        real(source, target)

    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    monkeypatch.setattr(os, "replace", held_up)
    build_once(tmp_path / "set", write_one, 1)
    assert len(tries) == 3 and (tmp_path / "set" / "one.txt").is_file()


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_file_that_cannot_be_replaced_stays_as_it_was(monkeypatch, tmp_path, alone, step):
    write_whole(tmp_path / "file", b"old", alone)
    with monkeypatch.context() as patch:
        patch.setattr(os, step, refuse)
        with pytest.raises(OSError, match="Read-only"):
            write_whole(tmp_path / "file", b"new", alone)
    assert (tmp_path / "file").read_bytes() == b"old"
    write_whole(tmp_path / "file", b"new", alone)
    assert (tmp_path / "file").read_bytes() == b"new"
    assert beside(tmp_path / "file") == ["file"]


POSIX = pytest.mark.skipif(os.name == "nt", reason="links and permissions are others on Windows")


@POSIX
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444])
def test_a_file_that_is_replaced_keeps_its_readers(tmp_path, mode):
    write_whole(tmp_path / "file", b"old")
    (tmp_path / "file").chmod(mode)
    for content in (b"new", b"newer"):
        write_whole(tmp_path / "file", content)
        assert (tmp_path / "file").read_bytes() == content
        assert (tmp_path / "file").stat().st_mode & 0o777 == mode


@POSIX
def test_the_part_of_a_private_file_is_private_before_anything_is_in_it(monkeypatch, tmp_path):
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "file").chmod(0o600)
    modes, real = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: modes.append(os.fstat(file)) or real(file))
    write_whole(tmp_path / "file", b"new")
    assert [facts.st_mode & 0o777 for facts in modes] == [0o600]


@POSIX
def test_a_protected_part_of_a_killed_program_is_in_nobodys_way(tmp_path):
    part = tmp_path / "file.part"
    part.write_bytes(b"half")
    part.chmod(0o444)
    write_whole(tmp_path / "file", b"new", alone=True)
    assert (tmp_path / "file").read_bytes() == b"new" and beside(tmp_path / "file") == ["file"]


@POSIX
def test_a_link_stays_a_link_and_the_file_behind_it_is_written(tmp_path):
    (tmp_path / "else").mkdir()
    for there in (False, True):
        (tmp_path / "link").unlink(missing_ok=True)
        (tmp_path / "link").symlink_to(tmp_path / "else" / "file")
        write_whole(tmp_path / "link", str(there).encode())
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "else" / "file").read_bytes() == str(there).encode()
    assert beside(tmp_path / "else" / "file") == ["file"]


@pytest.mark.parametrize(
    ("variable", "folder"), [("LESSONLIB_DATA", data_home), ("LESSONLIB_HOME", course_home)]
)
def test_a_relative_path_means_one_folder_wherever_a_program_runs(
    monkeypatch, tmp_path, variable, folder
):
    monkeypatch.setenv(variable, "mine")
    before = folder()
    monkeypatch.chdir(tmp_path)
    assert before == folder() == ROOT / "mine"
