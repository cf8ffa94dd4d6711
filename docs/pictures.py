"""`make docs`: the pictures of the README, taken from the report of the sample organization in a real Chromium.

python docs/pictures.py REPORT.html
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

IMAGES = Path(__file__).parent / "images"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
WIDE, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
# file, window, theme, fragment, what to do before
SHOTS: tuple[tuple[str, dict[str, int], str, str, str], ...] = (
    ("report.png", WIDE, "light", "", ""),
    ("report-reach.png", WIDE, "dark", "#reach", "document.querySelector('#reach').scrollIntoView()"),
    ("report-finding.png", WIDE, "light", "", "location.hash = document.querySelector('#findings details').id"),
    ("report-phone.png", PHONE, "dark", "", ""),
)


def main(report: Path) -> int:
    binary = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
    if binary is None:
        print("docs/pictures.py: no chromium or chrome is installed; the pictures stay as they are", file=sys.stderr)
        return 0
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=FLAGS)
        for name, window, theme, fragment, first in SHOTS:
            with browser.new_context(viewport=window, color_scheme=theme) as context:
                take(context.new_page(), report, fragment, first, IMAGES / name)
                print(IMAGES / name)
        browser.close()
    return 0


def take(page: Any, report: Path, fragment: str, first: str, target: Path) -> None:
    page.goto(report.resolve().as_uri() + fragment)
    page.wait_for_selector("html.ready", state="attached")
    if first:
        page.evaluate(first)
    page.wait_for_timeout(400)
    page.screenshot(path=target)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
