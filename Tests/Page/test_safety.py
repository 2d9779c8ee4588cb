"""What others may see, and what hostile text may do: nothing."""

from playwright.sync_api import expect

from stack import kept

HOSTILE = "\n\n".join([
    "# <script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 2'> <svg onload=\"window.hacked = 3\">",
    "[a link](javascript:window.hacked=4) [another](data:text/html,<script>hacked</script>)",
    "![a picture](https://elsewhere.example/seen.png) <https://elsewhere.example>",
    "<iframe srcdoc='<script>parent.hacked=5</script>'></iframe><style>*{display:none}</style>",
    "| a | b |\n|--:|:-:|\n| `x` | <b onclick=hacked()>y</b> |",
    "\u202eright to left\u202c and عربي and עברית and emoji 👩‍👩‍👧‍👦 🏳️‍🌈 and é́́́́",
    "x" * 60_000,
    "> " * 400 + "deep",
    "- " * 300 + "deeper",
    "```html\n<script>window.hacked = 6</script>\n```",
    "\u0000\u0007\u001b[31mcontrol".replace("\u0000", ""),
])


def test_hostile_text_is_shown_and_does_nothing(stack, window):
    email, token = stack.person("<b>Mallory</b>")
    run = stack.session(
        token, HOSTILE, rounds=1, title="<img src=x onerror=window.hacked=7> \u202eeltit")
    one = window()
    page = one.page
    page.on("dialog", lambda dialog: one.faults.append(f"a dialog: {dialog.message}"))
    one.sign_in(email, f"/runs/{run}")
    expect(page.locator("[data-run-state=completed]")).to_be_attached(timeout=40_000)
    expect(page.locator(".doc")).to_contain_text("<script>window.hacked = 1</script>")
    expect(page.locator(".doc")).to_contain_text("emoji 👩‍👩‍👧‍👦")
    for mode in ("Changes", "Suggestions", "Edit", "Text"):
        page.get_by_role("group", name="View").get_by_role("button", name=mode).click()
        page.wait_for_timeout(100)
    link = page.locator("a.picture")
    assert link.get_attribute("rel") == "noopener noreferrer nofollow"
    assert page.locator(".doc img, .doc script, .doc iframe, .doc style, .doc [onclick]").count() == 0
    hrefs = page.eval_on_selector_all(".doc a", "all => all.map((one) => one.protocol)")
    assert set(hrefs) <= {"https:", "http:", "mailto:"}
    # A line without an end is broken, and does not widen the page.
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto("/")
    expect(page.get_by_role("link", name="<img src=x")).to_be_visible()
    assert page.evaluate("window.hacked") is None


def test_two_people_do_not_see_each_other(stack, window, draft):
    ada, token = stack.person("Ada")
    run = stack.session(token, draft, rounds=1, title="Ada's secret plan")
    one = window()
    page = one.page
    one.sign_in(ada, f"/runs/{run}")
    expect(page.get_by_role("heading", name="Ada's secret plan")).to_be_visible()
    page.goto("/write/new")
    page.fill("#title", "Ada's unfinished thought")
    kept(page, "new-session", "unfinished thought")
    # From the very screen where the draft stands.
    page.keyboard.press("Control+k")
    page.keyboard.type("sign out")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Sign up")).to_be_visible()
    assert "unfinished" not in page.evaluate("JSON.stringify({ ...localStorage })")
    assert one.context.cookies() == []

    # The next person on the same browser.
    bob, bobs = stack.person("Bob")
    page.goto(f"/runs/{run}")
    page.fill("#email", bob)
    page.fill("#password", "a long passphrase")
    page.press("#password", "Enter")
    expect(page.get_by_text("There is nothing at this address")).to_be_visible()
    assert page.url.endswith(f"/runs/{run}")
    for place in ("/", "/runs", "/gates", "/templates", "/settings/credits"):
        page.goto(place)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_text("secret plan")).to_have_count(0)
    page.goto("/write/new")
    expect(page.locator("#title")).to_have_value("")
    for path in ("", "/events", "/steps", "/gates", "/artifacts", "/stream"):
        assert stack.call("GET", f"/runs/{run}{path}", token=bobs)[0] == 404
    stack.wait(run, token)


def test_a_session_that_ended_says_so_and_goes_on_where_it_was(stack, window):
    email, token = stack.person("Sleeper")
    one = window()
    page = one.page
    one.sign_in(email, "/runs")
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    assert stack.call("POST", "/auth/logout-everywhere", token=token)[0] == 204
    expect(page.get_by_text("Your session has ended.")).to_be_visible()
    page.fill("#email", email)
    page.fill("#password", "a long passphrase")
    page.press("#password", "Enter")
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    page.goto("/sign-in?next=//evil.example/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sleeper")
