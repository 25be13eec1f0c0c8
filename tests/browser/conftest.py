"""A real browser over the page: the system's Chromium, with no network. Without one, these tests are skipped."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from enforcer.model.report.run import Report
from enforcer.reports import render

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM)
        yield chromium
        chromium.close()


class Opened:
    """A report in the browser, with all that the page asked for and complained of."""

    def __init__(self, context: BrowserContext, path: Path) -> None:
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        self.url = path.as_uri()
        self.page.goto(self.url)

    def names(self) -> list[str]:
        return self.page.locator("#changes button.open").all_inner_texts()

    def shown(self) -> str:
        return self.page.locator("#shown").inner_text()

    def text(self, selector: str) -> str:
        return " ".join(self.page.locator(selector).inner_text().split())


@pytest.fixture
def opened(browser, tmp_path):
    """Return a function that opens a report; keywords are those of a browser context."""
    contexts = []

    def open_it(report: Report, **settings) -> Opened:
        path = tmp_path / "report.html"
        path.write_text(render(report, "html"), encoding="utf-8")
        context = browser.new_context(**({"offline": True, "reduced_motion": "reduce"} | settings))
        context.set_default_timeout(20_000)
        contexts.append(context)
        return Opened(context, path)

    yield open_it
    for context in contexts:
        context.close()
