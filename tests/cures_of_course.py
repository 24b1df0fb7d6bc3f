"""What test_cures.py tries out, in the folder of a learner who begins: messages of the course.

The commands that they print are run in test_printed_commands.py.
"""

import re

from cures import Case

from lessonlib.course.commands.copies import bring_lessons, find_lesson, reset_lesson
from lessonlib.course.exercises.asking import find
from lessonlib.course.folders import CourseError
from lessonlib.course.progress.history import record
from lessonlib.course.quizzes import marking, questions
from lessonlib.course.reports import terminal as report


def every_lesson_that_is_named(folder):
    try:
        find_lesson("77")
    except CourseError as error:
        (names,) = re.findall("The lessons are: (.*)[.]", str(error))
    for name in names.split(", "):
        assert find_lesson(name).stem == name


def every_name_that_exists(wrong):
    def select(folder):
        try:
            questions.select(wrong)
        except questions.QuestionError as error:
            (names,) = re.findall("These exist: (.*)[.]", str(error))
        for name in names.split(", "):
            assert questions.select(name).id == name

    return select


def in_the_way(folder):
    """A file where the folder of the lessons would be."""
    (folder / "lessons").write_text("", encoding="utf-8")
    return folder / "lessons"


def one_answer():
    record("exercise", "01.predict", right=True, tried=True)


def page_in_the_way(folder):
    one_answer()
    (folder / "progress.html").mkdir()
    report.write_page()


def page_once_it_is_allowed(folder):
    (folder / "progress.html").rmdir()
    report.write_page()


def exported(folder):
    one_answer()
    report.export(folder)


def exported_to_nowhere(folder):
    one_answer()
    report.export(folder / "nowhere")


COPIES = "course.commands.copies.clear_errors"
COURSE = [
    Case(
        "course.commands.copies.find_lesson",
        lambda folder: find_lesson("77"),
        "The lessons are",
        every_lesson_that_is_named,
    ),
    *(
        Case(
            "course.quizzes.questions.select",
            lambda folder, wrong=wrong: questions.select(wrong),
            "These exist",
            every_name_that_exists(wrong),
        )
        for wrong in ("09.nothing", "77")
    ),
    Case(
        COPIES,
        lambda folder: bring_lessons(in_the_way(folder)),
        "choose another folder",
        lambda folder: bring_lessons(folder / "other"),
    ),
    Case(
        COPIES,
        lambda folder: reset_lesson("06", in_the_way(folder)),
        "choose another folder",
        lambda folder: reset_lesson("06", folder / "other"),
    ),
    Case(
        "course.exercises.asking.task",
        lambda folder: find("01.perdict"),
        "Is the name spelt right",
        lambda folder: find("01.predict"),
    ),
    Case(
        "course.quizzes.marking.typed",
        lambda folder: marking.typed("def softmin(x): return x", "softmax")(1),
        "defines no function softmax",
        lambda folder: marking.typed("def softmax(x): return x", "softmax")(1),
    ),
    Case(
        "course.quizzes.marking.answer",
        lambda folder: marking.typed("softmax = 1", "softmax")(1),
        "defines no function softmax",
        lambda folder: marking.typed("def softmax(x): return x", "softmax")(1),
    ),
    Case(
        "course.reports.terminal.write_page", page_in_the_way, "Allow it", page_once_it_is_allowed
    ),
    Case(
        "course.reports.terminal.export",
        lambda folder: report.export(folder),
        "Try an exercise or a question first",
        exported,
    ),
    Case("course.reports.terminal.export", exported_to_nowhere, "Go to a folder", exported),
]
