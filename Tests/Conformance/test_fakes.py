"""The official libraries accept the fakes, so that what our tests learn from them is true."""

import json
import urllib.error
import urllib.request

import anthropic
import httpx2
import openai
import pytest
from anthropic.types import Message, RawMessageStreamEvent
from conftest import strictly
from openai.types.chat import ChatCompletion, ChatCompletionChunk

ASKED = [{"role": "user", "content": "hello there, friend"}]
ANSWER = "ECHO: HELLO THERE, FRIEND"
UNICODE = ANSWER + " Grüße, 漢字 👩‍🚀 — e\u0301"


@pytest.fixture
def claude(base):
    with anthropic.Anthropic(base_url=base, api_key="k", max_retries=0, timeout=5) as client:
        yield client


@pytest.fixture
def gpt(base):
    url = f"{base}/v1"
    with openai.OpenAI(base_url=url, api_key="k", max_retries=0, timeout=5) as client:
        yield client


# Anthropic


def ask_claude(client, model, **more):
    return client.messages.create(model=model, max_tokens=100, messages=ASKED, **more)


@pytest.mark.parametrize("model", ["ok", "thinks"])
def test_anthropic_whole(claude, model):
    message = strictly(Message, ask_claude(claude, model))
    assert message.content[-1].text == ANSWER and message.stop_reason == "end_turn"
    assert message.usage.input_tokens == 3


@pytest.mark.parametrize(
    "model, text", [("ok", ANSWER), ("slow", ANSWER), ("thinks", ANSWER), ("unicode", UNICODE)])
def test_anthropic_stream(claude, model, text):
    kinds, pieces = [], ""
    for event in ask_claude(claude, model, stream=True):
        event = strictly(RawMessageStreamEvent, event)
        kinds.append(event.type)
        if event.type == "content_block_delta" and event.delta.type == "text_delta":
            pieces += event.delta.text
        if event.type == "message_delta":
            assert event.delta.stop_reason == "end_turn"
            assert event.usage.output_tokens >= 4
    assert pieces == text
    assert kinds[0] == "message_start" and kinds[-2:] == ["message_delta", "message_stop"]


def test_anthropic_stream_helper(claude):
    with claude.messages.stream(model="thinks", max_tokens=100, messages=ASKED) as stream:
        message = stream.get_final_message()
    assert [block.type for block in message.content] == ["thinking", "text"]
    assert message.content[0].thinking == "Let me repeat that."
    assert message.content[1].text == ANSWER
    assert message.usage.output_tokens == 8


def test_anthropic_limit(claude):
    message = claude.messages.create(model="ok", max_tokens=2, messages=ASKED)
    assert message.content[0].text == "ECHO: HELLO" and message.stop_reason == "max_tokens"


@pytest.mark.parametrize(
    "model, error",
    [("err429", anthropic.RateLimitError), ("quota", anthropic.RateLimitError),
     ("err500", anthropic.InternalServerError), ("none", anthropic.NotFoundError)])
def test_anthropic_errors(claude, model, error):
    with pytest.raises(error) as caught:
        ask_claude(claude, model)
    assert caught.value.body["type"] == "error" and caught.value.body["error"]["message"]
    if model == "err429":
        assert caught.value.response.headers["retry-after"] == "1"


def test_anthropic_refuses(base, claude):
    with pytest.raises(anthropic.AuthenticationError):
        ask_claude(claude.with_options(api_key="bad"), "ok")
    with pytest.raises(anthropic.BadRequestError, match="temperature"):
        ask_claude(claude, "ok", extra_body={"temperature": 1})


def test_anthropic_retries(claude):
    patient = claude.with_options(max_retries=2, api_key="patient")
    for _ in range(2):
        assert ask_claude(patient, "flaky429").content[0].text == ANSWER


def test_anthropic_broken(claude):
    for model, error in [("half", httpx2.RemoteProtocolError), ("late_error", anthropic.APIError)]:
        with pytest.raises(error):
            for event in ask_claude(claude, model, stream=True):
                strictly(RawMessageStreamEvent, event)
    # Frames without a name are skipped in silence, and a proper end is taken for one.
    assert list(ask_claude(claude, "garbage", stream=True)) == []
    kinds = [event.type for event in ask_claude(claude, "cut", stream=True)]
    assert kinds[0] == "message_start" and "message_stop" not in kinds


