"""The official libraries drive us, with recorded answers of the real providers behind us."""

import base64
import json

import anthropic
import httpx2
import openai
import pydantic
import pytest
from conftest import recorded
from live_stack import FIXTURES, RecordedServer, Stack, programs

pytestmark = pytest.mark.skipif(programs() is None, reason="no executables: swift build")

ASKED = [{"role": "user", "content": "Hello"}]
PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(24)).decode()
SCHEMA = {
    "type": "object", "properties": {"port": {"type": "string"}}, "required": ["port"],
    "additionalProperties": False}


@pytest.fixture(scope="module")
def upstream():
    with RecordedServer() as server:
        yield server


@pytest.fixture(scope="module")
def stack(upstream):
    settings = {
        "ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": upstream.url, "OPENAI_API_KEY": "k",
        "OPENAI_BASE_URL": f"{upstream.url}/v1", "OLLAMA_URL": upstream.url, "LLM_TRIES": "1"}
    settings["LLM_PROVIDER"] = "openai"
    settings["OLLAMA_MODEL"] = "text"
    with Stack(**settings) as stack:
        yield stack


# Tools


def chat_tools(strict=None):
    function = {"name": "timetable", "description": "When ferries leave", "parameters": SCHEMA}
    if strict is not None:
        function["strict"] = strict
    return [{"type": "function", "function": function}]


CLAUDE_TOOLS = [
    {"name": "timetable", "description": "When ferries leave", "input_schema": SCHEMA}]


@pytest.mark.parametrize("provider", ["openai", "anthropic", "ollama"])
def test_chat_tools(gpt, upstream, provider):
    model = f"{provider}/tools"
    whole = gpt.chat.completions.create(model=model, messages=ASKED, tools=chat_tools())
    calls = whole.choices[0].message.tool_calls
    assert whole.choices[0].finish_reason == "tool_calls" and calls
    sent = upstream.last["tools"][0]
    assert sent.get("input_schema", sent.get("function", {}).get("parameters")) == SCHEMA
    with gpt.chat.completions.stream(
        model=model, messages=ASKED, tools=chat_tools(strict=True)
    ) as stream:
        final = stream.get_final_completion()
    streamed = final.choices[0].message.tool_calls
    def told(call):
        return call.function.name, json.loads(call.function.arguments)
    assert [told(call) for call in streamed] == [told(call) for call in calls]
    assert all(call.id for call in streamed)
    # The results go back under their names.
    turn = whole.choices[0].message.to_dict()
    results = [
        {"role": "tool", "tool_call_id": call.id, "content": "at noon"} for call in calls]
    gpt.chat.completions.create(
        model=f"{provider}/text", messages=ASKED + [turn] + results, tools=chat_tools())
    assert json.dumps(upstream.last).count("at noon") == len(calls)
    if provider != "ollama":
        assert all(json.dumps(upstream.last).count(call.id) == 2 for call in calls)


@pytest.mark.parametrize("provider", ["openai", "anthropic", "ollama"])
def test_claude_tools(claude, upstream, provider):
    model = f"{provider}/tools"
    whole = claude.messages.create(
        model=model, max_tokens=99, messages=ASKED, tools=CLAUDE_TOOLS)
    assert whole.stop_reason == "tool_use"
    calls = [block for block in whole.content if block.type == "tool_use"]
    with claude.messages.stream(
        model=model, max_tokens=99, messages=ASKED, tools=CLAUDE_TOOLS
    ) as stream:
        final = stream.get_final_message()
    streamed = [block for block in final.content if block.type == "tool_use"]
    assert [(c.name, c.input) for c in calls] == [(c.name, c.input) for c in streamed]
    results = [
        {"type": "tool_result", "tool_use_id": call.id, "content": "at noon"} for call in calls]
    claude.messages.create(
        model=f"{provider}/text", max_tokens=99, tools=CLAUDE_TOOLS, messages=ASKED + [
            {"role": "assistant", "content": whole.content},
            {"role": "user", "content": results}])
    assert json.dumps(upstream.last).count("at noon") == len(calls)


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_response_tools(gpt, upstream, provider):
    tools = [{"type": "function", "name": "timetable", "parameters": SCHEMA, "strict": True}]
    whole = gpt.responses.create(model=f"{provider}/tools", input="Hello", tools=tools)
    calls = [item for item in whole.output if item.type == "function_call"]
    with gpt.responses.stream(
        model=f"{provider}/tools", input="Hello", tools=tools
    ) as stream:
        for _ in stream:
            pass
        final = stream.get_final_response()
    streamed = [item for item in final.output if item.type == "function_call"]
    assert calls and [(c.call_id, c.name, json.loads(c.arguments)) for c in calls] == [
        (c.call_id, c.name, json.loads(c.arguments)) for c in streamed]


