"""What stands on a screen before, without and instead of its content."""

import re

import pytest
from playwright.sync_api import expect

from test_access import GO, look

# A screen, what it asks for, what it says while it waits, and the heading that remains.
SCREENS = [
    ("/", "runs", "Loading runs"), ("/runs", "runs", "Loading runs"),
    ("/gates", "runs", "Loading gates"), ("/templates", "templates", "Loading templates"),
    ("/templates/some", "templates/some", "Loading the template"),
    ("/write/new", "presets", "Loading presets"), ("/runs/run_some", "runs/run_some", "Loading the run"),
    ("/settings/provider-keys", "provider-keys", "Loading keys"),
    ("/settings/api-keys", "api-keys", "Loading keys"),
    ("/settings/notifications", "notifications", "Loading notifications"),
    ("/settings/people", "workspaces", "Loading workspaces"),
    ("/settings/people/wsp_some", "workspaces/wsp_some", "Loading the workspace"),
    ("/settings/credits", "billing/status", "Loading credits"),
]


@pytest.mark.parametrize("path,asked,loading", SCREENS)
def test_a_screen_says_that_it_waits_and_why_it_has_nothing(stack, window, path, asked, loading):
    email, _ = stack.person("Waiter")
    one = window()
    page = one.page
    held, now = [], ["hold"]

    def fail(route):
        route.fulfill(status=500, content_type="application/problem+json", json={
            "title": "Internal", "status": 500, "code": "internal", "request_id": "req_7h2",
            "detail": "something of ours broke"})

    def answer(route):
        if now[0] == "hold":
            held.append(route)
        elif now[0] == "fail":
            fail(route)
        else:
            route.continue_()

    page.route(re.compile(rf"/api/v1/{asked}(\?.*)?$"), answer)
    one.sign_in(email, "/settings/appearance")
    page.evaluate(GO, path)
    expect(page.get_by_role("group", name=loading).first).to_be_visible()
    findings = look(page, f"loading-{asked.replace('/', '-')}")
    now[0] = "fail"
    for route in held:
        fail(route)
    trouble = page.get_by_role("alert").filter(has_text="Something of ours broke.").first
    expect(trouble).to_contain_text("the log has it under req_7h2")
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    findings += look(page, f"trouble-{asked.replace('/', '-')}")
    assert findings == [], "\n".join(findings)
    # And another try brings it, or says that it is not there.
    now[0] = "pass"
    trouble.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Something of ours broke.")).to_have_count(0)


EMPTY = [
    ("/", "No documents yet"), ("/gates", "Nothing waits for you"), ("/runs", "No runs here"),
    ("/runs?state=failed", "No runs here"), ("/settings/api-keys", "No keys yet"),
    ("/settings/people", "No workspaces yet"),
    ("/settings/people/wsp_nobodys", "This is not here."),
    ("/runs/run_nobodys", "There is nothing at this address"),
    ("/templates/nobodys", "There is nothing at this address"),
    ("/settings/nothing", "There is nothing at this address"),
]


def test_an_empty_screen_says_what_to_do(stack, window):
    email, _ = stack.person("Newcomer")
    one = window()
    page = one.page
    one.sign_in(email)
    findings = []
    for at, (path, words) in enumerate(EMPTY):
        page.evaluate(GO, path)
        expect(page.get_by_text(words)).to_be_visible()
        # There is a way on, or a field to begin with.
        assert page.locator("main a, main button, main input").count() > 0
        findings += look(page, f"empty-{at}")
    page.evaluate(GO, "/templates")
    page.get_by_role("button", name="Yours").click()
    expect(page.get_by_text("None of your own yet")).to_be_visible()
    page.get_by_label("Filter by name").fill("zzz")
    expect(page.get_by_text("No template matches “zzz”")).to_be_visible()
    page.evaluate(GO, "/settings/credits")
    expect(page.get_by_text("Granted")).to_be_visible()
    assert findings == [], "\n".join(findings)


def test_a_server_that_is_gone_is_told_and_found_again(stack, window, line):
    email, _ = stack.person("Islander")
    one = window(line.url)
    page = one.page
    one.sign_in(email, "/runs")
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    line.cut()
    expect(page.get_by_text("The server does not answer.").first).to_be_visible()
    assert look(page, "away") == []
    line.mend()
    page.get_by_role("button", name="Try now").click()
    expect(page.get_by_text("The server does not answer.")).to_have_count(0)


def test_the_estimate_is_the_servers(stack, window, draft):
    email, token = stack.person("Reckoner")
    one = window()
    page = one.page
    asked, now = [], ["pass"]

    def answer(route):
        asked.append(route.request.post_data_json)
        if now[0] == "fail":
            route.fulfill(status=503, content_type="application/problem+json", json={
                "title": "Unavailable", "status": 503, "code": "unavailable",
                "detail": "the providers are away"})
        else:
            route.continue_()

    page.route("**/api/v1/runs/estimate", answer)
    one.sign_in(email, "/write/new")
    card = page.get_by_role("region", name="Estimate")
    expect(card.get_by_text("An estimate, from one round to all of them")).to_be_visible()
    page.get_by_role("radio", name="Technical docs").click()
    page.fill("#title", "Not a part of it")
    page.fill("#rounds", "3")
    # The server is asked what it would be started with, and what it says is shown.
    with page.expect_request(lambda one: one.url.endswith("/runs/estimate")
                             and one.post_data_json.get("draft") == draft) as waiting:
        page.fill("#draft", draft)
    from_page = waiting.value.post_data_json
    assert from_page["max_rounds"] == 3
    status, found = stack.call("POST", "/runs/estimate", from_page, token)
    assert status == 200 and found["is_estimate"]
    credits = f"{found['credits']['from']:g} to {found['credits']['to']:g} credits"
    expect(card.get_by_text(credits)).to_be_visible()
    turns = f"{found['turns']['from']} to {found['turns']['to']}"
    expect(card.locator("dd").first).to_have_text(turns)
    assert len(asked) < 10  # It waits for a pause.
    # What is refused, or does not come, is told; and another try brings it.
    page.fill("#rounds", "400")
    expect(card.get_by_text("No estimate yet.")).to_be_visible()
    now[0] = "fail"
    page.fill("#rounds", "2")
    expect(card.get_by_text("The providers are away.")).to_be_visible()
    assert look(page, "estimate-trouble") == []
    now[0] = "pass"
    card.get_by_role("button", name="Try again").click()
    expect(card.get_by_text("credits", exact=False).first).to_be_visible()
    expect(card.locator("dd").first).to_have_text(f"{found['turns']['from']} to "
                                                  f"{2 * found['turns']['from']}")
