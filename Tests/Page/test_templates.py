"""The editor of workflows: drawn, in an outline, with what is wrong at its field."""

import json
import re

from playwright.sync_api import expect

from stack import kept


def outline(page):
    return page.get_by_role("region", name="Steps")


def saved(stack, token, page):
    page.wait_for_url(re.compile("/templates/(?!new)"))
    return stack.get(f"/templates/{page.url.rsplit('/', 1)[1]}", token)["document"]


def test_a_workflow_is_put_together_and_saved(stack, window):
    email, token = stack.person("Builder")
    one = window()
    page = one.page
    keys = page.keyboard
    one.sign_in(email, "/templates/new")
    page.fill("#template-name", "Two readers")
    outline(page).get_by_role("button", name="About this template").click()
    page.get_by_role("button", name="Add an agent").click()
    page.fill("#agent-name", "Plain Words")
    expect(outline(page).get_by_role("button", name="Plain Words")).to_be_visible()
    # By keys alone: into the loop, two critics at once.
    outline(page).get_by_role("button", name=re.compile("^1 Loop")).click()
    keys.press("c")
    expect(page.get_by_role("heading", name="Critics at once (2)")).to_be_visible()
    outline(page).get_by_role("button", name="1.2 Critic", exact=True).click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.locator(".node")).to_have_count(5)
    # The drawing and the outline choose the same.
    page.locator(".node", has_text="Plain Words").click()
    expect(page.locator("#agent-name")).to_have_value("Plain Words")
    page.fill("#agent-instructions", "Say it as you would say it aloud.")
    # What is not saved is kept through a reload.
    kept(page, "template.new", "aloud")
    page.reload()
    expect(page.locator("#template-name")).to_have_value("Two readers")
    expect(page.get_by_text(re.compile(r"Draft, \d+ changes"))).to_be_visible()
    keys.press("Control+Enter")
    document = saved(stack, token, page)
    assert document["steps"][0]["loop"]["steps"] == [
        {"turn": "Writer"}, {"parallel": ["Critic", "Plain Words"], "merge": "notes"}]
    assert document["agents"][2]["instructions"] == "Say it as you would say it aloud."
    expect(page.get_by_text("Draft,")).to_have_count(0)


def test_what_is_wrong_stands_at_its_field(stack, window):
    email, token = stack.person("Careless")
    one = window()
    page = one.page
    one.sign_in(email, "/templates/new")
    page.locator(".flow").get_by_role("button", name="Loop").click()
    page.fill("#loop-max", "99")
    page.locator(".flow").get_by_role("button", name="Gate").click()
    page.fill("#gate-prompt", "")
    outline(page).get_by_role("button", name="Critic", exact=True).last.click()
    page.fill("#agent-name", "")
    page.get_by_role("button", name="Save").click()
    banner = page.get_by_role("alert").filter(has_text="not right yet")
    expect(banner).to_contain_text("/steps/0/loop/max")
    expect(page.locator(".node.wrong")).not_to_have_count(0)
    expect(page.locator("#agent-name-error")).to_contain_text("must not be empty")
    # From the list to the field.
    banner.get_by_role("button", name="/steps/0/loop/max").click()
    expect(page.locator("#loop-max")).to_be_focused()
    expect(page.locator("#loop-max-error")).to_contain_text("must be from 1 to 10")
    page.fill("#loop-max", "2")
    # What is mended is no longer told.
    expect(page.locator("#loop-max-error")).to_have_count(0)
    banner.get_by_role("button", name="/steps/1/gate/prompt").click()
    page.fill("#gate-prompt", "Is it ready?")
    outline(page).get_by_role("button", name="Agent 2").click()
    page.fill("#agent-name", "Reader")
    outline(page).get_by_role("button", name=re.compile("^1.2 ")).click()
    page.select_option("#turn-agent", "Reader")
    page.fill("#template-name", "Mended")
    expect(page.get_by_text("It is sound.")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    assert saved(stack, token, page)["steps"][0]["loop"]["max"] == 2


def test_steps_are_moved_undone_and_written_as_json(stack, window):
    email, token = stack.person("Mover")
    one = window()
    page = one.page
    one.sign_in(email, "/templates/new")
    entries = outline(page).locator(".outline-step")
    expect(entries.nth(2)).to_have_text("1.1 Writer")
    entries.nth(2).click()
    page.get_by_role("button", name="Move down").click()
    expect(entries.nth(2)).to_have_text("1.1 Critic")
    expect(entries.nth(3)).to_have_attribute("aria-current", "step")
    page.get_by_role("button", name="Undo").click()
    expect(entries.nth(2)).to_have_text("1.1 Writer")
    expect(page.get_by_text("Draft,")).to_have_count(0)
    page.get_by_role("group", name="Form").get_by_role("button", name="JSON").click()
    field = page.get_by_label("Template as JSON")
    document = json.loads(field.input_value())
    field.fill("{")
    page.get_by_role("group", name="Form").get_by_role("button", name="Steps").click()
    expect(page.locator(".toast", has_text="This is not JSON yet")).to_be_visible()
    document["name"] = "From JSON"
    document["steps"].append({"turn": "Writer"})
    field.fill(json.dumps(document))
    page.get_by_role("group", name="Form").get_by_role("button", name="Steps").click()
    expect(entries.nth(5)).to_have_text("3 Writer")
    page.get_by_role("button", name="Save").click()
    assert saved(stack, token, page)["steps"][2] == {"turn": "Writer"}
