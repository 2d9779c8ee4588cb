"""Fifty thousand words stay light: keys and scrolling while text arrives, measured in the browser."""

import json
import os
import statistics

import pytest
from playwright.sync_api import expect

WORDS = 50_000
# Milliseconds that a key or a frame of scrolling may take, by the middle one: a busy machine makes
# single ones slower, and what we do for each key makes all of them slower.
MOST = 50

# From a key's event to the frame that shows it, and what the frames between took.
WATCH = """() => {
  window.keys = [];
  window.frames = [];
  window.busy = [];
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) window.busy.push(one.duration);
  }).observe({ type: "longtask" });
  addEventListener("keydown", (event) => {
    const began = event.timeStamp;
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => window.keys.push(performance.now() - began);
      port2.postMessage(null);
    });
  }, { capture: true });
  let last = performance.now();
  const look = (now) => {
    window.frames.push(now - last);
    last = now;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


@pytest.fixture(scope="module")
def long(plain):
    parts, count, turn = [], 0, 0
    blocks = [part for part in plain.split("\n\n") if part.strip()]
    while count < WORDS:
        part = blocks[turn % len(blocks)]
        parts.append(f"## Part {turn}" if part.startswith("#") else f"{part} ({turn})")
        count += len(parts[-1].split())
        turn += 1
    return "\n\n".join(parts)


def report(name, values):
    values = sorted(values)
    figures = {
        "name": name, "count": len(values), "median": round(statistics.median(values), 1),
        "p95": round(values[int(len(values) * 0.95)], 1), "most": round(values[-1], 1)}
    if place := os.environ.get("ATELIER_FIGURES"):
        with open(place, "a", encoding="utf-8") as file:
            file.write(json.dumps(figures) + "\n")
    return figures["median"]


def typed(page, name, count=60):
    page.evaluate("() => { window.keys.length = 0; window.busy.length = 0; }")
    for at in range(count):
        page.keyboard.press("abcdefgh "[at % 9])
        page.wait_for_timeout(20)
    page.wait_for_function("count => window.keys.length >= count", arg=count)
    median = report(name, page.evaluate("window.keys"))
    if busy := page.evaluate("window.busy"):
        report(f"{name}: long tasks", busy)
    assert median < MOST


def test_typing_and_scrolling_stay_light_while_text_arrives(stack, window, long):
    email, token = stack.person("Novelist")
    run = stack.session(token, long, rounds=4, title="A long one", start=False)
    one = window()
    page = one.page
    page.add_init_script(f"({WATCH})()")
    one.sign_in(email, f"/runs/{run}")
    page.get_by_role("button", name="Start").click()
    expect(page.locator(".passage.now")).to_be_attached(timeout=60_000)

    # Scrolling through what is there while the rest comes.
    page.mouse.move(640, 500)
    page.wait_for_timeout(1_500)
    page.evaluate("() => { window.frames.length = 0; window.busy.length = 0; }")
    for turn in range(60):
        page.mouse.wheel(0, 600 if turn < 40 else -700)
        page.wait_for_timeout(16)
    page.wait_for_function("() => window.frames.length > 20")
    assert report("scrolling", page.evaluate("window.frames")) < MOST
    if busy := page.evaluate("window.busy"):
        report("scrolling: long tasks", busy)

    page.get_by_role("group", name="View").get_by_role("button", name="Edit").click()
    field = page.get_by_label("Text of the document, Markdown")
    expect(field).to_be_visible()
    field.focus()
    for where, place in (("Home", "beginning"), ("End", "end")):
        page.keyboard.press(f"Control+{where}")
        # What opening and jumping cost is not what a key costs.
        page.evaluate("() => { window.frames.length = 0; }")
        page.wait_for_function("() => window.frames.length > 10")
        typed(page, f"typing at the {place}")
    expect(page.locator("[data-run-state=running]")).to_be_attached()
    assert stack.call("POST", f"/runs/{run}/cancel", token=token)[0] == 200


def test_a_new_session_with_a_long_draft_stays_light(stack, window, long):
    email, _ = stack.person("Planner")
    one = window()
    page = one.page
    page.add_init_script(f"({WATCH})()")
    one.sign_in(email, "/write/new")
    one.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.focus("#draft")
    page.evaluate("(text) => navigator.clipboard.writeText(text)", long)
    # As one edit of the browser's it would take 20 s.
    page.keyboard.press("Control+V")
    expect(page.get_by_text("50,0")).to_be_visible()
    expect(page.locator("#draft")).to_have_value(long)
    page.focus("#title")
    typed(page, "typing a title")
    page.focus("#draft")
    page.keyboard.press("Control+Home")
    typed(page, "typing a draft")
