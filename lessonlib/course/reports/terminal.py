"""`python -m lessonlib review`, `progress` and `export`: what was done, and what to do next."""

import io
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from textwrap import fill, indent

from data_scripts.storage import write_whole
from lessonlib.course.folders import CourseError, course_home, python_command
from lessonlib.course.progress import history as progress
from lessonlib.course.quizzes import marking
from lessonlib.course.quizzes.marking import answers
from lessonlib.course.reports.page import draw_document, totals
from lessonlib.course.reports.standing import AGAIN, DONE, Standing, by_lesson, stand


def to_repeat() -> str:
    """What was wrong and is not right yet, by lesson, with what to run; and what is due again."""
    found = stand()
    lessons = python_command("-m", "lessonlib", "study")
    if not any(one.tries for one in found):
        return f"You have not tried an exercise or a question yet. Open the lessons: {lessons}"
    waiting, lines = by_lesson(one for one in found if one.state == AGAIN), []
    right = {one.id for one in found if one.state == DONE}
    repeats = sum(question.id in right for question in marking.due(answers()))
    if repeats:
        lines = [f"Right by now, and due for a repeat: {repeats}. Run review() in lesson 09.", ""]
    if not (waiting or repeats):
        return "Nothing is waiting for you: whatever you tried is right."
    for lesson, ones in waiting.items():
        lines += [f"Lesson {lesson}", *(line for one in ones for line in review_lines(one)), ""]
    return "\n".join([*lines, f"Open the lessons: {lessons}"])


def review_lines(one: Standing) -> Iterable[str]:
    """What to say about one exercise or question that is not right yet."""
    yield f"  ✗ {one.name} ({one.often})"
    if one.asked:
        yield indent(fill(one.asked.replace("**", ""), 94), "      ")
    if one.told:
        yield f"      {one.told}"
    yield f"      {one.cure[0].upper()}{one.cure[1:]}."


def summary() -> str:
    """The progress in one line for each lesson."""
    return "\n".join(
        f"Lesson {lesson}: " + "; ".join(totals(ones))
        for lesson, ones in by_lesson(stand()).items()
    )


def write_page(path: Path | None = None) -> Path:
    """Write the progress page as a file that any browser opens. CourseError if it cannot be."""
    path = path or course_home() / "progress.html"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, document().encode("utf-8"), like=progress.progress_file())
    except OSError as error:
        elsewhere = python_command("-m", "lessonlib", "export")
        raise CourseError(
            f"{path} cannot be written ({error.strerror or error}). Allow it and free some room "
            "there. Or go to a folder that you may write to, and get a zip with the page in it: "
            f"{elsewhere}"
        ) from error
    return path


def export(folder: Path, now: datetime | None = None) -> Path:
    """Put the page and the history into one zip in folder, to hand in. Returns its path.

    CourseError when there is nothing yet, or folder cannot be written to.
    """
    if not progress.history():
        raise CourseError(
            f"There is nothing to hand in yet: no answer is in {progress.progress_file()}. Try an "
            "exercise or a question first."
        )
    path = folder / f"my-progress-{now or datetime.now():%Y-%m-%d_%H-%M-%S}.zip"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("progress.html", document())
        archive.writestr("progress.json", progress.content())
    try:
        write_whole(path, content.getvalue(), like=progress.progress_file())
    except OSError as error:
        raise CourseError(
            f"{path} cannot be written ({error.strerror or error}). Go to a folder that you may "
            "write to, with room left, and run the command again."
        ) from error
    return path


def document() -> str:
    return draw_document(stand(), progress.history(), datetime.now())
