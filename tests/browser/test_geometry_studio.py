"""The geometry studio in JupyterLab: keys move the cross and the matrices.

It stands in a notebook of its own, since lesson 07 trains for minutes before it ends.
"""

from pathlib import Path

import pytest
from lab import ERRORS, add_lesson, run_lesson
from playwright.sync_api import Locator, Page, expect
from serving import Server

CELLS = """
from PIL import Image
from lessonlib.explorers.geometry import geometry_studio

geometry_studio(Image.linear_gradient("L").convert("RGB").resize((320, 240)), (200, 80))
"""


@pytest.fixture
def studio(study: Server, page: Page) -> Locator:
    add_lesson(study, "studio.ipynb", [CELLS.strip()])
    run_lesson(page, study, "studio.ipynb")
    return page.locator(".widget-vbox").filter(has=page.locator(".geo-after"))


def press(studio: Locator, number: int, times: int) -> None:
    for _ in range(times):
        studio.get_by_role("slider").nth(number).press("ArrowRight")


def test_keys_turn_shift_and_mirror_picture_and_point(studio: Locator, page: Page, tmp_path: Path):
    after, inverse = studio.locator(".geo-after"), studio.locator(".geo-back td").first
    expect(after).to_have_text("200.0, 80.0")
    expect(inverse).to_have_text("1.000")

    studio.get_by_label("flip").check()
    expect(after).to_have_text("119.0, 80.0")
    studio.get_by_role("button", name="stays").click()
    expect(after).to_have_text("200.0, 80.0")
    studio.get_by_role("button", name="moves").click()
    studio.get_by_label("flip").uncheck()
    expect(after).to_have_text("200.0, 80.0")

    press(studio, 2, 10)  # shift x by 0.5: the point goes a quarter of the width to the left
    expect(after).to_have_text("120.0, 80.0")
    press(studio, 0, 6)
    expect(inverse).to_have_text("0.866")  # the cosine of 30 degrees
    expect(after).not_to_have_text("120.0, 80.0")
    studio.screenshot(path=tmp_path / "studio.png")
    assert page.locator(ERRORS).count() == 0
