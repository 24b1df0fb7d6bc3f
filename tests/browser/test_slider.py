"""Drive the course as a learner does: study opens JupyterLab, a lesson runs, a slider moves."""

import math
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from serving import Server, served

LESSON = "04_binary_cross_entropy.ipynb"
ERRORS = (
    '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"], '
    '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]'
)
MINUTES = 60_000  # milliseconds


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Server]:
    """JupyterLab as somebody gets it who never ran it before."""
    newcomer = os.environ | {"JUPYTER_CONFIG_DIR": str(tmp_path / "config")}
    command = [sys.executable, "-m", "lessonlib", "study", "--folder", str(tmp_path / "my course")]
    with served(command, tmp_path / "study.log", env=newcomer) as server:
        yield server


def run_all_cells(page: Page) -> None:
    """Menu Run, then wait until the kernel has worked through every cell."""
    kernel = page.locator("#jp-bottom-panel, #jp-main-statusbar").get_by_text("| Idle")
    expect(kernel.first).to_be_visible(timeout=2 * MINUTES)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    prompts = page.locator(".jp-CodeCell .jp-InputPrompt")
    expect(prompts.filter(has_text=re.compile(r"\[1\]"))).to_have_count(1, timeout=2 * MINUTES)
    expect(prompts.filter(has_text="[*]")).to_have_count(0, timeout=5 * MINUTES)
    expect(kernel.first).to_be_visible(timeout=MINUTES)


def bce_of(logit: float, target: int) -> list[str]:
    """Probability, loss and gradient, worked out with nothing but the standard library."""
    probability = 1 / (1 + math.exp(-logit))
    loss = -math.log(probability if target else 1 - probability)
    return [f"{number:.3f}" for number in (probability, loss, probability - target)]


def test_the_bce_slider_moves_with_the_arrow_keys(study: Server, page: Page, tmp_path: Path):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(study.address(f"lab/tree/{LESSON}"))
    expect(page.locator(".jp-Notebook").first).to_be_visible(timeout=2 * MINUTES)
    run_all_cells(page)
    assert page.locator(".jp-Dialog").count() == 0, "JupyterLab asks for a kernel"
    assert page.locator(".Toastify__toast").count() == 0, "JupyterLab asks about news"

    explorer = page.locator(".widget-vbox").filter(has_text="probability").first
    explorer.scroll_into_view_if_needed()
    numbers = explorer.locator("td")
    expect(explorer.locator(".widget-readout")).to_have_text(re.compile(r"\d"))
    before = float(explorer.locator(".widget-readout").text_content())
    expect(numbers).to_have_text(bce_of(before, target=1))
    for _ in range(3):
        explorer.get_by_role("slider").press("ArrowRight")
    expect(explorer.locator(".widget-readout")).to_have_text(f"{before + 1.5:.2f}")
    expect(numbers).to_have_text(bce_of(before + 1.5, target=1))
    page.screenshot(path=tmp_path / "page.png")
    explorer.screenshot(path=tmp_path / "slider.png")

    assert page.locator(ERRORS).count() == 0
    ours = (f"http://127.0.0.1:{study.port}/", "data:", "blob:")
    outside = [url for url in asked if not url.startswith(ours)]
    assert not outside, f"JupyterLab wanted {outside}"
