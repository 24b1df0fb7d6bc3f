"""The learner's copy: what is brought, what is replaced, and what nobody touches."""

import json
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from lessonlib.course.commands import copies
from lessonlib.course.commands.copies import RECORD, bring_lessons, fingerprint, reset_lesson
from lessonlib.course.folders import CourseError, python_command

LESSON = "06_metrics.ipynb"
DAMAGED = b'{"06_metrics.ipynb": [null, 7]}'
NOON = datetime(2026, 3, 4, 12, 0, 5)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "notebooks"
    write_lesson(folder / "00_start_here.ipynb", "print('hello')")
    write_lesson(folder / LESSON, "version = 1")
    return folder


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return tmp_path / "my_course"


def write_lesson(path: Path, *sources: str) -> None:
    """A notebook with a heading and code cells that carry outputs."""
    outputs = [new_output("stream", text="an answer\n")]
    cells = [new_code_cell(code, outputs=outputs, execution_count=7) for code in sources]
    path.parent.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=[new_markdown_cell("# A lesson"), *cells]), path)


def code_of(path: Path) -> list[str]:
    cells = nbformat.read(path, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "code"]


def edit(path: Path, code: str = "my_answer = 42") -> bytes:
    """Add a learner's cell; returns the file as it then is."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(new_code_cell(code))
    nbformat.write(notebook, path)
    return path.read_bytes()


def files_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


# What study brings


def test_the_first_time_brings_every_lesson_without_outputs(source, mine):
    update = bring_lessons(mine, source)
    assert update.brought == ["00_start_here.ipynb", LESSON] and update.left_alone == []
    for cell in nbformat.read(mine / LESSON, as_version=4).cells:
        assert cell.get("outputs", []) == [] and cell.get("execution_count") is None
    assert code_of(mine / LESSON) == ["version = 1"]


def test_an_unedited_older_copy_is_replaced(source, mine):
    bring_lessons(mine, source)
    write_lesson(source / LESSON, "version = 2")
    assert bring_lessons(mine, source).brought == [LESSON]
    assert code_of(mine / LESSON) == ["version = 2"]


def test_an_edited_copy_is_kept_to_the_byte_and_reported(source, mine):
    bring_lessons(mine, source)
    edited = edit(mine / LESSON)
    write_lesson(source / LESSON, "version = 2")
    update = bring_lessons(mine, source)
    assert update.left_alone == [LESSON] and update.brought == []
    assert (mine / LESSON).read_bytes() == edited


def test_an_edited_copy_of_the_latest_lesson_is_not_worth_a_word(source, mine):
    bring_lessons(mine, source)
    edited = edit(mine / LESSON)
    update = bring_lessons(mine, source)
    assert update.left_alone == [] and update.brought == []
    assert (mine / LESSON).read_bytes() == edited


def test_running_a_lesson_is_not_editing_it(source, mine):
    bring_lessons(mine, source)
    ran = nbformat.read(mine / LESSON, as_version=4)
    ran.cells[1].outputs, ran.cells[1].execution_count = [new_output("stream", text="1\n")], 3
    ran.cells[1].metadata["trusted"] = True
    ran.metadata["language_info"] = {"name": "python", "version": "3.13.0"}
    ran.cells.append(new_code_cell("  \n"))  # JupyterLab's, after the last cell was run
    nbformat.write(ran, mine / LESSON)
    write_lesson(source / LESSON, "version = 2")
    assert bring_lessons(mine, source).brought == [LESSON]


@pytest.mark.parametrize("change", ["retype", "reorder", "delete", "rewrite"])
def test_every_kind_of_edit_counts(source, mine, change):
    write_lesson(source / LESSON, "a = 1", "b = 2")
    bring_lessons(mine, source)
    notebook = nbformat.read(mine / LESSON, as_version=4)
    if change == "retype":
        notebook.cells[1] = new_markdown_cell(notebook.cells[1].source)
    elif change == "reorder":
        notebook.cells.reverse()
    elif change == "delete":
        del notebook.cells[1]
    else:
        notebook.cells[0].source += "!"
    nbformat.write(notebook, mine / LESSON)
    write_lesson(source / LESSON, "version = 2")
    assert bring_lessons(mine, source).left_alone == [LESSON]


def test_cells_that_join_to_the_same_text_have_different_fingerprints():
    def of(*sources):
        return fingerprint(new_notebook(cells=[new_code_cell(code) for code in sources]))

    assert of("a", "b") != of("ab") != of("a\nb") and of("a") == of("a")


def test_study_goes_on_with_the_lesson_that_was_saved_last_with_a_cell_run(source, mine):
    bring_lessons(mine, source)
    assert copies.newest_lesson(mine, source) == "00_start_here.ipynb"  # none was run yet
    for number, name in enumerate([LESSON, "00_start_here.ipynb", LESSON]):
        write_lesson(mine / name, "1 + 1")  # as JupyterLab saves it: with what was printed
        os.utime(mine / name, (number, number))
        assert copies.newest_lesson(mine, source) == name
    edit(mine / "00_start_here.ipynb")
    nbformat.write(new_notebook(), mine / "mine.ipynb")  # no lesson
    (mine / LESSON).unlink()
    assert copies.newest_lesson(mine, source) == "00_start_here.ipynb"


def test_a_deleted_copy_comes_back(source, mine):
    bring_lessons(mine, source)
    (mine / LESSON).unlink()
    assert bring_lessons(mine, source).brought == [LESSON]


def test_a_file_that_study_did_not_bring_counts_as_edited(source, mine):
    write_lesson(mine / LESSON, "my own notebook of this name")
    before = (mine / LESSON).read_bytes()
    assert bring_lessons(mine, source).left_alone == [LESSON]
    assert (mine / LESSON).read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"cells": 3}'])
def test_a_copy_that_cannot_be_read_counts_as_edited(source, mine, content):
    bring_lessons(mine, source)
    (mine / LESSON).write_bytes(content)
    write_lesson(source / LESSON, "version = 2")
    assert bring_lessons(mine, source).left_alone == [LESSON]
    assert (mine / LESSON).read_bytes() == content


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"x": [1]}', DAMAGED]
)
def test_a_damaged_record_loses_no_answer(source, mine, content):
    bring_lessons(mine, source)
    edited = edit(mine / LESSON)
    (mine / RECORD).write_bytes(content)
    write_lesson(source / LESSON, "version = 2")
    assert bring_lessons(mine, source).left_alone == [LESSON]
    assert (mine / LESSON).read_bytes() == edited
    assert "00_start_here.ipynb" in json.loads((mine / RECORD).read_text(encoding="utf-8"))


def test_pictures_come_along_and_are_renewed(source, mine):
    (source / "images").mkdir()
    (source / "images" / "cow.png").write_bytes(b"a picture")
    bring_lessons(mine, source)
    assert (mine / "images" / "cow.png").read_bytes() == b"a picture"
    (source / "images" / "cow.png").write_bytes(b"a better picture")
    bring_lessons(mine, source)
    assert (mine / "images" / "cow.png").read_bytes() == b"a better picture"


def test_files_of_the_learner_are_none_of_our_business(source, mine):
    write_lesson(mine / "my_experiments.ipynb", "x = 1")
    before = (mine / "my_experiments.ipynb").read_bytes()
    update = bring_lessons(mine, source)
    assert (mine / "my_experiments.ipynb").read_bytes() == before
    assert "my_experiments.ipynb" not in update.brought + update.left_alone


def test_a_write_that_fails_leaves_the_old_copy_and_no_rubbish(source, mine, monkeypatch):
    bring_lessons(mine, source)
    before = (mine / LESSON).read_bytes()
    write_lesson(source / LESSON, "version = 2")

    def full(part, path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(CourseError, match="No space left on device"):
        bring_lessons(mine, source)
    assert (mine / LESSON).read_bytes() == before
    assert not [name for name in files_in(mine) if name.endswith(".part")]


@pytest.mark.parametrize("writes", range(5))
@pytest.mark.parametrize("command", [bring_lessons, lambda *folders: reset_lesson("06", *folders)])
def test_what_an_interrupted_command_brought_is_unedited(
    source, mine, monkeypatch, command, writes
):
    """Interrupted before each of its writes, after which the course changes once more."""
    real, left = copies.write_whole, iter(range(writes))

    def interrupted(path, content):
        if next(left, None) is None:
            raise KeyboardInterrupt
        real(path, content)

    bring_lessons(mine, source)
    for version in (2, 3):
        for lesson in copies.lessons(source):
            write_lesson(lesson, f"version = {version}")
        with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
            if version == 2:
                patch.setattr(copies, "write_whole", interrupted)
                command(mine, source)
    assert bring_lessons(mine, source).brought == ["00_start_here.ipynb", LESSON]
    edited = edit(mine / LESSON)
    write_lesson(source / LESSON, "version = 4")
    assert bring_lessons(mine, source).left_alone == [LESSON]
    assert (mine / LESSON).read_bytes() == edited


def test_a_record_of_an_earlier_course_is_understood(source, mine):
    bring_lessons(mine, source)
    record = json.loads((mine / RECORD).read_text(encoding="utf-8"))
    earlier = {name: known[-1] for name, known in record.items()}
    (mine / RECORD).write_text(json.dumps(earlier), encoding="utf-8")
    write_lesson(source / LESSON, "version = 2")
    assert bring_lessons(mine, source).brought == [LESSON]


def test_reset_empties_the_outputs_of_an_unedited_copy(source, mine):
    bring_lessons(mine, source)
    write_lesson(mine / LESSON, "version = 1")
    reset_lesson("06", mine, source, NOON)
    cells = nbformat.read(mine / LESSON, as_version=4).cells
    assert not any(cell.get("outputs") for cell in cells)


def test_a_read_only_folder_gets_a_sentence_with_the_cure(source, mine, monkeypatch):
    def refuse(path, content):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(copies, "write_whole", refuse)
    with pytest.raises(CourseError) as error:
        bring_lessons(mine, source)
    assert f"{mine} cannot be written (Permission denied)" in str(error.value)
    assert python_command("-m", "lessonlib", "study", "--folder") in str(error.value)


def test_a_file_in_the_place_of_the_folder_gets_a_sentence(source, mine):
    mine.write_text("not a folder", encoding="utf-8")
    with pytest.raises(CourseError, match="cannot be written"):
        bring_lessons(mine, source)


def test_a_course_without_lessons_says_how_to_get_them(tmp_path, mine):
    with pytest.raises(CourseError, match="git -C .* checkout -- .nothing here"):
        bring_lessons(mine, tmp_path / "nothing here")


def test_a_damaged_lesson_of_the_course_is_named(source, mine):
    (source / LESSON).write_text("{", encoding="utf-8")
    with pytest.raises(CourseError, match=f"{LESSON} cannot be read.*git -C .* checkout"):
        bring_lessons(mine, source)


# What reset does


def test_reset_brings_the_lesson_and_keeps_the_edited_one_with_the_date(source, mine):
    bring_lessons(mine, source)
    edited = edit(mine / LESSON)
    write_lesson(source / LESSON, "version = 2")
    lesson, kept = reset_lesson("06", mine, source, NOON)
    assert code_of(lesson) == ["version = 2"]
    assert kept.name == "06_metrics_2026-03-04_12-00-05.ipynb" and kept.read_bytes() == edited
    assert bring_lessons(mine, source).left_alone == []


def test_reset_never_overwrites_an_earlier_kept_version(source, mine):
    bring_lessons(mine, source)
    versions = []
    for attempt in range(3):
        versions.append(edit(mine / LESSON, f"attempt = {attempt}"))
        _, kept = reset_lesson("06", mine, source, NOON)
        assert kept.read_bytes() == versions[-1]
    kept_now = [file.read_bytes() for file in mine.glob("06_metrics_2026*")]
    assert sorted(kept_now) == sorted(versions)


def test_reset_keeps_a_version_that_cannot_be_read(source, mine):
    bring_lessons(mine, source)
    (mine / LESSON).write_bytes(b"{ broken")
    _, kept = reset_lesson("06", mine, source, NOON)
    assert kept.read_bytes() == b"{ broken"


def test_reset_of_an_unedited_or_missing_copy_keeps_nothing(source, mine):
    assert reset_lesson("06", mine, source, NOON)[1] is None
    write_lesson(source / LESSON, "version = 2")
    assert reset_lesson("06", mine, source, NOON)[1] is None
    assert files_in(mine) == [RECORD, LESSON]


@pytest.mark.parametrize("name", ["06", "6", "06_metrics", LESSON])
def test_a_lesson_has_several_names(source, name):
    assert copies.find_lesson(name, source).name == LESSON


@pytest.mark.parametrize("name", ["77", "", "metrics", "../06"])
def test_an_unknown_lesson_lists_the_lessons(source, name):
    with pytest.raises(CourseError, match=r"The lessons are: 00_start_here, 06_metrics\."):
        copies.find_lesson(name, source)
