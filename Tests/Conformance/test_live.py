"""PyPI's `websockets` follows runs at /ws, and hears what the event stream tells."""

import json
import signal

import pytest
from live_stack import programs
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from whole_stack import WholeStack

pytestmark = pytest.mark.skipif(programs() is None, reason="the services are not built")

SESSION = {
    "title": "Tides", "draft": "The tide rise twice a day.", "max_rounds": 1,
    "agents": [{"name": "Writer", "role": "writer"}, {"name": "Critic", "role": "critic"}]}


@pytest.fixture(scope="module")
def stack():
    with WholeStack() as stack:
        yield stack


@pytest.fixture(scope="module")
def ada(stack):
    return person(stack, "ada")


def person(stack, name):
    who = {"email": f"{name}@example.org", "password": "correct horse battery", "name": name}
    assert stack.send("POST", "/api/v1/auth/register", who)[0] == 201
    return json.loads(stack.send("POST", "/api/v1/auth/login", who)[2])["access_token"]


class Live:
    """One connection, whose messages are read one by one."""

    def __init__(self, stack, token=None, path="/ws", **more):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"ws://127.0.0.1:{stack.port}{path}"
        self.connecting = connect(url, additional_headers=headers | more, open_timeout=10)

    def __enter__(self):
        self.socket = self.connecting.__enter__()
        return self

    def __exit__(self, *reason):
        self.connecting.__exit__(*reason)

    def say(self, type, **fields):
        self.socket.send(json.dumps({"type": type} | fields))

    def hear(self, event=None):
        message = json.loads(self.socket.recv(timeout=20))
        assert event is None or message["event"] == event, message
        return message

    def until(self, event):
        heard = []
        while not heard or heard[-1]["event"] != event:
            heard.append(self.hear())
        return heard

    def closed(self):
        """The code that it is closed with, after what is still to be read."""
        try:
            while True:
                self.socket.recv(timeout=20)
        except ConnectionClosed as end:
            return end.rcvd and end.rcvd.code


def session(stack, token, start=True):
    made = json.loads(stack.send("POST", "/api/v1/sessions", SESSION, token)[2])["id"]
    if start:
        assert stack.send("POST", f"/api/v1/sessions/{made}/start", key=token)[0] < 300
    return made


def events(stack, token, run):
    return json.loads(stack.send("GET", f"/api/v1/runs/{run}/events?limit=1000", key=token)[2])["items"]


def texts(messages):
    whole = {}
    for message in messages:
        if message["event"] == "token":
            data = message["data"]
            known = whole.get(data["step"], "")
            assert data["offset"] == len(known.encode())
            whole[data["step"]] = known + data["text"]
    return whole


def test_a_run_is_followed_to_its_end(stack, ada):
    with Live(stack, ada) as live:
        assert live.hear("ready")["data"]["user_id"].startswith("usr_")
        run = session(stack, ada, start=False)
        live.say("subscribe", run_id=run)
        assert live.hear("subscribed") == {
            "event": "subscribed", "run_id": run, "data": {"state": "queued"}}
        stack.send("POST", f"/api/v1/sessions/{run}/start", key=ada)
        heard = live.until("end")
        assert heard[-1] == {"event": "end", "run_id": run, "data": {"state": "completed"}}
        assert {message["run_id"] for message in heard} == {run}
        numbered = [message for message in heard if "id" in message]
        assert [message["data"] for message in numbered] == events(stack, ada, run)
        assert [message["id"] for message in numbered] == list(range(1, len(numbered) + 1))
        assert len(texts(heard)) == 2
        # What has ended may be asked for again, from anywhere.
        live.say("subscribe", run_id=run, after=numbered[-2]["id"])
        live.hear("subscribed")
        assert [message["event"] for message in live.until("end")] == ["run.completed", "end"]


def test_many_runs_share_a_connection(stack, ada):
    with Live(stack) as live:
        live.say("auth", token=ada)
        live.hear("ready")
        runs = [session(stack, ada) for _ in range(5)]
        for run in runs:
            live.say("subscribe", run_id=run)
        heard = []
        while sum(message["event"] == "end" for message in heard) < len(runs):
            heard.append(live.hear())
        for run in runs:
            told = [m["data"] for m in heard if m.get("run_id") == run and "id" in m]
            assert told == events(stack, ada, run)


def test_a_run_is_left(stack, ada):
    with Live(stack, ada) as live:
        live.hear("ready")
        run = session(stack, ada, start=False)
        live.say("subscribe", run_id=run)
        live.hear("subscribed")
        live.say("subscribe", run_id=run)
        assert live.hear("error")["data"]["code"] == "conflict"
        live.say("unsubscribe", run_id=run)
        live.hear("unsubscribed")
        stack.send("POST", f"/api/v1/sessions/{run}/start", key=ada)
        live.say("unsubscribe", run_id=run)
        assert live.hear("error")["data"]["code"] == "conflict"
        live.say("ping")
        assert live.hear()["event"] == "pong", "nothing is told of a run that was left"


