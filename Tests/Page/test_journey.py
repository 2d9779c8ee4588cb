"""What a person does from the first visit to the downloaded document."""

import io
import re

import docx
from playwright.sync_api import expect

from stack import PASSWORD, kept, until
from test_access import look


def test_from_signing_up_to_a_word_file(stack, window, draft):
    one = window()
    page = one.page
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("You at the gates")
    page.get_by_role("link", name="Sign up").click()
    page.fill("#name", "Maren Okafor")
    page.fill("#email", "maren@studio.example")
    page.fill("#password", "short")
    page.press("#password", "Enter")
    expect(page.locator("#password-error")).to_contain_text("at least 10 characters")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Maren")
    expect(page.get_by_text("No documents yet")).to_be_visible()
    expect(page.get_by_text("built-in offline provider is used")).to_be_visible()

    page.get_by_role("link", name="New Write session").click()
    page.get_by_role("radio", name="Technical docs").click()
    page.fill("#title", "Keeping notes")
    page.fill("#draft", draft)
    page.fill("#rounds", "2")
    page.fill("#threshold", "10")
    expect(page.get_by_text("0.2 to 0.4 credits")).to_be_visible()
    page.set_input_files("input[type=file]", {
        "name": "facts.md", "mimeType": "text/markdown", "buffer": b"# Facts\n\nTwo facts."})
    expect(page.get_by_text("facts.md")).to_be_visible()
    # A reload keeps what was begun, to the last moment.
    page.reload()
    expect(page.locator("#title")).to_have_value("Keeping notes")
    expect(page.locator("#draft")).to_have_value(draft)
    page.get_by_role("button", name="Start").click()

    page.wait_for_url(re.compile("/runs/run_"))
    expect(page.locator("[data-line=live]")).to_be_visible()
    expect(page.locator(".writing")).to_contain_text("writing")
    expect(page.locator(".passage.now")).to_be_attached()
    page.reload()
    expect(page.locator("[data-run-state=completed]")).to_be_attached(timeout=40_000)
    expect(page.get_by_role("heading", name="Keeping notes", level=1)).to_be_visible()
    expect(page.locator(".tl-round").first).to_contain_text(re.compile(r"Round 1\s*\d\.\d"))
    page.get_by_role("button", name="Table").click()
    expect(page.get_by_role("group", name="Scores").locator("tbody tr")).to_have_count(2)
    expect(page.locator("#announce")).to_contain_text("completed")

    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download as Word").click()
    content = waiting.value.path().read_bytes()
    headings = [one.text for one in docx.Document(io.BytesIO(content)).paragraphs]
    assert "Why we keep notes at all" in headings
    page.goto("/")
    expect(page.get_by_role("link", name="Keeping notes")).to_be_visible()


def test_a_person_works_on_the_text(stack, window, draft):
    email, token = stack.person("Editor")
    run = stack.session(token, draft, rounds=1)
    stack.wait(run, token)
    one = window()
    page = one.page
    one.sign_in(email, f"/runs/{run}")
    page.get_by_role("button", name="Changes", exact=True).click()
    expect(page.locator("del").first).to_be_visible()
    expect(page.locator("ins").first).to_be_visible()
    page.get_by_role("button", name=re.compile("Suggestions")).click()
    card = page.locator(".suggestion").first
    removed = card.locator("del").first.inner_text()
    card.get_by_role("button", name="Reject").click()
    expect(page.locator(".suggestion").first.locator("del").first).not_to_have_text(removed)
    rejected = until(
        lambda: stack.get(f"/sessions/{run}/suggestions?state=rejected", token)["items"],
        "the word was taken")
    assert rejected[0]["effect"] == "undone"

    page.get_by_role("button", name="Edit", exact=True).click()
    field = page.get_by_label("Text of the document, Markdown")
    field.press("Control+Home")
    field.type("My own first line.\n\n")
    expect(page.get_by_text("not saved")).to_be_visible()
    kept(page, run, "My own first line")
    page.reload()
    page.get_by_role("button", name="Edit", exact=True).click()
    expect(field).to_have_value(re.compile("^My own first line"))
    page.keyboard.press("Escape")
    field.press("Control+Enter")
    expect(page.locator(".toast", has_text="Saved")).to_be_visible()
    text = stack.get(f"/sessions/{run}", token)["document"]
    assert text.startswith("My own first line.\n\n# Keeping incident notes")

    page.get_by_role("button", name=re.compile("^Continue")).click()
    page.fill("#more-rounds", "1")
    page.get_by_role("dialog").get_by_role("button", name="Continue").click()
    page.wait_for_url(lambda url: run not in url)
    expect(page.locator("[data-run-state=completed]")).to_be_attached(timeout=30_000)