# Structured output


class Port(pydantic.BaseModel):
    port: str
    piers: list[int]


class Bird(pydantic.BaseModel):
    bird: str
    legs: int
    notes: list[str]


class Hive(pydantic.BaseModel):
    bees: int


@pytest.mark.parametrize(
    "provider, kind", [("openai", Port), ("anthropic", Bird), ("ollama", Hive)])
def test_structured(gpt, upstream, provider, kind):
    parsed = gpt.chat.completions.parse(
        model=f"{provider}/structured", messages=ASKED, response_format=kind)
    assert isinstance(parsed.choices[0].message.parsed, kind)
    with gpt.chat.completions.stream(
        model=f"{provider}/structured", messages=ASKED, response_format=kind
    ) as stream:
        final = stream.get_final_completion()
    assert final.choices[0].message.parsed == parsed.choices[0].message.parsed
    sent = json.dumps(upstream.last)
    assert json.dumps(list(kind.model_fields)) in sent, "the schema has gone along"
    response = gpt.responses.parse(
        model=f"{provider}/structured", input="Hello", text_format=kind)
    assert response.output_parsed == parsed.choices[0].message.parsed


# Images and thinking


def test_images(gpt, claude, upstream):
    picture = {"type": "base64", "media_type": "image/png", "data": PIXEL}
    content = [{"type": "image", "source": picture}, {"type": "text", "text": "What is it?"}]
    asked = [{"role": "user", "content": content}]
    claude.messages.create(model="anthropic/text", max_tokens=9, messages=asked)
    assert upstream.last["messages"][0]["content"][0]["source"] == picture
    claude.messages.create(model="openai/text", max_tokens=9, messages=asked)
    [image] = [
        part for part in upstream.last["messages"][0]["content"] if part["type"] == "image_url"]
    assert image["image_url"]["url"] == f"data:image/png;base64,{PIXEL}"
    part = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
    asked = [{"role": "user", "content": [part, {"type": "text", "text": "What is it?"}]}]
    gpt.chat.completions.create(model="anthropic/text", messages=asked)
    assert upstream.last["messages"][0]["content"][0]["source"] == picture
    gpt.chat.completions.create(model="ollama/text", messages=asked)
    assert upstream.last["messages"][0]["images"] == [PIXEL]


def test_thinking_comes_back(gpt, claude, upstream):
    """Signed reasoning goes back to the provider that signed it, whatever the client speaks."""
    thinking = {"type": "enabled", "budget_tokens": 2000}
    with claude.messages.stream(
        model="anthropic/thinking", max_tokens=4000, messages=ASKED, thinking=thinking
    ) as stream:
        first = stream.get_final_message()
    kinds = [block.type for block in first.content]
    assert "thinking" in kinds and "redacted_thinking" in kinds
    turns = ASKED + [{"role": "assistant", "content": first.content}] + ASKED
    claude.messages.create(
        model="anthropic/text", max_tokens=4000, messages=turns, thinking=thinking)
    signed = [
        block for block in upstream.last["messages"][1]["content"] if "thinking" in block["type"]]
    assert signed and signed == [
        {key: value for key, value in block.to_dict().items() if value is not None}
        for block in first.content if "thinking" in block.type]
    whole = gpt.chat.completions.create(
        model="anthropic/thinking", messages=ASKED, reasoning_effort="low")
    turns = ASKED + [whole.choices[0].message.to_dict()] + ASKED
    gpt.chat.completions.create(
        model="anthropic/text", messages=turns, reasoning_effort="low")
    echoed = [
        block for block in upstream.last["messages"][1]["content"] if "thinking" in block["type"]]
    assert echoed == signed


def test_betas(claude, upstream):
    """What Anthropic's clients ask for by name goes to Anthropic, and to nobody else."""
    for provider in ("anthropic", "openai"):
        claude.beta.messages.create(
            model=f"{provider}/text", max_tokens=99, messages=ASKED,
            betas=["fine-grained-2026-01-01", "other-1"])
        headers = {name.lower(): value for name, value in upstream.server.asked[-1][2].items()}
        sent = headers.get("anthropic-beta")
        assert sent == ("fine-grained-2026-01-01,other-1" if provider == "anthropic" else None)


def test_count(claude, upstream):
    count = claude.messages.count_tokens(
        model="anthropic/text", messages=ASKED, tools=CLAUDE_TOOLS)
    assert count.input_tokens == 42 and upstream.last["tools"]
    assert claude.messages.count_tokens(model="openai/text", messages=ASKED).input_tokens > 0


