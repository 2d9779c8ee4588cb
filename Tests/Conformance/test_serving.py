"""The official libraries drive us as their server, with the fake providers behind us."""

import json
import time
import urllib.request

import anthropic
import httpx2
import openai
import pytest
from anthropic.types import Message, RawMessageStreamEvent
from conftest import strictly
from live_stack import Stack, programs
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent

pytestmark = pytest.mark.skipif(programs() is None, reason="no executables: swift build")

ASKED = [{"role": "user", "content": "hello there, friend"}]
ANSWER = "ECHO: HELLO THERE, FRIEND"
WORDS = [{"role": "user", "content": "word " * 400}]
PROVIDERS = ["anthropic", "openai", "ollama"]
EXTENSIONS = {"reasoning", "reasoning_content", "reasoning_details"}


@pytest.fixture(scope="module")
def stack(base):
    settings = {
        "ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": base, "OPENAI_API_KEY": "k",
        "OPENAI_BASE_URL": f"{base}/v1", "OLLAMA_URL": base, "LLM_TRIES": "1",
        "LLM_TIMEOUT_MS": "8000"}
    with Stack(**settings) as stack:
        yield stack


def chat(client, model, **more):
    return client.chat.completions.create(model=model, messages=more.pop("messages", ASKED), **more)


def respond(client, model, **more):
    return client.responses.create(model=model, input=more.pop("input", ASKED), **more)


def message(client, model, **more):
    messages = more.pop("messages", ASKED)
    return client.messages.create(model=model, max_tokens=1000, messages=messages, **more)


# Answers


@pytest.mark.parametrize("provider", PROVIDERS)
def test_chat(gpt, provider):
    model = f"{provider}/ok"
    whole = strictly(ChatCompletion, chat(gpt, model), EXTENSIONS)
    assert whole.choices[0].message.content == ANSWER and whole.model == model
    assert whole.choices[0].finish_reason == "stop" and whole.usage.completion_tokens == 4
    pieces, usage = "", None
    for chunk in chat(gpt, model, stream=True, stream_options={"include_usage": True}):
        chunk = strictly(ChatCompletionChunk, chunk, EXTENSIONS)
        pieces += "".join(choice.delta.content or "" for choice in chunk.choices)
        usage = chunk.usage or usage
    assert pieces == ANSWER and usage == whole.usage
    assert all(chunk.usage is None for chunk in chat(gpt, model, stream=True))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_responses(gpt, provider):
    model = f"{provider}/ok"
    whole = strictly(Response, respond(gpt, model), {"store"})
    assert whole.output_text == ANSWER and whole.status == "completed"
    events = [
        strictly(ResponseStreamEvent, event, {"store"})
        for event in respond(gpt, model, stream=True)]
    assert events[-1].type == "response.completed"
    assert events[-1].response.output_text == ANSWER
    assert events[-1].response.usage.output_tokens == 4


@pytest.mark.parametrize("provider", PROVIDERS)
def test_messages(claude, provider):
    model = f"{provider}/ok"
    whole = strictly(Message, message(claude, model))
    assert whole.content[0].text == ANSWER and whole.stop_reason == "end_turn"
    assert whole.usage.output_tokens == 4 and whole.model == model
    for event in message(claude, model, stream=True):
        strictly(RawMessageStreamEvent, event)
    with claude.messages.stream(model=model, max_tokens=100, messages=ASKED) as stream:
        final = stream.get_final_message()
    assert final.content[0].text == ANSWER and final.usage.output_tokens == 4


