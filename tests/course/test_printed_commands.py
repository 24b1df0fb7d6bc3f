"""Commands that the course prints are run as they stand, from another folder than the course's."""

import os
import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest
from bad_server import pascal_files
from real_sets import TWIN

from data_scripts import console
from lessonlib import __main__ as commands
from lessonlib.course import folders
from lessonlib.course.commands import copies, doctor, study
from lessonlib.course.folders import NOTEBOOKS, CourseError, course_home, python_command
from lessonlib.course.progress.history import record, warned
from lessonlib.course.reports import terminal as report

LOOK = """
from lessonlib.course.commands.doctor import course_home, data_home, folder_of
home = folder_of("LESSONLIB_HOME", course_home())
print(home, folder_of("LESSONLIB_DATA", data_home()), sep="\\n")
"""


def run(command, folder):
    """What it prints; a failure is one of the test."""
    done = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def elsewhere(tmp_path):
    """A folder with a blank in its name."""
    folder = tmp_path / "some where"
    folder.mkdir()
    return folder


def command_in(text):
    """What stands behind the last colon with a blank."""
    return text.strip().rpartition(": ")[2]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("lost", ["notebooks", "notebooks/00_start_here.ipynb"])
def test_git_brings_back_what_is_missing_or_damaged(elsewhere, tmp_path, lost):
    course = elsewhere / "course"
    shutil.copytree(NOTEBOOKS, course / "notebooks", ignore=shutil.ignore_patterns("src"))
    for words in ("init -q", "add .", "-c user.name=me -c user.email=me commit -q -m all"):
        run(f"git {words}", course)
    if (course / lost).is_dir():
        shutil.rmtree(course / lost)
    else:
        (course / lost).write_text("{", encoding="utf-8")
    with pytest.raises(CourseError, match="Download the course anew, or bring") as error:
        copies.bring_lessons(elsewhere / "mine", course / "notebooks")
    run(command_in(str(error.value)), tmp_path)
    assert copies.bring_lessons(elsewhere / "mine", course / "notebooks").brought


def test_a_picture_of_the_course_that_cannot_be_read_is_no_fault_of_the_learners_folder(tmp_path):
    shutil.copytree(NOTEBOOKS, tmp_path / "notebooks", ignore=shutil.ignore_patterns("src"))
    (tmp_path / "notebooks" / "images" / "x.png").mkdir(parents=True)
    with pytest.raises(CourseError, match=r"x\.png cannot be read .*git -C"):
        copies.bring_lessons(tmp_path / "mine", tmp_path / "notebooks")


def test_a_newer_lesson_comes_by_the_command_that_study_prints(elsewhere, capsys):
    copies.bring_lessons(elsewhere)
    study.report(copies.Update(left_alone=["06_thresholds.ipynb"]), elsewhere)
    said = run(command_in(capsys.readouterr().out), elsewhere.parent)
    assert "06_thresholds.ipynb is new" in said


def test_the_lessons_go_to_the_folder_that_the_message_names(elsewhere, monkeypatch, capsys):
    monkeypatch.setenv("USERPROFILE" if os.name == "nt" else "HOME", str(elsewhere))
    (elsewhere / "mine").write_text("", encoding="utf-8")
    with pytest.raises(CourseError) as error:
        copies.bring_lessons(elsewhere / "mine")
    start, command = python_command("-m", "lessonlib"), command_in(str(error.value))
    assert command.startswith(start)
    monkeypatch.setattr(study, "open_jupyterlab", lambda folder, options: print(folder, options))
    monkeypatch.setattr(study, "build_pictures", lambda: None)
    monkeypatch.setattr(study, "refuse_root", lambda folder, options: None)
    words = command.removeprefix(start).replace('"', "").replace("'", "").split(maxsplit=2)
    assert commands.run(words) == 0
    assert (elsewhere / "lessons" / "06_thresholds.ipynb").is_file()


