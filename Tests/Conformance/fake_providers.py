"""Three model providers in one process, which say nothing of their own.

Anthropic's /v1/messages, OpenAI's /v1/chat/completions and Ollama's /api/chat answer with the last
user message in capitals after "ECHO: ", and behave as the model's name says:

    ok          answers                     slow        50 ms before each token
    unicode     more than ASCII, cut anywhere within characters
    thinks      shows some reasoning first  err500      a failure of the server
    err429      Retry-After: 1              flaky429    429 twice, then answers
    quota       429, and nothing left to spend
    garbage     200, but not the dialect    half        closes the connection half-way
    cut         ends the message properly half-way
    late_error  an error half-way           stall       falls silent half-way
    hang        never answers

Any key will do except "bad"; Ollama takes none. GET /_/stats tells what was asked and given up.
The port goes to standard output once it is open.
"""

import json
import select
import socket
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODELS = [
    "ok", "slow", "unicode", "thinks", "err500", "err429", "flaky429", "quota", "garbage", "half",
    "cut", "late_error", "stall", "hang",
]
LONGEST_SILENCE = 120
LARGEST_BODY = 32 << 20
SAMPLING = ("temperature", "top_p", "top_k")


class Refusal(Exception):
    """A request that gets an error in place of a reply."""

    def __init__(self, status, kind, message, headers=()):
        super().__init__(message)
        self.status, self.kind, self.message, self.headers = status, kind, message, dict(headers)


class Gone(Exception):
    """The client has closed the connection."""