@pytest.mark.parametrize("provider", PROVIDERS)
def test_unicode(gpt, claude, provider):
    tail = " Grüße, 漢字 👩‍🚀 — e\u0301"
    stream = chat(gpt, f"{provider}/unicode", stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == ANSWER + tail
    with claude.messages.stream(
        model=f"{provider}/unicode", max_tokens=100, messages=ASKED
    ) as stream:
        assert stream.get_final_text() == ANSWER + tail


def test_thinking(claude, gpt):
    for final in (
        message(claude, "anthropic/thinks"),
        claude.messages.stream(
            model="anthropic/thinks", max_tokens=100, messages=ASKED
        ).__enter__().get_final_message(),
    ):
        assert [block.type for block in final.content] == ["thinking", "text"]
        assert final.content[0].thinking == "Let me repeat that."
        assert final.content[0].signature == "c2lnbmVk"
    again = ASKED + [{"role": "assistant", "content": final.content}, ASKED[0]]
    assert message(claude, "anthropic/thinks", messages=again).content[1].text == ANSWER
    whole = chat(gpt, "anthropic/thinks")
    assert whole.choices[0].message.reasoning_content == "Let me repeat that."
    shown = respond(gpt, "anthropic/thinks")
    assert shown.output[0].summary[0].text == "Let me repeat that."


def test_offline(gpt, claude, stack):
    raw = gpt.chat.completions.with_raw_response.create(model="mechanical-edits", messages=ASKED)
    assert raw.headers["x-atelier-offline"] == "no model was called"
    assert raw.parse().model == "mechanical-edits" and raw.parse().choices[0].message.content
    streamed = list(chat(gpt, "offline/gpt-4", stream=True))
    assert {chunk.model for chunk in streamed} == {"mechanical-edits"}
    assert message(claude, "offline/claude").model == "mechanical-edits"
    count = claude.messages.count_tokens(model="mechanical-edits", messages=ASKED)
    assert 5 <= count.input_tokens <= 20
    wait_for(lambda: any(entry["isOffline"] for entry in stack.usage()))


def test_models(gpt, claude):
    names = [model.id for model in gpt.models.list()]
    assert "ollama/ok" in names or "ok" in names
    assert "mechanical-edits" in names and len(names) == len(set(names))
    assert gpt.models.retrieve("mechanical-edits").owned_by == "offline"
    assert gpt.models.retrieve(names[0]).id == names[0]
    assert gpt.models.retrieve("ollama/ok").id
    with pytest.raises(openai.NotFoundError):
        gpt.models.retrieve("no-such-model")
    page = claude.models.list(limit=3)
    assert len(page.data) == 3 and page.has_more
    assert [model.id for model in claude.models.list(limit=3)] == names
    assert claude.models.retrieve(names[0]).type == "model"
    with pytest.raises(anthropic.NotFoundError):
        claude.models.retrieve("no-such-model")


# Refusals


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "model, name",
    [("err429", "RateLimitError"), ("err500", "InternalServerError"), ("none", "NotFoundError"),
     ("garbage", "InternalServerError")])
def test_errors(gpt, claude, provider, stream, model, name):
    model = f"{provider}/{model}"
    for library, ask in ((openai, lambda: chat(gpt, model, stream=stream)),
                         (openai, lambda: respond(gpt, model, stream=stream)),
                         (anthropic, lambda: message(claude, model, stream=stream))):
        with pytest.raises(getattr(library, name)) as caught:
            ask()
        response = caught.value.response
        if "err429" in model:
            assert response.headers["retry-after"] == "1"
            assert response.headers["x-should-retry"] == "true"
        if library is anthropic:
            assert caught.value.body["type"] == "error"
            assert caught.value.body["error"]["message"] and caught.value.request_id


def test_quota(gpt, claude):
    with pytest.raises(openai.RateLimitError) as caught:
        chat(gpt, "openai/quota")
    assert caught.value.code == "insufficient_quota"
    assert caught.value.response.headers["x-should-retry"] == "false"
    with pytest.raises(anthropic.APIStatusError) as caught:
        message(claude, "anthropic/quota")
    assert caught.value.status_code == 402 and caught.value.type == "billing_error"


def test_refused_requests(gpt, claude, stack):
    for broken in ({"messages": []}, {"messages": [{"role": "nobody", "content": "x"}]},
                   {"temperature": "hot"}, {"max_tokens": -1}):
        with pytest.raises(openai.BadRequestError) as caught:
            chat(gpt, "openai/ok", extra_body=broken)
        assert caught.value.type == "invalid_request_error" and caught.value.param
        with pytest.raises(anthropic.BadRequestError) as caught:
            message(claude, "anthropic/ok", extra_body=broken)
        assert caught.value.type == "invalid_request_error"
    for path in ("chat/completions", "responses", "embeddings", "messages"):
        headers = {"Authorization": f"Bearer {stack.key}"}
        answer = httpx2.post(f"{stack.url}/v1/{path}", content=b"{no json", headers=headers)
        assert answer.status_code == 400 and "JSON" in answer.json()["error"]["message"]


@pytest.mark.parametrize("model", ["openai/ok", "mechanical-edits"])
def test_nothing_is_kept(gpt, model):
    """A conversation must not lose its beginning in silence."""
    for more in ({"previous_response_id": "resp_1"}, {"conversation": "conv_1"},
                 {"background": True}):
        with pytest.raises(openai.BadRequestError) as caught:
            respond(gpt, model, **more)
        assert caught.value.param == list(more)[0]


