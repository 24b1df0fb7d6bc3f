"""Switching between the twin and the real set: the licence first, and never a broken state."""

import errno
import hashlib
import io
import os
import re
import sys
from pathlib import Path

import pytest
from bad_server import pascal_files, sends, serving, tgz
from filelock import FileLock
from real_sets import TWIN, gets, listing, real_set, refuses

from data_scripts import biwi, layouts, pascal
from data_scripts.layouts import check_biwi
from data_scripts.published import real
from data_scripts.published.archive import Archive
from lessonlib.course.commands.doctor import data_set
from lessonlib.engine import catalog

DATA = tgz(pascal_files())
NOWHERE = "http://127.0.0.1:9/pascal_2007.tgz"


@pytest.fixture
def brought(tmp_path, twin_in_use):
    """An archive on a stick."""
    file = tmp_path / "stick.tgz"
    file.write_bytes(DATA)
    return file


@pytest.fixture
def command(monkeypatch, twin_in_use):
    """python -m data_scripts.pascal with a small real set."""
    monkeypatch.setattr(pascal, "PASCAL", real_set(DATA, NOWHERE))
    return pascal.main


def answer(monkeypatch, text: str, terminal: bool = True) -> None:
    keyboard = io.StringIO(text)
    keyboard.isatty = lambda: terminal
    monkeypatch.setattr(sys, "stdin", keyboard)


def message_of(command, *arguments, capsys) -> str:
    with pytest.raises(SystemExit) as ended:
        command(list(arguments))
    assert ended.value.code == 1
    said = capsys.readouterr().err.splitlines()
    return said[-1]


# The licence


def test_the_licence_is_shown_and_asked_for_once(monkeypatch, capsys, brought, command):
    answer(monkeypatch, "yes\n")
    command(["--real", "--archive", str(brought)])
    said = capsys.readouterr().out
    assert said.startswith("The terms.\n") and catalog.source("pascal") == "real"
    assert "The terms." in (real.data_home() / "pascal_2007.licence").read_text(encoding="utf-8")
    catalog.pascal().rename(brought.parent / "away")
    answer(monkeypatch, "", terminal=False)
    command(["--real", "--archive", str(brought)])
    assert "The terms." not in capsys.readouterr().out and catalog.source("pascal") == "real"


@pytest.mark.parametrize("text", ["no\n", "\n", "y\n", ""])
def test_without_a_yes_nothing_is_fetched(monkeypatch, capsys, command, text, twin_in_use):
    answer(monkeypatch, text)
    assert "Not accepted: nothing was fetched" in message_of(command, "--real", capsys=capsys)
    assert {path.name for path in twin_in_use.iterdir()} == {TWIN}


def test_without_a_terminal_the_option_is_named(monkeypatch, capsys, command, twin_in_use):
    answer(monkeypatch, "yes\n", terminal=False)
    assert message_of(command, "--real", capsys=capsys).endswith("add --accept-licence.")
    assert {path.name for path in twin_in_use.iterdir()} == {TWIN}


def test_an_accepted_licence_is_kept_when_the_fetching_fails(monkeypatch, capsys, command):
    with serving(sends(DATA[:-1])) as server:
        monkeypatch.setattr(pascal, "PASCAL", real_set(DATA, server.url))
        answer(monkeypatch, "Yes\n")
        for _ in range(2):  # the second time, nobody answers
            said = message_of(command, "--real", capsys=capsys)
            assert said.startswith("pascal_2007.tgz could not be fetched")
            answer(monkeypatch, "", terminal=False)


# The switch


def test_back_to_the_twin_and_to_the_real_set_without_fetching_it_again(capsys, brought, command):
    command(["--real", "--accept-licence", "--archive", str(brought)])
    photographs = listing(catalog.pascal())
    command(["--twin"])
    assert catalog.source("pascal") == "twin" and catalog.pascal().name == TWIN
    command(["--twin"])
    command(["--real"])
    assert catalog.source("pascal") == "real" and listing(catalog.pascal()) == photographs
    command(["--real"])
    printed = [line.rpartition(os.sep)[2] for line in capsys.readouterr().out.splitlines()]
    assert printed == ["The terms.", "pascal_2007", TWIN, TWIN, "pascal_2007", "pascal_2007"]


def test_the_command_without_options_still_builds_twins(capsys, command):
    command([])
    assert capsys.readouterr().out.splitlines()[-1] == str(catalog.pascal())


def test_the_doctor_says_which_is_in_use_and_its_command_switches(brought, command):
    command(["--real", "--accept-licence", "--archive", str(brought)])
    said = data_set("pascal", catalog.source("pascal"), catalog.pascal).text
    assert said.startswith("the real photographs: 8 pictures")
    command(said.split("data_scripts.pascal ")[1].split())
    said = data_set("pascal", catalog.source("pascal"), catalog.pascal).text
    assert said.startswith("the offline twin: 2 pictures")
    command(said.split("data_scripts.pascal ")[1].split())
    assert catalog.source("pascal") == "real"


def test_a_twin_that_cannot_be_built_leaves_the_real_set_in_use(brought, twin_in_use):
    def full():
        raise OSError(errno.ENOSPC, "No space left on device")

    one = real_set(DATA, NOWHERE)
    gets(one, archive=brought)
    with pytest.raises(OSError, match="No space left"):
        real.use_twin(one, full)
    assert catalog.source("pascal") == "real"


def test_a_real_set_that_was_put_aside_damaged_does_not_come_back(brought, command, capsys):
    command(["--real", "--accept-licence", "--archive", str(brought)])
    command(["--twin"])
    (real.data_home() / "pascal_2007.off" / "train" / "000003.jpg").unlink()
    assert "'000003.jpg'. Complete" in message_of(command, "--real", capsys=capsys)
    assert catalog.source("pascal") == "twin"


