"""From `make study` on a computer that is set up to the first slider of lesson 00 that moves.

    python benchmarks/first_slider.py

Runs both commands of `make study`, with a folder for the lessons and a home of its own, opens the
page in Chromium, runs all cells as somebody who hurries, and presses the right arrow on the slider.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

REPO = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPO / "tests" / "browser"), str(REPO / "tests")]
LIMIT = 20  # seconds


def main():
    from lab import MINUTES, begin_lesson
    from serving import served

    from conftest import OPTIONS, find_browser
    from lessonlib.engine.catalog import pascal

    pascal()  # set up means: the pictures are there
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        path = find_browser(playwright.chromium.executable_path)
        browser = playwright.chromium.launch(executable_path=path, args=list(OPTIONS))
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        os.environ |= {"LESSONLIB_HOME": scratch, "JUPYTER_CONFIG_DIR": f"{scratch}/config"}
        command = [sys.executable, "-m", "lessonlib", "study", "--folder", f"{scratch}/lessons"]
        begin = time.perf_counter()
        subprocess.run([sys.executable, REPO / "install.py"], check=True)
        with served(command, Path(scratch, "log")) as server:
            address = time.perf_counter() - begin
            begin_lesson(page, server, "00_start_here.ipynb")
            readout = page.locator(".widget-readout").first
            expect(readout).to_have_text(re.compile(r"\d"), timeout=MINUTES)
            before = readout.text_content()
            page.get_by_role("slider").first.press("ArrowRight")
            expect(readout).not_to_have_text(before, timeout=MINUTES)
            moved = time.perf_counter() - begin
        browser.close()
    print(f"{address:.1f} s until JupyterLab answers")
    print(f"{moved:.1f} s until the first slider has moved (aim: {LIMIT} s)")


if __name__ == "__main__":
    main()
