"""What a person settles in dialogs: keys, letters, forks, what goes on."""

import json
import re

from playwright.sync_api import expect

from stack import until

KEY = "sk-a-key-that-nobody-may-see-again-7Q2v"


def test_keys_of_ones_own_go_in_and_never_come_out(stack, window):
    email, token = stack.person("Keeper")
    one = window()
    page = one.page
    one.sign_in(email, "/settings/provider-keys")
    row = page.locator("[data-provider=anthropic]")
    expect(row).to_contain_text("No key")
    row.get_by_role("button", name="Add the key for Anthropic").click()
    dialog = page.get_by_role("dialog", name="Key for Anthropic")
    field = dialog.get_by_label("Key", exact=True)
    expect(field).to_be_focused()
    expect(field).to_have_attribute("type", "password")
    # What cannot be a key is told beside the field, and nothing is kept.
    field.fill("short")
    field.press("Enter")
    expect(page.locator("#provider-key-error")).to_contain_text("A key takes 8 to 1024 characters")
    assert stack.get("/provider-keys", token)["items"] == []
    field.fill(KEY)
    dialog.get_by_role("button", name="Keep key").click()
    expect(dialog).to_have_count(0)
    expect(row).to_contain_text("Your key")
    expect(row).to_contain_text("…7Q2v")
    page.reload()
    expect(row).to_contain_text("…7Q2v")
    assert KEY[:-4] not in page.content()
    assert KEY[:-4] not in json.dumps(stack.get("/provider-keys", token))

    row.get_by_role("button", name="Replace").click()
    expect(field).to_have_value("")
    field.fill(KEY[:-4] + "9Zx1")
    field.press("Enter")
    expect(row).to_contain_text("…9Zx1")

    row.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.get_by_role("button", name="Remove key").click()
    expect(row).to_contain_text("No key")
    assert stack.get("/provider-keys", token)["items"] == []
    kept = page.evaluate("JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage })")
    assert KEY[:-4] not in kept


def test_a_model_that_only_ones_own_key_opens_is_typed_in(stack, window):
    email, _ = stack.person("Chooser")
    one = window()
    page = one.page
    one.sign_in(email, "/write/new")
    pick = page.get_by_label("Agent A: model", exact=True)
    pick.select_option(label="Another model …")
    field = page.get_by_label("Agent A: model, as provider/name")
    expect(field).to_be_focused()
    field.fill("openai/gpt-4o-mini")
    field.press("Enter")
    expect(pick).to_have_value("openai/gpt-4o-mini")


def test_a_document_goes_out_by_mail(stack, window, draft):
    email, token = stack.person("Sender")
    run = stack.session(token, draft, rounds=1, title="Notes for the night shift")
    stack.wait(run, token)
    one = window()
    page = one.page
    one.sign_in(email, f"/runs/{run}")
    page.get_by_role("button", name="Send by e-mail").click()
    dialog = page.get_by_role("dialog", name="Send by e-mail")
    to = dialog.get_by_label("To", exact=True)
    expect(to).to_have_value(email)
    to.fill("not an address")
    dialog.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#mail-to-error")).to_be_visible()
    expect(to).to_have_attribute("aria-invalid", "true")
    expect(to).to_have_value("not an address")
    to.fill("night@studio.example, day@studio.example")
    dialog.get_by_label("Subject").fill("Please read before ten")
    dialog.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".toast", has_text="It is on its way")).to_be_visible()
    expect(dialog).to_have_count(0)
    letter = until(
        lambda: next((one for one in stack.mail.letters
                      if one["subject"] == "Please read before ten"), None), "the letter came")
    assert letter["to"] == ["night@studio.example", "day@studio.example"]
    assert any(part["filename"].endswith(".docx") for part in letter["attachments"])
    page.get_by_role("button", name="Send by e-mail").click()
    sent = dialog.locator("li", has_text="night@studio.example")
    expect(sent).to_contain_text("Sent")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Send by e-mail")).to_be_focused()


