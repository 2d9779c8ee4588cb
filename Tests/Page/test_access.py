"""Everybody's page: axe on every screen, the keyboard alone, a narrow screen."""

import os
import pathlib
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from stack import PASSWORD

SCREENS = os.environ.get("ATELIER_SCREENS")


def look(page, name):
    """Axe's findings that keep somebody out; a picture where pictures are wanted."""
    if SCREENS:
        pathlib.Path(SCREENS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SCREENS}/{name}.png")
    if not page.evaluate("!!window.axe"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    return [f"{name}: {one['id']}: {one['help']}: {node['html'][:160]}"
            for one in found if one["impact"] in ("serious", "critical")
            for node in one["nodes"]]


@pytest.fixture(scope="module")
def home(stack, draft):
    """Somebody with a run that has ended, and one that waits."""
    email, token = stack.person("Maren Okafor")
    done = stack.session(token, draft, rounds=3, title="Keeping incident notes")
    stack.call("POST", "/templates", {
        "format": "atelier.template", "version": 1, "studio": "write", "name": "Planning review",
        "summary": "One writer, one critic, and a gate at the end",
        "agents": [{"name": "Writer", "role": "writer"}, {"name": "Critic", "role": "critic"}],
        "criteria": [{"name": "clarity", "weight": 1}],
        "steps": [{"loop": {"max": 1, "steps": [{"turn": "Writer"}, {"turn": "Critic"}]}},
                  {"gate": {"name": "final", "prompt": "Is the review ready?"}}]}, token)
    items = stack.get("/templates", token)["items"]
    template = next(one["id"] for one in items if not one["built_in"])
    _, waiting = stack.call("POST", f"/templates/{template}/runs", {
        "title": "Salt-marsh restoration: a review", "draft": draft}, token)
    stack.call("POST", "/api-keys", {"name": "Nightly reports"}, token)
    stack.wait(done, token)
    stack.wait(waiting["id"], token, "waiting")
    return email, done, waiting["id"], template


GO = """(path) => {
  history.pushState(null, "", path);
  dispatchEvent(new PopStateEvent("popstate"));
}"""
SIGNED_OUT = [("landing", "/"), ("sign-in", "/sign-in"), ("sign-up", "/sign-up")]


@pytest.mark.parametrize("scheme,width", [("light", 1280), ("dark", 1280), ("light", 390)])
def test_no_screen_keeps_anybody_out(window, home, scheme, width):
    email, done, waiting, template = home
    one = window(color_scheme=scheme)
    page = one.page
    page.set_viewport_size({"width": width, "height": 860})
    name = "narrow" if width < 700 else scheme
    findings = []

    def visit(title, path, ready="h1", act=None):
        # Within the page, as a link of its own would go there.
        page.keyboard.press("Escape")
        page.evaluate(GO, path)
        expect(page.locator(ready).first).to_be_attached()
        if act:
            act()
        page.wait_for_timeout(120)
        findings.extend(look(page, f"{title}-{name}"))
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            findings.append(f"{title}-{name}: {wide} px too wide")

    def opened(button):
        button.click()
        expect(page.get_by_role("dialog").locator(":focus")).to_have_count(1)

    page.goto("/")
    for title, path in SIGNED_OUT:
        visit(title, path)
    one.sign_in(email)
    visit("home", "/", ".table")
    visit("new", "/write/new", "#title")
    visit("run", f"/runs/{done}", ".passage")
    for mode in ("Changes", "Suggestions", "Edit"):
        visit(f"run-{mode.lower()}", f"/runs/{done}", ".pane", lambda mode=mode: page.get_by_role(
            "group", name="View").get_by_role("button", name=re.compile(mode)).click())
    if width < 700:
        for pane in ("Timeline", "Agents"):
            visit(f"run-{pane.lower()}", f"/runs/{done}", ".pane", lambda pane=pane:
                  page.get_by_role("group", name="Pane").get_by_role("button", name=pane).click())
    for dialog, press in (("fork", "Fork"), ("continue", "Continue"), ("email", "Send by e-mail")):
        visit(f"dialog-{dialog}", f"/runs/{done}", ".pane", lambda press=press:
              opened(page.get_by_role("button", name=re.compile(f"^{press}"))))
    visit("gate", f"/runs/{waiting}", "#gate")
    visit("dialog-cancel", f"/runs/{waiting}", "#gate", lambda:
          opened(page.get_by_role("button", name="Cancel")))
    visit("runs", "/runs", ".table")
    visit("runs-empty", "/runs?state=failed", ".empty")
    visit("gates", "/gates", ".waiting")
    visit("templates", "/templates", ".template-card")
    visit("template", f"/templates/{template}", ".outline-step")
    for step in ("Loop", "Gate", "Critic"):
        visit(f"template-{step.lower()}", f"/templates/{template}", ".outline-step", lambda step=step:
              page.get_by_role("region", name="Steps").get_by_role("button", name=step).last.click())
    visit("dialog-run-template", "/templates", ".template-card", lambda:
          opened(page.get_by_role("button", name="Run Planning review")))
    for part in ("account", "provider-keys", "api-keys", "appearance", "credits"):
        visit(f"settings-{part}", f"/settings/{part}")
    visit("dialog-provider-key", "/settings/provider-keys", "[data-provider]", lambda:
          opened(page.get_by_role("button", name="Add the key for OpenAI")))
    visit("missing", "/nowhere/at/all")
    visit("palette", "/", ".table", lambda: page.keyboard.press("Control+k"))
    visit("shortcuts", "/", ".table", lambda: page.keyboard.press("?"))
    assert findings == [], "\n".join(findings)


def test_the_keyboard_is_enough(stack, window, draft):
    email, _ = stack.person("Keys")
    one = window()
    page = one.page
    keys = page.keyboard
    page.goto("/sign-in")
    expect(page.locator("#email")).to_be_visible()
    keys.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    keys.press("Enter")
    page.focus("#email")
    keys.type(email)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Keys")
    keys.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    keys.press("Escape")
    keys.press("n")
    keys.press("w")
    expect(page.locator("#title")).to_be_visible()
    page.focus("#title")
    keys.type("p pauses nothing in a field")
    expect(page.locator("#title")).to_have_value("p pauses nothing in a field")
    keys.press("Tab")
    expect(page.locator("#draft")).to_be_focused()
    keys.insert_text(draft * 3)
    keys.press("Control+Enter")
    expect(page.locator("[data-run-state=running]")).to_be_attached()
    expect(page.locator(".passage.now")).to_be_attached()
    keys.press("p")
    expect(page.locator("[data-run-state=paused]")).to_be_attached()
    keys.press("p")
    expect(page.locator("[data-run-state=running]")).to_be_attached()
    expect(page.locator(".tl-round", has_text="Round 2")).to_be_attached(timeout=30_000)
    keys.press("d")
    expect(page.get_by_label("From", exact=True)).to_be_visible()
    keys.press("[")
    expect(page.get_by_label("From", exact=True)).to_have_value("0")
    keys.press("d")
    keys.press("Control+k")
    keys.type("cancel")
    keys.press("Enter")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    keys.press("Tab")
    keys.press("Enter")
    expect(page.locator("[data-run-state=cancelled]")).to_be_attached()
    keys.press("g")
    keys.press("r")
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    expect(page.locator("#main")).to_be_focused()
    keys.press("j")
    expect(page.locator("[data-row]").first).to_be_focused()
    keys.press("Enter")
    expect(page.locator("[data-run-state=cancelled]")).to_be_attached()


def test_rounds_are_announced_and_words_are_not(stack, window, draft):
    email, token = stack.person("Listener")
    run = stack.session(token, draft, rounds=2, start=False)
    one = window()
    page = one.page
    one.sign_in(email, f"/runs/{run}")
    page.evaluate("""() => {
      window.said = [];
      const place = document.getElementById("announce");
      new MutationObserver(() => window.said.push(place.textContent)).observe(
        place, { childList: true, characterData: true, subtree: true });
    }""")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("[data-run-state=completed]")).to_be_attached(timeout=40_000)
    said = [text.strip() for text in page.evaluate("window.said")]
    for number in (1, 2):
        assert any(f"Round {number} has ended, score" in text for text in said)
    assert said[-1].endswith("The run is completed.")
    assert len(said) <= 4