def text_of(content):
    """The text of a message, which may come in blocks."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise Refusal(400, "bad_request", "content is neither a text nor a list")
    return "".join(block.get("text", "") for block in content if isinstance(block, dict))


def tokens_of(text):
    """Words, each with the space before it; joined, they are the text."""
    tokens, word = [], ""
    for letter in text:
        if letter == " " and word:
            tokens.append(word)
            word = ""
        word += letter
    return tokens + [word] if word else tokens


class Reply:
    """What is said to one request, and how."""

    def __init__(self, request, limit):
        messages = request.get("messages")
        if not isinstance(messages, list) or not messages:
            raise Refusal(400, "bad_request", "messages: at least one message is required")
        asked = [text_of(message.get("content", "")) for message in messages]
        last = [text for text, message in zip(asked, messages) if message.get("role") == "user"]
        if not last:
            raise Refusal(400, "bad_request", "messages: there is no user message")
        self.model = request["model"]
        text = "ECHO: " + last[-1].upper()
        if self.model == "unicode":
            text += " Grüße, 漢字 👩‍🚀 — e\u0301"
        self.thinking = "Let me repeat that." if self.model == "thinks" else ""
        tokens = tokens_of(text)
        self.is_cut_off = limit is not None and 0 < limit < len(tokens)
        self.tokens = tokens[:limit] if self.is_cut_off else tokens
        self.text = "".join(self.tokens)
        system = text_of(request.get("system") or "")
        self.input = sum(len(text.split()) for text in asked) + len(system.split())
        self.reasoning = len(self.thinking.split())
        self.output = len(self.tokens) + self.reasoning


class State:
    """What the server remembers: counts, and how often it has refused whom."""

    def __init__(self):
        self.lock = threading.Lock()
        self.by_model = Counter()
        self.flaky = Counter()
        self.aborted = 0

    def refuse_again(self, caller):
        """Twice true, then once false."""
        with self.lock:
            self.flaky[caller] = (self.flaky[caller] + 1) % 3
            return self.flaky[caller] != 0


class Provider(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    # Routes

    def do_GET(self):
        now = "2026-01-01T00:00:00Z"
        if self.path == "/_/stats":
            state = self.server.state
            with state.lock:
                self.send_json(200, {"by_model": dict(state.by_model), "aborted": state.aborted})
        elif self.path.split("?")[0] == "/v1/models" and self.headers["anthropic-version"]:
            data = [
                {"type": "model", "id": name, "display_name": name, "created_at": now}
                for name in MODELS
            ]
            self.send_json(
                200, {"data": data, "has_more": False, "first_id": "ok", "last_id": MODELS[-1]})
        elif self.path.split("?")[0] == "/v1/models":
            data = [
                {"id": name, "object": "model", "created": 1767225600, "owned_by": "fake"}
                for name in MODELS
            ]
            self.send_json(200, {"object": "list", "data": data})
        elif self.path == "/api/tags":
            models = [
                {"name": name, "model": name, "modified_at": now, "size": 1, "digest": "0" * 64,
                 "details": {"format": "gguf", "family": "fake", "parameter_size": "1B",
                             "quantization_level": "Q4_0"}}
                for name in MODELS
            ]
            self.send_json(200, {"models": models})
        else:
            self.send_json(404, {"error": {"type": "not_found_error", "message": "no such path"}})

    def do_POST(self):
        routes = {
            "/v1/messages": Anthropic, "/v1/chat/completions": OpenAI, "/api/chat": Ollama}
        dialect = routes.get(self.path.split("?")[0])
        try:
            length = int(self.headers["Content-Length"] or 0)
        except ValueError:
            length = -1
        if dialect is None or not 0 <= length <= LARGEST_BODY:
            self.close_connection = True
            self.send_json(404, {"error": {"type": "not_found_error", "message": "no such path"}})
            return
        body = self.rfile.read(length)
        speaker = dialect(self)
        try:
            self.serve(speaker, body)
        except Refusal as refusal:
            self.send_json(refusal.status, speaker.error(refusal), refusal.headers)
        except (Gone, BrokenPipeError, ConnectionResetError):
            self.close_connection = True
            with self.server.state.lock:
                self.server.state.aborted += 1

    def serve(self, speaker, body):
        try:
            request = json.loads(body)
        except ValueError as error:
            raise Refusal(400, "bad_request", "the body is not JSON") from error
        if not isinstance(request, dict) or not isinstance(request.get("model"), str):
            raise Refusal(400, "bad_request", "model: field required")
        limit = speaker.check(request)
        model = request["model"]
        with self.server.state.lock:
            self.server.state.by_model[model] += 1
        if model not in MODELS:
            raise Refusal(404, "not_found", f"model '{model}' not found")
        if model == "err500":
            raise Refusal(500, "server", "the fake has failed, as asked")
        if model == "err429":
            raise Refusal(429, "rate", "too many requests, as asked", {"Retry-After": "1"})
        if model == "quota":
            raise Refusal(429, "quota", "there is nothing left to spend")
        caller = (self.path, self.key())
        if model == "flaky429" and self.server.state.refuse_again(caller):
            raise Refusal(429, "rate", "not yet", {"retry-after-ms": "20"})
        if model == "hang":
            self.silence()
        reply = Reply(request, limit)
        if model == "garbage":
            self.send_bytes(200, speaker.media, b"data: {this is no JSON\n\nnor is this\n")
        elif request.get("stream", speaker.streams_unasked):
            self.stream(speaker, reply, request)
        else:
            self.send_json(200, speaker.whole(reply))

    def stream(self, speaker, reply, request):
        """Sends the events one by one, up to where the model's name says."""
        events = list(speaker.events(reply, request))
        half = len(events) // 2
        self.send_response(200)
        self.send_header("Content-Type", speaker.media)
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        broken = reply.model in ("half", "cut", "late_error", "stall")
        for event in events[:half] if broken else events:
            if reply.model == "slow":
                self.silence(0.05)
            self.send_chunks(event.encode(), 5 if reply.model == "unicode" else None)
        if reply.model == "half":
            self.close_connection = True
            return
        if reply.model == "stall":
            self.silence()
        if reply.model == "late_error":
            refusal = Refusal(200, "overloaded", "overloaded half-way, as asked")
            self.send_chunks(speaker.late(refusal).encode(), None)
        self.wfile.write(b"0\r\n\r\n")

    # Sending

    def send_chunks(self, data, size):
        for start in range(0, len(data), size or len(data)):
            piece = data[start:start + (size or len(data))]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))

    def send_json(self, status, value, headers=()):
        data = json.dumps(value, ensure_ascii=False).encode()
        self.send_bytes(status, "application/json", data, headers)

    def send_bytes(self, status, media, data, headers=()):
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(data)))
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def silence(self, seconds=None):
        """Says nothing for so long; without an end, until the client goes or is given up."""
        end = time.monotonic() + (seconds or LONGEST_SILENCE)
        while (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select([self.connection], [], [], left)
            if ready and not self.connection.recv(1, socket.MSG_PEEK):
                raise Gone
            if ready:
                time.sleep(min(left, 0.05))
        if seconds is None:
            raise Gone

    def key(self):
        bearer = self.headers["Authorization"] or ""
        return self.headers["x-api-key"] or bearer.removeprefix("Bearer ").strip()

    def require_key(self):
        if self.key() in ("", "bad"):
            raise Refusal(401, "unauthorized", "the key is missing or wrong")

    def log_message(self, *_):
        pass


def positive(request, name):
    value = request.get(name)
    if value is not None and (not isinstance(value, int) or value < 1):
        raise Refusal(400, "bad_request", f"{name}: a positive number is required")
    return value


def event(data, name=None):
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data, ensure_ascii=False)}\n\n"


