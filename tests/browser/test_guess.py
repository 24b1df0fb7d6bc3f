"""Predict before you run, with the keyboard alone: guess, keep, see the truth."""

from pathlib import Path

from lab import ERRORS, MINUTES, add_lesson, run_lesson
from playwright.sync_api import Page, expect
from serving import Server

from lessonlib.course.progress.history import history

LESSON = "guess.ipynb"
CELLS = (
    'from lessonlib.course import guess, progress_page, reveal, start\nstart("04")',
    'guess("04.a", "Up?", ["yes", "no"])',
    'guess("04.b", "How much?", low=0, high=10, within=0.5)',
    'guess("04.c", "How many?")',
    'reveal("04.a", "yes")',
    'reveal("04.b", 5.1)',
    'reveal("04.c", 7)',
    "progress_page()",
)


def test_a_guess_needs_only_the_keyboard(study: Server, page: Page, tmp_path: Path):
    add_lesson(study, LESSON, CELLS)
    run_lesson(page, study, LESSON)
    expect(page.get_by_text("Not guessed yet")).to_have_count(3)
    expect(page.get_by_text("a guess is no guess any more")).to_have_count(3)
    expect(page.get_by_role("slider", name="Your guess")).to_have_count(1)
    expect(page.get_by_role("slider", name="How sure, in %")).to_have_count(3)
    expect(page.locator(".widget-readout")).to_have_text(["50", "5", "50", "50"])

    page.get_by_role("radio", name="no").focus()
    page.keyboard.press("Space")
    keep = "Keep my guess"
    for number, steps in enumerate((2, -2, 1)):
        widget = page.locator(".widget-vbox").filter(has_text=keep).nth(number)
        if number == 1:
            widget.get_by_role("slider").first.press("ArrowRight")
        if number == 2:
            widget.locator("input[type=number]").focus()
            page.keyboard.press("ControlOrMeta+A")
            page.keyboard.type("7")
            page.keyboard.press("Tab")
        for _ in range(abs(steps)):
            widget.get_by_role("slider").last.press("ArrowRight" if steps > 0 else "ArrowLeft")
        page.wait_for_timeout(500)  # a slider tells the kernel only when the last value is there
        widget.get_by_role("button", name=keep).press("Enter")
        expect(widget.get_by_text("Kept:")).to_be_visible()
    page.screenshot(path=tmp_path / "guesses.png")

    kept = [(event["guess"], event["confidence"]) for event in history("guess")]
    assert kept == [("no", 0.6), (5.1, 0.4), (7.0, 0.55)]

    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name="Restart Kernel and Run All Cells").click()
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    expect(page.get_by_text("✓ Right")).to_have_count(2, timeout=MINUTES)
    expect(page.get_by_text("✗ Not so")).to_have_count(1)
    expect(page.get_by_text("Brier score 0.30")).to_be_visible()
    page.screenshot(path=tmp_path / "revealed.png")
    assert page.locator(ERRORS).count() == 0
