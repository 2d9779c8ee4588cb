"""How a person signs in, is signed out elsewhere, and ends the account."""

from playwright.sync_api import expect

from stack import PASSWORD
from test_access import GO, look


def problem(route, status, code, detail):
    route.fulfill(status=status, content_type="application/problem+json", json={
        "type": f"urn:atelier:problem:{code}", "title": "Conflict", "status": status, "code": code,
        "detail": detail, "request_id": "req_7h2"})


def test_another_sign_in_is_seen_and_ended(stack, window):
    email, token = stack.person("Traveller")
    one = window()
    page = one.page
    one.sign_in(email, "/settings/account")
    # The token of the interface was given to a program that is no browser.
    row = page.locator(".srow", has_text="Python-urllib")
    expect(row).to_contain_text("127.0.0.1 · by password")
    row.get_by_role("button", name="Sign out").click()
    dialog = page.get_by_role("dialog", name="Sign out Python-urllib?")
    expect(dialog.get_by_role("button", name="Leave it")).to_be_focused()
    assert stack.call("GET", "/auth/me", token=token)[0] == 200
    dialog.get_by_role("button", name="Sign out").click()
    expect(row).to_have_count(0)
    assert stack.call("GET", "/auth/me", token=token)[0] == 401
    # This browser goes on.
    page.reload()
    expect(page.get_by_role("heading", name="Account", exact=True)).to_be_visible()


def test_sign_in_elsewhere_is_linked_and_taken_back_but_not_the_last(stack, window):
    email, _ = stack.person("Linked")
    one = window(color_scheme="dark")
    page = one.page
    linked = [
        {"id": f"idn_{at}", "issuer": issuer, "subject": subject, "created_at": "2026-03-04T10:00:00Z"}
        for at, (issuer, subject) in enumerate((
            ("https://github.com", "583231"), ("https://id.studio.example/realms/a", "<b>maren</b>")))]

    def answer(route):
        if route.request.method == "GET":
            route.fulfill(json={"items": linked, "next_cursor": None})
        elif len(linked) == 1:
            problem(route, 409, "conflict",
                    "this is the last way to sign in to the account: link another one first")
        else:
            del linked[:1]
            route.fulfill(status=204)

    page.route("**/api/v1/auth/identities**", answer)
    page.route("**/api/v1/auth/providers", lambda route: route.fulfill(json={
        "items": [{"id": "github", "name": "GitHub",
                   "url": "/api/v1/auth/oidc/start?provider=github"}], "next_cursor": None}))
    one.sign_in(email, "/settings/account")
    part = page.get_by_role("region", name="Sign-in elsewhere")
    # What somebody is called elsewhere is text.
    expect(part).to_contain_text("id.studio.example")
    expect(part).to_contain_text("<b>maren</b>")
    expect(part.get_by_role("link", name="Link GitHub")).to_have_attribute(
        "href", "/api/v1/auth/oidc/start?provider=github&link=1&return_to=%2Fsettings%2Faccount")
    part.scroll_into_view_if_needed()
    findings = look(page, "account-elsewhere-dark")
    part.get_by_role("button", name="Unlink GitHub").click()
    dialog = page.get_by_role("dialog", name="Unlink GitHub?")
    expect(dialog).to_contain_text("no longer sign in there as 583231")
    dialog.get_by_role("button", name="Unlink").click()
    expect(part.locator("li")).to_have_count(1)
    part.get_by_role("button", name="Unlink id.studio.example").click()
    page.get_by_role("dialog").get_by_role("button", name="Unlink").click()
    expect(part.get_by_role("alert")).to_contain_text(
        "This is the last way to sign in to the account: link another one first.")
    expect(part.locator("li")).to_have_count(1)
    page.get_by_role("button", name="End account").click()
    expect(page.get_by_role("dialog")).to_contain_text("cannot be brought back")
    findings += look(page, "dialog-end-account-dark")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 390, "height": 860})
    findings += look(page, "dialog-end-account-narrow")
    page.keyboard.press("Escape")
    part.scroll_into_view_if_needed()
    findings += look(page, "account-elsewhere-narrow")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert findings == [], "\n".join(findings)


def test_an_account_ends_on_its_password(stack, window):
    email, token = stack.person("Leaver")
    friend, theirs = stack.person("Friend")
    _, made = stack.call("POST", "/workspaces", {"name": "Shared"}, token)
    _, asked = stack.call("POST", f"/workspaces/{made['id']}/invitations", {"email": friend}, token)
    assert stack.call("POST", "/invitations/accept", {"token": asked["token"]}, theirs)[0] == 200
    one = window()
    page = one.page

    def long_ago(route):
        answer = route.fetch().json()
        for item in answer["items"]:
            item["created_at"] = "2026-01-01T10:00:00Z"
        route.fulfill(json=answer)

    page.route("**/api/v1/auth/sessions?**", long_ago)
    one.sign_in(email, "/settings/account")
    page.get_by_role("button", name="End account").click()
    dialog = page.get_by_role("dialog", name="End your account?")
    expect(dialog).to_contain_text(email)
    expect(dialog.get_by_role("button", name="Keep it")).to_be_focused()
    end = dialog.get_by_role("button", name="End my account")
    expect(end).to_be_disabled()
    # Enter leads to the button, and destroys nothing; what is wrong stands at the field.
    field = dialog.get_by_label("Your password")
    field.fill("not the password")
    field.press("Enter")
    expect(end).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#end-password-error")).to_contain_text("is not the present password")
    expect(field).to_have_attribute("aria-invalid", "true")
    # Others would be left without an owner: the server says which workspace, the page leads there.
    field.fill(PASSWORD)
    end.click()
    expect(dialog.get_by_role("alert")).to_contain_text("others are in the workspace Shared", ignore_case=True)
    expect(dialog.get_by_role("link", name="Your workspaces")).to_be_visible()
    assert stack.call("DELETE", f"/workspaces/{made['id']}", token=token)[0] in (200, 204)
    end.click()
    expect(page.get_by_text("Your account has ended")).to_be_visible()
    expect(page.locator("nav.side")).to_have_count(0)
    assert page.url == f"{stack.url}/"
    assert stack.call("GET", "/auth/me", token=token)[0] == 401
    page.evaluate(GO, "/runs")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    expect(page.locator("#password-error")).to_be_visible()


def test_who_has_just_signed_in_ends_it_without_a_password(stack, window):
    email, token = stack.person("Brief")
    one = window()
    page = one.page
    one.sign_in(email, "/settings/account")
    page.get_by_role("button", name="End account").click()
    expect(page.get_by_text("no password is asked for")).to_be_visible()
    expect(page.get_by_label("Your password")).to_have_count(0)
    page.get_by_role("button", name="Keep it").click()
    assert stack.call("GET", "/auth/me", token=token)[0] == 200
    page.get_by_role("button", name="End account").click()
    page.get_by_role("button", name="End my account").click()
    expect(page.get_by_text("Your account has ended")).to_be_visible()
    assert stack.call("GET", "/auth/me", token=token)[0] == 401
