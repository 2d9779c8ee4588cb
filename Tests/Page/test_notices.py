"""The bell: what the person was told, how much of it is new, and how rarely that is asked."""

import re

import pytest
from playwright.sync_api import expect

from test_access import GO, look


class Told:
    """Answers for `/notices` in the place of the gateway, as its contract has it."""

    def __init__(self, page, run, count=3, pages=1):
        self.asked, self.marked, self.mode = 0, [], "pass"
        kinds = (("gate_waiting", "Waiting for you: <i>A review</i>", "none"),
                 ("run_completed", "Completed: Keeping incident notes", "sent"),
                 ("run_failed", "Failed: Tender response", "failed"))
        self.items = [
            {"id": f"ntc_{at}", "kind": kinds[at % 3][0], "run_id": run, "title": kinds[at % 3][1],
             "text": "What it says, and a little more of it so that the line is full. " * (at % 3),
             "at": "2026-11-22T05:00:00Z", "read_at": None, "email": kinds[at % 3][2]}
            for at in range(count)]
        self.pages = pages
        page.route(re.compile(r"/api/v1/notices(/|\?|$)"), self.answer)

    @property
    def unread(self):
        return sum(one["read_at"] is None for one in self.items)

    def answer(self, route):
        path = route.request.url.split("/api/v1/notices")[1]
        self.asked += path == "/unread"
        if self.mode == "offline" or (self.mode == "fail" and path != "/unread"):
            route.abort() if self.mode == "offline" else route.fulfill(
                status=503, content_type="application/problem+json", json={
                    "title": "Unavailable", "status": 503, "code": "unavailable",
                    "detail": "the notices are away"})
        elif self.mode == "absent":
            route.fulfill(status=404, content_type="application/problem+json", json={
                "title": "Not found", "status": 404, "code": "not-found", "detail": "no such path"})
        elif path == "/unread":
            route.fulfill(json={"count": self.unread})
        elif path == "/read":
            self.marked.append(route.request.post_data_json)
            for one in self.items:
                one["read_at"] = "2026-11-22T05:10:00Z"
            route.fulfill(json={"count": 0})
        else:
            size = -(-len(self.items) // self.pages)
            start = int((re.search(r"cursor=(\d+)", path) or [0, 0])[1])
            more = start + size < len(self.items)
            route.fulfill(json={"items": self.items[start:start + size],
                                "next_cursor": str(start + size) if more else None})


@pytest.fixture(scope="module")
def reader(stack):
    return stack.person("Reader")


def test_notices_are_counted_opened_and_marked(stack, window, reader):
    email, token = reader
    run = stack.session(token, "A draft.", title="A review", start=False)
    one = window()
    page = one.page
    told = Told(page, run, count=5, pages=2)
    one.sign_in(email)
    bell = page.get_by_role("button", name="Notices, 5 unread")
    expect(bell).to_have_attribute("aria-expanded", "false")
    # By the keyboard: the panel takes the focus, and gives it back.
    bell.focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("dialog", name="Notices")
    expect(panel.get_by_role("button", name="Close")).to_be_focused()
    expect(panel.get_by_role("link", name="Unread")).to_have_count(3)
    # What a run is called is text.
    expect(panel).to_contain_text("Waiting for you: <i>A review</i>")
    expect(panel).to_contain_text("email not sent")
    findings = look(page, "notices-light")
    page.keyboard.press("Escape")
    expect(bell).to_be_focused()
    page.keyboard.press("g")
    page.keyboard.press("n")
    panel.get_by_role("button", name="Older notices").click()
    expect(panel.get_by_role("link", name="Unread")).to_have_count(5)
    # All that were shown, and none that came since.
    told.items.insert(0, dict(told.items[0], id="ntc_new"))
    panel.get_by_role("button", name="Mark all read").click()
    expect(panel.get_by_role("link", name="Unread")).to_have_count(0)
    expect(page.locator("#announce")).to_contain_text("All notices are marked as read.")
    assert told.marked == [{"up_to": "ntc_0"}]
    panel.get_by_role("link", name="Waiting for you").first.click()
    page.wait_for_url(f"**/runs/{run}")
    expect(panel).to_have_count(0)
    expect(page.locator("#main")).to_be_focused()
    expect(page.get_by_role("button", name="Notices", exact=True)).to_be_visible()
    assert findings == [], "\n".join(findings)


def test_the_count_is_asked_rarely_and_news_are_announced(window, reader):
    email, _ = reader
    one = window()
    page = one.page
    told = Told(page, "run_some", count=1)
    page.clock.install()
    one.sign_in(email, "/settings/appearance")
    expect(page.get_by_role("button", name="Notices, 1 unread")).to_be_visible()

    def asks(act):
        page.wait_for_timeout(30)
        before = told.asked
        act()
        page.wait_for_timeout(120)
        return told.asked - before

    assert asks(lambda: page.evaluate(GO, "/settings/credits")) == 1
    assert asks(lambda: page.evaluate("dispatchEvent(new Event('focus'))")) == 1
    assert asks(lambda: page.clock.fast_forward(50_000)) == 0
    told.items.append(dict(told.items[0], id="ntc_9"))
    assert asks(lambda: page.clock.fast_forward(20_000)) == 1
    expect(page.get_by_role("button", name="Notices, 2 unread")).to_be_visible()
    expect(page.locator("#announce")).to_contain_text("1 new notice.")
    # Nobody looks: nobody asks.
    page.evaluate("Object.defineProperty(document, 'visibilityState', { value: 'hidden' })")
    assert asks(lambda: page.clock.fast_forward(300_000)) == 0


def test_where_nothing_is_told_there_is_no_bell(window, reader):
    email, _ = reader
    one = window()
    page = one.page
    told = Told(page, "run_some")
    told.mode = "absent"
    one.sign_in(email, "/settings/appearance")
    expect(page.get_by_role("heading", name="Appearance")).to_be_visible()
    page.evaluate(GO, "/settings/notifications")
    expect(page.get_by_role("switch").first).to_be_visible()
    expect(page.locator(".bell")).to_have_count(0)
    expect(page.locator(".toast, [role=alert]")).to_have_count(0)
    page.evaluate(GO, "/runs")
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    assert told.asked == 1


def test_a_panel_without_notices_says_why(window, reader):
    email, _ = reader
    one = window(color_scheme="dark")
    page = one.page
    told = Told(page, "run_some", count=0)
    one.sign_in(email, "/settings/appearance")
    bell = page.locator(".bell")
    bell.click()
    panel = page.get_by_role("dialog", name="Notices")
    expect(panel.get_by_text("Nothing to tell yet")).to_be_visible()
    expect(panel.get_by_role("button", name="Mark all read")).to_have_attribute("aria-disabled", "true")
    findings = look(page, "notices-empty-dark")
    page.keyboard.press("Escape")
    told.items = [
        {"id": "ntc_1", "kind": "credits_low", "run_id": None, "title": "Credits are low",
         "text": "9 credits are left, of 100 a month.", "at": "2026-11-22T05:00:00Z", "read_at": None,
         "email": "limited"}]
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(bell).to_have_attribute("aria-label", "Notices, 1 unread")
    bell.click()
    expect(panel.get_by_role("link", name="Credits are low")).to_have_attribute(
        "href", "/settings/credits")
    findings += look(page, "notices-low-dark")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 390, "height": 860})
    findings += look(page, "notices-narrow")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.emulate_media(color_scheme="dark")
    # What was not marked is as unread as before.
    told.mode = "fail"
    panel.get_by_role("button", name="Mark all read").click()
    expect(page.get_by_role("alert").filter(has_text="still unread")).to_contain_text("are away")
    expect(bell).to_have_attribute("aria-label", "Notices, 1 unread")
    expect(panel.get_by_role("link", name="Unread")).to_have_count(1)
    page.keyboard.press("Escape")
    bell.click()
    expect(panel.get_by_role("alert")).to_contain_text("The notices are away")
    told.mode = "offline"
    panel.get_by_role("button", name="Try again").click()
    expect(panel.get_by_role("alert")).to_contain_text("The server does not answer")
    findings += look(page, "notices-away-dark")
    told.mode = "pass"
    panel.get_by_role("button", name="Try again").click()
    expect(panel.get_by_role("alert")).to_have_count(0)
    assert findings == [], "\n".join(findings)


def test_a_run_that_ends_is_told(stack, window, reader, draft):
    email, token = reader
    run = stack.session(token, draft, rounds=1, title="Told at the end")
    stack.wait(run, token)
    one = window()
    page = one.page
    one.sign_in(email, "/settings/appearance")
    # Whoever is told may be told a moment later.
    expect(page.locator(".bell")).to_be_visible()
    page.wait_for_function("""() => {
      dispatchEvent(new Event("focus"));
      return document.querySelector(".bell .badge");
    }""", polling=500)
    page.locator(".bell").click()
    panel = page.get_by_role("dialog", name="Notices")
    panel.get_by_role("button", name="Mark all read").click()
    expect(page.get_by_role("button", name="Notices", exact=True)).to_be_attached()
    expect(panel.get_by_role("button", name="Mark all read")).to_have_attribute("aria-disabled", "true")
    assert stack.get("/notices/unread", token)["count"] == 0
    panel.get_by_role("link", name="Told at the end").click()
    page.wait_for_url(f"**/runs/{run}")
