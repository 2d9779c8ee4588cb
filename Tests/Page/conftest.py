"""The page in a real browser, against the real stack and its offline provider."""

import os
import pathlib
import shutil
import subprocess

import pytest
from playwright.sync_api import expect, sync_playwright

from stack import PASSWORD, ROOT, Line, Stack

expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def stack():
    page = pathlib.Path(os.environ.get("ATELIER_PAGE", ROOT / ".build/page"))
    if "ATELIER_PAGE" not in os.environ:
        subprocess.run([ROOT / "tools/page", page], check=True)
    stack = Stack(os.environ.get("ATELIER_PROGRAMS", ROOT / ".build/debug"), page)
    stack.start()
    yield stack
    stack.stop()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


class Window:
    """A window of a browser of its own, and what it complained of."""

    def __init__(self, browser, url, **more):
        self.context = browser.new_context(
            base_url=url, viewport={"width": 1280, "height": 860}, reduced_motion="reduce",
            **more)
        self.page = self.context.new_page()
        self.url = url
        self.faults = []
        self.requests = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.set_default_timeout(20_000)

    def _heard(self, message):
        # What the network did is told by the browser itself; our own mistakes are not.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(message.text)

    def sign_in(self, email, to="/"):
        self.page.goto(f"/sign-in?next={to}")
        self.page.fill("#email", email)
        self.page.fill("#password", PASSWORD)
        self.page.press("#password", "Enter")
        self.page.wait_for_selector("nav.side", state="attached")

    def close(self):
        self.context.close()


@pytest.fixture
def window(stack, browser):
    """Opens windows; at the end none of them may have failed, or asked anybody else."""
    opened = []

    def open_one(url=None, **more):
        opened.append(Window(browser, url or stack.url, **more))
        return opened[-1]

    yield open_one
    for one in opened:
        assert one.faults == []
        own = (f"{one.url}/", "blob:", "data:")
        assert [url for url in one.requests if not url.startswith(own)] == []
        one.close()


@pytest.fixture
def line(stack):
    line = Line(stack.port)
    yield line
    line.close()


@pytest.fixture(scope="session")
def draft():
    return pathlib.Path(ROOT / "examples/incident-notes.md").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def plain(draft):
    """Without marks that are written and not shown, so that text can be compared as it stands."""
    return "\n\n".join(
        part for part in draft.split("\n\n")
        if not any(mark in part for mark in ("](", "```", "1.", "|", "*", "`", "<", ">", "_")))
