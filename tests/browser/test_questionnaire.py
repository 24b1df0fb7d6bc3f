"""Lesson 09 from the keyboard: answer every question, restart the kernel, find the same score."""

import re
from pathlib import Path

from lab import ERRORS, MINUTES, run_lesson
from playwright.sync_api import Locator, Page, expect
from serving import Server

from lessonlib.course.progress.history import history, learner_seed
from lessonlib.course.quizzes.questions import Question, evaluate, find, numbers, sections

LESSON = "09_questionnaire.ipynb"
ON_PURPOSE = "01.rows.first"  # answered wrongly
CODE = {
    "01.columns.code": "def file_names(df): return df['fname']",
    "03.multi-hot.code": "def multi_hot(labels, vocab): return [float(v in labels) for v in vocab]",
    "03.getters.code": "def labels_of(row): return row['labels'].split()",
}
FOCUSED = """() => {
    const at = document.activeElement, card = at.closest('.quiz-card');
    return {
        card: card ? [...card.classList].find(name => /^quiz-\\d\\d-/.test(name)) : null,
        kind: at.tagName === 'INPUT' ? at.type : at.tagName.toLowerCase(),
        label: (at.closest('label') || at).textContent.trim(),
    };
}"""


def plain(text: str) -> str:
    """A text of the question files as it stands on the screen."""
    return re.sub(r"[`*]", "", text).strip()


def is_ticked(question: Question, label: str) -> bool:
    """Whether a box is to be ticked: a right option, or any point of a rubric."""
    if question.kind == "text":
        return True
    return any(
        plain(option.text) == plain(label) and option.right != (question.id == ON_PURPOSE)
        for option in question.options
    )


def act(page: Page, question: Question, kind: str, label: str) -> None:
    """What a learner does at the control that has the focus, with keys only."""
    card = page.locator(f".quiz-{question.id.replace('.', '-')}").first
    if kind == "checkbox" and is_ticked(question, label):
        page.keyboard.press("Space")
    elif kind == "text":
        drawn = numbers(question, learner_seed())
        page.keyboard.type(f"{evaluate(question.answer, drawn):.6g}")
        page.keyboard.press("Enter")  # answers; in the others a button does
    elif kind == "textarea":
        page.keyboard.press("Control+A")
        page.keyboard.type(CODE.get(question.id, "in my <b>own</b> 'words'"))
    elif kind == "button" and question.kind != "number":
        page.keyboard.press("Space" if question.kind == "choice" else "Enter")
    if label == "Compare":
        expect(card.get_by_role("button", name="Keep my points")).to_be_visible()
    elif kind == "button":
        state = "wrong" if question.id == ON_PURPOSE else "right"
        expect(card).to_have_class(re.compile(rf"\bquiz-{state}\b"))


def answer_all(page: Page, first: Locator, questions: list[Question]) -> None:
    """Select the first cell, then go Tab by Tab through the notebook and answer what comes."""
    cards = {f"quiz-{question.id.replace('.', '-')}": question for question in questions}
    first.locator(".jp-InputPrompt").click()
    reached, elsewhere = [], 0
    while elsewhere < 20:
        at = page.evaluate(FOCUSED)
        question = cards.get(at["card"])
        elsewhere = 0 if question else elsewhere + 1  # JupyterLab's own buttons, for instance
        if question:
            reached.append(question.id)
            act(page, question, at["kind"], at["label"])
        page.keyboard.press("Tab")
    assert list(dict.fromkeys(reached)) == [question.id for question in questions]


def restart_and_run_all(page: Page) -> None:
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name="Restart Kernel and Run All Cells…").click()
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    busy = page.locator(".jp-CodeCell .jp-InputPrompt").filter(has_text="[*]")
    expect(busy).not_to_have_count(0, timeout=MINUTES)
    expect(busy).to_have_count(0, timeout=2 * MINUTES)


def test_every_question_is_answered_by_keys_and_outlives_the_kernel(
    study: Server, page: Page, tmp_path: Path
):
    run_lesson(page, study, LESSON)
    board = page.locator(".quiz:has(table) .quiz-score")
    asked = [question for section in sections() for question in section.questions]
    expect(board).to_have_text(f"✓ 0 of {len(asked)} right · ○ {len(asked)} open")

    answer_all(page, page.locator(".jp-CodeCell").filter(has_text='quiz("09.tables")'), asked)
    for section in sections():
        cell = page.locator(".jp-CodeCell").filter(has_text=f'quiz("{section.id}")')
        cell.scroll_into_view_if_needed()
        cell.screenshot(path=tmp_path / f"{section.id}.png")

    score = f"✓ {len(asked) - 1} of {len(asked)} right · ✗ 1 to repeat"
    expect(board).to_have_text(score)
    assert len(history("question")) == len(asked)
    restart_and_run_all(page)
    expect(board).to_have_text(score)
    for section in sections():
        cell = page.locator(".jp-CodeCell").filter(has_text=f'quiz("{section.id}")')
        cell.scroll_into_view_if_needed()  # JupyterLab draws what is far away later, or never
        title = page.locator(".quiz-title").filter(has_text=section.title)
        n, wrong = len(section.questions), ON_PURPOSE in {q.id for q in section.questions}
        told = f"✓ {n - wrong} of {n} right" + (" · ✗ 1 to repeat" if wrong else "")
        expect(title.locator(".quiz-score")).to_have_text(told, timeout=MINUTES)
    repeat = page.locator(".quiz-title", has_text="To repeat today")
    again = page.locator(".quiz").filter(has=repeat)
    expect(again.locator(".quiz-card")).to_have_count(1)
    expect(again.locator(".quiz-card")).to_contain_text(plain(find(ON_PURPOSE).ask)[:40])
    page.screenshot(path=tmp_path / "page.png")
    assert page.locator(ERRORS).count() == 0
