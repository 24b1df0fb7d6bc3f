"""The bear app on any page: light, dark, of another template, and in JupyterLab."""

import re
from pathlib import Path

import pytest
from app_serving import app_with, kernels
from lab import add_lesson, run_lesson
from PIL import Image
from playwright.sync_api import Page, expect
from serving import Server

from lessonlib.explorers.bear_page import GONE

CELLS = [
    "from lessonlib.explorers.bear_page import page_script\npage_script()",
    """
from types import SimpleNamespace
import torch
from lessonlib.explorers.bear_app import BearApp
from lessonlib.explorers.bear_samples import sample_pictures
from lessonlib.engine.catalog import bears

class Learner:
    vocab = ("black", "grizzly", "teddy")

    def predict(self, image):
        return SimpleNamespace(probs=torch.tensor([0.9, 0.2, 0.6]))

BearApp(lambda page: Learner(), sample_pictures(bears().parent))""",
]
SAMPLES = ["black", "grizzly", "teddy", "black and grizzly", "black and teddy", "grizzly and teddy"]
# The colours of each text that can be seen in the app, and of the nearest ground behind it.
COLOURS = """() => [...document.querySelectorAll(".bear-app *")]
  .filter((one) => one.checkVisibility() && [...one.childNodes].some(
    (child) => child.nodeType === Node.TEXT_NODE && child.data.trim()))
  .filter((one) => one.tagName !== "STYLE")
  .map((one) => {
    let ground = one;
    while (/^rgba.* 0\\)$/.test(getComputedStyle(ground).backgroundColor))
      ground = ground.parentElement;
    return [one.textContent, getComputedStyle(one).color, getComputedStyle(ground).backgroundColor];
  })"""

# What would run if a label or a file's name got into the page as markup; two ways to do that.
INTRUDERS = """async () => {
  const script = document.createElement("script");
  script.textContent = "window.ran = 'a script'";
  const image = document.createElement("div");
  image.innerHTML = "<img src='data:,x' onerror='window.ran = `a handler`'>";
  document.body.append(script, image);
  await image.firstChild.decode().catch(() => {});
  return window.ran;
}"""


def luminance(colour: str, ground: float = 1.0) -> float:
    """WCAG's relative luminance, of a colour that lets some of the ground through."""
    *rgb, alpha = [*map(float, re.findall(r"[\d.]+", colour)), 1.0][:4]
    linear = [(c / 255 + 0.055) ** 2.4 / 1.055**2.4 if c > 10 else c / 255 / 12.92 for c in rgb]
    light = sum(part * c for part, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return alpha * light + (1 - alpha) * ground


def contrast(text: str, ground: str) -> float:
    behind = luminance(ground)
    low, high = sorted((luminance(text, behind), behind))
    return (high + 0.05) / (low + 0.05)


def choose(page: Page, path: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a picture").press("Enter")
    chooser.value.set_files(path)


def try_sample(page: Page, name: str) -> None:
    """With the keyboard: the samples come right after the button for a file."""
    page.get_by_role("button", name="Choose a picture").focus()
    for _ in range(SAMPLES.index(name) + 1):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name=name, exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_alt_text(f"drawing of {name}")).to_be_visible()


def too_large(folder: Path) -> Path:
    """A file that JupyterLab's server would hang up on."""
    path = folder / "large.png"
    path.write_bytes(bytes(12_000_000))
    return path


def says_only_what_is_ours(server: Server) -> None:
    """In the terminal no line that its reader can do nothing about; the address is there."""
    said = server.log.read_text(encoding="utf-8")
    assert "press Ctrl-C here" in said
    for words in ("eavesdropping", "websocket_ping", "Deprecat", "deprecat"):
        assert words not in said, said


@pytest.mark.parametrize("options", [[], ["--theme=dark"], ["--template=classic"]])
def test_every_text_can_be_read_on_every_ground(page: Page, tmp_path: Path, options: list[str]):
    Image.radial_gradient("L").save(tmp_path / "a.png")
    with app_with(tmp_path, CELLS, *options) as server:
        page.goto(server.address(""), wait_until="commit")
        choose(page, tmp_path / "a.png")
        expect(page.locator(".bear-said")).to_have_text(re.compile("black and teddy"))
        found = page.evaluate(COLOURS)
        page.screenshot(path=tmp_path / "answer.png")
        try_sample(page, "grizzly and teddy")
        page.screenshot(path=tmp_path / "sample.png")
        choose(page, tmp_path / "a.png")
        expect(page.get_by_alt_text("your picture a.png")).to_be_visible()
        choose(page, too_large(tmp_path))
        expect(page.get_by_role("alert")).to_contain_text("large.png has 12.0 MB")
        found += page.evaluate(COLOURS)
        page.screenshot(path=tmp_path / "refused.png")
        button = page.get_by_role("button", name="Choose a picture")
        if "--template=classic" not in options:  # which runs no script of an output
            expect(button).to_have_text("Choose a picture")
        assert button.evaluate("one => one.scrollWidth <= one.clientWidth"), "it is cut off"
        assert not page.evaluate(INTRUDERS)
        if not options:  # Voilà's other templates leave the course's own script out
            says_that_its_kernel_is_gone(page, server)
            page.screenshot(path=tmp_path / "gone.png")
    says_only_what_is_ours(server)
    assert {"a.png", "0.50"} <= {text for text, *_ in found}
    for text, colour, ground in found:
        assert contrast(colour, ground) >= 4.5, f"{text}: {colour} on {ground}"


def says_that_its_kernel_is_gone(page: Page, server: Server) -> None:
    """Not before it is. As when the memory is full, nobody says good-bye for it."""
    gone = page.get_by_role("alert").filter(has_text=GONE)
    with page.expect_response("**/api/kernels/*") as looked:
        expect(gone).to_have_count(0)
    assert looked.value.ok
    expect(gone).to_have_count(0)
    (kernel,) = kernels(server)
    kernel.kill()
    expect(gone).to_be_visible(timeout=20_000)


def test_in_jupyterlab_a_large_file_gets_its_sentence_and_the_next_one_an_answer(
    study: Server, page: Page, tmp_path: Path
):
    Image.radial_gradient("L").save(tmp_path / "a.png")
    add_lesson(study, "app.ipynb", CELLS)
    run_lesson(page, study, "app.ipynb")
    choose(page, too_large(tmp_path))
    expect(page.get_by_role("alert")).to_contain_text("large.png has 12.0 MB", timeout=20_000)
    choose(page, tmp_path / "a.png")
    expect(page.locator(".bear-said")).to_have_text(re.compile("black and teddy"))
    says_only_what_is_ours(study)
