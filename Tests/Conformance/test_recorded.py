"""The official libraries accept the recorded streams that our readers are tested with."""

import anthropic
import google.genai
import httpx2
import ollama
import openai
import pytest
from anthropic.types import Message, RawMessageStreamEvent
from conftest import recorded, strictly
from google.genai import errors, types
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent

ASKED = [{"role": "user", "content": "Hello"}]
# What other servers than OpenAI add to its chat.
EXTENSIONS = {
    "reasoning", "reasoning_content", "reasoning_details", "x_groq", "extra_content", "cost",
    "prompt_cache_hit_tokens", "prompt_cache_miss_tokens", "native_finish_reason",
}
FAILURES = ("error", "failed")


CLAUDE = anthropic.Anthropic(base_url="http://a", api_key="k", max_retries=0, timeout=5)
GPT = openai.OpenAI(base_url="http://a", api_key="k", max_retries=0, timeout=5)


def claude(url):
    return CLAUDE.with_options(base_url=url)


def gpt(url):
    return GPT.with_options(base_url=url)


def gemini(url):
    return google.genai.Client(api_key="k", http_options={"base_url": url})


@pytest.mark.parametrize("name", recorded("anthropic"))
def test_anthropic(replay, name):
    client = claude(f"{replay}/streams/anthropic/{name}/-")
    events = client.messages.create(model="m", max_tokens=9, messages=ASKED, stream=True)
    if name.startswith(FAILURES):
        with pytest.raises(anthropic.APIError, match="Overloaded"):
            list(events)
        return
    if name == "new-kinds":
        assert "message_stop" in [event.type for event in events]
        return
    for event in events:
        strictly(RawMessageStreamEvent, event)
    with client.messages.stream(model="m", max_tokens=9, messages=ASKED) as stream:
        streamed = stream.get_final_message()
    whole = claude(f"{replay}/answers/anthropic/{name}/-").messages.create(
        model="m", max_tokens=9, messages=ASKED)
    strictly(Message, whole)
    one = streamed.model_dump(exclude_none=True, exclude={"usage"})
    other = whole.model_dump(exclude_none=True, exclude={"usage"})
    for block in one["content"]:
        block.pop("parsed_output", None)
    assert one == other


@pytest.mark.parametrize("folder", ["openai", "openai-compatible"])
def test_chat(replay, folder):
    for name in recorded(folder):
        client = gpt(f"{replay}/streams/{folder}/{name}/-/v1")
        chunks = client.chat.completions.create(model="m", messages=ASKED, stream=True)
        if name.startswith("error-midway"):
            with pytest.raises(openai.APIError):
                list(chunks)
            continue
        odd = name.startswith(("error", "tools-")) or name == "custom-tool"
        chunks = list(chunks)
        assert chunks
        if odd:
            continue  # what the library has no type for, and servers send
        for chunk in chunks:
            strictly(ChatCompletionChunk, chunk, EXTENSIONS)
        whole = gpt(f"{replay}/answers/{folder}/{name}/-/v1").chat.completions.create(
            model="m", messages=ASKED)
        if whole.choices[0].finish_reason:
            strictly(ChatCompletion, whole, EXTENSIONS)
        text = "".join(
            choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
        assert text == (whole.choices[0].message.content or "")


@pytest.mark.parametrize("name", recorded("openai-responses"))
def test_responses(replay, name):
    client = gpt(f"{replay}/streams/openai-responses/{name}/-/v1")
    events = list(client.responses.create(model="m", input="Hello", stream=True))
    for event in events:
        # What OpenAI sends and its library has no type for.
        strictly(ResponseStreamEvent, event, {"obfuscation", "status", "store"})
    assert [event.sequence_number for event in events] == list(range(len(events)))
    if name.startswith(FAILURES):
        assert events[-1].type in ("error", "response.failed")
        return
    if events[-1].type == "response.completed":
        with client.responses.stream(model="m", input="Hello") as stream:
            final = stream.get_final_response()
        assert final.output_text == events[-1].response.output_text
    whole = gpt(f"{replay}/answers/openai-responses/{name}/-/v1").responses.create(
        model="m", input="Hello")
    strictly(Response, whole, {"status", "store"})


@pytest.mark.parametrize("name", recorded("gemini"))
def test_gemini(replay, name):
    client = gemini(f"{replay}/streams/gemini/{name}/-")
    chunks = client.models.generate_content_stream(model="m", contents="Hello")
    if name.startswith(FAILURES):
        with pytest.raises((errors.APIError, errors.UnknownApiResponseError)):
            list(chunks)
        return
    chunks = list(chunks)
    for chunk in chunks:
        types.GenerateContentResponse.model_validate(chunk.model_dump())
        assert chunk.usage_metadata.prompt_token_count
    last = chunks[-1]
    if name == "blocked":
        assert last.prompt_feedback.block_reason == types.BlockedReason.PROHIBITED_CONTENT
        return
    assert last.candidates[0].finish_reason in list(types.FinishReason)
    client = gemini(f"{replay}/answers/gemini/{name}/-")
    whole = client.models.generate_content(model="m", contents="Hello")
    parts = [part for part in whole.candidates[0].content.parts or []]
    streamed = [
        part for chunk in chunks for candidate in chunk.candidates or []
        for part in (candidate.content and candidate.content.parts) or []]
    def text(parts):
        return "".join(part.text or "" for part in parts)
    def signatures(parts):
        return [part.thought_signature for part in parts if part.thought_signature]
    assert text(parts) == text(streamed) and signatures(parts) == signatures(streamed)


@pytest.mark.parametrize("name", recorded("ollama"))
def test_ollama(replay, name):
    client = ollama.Client(host=f"{replay}/streams/ollama/{name}/-")
    lines = client.chat("m", messages=ASKED, stream=True)
    if name.startswith(FAILURES):
        with pytest.raises(ollama.ResponseError):
            list(lines)
        return
    lines = list(lines)
    assert lines[-1].done and lines[-1].done_reason
    whole = ollama.Client(host=f"{replay}/answers/ollama/{name}/-").chat("m", messages=ASKED)
    assert "".join(line.message.content or "" for line in lines) == (whole.message.content or "")
    calls = [call for line in lines for call in line.message.tool_calls or []]
    assert calls == list(whole.message.tool_calls or [])


def test_cut(replay):
    """A file that is not there is an error: the tests above have read what they name."""
    with pytest.raises(anthropic.NotFoundError):
        claude(f"{replay}/streams/anthropic/none/-").messages.create(
            model="m", max_tokens=9, messages=ASKED, stream=True)
    assert httpx2.get(f"{replay}/").status_code == 501
