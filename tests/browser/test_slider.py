"""Drive the course as a learner does: study opens JupyterLab, a lesson runs, a slider moves."""

import math
import re
from pathlib import Path

from lab import ERRORS, run_lesson
from playwright.sync_api import Page, expect
from serving import Server

LESSON = "04_binary_cross_entropy.ipynb"


def bce_of(logit: float, target: int) -> list[str]:
    """Probability, loss and gradient, worked out with nothing but the standard library."""
    probability = 1 / (1 + math.exp(-logit))
    loss = -math.log(probability if target else 1 - probability)
    return [f"{number:.3f}" for number in (probability, loss, probability - target)]


def test_the_bce_slider_moves_with_the_arrow_keys(study: Server, page: Page, tmp_path: Path):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    run_lesson(page, study, LESSON)
    assert page.locator(".jp-Dialog").count() == 0, "JupyterLab asks for a kernel"
    assert page.locator(".Toastify__toast").count() == 0, "JupyterLab asks about news"

    explorer = page.locator(".widget-vbox").filter(has_text="probability").first
    explorer.scroll_into_view_if_needed()
    numbers = explorer.locator("td")
    expect(explorer.locator(".widget-readout")).to_have_text(re.compile(r"\d"))
    before = float(explorer.locator(".widget-readout").text_content())
    expect(numbers).to_have_text(bce_of(before, target=1))
    for _ in range(3):
        explorer.get_by_role("slider", name="logit").press("ArrowRight")
    expect(explorer.locator(".widget-readout")).to_have_text(f"{before + 1.5:.2f}")
    expect(numbers).to_have_text(bce_of(before + 1.5, target=1))
    page.screenshot(path=tmp_path / "page.png")
    explorer.screenshot(path=tmp_path / "slider.png")

    page.set_viewport_size({"width": 400, "height": 900})
    page.keyboard.press("Control+b")  # the list of files
    explorer.scroll_into_view_if_needed()
    expect(page.locator("#jp-left-stack")).to_be_hidden()
    assert explorer.locator(".noUi-target").bounding_box()["width"] > 120
    curve, room = explorer.locator("svg").bounding_box(), explorer.bounding_box()
    assert curve["x"] + curve["width"] <= room["x"] + room["width"] + 1
    explorer.screenshot(path=tmp_path / "narrow.png")

    assert page.locator(ERRORS).count() == 0
    ours = (f"http://127.0.0.1:{study.port}/", "data:", "blob:")
    outside = [url for url in asked if not url.startswith(ours)]
    assert not outside, f"JupyterLab wanted {outside}"
