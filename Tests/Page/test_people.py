"""Workspaces: who is in them, how somebody comes in, and how it ends."""

import re

import pytest
from playwright.sync_api import expect

from stack import PASSWORD
from test_access import GO, look


NAMES = ("Maren", "Juno", "Idris")


@pytest.fixture(scope="module")
def people(stack):
    """Three people, each an address and a token."""
    return [stack.person(name) for name in NAMES]


@pytest.fixture
def crew(stack, people):
    """The same three, who are in no workspace."""
    for _, token in people:
        for one in stack.get("/workspaces", token)["items"]:
            stack.call("DELETE", f"/workspaces/{one['id']}", token=token)
    return people


def group(stack, token, name, *others):
    """A workspace with people in it: each its address, its token and its role."""
    _, made = stack.call("POST", "/workspaces", {"name": name}, token)
    for email, theirs, role in others:
        _, asked = stack.call(
            "POST", f"/workspaces/{made['id']}/invitations", {"email": email, "role": role}, token)
        assert stack.call("POST", "/invitations/accept", {"token": asked["token"]}, theirs)[0] == 200
    return made["id"]


def roles(stack, token, workspace):
    members = stack.get(f"/workspaces/{workspace}/members", token)["items"]
    return {one["name"]: one["role"] for one in members}


def test_somebody_is_invited_and_comes_in_by_the_link(stack, window, crew):
    (owner, token), (email, _), (other, stranger) = crew
    one = window()
    page = one.page
    one.sign_in(owner, "/settings/people")
    expect(page.get_by_text("No workspaces yet")).to_be_visible()
    findings = look(page, "people-empty")
    # A name that is refused is told beside its field.
    name = page.get_by_label("Name of the new workspace")
    name.fill("Harbour\u0007Lane")
    name.press("Enter")
    expect(page.locator("#workspace-name-error")).to_be_visible()
    expect(name).to_have_attribute("aria-invalid", "true")
    name.fill("<b>Harbour</b> Lane")
    name.press("Enter")
    expect(page.get_by_role("heading", name="<b>Harbour</b> Lane", level=1)).to_be_visible()
    expect(page.locator(".crumbs")).to_contain_text("<b>Harbour</b> Lane")
    workspace = page.url.rsplit("/", 1)[1]
    page.get_by_role("button", name="Rename").click()
    field = page.get_by_role("dialog").get_by_label("Name")
    expect(field).to_be_focused()
    field.fill("Harbour Lane")
    field.press("Enter")
    expect(page.get_by_role("heading", name="Harbour Lane", level=1, exact=True)).to_be_visible()
    assert stack.get(f"/workspaces/{workspace}", token)["name"] == "Harbour Lane"

    page.get_by_label("Email").fill("not an address")
    page.get_by_role("button", name="Invite").click()
    expect(page.locator("#invite-email-error")).to_contain_text("is no e-mail address")
    page.get_by_label("Email").fill(owner)
    page.get_by_role("button", name="Invite").click()
    expect(page.locator("#invite-email-error")).to_contain_text("in the workspace already")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Role", exact=True).select_option("viewer")
    page.get_by_role("button", name="Invite").click()
    link = page.locator(".secret")
    expect(link).to_have_text(re.compile(rf"^{re.escape(stack.url)}/invitations/inv_"))
    expect(page.get_by_text("No email was sent")).to_be_visible()
    open_ones = page.get_by_role("list", name="Open invitations")
    expect(open_ones).to_contain_text(email)
    expect(open_ones).to_contain_text("Viewer")
    findings += look(page, "workspace-invited")
    url = link.inner_text()

    # Whom it is not for is told so, and can come back as somebody else.
    two = window()
    two.sign_in(other, url.removeprefix(stack.url))
    expect(two.page.get_by_role("heading", name="You are invited to a workspace")).to_be_visible()
    assert roles(stack, token, workspace) == {"Maren": "owner"}
    two.page.get_by_role("button", name="Join").click()
    expect(two.page.get_by_role("alert")).to_contain_text("for another e-mail address")
    findings += look(two.page, "invitation-refused")
    two.page.get_by_role("button", name="Use another account").click()
    expect(two.page.locator("#email")).to_be_visible()
    assert two.page.url.endswith("/sign-in?next=%2Finvitations%2F" + url.rsplit("/", 1)[1])
    expect(two.page.get_by_text("You are invited to a workspace.")).to_be_visible()
    two.page.fill("#email", email)
    two.page.fill("#password", PASSWORD)
    two.page.press("#password", "Enter")
    two.page.get_by_role("button", name="Join").click()
    expect(two.page.get_by_role("heading", name="Harbour Lane", level=1)).to_be_visible()
    expect(two.page.get_by_text("You are viewer here")).to_be_visible()
    # A viewer manages nobody, and what has been used counts no more.
    expect(two.page.get_by_role("button", name="Invite")).to_have_count(0)
    expect(two.page.get_by_role("button", name="Remove")).to_have_count(0)
    two.page.evaluate(GO, url.removeprefix(stack.url))
    two.page.get_by_role("button", name="Join").click()
    expect(two.page.get_by_role("alert")).to_contain_text("Ask who invited you for a new one")
    # Nor does it show anything to somebody outside.
    assert stack.call("GET", f"/workspaces/{workspace}", token=stranger)[0] == 404
    assert roles(stack, token, workspace) == {"Maren": "owner", "Juno": "viewer"}
    assert findings == [], "\n".join(findings)