class Anthropic:
    media = "text/event-stream; charset=utf-8"
    streams_unasked = False
    kinds = {
        "bad_request": "invalid_request_error", "unauthorized": "authentication_error",
        "not_found": "not_found_error", "rate": "rate_limit_error", "quota": "billing_error",
        "server": "api_error", "overloaded": "overloaded_error",
    }

    def __init__(self, provider):
        self.provider = provider

    def check(self, request):
        self.provider.require_key()
        version = self.provider.headers["anthropic-version"]
        if not version:
            raise Refusal(400, "bad_request", "anthropic-version: header is required")
        if "max_tokens" not in request:
            raise Refusal(400, "bad_request", "max_tokens: field required")
        for name in SAMPLING:
            if version >= "2026-10-21" and name in request:
                raise Refusal(400, "bad_request", f"{name}: Extra inputs are not permitted")
        return positive(request, "max_tokens")

    def error(self, refusal):
        return {"type": "error", "request_id": "req_fake",
                "error": {"type": self.kinds[refusal.kind], "message": refusal.message}}

    def late(self, refusal):
        return event(self.error(refusal), "error")

    def blocks(self, reply):
        """Each block as it begins, with the pieces that fill it."""
        if reply.thinking:
            pieces = [{"type": "thinking_delta", "thinking": part}
                      for part in tokens_of(reply.thinking)]
            pieces.append({"type": "signature_delta", "signature": "c2lnbmVk"})
            yield {"type": "thinking", "thinking": "", "signature": ""}, pieces
        pieces = [{"type": "text_delta", "text": token} for token in reply.tokens]
        yield {"type": "text", "text": "", "citations": None}, pieces

    def message(self, reply, content, stop, output):
        return {
            "id": "msg_fake", "type": "message", "role": "assistant", "model": reply.model,
            "content": content, "stop_reason": stop, "stop_sequence": None,
            "usage": {
                "input_tokens": reply.input, "output_tokens": output,
                "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
            },
        }

    def stop(self, reply):
        return "max_tokens" if reply.is_cut_off else "end_turn"

    def whole(self, reply):
        content = [{"type": "text", "text": reply.text, "citations": None}]
        if reply.thinking:
            content.insert(
                0, {"type": "thinking", "thinking": reply.thinking, "signature": "c2lnbmVk"})
        return self.message(reply, content, self.stop(reply), reply.output)

    def events(self, reply, _):
        start = self.message(reply, [], None, 1)
        yield event({"type": "message_start", "message": start}, "message_start")
        yield event({"type": "ping"}, "ping")
        for index, (block, pieces) in enumerate(self.blocks(reply)):
            yield event({"type": "content_block_start", "index": index, "content_block": block},
                        "content_block_start")
            for piece in pieces:
                yield event({"type": "content_block_delta", "index": index, "delta": piece},
                            "content_block_delta")
            yield event({"type": "content_block_stop", "index": index}, "content_block_stop")
        usage = {"output_tokens": reply.output}
        if reply.thinking:
            usage["output_tokens_details"] = {"thinking_tokens": reply.reasoning}
        delta = {"stop_reason": self.stop(reply), "stop_sequence": None}
        yield event({"type": "message_delta", "delta": delta, "usage": usage}, "message_delta")
        yield event({"type": "message_stop"}, "message_stop")


