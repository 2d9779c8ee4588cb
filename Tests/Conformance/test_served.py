"""What we serve is what the official libraries expect: its stream, its whole, and that both agree.

The files are what our writers have written, for replies of every provider (DialectsTests).
"""

import json

import anthropic
import openai
import pytest
from anthropic.types import Message, RawMessageStreamEvent
from conftest import recorded, strictly
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent

ASKED = [{"role": "user", "content": "Hello"}]
CLAUDE = anthropic.Anthropic(base_url="http://a", api_key="k", max_retries=0, timeout=5)
GPT = openai.OpenAI(base_url="http://a", api_key="k", max_retries=0, timeout=5)
# What we add to OpenAI's chat, as other servers do, so that reasoning can be given back; and what
# OpenAI and other servers send and its library has no type for.
EXTENSIONS = {
    "reasoning", "reasoning_content", "reasoning_details", "extra_content", "cost",
    "prompt_cache_hit_tokens", "prompt_cache_miss_tokens", "annotations", "custom",
}
UNTYPED = {"store", "status", "error", "service_tier"}


@pytest.mark.parametrize("name", recorded("anthropic", "served"))
def test_anthropic(replay, name):
    client = CLAUDE.with_options(base_url=f"{replay}/served/anthropic/{name}/-")
    events = client.messages.create(model="m", max_tokens=9, messages=ASKED, stream=True)
    if name == "failing":
        with pytest.raises(anthropic.APIStatusError, match="no room") as caught:
            list(events)
        assert caught.value.type == "overloaded_error"
        return
    kinds = []
    for event in events:
        kinds.append(event.type)
        if "new-kinds" not in name:
            strictly(RawMessageStreamEvent, event)
    assert kinds[0] == "message_start" and kinds[-2:] == ["message_delta", "message_stop"]
    with client.messages.stream(model="m", max_tokens=9, messages=ASKED) as stream:
        streamed = stream.get_final_message()
    whole = client.messages.create(model="m", max_tokens=9, messages=ASKED)
    strictly(Message, whole)
    one, other = (
        message.model_dump(exclude_none=True, exclude={"usage"}) for message in (streamed, whole))
    for block in one["content"]:
        block.pop("parsed_output", None)
    for message in (one, other):
        # A signature that comes late in a stream has its block after the call it belongs to.
        carried = [b for b in message["content"] if str(b.get("data")).startswith("~")]
        message["content"] = [b for b in message["content"] if b not in carried]
        message["carried"] = carried
    assert one == other
    assert streamed.usage.output_tokens == whole.usage.output_tokens
    assert streamed.usage.input_tokens == whole.usage.input_tokens
    assert streamed.usage.cache_read_input_tokens == whole.usage.cache_read_input_tokens


def reasoning(message):
    """The fields that a client gives back; a piece that a signature joins is one piece."""
    plain = message.to_dict()
    pieces = [
        {key: value for key, value in piece.items() if value not in (None, "")}
        for piece in plain.get("reasoning_details") or []]
    text = plain.get("reasoning_content") or plain.get("reasoning") or ""
    calls = [
        (call["id"], call.get("extra_content")) for call in plain.get("tool_calls") or []]
    return sorted(json.dumps(piece, sort_keys=True) for piece in pieces), text, calls


@pytest.mark.parametrize("name", recorded("openai", "served"))
def test_chat(replay, name):
    client = GPT.with_options(base_url=f"{replay}/served/openai/{name}/-/v1")
    chunks = client.chat.completions.create(model="m", messages=ASKED, stream=True)
    if name == "failing":
        with pytest.raises(openai.APIError, match="no room") as caught:
            list(chunks)
        assert caught.value.code == "engine_overloaded"
        return
    is_custom = "custom-tool" in name
    state = ChatCompletionStreamState()
    chunks = list(chunks)
    for chunk in chunks:
        if not is_custom:
            strictly(ChatCompletionChunk, chunk, EXTENSIONS)
            state.handle_chunk(chunk)
    assert chunks[-1].choices == [] and chunks[-1].usage
    assert chunks[-2].choices[0].finish_reason and not chunks[-2].choices[0].delta.content
    whole = client.chat.completions.create(model="m", messages=ASKED)
    strictly(ChatCompletion, whole, EXTENSIONS)
    if is_custom:
        return  # the library cannot put these together
    streamed = state.current_completion_snapshot
    one, other = streamed.choices[0], whole.choices[0]
    assert (one.message.content or "") == (other.message.content or "")
    assert (one.message.refusal or "") == (other.message.refusal or "")
    assert one.finish_reason == other.finish_reason
    calls = [
        [(call.id, call.function.name, call.function.arguments)
         for call in message.tool_calls or []] for message in (one.message, other.message)]
    assert [[(i, n, a.replace(" ", "")) for i, n, a in side] for side in calls][0] == [
        (i, n, a.replace(" ", "")) for i, n, a in calls[1]]
    if whole.usage:
        assert streamed.usage == whole.usage
    # An unsigned thought needs no pieces in the whole; the stream cannot know in time.
    if "thinking" in name or "tools" in name or "reasoning-details" in name:
        assert reasoning(one.message)[1:] == reasoning(other.message)[1:]
    signed = [
        piece for piece in reasoning(other.message)[0]
        if '"signature"' in piece or '"data"' in piece]
    assert [piece for piece in reasoning(one.message)[0] if piece in signed] == signed
    if name == "anthropic-interleaved":
        assert reasoning(one.message) == reasoning(other.message)
        assert len(signed) == 3, "each piece is whole, and none is two"


@pytest.mark.parametrize("name", recorded("openai-responses", "served"))
def test_responses(replay, name):
    client = GPT.with_options(base_url=f"{replay}/served/openai-responses/{name}/-/v1")
    events = []
    if name == "failing":
        with pytest.raises(openai.APIError, match="no room"):
            for event in client.responses.create(model="m", input="Hello", stream=True):
                events.append(event)
        assert events[-1].type == "response.failed"
        assert events[-1].response.error.message == "no room"
        return
    for event in client.responses.create(model="m", input="Hello", stream=True):
        events.append(strictly(ResponseStreamEvent, event, UNTYPED))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    last = events[-1]
    assert last.type in ("response.completed", "response.incomplete")
    with client.responses.stream(model="m", input="Hello") as stream:
        for _ in stream:
            pass
        if last.type == "response.completed":
            final = stream.get_final_response()
            assert final.output_text == last.response.output_text
    whole = strictly(
        Response, client.responses.create(model="m", input="Hello"), UNTYPED)
    one, other = last.response.to_dict(), whole.to_dict()
    for response in (one, other):
        for item in response["output"]:
            if item["type"] == "function_call":
                item["arguments"] = item["arguments"].replace(" ", "")
        # A signature that comes late in a stream has its item after the call it belongs to.
        carried = [
            item for item in response["output"]
            if str(item.get("encrypted_content")).startswith("~")]
        response["output"] = [item for item in response["output"] if item not in carried]
        if carried:
            for item in response["output"] + carried:
                item.pop("id", None)
        response["carried"] = carried
    assert one == other
