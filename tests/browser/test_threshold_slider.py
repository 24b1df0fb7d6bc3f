"""Lesson 06 as a learner meets it: the whole lesson runs, and the threshold cockpit moves."""

from pathlib import Path

from lab import ERRORS, run_lesson
from playwright.sync_api import Locator, Page, expect
from serving import Server
from trainings import share_models

from lessonlib.course.folders import model_path
from lessonlib.engine.catalog import pascal
from lessonlib.recipes import pascal_learner, trained

LESSON = "06_thresholds.ipynb"


def shown(cockpit: Locator) -> tuple[dict[str, str], list[str]]:
    """The numbers that depend on the threshold, and the pictures with their changed labels."""
    names = ("accuracy", "skill", "precision", "recall", "f1", "exact", "fp", "fn", "cost")
    numbers = {name: cockpit.locator(f".tc-{name}").text_content() for name in names}
    return numbers, cockpit.locator("figure").all_text_contents()


def count(text: str) -> int:
    return int(text.replace(",", ""))


def press(cockpit: Locator, key: str, times: int, readout: str) -> None:
    for _ in range(times):
        cockpit.get_by_role("slider").first.press(key)
    expect(cockpit.locator(".widget-readout").first).to_have_text(readout)
    expect(cockpit.locator(".tc-changes")).to_contain_text(readout)


def test_the_threshold_slider_changes_numbers_and_pictures(
    study: Server, page: Page, tmp_path: Path
):
    share_models(trained)(pascal_learner(pascal()), model_path("lesson05", pascal()))
    run_lesson(page, study, LESSON)

    cockpit = page.locator(".widget-vbox").filter(has=page.locator(".tc-changes"))
    expect(cockpit).to_have_count(1)
    cockpit.scroll_into_view_if_needed()
    expect(cockpit.locator(".widget-readout").first).to_have_text("0.20")
    expect(cockpit.locator("figure")).not_to_have_count(0)
    numbers, pictures = shown(cockpit)

    press(cockpit, "ArrowRight", 10, "0.30")
    more_numbers, other_pictures = shown(cockpit)
    assert count(more_numbers["fp"]) < count(numbers["fp"])
    assert count(more_numbers["fn"]) > count(numbers["fn"])
    assert more_numbers["accuracy"] != numbers["accuracy"]
    assert pictures != other_pictures
    press(cockpit, "ArrowLeft", 10, "0.20")
    assert shown(cockpit) == (numbers, pictures)
    cockpit.screenshot(path=tmp_path / "cockpit.png")

    classes = page.locator(".widget-vbox").filter(has=page.locator(".tc-overall"))
    classes.scroll_into_view_if_needed()
    before = classes.locator(".tc-chosen").text_content()
    classes.get_by_role("slider").first.press("ArrowLeft")
    expect(classes.locator(".widget-readout").first).to_have_text("0.49")
    expect(classes.locator("tr.tc-chosen")).not_to_have_text(before)
    classes.screenshot(path=tmp_path / "classes.png")

    assert page.locator(ERRORS).count() == 0
