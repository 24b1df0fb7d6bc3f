"""JupyterLab in a browser: how a learner gets there, and how a lesson is run."""

import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import nbformat
import requests
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
    newcomer = os.environ | {
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "LESSONLIB_HOME": str(folder / "home"),
    }
    command = [sys.executable, "-m", "lessonlib", "study", "--folder", str(folder / "my course")]
    with served(command, folder / "study.log", env=newcomer) as server:
        yield server


def forget_all(server: Server) -> None:
    """Make the next learner a newcomer too: no kernel, no open notebook, no progress."""
    for session in requests.get(server.address("api/sessions"), timeout=60).json():
        address = server.address(f"api/sessions/{session['id']}")
        requests.delete(address, timeout=60).raise_for_status()
    folder = server.log.parent
    for known in (folder / "home", folder / "config" / "lab" / "workspaces"):
        shutil.rmtree(known, ignore_errors=True)


def add_lesson(server: Server, lesson: str, cells: Sequence[str]) -> None:
    """Put a notebook of these cells beside the lessons."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, server.log.parent / "my course" / lesson)


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
