"""A real Chromium for tests of the page: it fails on any message of the console and on any request but for the page itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Playwright

import reports
from scanner.findings import Result

BINARY = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
MISSING = BINARY is None and not os.environ.get("CI")
WHY_SKIPPED = "no chromium or chrome is installed; in CI this is a failure"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def start(playwright: Playwright) -> Chromium:
    """Start the Chromium of this machine with a profile of its own."""
    assert BINARY, "install chromium: CI runs the browser tests"
    return playwright.chromium.launch(executable_path=BINARY, args=list(FLAGS))


class Browser:
    """Opens pages written to a folder."""

    def __init__(self, chromium: Chromium, folder: Path) -> None:
        self.chromium = chromium
        self.folder = folder

    def written(self, result: Result) -> Path:
        """Write the page of a result and return its path."""
        path = self.folder / "report.html"
        reports.write("html", result, path)
        return path

    @contextmanager
    def opened(self, result: Result | Path, fragment: str = "", **context: Any) -> Iterator[Page]:
        """Open the page of a result, or one that was written, in a window with the options of `new_context`."""
        path = result if isinstance(result, Path) else self.written(result)
        complaints: list[str] = []
        requests: list[str] = []
        with self.chromium.new_context(**context) as window:
            page = window.new_page()
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("request", lambda request: requests.append(request.url))
            page.goto(f"file://{path}{fragment}")
            page.wait_for_selector("html.ready", state="attached")
            yield page
            assert complaints == []
            assert [url.partition("#")[0] for url in requests] == [f"file://{path}"]

    def dom(self, result: Result, fragment: str = "") -> str:
        """Return the page as the script has drawn it."""
        with self.opened(result, fragment) as page:
            return page.content()
