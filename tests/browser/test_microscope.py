"""Lesson 10's widgets in JupyterLab: the microscope moves by keyboard, a guess is scored."""

import math
from pathlib import Path

from lab import ERRORS, add_lesson, run_lesson
from playwright.sync_api import Page, expect
from serving import Server

LESSON = "widgets.ipynb"
CELLS = (  # without the lesson's training
    "from lessonlib.course import calibration_page, guess, reveal\n"
    "from lessonlib.explorers.scalar import bce_microscope",
    "bce_microscope()",
    'guess("10.breaks", "At which logit does the cost break?", low=0, high=100)',
    'reveal("10.breaks", 37, within=5)',
    "calibration_page()",
)


def gradient(logit: float, target: int) -> str:
    p = 1 / (1 + math.exp(-logit))
    return f"{p - target:.3f}".replace("-", "−")


def rerun(page: Page, code: str) -> None:
    """Run the cell with this code again."""
    page.locator(".jp-CodeCell").filter(has_text=code).first.locator(".cm-content").focus()
    page.keyboard.press("Control+Enter")


def test_the_microscope_and_a_guess_need_only_the_keyboard(
    study: Server, page: Page, tmp_path: Path
):
    add_lesson(study, LESSON, CELLS)
    run_lesson(page, study, LESSON)
    microscope = page.locator(".widget-vbox").filter(has_text="One step from logit").first
    microscope.scroll_into_view_if_needed()
    expect(microscope.get_by_text(f"it is {gradient(1.0, 1)}")).to_be_visible()
    for _ in range(2):
        microscope.get_by_role("slider").press("ArrowRight")
    expect(microscope.get_by_text(f"it is {gradient(1.5, 1)}")).to_be_visible()
    microscope.get_by_role("button", name="swapped").press("Enter")
    expect(microscope.get_by_text(f"it is {gradient(1.5, 0)}")).to_be_visible()
    microscope.screenshot(path=tmp_path / "microscope.png")

    expect(page.get_by_text("No guess has met its truth yet")).to_be_visible()
    guess = page.locator(".widget-vbox").filter(has_text="At which logit does the cost").first
    guess.get_by_role("button", name="Keep my guess").press("Enter")
    expect(guess.get_by_text("Kept: 50, 50% sure")).to_be_visible()
    rerun(page, 'reveal("10.breaks"')
    expect(page.get_by_text("It is 37.")).to_be_visible()
    rerun(page, "calibration_page()")
    expect(page.get_by_text("you (Brier score, 0 is perfect)")).to_be_visible()
    page.screenshot(path=tmp_path / "calibration.png")
    assert page.locator(ERRORS).count() == 0
