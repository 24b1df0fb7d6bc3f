"""JupyterLab in a browser: how a learner gets there, and how a lesson is run."""

import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import nbformat
from playwright.sync_api import Locator, Page, expect
from serving import Server, served

ERRORS = (
    '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"], '
    '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]'
)
MINUTES = 60_000  # milliseconds


@contextmanager
def newcomers_lab(folder: Path) -> Iterator[Server]:
    """`study` as somebody gets it who never ran it before; everything lies in folder."""
    newcomer = os.environ | {"JUPYTER_CONFIG_DIR": str(folder / "config")}
    command = [sys.executable, "-m", "lessonlib", "study", "--folder", str(folder / "my course")]
    with served(command, folder / "study.log", env=newcomer) as server:
        yield server


@contextmanager
def lab_with(folder: Path, lesson: str, cells: Sequence[str]) -> Iterator[Server]:
    """The same with a notebook of these cells in it."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    (folder / "my course").mkdir()
    nbformat.write(notebook, folder / "my course" / lesson)
    with newcomers_lab(folder) as server:
        yield server


def begin_lesson(page: Page, server: Server, lesson: str) -> Locator:
    """Open a lesson and start all its cells from the menu Run. Returns the kernel's "Idle"."""
    page.goto(server.address(f"lab/tree/{lesson}"))
    expect(page.locator(".jp-Notebook").first).to_be_visible(timeout=2 * MINUTES)
    kernel = page.locator("#jp-bottom-panel, #jp-main-statusbar").get_by_text("| Idle").first
    expect(kernel).to_be_visible(timeout=2 * MINUTES)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    return kernel


def run_lesson(page: Page, server: Server, lesson: str) -> None:
    """The same, and wait until the kernel has worked through every cell."""
    kernel = begin_lesson(page, server, lesson)
    prompts = page.locator(".jp-CodeCell .jp-InputPrompt")
    expect(prompts.filter(has_text=re.compile(r"\[1\]"))).to_have_count(1, timeout=2 * MINUTES)
    expect(prompts.filter(has_text="[*]")).to_have_count(0, timeout=5 * MINUTES)
    expect(kernel).to_be_visible(timeout=MINUTES)