def test_the_page_that_cannot_be_written_is_in_the_zip(home, elsewhere):
    record("exercise", "01.predict", right=True, tried=True)
    (home / "progress.html").mkdir()
    with pytest.raises(CourseError) as error:
        report.write_page()
    said = run(command_in(str(error.value)), elsewhere)
    assert re.search(r"my-progress.*\.zip", said) and list(elsewhere.glob("*.zip"))


@pytest.mark.skipif(os.name == "nt", reason="setx would change the settings of who runs this")
@pytest.mark.parametrize("variable", ["LESSONLIB_HOME", "LESSONLIB_DATA"])
def test_the_doctors_other_folder_can_be_written(elsewhere, monkeypatch, variable):
    monkeypatch.setenv("HOME", str(elsewhere))
    look = python_command("-c", LOOK)
    (elsewhere / "file").write_text("", encoding="utf-8")
    finding = {
        "LESSONLIB_HOME": lambda: doctor.folder_of("LESSONLIB_HOME", elsewhere / "file" / "home"),
        "LESSONLIB_DATA": lambda: doctor.folder_of("LESSONLIB_DATA", elsewhere / "file" / "data"),
    }[variable]()
    assert finding.state == "stop"
    said = run(f"{command_in(finding.text)} && {look}", elsewhere)
    assert re.search(rf"^ok +{variable} +{elsewhere}/lessonlib", said, re.MULTILINE)


@pytest.fixture
def windows(monkeypatch):
    """What is printed there."""
    for module in (folders, console):
        monkeypatch.setattr(module, "os", SimpleNamespace(name="nt"))


def test_on_windows_a_variable_is_set_in_a_way_that_both_terminals_know(windows):
    said = folders.setting_command("LESSONLIB_HOME", "C:\\my home")
    assert said == 'setx LESSONLIB_HOME "C:\\my home" and open a new terminal'


@pytest.mark.parametrize(
    "python, printed",
    [
        (r"C:\course\.venv\Scripts\python.exe", r"C:\course\.venv\Scripts\python.exe"),
        (r"C:\my course\Jo & Li\python.exe", r'C:\"my course"\"Jo & Li"\python.exe'),
        (r"\\server\O'Neil (x)\python.exe", r"""\\server\"O'Neil (x)"\python.exe"""),
        (r"C:\Käthe\python.exe", r"C:\Käthe\python.exe"),
    ],
)
def test_on_windows_no_command_begins_with_a_quote(windows, monkeypatch, python, printed):
    # PowerShell takes such a line for a text; cmd takes a quote anywhere
    monkeypatch.setattr(sys, "executable", python)
    said = python_command("-m", "lessonlib", "study", "--folder", r"D:\le çons")
    assert said == rf'{printed} -m lessonlib study --folder "D:\le çons"'


def test_the_doctors_commands_switch_between_the_real_set_and_the_twin(twin_in_use, elsewhere):
    for name, content in pascal_files(2).items():
        (twin_in_use / name).parent.mkdir(parents=True, exist_ok=True)
        (twin_in_use / name).write_bytes(content)
    for source, then in (("real", TWIN), ("twin", "pascal_2007")):
        said = run(command_in(doctor.other_set("pascal", source)), elsewhere)
        assert said.strip() == str(twin_in_use / then)


def test_answers_that_the_disk_refused_are_stored_in_the_other_folder(home, monkeypatch, capsys):
    (home / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("LESSONLIB_HOME", str(home / "file"))
    record("exercise", "01.predict", right=True, tried=True)
    assert "set the environment variable LESSONLIB_HOME" in capsys.readouterr().err
    monkeypatch.setenv("LESSONLIB_HOME", str(home / "other"))
    record("exercise", "01.table", right=True, tried=True)
    assert (course_home() / "progress.json").read_text("utf-8").count('"exercise"') == 2
    assert not warned and not capsys.readouterr().err
