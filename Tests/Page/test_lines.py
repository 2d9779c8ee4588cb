"""Connections that break and services that die while somebody watches."""

import json
import re

from playwright.sync_api import expect

from stack import until

# Notes what comes over the run's streams, and frame by frame what stands in the document of each writer's turn.
RECORD = """() => {
  window.seen = {};
  window.heard = [];
  const ask = window.fetch;
  window.fetch = async (...request) => {
    const response = await ask(...request);
    if (!(response.headers.get("content-type") ?? "").startsWith("text/event-stream")) return response;
    const [own, theirs] = response.body.tee();
    const place = window.heard.push("") - 1;
    const decoder = new TextDecoder();
    const reader = own.getReader();
    const listen = () => reader.read().then(({ done, value }) => {
      if (done) return;
      window.heard[place] += decoder.decode(value, { stream: true });
      return listen();
    }).catch(() => undefined);
    void listen();
    return new Response(theirs, { status: response.status, headers: response.headers });
  };
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


def heard(streams):
    """The text of each step as it came over all connections: pieces agree where they meet, none is missing."""
    texts = {}
    for stream in streams:
        # What a cut left in the middle of a frame is no event.
        for frame in stream.split("\n\n")[:-1]:
            fields = dict(line.split(": ", 1) for line in frame.splitlines() if ": " in line)
            if fields.get("event") != "token":
                continue
            piece = json.loads(fields["data"])
            attempt, so_far = texts.get(piece["step"], (0, b""))
            if piece["attempt"] > attempt:
                attempt, so_far = piece["attempt"], b""
            offset, text = piece["offset"], piece["text"].encode()
            assert offset <= len(so_far), "a piece is missing"
            known = so_far[offset:offset + len(text)]
            assert text.startswith(known), "the same place came with another text"
            texts[piece["step"]] = attempt, so_far + text[len(known):]
    return {step: text.decode() for step, (_, text) in texts.items()}


def check_record(page, session, may_end_early=False):
    """What came over the line, letter by letter, is what the writers said, and nothing else stood on the page.

    The last pieces may come in one frame with the end of a turn, which is then shown from its record. So is
    a turn that ends while the orchestrator is away; only then may the line itself have brought less.
    """
    seen = page.evaluate("window.seen")
    came = heard(page.evaluate("window.heard"))
    said = [turn["text"] for one in session["rounds"] for turn in one["turns"]
            if turn["role"] == "writer"]
    assert len(seen) == len(said)
    for (step, streamed), text in zip(seen.items(), said):
        if may_end_early:
            assert letters(text).startswith(letters(came[step]))
        else:
            assert letters(came[step]) == letters(text)
        assert letters(streamed)
        assert letters(text).startswith(letters(streamed))
    shown = page.eval_on_selector_all(".passage", "all => all.map((one) => one.textContent)")
    assert letters("".join(shown)) == letters(session["document"])


def test_a_line_that_is_cut_loses_and_doubles_nothing(stack, window, line, plain):
    email, token = stack.person("Watcher")
    run = stack.session(token, plain * 3, rounds=2, start=False)
    one, other = window(line.url), window()
    one.page.add_init_script(f"({RECORD})()")
    for each in (one, other):
        each.sign_in(email, f"/runs/{run}")
    page = one.page
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
    one.page.add_init_script(f"({RECORD})()")
    one.sign_in(email, f"/runs/{run}")
    page = one.page
    page.get_by_role("button", name="Start").click()
    for service, round_number in (("gateway", 1), ("orchestrator", 2)):
        expect(page.locator(".tl-round", has_text=f"Round {round_number}")).to_be_attached(
            timeout=30_000)
        expect(page.locator(".passage.now")).to_be_attached()
        page.wait_for_timeout(300)
        stack.kill(service)
    expect(page.locator("[data-run-state=completed]")).to_be_attached(timeout=60_000)
    expect(page.locator("[data-line=ended]")).to_be_visible()
    check_record(page, stack.get(f"/sessions/{run}", token), may_end_early=True)
    assert stack.get(f"/sessions/{run}", token)["rounds_completed"] == 2


def test_a_turn_whose_end_never_came_is_shown_whole(stack, window, plain):
    """The orchestrator dies at a turn's end: the rest of its text comes over no line any more."""
    email, token = stack.person("Healer")
    draft = plain * 2
    run = stack.session(token, draft, rounds=2, start=False)
    one = window()
    one.page.add_init_script(f"({RECORD})()")
    one.sign_in(email, f"/runs/{run}")
    page = one.page
    page.get_by_role("button", name="Start").click()
    for number in (1, 2):
        expect(page.locator(".tl-round", has_text=f"Round {number}")).to_be_attached(timeout=30_000)
        # What is written is about as long as what was there: near its end, the power is cut.
        page.wait_for_function(
            "([number, most]) => Object.values(window.seen)[number - 1]?.length > most",
            arg=[number, len(draft) * 0.9], timeout=30_000)
        stack.kill("orchestrator")
        # The reader's turn has begun: by now the writer's text is the session's, to the last word.
        step = page.locator(f"section[aria-label='Round {number}'] .tl-step").nth(1)
        expect(step).to_be_attached(timeout=30_000)
        whole = until(lambda: next(
            (turn["text"] for one in stack.get(f"/sessions/{run}", token)["rounds"]
             for turn in one["turns"] if one["number"] == number and turn["role"] == "writer"),
            None), "the writer's answer is kept")
        shown = ("[...document.querySelectorAll('.passage')].map((one) => one.textContent).join(' ')")
        page.locator(f"section[aria-label='Round {number}'] .tl-step").first.click()
        until(lambda: letters(page.evaluate(shown)) == letters(whole), "the whole turn is shown")
        page.get_by_role("button", name="Back to the document").click()
        document = stack.get(f"/sessions/{run}", token)["document"]
        until(lambda: letters(page.evaluate(shown)) == letters(document) or number == 2,
              "the document is the session's")
    expect(page.locator("[data-run-state=completed]")).to_be_attached(timeout=60_000)
    document = stack.get(f"/sessions/{run}", token)["document"]
    until(lambda: letters(page.evaluate(shown)) == letters(document), "the end is the session's")
    expect(page.locator(".passage.ahead, .passage.now")).to_have_count(0)


def test_a_service_that_is_away_is_asked_again(stack, window):
    email, _ = stack.person("Patient")
    one = window()
    page = one.page
    failing = [True]

    def refuse(route):
        if failing[0]:
            route.fulfill(status=503, content_type="application/problem+json", json={
                "title": "Unavailable", "status": 503, "code": "unavailable",
                "detail": "the orchestrator is away"})
        else:
            route.continue_()

    page.route("**/api/v1/templates", refuse)
    one.sign_in(email, "/templates")
    expect(page.get_by_text("The orchestrator is away. Try again in a moment")).to_be_visible()
    failing[0] = False
    # Nobody presses anything.
    expect(page.locator(".template-card").first).to_be_visible()
