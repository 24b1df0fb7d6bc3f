"""A browser without a window. Without one these tests are not run; where CI is set, they fail."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab import forget_all, newcomers_lab
from playwright.sync_api import Browser, Page, sync_playwright
from serving import Server

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
)
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_browser(playwrights_own: str) -> str | None:
    """The path of an installed Chromium or Chrome."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or next((p for p in (*PLACES, playwrights_own) if Path(p).is_file()), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = find_browser(playwright.chromium.executable_path)
        if path is None:
            missing = "Chromium is not installed"
            pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
        browser = playwright.chromium.launch(executable_path=path, args=list(OPTIONS))
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    yield page
    page.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with newcomers_lab(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture
def study(lab: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """JupyterLab as `study` opens it for a newcomer, whose progress the test reads too."""
    monkeypatch.setenv("LESSONLIB_HOME", str(lab.log.parent / "home"))
    yield lab
    forget_all(lab)