def test_a_real_set_in_use_that_is_damaged_is_named(brought, command, capsys):
    command(["--real", "--accept-licence", "--archive", str(brought)])
    (catalog.pascal() / "train.csv").unlink()
    said = message_of(command, "--real", capsys=capsys)
    assert "train.csv is missing" in said and "move it away and repeat" in said


def test_two_real_sets_are_never_mixed(brought, command, capsys):
    command(["--real", "--accept-licence", "--archive", str(brought)])
    (real.data_home() / "pascal_2007.off").mkdir()
    said = message_of(command, "--twin", capsys=capsys)
    assert "pascal_2007.off is there already" in said and catalog.source("pascal") == "real"


def test_a_folder_that_cannot_be_renamed_is_said_with_the_cure(
    monkeypatch, brought, command, capsys
):
    def in_use(*args):
        raise PermissionError(errno.EACCES, "The process cannot access the file")

    command(["--real", "--accept-licence", "--archive", str(brought)])
    monkeypatch.setattr(real, "rename", in_use)
    said = message_of(command, "--twin", capsys=capsys)
    assert "Close the lessons that use it" in said and catalog.source("pascal") == "real"


@pytest.mark.parametrize(
    "error", [NotImplementedError("use SoftFileLock"), OSError(errno.ENOLCK, "No locks available")]
)
def test_on_a_disk_without_locks_a_folder_that_is_renamed_by_hand_is_the_switch(
    monkeypatch, brought, command, capsys, error
):
    def no_locks(self):
        raise error

    command(["--real", "--accept-licence", "--archive", str(brought)])
    monkeypatch.setattr(FileLock, "_acquire", no_locks)
    for option, other in (("--twin", "real"), ("--real", "twin")):
        said = message_of(command, option, capsys=capsys)
        assert catalog.source("pascal") == other and "Close the lessons" not in said
        old, new = re.match(
            r"(.*) cannot be renamed to (\S+) .* rename it yourself\.$", said
        ).groups()
        Path(old).rename(Path(old).with_name(new))
        command([option])
        assert f"--{catalog.source('pascal')}" == option


def test_an_archive_with_another_layout_is_not_switched_to(tmp_path, twin_in_use):
    files = pascal_files()
    files.popitem()  # a picture that train.csv names
    data = tgz(files)
    file = tmp_path / "stick.tgz"
    file.write_bytes(data)
    said = refuses(real_set(data, NOWHERE), "names 1 picture that is not in", archive=file)
    assert f"{file} is not the archive of pascal_2007" in said


def test_another_archive_on_the_stick_is_named_with_what_is_wrong(tmp_path, twin_in_use):
    file = tmp_path / "stick.tgz"
    file.write_bytes(tgz(pascal_files(3)))
    said = refuses(real_set(DATA, NOWHERE), f"instead of {len(DATA):,}", archive=file)
    assert str(file) in said and NOWHERE in said
    refuses(real_set(DATA, NOWHERE), "is not a file", archive=tmp_path)
    refuses(real_set(DATA, NOWHERE), "is not a file", archive=tmp_path / "missing.tgz")


@pytest.mark.parametrize("option", [["--archive", "x.tgz"], ["--accept-licence"]])
def test_options_of_the_real_set_need_it(command, capsys, option):
    assert "go together with --real" in message_of(command, *option, capsys=capsys)
    assert "go together with --real" in message_of(command, "--twin", *option, capsys=capsys)


def test_real_and_twin_at_once_are_refused(command):
    with pytest.raises(SystemExit, match="2"):
        command(["--real", "--twin"])


# BIWI, and what is published


def test_biwi_switches_the_same_way(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("LESSONLIB_DATA", str(tmp_path / "home"))
    files = {
        f"biwi_head_pose/{folder}/{name}": b"x"
        for folder in ("01", "02")
        for name in ("rgb.cal", "depth.cal", "frame_00003_rgb.jpg", "frame_00003_pose.txt")
    } | {"biwi_head_pose/01.obj": b"o"}
    data = tgz(files)
    (tmp_path / "b.tgz").write_bytes(data)
    md5 = hashlib.md5(data).hexdigest()
    archive = Archive("biwi_head_pose.tgz", (NOWHERE,), len(data), md5, real.MIB)
    small = real.RealSet("biwi_head_pose", archive, "Terms.", check_biwi)
    monkeypatch.setattr(biwi, "BIWI", small)
    monkeypatch.setattr(biwi, "build", lambda folder, **settings: None)
    biwi.main(["--real", "--archive", str(tmp_path / "b.tgz"), "--accept-licence"])
    assert catalog.source("biwi") == "real" and catalog.biwi().name == "biwi_head_pose"
    assert {f"biwi_head_pose/{name}": d for name, d in listing(catalog.biwi()).items()} == files
    biwi.main(["--twin"])
    assert catalog.source("biwi") == "twin" and catalog.source("pascal") == "not built yet"


@pytest.mark.parametrize(
    ("one", "name", "size", "md5"),
    [
        (real.PASCAL, "pascal", 1637796771, "433b4706eb7c42bd74e7f784e3fdf244"),
        (real.BIWI, "biwi", 452316199, "00f4ccf66e8cba184bc292fdc08fb237"),
    ],
)
def test_the_sets_are_the_catalogs_with_the_published_figures(one, name, size, md5):
    assert one.folder() == real.data_home() / layouts.REAL[name]
    assert (one.archive.size, one.archive.md5, one.archive.md5_bytes) == (size, md5, 1024 * 1024)
    assert one.archive.urls[0].endswith(f"/fast-ai-imagelocal/{one.top}.tgz")