class OpenAI:
    media = "text/event-stream; charset=utf-8"
    streams_unasked = False
    kinds = {
        "bad_request": ("invalid_request_error", None),
        "unauthorized": ("invalid_request_error", "invalid_api_key"),
        "not_found": ("invalid_request_error", "model_not_found"),
        "rate": ("requests", "rate_limit_exceeded"),
        "quota": ("insufficient_quota", "insufficient_quota"),
        "server": ("server_error", None), "overloaded": ("server_error", "engine_overloaded"),
    }

    def __init__(self, provider):
        self.provider = provider

    def check(self, request):
        self.provider.require_key()
        limit = positive(request, "max_tokens")
        return positive(request, "max_completion_tokens") or limit

    def error(self, refusal):
        kind, code = self.kinds[refusal.kind]
        return {"error": {
            "message": refusal.message, "type": kind, "param": None, "code": code}}

    def late(self, refusal):
        return event(self.error(refusal))

    def usage(self, reply):
        return {
            "prompt_tokens": reply.input, "completion_tokens": reply.output,
            "total_tokens": reply.input + reply.output,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": reply.reasoning, "audio_tokens": 0,
                "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0},
        }

    def stop(self, reply):
        return "length" if reply.is_cut_off else "stop"

    def whole(self, reply):
        message = {"role": "assistant", "content": reply.text, "refusal": None}
        choice = {
            "index": 0, "message": message, "logprobs": None, "finish_reason": self.stop(reply)}
        return {
            "id": "chatcmpl-fake", "object": "chat.completion", "created": 1767225600,
            "model": reply.model, "choices": [choice], "usage": self.usage(reply),
        }

    def events(self, reply, request):
        options = request.get("stream_options") or {}
        asked = bool(options.get("include_usage"))

        def chunk(choices, usage=None):
            body = {
                "id": "chatcmpl-fake", "object": "chat.completion.chunk", "created": 1767225600,
                "model": reply.model, "choices": choices}
            if asked:
                body["usage"] = usage
            return event(body)

        def choice(delta, reason=None):
            return [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}]

        yield chunk(choice({"role": "assistant", "content": "", "refusal": None}))
        # As servers show it that speak like OpenAI; OpenAI itself does not.
        for part in tokens_of(reply.thinking):
            yield chunk(choice({"reasoning_content": part}))
        for token in reply.tokens:
            yield chunk(choice({"content": token}))
        yield chunk(choice({}, self.stop(reply)))
        if asked:
            yield chunk([], self.usage(reply))
        yield "data: [DONE]\n\n"


class Ollama:
    media = "application/x-ndjson"
    streams_unasked = True

    def __init__(self, provider):
        self.provider = provider

    def check(self, request):
        options = request.get("options") or {}
        limit = options.get("num_predict")
        return limit if isinstance(limit, int) and limit > 0 else None

    def error(self, refusal):
        return {"error": refusal.message}

    def late(self, refusal):
        return json.dumps(self.error(refusal)) + "\n"

    def line(self, reply, text, thinking=None, **more):
        message = {"role": "assistant", "content": text}
        if thinking:
            message["thinking"] = thinking
        return {"model": reply.model, "created_at": "2026-01-01T00:00:00Z", "message": message,
                "done": False} | more

    def last(self, reply):
        return {
            "done": True, "done_reason": "length" if reply.is_cut_off else "stop",
            "total_duration": 4, "load_duration": 1, "prompt_eval_count": reply.input,
            "prompt_eval_duration": 1, "eval_count": reply.output, "eval_duration": 1,
        }

    def whole(self, reply):
        return self.line(reply, reply.text, reply.thinking, **self.last(reply))

    def events(self, reply, _):
        lines = [self.line(reply, "", part) for part in tokens_of(reply.thinking)]
        lines += [self.line(reply, token) for token in reply.tokens]
        lines.append(self.line(reply, "", **self.last(reply)))
        for line in lines:
            yield json.dumps(line, ensure_ascii=False) + "\n"


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address):
        super().__init__(address, Provider)
        self.state = State()


def main():
    server = Server(("127.0.0.1", 0))
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
