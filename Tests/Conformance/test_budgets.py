"""What people let their keys spend on models, set over HTTP and met by OpenAI's own library."""

import json

import openai
import pytest
from live_stack import RecordedServer, programs
from whole_stack import WholeStack

pytestmark = pytest.mark.skipif(programs() is None, reason="the services are not built")

ASKED = [{"role": "user", "content": "Hello"}]


@pytest.fixture(scope="module")
def upstream():
    with RecordedServer() as server:
        yield server


@pytest.fixture(scope="module")
def stack(upstream, tmp_path_factory):
    prices = tmp_path_factory.mktemp("prices") / "prices.json"
    line = {"provider": "openai", "model": "text", "input": 100, "output": 100}
    prices.write_text(json.dumps({"prices": [line]}))
    settings = {"OPENAI_BASE_URL": f"{upstream.url}/v1", "OPENAI_API_KEY": "k"}
    with WholeStack(ATELIER_PRICES=str(prices), **settings) as stack:
        yield stack


def send(stack, method, path, body=None, key=None):
    status, _, text = WholeStack.send(stack, method, "/api/v1" + path, body, key)
    return status, json.loads(text) if text else None


def person(stack, name):
    who = {"email": f"{name}@example.org", "password": "correct horse battery", "name": name}
    assert send(stack, "POST", "/auth/register", who)[0] == 201
    token = send(stack, "POST", "/auth/login", who)[1]["access_token"]
    made = send(stack, "POST", "/api-keys", {"name": "models"}, token)[1]
    return token, made["id"], made["key"]


def ask(stack, key):
    client = openai.OpenAI(base_url=f"{stack.url}/v1", api_key=key, max_retries=0, timeout=20)
    return client.chat.completions.create(model="openai/text", messages=ASKED, max_tokens=100)


def test_a_key_spends_what_it_may(stack):
    """153 tokens of $100 a million are $0.0153: two answers fit into three cents, and no third."""
    token, key_id, key = person(stack, "ada")
    path = f"/budgets/key/{key_id}"
    assert send(stack, "DELETE", path, key=token)[0] == 404
    status, budget = send(stack, "PUT", path, {"dollars": 0.03, "period": "total"}, token)
    assert status == 200 and budget["spent_dollars"] == 0 and budget["subject"] == key_id
    for _ in range(2):
        assert ask(stack, key).usage.total_tokens == 153
    with pytest.raises(openai.RateLimitError, match="budget of this API key of \\$0.03"):
        ask(stack, key)
    listed = send(stack, "GET", "/budgets", key=token)[1]["items"]
    assert [item["spent_dollars"] for item in listed] == [pytest.approx(0.0306)]
    assert listed[0]["held_dollars"] == 0
    other = send(stack, "POST", "/api-keys", {"name": "another"}, token)[1]["key"]
    ask(stack, other)
    assert send(stack, "DELETE", path, key=token)[0] == 204
    ask(stack, key)
    # What was spent is remembered: who ends a budget and sets it again has no new one.
    again = send(stack, "PUT", path, {"dollars": 0.03, "period": "total"}, token)[1]
    assert again["spent_dollars"] == pytest.approx(0.0306)


def test_budgets_are_of_ones_own(stack):
    token, key_id, key = person(stack, "ben")
    _, other_id, _ = person(stack, "cleo")
    body = {"dollars": 1, "period": "month"}
    assert send(stack, "PUT", f"/budgets/key/{other_id}", body, token)[0] == 404
    assert send(stack, "PUT", "/budgets/user/usr_other", body, token)[0] == 404
    assert send(stack, "PUT", "/budgets/all/*", body, token)[0] == 404
    # A key that asks models does not say what it may spend.
    assert send(stack, "PUT", f"/budgets/key/{key_id}", body, key)[0] == 403
    me = send(stack, "PUT", "/budgets/user/me", {"dollars": 0, "period": "day"}, token)[1]
    assert me["subject"].startswith("usr_") and me["period"] == "day"
    with pytest.raises(openai.RateLimitError, match="budget of this user"):
        ask(stack, key)
    for wrong in ({"dollars": -1, "period": "day"}, {"dollars": 1, "period": "week"}, {}):
        status, problem = send(stack, "PUT", f"/budgets/key/{key_id}", wrong, token)
        assert status == 400 and problem["errors"]
    project = send(stack, "PUT", "/budgets/project/almanac", body, token)[1]
    assert project["subject"] == "almanac"
    first = send(stack, "GET", "/budgets?limit=1", key=token)[1]
    rest = send(stack, "GET", f"/budgets?limit=1&cursor={first['next_cursor']}", key=token)[1]
    assert {first["items"][0]["scope"], rest["items"][0]["scope"]} == {"user", "project"}
    assert rest["next_cursor"] is None


def test_the_installations_budgets(stack):
    token, _, key = person(stack, "dora")
    path = "/admin/budgets/user/*"
    assert send(stack, "PUT", path, {"dollars": 0, "period": "day"}, token)[0] == 403
    assert send(stack, "PUT", path, {"dollars": 0, "period": "day"})[0] == 200
    with pytest.raises(openai.RateLimitError, match="admin/user"):
        ask(stack, key)
    assert "*" in [item["subject"] for item in send(stack, "GET", "/admin/budgets")[1]["items"]]
    assert send(stack, "DELETE", path)[0] == 204
    ask(stack, key)