def test_keys(gpt, claude, stack):
    with pytest.raises(openai.AuthenticationError) as caught:
        chat(gpt.with_options(api_key="atl_wrong"), "openai/ok")
    assert caught.value.code == "invalid_api_key"
    with pytest.raises(anthropic.AuthenticationError) as caught:
        message(claude.with_options(api_key="atl_wrong"), "anthropic/ok")
    assert caught.value.type == "authentication_error" and caught.value.request_id
    headers = {"x-api-key": stack.key, "anthropic-version": "2023-06-01"}
    body = {"model": "anthropic/ok", "max_tokens": 9, "messages": ASKED}
    assert httpx2.post(f"{stack.url}/v1/messages", json=body, headers=headers).status_code == 200
    assert httpx2.post(f"{stack.url}/v1/messages", json=body).status_code == 401
    with pytest.raises(openai.APIStatusError) as caught:
        chat(gpt, "openai/ok", messages=[{"role": "user", "content": "x" * (16 << 20)}])
    assert caught.value.status_code == 413


def test_retries(base, stack):
    """The libraries' own second try is obeyed: a 429 that says so is asked again."""
    client = openai.OpenAI(
        base_url=f"{stack.url}/v1", api_key=stack.key, max_retries=3, timeout=15)
    assert chat(client, "ollama/flaky429").choices[0].message.content == ANSWER


# Streams that end early


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("model", ["half", "cut", "late_error"])
def test_broken(gpt, claude, provider, model):
    model = f"{provider}/{model}"
    with pytest.raises(openai.APIError):
        list(chat(gpt, model, stream=True, messages=WORDS))
    with pytest.raises(openai.APIError):
        list(respond(gpt, model, stream=True, input=WORDS))
    with pytest.raises(anthropic.APIError):
        list(message(claude, model, stream=True, messages=WORDS))


def wait_for(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def aborted(base):
    with urllib.request.urlopen(f"{base}/_/stats", timeout=5) as response:
        return json.load(response)["aborted"]


def settled(stack):
    """How many uses are booked, once those of earlier tests are: that is done some time after an answer."""
    count = -1
    while count != (count := len(stack.usage())):
        time.sleep(0.4)
    return count


def booked(stack, after, count):
    """The uses booked after so many."""
    wait_for(lambda: len(stack.usage()) >= after + count)
    return stack.usage()[after:]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("path", ["chat/completions", "messages", "responses"])
def test_disconnect(base, stack, provider, path):
    """A client that goes in the middle ends the request upstream within a second, and is billed."""
    body = {"model": f"{provider}/slow", "max_tokens": 999, "stream": True}
    body |= {"input": WORDS} if path == "responses" else {"messages": WORDS}
    if path == "responses":
        body.pop("max_tokens")
    before, last = aborted(base), settled(stack)
    headers = {"Authorization": f"Bearer {stack.key}"}
    url = f"{stack.url}/v1/{path}"
    with httpx2.stream("POST", url, json=body, headers=headers, timeout=15) as response:
        for piece in response.iter_bytes():
            if b"ECHO" in piece:
                break
    wait_for(lambda: aborted(base) > before, 1.0)
    [entry] = booked(stack, last, 1)
    assert entry["outcome"] == "cancelled" and entry["usage"]["isEstimated"]
    assert entry["usage"]["inputTokens"] > 100 and entry["usage"]["outputTokens"] > 0


@pytest.mark.parametrize("stream", [False, True])
def test_disconnect_early(base, stack, stream):
    """The same before the first byte."""
    before = aborted(base)
    body = {"model": "openai/hang", "stream": stream, "messages": ASKED}
    headers = {"Authorization": f"Bearer {stack.key}"}
    with pytest.raises(httpx2.TimeoutException):
        httpx2.post(f"{stack.url}/v1/chat/completions", json=body, headers=headers, timeout=0.4)
    wait_for(lambda: aborted(base) > before, 1.0)


def test_silence(gpt):
    """A provider that falls silent is given up, and the client told."""
    with pytest.raises(openai.APIError, match="no token within"):
        list(chat(gpt, "openai/stall", stream=True, messages=WORDS))


def test_usage(gpt, stack):
    last = settled(stack)
    chat(gpt, "openai/ok")
    list(chat(gpt, "openai/ok", stream=True))
    for entry in booked(stack, last, 2):
        assert entry["provider"] == "openai" and entry["model"] == "ok"
        assert entry["outcome"] == "completed" and not entry["usage"]["isEstimated"]
        assert entry["usage"]["inputTokens"] == 3 and entry["usage"]["outputTokens"] == 4
        assert entry["user"].startswith("usr_") and entry["agent"] == "api"


def test_restart(stack):
    """A providers service that is killed in the middle: the client is told so."""
    client = openai.OpenAI(
        base_url=f"{stack.url}/v1", api_key=stack.key, max_retries=0, timeout=30)
    with pytest.raises(openai.APIError):
        for number, _ in enumerate(chat(client, "openai/slow", stream=True, messages=WORDS)):
            if number == 3:
                stack.kill("providers")
                stack.start("providers")
    wait_for(lambda: chat(client, "openai/ok").choices[0].message.content == ANSWER, 20)
