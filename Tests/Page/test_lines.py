"""Connections that break and services that die while somebody watches."""

import re

from playwright.sync_api import expect

from stack import until

# Notes, frame by frame, what stands in the document of each writer's turn.
RECORD = """() => {
  window.seen = {};
  const look = () => {
    const doc = document.querySelector(".doc[data-writer]");
    if (doc) {
      const parts = [...doc.querySelectorAll(".passage:not(.ahead)")].map((one) => one.textContent);
      window.seen[doc.dataset.writer] = parts.join(" ");
    }
    requestAnimationFrame(look);
  };
  look();
}"""


def letters(text):
    return re.sub(r"[\W_]+", "", text)


def check_record(page, session):
    """What came over the line, letter by letter, is how the writers' answers begin: nothing is left out
    or doubled. The last pieces may come in one frame with the end of the turn, which is then shown whole.
    """
    seen = list(page.evaluate("window.seen").values())
    said = [turn["text"] for one in session["rounds"] for turn in one["turns"]
            if turn["role"] == "writer"]
    assert len(seen) == len(said)
    for streamed, text in zip(seen, said):
        assert letters(streamed)
        assert letters(text).startswith(letters(streamed))
    shown = page.eval_on_selector_all(".passage", "all => all.map((one) => one.textContent)")
    assert letters("".join(shown)) == letters(session["document"])


def test_a_line_that_is_cut_loses_and_doubles_nothing(stack, window, line, plain):
    email, token = stack.person("Watcher")
    run = stack.session(token, plain * 3, rounds=2, start=False)
    one, other = window(line.url), window()
    for each in (one, other):
        each.sign_in(email, f"/runs/{run}")
    page = one.page
    page.evaluate(RECORD)
    page.get_by_role("button", name="Start").click()
    for round_number in (1, 2):
        expect(page.locator(".tl-round", has_text=f"Round {round_number}")).to_be_attached()
        expect(page.locator(".passage.now")).to_be_attached()
        page.wait_for_timeout(400)
        line.cut()
        expect(page.locator("[data-line=away]")).to_be_visible()
        if round_number == 1:
            expect(page.get_by_text("Connection lost.")).to_be_visible()
            page.get_by_role("button", name="Try now").first.click()
        line.mend()
        expect(page.locator("[data-line=away]")).to_have_count(0)
    expect(page.locator("[data-run-state=completed]")).to_be_attached(timeout=40_000)
    expect(page.get_by_text("Connection lost.")).to_have_count(0)
    check_record(page, stack.get(f"/sessions/{run}", token))
    # The other window agrees, word for word.
    expect(other.page.locator("[data-run-state=completed]")).to_be_attached()
    shown = "[...document.querySelectorAll('.passage')].map((one) => one.textContent).join('\\n')"
    until(lambda: page.evaluate(shown) == other.page.evaluate(shown), "both windows agree")


def test_services_die_while_somebody_watches(stack, window, plain):
    email, token = stack.person("Survivor")
    run = stack.session(token, plain * 3, rounds=2, start=False)
    one = window()
    one.sign_in(email, f"/runs/{run}")
    page = one.page
    page.evaluate(RECORD)
    page.get_by_role("button", name="Start").click()
    for service, round_number in (("gateway", 1), ("orchestrator", 2)):
        expect(page.locator(".tl-round", has_text=f"Round {round_number}")).to_be_attached(
            timeout=30_000)
        expect(page.locator(".passage.now")).to_be_attached()
        page.wait_for_timeout(300)
        stack.kill(service)
    expect(page.locator("[data-run-state=completed]")).to_be_attached(timeout=60_000)
    expect(page.locator("[data-line=ended]")).to_be_visible()
    check_record(page, stack.get(f"/sessions/{run}", token))
    assert stack.get(f"/sessions/{run}", token)["rounds_completed"] == 2