def test_a_fork_begins_where_it_was_said(stack, window, draft):
    email, token = stack.person("Forker")
    run = stack.session(token, draft, rounds=2, title="One way")
    stack.wait(run, token)
    one = window()
    page = one.page
    one.sign_in(email, f"/runs/{run}")
    expect(page.locator("[data-line=ended]")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Fork")).click()
    dialog = page.get_by_role("dialog", name="Fork this run")
    expect(dialog.locator("#fork-step option")).to_have_count(5)
    names = dialog.locator("#fork-step option").all_inner_texts()
    assert names[-1] == "Before the end"
    assert [re.match(r"Round (\d), before ", name)[1] for name in names[:4]] == list("1122")
    dialog.get_by_label("Title of the new run").fill("")
    expect(dialog.get_by_role("button", name="Fork", exact=True)).to_be_disabled()
    dialog.get_by_label("Title of the new run").fill("Another way")
    dialog.get_by_label("From").select_option(label=names[2])
    dialog.get_by_role("button", name="Fork", exact=True).click()
    page.wait_for_url(lambda url: run not in url)
    expect(page.get_by_role("heading", name="Another way", level=1)).to_be_visible()
    expect(page.locator("[data-run-state=completed]")).to_be_attached(timeout=40_000)
    fork = page.url.rsplit("/", 1)[1]
    first, second = (stack.get(f"/sessions/{one}", token)["rounds"] for one in (run, fork))
    assert [turn["text"] for turn in first[0]["turns"]] == [
        turn["text"] for turn in second[0]["turns"]]
    assert stack.get(f"/runs/{fork}", token)["forked_from"] == run


def test_what_a_step_is_given_goes_out_word_for_word(stack, window, draft):
    email, token = stack.person("Exact")
    run = stack.session(token, draft, rounds=1)
    stack.wait(run, token)
    one = window()
    page = one.page

    def with_input(route):
        answer = route.fetch().json()
        for step in answer["items"]:
            step["takes_input"] = step["path"].endswith(".close")
        route.fulfill(json=answer)

    page.route("**/steps", with_input)
    one.sign_in(email, f"/runs/{run}")
    page.get_by_role("button", name=re.compile("^Fork")).click()
    field = page.get_by_label("New input, JSON")
    field.fill('{"a": ')
    expect(page.locator("#fork-input-error")).to_contain_text("This is not JSON yet")
    # Larger than a double holds, and with names that are not ours to change.
    exact = '{"maxCount": 12345678901234567891, "share": 1.0, "snake_case": [null, "é"]}'
    field.fill(exact)
    with page.expect_request("**/fork") as asked:
        page.get_by_role("dialog").get_by_role("button", name="Fork", exact=True).click()
    body = asked.value.post_data
    assert f'"input":{exact}' in body
    assert json.loads(body)["from_step"].endswith(".close")
    # This step takes none: the server says so, and the dialog says it at the field.
    expect(page.locator("#fork-input-error")).to_contain_text("no input")


def test_a_session_goes_on_in_a_new_one(stack, window, draft):
    email, token = stack.person("Goes On")
    run = stack.session(token, draft, rounds=1)
    stack.wait(run, token)
    one = window()
    page = one.page
    one.sign_in(email, f"/runs/{run}")
    expect(page.locator("[data-run-state=completed]")).to_be_attached()
    page.keyboard.press("c")
    dialog = page.get_by_role("dialog", name="Continue this session")
    rounds = dialog.get_by_label("Rounds, at most")
    expect(rounds).to_be_focused()
    rounds.fill("99")
    dialog.get_by_role("button", name="Continue", exact=True).click()
    expect(page.locator("#more-rounds-error")).to_be_visible()
    rounds.fill("1")
    rounds.press("Enter")
    page.wait_for_url(lambda url: run not in url)
    expect(page.locator("[data-run-state=completed]")).to_be_attached(timeout=30_000)
    new = page.url.rsplit("/", 1)[1]
    before, after = (stack.get(f"/sessions/{one}", token) for one in (run, new))
    assert after["references"] == before["references"]
    start = stack.get(f"/sessions/{new}/diff?from=0&to=0", token)["pieces"]
    assert "".join(piece["text"] for piece in start).strip() == before["document"].strip()