def test_an_invitation_is_withdrawn_by_name(stack, window, crew):
    owner, token = crew[0]
    workspace = group(stack, token, "Quay")
    _, asked = stack.call(
        "POST", f"/workspaces/{workspace}/invitations", {"email": "late@studio.example"}, token)
    one = window()
    page = one.page
    one.sign_in(owner, f"/settings/people/{workspace}")
    page.get_by_role("button", name="Withdraw the invitation of late@studio.example").click()
    dialog = page.get_by_role("dialog", name="Withdraw the invitation of late@studio.example?")
    expect(dialog).to_contain_text("lets nobody into “Quay” any more")
    expect(dialog.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Enter")
    assert len(stack.get(f"/workspaces/{workspace}/invitations", token)["items"]) == 1
    page.get_by_role("button", name="Withdraw the invitation").click()
    dialog.get_by_role("button", name="Withdraw", exact=True).click()
    expect(page.get_by_text("The invitation of late@studio.example is withdrawn")).to_be_visible()
    expect(page.get_by_role("list", name="Open invitations")).to_have_count(0)
    expect(page.get_by_role("heading", name="Invitations")).to_be_focused()
    assert stack.get(f"/workspaces/{workspace}/invitations", token)["items"] == []


def test_roles_change_and_people_go(stack, window, crew):
    (owner, token), member, admin = crew[0], (*crew[1], "member"), (*crew[2], "admin")
    workspace = group(stack, token, "Harbour", member, admin)
    one = window()
    page = one.page
    one.sign_in(owner, f"/settings/people/{workspace}")
    row = page.locator(".member")
    expect(row).to_have_count(3)
    page.get_by_label("Role of Juno").select_option("viewer")
    expect(page.locator("#announce")).to_contain_text("Juno is Viewer now.")
    assert roles(stack, token, workspace)["Juno"] == "viewer"
    # To hand over everything is asked about first, and may be left.
    page.get_by_label("Role of Juno").select_option("owner")
    dialog = page.get_by_role("dialog", name="Make Juno an owner?")
    expect(dialog).to_contain_text("can delete it")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(page.get_by_label("Role of Juno")).to_have_value("viewer")
    # The last owner stays one: the server's sentence stands in the row, and nothing has changed.
    page.get_by_label("Role of Maren").select_option("member")
    page.get_by_role("button", name="Make me Member").click()
    expect(row.get_by_role("alert")).to_contain_text("make somebody else an owner first")
    expect(page.get_by_label("Role of Maren")).to_have_value("owner")
    assert look(page, "workspace-last-owner") == []

    page.get_by_role("button", name="Remove Juno").click()
    dialog = page.get_by_role("dialog", name="Remove Juno from “Harbour”?")
    expect(dialog).to_contain_text("see its runs no more")
    dialog.get_by_role("button", name="Remove", exact=True).click()
    expect(row).to_have_count(2)
    expect(page.get_by_role("heading", name="Members")).to_be_focused()
    assert roles(stack, token, workspace) == {"Maren": "owner", "Idris": "admin"}

    # An admin manages neither owners nor admins, and may go.
    two = window()
    two.sign_in(admin[0], f"/settings/people/{workspace}")
    expect(two.page.locator(".member")).to_have_count(2)
    expect(two.page.locator(".member select")).to_have_count(0)
    expect(two.page.locator("#invite-role option")).to_have_text(["Member", "Viewer"])
    expect(two.page.get_by_role("button", name="Delete")).to_have_count(0)
    two.page.get_by_role("button", name="Leave").click()
    dialog = two.page.get_by_role("dialog", name="Leave “Harbour”?")
    expect(dialog).to_contain_text("they stay in the workspace")
    dialog.get_by_role("button", name="Leave", exact=True).click()
    expect(two.page.get_by_text("You have left “Harbour”")).to_be_visible()
    expect(two.page.get_by_text("No workspaces yet")).to_be_visible()

    page.get_by_role("button", name="Leave").click()
    page.get_by_role("dialog").get_by_role("button", name="Leave", exact=True).click()
    expect(page.locator(".toast", has_text="You are still in “Harbour”")).to_contain_text("owner")
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete “Harbour”?")
    expect(dialog).to_contain_text("stays with who made it")
    dialog.get_by_role("button", name="Delete workspace").click()
    expect(page.get_by_text("No workspaces yet")).to_be_visible()
    assert stack.get("/workspaces", token)["items"] == []


def test_a_run_begins_where_it_was_said(stack, window, crew, draft):
    (email, token), (other, theirs), _ = crew
    own = group(stack, token, "Own", (other, theirs, "viewer"))
    seen = group(stack, theirs, "Seen", (email, token, "viewer"))
    one = window()
    page = one.page
    one.sign_in(email, "/settings/people")
    # Who only looks in a workspace begins nothing there.
    expect(page.get_by_label("Begin them in").locator("option")).to_have_text(["No workspace", "Own"])
    expect(page.locator("#own-workspace-hint")).to_have_text("Nobody else sees the run.")
    page.get_by_label("Begin them in").select_option(label="Own")
    expect(page.locator("#own-workspace-hint")).to_contain_text("Everybody in it sees the run")
    page.evaluate(GO, "/write/new")
    expect(page.get_by_label("Workspace")).to_have_value(own)
    page.fill("#title", "Seen by both")
    page.fill("#draft", draft)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/runs/*")
    run = page.url.rsplit("/", 1)[1]
    assert stack.get(f"/runs/{run}", theirs)["workspace_id"] == own
    # The same where a template is run.
    page.evaluate(GO, "/templates")
    page.get_by_role("button", name=re.compile("^Run ")).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Workspace")).to_have_value(own)
    dialog.get_by_label("Title").fill("By a template")
    dialog.get_by_role("button", name="Start").click()
    page.wait_for_url(lambda url: "/runs/" in url and run not in url)
    other_run = page.url.rsplit("/", 1)[1]
    assert stack.get(f"/runs/{other_run}", theirs)["workspace_id"] == own
    page.evaluate(GO, f"/runs?workspace={own}")
    expect(page.get_by_text("Only the runs of one workspace.")).to_be_visible()
    expect(page.get_by_text("Seen by both")).to_be_visible()
    page.evaluate(GO, f"/runs?workspace={seen}")
    expect(page.get_by_text("No runs here")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_text("Seen by both")).to_be_visible()
    # A workspace that has gone meanwhile is told at its field, and nothing is begun.
    page.evaluate(GO, "/write/new")
    expect(page.get_by_label("Workspace")).to_have_value(own)
    page.fill("#title", "Nobody's")
    assert stack.call("DELETE", f"/workspaces/{own}", token=token)[0] in (200, 204)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast", has_text="The session was not started")).to_be_visible()
    expect(page.get_by_label("Workspace")).to_have_count(0)
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/runs/*")
    assert stack.get(f"/runs/{page.url.rsplit('/', 1)[1]}", token).get("workspace_id") is None


def test_what_one_is_told_of_changes_at_once_and_goes_back_where_it_failed(stack, window, crew):
    email, token = crew[0]
    one = window()
    page = one.page
    held, now = [], ["pass"]

    def answer(route):
        if now[0] == "hold":
            held.append(route)
        elif now[0] == "fail":
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/notifications", answer)
    one.sign_in(email, "/settings/notifications")
    gate = page.get_by_role("switch", name="A gate waits for me: Email")
    ended = page.get_by_role("switch", name="My run finished: In the app")
    expect(gate).not_to_be_checked()
    expect(ended).to_be_checked()
    # Shown before the server has said anything; two in a row both arrive.
    now[0] = "hold"
    gate.check()
    expect(gate).to_be_checked()
    ended.uncheck()
    page.wait_for_timeout(50)
    assert len(held) == 1
    now[0] = "pass"
    with page.expect_response(lambda one: one.request.method == "PUT" and
                              not one.request.post_data_json["run_completed"]["in_app"]):
        held[0].continue_()
    assert stack.get("/notifications", token)["run_completed"]["in_app"] is False
    assert stack.get("/notifications", token)["gate_waiting"] == {"in_app": True, "email": True}
    page.reload()
    expect(gate).to_be_checked()
    expect(ended).not_to_be_checked()
    # What is not kept goes back to what is, and says so; another try brings it.
    now[0] = "fail"
    gate.focus()
    page.keyboard.press("Space")
    toast = page.get_by_role("alert").filter(has_text="Your choice was not kept")
    expect(toast).to_contain_text("The server does not answer")
    expect(gate).to_be_checked()
    now[0] = "pass"
    with page.expect_response("**/api/v1/notifications"):
        toast.get_by_role("button", name="Try again").click()
    expect(gate).not_to_be_checked()
    assert stack.get("/notifications", token)["gate_waiting"]["email"] is False


def test_nobody_is_kept_out_of_people(stack, window, crew):
    (owner, token), member, admin = crew[0], (*crew[1], "member"), (*crew[2], "admin")
    stack.call("PATCH", "/user/me", {"name": "Juno Brandt, of a name that is cut somewhere"}, crew[1][1])
    workspace = group(stack, token, "Harbour Lane", member, admin)
    stack.call("POST", f"/workspaces/{workspace}/invitations", {"email": "a@studio.example"}, token)
    one = window(color_scheme="dark")
    page = one.page
    one.sign_in(owner, "/settings/people")
    findings = []
    for name, scheme, width in (("dark", "dark", 1280), ("narrow", "light", 390)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 860})
        for title, path, ready in (
                ("settings-people", "/settings/people", ".srow"),
                ("workspace", f"/settings/people/{workspace}", "[aria-label='Open invitations']"),
                ("invitation", "/invitations/inv_none", ".invitation"),
                ("settings-notifications", "/settings/notifications", ".switch"),
                ("new-in-workspace", "/write/new", "#workspace")):
            page.evaluate(GO, path)
            expect(page.locator(ready).first).to_be_visible()
            findings += look(page, f"{title}-{name}")
            if page.evaluate("document.documentElement.scrollWidth - innerWidth") > 0:
                findings.append(f"{title}-{name}: too wide")
    assert findings == [], "\n".join(findings)
