"""What was wrong, again: in a cell, as cards."""

from ipywidgets import HTML

from lessonlib.course.quizzes import marking
from lessonlib.course.quizzes.marking import answers
from lessonlib.course.quizzes.questions import Question, topics
from lessonlib.course.quizzes.widgets import Quiz
from lessonlib.course.reports import page
from lessonlib.course.reports.standing import AGAIN, stand


def review(limit: int = 10) -> Quiz:
    """What was wrong, again: at most so many questions, those that wait longest first.

    Below them are the exercises that are not right yet, with what to run.
    """
    questions = marking.due(answers())[:limit]
    title = "To repeat today" if questions else "Nothing to repeat today"
    shown = Quiz(title, [(topic_of(question), [question]) for question in questions], fresh=True)
    tasks = [one for one in stand() if one.kind == "exercise" and one.state == AGAIN]
    if tasks:
        shown.children += (HTML(f'{page.STYLE}<div class="pp">{page.draw_again(tasks)}</div>'),)
    return shown


def topic_of(question: Question) -> str:
    """The title of a question's topic, with its lesson."""
    topic = question.id.rpartition(".")[0]
    return f"Lesson {topic[:2]} · {topics()[topic].title}"