def test_anthropic_hangs(claude):
    with pytest.raises(anthropic.APITimeoutError):
        ask_claude(claude.with_options(timeout=0.2), "hang")


def test_anthropic_models(claude):
    assert "ok" in [model.id for model in claude.models.list()]


# OpenAI


def ask_gpt(client, model, **more):
    return client.chat.completions.create(model=model, messages=ASKED, **more)


def test_openai_whole(gpt):
    completion = strictly(ChatCompletion, ask_gpt(gpt, "ok"))
    assert completion.choices[0].message.content == ANSWER
    assert completion.choices[0].finish_reason == "stop"
    assert completion.usage.total_tokens == 7


@pytest.mark.parametrize("model, text", [("ok", ANSWER), ("slow", ANSWER), ("unicode", UNICODE)])
@pytest.mark.parametrize("usage", [False, True])
def test_openai_stream(gpt, model, text, usage):
    options = {"stream_options": {"include_usage": True}} if usage else {}
    pieces, reasons, usages = "", [], []
    for chunk in ask_gpt(gpt, model, stream=True, **options):
        chunk = strictly(ChatCompletionChunk, chunk)
        for choice in chunk.choices:
            pieces += choice.delta.content or ""
            reasons.append(choice.finish_reason)
        if chunk.usage:
            assert chunk.choices == []
            usages.append(chunk.usage.completion_tokens)
    assert pieces == text and reasons[-1] == "stop" and not any(reasons[:-1])
    assert len(usages) == usage


def test_openai_limit(gpt):
    for name in ("max_tokens", "max_completion_tokens"):
        choice = ask_gpt(gpt, "ok", **{name: 2}).choices[0]
        assert choice.message.content == "ECHO: HELLO" and choice.finish_reason == "length"


@pytest.mark.parametrize(
    "model, error",
    [("err429", openai.RateLimitError), ("quota", openai.RateLimitError),
     ("err500", openai.InternalServerError), ("none", openai.NotFoundError)])
def test_openai_errors(gpt, model, error):
    with pytest.raises(error) as caught:
        ask_gpt(gpt, model)
    if model == "quota":
        assert caught.value.code == "insufficient_quota"


def test_openai_refuses_and_retries(gpt):
    with pytest.raises(openai.AuthenticationError):
        ask_gpt(gpt.with_options(api_key="bad"), "ok")
    patient = gpt.with_options(max_retries=2, api_key="patient")
    assert ask_gpt(patient, "flaky429").choices[0].message.content == ANSWER


@pytest.mark.parametrize(
    "model, error",
    [("half", openai.APIConnectionError), ("late_error", openai.APIError),
     ("garbage", json.JSONDecodeError)])
def test_openai_broken(gpt, model, error):
    with pytest.raises(error):
        for chunk in ask_gpt(gpt, model, stream=True):
            strictly(ChatCompletionChunk, chunk)


def test_openai_models(gpt):
    assert "ok" in [model.id for model in gpt.models.list()]


# Ollama


def post(base, **body):
    data = json.dumps({"messages": ASKED} | body).encode()
    request = urllib.request.Request(f"{base}/api/chat", data)
    with urllib.request.urlopen(request, timeout=5) as response:
        return [json.loads(line) for line in response]


@pytest.mark.parametrize(
    "model, text", [("ok", ANSWER), ("unicode", UNICODE), ("thinks", ANSWER)])
def test_ollama_stream(base, model, text):
    lines = post(base, model=model)
    assert "".join(line["message"]["content"] for line in lines) == text
    assert [line["done"] for line in lines] == [False] * (len(lines) - 1) + [True]
    assert lines[-1]["done_reason"] == "stop" and lines[-1]["prompt_eval_count"] == 3


def test_ollama_whole(base):
    [line] = post(base, model="ok", stream=False, options={"num_predict": 2})
    assert line["message"]["content"] == "ECHO: HELLO" and line["done_reason"] == "length"


def test_ollama_late_error(base):
    assert "error" in post(base, model="late_error")[-1]


def test_ollama_errors(base):
    with pytest.raises(urllib.error.HTTPError) as caught:
        post(base, model="none")
    assert caught.value.code == 404 and json.load(caught.value)["error"]
    with urllib.request.urlopen(f"{base}/api/tags", timeout=5) as response:
        assert "ok" in [model["name"] for model in json.load(response)["models"]]