def test_embeddings(gpt, upstream):
    """The library asks for base64 by itself; a client may ask for numbers."""
    wanted = [[0.5, -1.25, 0.0], [0.5, -1.25, 1.0]]
    for more in ({}, {"encoding_format": "float"}, {"encoding_format": "base64"}):
        answer = gpt.embeddings.create(model="openai/small", input=["one", "two"], **more)
        if more.get("encoding_format") != "base64":
            assert [item.embedding for item in answer.data] == wanted
        assert answer.usage.prompt_tokens == 7 and answer.model == "openai/small"
    assert upstream.last["model"] == "small"
    gpt.embeddings.create(model="openai/small", input="one", dimensions=3)
    assert upstream.last["dimensions"] == 3
    with pytest.raises(openai.BadRequestError):
        gpt.embeddings.create(model="openai/small", input=[])
    with pytest.raises(openai.BadRequestError):
        gpt.embeddings.create(model="anthropic/small", input="one")
    with pytest.raises(openai.BadRequestError):
        gpt.embeddings.create(model="mechanical-edits", input="one")


# Streams cut in every place


def places(data):
    """Around every end of an event, and within."""
    found = {0, len(data) - 1, *range(0, len(data), 97)}
    for mark in (b"\n\n", b"}\n"):
        at = data.find(mark)
        while at >= 0:
            found |= {at, at + 1, at + 2}
            at = data.find(mark, at + 1)
    return sorted(place for place in found if 0 <= place < len(data))


# Where each provider's stream is whole, whatever comes after it.
WHOLE = {"openai": b"data: [DONE]", "anthropic": b'{"type":"message_stop"}', "ollama": b'"done":true'}
BODIES = {
    "chat/completions": {"messages": ASKED}, "responses": {"input": "Hello"},
    "messages": {"messages": ASKED, "max_tokens": 99}}


def ended(path, text):
    """True for a stream that says it is whole, False for one that says it is not."""
    if path == "chat/completions":
        return True if text.endswith("data: [DONE]\n\n") else (
            False if 'data: {"error"' in text else None)
    if path == "messages":
        return True if "event: message_stop" in text else (
            False if "event: error\n" in text else None)
    return True if "event: response.completed" in text else (
        False if "event: error\n" in text else None)


@pytest.mark.parametrize("path", list(BODIES))
@pytest.mark.parametrize("provider, name", [
    ("openai", "text"), ("openai", "tools"), ("anthropic", "thinking"), ("anthropic", "tools"),
    ("ollama", "tools")])
def test_cut(stack, path, provider, name):
    """A stream that ends early ends in an error event, and never in silence or in success."""
    ending = ".ndjson" if provider == "ollama" else ".sse"
    data = (FIXTURES / "streams" / provider / (name + ending)).read_bytes()
    end = data.find(WHOLE[provider]) + len(WHOLE[provider])
    headers = {"Authorization": f"Bearer {stack.key}"}
    with httpx2.Client(base_url=f"{stack.url}/v1/", headers=headers, timeout=15) as client:
        for place in places(data):
            for mark in "@!":
                body = {"model": f"{provider}/{name}{mark}{place}", "stream": True}
                answer = client.post(path, json=body | BODIES[path])
                if place < end:
                    assert answer.status_code == 502 or ended(path, answer.text) is False, place
                else:
                    assert ended(path, answer.text) is not None, place


@pytest.mark.parametrize("provider", ["openai", "anthropic", "ollama"])
def test_every_recording(gpt, claude, provider):
    """Whatever a provider says reaches clients of every dialect, or is an error of theirs."""
    for name in recorded(provider):
        if name.startswith(("error", "failed", "stop-load")):
            continue
        model = f"{provider}/{name}"
        chunks = list(gpt.chat.completions.create(model=model, messages=ASKED, stream=True))
        assert chunks[-1].choices[0].finish_reason
        if not (FIXTURES / "answers" / provider / f"{name}.json").exists():
            continue
        assert gpt.chat.completions.create(model=model, messages=ASKED).choices[0].finish_reason
        events = list(gpt.responses.create(model=model, input="Hello", stream=True))
        assert events[-1].type in ("response.completed", "response.incomplete")
        assert gpt.responses.create(model=model, input="Hello").status in (
            "completed", "incomplete")
        with claude.messages.stream(model=model, max_tokens=99, messages=ASKED) as stream:
            assert stream.get_final_message().stop_reason
        assert claude.messages.create(model=model, max_tokens=99, messages=ASKED).stop_reason