def test_who_it_is(stack, ada):
    """Nobody hears anything, wrong credentials are refused, and runs of others are not there."""
    ben = person(stack, "ben")
    run = session(stack, ada)
    with pytest.raises(InvalidStatus) as refused, Live(stack, "no-token"):
        pass
    assert refused.value.response.status_code == 401
    with Live(stack) as live:
        live.say("subscribe", run_id=run)
        assert live.hear("error")["data"]["status"] == 401
        for _ in range(2):
            live.say("auth", token="no-token")
            assert live.hear("error")["data"]["code"] == "unauthenticated"
        assert live.closed() == 4401
    with Live(stack) as live:
        live.say("auth", token=ben)
        live.hear("ready")
        live.say("subscribe", run_id=run)
        error = live.hear("error")
        assert error["run_id"] == run and error["data"]["status"] == 404
        live.say("auth", token=ada)
        assert live.hear("error")["data"]["code"] == "conflict"
    with Live(stack) as live:
        assert live.closed() == 4401, "who says nothing is let go"


def test_the_page_of_another_site_is_refused(stack, ada):
    """A browser sends its cookie with any page's WebSocket (RFC 6455, 10.2)."""
    ours = f"http://127.0.0.1:{stack.port}"
    _, headers, _ = stack.send(
        "POST", "/api/v1/auth/session",
        {"email": "ada@example.org", "password": "correct horse battery"}, Origin=ours)
    cookie = {"Cookie": headers["Set-Cookie"].split(";")[0]}
    with Live(stack, path="/api/v1/ws", **cookie, Origin=ours) as live:
        live.hear("ready")
    for origin in ("https://elsewhere.example", "null"):
        with pytest.raises(InvalidStatus) as refused, Live(
                stack, path="/api/v1/ws", **cookie, Origin=origin):
            pass
        assert refused.value.response.status_code == 403


def test_bad_words_change_nothing(stack, ada):
    with Live(stack, ada) as live:
        live.hear("ready")
        for words in ("", "[]", "null", "{}", '{"type":7}', '{"type":"dance"}', "not json"):
            live.socket.send(words)
            assert live.hear("error")["data"]["status"] == 400
        for fields in ({}, {"run_id": "run_x", "after": -1}, {"run_id": 7}):
            live.say("subscribe", **fields)
            assert live.hear("error")["data"]["status"] == 400
        live.say("subscribe", run_id="run_../x")
        assert live.hear("error")["data"]["status"] == 404
        live.say("ping")
        live.hear("pong")
    with Live(stack, ada) as live:
        live.hear("ready")
        live.socket.send(b"bytes")
        assert live.closed() == 1003
    with Live(stack, ada) as live:
        live.hear("ready")
        live.say("ping", text="x" * 20_000)
        assert live.closed() == 1009
    assert stack.send("GET", "/ws")[0] == 426


def test_credentials_that_end(stack, ada):
    """An API key that may not read is refused, and a run that one may not see any more is taken away."""
    made = json.loads(stack.send(
        "POST", "/api/v1/api-keys", {"name": "models", "scopes": ["models"]}, ada)[2])
    with pytest.raises(InvalidStatus) as refused, Live(stack, made["key"]):
        pass
    assert refused.value.response.status_code == 403
    cleo = person(stack, "cleo")
    space = json.loads(stack.send("POST", "/api/v1/workspaces", {"name": "Ours"}, ada)[2])["id"]
    invited = json.loads(stack.send(
        "POST", f"/api/v1/workspaces/{space}/invitations",
        {"email": "cleo@example.org", "role": "viewer"}, ada)[2])
    joined = stack.send(
        "POST", "/api/v1/invitations/accept", {"token": invited["token"]}, cleo)
    assert joined[0] < 300, joined[2]
    run = json.loads(stack.send(
        "POST", "/api/v1/sessions", SESSION | {"workspace_id": space}, ada)[2])["id"]
    member = json.loads(stack.send("GET", "/api/v1/auth/me", key=cleo)[2])["id"]
    with Live(stack, cleo) as live:
        live.hear("ready")
        live.say("subscribe", run_id=run)
        live.hear("subscribed")
        gone = stack.send("DELETE", f"/api/v1/workspaces/{space}/members/{member}", key=ada)
        assert gone[0] == 204, gone[2]
        assert live.hear("error")["data"]["status"] == 404


def test_a_gateway_that_stops_says_so(stack, ada):
    run = session(stack, ada, start=False)
    with Live(stack, ada) as live:
        live.hear("ready")
        live.say("subscribe", run_id=run)
        live.hear("subscribed")
        stack.processes["gateway"].send_signal(signal.SIGTERM)
        assert live.closed() == 1001
        assert stack.processes["gateway"].wait(20) == 0
    stack.start("gateway")
    stack.wait()
    with Live(stack, ada) as live:
        live.hear("ready")
        live.say("subscribe", run_id=run)
        live.hear("subscribed")