def test_a_gate_waits_and_a_run_is_forked(stack, window):
    email, token = stack.person("Judge")
    one = window()
    page = one.page
    one.sign_in(email, "/templates/new")
    page.fill("#template-name", "With a gate")
    page.locator(".flow").get_by_role("button", name="Gate").click()
    page.fill("#gate-prompt", "Is this what you meant?")
    page.locator(".flow").get_by_role("button", name="Loop").click()
    page.fill("#loop-max", "1")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("It is sound")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile("/templates/(?!new)"))
    page.get_by_role("button", name="Run", exact=True).click()
    page.fill("#run-title", "Asked about")
    page.fill("#run-draft", "Due to the fact that it rained, we stayed.")
    page.get_by_role("button", name="Start").click()

    expect(page.get_by_role("heading", name="Is this what you meant?")).to_be_visible()
    page.goto("/")
    expect(page.get_by_text("One run waits for you")).to_be_visible()
    page.get_by_role("link", name="Review").click()
    page.get_by_role("button", name=re.compile("Send back")).click()
    expect(page.locator("#gate-note")).to_be_focused()
    page.fill("#gate-note", "Say where we stayed.")
    page.get_by_role("button", name=re.compile("Send back")).click()
    expect(page.locator("[data-gate=decided]")).to_be_attached()
    expect(page.locator("[data-run-state=waiting]")).to_be_attached()
    page.locator("h1").click()
    page.keyboard.press("a")
    expect(page.locator("[data-run-state=completed]")).to_be_attached()

    before = page.url
    page.keyboard.press("f")
    page.select_option("#fork-step", index=0)
    page.fill("#fork-title", "The other way")
    page.get_by_role("dialog").get_by_role("button", name="Fork").click()
    page.wait_for_url(lambda url: url != before)
    expect(page.get_by_role("heading", name="The other way", level=1)).to_be_visible()
    expect(page.locator("[data-run-state=waiting]")).to_be_attached()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.get_by_role("button", name="Cancel run").click()
    expect(page.locator("[data-run-state=cancelled]")).to_be_attached()


def test_a_reload_comes_back_to_the_same_place(stack, window, draft):
    email, token = stack.person("Reader")
    run = stack.session(token, draft * 2, rounds=1)
    stack.wait(run, token, seconds=90)
    one = window()
    page = one.page
    one.sign_in(email, f"/runs/{run}")
    pane = page.get_by_role("article", name="Text of the document")
    expect(pane.locator(".chunk")).not_to_have_count(0)
    place = pane.evaluate("(pane) => { pane.scrollTop = 2400; return pane.scrollTop; }")
    assert place > 1_000
    page.reload()
    until(lambda: abs(pane.evaluate("(pane) => pane.scrollTop") - place) < 200, "the same line")
    page.get_by_role("group", name="View").get_by_role("button", name="Changes").click()
    page.get_by_label("From", exact=True).select_option("1")
    page.reload()
    expect(page.get_by_label("From", exact=True)).to_have_value("1")
    page.get_by_role("group", name="View").get_by_role("button", name="Text").click()
    page.locator(".tl-step").nth(1).click()
    expect(page.get_by_role("button", name="Back to the document")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Back to the document")).to_be_visible()


def test_people_are_sent_to_sign_in_where_that_is_set_up(stack, window):
    one = window()
    page = one.page
    # Nothing is set up here.
    with page.expect_response("**/api/v1/auth/providers") as asked:
        page.goto("/sign-in")
    assert asked.value.json()["items"] == []
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Continue with"))).to_have_count(0)
    # The gateway says where; what we have no provider for is answered in its place.
    start = "/api/v1/auth/oidc/start?provider="
    page.route("**/api/v1/auth/providers", lambda route: route.fulfill(json={
        "items": [{"id": name, "name": title, "url": start + name}
                  for name, title in (("oidc", "Studio ID"), ("github", "GitHub"))],
        "next_cursor": None}))
    page.goto("/runs?state=failed")
    expect(page.get_by_role("link", name=re.compile("Continue with"))).to_have_count(2)
    expect(page.get_by_role("link", name="Continue with Studio ID")).to_have_attribute(
        "href", f"{start}oidc&return_to=%2Fruns%3Fstate%3Dfailed")
    assert look(page, "sign-in-elsewhere") == []
    page.get_by_role("link", name="Create an account").click()
    expect(page.get_by_role("link", name="Continue with GitHub")).to_be_visible()
    email, _ = stack.person("Comes back")

    signed = page.context.request.post(
        f"{stack.url}/api/v1/auth/session", data={"email": email, "password": PASSWORD},
        headers={"origin": stack.url})
    assert signed.ok
    page.route("**/api/v1/auth/oidc/start**", lambda route: route.fulfill(
        content_type="text/html",
        body='<meta http-equiv="refresh" content="0;url=/runs?state=failed">'))
    page.evaluate("localStorage.setItem('atelier.draft.new-session', 'of another person')")
    page.get_by_role("link", name="Continue with GitHub").click()
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    assert page.url.endswith("/runs?state=failed")
    # What another person began on this browser is not kept for who came this way.
    assert page.evaluate("localStorage.getItem('atelier.draft.new-session')") is None
    # And nobody is led to another host.
    page.context.clear_cookies()
    page.goto("/sign-in?next=//evil.example")
    expect(page.get_by_role("link", name="Continue with GitHub")).to_have_attribute(
        "href", f"{start}github&return_to=%2F")


def test_a_sign_in_elsewhere_that_failed_says_what_to_do(stack, window):
    one = window()
    page = one.page
    page.goto("/sign-in?error=taken&next=/runs")
    alert = page.get_by_role("alert").filter(has_text="has an account here already")
    expect(alert).to_be_visible()
    assert look(page, "sign-in-failed-elsewhere") == []
    email, _ = stack.person("Comes back here")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    # Who is signed in and wanted to link another way in comes back to where they were.
    page.goto("/sign-in?error=linked&next=/runs")
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    expect(page.get_by_text("That sign-in belongs to another account.")).to_be_visible()
    page.goto("/sign-in?error=constructor")
    expect(page.get_by_text("Signing in there failed.")).to_be_visible()
